"""Exact linear algebra on float64 matrices: every entry is the rational number that it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat

from numeric.balls import precision
from numeric.methods.inputs import TINY
from symbolic.errors import UnsupportedError

Array = Any
LARGEST = 200  # rows and columns up to which exact solutions are worked out
_MOST_BITS = 1 << 15
_NARROW = arb(2) ** -20


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


def rounded(matrix: Any) -> Array:
    """The entries as floats, at most an ulp off; infinite beyond the range of float64.

    >>> rounded(fmpq_mat([[fmpq(1, 2), 2]]))
    array([[0.5, 2. ]])
    """
    with precision(128):
        entries = [float(arb(entry)) for entry in matrix.entries()]
    return np.array(entries).reshape(matrix.nrows(), matrix.ncols())


def balls(matrix: Any) -> Array:
    """The entries of a matrix of flint as balls, in an array: there is no overflow in them.

    >>> (balls(fmpq_mat([[3, 4]])) * arb(10) ** 400).shape
    (1, 2)
    """
    entries = [arb(entry) for entry in matrix.entries()]
    return np.array(entries, dtype=object).reshape(matrix.nrows(), matrix.ncols())


def narrow_matrix(matrix: Callable[[], arb_mat]) -> arb_mat:
    """What a computation in balls gives, its precision raised until 2^-60 of the largest entry.

    Conditions: the computation succeeds at some precision; ZeroDivisionError asks for more.

    >>> rounded(narrow_matrix(lambda: arb_mat([[3]]).inv()))
    array([[0.33333333]])
    """

    def is_narrow(found: arb_mat) -> bool:
        entries = found.entries()
        largest = max(entry.abs_lower() for entry in entries)
        return bool(max(entry.rad() for entry in entries) <= largest * arb(2) ** -60)

    return _settled(matrix, is_narrow)


def narrow_figures(figures: Callable[[], list[Any]]) -> list[float]:
    """Numbers computed in balls as floats, the precision raised until each has 20 bits.

    >>> narrow_figures(lambda: [1 + arb(2) ** -900 - 1])[0] == 2.0**-900
    True
    """

    def are_narrow(found: list[Any]) -> bool:
        return all(ball.rad() <= ball.abs_lower() * _NARROW for ball in map(arb, found))

    return [float(each) for each in _settled(figures, are_narrow)]


def _settled(computation: Callable[[], Any], is_settled: Callable[[Any], bool]) -> Any:
    bits = 128
    while bits <= _MOST_BITS:
        with precision(bits):
            try:
                found = computation()
                if is_settled(found):
                    return found
            except ZeroDivisionError:
                pass
        bits *= 2
    raise UnsupportedError(
        "a matrix", f"{_MOST_BITS} bits do not resolve it", "scale its rows and columns"
    )


def scaled(matrix: Any) -> tuple[Array, int]:
    """Floats F and an exponent k with F 2^k the matrix, the largest entry of F between 1/2 and 1.

    Entries 2^1074 times smaller than the largest come out as 0, so F serves for norms.

    >>> scaled(np.array([[1e308, 4.0]]))[1], scaled(fmpq_mat([[fmpq(1, 2) ** 5000]]))
    (1024, (array([[0.5]]), -4999))
    """
    if isinstance(matrix, np.ndarray):
        exponent = int(np.max(np.frexp(matrix)[1], initial=-1074, where=matrix != 0))
        return np.ldexp(matrix, -exponent), exponent
    with precision(128):
        entries = [arb(entry) for entry in matrix.entries()]
        parts = [entry.mid().man_exp() for entry in entries if entry.mid() != 0]
        exponent = max((int(e) + int(m).bit_length() for m, e in parts), default=0)
        floats = [float(entry * arb((1, -exponent))) for entry in entries]
    return np.array(floats).reshape(matrix.nrows(), matrix.ncols()), exponent


def spectral_norm(matrix: Any) -> arb:
    """The largest singular value, of a column its length: a float times a power of two.

    >>> float(spectral_norm(np.array([[3e300], [4e300]])) / arb(10) ** 300)
    5.0
    """
    floats, exponent = scaled(matrix)
    return arb(float(np.linalg.norm(floats, 2))) * arb((1, exponent))


def relative_error(found: Array, exact: fmpq_mat) -> float:
    """max_i abs(found_i - exact_i)/max_i abs(found_i), with exact differences; 0 only if all are 0.

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
        return max(TINY, float(arb(largest) / arb(size)))
