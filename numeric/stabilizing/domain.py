"""The points of a domain, as the user draws them, with the exact values of a formula there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numeric.accuracy.domains import Distribution, check_laws, draw
from numeric.stabilizing.exact import truth
from numeric.stabilizing.search import Problem
from numeric.stabilizing.terms import Term
from symbolic.errors import DataError

Floats = NDArray[np.float64]
Law = Mapping[str, Distribution] | Callable[[np.random.Generator, int], Mapping[str, Any]]


@dataclass(frozen=True)
class Domain:
    """A formula, its variables, and the law of their values in a floating-point type."""

    term: Term
    names: Sequence[str]
    points: Law
    dtype: np.dtype

    def problem(self, rng: np.random.Generator, size: int) -> Problem:
        """Random points with their exact values."""
        values = self.draw(rng, size)
        infinite = size - len(values[self.names[0]]) if self.names else 0
        return self.solved(values, infinite)

    def solved(self, values: Mapping[str, Floats], infinite: int = 0) -> Problem:
        """Given points with their exact values."""
        exact = truth(self.term, values, self.dtype)
        return Problem(self.term, values, exact, self.dtype, infinite)

    def draw(self, rng: np.random.Generator, size: int) -> dict[str, Floats]:
        """Random points, rounded to the type; those that are not finite are left out."""
        drawn: Mapping[str, Any] = {}
        if not callable(self.points):
            check_laws(self.points)
            drawn = draw(self.points, size, rng)
        elif self.names:
            drawn = self.points(rng, size)
        values = {name: self._checked(name, drawn, size) for name in self.names}
        finite = np.ones(size, dtype=bool)
        for each in values.values():
            finite &= np.isfinite(each)
        return {name: each[finite] for name, each in values.items()}

    def _checked(self, name: str, drawn: Mapping[str, Any], size: int) -> Floats:
        if not isinstance(drawn, Mapping) or name not in drawn:
            raise DataError(
                "points(rng, size)",
                f"it draws no {name}",
                f"return a mapping with the key {name!r}",
            )
        if np.asarray(drawn[name]).dtype.kind not in "fiub":
            kind = np.asarray(drawn[name]).dtype
            raise DataError(f"points(rng, {size})[{name!r}]", f"dtype {kind}", "draw real numbers")
        with np.errstate(all="ignore"):
            array = np.asarray(drawn[name], dtype=np.float64).astype(self.dtype)
        if array.shape not in ((), (size,)):
            raise DataError(
                f"points(rng, {size})[{name!r}]",
                f"an array of shape {array.shape}",
                "draw one number a point",
            )
        return np.broadcast_to(array.astype(np.float64), (size,))
