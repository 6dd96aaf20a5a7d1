"""What is compared in floating point at one point: an expression, or a person's function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from numeric.enclosure import balls_at
from numeric.exact_slopes import as_floats, exact_data
from symbolic.nodes import Expression, Variable

Array = Any

_BITS = (128, 512, 2048)


@dataclass(frozen=True)
class FloatPoint:
    """Floats for some variables, and the numbers of their size letters."""

    arrays: Mapping[Variable, Array]
    sizes: Mapping[sympy.Symbol, int]

    @cached_property
    def values(self) -> dict[str, Array]:
        """The floats by name."""
        return {variable.name: array for variable, array in self.arrays.items()}

    @cached_property
    def exact(self) -> dict[Variable, Array]:
        """The floats as the fractions that they are."""
        return exact_data(self.arrays)

    def with_value(self, variable: Variable, array: Array) -> FloatPoint:
        """The same point with another value of one variable."""
        return FloatPoint({**self.arrays, variable: array}, self.sizes)

    def __str__(self) -> str:
        shown = ", ".join(f"{letter} = {number}" for letter, number in self.sizes.items())
        return shown or "the sizes declared"


Side = Expression | Callable[[Mapping[str, Array]], Array]
"""An expression, or a function of arrays by name."""


def value_at(side: Side, point: FloatPoint) -> Array:
    """The value of a side at a point: of an expression rounded once, NaN where it has none."""
    if not isinstance(side, Expression):
        return side(point.values)
    for bits in _BITS:
        (balls,), _ = balls_at([side], point.exact, point.sizes, bits)
        value, radius = as_floats(balls)
        if np.all(radius <= 2.0**-60 * np.abs(value)):
            break
    return np.where(radius <= 2.0**-50 * np.max(np.abs(value), initial=1e-300), value, np.nan)


def expressions_of(sides: Iterable[Side]) -> list[Expression]:
    """The expressions among some sides."""
    return [side for side in sides if isinstance(side, Expression)]
