"""Exact linear algebra on float64 matrices: every entry is the rational number that it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat

from numeric.balls import precision
from symbolic.errors import UnsupportedError

Array = Any
LARGEST = 200  # rows and columns up to which exact solutions are worked out
_MOST_BITS = 1 << 15


def rational_matrix(array: Array) -> fmpq_mat:
    """The matrix with exactly the entries of a float64 array; a vector becomes a column.

    >>> rational_matrix(np.array([0.5, 2.0])).entries()
    [1/2, 2]
    """
    rows = array.reshape(len(array), -1).tolist()
    return fmpq_mat([[fmpq(*entry.as_integer_ratio()) for entry in row] for row in rows])


def exact_solution(A: fmpq_mat, B: fmpq_mat) -> fmpq_mat | None:
    """The exact X with A X = B, None if A is singular.

    >>> exact_solution(fmpq_mat([[1, 2], [2, 4]]), fmpq_mat([[1], [1]])) is None
    True
    """
    try:
        return A.solve(B)
    except ZeroDivisionError:
        return None


def rounded(matrix: fmpq_mat) -> Array:
    """The entries as floats, at most an ulp off; infinite beyond the range of float64.

    >>> rounded(fmpq_mat([[fmpq(1, 2), 2]]))
    array([[0.5, 2. ]])
    """
    with precision(128):
        entries = [float(arb(entry)) for entry in matrix.entries()]
    return np.array(entries).reshape(matrix.nrows(), matrix.ncols())


def rounded_balls(matrix: Callable[[], arb_mat]) -> Array:
    """What a computation in balls gives, its precision raised until 2^-60 of the largest entry.

    Conditions: the computation succeeds at some precision; ZeroDivisionError asks for more.

    >>> rounded_balls(lambda: arb_mat([[3]]).inv())
    array([[0.33333333]])
    """
    bits = 128
    while bits <= _MOST_BITS:
        with precision(bits):
            try:
                found = matrix()
            except ZeroDivisionError:
                bits *= 2
                continue
            entries = found.entries()
            largest = max(entry.abs_lower() for entry in entries)
            if max(entry.rad() for entry in entries) <= largest * arb(2) ** -60:
                floats = [float(entry.mid()) for entry in entries]
                return np.array(floats).reshape(found.nrows(), found.ncols())
        bits *= 2
    raise UnsupportedError(
        "a matrix", f"{_MOST_BITS} bits do not resolve it", "scale its rows and columns"
    )


def relative_error(found: Array, exact: fmpq_mat) -> float:
    """max_i abs(found_i - exact_i)/max_i abs(found_i), with exact differences; 0 if both are 0.

    >>> relative_error(np.array([2.0, 1.0]), fmpq_mat([[2], [fmpq(1, 2)]]))
    0.25
    """
    if not np.all(np.isfinite(found)):
        return float("inf")
    differences = (rational_matrix(found) - exact).entries()
    largest = max(map(abs, differences), default=fmpq(0))
    if largest == 0:
        return 0.0
    size = float(np.max(np.abs(found)))
    if size == 0:
        return float("inf")
    with precision(128):
        return float(arb(largest) / arb(size))
