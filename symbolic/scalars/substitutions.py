"""Substitutions in integrals."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.integral_parts import CALCULUS, around, facts_inside, single
from symbolic.scalars.normal import equal, is_zero
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.smoothness import (
    continuous,
    is_finite,
    smooth,
    within,
)


def substitution(old: sympy.Symbol, new: sympy.Expr, variable: sympy.Symbol) -> ScalarRule:
    """The substitution old = new, an affine function of another variable.

    >>> t, s = sympy.symbols("t s", real=True)
    >>> x = sympy.Symbol("x", real=True)
    >>> line = sympy.Integral(sympy.exp(t), (t, 0, x))
    >>> substitution(t, s * x, s).results(line, Facts())
    (Integral(x*exp(s*x), (s, 0, 1)),)
    """
    slope = sympy.diff(new, variable)
    start = new.subs(variable, 0)

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        found = single(node)
        if found is None or found[1][0] != old or slope.free_symbols & {variable}:
            return None
        integrand, (_, low, high) = found
        outer = {limits[0] for limits in node.limits}
        if variable in integrand.free_symbols - {old} or variable in outer - {old}:
            return None
        ends = [_solved(end, facts) for end in (low, high)]
        if any(end is None for end in ends) or not is_zero(new - start - slope * variable):
            return None
        moved = slope * integrand.subs(old, new)
        return around(node, sympy.Integral(moved, (variable, *ends)))

    def _solved(end: sympy.Expr, facts: Facts) -> sympy.Expr | None:
        if not is_finite(end):
            if facts.positive(slope):
                return end
            return -end if facts.negative(slope) else None
        solution = sympy.cancel((end - start) / slope)
        defined = facts.nonzero(sympy.fraction(solution)[1])
        return solution if defined and is_zero(start + slope * solution - end) else None

    return ScalarRule(
        f"substitution {old} = {new}",
        "integral(f(x), x=g(a)..g(b)) = integral(f(g(t)) D(g, t), t=a..b)",
        "g is affine, of known direction where the range is unbounded",
        CALCULUS,
        apply,
        (old, new, variable),
        substitution,
    )


def change_of_variable(new: sympy.Expr, variable: sympy.Symbol, old: sympy.Symbol) -> ScalarRule:
    """An integral of f(g(t)) g'(t) as the integral of f: the substitution old = new, left to right.

    >>> t, u = sympy.symbols("t u", real=True)
    >>> line = sympy.Integral(2 * t * sympy.exp(t**2), (t, 0, 1))
    >>> change_of_variable(t**2, t, u).results(line, Facts())
    (Integral(exp(u), (u, 0, 1)),)
    """
    slope = sympy.diff(new, variable)

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        found = single(node)
        if found is None or found[1][0] != variable or slope == 0:
            return None
        integrand, limits = found
        if old in integrand.free_symbols or not (is_finite(limits[1]) and is_finite(limits[2])):
            return None
        outer = facts_inside(node, facts)
        quotient = sympy.cancel(integrand / slope)
        moved = quotient.subs(new, old)
        if moved.free_symbols & {variable} or not equal(moved.subs(old, new) * slope, integrand):
            return None
        if not (smooth(new, variable, within(outer, limits)) and continuous(moved, old, outer)):
            return None
        ends = (new.subs(variable, end) for end in limits[1:])
        return around(node, sympy.Integral(moved, (old, *ends)))

    return ScalarRule(
        f"substitution {old} = {new}",
        "integral(f(g(t)) D(g, t), t=a..b) = integral(f(u), u=g(a)..g(b))",
        "g is smooth on the closed range and f continuous everywhere",
        CALCULUS,
        apply,
        (new, variable, old),
        change_of_variable,
    )


__all__ = ["change_of_variable", "substitution"]
