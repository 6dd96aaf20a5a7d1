"""A gradient in floating point against the enclosed one, entry by entry, at one point.

An entry is right when it is off by at most the rounding bar (`numeric.rounding_bars`), wrong when it is
off by more than three bars. Two things look wrong and are not, and stay open: a formula that cancels is
off by more than our bar, but by another amount at each point beside, where a wrong formula is off
smoothly; and what is left of 1 - s when s rounds to 1 is a multiple of the unit roundoff. Where the
derivative has no value, the slopes on both sides count, and all between them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from numeric.errors import Undecided
from numeric.exact_slopes import Array, Point, Slope, as_floats, exact_data
from numeric.rounding_bars import rounding_bars
from numeric.slope_sets import slope_sets

CLEAR = 3.0  # bars by which a wrong entry is off at least
_COARSE = 2.0**-7  # by which part of itself a point is moved
_LARGE = 1e-3  # parts of the slopes, in a mistake at a single point
_GONE = 1e-3  # what of it may be left beside that point
_WIDE = 1e-6  # by which part of itself a ball of choices is too wide
_RESOLUTION = 1e-3  # a bar above this part of the slopes decides nothing


@dataclass(frozen=True)
class Judged:
    """What has been found of each entry, in the shape of the claim.

    right, wrong   what is certain; the rest is open, `why` says for what reason
    value, bar     the derivative and the rounding bar; at a kink the nearest slope between its sides
    notes          kinks
    """

    right: Array
    wrong: Array
    value: Array
    bar: Array
    notes: tuple[str, ...]
    why: str


@np.errstate(all="ignore")
def judge(
    slope: Slope,
    claim: Array,
    values: Point,
    dtype: np.dtype[Any],
    again: Callable[[Point], Array] | None,
) -> Judged:
    """The entries of a claim that are right and those that are wrong.

    Shapes: `claim` has that of the derivative. `values` are exact; `dtype` is what the claim was
    computed in, and `again` computes it at another point of exact data.
    """
    value, doubt, why = slope.enclosed(values)
    bar = rounding_bars(slope.formula, value, slope.at(values), slope.sizes, dtype)
    bar = bar + doubt + slope.shift(values)
    value, bar, notes = _between_sides(slope, values, claim, value, bar, dtype)
    unit = float(np.finfo(dtype).eps)
    known = np.isfinite(value) & np.isfinite(bar)
    typical = float(np.max(np.abs(value), initial=0.0, where=known))
    gap = np.abs(claim - value)
    sharp = (bar <= _RESOLUTION * np.maximum(np.abs(value), typical)) | (gap <= unit * abs(value))
    right = known & (gap <= bar) & sharp
    wrong = (known & ~(gap <= CLEAR * bar)) | (np.isfinite(value) & ~np.isfinite(claim))
    reasons = []
    if not np.all(known):
        reasons.append(why or "the rounding of the gradient cannot be bounded")
    if np.any(known & (gap <= bar) & ~sharp):
        reasons.append("the gradient is smaller than the rounding of its own computation")
    left_over = wrong & (gap <= 8 * unit) & (np.fmod(claim, unit / 2) == 0)
    if np.any(left_over):
        reasons.append("what is left of a difference of numbers near 1 is rounding")
    wrong &= ~left_over
    doubted = wrong & np.isfinite(claim)
    if again is not None and np.any(doubted):
        large = gap > _LARGE * np.maximum(np.abs(value), typical)
        doubted &= ~_smooth(slope, claim - value, values, dtype, again, large)
        if np.any(doubted):
            reasons.append("the claim's own rounding is as large as what it is off by")
        wrong &= ~doubted
    reasons.append("the claim is off by little more than its rounding")
    return Judged(right, wrong, value, bar, notes, reasons[0])


def _between_sides(
    slope: Slope, values: Point, claim: Array, value: Array, bar: Array, dtype: np.dtype[Any]
) -> tuple[Array, Array, tuple[str, ...]]:
    """Where there is a kink, the slope between its two sides that is nearest to the claim."""
    missing = ~np.isfinite(value)
    if not slope.small:
        missing |= ~(np.abs(claim - value) <= CLEAR * bar)
    if not np.any(missing):
        return value, bar, ()
    left, right = slope.sides(values, missing)
    size = np.maximum(np.abs(left), np.abs(right))
    kink = missing & np.isfinite(size) & (~np.isfinite(value) | (abs(left - right) > 1e-9 * size))
    low, high = _with_choices(slope, values, np.minimum(left, right), np.maximum(left, right))
    value = np.where(kink, np.clip(np.nan_to_num(claim, nan=0.0), low, high), value)
    bar = np.where(kink, float(np.finfo(dtype).eps) ** 0.5 * size, bar)
    notes = []
    for entry in map(tuple, np.argwhere(kink)[:3]):
        words = f"a kink at {_place(entry)}: slope {left[entry]:.6g} on the left, "
        words += f"{right[entry]:.6g} on the right"
        if low[entry] + bar[entry] < claim[entry] < high[entry] - bar[entry]:
            words += f"; {claim[entry]:.6g} is a subgradient between them, neither of the two"
        notes.append(words)
    return value, bar, tuple(notes)


def _with_choices(slope: Slope, values: Point, low: Array, high: Array) -> tuple[Array, Array]:
    """The slopes at a kink widened to all that the chain rule makes of a choice at each function."""
    try:
        balls = slope_sets([slope.formula], slope.at(values), slope.sizes)
    except Undecided:
        return low, high
    middle, radius = as_floats(balls)
    least, most = middle - radius, middle + radius
    rounding = _WIDE * np.maximum(np.abs(least), np.abs(most))
    return (
        np.where(least < low - rounding, least, low),
        np.where(most > high + rounding, most, high),
    )


def _place(entry: tuple[Any, ...]) -> str:
    return f"entry {[int(k) for k in entry]}" if entry else "the point"


def _smooth(
    slope: Slope,
    error: Array,
    values: Point,
    dtype: np.dtype[Any],
    again: Callable[..., Array],
    large: Array,
) -> Array:
    """The entries whose error changes smoothly when the point is made a little smaller, or is gone.

    By a few units of half the digits it hardly changes. An error below the rounding of numbers near 1 may
    stand still meanwhile, as exp(x) - 1 for tiny x; it has to follow a line over a hundredth as well.
    Rounding is as large beside the point: an error that is `large` and a thousand times smaller at each
    point beside is a mistake at a single one.
    """

    def beside(part: float) -> Array:
        x = np.array(values[slope.variable], dtype=np.float64)
        moved = np.asarray((x * (1 - part)).astype(dtype), dtype=np.float64)
        point = {**values, **exact_data({slope.variable: moved})}
        there, _, _ = slope.enclosed(point)
        known = np.isfinite(there) & np.isfinite(error)
        return np.where(known, again(point) - there, error)

    size = np.abs(error)
    half = 2.0 ** -((np.finfo(dtype).nmant + 1) // 2)
    smooth, alone = np.ones(error.shape, dtype=bool), large.copy()
    for part in (0.37 * half, 0.61 * half, half):
        moved = beside(part)
        smooth &= np.abs(moved - error) <= size / 4
        alone &= np.abs(moved) <= _GONE * size
    small = smooth & (size <= 16 * float(np.finfo(dtype).eps))
    if np.any(small):
        bend = np.abs(error - 2 * beside(_COARSE) + beside(2 * _COARSE))
        smooth &= ~small | (bend <= size / 4)
    return smooth | alone
