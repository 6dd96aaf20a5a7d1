"""Where an expression is continuous or smooth, and where an integral of it certainly exists.

An undefined function `f(x)` stands for a smooth function of real numbers: one with continuous
derivatives of every order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy
from sympy.core.function import AppliedUndef

from symbolic.scalars.analytic import is_analytic_value
from symbolic.scalars.facts import Facts

_ENTIRE = (sympy.exp, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.erf)
_SMOOTH = (sympy.tanh, sympy.atan, AppliedUndef)  # at real arguments
_KINKED = (sympy.Abs, sympy.Max, sympy.Min, sympy.re, sympy.im)
_BOUNDED = (sympy.sin, sympy.cos, sympy.tanh, sympy.atan, sympy.erf)
Range = tuple[sympy.Symbol, sympy.Expr, sympy.Expr]


@dataclass(frozen=True)
class Continuity:
    """Decides whether expressions are continuous, or smooth, in some variables.

    `at` gives the point near which it is asked; without it, everywhere that the facts allow.
    """

    facts: Facts
    at: Mapping[sympy.Basic, sympy.Expr] = field(default_factory=dict)
    smooth: bool = False

    def holds(self, e: sympy.Basic, variables: frozenset[sympy.Symbol]) -> bool:
        """Whether e is certainly continuous (or smooth) in the variables together.

        >>> x = sympy.Symbol("x", real=True)
        >>> Continuity(Facts()).holds(1 / (1 + x**2), frozenset({x}))
        True
        >>> Continuity(Facts()).holds(1 / x, frozenset({x}))
        False
        """
        if not e.free_symbols & variables or e in variables:
            return is_finite(e)
        if isinstance(e, (sympy.Add, sympy.Mul, *_ENTIRE, sympy.UnevaluatedExpr)):
            return all(self.holds(each, variables) for each in e.args)
        if isinstance(e, _SMOOTH):
            if not (all(map(self.facts.real, e.args)) or is_analytic_value(e)):
                return False
            return all(self.holds(each, variables) for each in e.args)
        if isinstance(e, _KINKED):
            return not self.smooth and all(self.holds(each, variables) for each in e.args)
        if isinstance(e, sympy.log):
            return self._positive(e.args[0]) and self.holds(e.args[0], variables)
        if isinstance(e, sympy.Pow):
            return self._power(e, variables)
        if isinstance(e, (sympy.Derivative, sympy.Subs)):
            return self._derivative(e, variables)
        if isinstance(e, (sympy.Integral, sympy.Sum)):
            return self._accumulated(e, variables)
        return False

    def _positive(self, e: sympy.Expr) -> bool:
        return self.facts.positive(e.subs(self.at))

    def _power(self, e: sympy.Pow, variables: frozenset[sympy.Symbol]) -> bool:
        base, exponent = e.args
        if not (self.holds(base, variables) and self.holds(exponent, variables)):
            return False
        if self._positive(base):
            return True
        if exponent.free_symbols & variables:
            return False
        if self.facts.integer(exponent):
            known = self.facts.nonnegative(exponent)
            return known or self.facts.nonzero(base.subs(self.at))
        rising = self.facts.positive(exponent) and self.facts.nonnegative(base)
        return rising and not self.smooth

    def _derivative(self, e: sympy.Expr, variables: frozenset[sympy.Symbol]) -> bool:
        """A derivative is as continuous as what it differentiates is smooth."""
        if isinstance(e, sympy.Subs):
            body, places, points = e.args
            outer = all(self.holds(point, variables) for point in points)
            inner = self.facts
            for place in places:
                inner = forgetting(inner, place)
            real = {  # SymPy's own names for places say nothing of them
                place: sympy.Dummy(real=True)
                for place, point in zip(places, points, strict=True)
                if place.is_complex is None and self.facts.real(point)
            }
            inside = variables | {real.get(place, place) for place in places}
            return outer and Continuity(inner).holds(body.xreplace(real), inside)
        body, *counts = e.args
        places = frozenset(variable for variable, _ in counts)
        if not all(isinstance(place, sympy.Symbol) for place in places):
            return False
        if not all(self.facts.integer(c) and self.facts.nonnegative(c) for _, c in counts):
            return False
        return Continuity(self.facts, self.at, smooth=True).holds(body, variables | places)

    def _accumulated(self, e: sympy.Expr, variables: frozenset[sympy.Symbol]) -> bool:
        """An integral over a bounded range, or a finite sum, of what is continuous."""
        met = set(self.at).union(*(value.free_symbols for value in self.at.values()))
        if any(limits[0] in met for limits in e.limits):
            return False
        facts, inner = self.facts, variables
        for variable, *ends in reversed(e.limits):
            if len(ends) != 2 or not all(is_finite(end) for end in ends):
                return False
            if isinstance(e, sympy.Sum) and any(end.free_symbols & inner for end in ends):
                return False
            if not all(self.holds(end, inner) for end in ends):
                return False
            facts = within(facts, (variable, *ends))
            if isinstance(e, sympy.Integral):
                inner = inner | {variable}
        return Continuity(facts, self.at, self.smooth).holds(e.function, inner)


def continuous(e: sympy.Basic, variable: sympy.Symbol, facts: Facts) -> bool:
    """Whether e is certainly continuous wherever the facts allow the variable to be."""
    return Continuity(facts).holds(e, frozenset({variable}))


def continuous_at(e: sympy.Basic, variable: sympy.Symbol, point: sympy.Expr, facts: Facts) -> bool:
    """Whether e is certainly continuous in the variable near a point.

    >>> x = sympy.Symbol("x", real=True)
    >>> continuous_at(1 / x, x, sympy.Integer(2), Facts())
    True
    """
    return Continuity(facts, {variable: point}).holds(e, frozenset({variable}))


def smooth(e: sympy.Basic, variable: sympy.Symbol, facts: Facts) -> bool:
    """Whether e certainly has derivatives of every order wherever the facts allow the variable.

    >>> x = sympy.Symbol("x", real=True)
    >>> smooth(sympy.Abs(x), x, Facts()), smooth(sympy.exp(x**2), x, Facts())
    (False, True)
    """
    return Continuity(facts, smooth=True).holds(e, frozenset({variable}))


def smooth_at(e: sympy.Basic, variable: sympy.Symbol, point: sympy.Expr, facts: Facts) -> bool:
    """Whether e certainly has derivatives of every order near a point."""
    return Continuity(facts, {variable: point}, smooth=True).holds(e, frozenset({variable}))


def within(facts: Facts, limits: Range) -> Facts:
    """The facts, and that the bound variable is in its closed range where the ends are in order.

    >>> t = sympy.Symbol("t", real=True)
    >>> within(Facts(), (t, sympy.Integer(0), sympy.Integer(1))).conditions
    (t >= 0, t <= 1)
    """
    variable, low, high = limits
    facts = forgetting(facts, variable)
    if variable.is_extended_real is not True:
        return facts
    if variable.is_integer:  # of a sum, which may be empty
        if not ordered(low, high + 1, facts):
            return facts
    elif not ordered(low, high, facts):
        if not ordered(high, low, facts):
            return facts
        low, high = high, low
    conditions = []
    if low != -sympy.oo:
        conditions.append(variable >= low)
    if high != sympy.oo:
        conditions.append(variable <= high)
    return facts.having(*conditions)


def forgetting(facts: Facts, variable: sympy.Symbol) -> Facts:
    """The facts that say nothing about a variable, which is bound here.

    >>> t = sympy.Symbol("t", real=True)
    >>> forgetting(Facts((t > 0,)), t).conditions
    ()
    """
    return Facts(tuple(each for each in facts.conditions if variable not in each.free_symbols))


def ordered(low: sympy.Expr, high: sympy.Expr, facts: Facts) -> bool:
    """Whether low <= high for certain."""
    if low == -sympy.oo or high == sympy.oo:
        return low != sympy.oo and high != -sympy.oo
    if not (is_finite(low) and is_finite(high)):
        return False
    return facts.nonnegative(high - low)


def is_finite(e: sympy.Basic) -> bool:
    """Whether an expression, such as an end of a range, has no infinity in it."""
    return not e.has(sympy.oo, -sympy.oo, sympy.zoo, sympy.nan)


def integrable(e: sympy.Expr, limits: Range, facts: Facts) -> bool:
    """Whether the integral of e over a range certainly converges, and absolutely.

    Over a bounded range for what is continuous on all of it, its ends too; over an unbounded one
    for products of powers, bounded functions and exponentials that decay.

    >>> t = sympy.Symbol("t", real=True)
    >>> integrable(t**2 * sympy.exp(-t**2), (t, -sympy.oo, sympy.oo), Facts())
    True
    >>> integrable(1 / t, (t, sympy.Integer(0), sympy.Integer(1)), Facts())
    False
    """
    variable, low, high = limits
    inside = within(facts, limits)
    if not continuous(e, variable, inside):
        return False
    if is_finite(low) and is_finite(high):
        return True
    return all(decays(e, variable, end, inside) for end in (low, high) if not is_finite(end))


def decays(e: sympy.Expr, variable: sympy.Symbol, end: sympy.Expr, facts: Facts) -> bool:
    """Whether e tends to 0 faster than every power as the variable tends to oo or -oo.

    >>> t = sympy.Symbol("t", real=True)
    >>> decays(t**3 * sympy.exp(-t), t, sympy.oo, Facts())
    True
    >>> decays(t**3 * sympy.exp(-t), t, -sympy.oo, Facts())
    False
    """
    if isinstance(e, sympy.Add):
        return all(decays(each, variable, end, facts) for each in e.args)
    exponents, others = [], []
    for factor in sympy.Mul.make_args(e):
        if isinstance(factor, sympy.exp):
            exponents.append(factor.args[0])
        elif factor.free_symbols & {variable}:
            others.append(factor)
    falls = _falls(sympy.Add(*exponents), variable, end, facts)
    return falls and all(_of_power_growth(each, variable, facts) for each in others)


def _falls(exponent: sympy.Expr, variable: sympy.Symbol, end: sympy.Expr, facts: Facts) -> bool:
    """Whether a polynomial tends to -oo as the variable tends to the end."""
    if not exponent.is_polynomial(variable) or not exponent.free_symbols & {variable}:
        return False
    polynomial = sympy.Poly(exponent, variable)
    leading = polynomial.LC() * (-1 if end == -sympy.oo and polynomial.degree() % 2 else 1)
    return polynomial.degree() > 0 and facts.negative(leading)


def _of_power_growth(e: sympy.Expr, variable: sympy.Symbol, facts: Facts) -> bool:
    """Whether e grows at most like a power of the variable."""
    if isinstance(e, _BOUNDED):
        return facts.real(e.args[0]) or not e.free_symbols & {variable}
    if not e.free_symbols & {variable} or e == variable:
        return True
    if isinstance(e, (sympy.Add, sympy.Mul, sympy.Abs, sympy.Max, sympy.Min)):
        return all(_of_power_growth(each, variable, facts) for each in e.args)
    if isinstance(e, sympy.Pow) and not e.exp.free_symbols & {variable}:
        return facts.nonnegative(e.exp) and _of_power_growth(e.base, variable, facts)
    return False
