r"""Arrays with nilpotent parts: exact forward derivatives of any order, over any scalars.

A jet is x = x_0 + sum_S x_S e_S where S runs over sets of levels, e_S is the product of their
nilpotents and e_l e_l = 0. Each level belongs to one derivative that is being taken and carries a
batch axis: one direction an entry of the variable. `parts[S]` (S as a bit mask) has the shape of
the value followed by one batch axis a level of S, in ascending order.

    g(x_0 + n) = sum_j g^(j)(x_0)/j! n^j,   n the nilpotent rest.

Nothing is truncated that is not exactly zero, so over balls the result is an enclosure and over
rationals it is exact.

A part is `STILL` where the entry does not depend on the direction at all. That is more than a part that
comes out as zero: sqrt(x^2) at 0 has an argument without slope, and no slope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any  # an object array of scalars: balls or rationals


class _Still:
    """Zero, because nothing moves: 0 times anything, also times what has no value."""

    def _itself(self, *_: object) -> _Still:
        return self

    def _other(self, other: Any) -> Any:
        return self if type(other) is int and other == 0 else other

    __mul__ = __rmul__ = __truediv__ = __neg__ = _itself
    __add__ = __radd__ = __rsub__ = _other

    def __sub__(self, other: Any) -> Any:
        return self._other(-other)

    def __repr__(self) -> str:
        return "STILL"


STILL = _Still()
_is_still = np.frompyfunc(lambda entry: entry is STILL, 1, 1)


def still(part: Array) -> Array:
    """Where a part is `STILL`."""
    return np.asarray(_is_still(part), dtype=bool)


def with_zeros(part: Array, zero: Any) -> Array:
    """A part as plain scalars."""
    return as_array(np.where(still(part), zero, part))


def as_array(values: object) -> Array:
    """An object array, also of a single scalar."""
    return np.asarray(values, dtype=object)


@dataclass(frozen=True)
class Jet:
    """A value with its nilpotent parts, as the module docstring says."""

    parts: Mapping[int, Array]

    @property
    def value(self) -> Array:
        """The part without nilpotents."""
        return self.parts[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self.parts[0].shape

    @property
    def order(self) -> int:
        """The number of levels that occur: the highest power of the rest that is not zero."""
        union = 0
        for mask in self.parts:
            union |= mask
        return union.bit_count()


def levels(mask: int) -> list[int]:
    """The levels of a set given as a bit mask, ascending."""
    return [level for level in range(mask.bit_length()) if mask >> level & 1]


def _spread(part: Array, rank: int, mask: int, whole: int) -> Array:
    """`part` with an axis of length 1 for each level of `whole` that it lacks."""
    if mask == whole:
        return part
    batch = tuple(slice(None) if mask >> level & 1 else None for level in levels(whole))
    return part[(slice(None),) * rank + batch]


def _hide(coefficient: Any, rest: Any) -> Any:
    return rest if rest is STILL or rest == 0 else coefficient * rest


_times = np.frompyfunc(lambda coefficient, rest: coefficient * rest, 2, 1)
_times_hiding = np.frompyfunc(_hide, 2, 1)


def add(first: Jet, second: Jet) -> Jet:
    """The entrywise sum of two jets of one shape."""
    parts = dict(first.parts)
    for mask, part in second.parts.items():
        parts[mask] = as_array(parts[mask] + part) if mask in parts else part
    return Jet(parts)


def multiply(first: Jet, second: Jet) -> Jet:
    """The entrywise product of two jets of one shape."""
    return Jet(_product(first.parts, second.parts, len(first.shape)))


def _product(
    first: Mapping[int, Array], second: Mapping[int, Array], rank: int
) -> dict[int, Array]:
    parts: dict[int, Array] = {}
    for mask, part in first.items():
        for other, factor in second.items():
            if mask & other:
                continue
            whole = mask | other
            product = _spread(part, rank, mask, whole) * _spread(factor, rank, other, whole)
            parts[whole] = as_array(parts[whole] + product if whole in parts else product)
    return parts


def compose(coefficients: Sequence[Array], jet: Jet, lipschitz: bool = False) -> Jet:
    """sum_j coefficients[j] n^j, n the nilpotent rest of `jet`; entry by entry.

    The first derivative of a function with bounded slopes is zero where that of its argument is, also
    at a kink, where the coefficient is undefined.
    """
    times = _times_hiding if lipschitz and jet.order == 1 else _times
    rank = len(jet.shape)
    parts: dict[int, Array] = {0: coefficients[0]}
    rest = {mask: part for mask, part in jet.parts.items() if mask}
    power = rest
    for coefficient in coefficients[1:]:
        for mask, part in power.items():
            term = times(_spread(coefficient, rank, 0, mask), part)
            parts[mask] = as_array(parts[mask] + term if mask in parts else term)
        power = _product(power, rest, rank)
    return Jet(parts)


def at(jet: Jet, index: Any) -> Jet:
    """The entries at a NumPy index of the value's axes."""
    return Jet({mask: as_array(part[index]) for mask, part in jet.parts.items()})


