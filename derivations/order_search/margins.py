"""The margin of an order, larger side minus smaller side, in coordinates of the domains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import compress, islice
from math import log
from typing import Any

import numpy as np
import sympy

from numeric.batches import Batch
from numeric.binding import shape_of
from numeric.charts import CHARTS
from numeric.sampling import sample
from symbolic import Expression, Variable
from symbolic.traverse import variables

Array = Any
Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]
Numbers = dict[Variable, Array]

KINDS = ("free", "ray", "share")
_SCALES = (0.3, 1.0, 3.0, 30.0)
_ROUNDINGS = ((1, 3), (1, 9), (1, None), (2, None), (10, 9), (10, None), (100, None), (10**4, None))
_MOST_SIMPLE = 12  # points that seem to fail, of one look


class Margin:
    """The margin of an order at given sizes, for many places at once.

    As the margin of an order that holds often just shrinks to zero, there are three kinds of it:

        free    the margin itself
        ray     the margin where all that may be scaled has length one
        share   the margin over the size of both sides, where arrays that may be scaled have length one

    Discrete variables have values of their own on each walk.
    """

    def __init__(self, small: Expression, large: Expression, sizes: Sizes) -> None:
        self.sizes = sizes
        given = variables([small, large])
        self.shapes = {each: shape_of(each.shape, sizes) for each in given}
        self.moved = [each for each in given if each.domain in CHARTS]
        self.discrete = [each for each in given if each.domain not in CHARTS]
        self.counts = [CHARTS[each.domain].count(self.shapes[each]) for each in self.moved]
        self.coordinates = sum(self.counts)
        self.batch = Batch([small, large], dict(sizes))

    def starts(self, walks: int, reach: float, rng: np.random.Generator) -> Array:
        """Where walks begin: equal and alternating entries, one that leads, then at random.

        The last two lie as far out as `reach`.
        """
        parts = []
        for variable, count in zip(self.moved, self.counts, strict=True):
            part = rng.normal(size=(walks, count)) * rng.choice(_SCALES, size=(walks, 1))
            part[0] = 1
            part[1] = (-1.0) ** np.arange(count)
            part[2] = 3 * (np.arange(count) == 0)
            part[-2:] *= log(reach) + 1 if CHARTS[variable.domain].exponents else reach
            parts.append(part)
        return np.concatenate(parts, axis=1)

    def drawn(self, walks: int, rng: np.random.Generator) -> list[Point]:
        """Values of the discrete variables, for each walk."""
        return [sample(self.discrete, self.sizes, rng) for _ in range(walks)]

    def values(self, places: Array, discrete: Sequence[Point], kind: str) -> Array:
        """The least entry of the margin at each place."""
        arrays = {
            each: np.moveaxis(CHARTS[each.domain].assembled(numbers, self.shapes[each]), 0, -1)
            for each, numbers in self._numbers(places, kind).items()
        }
        for each in self.discrete:
            own = np.stack([np.asarray(point[each], float) for point in discrete], axis=-1)
            arrays[each] = np.repeat(own, len(places) // len(discrete), axis=-1)
        return self._least(arrays, kind)

    def points(self, places: Array, discrete: Sequence[Point], kind: str) -> Iterator[Point]:
        """Rational points for some places: simple ones around them that seem to fail, then themselves."""
        numbers = self._numbers(places, kind)
        rounded = [
            {**discrete[place], **point}
            for rounding in _ROUNDINGS
            for place in range(len(places))
            if (point := self._exactly(numbers, place, *rounding)) is not None
        ]
        yield from islice(compress(rounded, self._seems_to_fail(rounded)), _MOST_SIMPLE)
        for place in range(len(places)):
            point = self._exactly(numbers, place)
            if point is not None:
                yield {**discrete[place], **point}

    def _numbers(self, places: Array, kind: str) -> Numbers:
        """The numbers of the charts at places, of length one where the kind of margin asks for it."""
        found: Numbers = {}
        parts = np.split(places, np.cumsum(self.counts)[:-1], axis=1)
        for variable, part in zip(self.moved, parts, strict=True):
            chart = CHARTS[variable.domain]
            numbers = chart.numbers(part, self.shapes[variable])
            whole = kind == "ray" or (kind == "share" and variable.rank > 0)
            found[variable] = _of_length_one(numbers) if chart.cone and whole else numbers
        return found

    def _least(self, arrays: Mapping[Variable, Array], kind: str) -> Array:
        low, high = self.batch(arrays)
        with np.errstate(all="ignore"):
            margin = high - low
            if kind == "share":
                size = np.abs(high) + np.abs(low)
                margin = margin / np.where(size > 0, size, 1)
        return margin.reshape(-1, margin.shape[-1]).min(axis=0)

    def _exactly(
        self,
        numbers: Numbers,
        place: int,
        denominator: int | None = None,
        largest: int | None = None,
    ) -> Point | None:
        """The point that the numbers of a place make, rounded; None where they are then outside.

        Where a domain has every multiple of its values, the largest number may be chosen.
        """
        found = {}
        for each, rows in numbers.items():
            chart, row = CHARTS[each.domain], rows[place]
            size = np.abs(row).max(initial=0.0)
            if largest is not None and chart.cone and size > 0:
                row = row * (largest / size)
            value = chart.exactly(_rational(row, denominator, chart.exponents), self.shapes[each])
            if value is None:
                return None
            found[each] = value
        return found

    def _seems_to_fail(self, points: Sequence[Point]) -> Array:
        """Whether the margin is negative at each of some points, in floats."""
        if not points:
            return np.zeros(0, dtype=bool)
        arrays = {
            each: np.stack([np.asarray(point[each], float) for point in points], axis=-1)
            for each in points[0]
        }
        return self._least(arrays, "free") < 0


def _of_length_one(numbers: Array) -> Array:
    lengths = np.sqrt((numbers**2).sum(axis=tuple(range(1, numbers.ndim)), keepdims=True))
    return numbers / np.where(lengths > 0, lengths, 1)


def _rational(numbers: Array, denominator: int | None, positive: bool) -> Array:
    """Floats as fractions: exactly, or near them with a denominator up to a number.

    `positive` keeps a number above zero there.
    """
    found = np.empty(numbers.size, dtype=object)
    for place, number in enumerate(np.ravel(numbers).tolist()):
        exact = Fraction(number)
        found[place] = exact if denominator is None else exact.limit_denominator(denominator)
        if positive and exact > 0 and not found[place]:
            found[place] = Fraction(1, denominator or 1)
    return found.reshape(numbers.shape)
