"""Rules of limits. A limit is split only where the parts certainly have limits.

All limits at a finite point are meant from both sides unless a line says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import sympy

from symbolic.scalars.derivatives import of_derivative, settled
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import is_zero
from symbolic.scalars.parameters import is_any_real
from symbolic.scalars.rule import Rewrite, ScalarRule
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


def _of_limit(
    rewrite: Callable[[sympy.Expr, sympy.Symbol, sympy.Expr, Facts], sympy.Expr | None],
) -> Rewrite:
    """What a rule does with limits, from what it does with expression, variable, point and facts.

    The limits are those from both sides at a finite point.
    """

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if not isinstance(node, sympy.Limit) or str(node.args[3]) != "+-":
            return None
        e, variable, point = node.args[:3]
        if not is_any_real(variable) or not is_finite(point):
            return None
        e = making_way(e, {variable} | point.free_symbols)
        return rewrite(e, variable, point, forgetting(facts, variable))

    return apply


def _limit(e: sympy.Expr, variable: sympy.Symbol, point: sympy.Expr) -> sympy.Expr:
    """The limit of an expression, its number in front; of what does not depend on x, itself."""
    if not e.free_symbols & {variable}:
        return e
    number, rest = e.as_coeff_Mul()
    return number * sympy.Limit(rest, variable, point, "+-")


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
    """Whether e is something smooth that is 0 at the point, over the distance from the point."""
    above = e * (variable - point)
    if isinstance(e, sympy.Add):
        above = sympy.together(above)
    vanishes = is_zero(put(above, {variable: point}))
    return vanishes and smooth_at(above, variable, point, facts)


@_of_limit
def _sum(
    e: sympy.Expr, variable: sympy.Symbol, point: sympy.Expr, facts: Facts
) -> sympy.Expr | None:
    if not isinstance(e, sympy.Add):
        return None
    if not all(converges(each, variable, point, facts) for each in e.args):
        return None
    return sympy.Add(*(_limit(each, variable, point) for each in e.args))


limit_of_sum = ScalarRule(
    "limit of a sum",
    "limit(f + g) = limit(f) + limit(g)",
    "both limits exist",
    _CALCULUS,
    _sum,
)


@_of_limit
def _product(
    e: sympy.Expr, variable: sympy.Symbol, point: sympy.Expr, facts: Facts
) -> sympy.Expr | None:
    if not isinstance(e, sympy.Mul):
        return None
    groups = _groups(e, variable, point, facts)
    if groups is None or len(groups) < 2:
        return None
    return sympy.Mul(*(_limit(each, variable, point) for each in groups))


def _groups(
    e: sympy.Mul, variable: sympy.Symbol, point: sympy.Expr, facts: Facts
) -> list[sympy.Expr] | None:
    """The factors, each with a limit: a pole together with a factor that vanishes there."""
    factors = list(e.args)
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


@_of_limit
def _continuity(
    e: sympy.Expr, variable: sympy.Symbol, point: sympy.Expr, facts: Facts
) -> sympy.Expr | None:
    if any(each.free_symbols & {variable} for each in e.atoms(sympy.Integral)):
        return None
    return _at(e, variable, point, facts) if continuous_at(e, variable, point, facts) else None


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


@_of_limit
def _under(
    e: sympy.Expr, variable: sympy.Symbol, point: sympy.Expr, facts: Facts
) -> sympy.Expr | None:
    constant, integral = e.as_independent(variable, as_Add=False)
    if not isinstance(integral, sympy.Integral):
        return None
    if any(end.free_symbols & {variable} for limits in integral.limits for end in limits[1:]):
        return None
    if not continuous_at(integral, variable, point, facts):
        return None
    inner = _at(integral.function, variable, point, facts)
    return constant * sympy.Integral(inner, *integral.limits)


limit_under_the_integral = ScalarRule(
    "limit under the integral",
    "limit(integral(f(t, x), t=a..b), x -> c) = integral(f(t, c), t=a..b)",
    "f is continuous in t and x together, on a bounded closed range",
    "uniform continuity on a bounded closed set",
    _under,
)


@_of_limit
def _real_part(
    e: sympy.Expr, variable: sympy.Symbol, point: sympy.Expr, facts: Facts
) -> sympy.Expr | None:
    if not isinstance(e, (sympy.re, sympy.im)):
        return None
    (inner,) = e.args
    if not converges(inner, variable, point, facts):
        return None
    return e.func(_limit(inner, variable, point))


limit_of_real_part = ScalarRule(
    "limit of a real part",
    "limit(Re(f)) = Re(limit(f)) and limit(Im(f)) = Im(limit(f))",
    "the limit of f exists",
    _CALCULUS,
    _real_part,
)


# --- the derivative -------------------------------------------------------------------------------


@of_derivative
def _definition(e: sympy.Expr, place: sympy.Symbol, facts: Facts) -> sympy.Expr | None:
    if not smooth(e, place, facts):
        return None
    e = e.args[0] if isinstance(e, sympy.UnevaluatedExpr) else e
    step = next(each for each in _steps() if each not in {place} | e.atoms(sympy.Symbol))
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


@_of_limit
def _exponential(
    e: sympy.Expr, variable: sympy.Symbol, point: sympy.Expr, facts: Facts
) -> sympy.Expr | None:
    constant, rest = e.as_independent(variable, as_Add=False)
    above = sympy.expand_mul(rest * variable)
    exponentials = [each for each in sympy.Add.make_args(above) if isinstance(each, sympy.exp)]
    if point != 0 or len(exponentials) != 1 or above != exponentials[0] - 1:
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
