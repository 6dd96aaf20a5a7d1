"""Looking for a point at which an order fails, and what the points have shown.

Random points come first, as they are cheap; then points with zeros and ties; then walks downhill from
many places; then points far out and of large sizes. One certain violation refutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
import sympy

from derivations.order_search.far_points import (
    has_far_points,
    points_beyond_constants,
    points_beyond_powers,
    points_of_large_sizes,
)
from derivations.order_search.judged import Entry, Order
from derivations.order_search.low_points import low_points
from derivations.order_search.near_points import (
    on_border,
    points_of_branches,
    points_with_ties,
    random_points,
)
from numeric.jumps import centres, is_discrete, jumps, points_at_zeros, systems, values_at_zero
from numeric.seeds import generator
from symbolic import Variable
from symbolic.traverse import variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]
Located = tuple[Point, Sizes]

_MOST_CENTRES = 8
_MODERATE = 10  # numbers at which a gap does not vanish because they are large
_CLOSE = 1e-13  # a gap that may be 0 beside a point
_HUGE = 1e60  # a value next to a zero at which there is none
_ALMOST = 1e-40  # how far below zero the gap may be next to a zero that is no rational point


@dataclass(frozen=True)
class Violation:
    """A point at which an order certainly fails, and in which entry."""

    point: Point
    sizes: Sizes
    entry: Entry


@dataclass
class Seen:
    """What points have shown of an order.

    held       points at which it certainly holds
    low        points to which walks downhill have led
    doubt      why it is not certain at a point; "" where it is at all of them
    untold     points with zeros or ties at which it cannot be told, or where there is no value
    violation  where it fails
    """

    held: int = 0
    low: int = 0
    doubt: str = ""
    untold: int = 0
    violation: Violation | None = None
    sizes: list[Sizes] = field(default_factory=list)
    largest: Fraction = Fraction(0)

    def add(self, point: Point, sizes: Sizes) -> None:
        """A point more at which the order holds."""
        self.held += 1
        if sizes not in self.sizes:
            self.sizes.append(sizes)
        self.largest = max([self.largest, *map(_largest, point.values())])

    @property
    def named_sizes(self) -> tuple[Mapping[str, int], ...]:
        """The sizes by the names of their letters."""
        return tuple({letter.name: size for letter, size in each.items()} for each in self.sizes)

    def __str__(self) -> str:
        size = max((number for each in self.sizes for number in each.values()), default=0)
        told = [f"held at {self.held} {'point' if self.held == 1 else 'points'}"]
        told += [f"and no violation at the {self.low} lowest of walks downhill"] if self.low else []
        told += [f"sizes up to {size}"] if size else []
        told += [f"numbers up to {float(self.largest):.0e}"] if self.largest else []
        told += [f"not told at {self.untold} with zeros or ties"] if self.untold else []
        return ", ".join(told)


def search_order(order: Order, seed: int, *, briefly: bool = False) -> Seen:
    """What points show of an order; `briefly` for one that is proved, where they are a safeguard.

    The order is in doubt where it cannot be told at a random point, or at none far out. Where sides
    touch, or one has no value, an order that is not strict may remain untold.
    """
    search = _Search(order, seed)
    if search.near() and not briefly and search.downhill() and search.beyond_constants():
        search.last()
    return search.seen


def _largest(value: Any) -> Fraction:
    return max((abs(Fraction(x)) for x in np.ravel(value)), default=Fraction(0))


class _Search:
    """One search; each stage says whether the order has not failed."""

    def __init__(self, order: Order, seed: int) -> None:
        self.order, self.gap, self.seed = order, order.gap, seed
        self.seen = Seen()
        self.tried: list[Located] = []

    def near(self) -> bool:
        """Points of moderate size: it has to be told at each that is random."""
        for point, sizes in random_points(self.gap, self.seed):
            self.tried.append((point, sizes))
            outcome = self._outcome(point, sizes)
            if outcome == "violated":
                return False
            if outcome != "holds":
                self.seen.doubt = self.seen.doubt or outcome
        if not self.seen.held:
            self.seen.doubt = self.seen.doubt or "no point was found"
        return self.ties()

    def ties(self) -> bool:
        """Points with zeros and ties, where sides often touch, or have no value."""
        for point, sizes in points_with_ties(self.gap, self.seed):
            self.tried.append((point, sizes))
            outcome = self._outcome(point, sizes)
            if outcome == "violated":
                return False
            if outcome != "holds":
                self.seen.untold += 1
                if self.order.strict and not on_border(point):
                    self.seen.doubt = self.seen.doubt or outcome
        return True

    def downhill(self) -> bool:
        """Points at which it is closest to failing."""
        for point, sizes in low_points(self.order.small, self.order.large, self.seed):
            if self._outcome(point, sizes, closely=False) == "violated":
                return False
            if self.order.strict and all(_largest(each) <= _MODERATE for each in point.values()):
                self._touching(point, sizes)
            self.seen.low += 1
        return True

    def beyond_constants(self) -> bool:
        """Points far out, at one of which at least it has to be told."""
        held = self.seen.held
        found = self._holds(points_beyond_constants(self.gap, self.seed))
        if has_far_points(self.gap) and self.seen.held == held:
            self.seen.doubt = self.seen.doubt or "it cannot be told at points far out"
        return found

    def further(self) -> bool:
        """Points at edges of branches, further out, and of large sizes."""
        return self._holds(
            chain(
                points_of_branches(self.gap, self.tried, self.seed),
                points_beyond_powers(self.gap, self.seed),
                points_of_large_sizes(self.gap, self.seed),
            )
        )

    def last(self) -> None:
        """Points further out and of branches, then those where what is squared is 0, or a sign changes."""
        if self.further() and self.at_centres():
            self.at_jumps()

    def at_centres(self) -> bool:
        """Points at which what is squared or measured is 0, or as close to it as is wanted."""
        rng, given = generator(self.seed), variables(self.gap)
        for argument in centres([self.gap])[:_MOST_CENTRES] if self.tried else ():
            for point, _ in points_at_zeros((argument,), given, self.tried[0][1], rng):
                if self._outcome(point, self.tried[0][1]) == "violated":
                    return False
                if self.order.strict:
                    self._touching(point, self.tried[0][1])
        return True

    def _touching(self, point: Point, sizes: Sizes) -> None:
        """A doubt where the sides are so close that they may be equal beside the point."""
        found = values_at_zero([self.gap], point, sizes)
        if found is not None and any(abs(ball) < _CLOSE for ball in found[0].flat):
            self.seen.doubt = self.seen.doubt or "the sides come too close to be told apart"

    def at_jumps(self) -> None:
        """Points at which a sign or a condition changes; there is a doubt where none of them is found."""
        rng, given = generator(self.seed), variables(self.gap)
        for argument in jumps([self.gap]) if self.tried else ():
            for system in systems(argument):
                told = False
                for point, exact in points_at_zeros(system, given, self.tried[0][1], rng):
                    told |= self._told_at_zero(point, self.tried[0][1], exact)
                    if self.seen.violation is not None:
                        return
                if not told and not is_discrete(system):
                    zero = " and ".join(f"{each} = 0" for each in system)
                    self.seen.doubt = self.seen.doubt or f"it was not tried where {zero}"

    def _told_at_zero(self, point: Point, sizes: Sizes, exact: bool) -> bool:
        """Whether it is told at a zero, or very close to it, that the order holds or has no value."""
        if exact and self._outcome(point, sizes) == "holds":
            return True
        found = values_at_zero([self.gap], point, sizes)
        least = _ALMOST if self.order.strict else -_ALMOST
        return found is not None and all(
            not ball.is_finite() or abs(ball) > _HUGE or ball > least for ball in found[0].flat
        )

    def _holds(self, points: Iterable[Located], closely: bool = True) -> bool:
        return all(self._outcome(*located, closely) != "violated" for located in points)

    def _outcome(self, point: Point, sizes: Sizes, closely: bool = True) -> str:
        outcome, entry = self.order.judged(point, sizes, closely)
        if outcome == "violated":
            self.seen.violation = Violation(point, sizes, entry)
        if outcome == "holds":
            self.seen.add(point, sizes)
        return outcome
