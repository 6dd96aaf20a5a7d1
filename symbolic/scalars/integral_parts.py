"""What an integral consists of: integrand, range, constants, and what is known inside it."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.smoothness import Range, within

CALCULUS = "the rules of integration"


def single(node: sympy.Basic) -> tuple[sympy.Expr, Range] | None:
    """The integrand and the range of a definite integral in one variable; the innermost of several."""
    if not isinstance(node, sympy.Integral) or any(len(limits) != 3 for limits in node.limits):
        return None
    return node.function, tuple(node.limits[0])


def around(node: sympy.Integral, inner: sympy.Expr) -> sympy.Expr:
    """The outer integrals of a node around what its innermost one has become."""
    return sympy.Integral(inner, *node.limits[1:]) if len(node.limits) > 1 else inner


def facts_inside(node: sympy.Integral, facts: Facts) -> Facts:
    """The facts with the ranges of the outer variables of an iterated integral."""
    for limits in reversed(node.limits[1:]):
        facts = within(facts, tuple(limits))
    return facts


def constant_part(e: sympy.Expr, variable: sympy.Symbol) -> tuple[sympy.Expr, sympy.Expr]:
    """The factors without the variable, and those with it."""
    constant, rest = e.as_independent(variable, as_Add=False)
    return constant, rest


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
