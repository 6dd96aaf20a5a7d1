"""Substitutions in integrals."""

from __future__ import annotations

import sympy

from symbolic.phrases import phrase
from symbolic.scalars.facts import Facts
from symbolic.scalars.innermost import CALCULUS, of_integral, suits
from symbolic.scalars.normal import equal, is_zero
from symbolic.scalars.parameters import as_expression, as_variable
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.smoothness import Range, continuous, forgetting, is_finite, smooth, within
from symbolic.scalars.substituting import put


def substitution(old: sympy.Symbol, new: sympy.Expr, variable: sympy.Symbol) -> ScalarRule:
    """The substitution old = new, an affine function of another variable.

    >>> t, s = sympy.symbols("t s", real=True)
    >>> x = sympy.Symbol("x", real=True)
    >>> line = sympy.Integral(sympy.exp(t), (t, 0, x))
    >>> substitution(t, s * x, s).results(line, Facts())
    (Integral(x*exp(s*x), (s, 0, 1)),)
    """
    old, variable = (as_variable(each, "substitution") for each in (old, variable))
    new = as_expression(new, "substitution")
    slope = sympy.diff(new, variable)
    start = put(new, {variable: sympy.S.Zero})

    @of_integral
    def apply(integrand: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
        if limits[0] != old or slope.free_symbols & {variable} or not facts.real(new):
            return None
        if variable in integrand.free_symbols - {old}:
            return None
        ends = [_solved(end, facts) for end in limits[1:]]
        if any(end is None for end in ends) or not is_zero(new - start - slope * variable):
            return None
        if not suits(variable, ends, facts):
            return None
        return sympy.Integral(slope * put(integrand, {old: new}), (variable, *ends))

    def _solved(end: sympy.Expr, facts: Facts) -> sympy.Expr | None:
        if not is_finite(end):
            if facts.positive(slope):
                return end
            return -end if facts.negative(slope) else None
        solution = sympy.cancel((end - start) / slope)
        defined = facts.nonzero(sympy.fraction(solution)[1])
        return solution if defined and is_zero(start + slope * solution - end) else None

    return ScalarRule(
        phrase("substitution", old, "=", new),
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
    old, variable = (as_variable(each, "change_of_variable") for each in (old, variable))
    new = as_expression(new, "change_of_variable")
    slope = sympy.diff(new, variable)

    @of_integral
    def apply(integrand: sympy.Expr, limits: Range, facts: Facts) -> sympy.Expr | None:
        if limits[0] != variable or slope == 0 or not facts.real(new):
            return None
        if old in integrand.free_symbols or not all(map(is_finite, limits[1:])):
            return None
        quotient = sympy.cancel(integrand / slope)
        moved = quotient.subs(new, old)
        if moved.free_symbols & {variable} or not equal(put(moved, {old: new}) * slope, integrand):
            return None
        if not smooth(new, variable, within(facts, limits)):
            return None
        if not continuous(moved, old, forgetting(facts, old)):
            return None
        ends = [put(new, {variable: end}) for end in limits[1:]]
        if not suits(old, ends, facts):
            return None
        return sympy.Integral(moved, (old, *ends))

    return ScalarRule(
        phrase("substitution", old, "=", new),
        "integral(f(g(t)) D(g, t), t=a..b) = integral(f(u), u=g(a)..g(b))",
        "g is smooth on the closed range and f continuous everywhere",
        CALCULUS,
        apply,
        (new, variable, old),
        change_of_variable,
    )


__all__ = ["change_of_variable", "substitution"]
