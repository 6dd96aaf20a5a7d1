"""Rules of integrals. Each one makes sure that the integrals it speaks of exist."""

from __future__ import annotations

import sympy

from symbolic.phrases import phrase
from symbolic.scalars.derivatives import of_derivative, settled
from symbolic.scalars.facts import Facts
from symbolic.scalars.innermost import CALCULUS, definite_integral, of_integral, suits
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


@of_integral
def _linearity(integrand: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    terms = sympy.Add.make_args(_spread(integrand))
    if not all(integrable(term, limits, facts) for term in terms):
        return None
    parts = []
    for term in terms:
        constant, rest = term.as_independent(limits[0], as_Add=False)
        parts.append(constant * sympy.Integral(rest, limits))
    return sympy.Add(*parts)


def _spread(e: sympy.Expr) -> sympy.Expr:
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


@of_integral
def _constant_factor(integrand: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    constant, rest = integrand.as_independent(limits[0], as_Add=False)
    known = integrable(rest, limits, facts) or facts.nonzero(constant)
    return constant * sympy.Integral(rest, limits) if known else None


constant_factor = ScalarRule(
    "constant factor of an integral",
    "integral(a f) = a integral(f)",
    "the integral exists or a != 0",
    CALCULUS,
    _constant_factor,
)


@of_integral
def _constant(integrand: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    variable, low, high = limits
    if integrand.free_symbols & {variable} or not (is_finite(low) and is_finite(high)):
        return None
    return (high - low) * integrand


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
    if isinstance(node, sympy.Integral):
        return _integral_of_derivative(node, facts)
    return _derivative_by_end(node, facts)


@of_integral
def _integral_of_derivative(
    integrand: sympy.Expr, limits: Range, facts: Facts
) -> sympy.Expr | None:
    constant, rest = integrand.as_independent(limits[0], as_Add=False)
    whole = _differentiated(rest, limits[0])
    difference = None if whole is None else _difference(whole, limits, facts)
    return None if difference is None else constant * difference


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


@of_derivative
def _derivative_by_end(e: sympy.Expr, place: sympy.Symbol, facts: Facts) -> sympy.Expr | None:
    """The derivative of an integral by a variable in its ends alone."""
    found = definite_integral(e, facts)
    if found is None or len(e.limits) != 1:
        return None
    integrand, (variable, low, high), _ = found
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

    @of_integral
    def apply(integrand: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
        if limits[0] != variable:
            return None
        constant, rest = integrand.as_independent(variable, as_Add=False)
        for factor, left in ((sympy.S.One, integrand), (constant, rest)):
            if equal(left, derivative):
                difference = _difference(whole, limits, facts)
                return None if difference is None else factor * difference
        return None

    return ScalarRule(
        phrase("antiderivative", whole),
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

    @of_integral
    def apply(integrand: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
        if limits[0] != variable:
            return None
        constant, rest = integrand.as_independent(variable, as_Add=False)
        inside = within(facts, limits)
        if not (smooth(u, variable, inside) and smooth(v, variable, inside)):
            return None
        for factor, left in ((sympy.S.One, integrand), (constant, rest)):
            if equal(left, product):
                boundary = _difference(u * v, limits, facts)
                if boundary is None or not integrable(left_over, limits, facts):
                    return None
                outside, moving = left_over.as_independent(variable, as_Add=False)
                return factor * (boundary - outside * sympy.Integral(moving, limits))
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


@of_integral
def _odd(integrand: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    variable, low, high = limits
    if not is_zero(low + high) and not (low == -sympy.oo and high == sympy.oo):
        return None
    if not integrable(integrand, limits, facts):
        return None
    return sympy.S.Zero if is_zero(integrand + put(integrand, {variable: -variable})) else None


odd_integrand = ScalarRule(
    "odd integrand",
    "integral(f, x=-c..c) = 0 where f(-x) = -f(x)",
    "the integral exists",
    CALCULUS,
    _odd,
)


@of_integral
def _gaussian(integrand: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
    variable, low, high = limits
    constant, rest = integrand.as_independent(variable, as_Add=False)
    if (low, high) != (-sympy.oo, sympy.oo) or not isinstance(rest, sympy.exp):
        return None
    coefficient = sympy.cancel(rest.args[0] / variable**2)
    if coefficient.free_symbols & {variable} or not facts.negative(coefficient):
        return None
    return constant * sympy.sqrt(sympy.pi / -coefficient)


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
