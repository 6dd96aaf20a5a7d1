"""An identity, or an order, at random data: other points and sizes than those of the steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    DIGITS,
    At,
    Conditions,
    Fixed,
    Mathematics,
    Point,
    both,
    compared,
    fixed,
    inserted,
    ordered,
    points,
)
from derivations.evidence.stating import conditions_stated, few_digits, where
from derivations.verdicts import Evidence
from numeric.enclosure import Comparison
from symbolic.errors import ChainruleError

_STREAM = 1  # of seeds, so that the points are not those of the steps


def at_points(
    left: Any,
    right: Any,
    found: list[Point],
    agrees: Callable[[Point], Comparison],
    method: str,
    held: str,
) -> Evidence:
    """The evidence of comparing two sides at some points."""
    agreed, why = 0, "no point was found"
    for point in found:
        try:
            outcome = agrees(point)
        except ChainruleError as error:
            why = str(error)
            continue
        if outcome.outcome == "different":
            left_side, right_side = few_digits(outcome.left), few_digits(outcome.right)
            words = f"{left_side} on the left, {right_side} on the right"
            return Evidence("refuted", method, words, agreed + 1, str(point))
        if outcome.outcome == "equal":
            agreed += 1
        else:
            why = outcome.reason
    if not agreed:
        return Evidence("undecided", method, why)
    where_tried = f" at {agreed} random points" if any(map(_is_random, found)) else ""
    return Evidence("verified", method, held + where_tried, agreed)


def _is_random(point: Point) -> bool:
    """Whether there is anything to draw."""
    return bool(point.values or point.sizes)


@dataclass(frozen=True)
class IdentityOnRandomData:
    """Two sides that agree to 50 digits at random points."""

    left: Mathematics
    right: Mathematics
    on: Conditions
    at: Fixed
    name: str = "identity on random data"

    @property
    def statement(self) -> Statement:
        """The identity, and the equations under which it holds."""
        fixed_at = where(self.at, "and" if self.on else "where")
        return (self.left, "=", self.right, *conditions_stated(self.on), *fixed_at)

    def run(self, seed: int) -> Evidence:
        """Compare enclosures of both sides at ten points."""
        left, right = (inserted(side, self.at) for side in (self.left, self.right))
        found = list(points([left, right], self.at, seed + _STREAM, 10, self.on))
        held = f"both sides agree to {DIGITS} digits"
        return at_points(left, right, found, lambda p: compared(left, right, p), self.name, held)


def identity_on_random_data(
    left: Mathematics, right: Mathematics, on: Conditions = (), at: At | None = None
) -> IdentityOnRandomData:
    """Left = right at random sizes and points, at which the equations `on` hold.

    >>> from symbolic import matrix, trace
    >>> A, B = matrix("A", "n", "m"), matrix("B", "m", "n")
    >>> identity_on_random_data(trace(A @ B), trace(B @ A)).run(seed=0).verdict
    'verified'
    """
    return IdentityOnRandomData(*both(left, right), on, fixed(at))


@dataclass(frozen=True)
class OrderOnRandomData:
    """A left side that is at most the right side at random points."""

    left: Mathematics
    right: Mathematics
    at: Fixed
    name: str = "order on random data"

    @property
    def statement(self) -> Statement:
        """The inequality."""
        return (self.left, "<=", self.right, *where(self.at))

    def run(self, seed: int) -> Evidence:
        """Enclose the difference at 25 points."""
        left, right = (inserted(side, self.at) for side in (self.left, self.right))
        found = list(points([left, right], self.at, seed + _STREAM, 25))
        return at_points(
            left, right, found, lambda p: ordered(left, right, p), self.name, "the order holds"
        )


def order_on_random_data(
    left: Mathematics, right: Mathematics, at: At | None = None
) -> OrderOnRandomData:
    """Left <= right at random points.

    >>> from symbolic import abs, norm, vector
    >>> a, b = vector("a", "n"), vector("b", "n")
    >>> order_on_random_data(abs(a @ b), norm(a) * norm(b)).run(seed=0).verdict
    'verified'
    """
    return OrderOnRandomData(*both(left, right), fixed(at))
