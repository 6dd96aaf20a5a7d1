"""Many walks downhill at once: quasi-Newton steps, the slopes from differences.

All walks take their steps together, so that the function is called once a step for all places. The
result is a place to look at, not a certain minimum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Array = Any
Function = Callable[[Array], Array]  # of places (count, coordinates): a value each

_DIFFERENCE = 2.0**-17  # to both sides
_LENGTHS = np.array([8.0, 2.0, 1.0, 0.5, 0.125, 2.0**-6, 2.0**-10, 2.0**-16, 2.0**-24])
_LONGER = 4.0  # a step is, where the slope has not risen
_LEAST_RISE = 1e-12  # of the slope, over that of a straight line
_LONGEST = 1e8  # step, times the size of the place


def descents(function: Function, starts: Array, rounds: int) -> Iterator[tuple[Array, Array]]:
    """The places that all walks have reached after each step, and the values there.

    Shapes: `starts` and places (walks, coordinates), values (walks,). Conditions: the function is
    smooth nearly everywhere; a value that is no number counts as infinite.

    >>> def bowl(x):
    ...     return ((x - 3) ** 2).sum(axis=1)
    >>> *_, (places, values) = descents(bowl, np.zeros((1, 2)), 9)
    >>> places.round(5).tolist()
    [[3.0, 3.0]]
    """
    places, values = starts.copy(), _values(function, starts)
    slopes = _slopes(function, places)
    curving = _first_inverses(slopes)
    yield places, values
    for _ in range(rounds):
        steps = _steps(curving, slopes)
        moved, lower = _best_along(function, places, values, steps)
        if not (lower < values).any():
            if (curving == _first_inverses(slopes)).all():
                return
            curving = _first_inverses(slopes)
            continue
        fresh = _slopes(function, moved)
        curving = _updated(curving, moved - places, fresh - slopes)
        stuck = lower >= values
        curving[stuck] = _first_inverses(fresh)[stuck]
        places, values, slopes = moved, lower, fresh
        yield places, values


def _values(function: Function, places: Array) -> Array:
    with np.errstate(all="ignore"):
        values = np.asarray(function(places), dtype=np.float64)
    return np.where(np.isfinite(values), values, np.inf)


def _slopes(function: Function, places: Array) -> Array:
    walks, count = places.shape
    sizes = _DIFFERENCE * np.maximum(1, np.abs(places))
    apart = sizes[:, :, None] * np.eye(count)
    both = np.concatenate([places[:, None] + apart, places[:, None] - apart], axis=1)
    found = _values(function, both.reshape(-1, count)).reshape(walks, 2, count)
    with np.errstate(all="ignore"):
        slopes = (found[:, 0] - found[:, 1]) / (2 * sizes)
    return np.where(np.isfinite(slopes), slopes, 0)


def _first_inverses(slopes: Array) -> Array:
    """Multiples of the identity by which the first step has about length one."""
    sizes = _lengths(slopes)
    scale = 1 / np.where(sizes > 0, sizes, 1)
    return scale[:, None, None] * np.eye(slopes.shape[1])


def _steps(inverses: Array, slopes: Array) -> Array:
    """Quasi-Newton steps; down the slope where they do not lead down."""
    with np.errstate(all="ignore"):
        steps = -np.einsum("wij,wj->wi", inverses, slopes)
        down = np.einsum("wi,wi->w", steps, slopes) < 0
    return np.where(down[:, None], steps, -slopes)


def _best_along(
    function: Function, places: Array, values: Array, steps: Array
) -> tuple[Array, Array]:
    """The lowest of some places along each step; the old one where none is lower."""
    longest = _LONGEST * (1 + _lengths(places))
    sizes = _lengths(steps)
    with np.errstate(all="ignore"):
        steps = steps * np.minimum(1, longest / np.where(sizes > 0, sizes, 1))[:, None]
        tried = places[:, None, :] + _LENGTHS[:, None] * steps[:, None, :]
    found = _values(function, tried.reshape(-1, places.shape[1])).reshape(len(places), -1)
    best = found.argmin(axis=1)
    walk = np.arange(len(places))
    better = found[walk, best] < values
    moved = np.where(better[:, None], tried[walk, best], places)
    return moved, np.where(better, found[walk, best], values)


def _updated(inverses: Array, steps: Array, changes: Array) -> Array:
    """The inverse Hessians of Broyden, Fletcher, Goldfarb, Shanno; longer steps where no slope rises."""
    with np.errstate(all="ignore"):
        along = np.einsum("wi,wi->w", steps, changes)
        rising = along > _LEAST_RISE * _lengths(steps) * _lengths(changes)
        rho = np.where(rising, 1 / np.where(rising, along, 1), 0)[:, None, None]
        turned = np.eye(steps.shape[1]) - rho * steps[:, :, None] * changes[:, None, :]
        found = turned @ inverses @ np.swapaxes(turned, 1, 2)
        found += rho * steps[:, :, None] * steps[:, None, :]
    usable = rising & np.isfinite(found).all(axis=(1, 2))
    return np.where(usable[:, None, None], found, _LONGER * inverses)


def _lengths(rows: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.sqrt((rows * rows).sum(axis=1))
