"""Rules of integrals in several variables, and of an integral and another variable."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import sympy

from symbolic.scalars.derivatives import of_derivative
from symbolic.scalars.facts import Facts
from symbolic.scalars.innermost import CALCULUS, definite_integral, of_integral
from symbolic.scalars.parameters import as_expression
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.smoothness import (
    Continuity,
    Range,
    integrable,
    is_finite,
    ordered,
    within,
)


def _nested(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    """C integral(f, s) under an integral as one iterated integral."""
    if not isinstance(node, sympy.Integral):
        return None
    factors = sympy.Mul.make_args(node.function)
    inner = [each for each in factors if isinstance(each, sympy.Integral)]
    if len(inner) != 1:
        return None
    factor = node.function / inner[0]
    names = {limits[0] for limits in inner[0].limits}
    if factor == 1 or sympy.Tuple(factor, *node.limits).free_symbols & names:
        return None
    whole = sympy.Integral(factor * inner[0].function, *inner[0].limits, *node.limits)
    return whole if _jointly_continuous(whole, facts) else None


def _jointly_continuous(node: sympy.Integral, facts: Facts) -> bool:
    """Whether the integrand is continuous on the bounded closed set that the ranges describe."""
    variables: frozenset[sympy.Symbol] = frozenset()
    for limits in reversed(node.limits):
        if len(limits) != 3 or not all(is_finite(end) for end in limits[1:]):
            return False
        facts = within(facts, tuple(limits))
        variables |= {limits[0]}
    return Continuity(facts).holds(node.function, variables)


iterated_integral = ScalarRule(
    "iterated integral",
    "integral(g(t) integral(f(s), s), t) = integral(integral(g(t) f(s), s), t)",
    "the integrand is continuous and the ranges are bounded",
    CALCULUS,
    _nested,
)


def _exchanged(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Integral) or len(node.limits) != 2:
        return None
    if not _jointly_continuous(node, facts):
        return None
    inner, outer = node.limits
    if inner[0] in outer.free_symbols:
        return None
    for limits in _other_order(tuple(inner), tuple(outer), facts):
        return sympy.Integral(node.function, *limits)
    return None


def _other_order(inner: Range, outer: Range, facts: Facts) -> Iterator[tuple[Range, Range]]:
    """The ranges of a rectangle, or of a triangle below its diagonal, in the other order."""
    (s, low, high), (t, first, last) = inner, outer
    if not (low.free_symbols | high.free_symbols) & {t}:
        yield outer, inner
    elif not ordered(first, last, facts):
        return
    elif low == t and high == last:  # first <= t <= s <= last
        yield (t, first, s), (s, first, last)
    elif high == t and low == first:  # first <= s <= t <= last
        yield (t, s, last), (s, first, last)


order_of_integration = ScalarRule(
    "order of integration",
    "integral(integral(f, s), t) = integral(integral(f, t), s)",
    "f is continuous on the bounded rectangle or triangle",
    "Fubini's theorem",
    _exchanged,
)


@of_derivative
def _under(e: sympy.Expr, place: sympy.Symbol, facts: Facts) -> sympy.Expr | None:
    found = definite_integral(e, facts)
    if found is None or len(e.limits) != 1:
        return None
    integrand, limits, _ = found
    variable, *ends = limits
    if place in sympy.Tuple(*limits).free_symbols or not all(map(is_finite, ends)):
        return None
    inside = within(facts, limits)
    if not Continuity(inside, smooth=True).holds(integrand, frozenset({variable, place})):
        return None
    return sympy.Integral(sympy.Derivative(integrand, place), limits)


derivative_under_the_integral = ScalarRule(
    "derivative under the integral",
    "D(integral(f(t, x), t=a..b), x) = integral(D(f(t, x), x), t=a..b)",
    "f is smooth and the range bounded and fixed",
    "Leibniz's rule",
    _under,
)


def restriction(low: sympy.Expr | int, high: sympy.Expr | int) -> ScalarRule:
    """An integral over a part of a range as one over all of it, of a function that is 0 elsewhere.

    >>> s, t = sympy.symbols("s t", real=True)
    >>> line = sympy.Integral(s**2, (s, t, 1))
    >>> restriction(0, 1).results(line, Facts((t >= 0, t <= 1)))
    (Integral(Piecewise((s**2, s > t), (0, True)), (s, 0, 1)),)
    """
    low, high = as_expression(low, "restriction"), as_expression(high, "restriction")

    @of_integral
    def apply(integrand: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
        variable, first, last = limits
        if variable in low.free_symbols | high.free_symbols:
            return None
        ends = [low, first, last, high]
        if not all(a == b or ordered(a, b, facts) for a, b in pairwise(ends)):
            return None
        conditions = [variable > first] if first != low else []
        if last != high:
            conditions.append(variable < last)
        if not conditions or not integrable(integrand, (variable, low, high), facts):
            return None
        inner = sympy.Piecewise((integrand, sympy.And(*conditions)), (0, True))
        return sympy.Integral(inner, (variable, low, high))

    return ScalarRule(
        f"restriction to a part of {low}..{high}",
        "integral(f, x=c..b) = integral(f where x > c and 0 elsewhere, x=a..b)",
        "a <= c <= b and f is integrable on the whole range",
        CALCULUS,
        apply,
        (low, high),
        restriction,
    )


__all__ = [
    "derivative_under_the_integral",
    "iterated_integral",
    "order_of_integration",
    "restriction",
]
