"""Rules of limits. A limit is split only where the parts certainly have limits.

All limits at a finite point are meant from both sides unless a line says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from symbolic.scalars.derivatives import settled
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import is_zero
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.smoothness import (
    continuous_at,
    forgetting,
    is_finite,
    smooth,
    smooth_at,
    within,
)
from symbolic.scalars.substituting import making_way, put

_CALCULUS = "the laws of limits"


def _parts(node: sympy.Basic) -> tuple[sympy.Expr, sympy.Symbol, sympy.Expr] | None:
    """The body, the variable and the finite point of a limit from both sides."""
    if not isinstance(node, sympy.Limit) or str(node.args[3]) != "+-":
        return None
    body, variable, point = node.args[:3]
    body = making_way(body, {variable} | point.free_symbols)
    free = variable.is_real and variable.is_nonnegative is None and variable.is_nonpositive is None
    return (body, variable, point) if free and is_finite(point) else None


def _again(node: sympy.Limit, body: sympy.Expr) -> sympy.Expr:
    """The same limit of another expression; of what does not depend on the variable, itself."""
    variable = node.args[1]
    if not body.free_symbols & {variable}:
        return body
    number, rest = body.as_coeff_Mul()
    return number * sympy.Limit(rest, *node.args[1:])


def converges(e: sympy.Expr, variable: sympy.Symbol, point: sympy.Expr, facts: Facts) -> bool:
    """Whether e certainly has a limit at a finite point.

    It has one where it is continuous there, and where it is a difference quotient: smooth, and 0
    at the point, over the distance from the point.

    >>> h = sympy.Symbol("h", real=True)
    >>> converges((sympy.exp(h) - 1) / h, h, sympy.Integer(0), Facts())
    True
    >>> converges(1 / h, h, sympy.Integer(0), Facts())
    False
    """
    if continuous_at(e, variable, point, facts):
        return True
    if isinstance(e, sympy.Add):
        return all(converges(each, variable, point, facts) for each in e.args) or _quotient(
            e, variable, point, facts
        )
    if isinstance(e, sympy.Mul):
        rest = sympy.Mul(*(f for f in e.args if not continuous_at(f, variable, point, facts)))
        if rest != e and rest != 1 and converges(rest, variable, point, facts):
            return True
    if isinstance(e, sympy.Limit):
        return False
    return _quotient(e, variable, point, facts)


def _quotient(e: sympy.Expr, variable: sympy.Symbol, point: sympy.Expr, facts: Facts) -> bool:
    above = sympy.together(e * (variable - point)) if isinstance(e, sympy.Add) else (
        e * (variable - point))  # fmt: skip
    vanishes = is_zero(put(above, {variable: point}))
    return vanishes and smooth_at(above, variable, point, facts)


def _sum(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _parts(node)
    if found is None or not isinstance(found[0], sympy.Add):
        return None
    body, variable, point = found
    facts = forgetting(facts, variable)
    if not all(converges(each, variable, point, facts) for each in body.args):
        return None
    return sympy.Add(*(_again(node, each) for each in body.args))


limit_of_sum = ScalarRule(
    "limit of a sum",
    "limit(f + g) = limit(f) + limit(g)",
    "both limits exist",
    _CALCULUS,
    _sum,
)


def _product(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _parts(node)
    if found is None or not isinstance(found[0], sympy.Mul):
        return None
    groups = _groups(*found, forgetting(facts, found[1]))
    if groups is None or len(groups) < 2:
        return None
    return sympy.Mul(*(_again(node, each) for each in groups))


def _groups(
    body: sympy.Mul, variable: sympy.Symbol, point: sympy.Expr, facts: Facts
) -> list[sympy.Expr] | None:
    """The factors, each with a limit: a pole together with a factor that vanishes there."""
    factors = list(body.args)
    poles = [each for each in factors if not continuous_at(each, variable, point, facts)]
    others = [each for each in factors if each not in poles]
    pole = sympy.Mul(*poles)
    if pole == 1:
        return others
    if converges(pole, variable, point, facts):
        return [pole, *others]
    for place, each in enumerate(others):
        if converges(pole * each, variable, point, facts):
            return [pole * each, *others[:place], *others[place + 1 :]]
    return None


limit_of_product = ScalarRule(
    "limit of a product",
    "limit(f g) = limit(f) limit(g)",
    "both limits exist",
    _CALCULUS,
    _product,
)


def _continuity(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _parts(node)
    if found is None:
        return None
    body, variable, point = found
    facts = forgetting(facts, variable)
    moving = (each for each in body.atoms(sympy.Integral) if each.free_symbols & {variable})
    if any(moving) or not continuous_at(body, variable, point, facts):
        return None
    return _at(body, variable, point, facts)


def _at(e: sympy.Expr, variable: sympy.Symbol, point: sympy.Expr, facts: Facts) -> sympy.Expr:
    """E, whose bound variables have other names, at the point; positive powers of zero worked out."""
    if isinstance(e, sympy.Sum):
        inner = facts
        for limits in reversed(e.limits):
            inner = within(inner, tuple(limits))
        term = _at(e.function, variable, point, inner)
        ends = [
            (limits[0], *(put(end, {variable: point}) for end in limits[1:])) for limits in e.limits
        ]
        return sympy.S.Zero if term == 0 else sympy.Sum(term, *ends)
    if isinstance(e, (sympy.Add, sympy.Mul)):
        return e.func(*(_at(each, variable, point, facts) for each in e.args))
    if isinstance(e, sympy.Pow) and is_zero(put(e.base, {variable: point})):
        exponent = put(e.exp, {variable: point})
        return sympy.S.Zero if facts.positive(exponent) else sympy.S.Zero**exponent
    return settled(put(e, {variable: point}))


continuity = ScalarRule(
    "continuity",
    "limit(f(x), x -> a) = f(a)",
    "f is continuous at a",
    _CALCULUS,
    _continuity,
)


def _under(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _parts(node)
    if found is None:
        return None
    body, variable, point = found
    facts = forgetting(facts, variable)
    constant, integral = body.as_independent(variable, as_Add=False)
    if not isinstance(integral, sympy.Integral) or not continuous_at(
        integral, variable, point, facts
    ):
        return None
    if any(limits[0] in point.free_symbols for limits in integral.limits):
        return None
    if any(end.free_symbols & {variable} for limits in integral.limits for end in limits[1:]):
        return None
    return constant * sympy.Integral(
        _at(integral.function, variable, point, facts), *integral.limits
    )


limit_under_the_integral = ScalarRule(
    "limit under the integral",
    "limit(integral(f(t, x), t=a..b), x -> c) = integral(f(t, c), t=a..b)",
    "f is continuous in t and x together, on a bounded closed range",
    "uniform continuity on a bounded closed set",
    _under,
)


def _of_parts(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _parts(node)
    if found is None or not isinstance(found[0], (sympy.re, sympy.im)):
        return None
    body, variable, point = found
    (inner,) = body.args
    if not converges(inner, variable, point, forgetting(facts, variable)):
        return None
    return body.func(_again(node, inner))


limit_of_real_part = ScalarRule(
    "limit of a real part",
    "limit(Re(f)) = Re(limit(f)) and limit(Im(f)) = Im(limit(f))",
    "the limit of f exists",
    _CALCULUS,
    _of_parts,
)


# --- the derivative -------------------------------------------------------------------------------


def _definition(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Derivative) or len(node.variable_count) != 1:
        return None
    place, count = node.variable_count[0]
    if count != 1 or not isinstance(place, sympy.Symbol) or not smooth(node.expr, place, facts):
        return None
    e = node.expr.args[0] if isinstance(node.expr, sympy.UnevaluatedExpr) else node.expr
    step = next(each for each in _steps() if each not in node.atoms(sympy.Symbol))
    difference = put(e, {place: place + step}) - e
    return sympy.Limit(difference / step, step, 0, "+-")


def _steps() -> Iterator[sympy.Symbol]:
    yield sympy.Symbol("h", real=True)
    place = 1
    while True:
        yield sympy.Symbol(f"h_{place}", real=True)
        place += 1


definition_of_derivative = ScalarRule(
    "definition of the derivative",
    "D(f, x) = limit((f(x + h) - f(x)) / h, h -> 0)",
    "f is smooth",
    "the definition",
    _definition,
)


def _exponential(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = _parts(node)
    if found is None or found[2] != 0:
        return None
    body, variable, _ = found
    constant, rest = body.as_independent(variable, as_Add=False)
    above = sympy.expand_mul(rest * variable)
    exponentials = [each for each in sympy.Add.make_args(above) if isinstance(each, sympy.exp)]
    if len(exponentials) != 1 or above != exponentials[0] - 1:
        return None
    rate = sympy.cancel(exponentials[0].args[0] / variable)
    return None if rate.free_symbols & {variable} else constant * rate


limit_of_exponential = ScalarRule(
    "limit of the exponential",
    "limit((exp(c t) - 1) / t, t -> 0) = c",
    "c does not depend on t",
    "the derivative of exp at 0",
    _exponential,
)

__all__ = [
    "continuity",
    "converges",
    "definition_of_derivative",
    "limit_of_exponential",
    "limit_of_product",
    "limit_of_real_part",
    "limit_of_sum",
    "limit_under_the_integral",
]
