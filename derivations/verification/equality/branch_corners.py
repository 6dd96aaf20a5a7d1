"""Points around the corners of branches, for what no proof has reached.

Every branch of a piecewise expression ends at an edge, and one that lies between two edges ends where
these meet. So close to each corner, in every direction, each branch is seen however narrow it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, islice, pairwise
from typing import Any

import numpy as np
import sympy

from numeric.enclosure import balls_at
from numeric.errors import Undecided
from numeric.exact import evaluate_all_exactly
from numeric.sampling import sample
from symbolic.errors import ChainruleError
from symbolic.nodes import Expression, Variable

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_SCALED = ("real", "positive", "nonnegative")  # domains whose entries may have any scale
_MOVABLE = (*_SCALED, "unit")
_SCALES = (Fraction(1, 8), Fraction(1), Fraction(1), Fraction(6), Fraction(30))
_BITS = 96
_SPREAD = 6  # points between which lines are drawn
_NODES = 6  # of a line, between which a switch changes its sign at most once
_MOST_SWITCHES = 6
_ENTRIES = 2  # of a switch that are followed along a line
_CORNERS = 2  # of one pair of switches
_EDGES = 6  # points of an edge between which corners are looked for
_LINES = 10
_HALVINGS = 40
_NEAR = tuple(Fraction(1, 2**k) for k in (8, 14, 20, 32))  # how far from a corner points lie


def points_around(
    switches: Sequence[Expression],
    generic: Sequence[tuple[Point, Sizes]],
    rng: np.random.Generator,
    scale: int = 1,
) -> Iterator[tuple[Point, Sizes]]:
    """Points on edges and between them on some lines, and all around their corners.

    `scale` is the size of the constants that edges may depend on.
    """
    followed = switches[:_MOST_SWITCHES]
    for start, sizes in generic[:2] if followed else ():
        spread = [_stretched(start, sizes, rng, scale) for _ in range(_SPREAD)]
        edges: dict[Expression, list[Point]] = {switch: [] for switch in followed}
        for line in combinations(spread, 2):
            crossings = _crossings(followed, *line, sizes)
            for switch, share in crossings:
                edges[switch].append(_between(*line, share))
                yield edges[switch][-1], sizes
            for share in _gaps([share for _, share in crossings]):
                yield _between(*line, share), sizes
        for first, second in combinations(followed, 2):
            for corner in islice(_corners(second, edges[first], sizes), _CORNERS):
                around = [_shaken(corner, scale, rng) for scale in _NEAR]
                for point, opposite in zip(around, around[1:] + around[:1], strict=True):
                    yield point, sizes
                    crossings = _crossings(followed, point, opposite, sizes)
                    for share in _gaps([share for _, share in crossings]):
                        yield _between(point, opposite, share), sizes


def _stretched(start: Point, sizes: Sizes, rng: np.random.Generator, constant: int) -> Point:
    """Another point with the same discrete numbers, the others drawn anew on scales of their own."""
    fresh = sample(start, sizes, rng)
    scales = (*_SCALES, Fraction(constant))
    scale = {
        variable: scales[int(rng.integers(len(scales)))] if variable.domain in _SCALED else 1
        for variable in start
    }
    return {
        variable: fresh[variable] * scale[variable] if variable.domain in _MOVABLE else values
        for variable, values in start.items()
    }


def _crossings(
    switches: Sequence[Expression], start: Point, end: Point, sizes: Sizes
) -> list[tuple[Expression, Fraction]]:
    """Where on a line which switch changes its sign, as a share of the way."""
    nodes = [Fraction(k, _NODES) for k in range(_NODES + 1)]
    signs = [_signs(switches, _between(start, end, node), sizes) for node in nodes]
    found = []
    for number, switch in enumerate(switches):
        for place, (low, high) in enumerate(pairwise(each[number] for each in signs)):
            for entry in np.flatnonzero(low * high < 0)[:_ENTRIES]:
                ends = nodes[place], nodes[place + 1]
                share = _crossing(switch, int(entry), int(low[entry]), (start, end), ends, sizes)
                found.append((switch, share))
    return found


def _crossing(
    switch: Expression,
    entry: int,
    sign: int,
    line: tuple[Point, Point],
    ends: tuple[Fraction, Fraction],
    sizes: Sizes,
) -> Fraction:
    """The place where an entry changes its sign: exactly where it is linear, else by halving."""
    below, above = ends
    try:
        low, high = (_exactly(switch, entry, _between(*line, end), sizes) for end in ends)
        share = below + (above - below) * low / (low - high)
        if _exactly(switch, entry, _between(*line, share), sizes) == 0:
            return share
    except (Undecided, ChainruleError, ZeroDivisionError):
        pass
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if _signs([switch], _between(*line, middle), sizes)[0][entry] == sign:
            below = middle
        else:
            above = middle
    return (below + above) / 2


def _exactly(switch: Expression, entry: int, point: Point, sizes: Sizes) -> Fraction:
    return evaluate_all_exactly([switch], point, sizes)[0].flat[entry]


def _gaps(shares: Sequence[Fraction]) -> Iterator[Fraction]:
    """The middle of each part into which a line is cut."""
    for low, high in pairwise([Fraction(0), *sorted(set(shares)), Fraction(1)]):
        yield (low + high) / 2


def _corners(switch: Expression, edge: Sequence[Point], sizes: Sizes) -> Iterator[Point]:
    """Points at which a switch changes its sign, between points on the edge of another."""
    for line in islice(combinations(edge[:_EDGES], 2), _LINES):
        for _, share in _crossings([switch], *line, sizes):
            yield _between(*line, share)


def _signs(switches: Sequence[Expression], point: Point, sizes: Sizes) -> list[np.ndarray]:
    """The sign of every entry of each switch; 0 where it is not told."""
    try:
        arrays, _ = balls_at(switches, point, sizes, _BITS)
    except Undecided:
        return [np.zeros(1, dtype=int) for _ in switches]
    return [np.array([int(b > 0) - int(b < 0) for b in balls.flat]) for balls in arrays]


def _between(start: Point, end: Point, share: Fraction) -> Point:
    return {
        variable: np.asarray(values + (end[variable] - values) * share, dtype=object)
        for variable, values in start.items()
    }


def _shaken(point: Point, scale: Fraction, rng: np.random.Generator) -> Point:
    """A point close by, in a random direction."""

    def shaken(variable: Variable, values: Any) -> np.ndarray:
        steps = rng.integers(-1000, 1001, size=np.shape(values))
        parts = np.array([Fraction(int(k), 1000) * scale for k in np.ravel(steps)], object)
        parts = parts.reshape(np.shape(values))
        moved = values + parts if variable.domain == "real" else values * (1 + parts)
        return np.asarray(moved, dtype=object)

    return {v: shaken(v, x) if v.domain in _MOVABLE else x for v, x in point.items()}
