"""Points around the corners of branches, for what no proof has reached.

Every branch of a piecewise expression ends at an edge, and one that lies between two edges ends where
these meet. So close to each corner, in every direction, each branch is seen however narrow it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, islice, permutations
from typing import Any

import numpy as np
import sympy

from numeric.enclosure import balls_at
from numeric.errors import Undecided
from numeric.sampling import sample
from symbolic.nodes import Expression, Variable

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_SCALED = ("real", "positive", "nonnegative")  # domains whose entries may have any scale
_SCALES = (Fraction(1, 8), Fraction(1), Fraction(1), Fraction(6), Fraction(30))
_BITS = 128
_SPREAD = 14  # points between which edges are looked for
_MOST_SWITCHES = 6
_EDGES = 8  # points beside the edges of one switch
_CORNERS = 2  # of one pair of switches
_AROUND = 6  # points around a corner
_HALVINGS = 22
_SHAKE = Fraction(1, 2**17)


def points_around(
    switches: Sequence[Expression], generic: Sequence[tuple[Point, Sizes]], rng: np.random.Generator
) -> Iterator[tuple[Point, Sizes]]:
    """Points close to the edges of switches, on both sides, and all around their corners."""
    if not switches:
        return
    for start, sizes in generic[:2]:
        spread = [_stretched(start, sizes, rng) for _ in range(_SPREAD)]
        edges: dict[Expression, list[Point]] = {}
        for switch in switches[:_MOST_SWITCHES]:
            edges[switch] = list(islice(_beside(switch, spread, sizes), _EDGES))
            for point in edges[switch]:
                yield point, sizes
        for first, second in permutations(edges, 2):
            for corner in islice(_beside(second, edges[first], sizes), _CORNERS):
                for _ in range(_AROUND):
                    yield _shaken(corner, rng), sizes


def _stretched(start: Point, sizes: Sizes, rng: np.random.Generator) -> Point:
    """Another point with the same discrete numbers, the others drawn anew on scales of their own."""
    fresh = sample(start, sizes, rng)
    return {
        variable: fresh[variable] * _SCALES[int(rng.integers(len(_SCALES)))]
        if variable.domain in _SCALED
        else fresh[variable]
        if variable.domain == "unit"
        else values
        for variable, values in start.items()
    }


def _beside(switch: Expression, points: Sequence[Point], sizes: Sizes) -> Iterator[Point]:
    """Points close to the edge of a switch on both sides, between points where its signs differ."""
    signs = [_signs(switch, point, sizes) for point in points]
    for first, second in combinations(range(len(points)), 2):
        opposite = np.flatnonzero(signs[first] * signs[second] < 0)
        if opposite.size:
            yield from _bisected(switch, int(opposite[0]), points[first], points[second], sizes)


def _bisected(
    switch: Expression, entry: int, start: Point, end: Point, sizes: Sizes
) -> Iterator[Point]:
    """The two points around the place between two others where an entry changes its sign."""
    sign = _signs(switch, start, sizes)[entry]
    below, above = Fraction(0), Fraction(1)
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if _signs(switch, _between(start, end, middle), sizes)[entry] == sign:
            below = middle
        else:
            above = middle
    yield _between(start, end, below)
    yield _between(start, end, above)


def _signs(switch: Expression, point: Point, sizes: Sizes) -> np.ndarray:
    """The sign of every entry; 0 where it is not told."""
    try:
        (balls,), _ = balls_at([switch], point, sizes, _BITS)
    except Undecided:
        return np.zeros(1, dtype=int)
    return np.array([int(ball > 0) - int(ball < 0) for ball in balls.flat])


def _between(start: Point, end: Point, share: Fraction) -> Point:
    return {
        variable: np.asarray(values + (end[variable] - values) * share, dtype=object)
        for variable, values in start.items()
    }


def _shaken(point: Point, rng: np.random.Generator) -> Point:
    """A point close by, in a random direction."""

    def shaken(values: Any) -> np.ndarray:
        directions = rng.integers(-1000, 1001, size=np.shape(values))
        parts = np.array([Fraction(int(k), 1000) * _SHAKE for k in np.ravel(directions)], object)
        return np.asarray(values * (1 + parts.reshape(np.shape(values))), dtype=object)

    movable = (*_SCALED, "unit")
    return {v: shaken(x) if v.domain in movable else x for v, x in point.items()}
