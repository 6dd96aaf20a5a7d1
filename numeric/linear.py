"""Exact linear algebra on object arrays of fractions, by FLINT's rational matrices."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

Array = Any


def _matrix(array: Array) -> fmpq_mat:
    rows, columns = array.shape
    return fmpq_mat(rows, columns, [fmpq(x.numerator, x.denominator) for x in array.flat])


def _array(matrix: fmpq_mat) -> Array:
    result = np.empty((matrix.nrows(), matrix.ncols()), dtype=object)
    flat = [Fraction(int(x.p), int(x.q)) for x in matrix.entries()]
    result.ravel()[:] = flat
    return result


def determinant(array: Array) -> Fraction:
    """The determinant of a square matrix of fractions.

    >>> determinant(np.array([[Fraction(1), Fraction(2)], [Fraction(3), Fraction(4)]]))
    Fraction(-2, 1)
    """
    found = _matrix(array).det()
    return Fraction(int(found.p), int(found.q))


def inverse(array: Array) -> Array:
    """The inverse of a square matrix of fractions. Conditions: its determinant is not zero.

    >>> inverse(np.array([[Fraction(2)]])).item()
    Fraction(1, 2)
    """
    return _array(_matrix(array).inv())


def solve_linear(matrix: Array, right: Array, free: Array) -> Array | None:
    """A solution of matrix @ x = right, or None if there is none.

    Shapes: (m, n), (m,), (n,). Unknowns that the equations leave open take their value from `free`.

    >>> one = Fraction(1)
    >>> x = solve_linear(np.array([[one, one]]), np.array([one]), np.array([5 * one, 7 * one]))
    >>> [int(entry) for entry in x]
    [-6, 7]
    """
    count = matrix.shape[1]
    reduced, rank = _matrix(np.column_stack([matrix, right])).rref()
    rows = _array(reduced)[:rank]
    solution = np.array(free, dtype=object)
    leads = [int(np.flatnonzero(row)[0]) for row in rows]
    if count in leads:
        return None
    for row, lead in zip(rows, leads, strict=True):
        rest = [k for k in range(count) if k != lead]
        solution[lead] = row[count] - sum((row[k] * solution[k] for k in rest), Fraction(0))
    return solution
