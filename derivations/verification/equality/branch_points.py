"""Points on combinations of branches, and at the edges between them.

Between two points at which a switch has different signs lies an edge: exactly on it where the switch
is linear between them, and as close as is needed to see what a narrow branch holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from numeric.enclosure import balls_at
from numeric.errors import Undecided
from numeric.exact import evaluate_all_exactly
from symbolic.errors import ChainruleError
from symbolic.nodes import Expression, Variable
from symbolic.traverse import variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]
Pattern = tuple[tuple[int, ...], ...]  # the signs of each switch

_CONVEX = {"real", "positive", "nonnegative", "unit", "symmetric", "spd", "psd", "prob",
           "prob columns", "diagonal", "lower"}  # fmt: skip
_BITS = 128
_HALVINGS = 24
_MOST_EDGES = 12


def patterns(switches: Sequence[Expression], point: Point, sizes: Sizes) -> Pattern:
    """The signs that each switch has at a point, in some entry."""
    found = []
    for switch in switches:
        try:
            (balls,), _ = balls_at([switch], point, sizes, _BITS)
        except Undecided:
            found.append(())
            continue
        found.append(tuple(sorted({(ball > 0) - (ball < 0) for ball in balls.flat})))
    return tuple(found)


def points_at_edges(
    switches: Sequence[Expression], tried: Sequence[tuple[Point, Sizes]]
) -> Iterator[tuple[Point, Sizes]]:
    """Points on the edges of branches, and close to them on both sides, between points that were tried."""
    count = 0
    for switch in switches:
        pair = _opposite(switch, tried)
        if pair is None:
            continue
        low, high, sizes = pair
        for point in _edge(switch, low, high, sizes):
            yield point, sizes
            count += 1
            if count >= _MOST_EDGES:
                return


def _opposite(
    switch: Expression, tried: Sequence[tuple[Point, Sizes]]
) -> tuple[Point, Point, Sizes] | None:
    """Two points of one size at which the first entry of a switch has different signs."""
    known: dict[tuple[tuple[sympy.Symbol, int], ...], dict[int, Point]] = {}
    for point, sizes in tried:
        sign = _sign(switch, point, sizes)
        if sign:
            signs = known.setdefault(tuple(sizes.items()), {})
            signs.setdefault(sign, point)
            if len(signs) == 2:
                return signs[-1], signs[1], sizes
    return None


def _sign(switch: Expression, point: Point, sizes: Sizes) -> int:
    try:
        (balls,), _ = balls_at([switch], point, sizes, _BITS)
    except Undecided:
        return 0
    ball = balls.flat[0]
    return int(ball > 0) - int(ball < 0)


def _edge(switch: Expression, low: Point, high: Point, sizes: Sizes) -> Iterator[Point]:
    """The point of the edge between two points, if it is rational, and two points beside it."""
    moving = [v for v in variables(switch) if v.domain in _CONVEX]
    low = {**high, **{variable: low[variable] for variable in moving}}
    if _sign(switch, low, sizes) != -1:
        return
    exact = _secant(switch, low, high, sizes)
    if exact is not None:
        yield exact
    below, above = Fraction(0), Fraction(1)
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if _sign(switch, _between(low, high, middle), sizes) < 0:
            below = middle
        else:
            above = middle
    yield _between(low, high, below)
    yield _between(low, high, above)


def _secant(switch: Expression, low: Point, high: Point, sizes: Sizes) -> Point | None:
    """Where a switch that is linear between two points is zero."""
    try:
        first, second = (
            evaluate_all_exactly([switch], point, sizes)[0].flat[0] for point in (low, high)
        )
        point = _between(low, high, first / (first - second))
        at = evaluate_all_exactly([switch], point, sizes)[0].flat[0]
    except (Undecided, ChainruleError, ZeroDivisionError):
        return None
    return point if at == 0 else None


def _between(low: Point, high: Point, share: Fraction) -> Point:
    return {
        variable: np.asarray(low[variable] + (high[variable] - low[variable]) * share, dtype=object)
        for variable in high
    }
