"""Coordinates of domains: free numbers, every choice of which is a point of the domain.

A walk that moves such numbers never leaves the domain: a positive definite matrix is L L^T, a
probability is an exponential over the sum of all, an orthogonal matrix is Cayley's of a skew one.
The last part of the way is rational, so that rounded numbers still lie exactly in the domain:

    coordinates --numbers--> floats --rounded--> fractions --assembled--> a point
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from numeric.linear import determinant, inverse

Array = Any
Shape = tuple[int, ...]

_FARTHEST = 300.0  # an exponent beyond which no exponential is taken


@dataclass(frozen=True)
class Chart:
    """How a point of a domain is made of free numbers.

    count      of a shape: how many coordinates there are
    numbers    of coordinates (points, count) and a shape: floats, one row of arrays for each point
    assembled  of such numbers, floats or fractions, and a shape: a value of the domain for each point
    allowed    whether the fractions of one point are the numbers of a value of the domain
    cone       whether the domain has every positive multiple of its values
    exponents  whether coordinates are logarithms of numbers
    """

    count: Callable[[Shape], int]
    numbers: Callable[[Array, Shape], Array]
    assembled: Callable[[Array, Shape], Array]
    allowed: Callable[[Array], bool]
    cone: bool = True
    exponents: bool = False

    def exactly(self, numbers: Array, shape: Shape) -> Array | None:
        """The value of the domain that the fractions of one point make; None where there is none."""
        if not self.allowed(numbers):
            return None
        return np.asarray(self.assembled(numbers[None], shape)[0], dtype=object)


# --- numbers ---------------------------------------------------------------------------------------


def _placed(t: Array, shape: Shape) -> Array:
    return t.reshape(len(t), *shape)


def _exponentials(t: Array, shape: Shape) -> Array:
    return np.exp(np.clip(_placed(t, shape), -_FARTHEST, _FARTHEST))


def _squares(t: Array, shape: Shape) -> Array:
    return _placed(t, shape) ** 2


def _shares(t: Array, shape: Shape) -> Array:
    return 1 / (1 + np.exp(-np.clip(_placed(t, shape), -_FARTHEST, _FARTHEST)))


def _lower(t: Array, shape: Shape) -> Array:
    full = np.zeros((len(t), *shape))
    full[(slice(None), *np.tril_indices(shape[-1]))] = t
    return full


def _positive_lower(t: Array, shape: Shape) -> Array:
    """A lower triangle whose diagonal is positive; the coordinates are its logarithms."""
    full = _lower(t, shape)
    on = np.arange(shape[-1])
    full[:, on, on] = np.exp(np.clip(full[:, on, on], -_FARTHEST, _FARTHEST))
    return full


def _signed_upper(t: Array, shape: Shape) -> Array:
    """A strict upper triangle, with signs in its diagonal."""
    rows = shape[-2]
    full = np.zeros((len(t), prod(shape[:-2]), rows, rows))
    full[(..., *np.triu_indices(rows))] = t.reshape(*full.shape[:2], -1)
    on = np.arange(rows)
    full[..., on, on] = _signs(full[..., on, on])
    return full.reshape(len(t), *shape[:-2], rows, rows)


def _with_sign(t: Array, shape: Shape) -> Array:
    return np.concatenate([t[:, :-1], _signs(t[:, -1:])], axis=1)


def _signs(t: Array) -> Array:
    return np.where(t < 0, -1.0, 1.0)


# --- values of the domain --------------------------------------------------------------------------


def _kept(numbers: Array, shape: Shape) -> Array:
    return numbers


def _mirrored(lower: Array, shape: Shape) -> Array:
    below = np.tril(np.ones(shape, dtype=int), -1)
    return lower + np.swapaxes(lower * below, -1, -2)


def _gram(root: Array, shape: Shape) -> Array:
    return root @ np.swapaxes(root, -1, -2)


def _diagonal(entries: Array, shape: Shape) -> Array:
    return entries[..., None] * np.eye(shape[-1], dtype=int)


def _sorted_sums(parts: Array, shape: Shape) -> Array:
    return np.flip(np.cumsum(np.flip(parts, -1), -1), -1)


def _rows_of_one(weights: Array, shape: Shape) -> Array:
    return weights / weights.sum(axis=-1, keepdims=True)


def _columns_of_one(weights: Array, shape: Shape) -> Array:
    return weights / weights.sum(axis=-2, keepdims=True)


def _cayley(upper: Array, shape: Shape) -> Array:
    """(I - K)(I + K)^-1 with K skew, its columns with signs."""
    rows = shape[-2]
    eye, above = np.eye(rows, dtype=int), np.triu(np.ones((rows, rows), dtype=int), 1)
    strict = upper * above
    turn = 2 * _inverses(eye + strict - np.swapaxes(strict, -1, -2)) - eye
    signs = (upper * eye).sum(axis=-2, keepdims=True)
    return (turn * signs)[..., : shape[-1]]


def _inverses(matrices: Array) -> Array:
    if matrices.dtype != object:
        return np.linalg.inv(matrices)
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    return np.stack([inverse(each) for each in flat]).reshape(matrices.shape)


def _on_sphere(numbers: Array, shape: Shape) -> Array:
    """Stereographic projection, on either side."""
    u, sign = numbers[:, :-1], numbers[:, -1:]
    square = (u * u).sum(axis=1, keepdims=True)
    ends = np.concatenate([2 * u, square - 1], axis=1) * sign / (square + 1)
    return _placed(ends, shape)


# --- what rounding may have broken -----------------------------------------------------------------


def _always(numbers: Array) -> bool:
    return True


def _positive(numbers: Array) -> bool:
    return bool((numbers > 0).all())


def _positive_diagonal(numbers: Array) -> bool:
    return bool((np.diagonal(numbers) > 0).all())


def _nonsingular(numbers: Array) -> bool:
    return determinant(numbers) != 0


def _positive_sums(axis: int) -> Callable[[Array], bool]:
    return lambda weights: bool(np.all(weights.sum(axis=axis) > 0))


# --- the table -------------------------------------------------------------------------------------


def _triangle(shape: Shape) -> int:
    return shape[-1] * (shape[-1] + 1) // 2


def _triangles(shape: Shape) -> int:
    return prod(shape[:-2]) * shape[-2] * (shape[-2] + 1) // 2


def _length(shape: Shape) -> int:
    return shape[-1]


CHARTS: dict[str, Chart] = {
    "real": Chart(prod, _placed, _kept, _always),
    "positive": Chart(prod, _exponentials, _kept, _positive, exponents=True),
    "nonnegative": Chart(prod, _squares, _kept, _always),
    "descending": Chart(prod, _squares, _sorted_sums, _always),
    "unit": Chart(prod, _shares, _kept, _always, cone=False, exponents=True),
    "symmetric": Chart(_triangle, _lower, _mirrored, _always),
    "spd": Chart(_triangle, _positive_lower, _gram, _positive_diagonal, exponents=True),
    "psd": Chart(_triangle, _lower, _gram, _always),
    "invertible": Chart(prod, _placed, _kept, _nonsingular),
    "orthogonal": Chart(_triangles, _signed_upper, _cayley, _always, cone=False),
    "diagonal": Chart(_length, lambda t, shape: t, _diagonal, _always),
    "lower": Chart(_triangle, _lower, _kept, _always),
    "prob": Chart(prod, _exponentials, _rows_of_one, _positive_sums(-1), False, exponents=True),
    "prob columns": Chart(
        prod, _exponentials, _columns_of_one, _positive_sums(-2), False, exponents=True
    ),
    "unit_norm": Chart(prod, _with_sign, _on_sphere, _always, cone=False),
}  # the domains whose values may be moved; those of the others are single points
