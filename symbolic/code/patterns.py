"""How the terms of a compressed array are made of factors, and what their letters tell.

A letter that the result has twice is a diagonal; a letter of no factor stands for an identity, or for
repetition if the result has it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from symbolic.equal_labels import EqualLabels

Array = np.ndarray[Any, np.dtype[Any]]
Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Pattern:
    """How one term is made of factors: `inputs` are the letters of each, `output` of the result.

    `places` are the places of the factors among the values that are held; `missing` are the letters
    that no factor has, with the places of their sizes.
    """

    inputs: tuple[str, ...]
    output: str
    places: tuple[int, ...]
    missing: tuple[tuple[str, int], ...] = ()

    @property
    def subscripts(self) -> str:
        """The pattern as `np.einsum` writes it."""
        return f"{','.join(self.inputs)}->{self.output}"

    @property
    def letters(self) -> set[str]:
        """The letters of the factors."""
        return {letter for each in self.inputs for letter in each}

    def on_diagonal(self) -> Pattern:
        """The entries whose row, the first half of the axes, is their column."""
        rows = len(self.output) // 2
        equal = EqualLabels[str]()
        for row, column in zip(self.output[:rows], self.output[rows:], strict=True):
            equal.equate(row, column)
        inputs = tuple("".join(map(equal.root, each)) for each in self.inputs)
        return Pattern(inputs, "".join(map(equal.root, self.output[:rows])), self.places)


# --- rows and columns ----------------------------------------------------------------------------


def tied_axes(patterns: Sequence[Pattern]) -> list[int]:
    """The axes of the rows that are on the diagonal in every term.

    >>> tied_axes([Pattern(("bc",), "abac", (0,))])
    [0]
    """
    half, odd = divmod(len(patterns[0].output), 2)
    if odd:
        return []
    return [
        axis
        for axis in range(half)
        if all(
            p.output[axis] == p.output[axis + half] and p.output.count(p.output[axis]) == 2
            for p in patterns
        )
    ]


def is_leading(axes: Sequence[int]) -> bool:
    """Whether these are the first axes, so that their entries come one behind the other."""
    return list(axes) == list(range(len(axes)))


def kronecker_axes(pattern: Pattern) -> list[list[int]] | None:
    """The axes of the rows that belong to each Kronecker factor, if those stand side by side.

    >>> kronecker_axes(Pattern(("bc",), "abac", (0,)))
    [[0], [1]]
    """
    half, odd = divmod(len(pattern.output), 2)
    if odd:
        return None
    parts = [{axis} for axis in range(half)]
    for letters in (*pattern.inputs, *pattern.output):
        axes = {place % half for place, each in enumerate(pattern.output) if each in letters}
        if axes:
            touching = [part for part in parts if part & axes]
            parts = [part for part in parts if part not in touching]
            parts.append(axes.union(*touching))
    ordered = sorted(sorted(part) for part in parts)
    aligned = all(part == list(range(part[0], part[-1] + 1)) for part in ordered)
    return ordered if aligned else None


def is_diagonal(pattern: Pattern, axes: Sequence[int]) -> bool:
    """Whether a Kronecker factor is a diagonal matrix, maybe an identity."""
    half = len(pattern.output) // 2
    return all(pattern.output[axis] == pattern.output[axis + half] for axis in axes)


def is_identity(pattern: Pattern, axes: Sequence[int]) -> bool:
    """Whether a Kronecker factor is an identity."""
    rows = [pattern.output[axis] for axis in axes]
    return is_diagonal(pattern, axes) and pattern.letters.isdisjoint(rows)


# --- values --------------------------------------------------------------------------------------


def spread(inputs: Sequence[str], arrays: Sequence[Array], letters: str, sizes: Sizes) -> Array:
    """A product with one axis a letter, of size 1 where no factor has the letter.

    A letter of the inputs that is not asked for is summed.
    """
    present = "".join(letter for letter in letters if any(letter in each for each in inputs))
    core = np.einsum(f"{','.join(inputs)}->{present}", *arrays, optimize=len(arrays) > 1)
    shape = [sizes[letter] if letter in present else 1 for letter in letters]
    return np.reshape(core, shape)


def embedded(
    inputs: Sequence[str], arrays: Sequence[Array], output: str, sizes: Sizes, free: int
) -> Array:
    """A product with its diagonals written out; the first `free` axes may be left of size 1."""
    distinct = "".join(dict.fromkeys(output))
    core = spread(inputs, arrays, distinct, sizes)
    whole = [*core.shape[:free], *(sizes[letter] for letter in distinct[free:])]
    core = np.broadcast_to(core, whole)
    if len(distinct) == len(output):
        return core
    shape = [*core.shape[:free], *(sizes[letter] for letter in output[free:])]
    full = np.zeros(shape, core.dtype)
    np.einsum(f"{output}->{distinct}", full)[...] = core
    return full


# --- in words ------------------------------------------------------------------------------------


def term_words(pattern: Pattern, sizes: Sizes, *, merged: bool = False) -> str:
    """The structure of one term; `merged` says that the rows are one axis.

    >>> term_words(Pattern(("abc",), "abac", (0,)), {"a": 50, "b": 5, "c": 5})
    'block-diagonal: 50 blocks of 5 x 5'
    """
    half = len(pattern.output) // 2
    shape = [sizes[letter] for letter in pattern.output]
    square = shape[:half] == shape[half:]
    ties = tied_axes([pattern])
    if square and len(ties) == half:
        if pattern.letters >= set(pattern.output):
            return f"diagonal: {prod(shape[:half])} entries"
        if pattern.letters.isdisjoint(pattern.output):
            return f"multiple of identity({prod(shape[:half])})"
    parts = kronecker_axes(pattern)
    if square and parts is not None and len(parts) > 1:
        return " kron ".join(_factor_words(pattern, axes, sizes) for axes in parts)
    if square and ties:
        count = prod(shape[axis] for axis in ties)
        side = prod(shape[axis] for axis in range(half) if axis not in ties)
        kind = "block-diagonal" if is_leading(ties) or not merged else "interleaved"
        return f"{kind}: {count} blocks of {side} x {side}"
    if any(pattern.inputs) and all(len(each) <= 1 for each in pattern.inputs):
        return f"outer product {pattern.subscripts}"
    return f"product {pattern.subscripts}"


def _factor_words(pattern: Pattern, axes: Sequence[int], sizes: Sizes) -> str:
    side = prod(sizes[pattern.output[axis]] for axis in axes)
    if is_identity(pattern, axes):
        return f"identity({side})"
    return f"diagonal({side})" if is_diagonal(pattern, axes) else f"{side} x {side}"
