"""Functions of matrices on jets: inverse, determinant, Cholesky factor, exponential.

The inverse of X + N, with N nilpotent, is a finite sum, sum_k (-X^-1 N)^k X^-1. The determinant takes
no division, so that it is right for singular matrices too. The exponential is that of a block matrix
that multiplies as the nilpotents do: the blocks of its exponential are the parts of the result.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from numeric import jets
from numeric.arithmetic import Arithmetic
from numeric.errors import Undecided
from numeric.interpreter import mapped, powered
from numeric.jets import STILL, Array, Jet, as_array, with_zeros

MatrixRule = Callable[[Jet, Arithmetic], Jet]

_LARGEST_WORK = 500_000_000  # multiplications in exponentials of one node


def each_matrix(rule: MatrixRule) -> MatrixRule:
    """The rule of one matrix, for every matrix along leading axes."""

    def over_all(jet: Jet, over: Arithmetic) -> Jet:
        leading = jet.shape[:-2]
        if not leading:
            return rule(jet, over)
        pieces = [rule(jets.at(jet, place), over) for place in np.ndindex(leading)]
        return jets.stack(pieces, leading, over.zero)

    return over_all


def product(first: Jet, second: Jet, over: Arithmetic) -> Jet:
    """A matrix times a matrix or a vector."""
    columns = tuple(range(2, len(second.shape) + 1))
    sizes = (*first.shape, *second.shape[1:])
    return jets.contract([first, second], [(0, 1), (1, *columns)], (0, *columns), sizes, over.zero)


def transposed(jet: Jet) -> Jet:
    """The transpose of a matrix."""
    return Jet({mask: np.swapaxes(part, 0, 1) for mask, part in jet.parts.items()})


def symmetric_part(jet: Jet, over: Arithmetic) -> Jet:
    """(A + A.T)/2"""
    return jets.scale(over.number(Fraction(1, 2)), jets.add(jet, transposed(jet)))


@each_matrix
def inverse(jet: Jet, over: Arithmetic) -> Jet:
    start = Jet({0: over.inverse(jet.value)})
    nilpotent = jets.rest(jet, over.zero)
    total = term = start
    for _ in range(jet.order):
        term = jets.scale(-1, product(start, product(nilpotent, term, over), over))
        total = jets.add(total, term)
    return total


@each_matrix
def determinant(jet: Jet, over: Arithmetic) -> Jet:
    """Bird's algorithm: F <- mu(F) A, n - 1 times; the determinant is (-1)^(n-1) F[0, 0].

    mu(F) keeps what is above the diagonal and puts minus the sum of the later diagonal entries on it.
    Source: Bird, A simple division-free algorithm for computing determinants (2011).
    """
    n = jet.shape[0]
    found = jet
    for _ in range(n - 1):
        kept = Jet({m: _mu(part, STILL if m else over.zero) for m, part in found.parts.items()})
        found = product(kept, jet, over)
    return jets.scale((-1) ** (n - 1), jets.at(found, (0, 0)))


def _mu(part: Array, absent: Any) -> Array:
    result = np.full(part.shape, absent, dtype=object)
    total = np.full(part.shape[2:], absent, dtype=object)
    for i in reversed(range(len(part))):
        result[i, i + 1 :] = part[i, i + 1 :]
        result[i, i] = -total
        total = total + part[i, i]
    return result


def log_determinant(jet: Jet, over: Arithmetic) -> Jet:
    return mapped("log", mapped("abs", determinant(jet, over), over), over)


@each_matrix
def cholesky(jet: Jet, over: Arithmetic) -> Jet:
    """Column by column: what is left of column j, divided by the root of its first entry.

    A factor exists whole or not at all.
    """
    symmetric = symmetric_part(jet, over)
    n = jet.shape[0]
    columns: list[Jet] = []
    for j in range(n):
        left = jets.at(symmetric, (slice(j, n), j))
        for column in columns:
            part = _times(jets.at(column, slice(j, n)), jets.at(column, j), over)
            left = jets.add(left, jets.scale(-1, part))
        root = powered(jets.at(left, 0), Fraction(-1, 2), over)
        columns.append(_below_zeros(_times(left, root, over), n, over))
    factor = transposed(jets.stack(columns, (n,), over.zero))
    if all(over.is_defined(entry) for entry in factor.value.flat):
        return factor
    over.notes.add("a matrix is not certainly positive definite")
    return Jet({mask: np.full(part.shape, over.undefined) for mask, part in factor.parts.items()})


def _times(vector: Jet, scalar: Jet, over: Arithmetic) -> Jet:
    return jets.contract([vector, scalar], [(0,), ()], (0,), vector.shape, over.zero)


def _below_zeros(vector: Jet, n: int, over: Arithmetic) -> Jet:
    """A vector of length n that ends with this one."""
    parts = {}
    for mask, part in vector.parts.items():
        full = np.full((n, *part.shape[1:]), STILL if mask else over.zero, dtype=object)
        full[n - len(part) :] = part
        parts[mask] = full
    return Jet(parts)


def exponential(jet: Jet, over: Arithmetic) -> Jet:
    """The exponential of one block matrix for every choice of directions.

    Its rows and columns of blocks are numbered by sets of levels: block (T, T + S) is part S of the
    argument, and block (0, S) of the exponential is part S of the result.
    """
    union = 0
    lengths: dict[int, int] = {}
    for mask, part in jet.parts.items():
        union |= mask
        lengths.update(zip(jets.levels(mask), part.shape[2:], strict=True))
    levels = jets.levels(union)
    batch = tuple(lengths[level] for level in levels)
    subsets = [mask for mask in range(union + 1) if mask & union == mask]
    n = len(jet.value)
    if prod(batch) * (n * len(subsets)) ** 3 > _LARGEST_WORK:
        raise Undecided(
            f"a derivative of the exponential of a matrix of shape {jet.shape}",
            f"it has {prod(batch)} directions",
            "take a lower derivative, or a smaller matrix",
        )
    parts = {
        mask: np.full(
            (n, n, *(lengths[level] for level in jets.levels(mask))), over.zero, dtype=object
        )
        for mask in subsets
    }
    for place in np.ndindex(batch):
        chosen = dict(zip(levels, place, strict=True))
        found = over.exponential(_block_matrix(jet, subsets, chosen, over))
        for number, mask in enumerate(subsets):
            index = tuple(chosen[level] for level in jets.levels(mask))
            parts[mask][(..., *index)] = found[:n, number * n : (number + 1) * n]
    return Jet(parts)


def _block_matrix(jet: Jet, subsets: list[int], chosen: dict[int, int], over: Arithmetic) -> Array:
    n, place = len(jet.value), {mask: k for k, mask in enumerate(subsets)}
    whole = np.full((n * len(subsets),) * 2, over.zero, dtype=object)
    for row in subsets:
        for mask, part in jet.parts.items():
            if row & mask:
                continue
            i, j = place[row] * n, place[row | mask] * n
            index = tuple(chosen[level] for level in jets.levels(mask))
            whole[i : i + n, j : j + n] = with_zeros(part[(..., *index)], over.zero)
    return whole


def exponential_slope(matrix: Jet, direction: Jet, over: Arithmetic) -> Jet:
    """The derivative of the exponential along a direction, whose further axes are a level of their own."""
    level = max((mask.bit_length() for mask in (*matrix.parts, *direction.parts)), default=0)
    rank, further = len(direction.shape), direction.shape[2:]
    parts = dict(matrix.parts)
    for mask, part in direction.parts.items():
        flat = part.reshape(*part.shape[:2], prod(further), *part.shape[rank:])
        parts[mask | 1 << level] = np.moveaxis(flat, 2, -1)
    found = exponential(Jet(parts), over)
    slopes = {}
    for mask, part in found.parts.items():
        if mask >> level:
            moved = np.moveaxis(part, -1, 2)
            shape = (*moved.shape[:2], *further, *moved.shape[3:])
            slopes[mask ^ 1 << level] = as_array(moved.reshape(shape))
    return Jet(slopes)
