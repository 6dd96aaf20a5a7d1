"""Whether data lie in the domain they were declared in: one small test a domain.

Each test takes an array and gives the mask of the entries that are outside, or `None` where a cheap
test does not exist (invertible, orthogonal). Sums and symmetry are tested to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


def outside(domain: str, data: Array) -> Array | None:
    """The mask of the entries that lie outside a domain, if any does.

    >>> outside("binary", np.array([0.0, 1.0, 2.0])).tolist()
    [False, False, True]
    >>> outside("binary", np.array([0.0, 1.0])) is None
    True
    """
    test = _TESTS.get(domain)
    if test is None:
        return None
    mask = np.asarray(test(data))
    return mask if mask.any() else None


def _tolerance(data: Array) -> float:
    return 100 * float(np.finfo(data.dtype).eps)


def _not_binary(data: Array) -> Array:
    return (data != 0) & (data != 1)


def _not_counts(data: Array) -> Array:
    return (data < 0) | (data != np.floor(data))


def _not_symmetric(data: Array) -> Array:
    largest = np.abs(data).max(initial=0)
    return np.abs(data - data.T) > _tolerance(data) * largest


def _not_positive_diagonal(data: Array) -> Array:
    return _not_symmetric(data) | np.diag(np.diagonal(data) <= 0)


def _not_nonnegative_diagonal(data: Array) -> Array:
    return _not_symmetric(data) | np.diag(np.diagonal(data) < 0)


def _not_diagonal(data: Array) -> Array:
    return (data != 0) & ~np.eye(len(data), dtype=bool)


def _sum_is_not_one(axis: int) -> Callable[[Array], Array]:
    def test(data: Array) -> Array:
        total = data.sum(axis=axis, keepdims=True)
        wrong = np.abs(total - 1) > _tolerance(data) * np.sqrt(data.shape[axis])
        return (data < 0) | wrong

    return test


_rows_are_not_distributions = _sum_is_not_one(-1)


def _not_onehot(data: Array) -> Array:
    return _not_binary(data) | _rows_are_not_distributions(data)


def _not_unit_norm(data: Array) -> Array:
    wrong = abs(float(np.sqrt((data * data).sum())) - 1) > _tolerance(data)
    return np.full(data.shape, wrong)


_TESTS: dict[str, Callable[[Array], Array]] = {
    "positive": lambda data: data <= 0,
    "nonnegative": lambda data: data < 0,
    "unit": lambda data: (data < 0) | (data > 1),
    "binary": _not_binary,
    "pm1": lambda data: np.abs(data) != 1,
    "counts": _not_counts,
    "index": _not_counts,
    "symmetric": _not_symmetric,
    "spd": _not_positive_diagonal,
    "psd": _not_nonnegative_diagonal,
    "diagonal": _not_diagonal,
    "lower": lambda data: np.triu(data, 1) != 0,
    "onehot": _not_onehot,
    "prob": _rows_are_not_distributions,
    "prob columns": _sum_is_not_one(-2),
    "unit_norm": _not_unit_norm,
}
