"""max, min and hardmax on jets, by comparisons that are certain.

Where it cannot be told which entry is the largest the value is still enclosed and the slope is
undefined; at an exact tie between entries that move the value is known and no slope exists.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from numeric import jets
from numeric.arithmetic import Arithmetic
from numeric.jets import STILL, Array, Jet, as_array


def largest(x: Jet, axis: int | None, over: Arithmetic) -> Jet:
    """The largest entry along an axis, or of all."""
    rows = _rows(x, axis)
    winners = _winners(rows.value, over)
    first = np.array([each[0] if each else 0 for each in winners], dtype=int)
    parts = {}
    for mask, part in rows.parts.items():
        place = first.reshape(-1, *(1,) * (part.ndim - 1))
        parts[mask] = as_array(np.take_along_axis(part, place, 1)[:, 0])
    for k, each in enumerate(winners):
        if not each:
            parts[0][k] = reduce(over.larger, rows.value[k])
    found = jets.spoil(Jet(parts), _rough(rows, winners, over, True), over.undefined)
    rest = () if axis is None else x.shape[:axis] + x.shape[axis + 1 :]
    return Jet(
        {mask: as_array(part.reshape(rest + part.shape[1:])) for mask, part in found.parts.items()}
    )


def smallest(x: Jet, axis: int | None, over: Arithmetic) -> Jet:
    """The smallest entry along an axis, or of all."""
    return jets.scale(-1, largest(jets.scale(-1, x), axis, over))


def hardmax(x: Jet, axis: int | None, over: Arithmetic) -> Jet:
    """1 at the largest entry along an axis, else 0; entries that are exactly equal share the 1."""
    rows = _rows(x, axis)
    winners = _winners(rows.value, over)
    value = np.full(rows.value.shape, over.zero, dtype=object)
    for k, each in enumerate(winners):
        if each:
            value[k, each] = over.number(Fraction(1, len(each)))
        else:
            value[k] = _possible_shares(rows.value[k], over)
    parts = {0: value}
    for mask, part in rows.parts.items():
        if mask:
            parts[mask] = np.full(part.shape, STILL, dtype=object)
    rough = _rough(rows, winners, over, False)
    spread = {m: np.repeat(each[:, None], value.shape[1], 1) for m, each in rough.items()}
    found = jets.spoil(Jet(parts), spread, over.undefined)
    return Jet({mask: _unrowed(part, x.shape, axis) for mask, part in found.parts.items()})


def _possible_shares(row: Array, over: Arithmetic) -> list[Any]:
    """The part of 1 that each entry of a row has, where it cannot be told which is the largest."""
    some = over.either(over.zero, over.number(Fraction(1)))
    beaten = [any(over.sign(other - entry) == 1 for other in row) for entry in row]
    return [over.zero if each else some for each in beaten]


def _rows(x: Jet, axis: int | None) -> Jet:
    """The jet with the axis (or all of them) last and every other axis flattened in front of it."""
    rank = len(x.shape)
    length = x.value.size if axis is None else x.shape[axis]
    parts = {}
    for mask, part in x.parts.items():
        moved = part if axis is None else np.moveaxis(part, axis, rank - 1)
        parts[mask] = moved.reshape(-1, length, *part.shape[rank:])
    return Jet(parts)


def _unrowed(part: Array, shape: tuple[int, ...], axis: int | None) -> Array:
    batch = part.shape[2:]
    if axis is None:
        return part.reshape(shape + batch)
    ordered = part.reshape(shape[:axis] + shape[axis + 1 :] + (shape[axis],) + batch)
    return np.moveaxis(ordered, len(shape) - 1, axis)


def _winners(value: Array, over: Arithmetic) -> list[list[int]]:
    """For each row the entries that certainly are the largest; none where that cannot be told."""
    found: list[list[int]] = []
    for row in value:
        best = 0
        for k in range(1, len(row)):
            if over.sign(row[k] - row[best]) == 1:
                best = k
        signs = [over.sign(row[best] - entry) for entry in row]
        signs[best] = 0 if over.is_defined(row[best]) else None
        if None in signs or -1 in signs:
            over.notes.add("two entries are too close to tell which is the larger")
            found.append([])
        else:
            found.append([k for k, sign in enumerate(signs) if sign == 0])
    return found


def _rough(
    rows: Jet, winners: list[list[int]], over: Arithmetic, lipschitz: bool
) -> jets.Directions:
    """The directions in which a row has no slope.

    They are those in which an unknown winner moves, tied entries move apart, or an entry jumps. The
    largest entry has bounded slopes, so its first derivative exists where the tied ones agree.
    """
    torn = jets.without_slope(rows, over.is_defined)
    found = {mask: np.any(each, axis=1) for mask, each in torn.items()}
    for k, each in enumerate(winners):
        row = jets.at(rows, k)
        if len(each) > 1:
            first = jets.at(row, [each[0]] * len(each))
            row = jets.add(jets.at(row, each), jets.scale(-1, first))
        elif each:
            continue
        for mask, moved in jets.changing(row, lipschitz and bool(each)).items():
            apart = np.any(moved, axis=0)
            found[mask][k] |= apart
            if each and apart.any():
                over.notes.add("the largest entries are equal, where no slope exists")
    return found
