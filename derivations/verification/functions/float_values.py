"""Whether two sides have the same value in floating point, entry by entry, at one point.

A difference within the rounding bar is none. Beyond it is one when it changes smoothly as the point is
moved by half the digits, and by a hundredth: rounding jumps, a wrong formula does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from derivations.verification.functions.float_sides import FloatPoint, Side, value_at
from numeric.float_claims import CLEAR
from numeric.rounding_bars import rounding_bars
from symbolic.nodes import Expression, Variable

Array = Any

_ROUNDINGS = 64.0  # that a person's function may make, beside the size of its values
_COARSE = 2.0**-7  # by which part of itself a point is moved
MOVABLE = ("real", "positive", "nonnegative")  # domains in which numbers may be scaled


def agreement(
    sides: Sequence[Side], values: Sequence[Array], point: FloatPoint
) -> tuple[Array, Array, Array]:
    """Entries that agree, entries that surely differ, and the rounding bars.

    Shapes: all those of the two values, which are of one shape.
    """
    left, right = (np.asarray(value, dtype=np.float64) for value in values)
    dtype = max((np.asarray(value).dtype for value in values), key=lambda d: np.finfo(d).eps)
    size = np.maximum(np.abs(left), np.abs(right))
    typical = np.max(size, initial=0.0, where=np.isfinite(size))
    bar = _ROUNDINGS * float(np.finfo(dtype).eps) * (size + typical / 8)
    for side, value in zip(sides, (left, right), strict=True):
        if isinstance(side, Expression):
            bar = bar + rounding_bars(side, value, point.exact, point.sizes, dtype)
    gap = left - right
    equal = np.abs(gap) <= bar
    wrong = np.isfinite(gap) & np.isfinite(bar) & (np.abs(gap) > CLEAR * bar)
    if np.any(wrong):
        wrong &= _is_smooth(sides, gap, point, dtype)
    return equal, wrong, bar


def _is_smooth(sides: Sequence[Side], gap: Array, point: FloatPoint, dtype: Any) -> Array:
    """The entries whose difference follows a line when the point is made a little smaller."""

    def beside(part: float) -> Array:
        moved = {variable: _smaller(variable, a, part) for variable, a in point.arrays.items()}
        left, right = (value_at(side, FloatPoint(moved, point.sizes)) for side in sides)
        return np.asarray(left, dtype=np.float64) - np.asarray(right, dtype=np.float64)

    half = 2.0 ** -((np.finfo(dtype).nmant + 1) // 2)
    smooth = np.ones(gap.shape, dtype=bool)
    for part in (0.37 * half, 0.61 * half, half):
        smooth &= np.abs(beside(part) - gap) <= np.abs(gap) / 4
    bend = np.abs(gap - 2 * beside(_COARSE) + beside(2 * _COARSE))
    return smooth & (bend <= np.abs(gap) / 4)


def _smaller(variable: Variable, array: Array, part: float) -> Array:
    return array * (1 - part) if variable.domain in MOVABLE else array
