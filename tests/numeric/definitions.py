"""The named functions of whole arrays by routes of their own, in float64, for tests to compare with.

None of them calls the NumPy function that the generated code of the table calls.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import scipy.linalg
import scipy.special

Array = Any


def _along(function: Callable[[Array], Array]) -> Callable[[Array, int | None], Array]:
    """A function of a vector, along an axis or of all entries."""

    def whole(x: Array, axis: int | None = None) -> Array:
        if axis is None:
            found = np.asarray(function(x.ravel()))
            return found.reshape(x.shape) if found.shape else found
        return np.apply_along_axis(function, axis, x)

    return whole


def _each(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """A function of one matrix, for each matrix along leading axes."""

    def whole(x: Array) -> Array:
        found = np.array([function(each) for each in x.reshape(-1, *x.shape[-2:])])
        return found.reshape(x.shape[:-2] + found.shape[1:])

    return whole


def _one_hot_of_largest(x: Array) -> Array:
    return np.eye(len(x))[int(np.argsort(x)[-1])]


def _symmetric(x: Array) -> Array:
    return (x + x.T) / 2


def _adjugate_inverse(x: Array) -> Array:
    """By Cayley and Hamilton: the inverse as a polynomial in x."""
    n, total, coefficients = len(x), np.eye(len(x)), np.poly(x)
    for coefficient in coefficients[1:n]:
        total = total @ x + coefficient * np.eye(n)
    return -total / coefficients[n]


def _determinant(x: Array) -> Array:
    """By Laplace's expansion along the first row."""
    if len(x) == 1:
        return x[0, 0]
    minors = [np.delete(x[1:], k, 1) for k in range(len(x))]
    return sum((-1) ** k * x[0, k] * _determinant(minor) for k, minor in enumerate(minors))


def _eigenvectors(x: Array) -> Array:
    """Null vectors of S - lambda I, their largest entry positive."""
    s = _symmetric(x)
    columns = [scipy.linalg.svd(s - value * np.eye(len(s)))[2][-1] for value in _eigenvalues(x)]
    return np.stack([_turned(column) for column in columns], 1)


def _eigenvalues(x: Array) -> Array:
    return np.sort(np.linalg.eigvals(_symmetric(x)).real)


def _turned(column: Array) -> Array:
    return column if column[np.argmax(np.abs(column))] > 0 else -column


def _singular_values(x: Array) -> Array:
    gram = x.T @ x if len(x) >= x.shape[1] else x @ x.T
    return np.sqrt(np.abs(_eigenvalues(gram)[::-1]))


def _left(x: Array) -> Array:
    return _eigenvectors(x @ x.T)[:, ::-1][:, : min(x.shape)]


def _right(x: Array) -> Array:
    return (x.T @ _left(x)) / _singular_values(x)


def _exponential(x: Array) -> Array:
    values, vectors = np.linalg.eig(x)
    return (vectors * np.exp(values) @ np.linalg.inv(vectors)).real


def _exponential_slope(x: Array, e: Array) -> Array:
    flat = e.reshape(*x.shape, -1)
    parts = [
        scipy.linalg.expm_frechet(x, flat[..., k], compute_expm=False)
        for k in range(flat.shape[-1])
    ]
    return np.stack(parts, -1).reshape(e.shape)


DEFINITIONS: dict[str, Callable[..., Array]] = {
    "logsumexp": scipy.special.logsumexp,
    "softmax": scipy.special.softmax,
    "log_softmax": scipy.special.log_softmax,
    "norm": _along(lambda x: np.hypot.reduce(x)),
    "max": _along(lambda x: sorted(x)[-1]),
    "min": _along(lambda x: sorted(x)[0]),
    "hardmax": _along(_one_hot_of_largest),
    "prod": _along(lambda x: reduce(lambda a, b: a * b, x)),
    "inv": _each(_adjugate_inverse),
    "det": _each(_determinant),
    "logdet": _each(lambda x: np.log(abs(_determinant(x)))),
    "cholesky": _each(lambda x: scipy.linalg.cholesky(_symmetric(x), lower=True)),
    "eigvalsh": _each(_eigenvalues),
    "eigvecsh": _each(_eigenvectors),
    "svdvals": _each(_singular_values),
    "svd_left": _each(_left),
    "svd_right": _each(_right),
    "expm": _each(_exponential),
    "expm_frechet": _exponential_slope,
}


def draw_operand(function: str, shape: tuple[int, ...], random: np.random.Generator) -> Array:
    """A random operand where a function is defined and smooth."""
    x = random.standard_normal(shape)
    if function == "cholesky":
        return x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1]) + 0.1 * np.triu(x, 1)
    return x
