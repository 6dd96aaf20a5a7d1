"""Certain bounds for matrices of balls: inverse, exponential, eigenvalues of symmetric ones.

Eigenvalues are approximated by Jacobi's rotations and bounded afterwards, so that nothing has to be
known of how good the approximation is. With V the approximate eigenvectors, B = V.T A V has the
eigenvalues theta_k lambda_k, abs(theta_k - 1) <= |V.T V - I| (Ostrowski), and they differ from its sorted
diagonal by at most the norm of the rest (Weyl); several may be equal. A unit vector v with the
residual r = A v - lambda v is off from an eigenvector by at most sqrt(2) |r|/gap (Davis and Kahan).
Source: Horn and Johnson, Matrix Analysis (2013), sections 4.3 and 4.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import flint
import numpy as np
from flint import arb, arb_mat

Array = Any  # an object array of balls

_SWEEPS = 40  # of Jacobi rotations, at most


def _matrix(array: Array) -> arb_mat:
    rows, columns = array.shape
    return arb_mat(rows, columns, list(array.flat))


def _array(matrix: arb_mat) -> Array:
    result = np.empty(matrix.nrows() * matrix.ncols(), dtype=object)
    result[:] = matrix.entries()
    return result.reshape(matrix.nrows(), matrix.ncols())


def _is_finite(array: Array) -> bool:
    return all(entry.is_finite() for entry in array.flat)


def _undefined(array: Array) -> Array:
    return np.full(array.shape, arb.nan())


def inverse(array: Array) -> Array:
    """The inverse of a square matrix; NaN where that it has one is not certain.

    >>> inverse(np.array([[arb(2)]])).item() == arb(1) / 2
    True
    """
    return _array(_matrix(array).inv(nonstop=True)) if _is_finite(array) else _undefined(array)


def exponential(array: Array) -> Array:
    """The exponential of a square matrix.

    >>> exponential(np.array([[arb(0)]])).item() == 1
    True
    """
    return _array(_matrix(array).exp()) if _is_finite(array) else _undefined(array)


def eigensystem(array: Array) -> tuple[Array, Array]:
    """Eigenvalues of a symmetric matrix, ascending, and unit eigenvectors as columns, of either sign.

    A vector whose eigenvalue is not certainly apart from the others is NaN.

    >>> values, vectors = eigensystem(np.array([[arb(2), arb(1)], [arb(1), arb(2)]]))
    >>> bool(values[0].contains(1)), bool(values[1].contains(3)), bool(abs(vectors[0, 0]) > 0.7)
    (True, True, True)
    """
    if not _is_finite(array):
        return np.full(array.shape[:1], arb.nan()), _undefined(array)
    approximate = _jacobi(array)
    values, order = _bounded_values(array, approximate)
    vectors = np.empty(array.shape, dtype=object)
    for k, column in enumerate(order):
        vectors[:, k] = _bounded_vector(array, values, k, approximate[:, column])
    return values, vectors


def _length(entries: Sequence[arb]) -> arb:
    """An upper bound of the Euclidean length."""
    return reduce(lambda total, x: total + x * x, entries, arb(0)).abs_upper().sqrt().abs_upper()


def _bounded_values(array: Array, vectors: Array) -> tuple[Array, list[int]]:
    """Bounds of the eigenvalues, ascending, and the column of `vectors` that belongs to each."""
    n = len(array)
    turned = vectors.T @ array @ vectors
    defect = _length(list((vectors.T @ vectors - np.eye(n, dtype=int)).flat))
    rest = _length([turned[i, j] for i in range(n) for j in range(n) if i != j])
    order = sorted(range(n), key=lambda k: turned[k, k].mid())
    lows = sorted(turned[k, k].lower() for k in range(n))
    highs = sorted(turned[k, k].upper() for k in range(n))
    found = np.full(n, arb.nan())
    if defect < 1:
        for k, (low, high) in enumerate(zip(lows, highs, strict=True)):
            found[k] = (low.union(high) + arb(0, rest)) / (1 + arb(0, defect))
    return found, order


def _bounded_vector(array: Array, values: Array, k: int, approximate: Array) -> Array:
    """The unit eigenvector number k near an approximate one."""
    vector = approximate / sum(approximate * approximate).sqrt()
    residual = _length(list(array @ vector - values[k] * vector))
    gaps = [abs(values[k] - value).abs_lower() for j, value in enumerate(values) if j != k]
    gap = min(gaps, default=arb(1))
    if not (gap > residual or not gaps):
        return np.full(len(vector), arb.nan())
    off = (arb(2).sqrt() * residual / gap).abs_upper() if gaps else arb(0)
    return vector + np.full(len(vector), arb(0, off))


def _jacobi(array: Array) -> Array:
    """Approximate eigenvectors of a symmetric matrix as columns, with exact entries."""
    n = len(array)
    a = _middle(array)
    vectors = np.full((n, n), arb(0))
    np.fill_diagonal(vectors, arb(1))
    size = max((abs(x) for x in a.flat), default=arb(0))
    for _ in range(_SWEEPS):
        settled = True
        for p in range(n):
            for q in range(p + 1, n):
                if abs(a[p, q]) > size * arb(2) ** (-flint.ctx.prec - 4):
                    settled = False
                    _rotate(a, vectors, p, q)
        if settled:
            break
    return vectors


def _rotate(a: Array, vectors: Array, p: int, q: int) -> None:
    """One rotation in place that makes a[p, q] vanish up to rounding."""
    theta = (a[q, q] - a[p, p]) / (2 * a[p, q])
    tangent = 1 / (abs(theta) + (theta * theta + 1).sqrt())
    t = (tangent if theta >= 0 else -tangent).mid()
    c = (1 / (t * t + 1).sqrt()).mid()
    s = (t * c).mid()
    for columns in (a, a.T, vectors):
        left, right = columns[:, p].copy(), columns[:, q].copy()
        columns[:, p], columns[:, q] = _middle(c * left - s * right), _middle(s * left + c * right)
    a[p, q] = a[q, p] = arb(0)


def _middle(array: Array) -> Array:
    result = np.empty(array.size, dtype=object)
    result[:] = [entry.mid() for entry in array.flat]
    return result.reshape(array.shape)
