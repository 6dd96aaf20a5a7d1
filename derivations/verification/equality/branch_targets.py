"""Points that take several branches at once, looked for on purpose.

A product of many conditions is nonzero only where all of them hold together, which random points seldom
do. A walk that keeps every condition it has reached comes there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import Any

import numpy as np
import sympy

from numeric.enclosure import balls_at
from numeric.errors import Undecided
from numeric.sampling import sample
from symbolic.nodes import Expression, Variable

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_MOST_SWITCHES = 8
_MOST_TARGETS = 12
_STEPS = 240
_SCALES = (Fraction(1, 10), Fraction(1), Fraction(5))
_SCALED = ("real", "positive", "nonnegative")
_BITS = 64


def points_of_patterns(
    switches: Sequence[Expression],
    start: Point,
    sizes: Sizes,
    rng: np.random.Generator,
    constant: int = 1,
) -> Iterator[Point]:
    """Points at which each switch has, in all entries, the sign that a pattern wants.

    `constant` is the size of the numbers that the switches compare with.
    """
    followed = switches[:_MOST_SWITCHES]
    if len(followed) < 2:
        return
    patterns = [(1,) * len(followed), (-1,) * len(followed)]
    patterns += [signs for signs in product((1, -1), repeat=len(followed)) if len(set(signs)) > 1]
    order = [0, 1, *(rng.permutation(len(patterns) - 2) + 2)]
    for place in islice(order, _MOST_TARGETS):
        found = _walk(followed, patterns[place], start, sizes, rng, constant)
        if found is not None:
            yield found


def _walk(
    switches: Sequence[Expression],
    pattern: Sequence[int],
    start: Point,
    sizes: Sizes,
    rng: np.random.Generator,
    constant: int,
) -> Point | None:
    point, reached = start, _share(switches, pattern, start, sizes)
    for _ in range(_STEPS):
        if reached == 1:
            return point
        moved = _moved(point, sizes, rng, constant)
        share = _share(switches, pattern, moved, sizes)
        if share >= reached:
            point, reached = moved, share
    return point if reached == 1 else None


def _share(
    switches: Sequence[Expression], pattern: Sequence[int], point: Point, sizes: Sizes
) -> Fraction:
    """The share of entries of switches that have the wanted sign."""
    try:
        arrays, _ = balls_at(switches, point, sizes, _BITS)
    except Undecided:
        return Fraction(0)
    right = [
        bool(ball > 0) if sign > 0 else bool(ball < 0)
        for sign, balls in zip(pattern, arrays, strict=True)
        for ball in balls.flat
    ]
    return Fraction(sum(right), len(right))


def _moved(point: Point, sizes: Sizes, rng: np.random.Generator, constant: int) -> Point:
    """The same point but for some entries of one variable, drawn anew around the old ones."""
    variables = list(point)
    chosen = variables[int(rng.integers(len(variables)))]
    fresh = sample([chosen], sizes, rng)[chosen]
    if chosen.domain not in (*_SCALED, "unit"):
        return {**point, chosen: fresh}
    old = np.asarray(point[chosen], dtype=object)
    if chosen.domain != "unit":
        fresh = fresh * (*_SCALES, Fraction(constant))[int(rng.integers(len(_SCALES) + 1))]
        nearer = (fresh, (old + fresh) / 2, old / 2, old + fresh)
        fresh = nearer[int(rng.integers(4 if chosen.domain == "real" else 3))]
    kept = rng.random(old.shape) < (0.5 if old.size > 1 else 0.0)
    return {**point, chosen: np.where(kept, old, fresh)}
