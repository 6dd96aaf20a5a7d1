"""The logarithm of the determinant of a positive definite matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numeric.stability.arguments import Floats, matrices
from numeric.stability.sums import total
from symbolic.errors import DomainError


def logdet(A: ArrayLike) -> Any:
    """The log-determinant by Cholesky's factorisation.

    Formula: log(det(A)) = 2 sum(log(diag(L))) with A = L L'. Shapes: (..., n, n) gives (...).
    Conditions: A symmetric positive definite, of which only the lower triangle is read; else
    DomainError. Numerical error: below 2 ulps times the condition number, which is at least
    n/|result|; det(A) itself overflows or vanishes already for moderate n.
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
    logs = np.log(np.diagonal(_cholesky(A), axis1=-2, axis2=-1))
    high, low = total(np.moveaxis(logs, -1, 0))
    return 2 * (high + low)


def _inverse(A: Floats) -> Any:
    factor = _cholesky(A)
    unit = np.broadcast_to(np.eye(A.shape[-1]), A.shape)
    found = np.linalg.solve(factor, unit)
    return np.swapaxes(found, -1, -2) @ found
