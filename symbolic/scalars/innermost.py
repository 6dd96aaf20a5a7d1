"""Integrals and sums by their innermost one: what it runs over, and what is known there.

Most rules of integrals and of sums are about one variable. They act on the innermost of several,
under the ranges of the outer variables, and the outer ones stay around what it becomes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits

from symbolic.scalars.facts import Facts
from symbolic.scalars.rule import Rewrite
from symbolic.scalars.smoothness import Range, is_finite, within

CALCULUS = "the rules of integration"
Parts = tuple[sympy.Expr, Range, Facts]
Inside = Callable[[sympy.Expr, Range, Facts], sympy.Expr | None]


def definite_integral(node: sympy.Basic, facts: Facts) -> Parts | None:
    """The integrand, the range and the facts there, of the innermost of definite integrals.

    >>> t, x = sympy.symbols("t x", real=True)
    >>> definite_integral(sympy.Integral(t * x, (t, 0, x), (x, 0, 1)), Facts())
    (t*x, (t, 0, x), Facts(conditions=(x >= 0, x <= 1)))
    """
    if not isinstance(node, sympy.Integral) or any(len(limits) != 3 for limits in node.limits):
        return None
    return _innermost(node, facts)


def finite_sum(node: sympy.Basic, facts: Facts) -> Parts | None:
    """The term, the range and the facts there, of the innermost of finite sums.

    >>> k, n = sympy.symbols("k n", integer=True)
    >>> finite_sum(sympy.Sum(k**2, (k, 1, n)), Facts())
    (k**2, (k, 1, n), Facts(conditions=()))
    >>> finite_sum(sympy.Sum(k**2, (k, 1, sympy.Symbol("x", real=True))), Facts()) is None
    True
    """
    if not isinstance(node, sympy.Sum) or not has_integer_ends(node, facts):
        return None
    found = _innermost(node, facts)
    return found if node.limits[0][0].is_integer else None


def has_integer_ends(node: ExprWithLimits, facts: Facts) -> bool:
    """Whether every end of a sum or product certainly is an integer."""
    return all(
        len(limits) == 3 and all(is_finite(end) and facts.integer(end) for end in limits[1:])
        for limits in node.limits
    )


def suits(variable: sympy.Symbol, ends: Iterable[sympy.Expr], facts: Facts) -> bool:
    """Whether what a variable was declared with allows it to run between these ends.

    >>> suits(sympy.Symbol("u", positive=True), [sympy.Integer(-1), sympy.Integer(1)], Facts())
    False
    """
    if variable.is_extended_real is not True or variable.is_integer:
        return False
    if variable.is_nonnegative:
        return all(end == sympy.oo or facts.nonnegative(end) for end in ends)
    if variable.is_nonpositive:
        return all(end == -sympy.oo or facts.nonnegative(-end) for end in ends)
    return variable.is_zero is None


def _innermost(node: ExprWithLimits, facts: Facts) -> Parts | None:
    """What the first range is of, itself, and the facts inside the others; None if it is circular."""
    for limits in reversed(node.limits[1:]):
        facts = within(facts, tuple(limits))
    variable, low, high = node.limits[0]
    if variable in low.free_symbols | high.free_symbols:
        return None
    return node.function, (variable, low, high), facts


def of_integral(rewrite: Inside) -> Rewrite:
    """What a rule does with integrals, from what it does with integrand, range and facts.

    >>> t, x = sympy.symbols("t x", real=True)
    >>> doubled = of_integral(lambda integrand, limits, facts: sympy.Integral(2 * integrand, limits))
    >>> doubled(sympy.Integral(t, (t, 0, x), (x, 0, 1)), Facts())
    Integral(2*t, (t, 0, x), (x, 0, 1))
    """
    return _acting(definite_integral, rewrite)


def of_sum(rewrite: Inside) -> Rewrite:
    """What a rule does with finite sums, from what it does with term, range and facts."""
    return _acting(finite_sum, rewrite)


def _acting(parts: Callable[[sympy.Basic, Facts], Parts | None], rewrite: Inside) -> Rewrite:
    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        found = parts(node, facts)
        inner = None if found is None else rewrite(*found)
        if inner is None or _binds_again(node, inner):
            return None
        result = _around(node, inner)
        return None if result == node else result

    return apply


def _binds_again(node: ExprWithLimits, inner: sympy.Expr) -> bool:
    """Whether something inside binds a variable of the outer ranges once more."""
    outer = {limits[0] for limits in node.limits[1:]}
    return any(outer & set(each.bound_symbols) for each in inner.atoms(ExprWithLimits))


def _around(node: ExprWithLimits, inner: sympy.Expr) -> sympy.Expr:
    """The outer integrals or sums around what the innermost one has become."""
    if inner == 0 or len(node.limits) == 1:
        return inner
    return node.func(inner, *node.limits[1:])


__all__ = [
    "CALCULUS",
    "definite_integral",
    "finite_sum",
    "has_integer_ends",
    "of_integral",
    "of_sum",
    "suits",
]
