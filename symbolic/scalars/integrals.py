"""Rules of integrals. Each one makes sure that the integrals it speaks of exist."""

from __future__ import annotations

import sympy

from symbolic.scalars.derivatives import settled
from symbolic.scalars.facts import Facts
from symbolic.scalars.integral_parts import (
    CALCULUS,
    around,
    constant_part,
    facts_inside,
    single,
    suits,
)
from symbolic.scalars.iterated_integrals import (
    derivative_under_the_integral,
    iterated_integral,
    order_of_integration,
    restriction,
)
from symbolic.scalars.normal import equal, is_zero
from symbolic.scalars.parameters import as_expression, as_variable
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.smoothness import (
    Range,
    continuous,
    decays,
    forgetting,
    integrable,
    is_finite,
    smooth,
    within,
)
from symbolic.scalars.substituting import put
from symbolic.scalars.substitutions import change_of_variable, substitution


def _linearity(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = single(node)
    if found is None:
        return None
    integrand, limits = found
    facts = facts_inside(node, facts)
    spread = _spread(integrand, limits[0])
    terms = sympy.Add.make_args(spread)
    if not all(integrable(term, limits, facts) for term in terms):
        return None
    parts = []
    for term in terms:
        constant, rest = constant_part(term, limits[0])
        if rest == 1:
            parts.append(constant * sympy.Integral(1, limits))
        else:
            parts.append(constant * sympy.Integral(rest, limits))
    result = around(node, sympy.Add(*parts))
    return None if result == node else result


def _spread(e: sympy.Expr, variable: sympy.Symbol) -> sympy.Expr:
    """A sum as it stands, with a factor of a sum of several terms multiplied in."""
    if isinstance(e, sympy.Mul) and any(isinstance(factor, sympy.Add) for factor in e.args):
        return sympy.expand_mul(e)
    return e


linearity = ScalarRule(
    "linearity of the integral",
    "integral(a f + b g) = a integral(f) + b integral(g)",
    "the integrals of both parts exist",
    CALCULUS,
    _linearity,
)


def _constant_factor(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = single(node)
    if found is None:
        return None
    integrand, limits = found
    constant, rest = constant_part(integrand, limits[0])
    inside = facts_inside(node, facts)
    known = integrable(rest, limits, inside) or inside.nonzero(constant)
    if constant == 1 or not known:
        return None
    return around(node, constant * sympy.Integral(rest, limits))


constant_factor = ScalarRule(
    "constant factor of an integral",
    "integral(a f) = a integral(f)",
    "the integral exists or a != 0",
    CALCULUS,
    _constant_factor,
)


def _constant(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = single(node)
    if found is None:
        return None
    integrand, (variable, low, high) = found
    if integrand.free_symbols & {variable} or not (is_finite(low) and is_finite(high)):
        return None
    return around(node, (high - low) * integrand)


integral_of_constant = ScalarRule(
    "integral of a constant",
    "integral(c, x=a..b) = (b - a) c",
    "the range is bounded",
    CALCULUS,
    _constant,
)


# --- antiderivatives ------------------------------------------------------------------------------


def _at_end(
    e: sympy.Expr, variable: sympy.Symbol, end: sympy.Expr, facts: Facts
) -> sympy.Expr | None:
    """The value at an end of a range, or the limit 0 at infinity of what decays."""
    if is_finite(end):
        return settled(put(e, {variable: end}))
    return sympy.S.Zero if decays(e, variable, end, facts) else None


def _difference(e: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    """E at the upper end minus e at the lower end, for e smooth on the closed range."""
    variable, low, high = limits
    inside = within(facts, limits)
    if not smooth(e, variable, inside):
        return None
    upper, lower = (_at_end(e, variable, end, inside) for end in (high, low))
    return None if upper is None or lower is None else upper - lower


def _fundamental(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = single(node)
    if found is not None:
        integrand, limits = found
        constant, rest = constant_part(integrand, limits[0])
        whole = _differentiated(rest, limits[0])
        if whole is None:
            return None
        difference = _difference(whole, limits, facts_inside(node, facts))
        return None if difference is None else around(node, constant * difference)
    if isinstance(node, sympy.Derivative) and isinstance(node.expr, sympy.Integral):
        return _derivative_by_end(node, facts)
    return None


def _differentiated(e: sympy.Expr, variable: sympy.Symbol) -> sympy.Expr | None:
    """F where e is written as the derivative of F by the variable."""
    if not isinstance(e, sympy.Derivative):
        return None
    counts = [(each, count) for each, count in e.variable_count if each == variable]
    others = [(each, count) for each, count in e.variable_count if each != variable]
    if len(counts) != 1 or not (counts[0][1] - 1).is_nonnegative:
        return None
    left = [*others, *([(variable, counts[0][1] - 1)] if counts[0][1] != 1 else [])]
    inner = sympy.Derivative(e.expr, *left) if left else e.expr
    return inner.args[0] if isinstance(inner, sympy.UnevaluatedExpr) else inner


def _derivative_by_end(node: sympy.Derivative, facts: Facts) -> sympy.Expr | None:
    """The derivative of an integral by a variable in its ends alone."""
    if len(node.variable_count) != 1 or node.variable_count[0][1] != 1:
        return None
    place = node.variables[0]
    limits = node.expr.limits
    if not isinstance(place, sympy.Symbol) or len(limits) != 1 or len(limits[0]) != 3:
        return None
    integrand, (variable, low, high) = node.expr.function, tuple(node.expr.limits[0])
    if integrand.free_symbols & {place} or variable == place:
        return None
    if not all(is_finite(end) and smooth(end, place, facts) for end in (low, high)):
        return None
    inside = forgetting(facts, variable)
    if not suits(variable, (low, high), facts) or not continuous(integrand, variable, inside):
        return None
    ends = [(high, 1), (low, -1)]
    return sympy.Add(
        *(sign * put(integrand, {variable: end}) * sympy.diff(end, place) for end, sign in ends)
    )


fundamental_theorem = ScalarRule(
    "fundamental theorem of calculus",
    "integral(D(F, x), x=a..b) = F(b) - F(a), and D(integral(f, t=a..x), x) = f(x)",
    "F is smooth on the closed range; f is continuous",
    CALCULUS,
    _fundamental,
)


def antiderivative(whole: sympy.Expr, variable: sympy.Symbol) -> ScalarRule:
    """An integral worked out by a function that has the integrand as its derivative.

    >>> t = sympy.Symbol("t", real=True)
    >>> line = sympy.Integral(t**2, (t, 0, 1))
    >>> antiderivative(t**3 / 3, t).results(line, Facts())
    (1/3,)
    """
    whole = as_expression(whole, "antiderivative")
    variable = as_variable(variable, "antiderivative")
    derivative = sympy.diff(whole, variable)

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        found = single(node)
        if found is None or found[1][0] != variable:
            return None
        integrand, limits = found
        constant, rest = constant_part(integrand, variable)
        inside = facts_inside(node, facts)
        for factor, left in ((sympy.S.One, integrand), (constant, rest)):
            if equal(left, derivative):
                difference = _difference(whole, limits, inside)
                return None if difference is None else around(node, factor * difference)
        return None

    return ScalarRule(
        f"antiderivative {whole}",
        f"integral(f, {variable}=a..b) = F(b) - F(a) with F = {whole}",
        "F is smooth on the closed range and its derivative is f",
        CALCULUS,
        apply,
        (whole, variable),
        antiderivative,
    )


def by_parts(u: sympy.Expr, v: sympy.Expr, variable: sympy.Symbol) -> ScalarRule:
    """Integration by parts: integral(u v') = [u v] - integral(u' v).

    >>> t = sympy.Symbol("t", real=True)
    >>> line = sympy.Integral(t * sympy.exp(t), (t, 0, 1))
    >>> by_parts(t, sympy.exp(t), t).results(line, Facts())
    (E - Integral(exp(t), (t, 0, 1)),)
    """
    u, v = as_expression(u, "by_parts"), as_expression(v, "by_parts")
    variable = as_variable(variable, "by_parts")
    product, left_over = u * sympy.diff(v, variable), sympy.diff(u, variable) * v

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        found = single(node)
        if found is None or found[1][0] != variable:
            return None
        integrand, limits = found
        constant, rest = constant_part(integrand, variable)
        inside = within(facts_inside(node, facts), limits)
        if not (smooth(u, variable, inside) and smooth(v, variable, inside)):
            return None
        for factor, left in ((sympy.S.One, integrand), (constant, rest)):
            if equal(left, product):
                boundary = _difference(u * v, limits, facts_inside(node, facts))
                if boundary is None or not integrable(left_over, limits, inside):
                    return None
                outside, moving = constant_part(left_over, variable)
                other = outside * sympy.Integral(moving, limits)
                return around(node, factor * (boundary - other))
        return None

    return ScalarRule(
        "integration by parts",
        f"integral(u D(v)) = [u v] - integral(D(u) v) with u = {u}, v = {v}",
        "u and v are smooth on the closed range and the last integral exists",
        CALCULUS,
        apply,
        (u, v, variable),
        by_parts,
    )


# --- symmetric ranges and known integrals ---------------------------------------------------------


def _odd(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = single(node)
    if found is None:
        return None
    integrand, (variable, low, high) = found
    if not is_zero(low + high) and not (low == -sympy.oo and high == sympy.oo):
        return None
    if not integrable(integrand, found[1], facts_inside(node, facts)):
        return None
    return sympy.S.Zero if is_zero(integrand + put(integrand, {variable: -variable})) else None


odd_integrand = ScalarRule(
    "odd integrand",
    "integral(f, x=-c..c) = 0 where f(-x) = -f(x)",
    "the integral exists",
    CALCULUS,
    _odd,
)


def _gaussian(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    found = single(node)
    if found is None or found[1][1:] != (-sympy.oo, sympy.oo):
        return None
    integrand, (variable, _, _) = found
    constant, rest = constant_part(integrand, variable)
    if not isinstance(rest, sympy.exp):
        return None
    coefficient = sympy.cancel(rest.args[0] / variable**2)
    if coefficient.free_symbols & {variable} or not facts_inside(node, facts).negative(coefficient):
        return None
    return around(node, constant * sympy.sqrt(sympy.pi / -coefficient))


gaussian_integral = ScalarRule(
    "Gaussian integral",
    "integral(exp(-a x^2), x=-oo..oo) = sqrt(pi / a)",
    "a > 0",
    "Gauss, by polar coordinates",
    _gaussian,
)


__all__ = [
    "antiderivative",
    "by_parts",
    "change_of_variable",
    "constant_factor",
    "derivative_under_the_integral",
    "fundamental_theorem",
    "gaussian_integral",
    "integral_of_constant",
    "iterated_integral",
    "linearity",
    "odd_integrand",
    "order_of_integration",
    "restriction",
    "substitution",
]