def stack(pieces: Sequence[Jet], leading: tuple[int, ...], zero: Any) -> Jet:
    """Jets of one shape as one jet with leading axes, in row-major order."""
    present = {mask: part for piece in pieces for mask, part in piece.parts.items()}
    parts = {}
    for mask, like in present.items():
        nothing = np.full(like.shape, STILL if mask else zero, dtype=object)
        rows = np.stack([as_array(piece.parts.get(mask, nothing)) for piece in pieces])
        parts[mask] = rows.reshape(leading + like.shape)
    return Jet(parts)


def rest(jet: Jet, zero: Any) -> Jet:
    """The jet with its value set to zero: what is nilpotent."""
    return Jet({**jet.parts, 0: np.full(jet.shape, zero, dtype=object)})


def scale(coefficient: Any, jet: Jet) -> Jet:
    """A scalar times a jet."""
    return Jet({mask: as_array(part * coefficient) for mask, part in jet.parts.items()})


def moves(jet: Jet) -> Array:
    """Which entries depend on a direction."""
    rank = len(jet.shape)
    found = np.zeros(jet.shape, dtype=bool)
    for mask, part in jet.parts.items():
        if mask:
            found |= np.any(~still(part), axis=tuple(range(rank, part.ndim)))
    return found


Directions = Mapping[int, Array]  # truth values in the shape of each nilpotent part


def changing(jet: Jet, lipschitz: bool) -> Directions:
    """The directions in which a part is not zero; of bounded slopes only the value of a part counts.

    A ball is equal to 0 only when it is exactly 0, and different from 0 only when it excludes it.
    """
    found = {mask: ~still(part) for mask, part in jet.parts.items() if mask}
    if not lipschitz or jet.order > 1:
        return found
    return {m: each & ~np.asarray(jet.parts[m] == 0, dtype=bool) for m, each in found.items()}


def without_slope(jet: Jet, is_defined: Callable[[Any], bool]) -> Directions:
    """The directions in which a part is undefined."""
    test = np.frompyfunc(lambda entry: entry is not STILL and not is_defined(entry), 1, 1)
    return {m: np.asarray(test(part), dtype=bool) for m, part in jet.parts.items() if m}


def either(first: Directions, second: Directions) -> Directions:
    """The directions of both."""
    shared = {mask: first[mask] | second[mask] for mask in first if mask in second}
    return {**first, **second, **shared}


def spoil(jet: Jet, rough: Directions, undefined: Any) -> Jet:
    """The jet without its parts in some directions, and in those that go with them."""
    rank, parts = len(jet.shape), dict(jet.parts)
    for mask, gone in rough.items():
        if not gone.any():
            continue
        for each in list(parts):
            whole = each | mask
            hidden = _spread(gone, rank, mask, whole)
            absent = np.broadcast_to(as_array(STILL), _spread(parts[each], rank, each, whole).shape)
            kept = parts.get(whole, absent)
            parts[whole] = as_array(np.where(hidden, as_array(undefined), kept))
    return Jet(parts)


