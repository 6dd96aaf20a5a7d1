"""Whether data lie in the domain they were declared in, and whether they are finite.

A quick test says yes only where every entry is inside; it reads large arrays in blocks and makes no
large temporary. `outside` tells which entries are not. NaN lies in no domain that holds entry by
entry. Sums and symmetry are tested to rounding; for invertible and orthogonal there is no test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Test = Callable[[Any], bool]

BLOCK = 1 << 14  # entries that are tested at a time
SMALL = 256  # entries for which calls cost more than work

BOUNDED = frozenset({"unit", "binary", "pm1", "onehot"})  # whose quick test no infinity passes


def outside(domain: str, data: Array, precision: float | None = None) -> Array | None:
    """The mask of the entries that lie outside a domain, if any does.

    `precision` is that of the numbers the data come from, by default that of their type.

    >>> outside("binary", np.array([0.0, 1.0, 2.0])).tolist()
    [False, False, True]
    >>> outside("binary", np.array([0.0, 1.0])) is None
    True
    """
    if domain in _INSIDE:
        mask = ~np.asarray(_INSIDE[domain](data))
    elif domain in _OUTSIDE:
        mask = np.asarray(_OUTSIDE[domain](data, 100 * (precision or np.finfo(data.dtype).eps)))
    else:
        return None
    return mask if mask.any() else None


def domain_test(
    domain: str, dtype: np.dtype[Any], precision: float, shape: Sequence[int]
) -> Test | None:
    """A quick test that says whether all entries of such an array lie in a domain.

    >>> test = domain_test("unit", np.dtype(float), 2**-52, (2,))
    >>> bool(test(np.array([0.0, 0.5]))), bool(test(np.array([0.0, np.nan])))
    (True, False)
    """
    inside = _INSIDE.get(domain)
    if inside is not None and not shape:
        return lambda value: bool(inside(value))
    return _array_test(domain, dtype, precision)


def _array_test(domain: str, dtype: np.dtype[Any], precision: float) -> Test | None:
    if domain == "binary":
        one = np.ones((), dtype)
        return _in_blocks(lambda data: np.count_nonzero(data) == np.count_nonzero(data == one))
    if domain in _RANGES:
        in_range = _RANGES[domain]
        return lambda data: data.size == 0 or bool(in_range(data))
    if domain in _INSIDE:
        inside = _INSIDE[domain]
        return _in_blocks(lambda data: np.count_nonzero(inside(data)) == data.size)
    if domain in _OUTSIDE:
        quick = _EXACTLY.get(domain, _never)
        return lambda data: quick(data) or outside(domain, data, precision) is None
    return None


def remembering(test: Test, shape: Sequence[int]) -> Test:
    """A test that knows the bytes of the last small array again: most data stay the same.

    >>> test = remembering(lambda data: data.min() >= 0, (2,))
    >>> [bool(test(np.array([0.0, each]))) for each in (1, 1, -1)]
    [True, True, False]
    """
    if not shape or math.prod(shape) > SMALL:
        return test
    last: bytes | None = None

    def tested(data: Array) -> bool:
        nonlocal last
        content = data.tobytes()
        if content == last:
            return True
        passed = test(data)
        if passed:
            last = content
        return passed

    return tested


def finite_test(shape: Sequence[int]) -> Test:
    """A quick test that says whether all entries of such an array are finite; it may refuse huge ones.

    >>> finite_test((2, 3))(np.ones((2, 3))), finite_test((1,))(np.array([np.inf]))
    (True, False)
    """
    if not shape:
        return math.isfinite
    size = math.prod(shape)
    if size <= SMALL:
        every = b"\1" * size
        return lambda data: np.isfinite(data).tobytes() == every
    in_blocks = _in_blocks(_has_finite_squares)
    return lambda data: _has_finite_squares(data.ravel("K")) if data.flags.forc else in_blocks(data)


def _has_finite_squares(data: Array) -> bool:
    return math.isfinite(np.vdot(data, data))  # which, unlike dot, never warns of an overflow


def _in_blocks(test: Test) -> Test:
    """A test of a one-dimensional array as one of any array, a block at a time."""

    def tested(data: Array) -> bool:
        if data.flags.forc:
            data = data.ravel("K")
        if data.size <= BLOCK:
            return test(data.ravel())
        step = max(1, BLOCK * len(data) // data.size)
        return all(test(data[start : start + step].ravel()) for start in range(0, len(data), step))

    return tested


# --- domains that hold entry by entry ------------------------------------------------------------


def _is_count(data: Array) -> Array:
    return (data >= 0) & (data == np.floor(data))


_INSIDE: dict[str, Callable[[Array], Array]] = {
    "positive": lambda data: data > 0,
    "nonnegative": lambda data: data >= 0,
    "unit": lambda data: (data >= 0) & (data <= 1),
    "binary": lambda data: (data == 0) | (data == 1),
    "pm1": lambda data: np.abs(data) == 1,
    "counts": _is_count,
    "index": _is_count,
}

_RANGES: dict[str, Callable[[Array], bool]] = {  # NaN is the least entry and the largest
    "positive": lambda data: data.min() > 0,
    "nonnegative": lambda data: data.min() >= 0,
    "unit": lambda data: data.min() >= 0 and data.max() <= 1,
}


# --- domains of whole arrays ---------------------------------------------------------------------


def _equals_transpose(data: Array) -> bool:
    """Whether a matrix equals its transpose exactly; pieces of it stay in the cache."""
    side = math.isqrt(BLOCK)
    return all(
        np.array_equal(
            data[start : start + side, : start + side].T, data[: start + side, start : start + side]
        )
        for start in range(0, len(data), side)
    )


def _has_one_in_each_row(data: Array) -> bool:
    """Whether the rows of a matrix hold zeros and exactly one 1 each."""
    if data.ndim != 2 or not data.size:
        return False
    ones, step = np.ones(data.shape[1], data.dtype), max(1, BLOCK // data.shape[1])
    with np.errstate(invalid="ignore", over="ignore"):
        return all(
            np.count_nonzero(some != 0) == len(some)  # one a row, as no row has none
            and np.count_nonzero(some.dot(ones) == 1) == len(some)
            for some in (data[start : start + step] for start in range(0, len(data), step))
        )


def _never(data: Array) -> bool:
    return False


_EXACTLY: dict[str, Test] = {
    "symmetric": _equals_transpose,
    "spd": lambda data: _equals_transpose(data) and bool((data.diagonal() > 0).all()),
    "psd": lambda data: _equals_transpose(data) and bool((data.diagonal() >= 0).all()),
    "onehot": _has_one_in_each_row,
}  # what most data are, and quick to see; others are tested to rounding


def _not_symmetric(data: Array, tolerance: float) -> Array:
    largest = np.abs(data).max(initial=0)
    return ~(np.abs(data - data.T) <= tolerance * largest)


def _not_positive_diagonal(data: Array, tolerance: float) -> Array:
    return _not_symmetric(data, tolerance) | np.diag(np.diagonal(data) <= 0)


def _not_nonnegative_diagonal(data: Array, tolerance: float) -> Array:
    return _not_symmetric(data, tolerance) | np.diag(np.diagonal(data) < 0)


def _not_diagonal(data: Array, tolerance: float) -> Array:
    return (data != 0) & ~np.eye(len(data), dtype=bool)


def _not_lower(data: Array, tolerance: float) -> Array:
    return np.triu(data, 1) != 0


def _sum_is_not_one(axis: int) -> Callable[[Array, float], Array]:
    def test(data: Array, tolerance: float) -> Array:
        with np.errstate(invalid="ignore", over="ignore"):
            total = data.sum(axis=axis, keepdims=True)
        right = np.abs(total - 1) <= tolerance * np.sqrt(data.shape[axis])
        return ~((data >= 0) & right)

    return test


_rows_are_not_distributions = _sum_is_not_one(-1)


def _not_onehot(data: Array, tolerance: float) -> Array:
    return ~_INSIDE["binary"](data) | _rows_are_not_distributions(data, tolerance)


def _not_unit_norm(data: Array, tolerance: float) -> Array:
    right = abs(float(np.sqrt((data * data).sum())) - 1) <= tolerance
    return np.full(data.shape, not right)


def _not_descending(data: Array, tolerance: float) -> Array:
    return (data < 0) | (np.diff(data, axis=-1, prepend=data[..., :1]) > 0)


_OUTSIDE: dict[str, Callable[[Array, float], Array]] = {
    "symmetric": _not_symmetric,
    "spd": _not_positive_diagonal,
    "psd": _not_nonnegative_diagonal,
    "diagonal": _not_diagonal,
    "lower": _not_lower,
    "descending": _not_descending,
    "onehot": _not_onehot,
    "prob": _rows_are_not_distributions,
    "prob columns": _sum_is_not_one(-2),
    "unit_norm": _not_unit_norm,
}
