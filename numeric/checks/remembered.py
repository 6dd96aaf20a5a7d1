"""A function whose values are kept, so that checks along several cotangents share evaluations."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import numpy as np

from numeric.arrays import Point, real_array, resolution
from symbolic.errors import DataError, ShapeError

Array = Any

_ROOM = 2**26  # bytes of values that are kept


class Remembered:
    """f at points of the library of x; `calls` counts the evaluations that were really made.

    A function that answers differently when asked again is not remembered, so that its noise shows.
    """

    def __init__(self, f: Callable[[Any], Any], point: Point) -> None:
        if not callable(f):
            raise DataError("f", f"{type(f).__name__} is not callable", "give a function")
        self.f, self.point, self.calls, self._room = f, point, 0, _ROOM
        self._kept: dict[bytes, Array] = {}
        self.start = self._value(self.x)
        if self.start.size == 0 or point.values.size == 0:
            what = "f(x)" if point.values.size else "x"
            raise ShapeError("f and x", f"{what} has no entries", "give a point and a function")
        again = self._value(self.x)
        self.deterministic = np.array_equal(self.start, again, equal_nan=True)

    @property
    def x(self) -> Any:
        """The point, as f gets it; a new copy each time."""
        return self.point.native(self.point.values)

    @property
    def dtype(self) -> Any:
        """The floating-point type of the values."""
        return self.start.dtype

    @property
    def eps(self) -> float:
        """The coarsest spacing of the numbers that go in and come out."""
        return max(resolution(self.x), resolution(self.start))

    def _value(self, x: Any) -> Array:
        self.calls += 1
        with np.errstate(all="ignore"):
            return np.array(real_array(self.f(x), "f(x)"))  # copied: f may reuse its buffer

    def __call__(self, x: Any) -> Array:
        if not self.deterministic:
            return self._value(x)
        key = blake2b(real_array(x, "x").tobytes(), digest_size=16).digest()
        if key not in self._kept:
            value = self._value(x)
            if value.nbytes > self._room:
                return value
            self._room -= value.nbytes
            self._kept[key] = value
        return self._kept[key]

    def weighted(self, cotangent: Array) -> Callable[[Any], Any]:
        """The scalar function sum(cotangent * f(x)) + constant, as narrow as f is.

        The constant brings its value at x up to sum(abs(cotangent * f(x))), the size by which the
        terms are rounded: where they cancel, the sum alone would promise more digits than it has.
        """
        terms = cotangent * self.start
        lift = np.sum(np.abs(terms)) - np.sum(terms)
        lift = lift if np.isfinite(lift) else 0.0

        def scalar(x: Any) -> Any:
            return np.asarray(np.sum(cotangent * self(x)) + lift, dtype=self.dtype)[()]

        return scalar

    def entry(self, place: int) -> Callable[[Any], Any]:
        """One output of f as a scalar function."""
        return lambda x: self(x).ravel()[place]