def select(choice: Array, first: Jet, second: Jet, zero: Any, undefined: Any) -> Jet:
    """`first` where `choice` is 1, `second` where it is 0, undefined where it is -1."""
    rank = len(first.shape)
    parts: dict[int, Array] = {}
    for mask in sorted({*first.parts, *second.parts}):
        one, other = first.parts.get(mask), second.parts.get(mask)
        present = one if one is not None else other
        chosen = choice.reshape(choice.shape + (1,) * (present.ndim - rank))  # type: ignore[union-attr]
        absent: Any = STILL if mask else zero
        picked = np.where(
            chosen == 1, absent if one is None else one, absent if other is None else other
        )
        parts[mask] = as_array(np.where(chosen == -1, as_array(undefined), picked))
    return Jet(parts)


def contract(
    operands: Sequence[Jet],
    labels: Sequence[Sequence[int]],
    output: Sequence[int],
    sizes: Sequence[int],
    zero: Any,
) -> Jet:
    """The product of operands summed over labels that are not in `output`, two at a time.

    Conditions: at least one operand; labels are 0, 1, ..., `sizes[label]` their lengths.
    """
    current, axes = operands[0], list(labels[0])
    for place in range(1, len(operands) + 1):
        later = {*output, *(label for each in labels[place + 1 :] for label in each)}
        if place < len(operands):
            kept = [label for label in dict.fromkeys([*axes, *labels[place]]) if label in later]
            current = _contract_pair(
                current, axes, operands[place], labels[place], kept, len(sizes)
            )
        else:
            kept = [label for label in dict.fromkeys(output) if label in axes]
            current = _contract_one(current, axes, kept, len(sizes))
        axes = kept
    return Jet(
        {
            mask: _spread_output(part, axes, output, sizes, STILL if mask else zero)
            for mask, part in current.parts.items()
        }
    )


def _batch_labels(mask: int, count: int) -> list[int]:
    return [count + level for level in levels(mask)]


def _contract_one(jet: Jet, axes: Sequence[int], kept: Sequence[int], count: int) -> Jet:
    if list(axes) == list(kept):
        return jet
    parts = {}
    for mask, part in jet.parts.items():
        batch = _batch_labels(mask, count)
        parts[mask] = as_array(np.einsum(part, [*axes, *batch], [*kept, *batch]))
    return Jet(parts)


def _contract_pair(
    first: Jet,
    axes: Sequence[int],
    second: Jet,
    other_axes: Sequence[int],
    kept: Sequence[int],
    count: int,
) -> Jet:
    parts: dict[int, Array] = {}
    for mask, part in first.parts.items():
        for other, factor in second.parts.items():
            if mask & other:
                continue
            whole = mask | other
            product = np.einsum(
                part,
                [*axes, *_batch_labels(mask, count)],
                factor,
                [*other_axes, *_batch_labels(other, count)],
                [*kept, *_batch_labels(whole, count)],
            )
            parts[whole] = as_array(parts[whole] + product if whole in parts else product)
    return Jet(parts)


def _spread_output(
    part: Array, axes: Sequence[int], output: Sequence[int], sizes: Sequence[int], zero: Any
) -> Array:
    """Repeat along output labels that no operand has; put repeated output labels on a diagonal."""
    unique = list(dict.fromkeys(output))
    batch = part.shape[len(axes) :]
    if unique != list(axes):
        part = part[tuple(slice(None) if label in axes else None for label in unique)]
        part = np.broadcast_to(part, tuple(sizes[label] for label in unique) + batch)
    if len(unique) == len(output):
        return part
    result = np.full(tuple(sizes[label] for label in output) + batch, zero, dtype=object)
    grid = np.indices(tuple(sizes[label] for label in unique))
    result[tuple(grid[unique.index(label)] for label in output)] = part
    return result
