"""The logarithm of the determinant of a positive definite matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numeric.stability.arguments import Floats, matrices
from numeric.stability.pairs import joined, plus, two_product
from symbolic.errors import DomainError

_LOG_2 = (0.6931471805599453, 2.3190468138462996e-17)  # as a pair
_ROOT_HALF = 0.7071067811865476


def logdet(A: ArrayLike) -> Any:
    """The log-determinant by Cholesky's factorisation.

    Formula: log(det(A)) = 2 log(prod(diag(L))) with A = L L', significands apart from exponents, so that
    logarithms of both signs do not cancel. Shapes: (..., n, n) gives (...).
    Conditions: A symmetric positive definite, of which only the lower triangle is read; else
    DomainError. Numerical error: below 10 ulps for 6 x 6, and n + 4 in general, times the condition number
    sum_ij |inv(A)_ij| sqrt(A_ii A_jj)/|result|, which is at least n/|result|.
    Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 10.

    >>> print(f"{logdet([[2e-200, 0.0], [0.0, 2e-200]]):.14g}")
    -919.6477428365
    """
    return matrices(_logdet, A)


def logdet_gradient(A: ArrayLike) -> Any:
    """The gradient of the log-determinant, inv(A) = W' W with W the inverse of Cholesky's factor."""
    return matrices(_inverse, A)


def _cholesky(A: Floats) -> Any:
    try:
        return np.linalg.cholesky(A)
    except np.linalg.LinAlgError:
        raise DomainError(
            "logdet(A)", "A is not positive definite", "give a symmetric positive definite matrix"
        ) from None


def _logdet(A: Floats) -> Any:
    product, exponent = _product(np.diagonal(_cholesky(A), axis1=-2, axis2=-1))
    high, low = two_product(2.0 * exponent, _LOG_2[0])
    return joined(plus((high, low + 2.0 * exponent * _LOG_2[1]), (2 * np.log(product), 0.0)))


def _product(factors: Floats) -> tuple[Any, Any]:
    """The product along the last axis, brought between sqrt(1/2) and sqrt(2), and its power of two."""
    product, exponent = np.ones(factors.shape[:-1]), np.zeros(factors.shape[:-1], dtype=np.int64)
    for each in np.moveaxis(factors, -1, 0):
        product, moved = np.frexp(product * np.frexp(each)[0])
        low = product < _ROOT_HALF
        product, moved = np.where(low, 2 * product, product), moved - low
        exponent = exponent + moved + np.frexp(each)[1]
    return product, exponent


def _inverse(A: Floats) -> Any:
    factor = _cholesky(A)
    unit = np.broadcast_to(np.eye(A.shape[-1]), A.shape)
    found = np.linalg.solve(factor, unit)
    return np.swapaxes(found, -1, -2) @ found
