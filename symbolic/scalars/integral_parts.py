"""What rules of integrals ask: the constant part of an integrand, what a variable may run over."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from symbolic.scalars.facts import Facts

CALCULUS = "the rules of integration"


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
