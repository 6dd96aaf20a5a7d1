"""Conditions on a point: intervals for one symbol at a time, and whether all of them hold at last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy

from numeric.enclosure import Comparison
from numeric.errors import Undecided
from numeric.scalars.assignments import Assignment
from numeric.scalars.comparison import compare_scalars, order_scalars
from numeric.scalars.range_conditions import holds_throughout
from symbolic.errors import UnsupportedError
from symbolic.scalars.throughout import Throughout

Numbers = Mapping[sympy.Symbol, sympy.Expr]
_ORDERS = (sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge)


@dataclass(frozen=True)
class Interval:
    """Where a symbol may lie: the bounds, None where there is none, and whether they are excluded."""

    low: sympy.Rational | None = None
    high: sympy.Rational | None = None
    low_open: bool = True
    high_open: bool = True

    def above(self, bound: sympy.Rational, is_open: bool) -> Interval:
        """The part above a bound."""
        if self.low is not None and (self.low > bound or (self.low == bound and self.low_open)):
            return self
        return Interval(bound, self.high, is_open, self.high_open)

    def below(self, bound: sympy.Rational, is_open: bool) -> Interval:
        """The part below a bound."""
        if self.high is not None and (self.high < bound or (self.high == bound and self.high_open)):
            return self
        return Interval(self.low, bound, self.low_open, is_open)

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies inside."""
        if self.low is None or self.high is None:
            return False
        return bool(self.low > self.high) or (
            self.low == self.high and (self.low_open or self.high_open)
        )


def flat(conditions: Iterable[sympy.Basic]) -> tuple[sympy.Basic, ...]:
    """The conditions with every `And` taken apart; `UnsupportedError` for what is no relation.

    >>> x = sympy.Symbol("x")
    >>> flat([sympy.And(0 < x, x < 1), True])
    (x > 0, x < 1)
    """
    found: list[sympy.Basic] = []
    for condition in conditions:
        if condition in (True, sympy.true):
            continue
        if isinstance(condition, sympy.And):
            found += flat(sympy.ordered(condition.args))
        elif condition in (False, sympy.false):
            raise Undecided("a point for these conditions", "one is false", "state true ones")
        elif isinstance(condition, (sympy.Rel, sympy.Or, sympy.Not, Throughout)):
            found.append(condition)
        else:
            raise UnsupportedError(
                f"the condition {condition}",
                "no relation",
                "use <, <=, >, >=, Eq, Ne or Throughout",
            )
    return tuple(found)


def interval_of(
    symbol: sympy.Symbol, numbers: Numbers, conditions: Iterable[sympy.Basic]
) -> Interval:
    """Where a symbol may lie by the conditions that are affine in it once the numbers are put in.

    >>> a, b = sympy.symbols("a b", real=True)
    >>> found = interval_of(b, {a: sympy.Rational(1, 2)}, [a < b, b <= 1])
    >>> found.low, found.high, found.high_open
    (1/2, 1, False)
    """
    found = Interval()
    if symbol.is_nonnegative:
        found = found.above(sympy.Integer(0), bool(symbol.is_positive))
    if symbol.is_nonpositive:
        found = found.below(sympy.Integer(0), bool(symbol.is_negative))
    for condition in conditions:
        if not isinstance(condition, _ORDERS):
            continue
        difference = sympy.expand((condition.gts - condition.lts).subs(numbers))
        if difference.free_symbols != {symbol} or not difference.is_polynomial(symbol):
            continue
        polynomial = sympy.Poly(difference, symbol)
        if polynomial.degree() != 1 or not all(c.is_Rational for c in polynomial.all_coeffs()):
            continue
        slope, constant = polynomial.all_coeffs()
        is_open = isinstance(condition, (sympy.Lt, sympy.Gt))
        bound = -constant / slope
        found = found.above(bound, is_open) if slope > 0 else found.below(bound, is_open)
    return found


def holds(condition: sympy.Basic, point: Assignment) -> bool:
    """Whether a condition holds at a point, certainly; `Undecided` where it cannot be told.

    >>> x = sympy.Symbol("x")
    >>> holds(sympy.sqrt(x) < 2, Assignment({x: 3}))
    True
    """
    if isinstance(condition, Throughout):
        return holds_throughout(condition, point)
    if isinstance(condition, sympy.Or):
        return any(holds(arg, point) for arg in condition.args)
    if isinstance(condition, sympy.Not):
        return not holds(condition.args[0], point)
    if isinstance(condition, (sympy.Eq, sympy.Ne)):
        same = _decided(condition, compare_scalars(condition.lhs, condition.rhs, point))
        return same == isinstance(condition, sympy.Eq)
    if isinstance(condition, _ORDERS):
        ordered = _decided(condition, order_scalars(condition.lts, condition.gts, point))
        if ordered and isinstance(condition, (sympy.Lt, sympy.Gt)):
            return not _decided(condition, compare_scalars(condition.lts, condition.gts, point))
        return ordered
    return bool(condition)


def _decided(condition: sympy.Basic, found: Comparison) -> bool:
    if found.outcome == "undecided":
        raise Undecided(f"the condition {condition}", found.reason, "state a simpler one")
    return found.outcome == "equal"
