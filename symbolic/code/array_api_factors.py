"""A matrix is factored once, and everything is read off the factor, as each library does it.

The standard has Cholesky factors but no solution from one, and no LU factors. Libraries have both; by the
standard alone every solution factors again.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

Array = Any
Factor = Any

FACTOR_FUNCTIONS = {  # and what they are
    "solve_cholesky": "solve_cholesky(c, b) is the x of c @ c.T @ x = b",
    "inverse_cholesky": "inverse_cholesky(c) is the inverse of c @ c.T",
    "factor_lu": "factor_lu(a) is what the others take for a matrix",
    "solve_lu": "solve_lu(factor_lu(a), b) is the x of a @ x = b, of a.T with transposed=True",
    "logdet_lu": "logdet_lu(factor_lu(a)) is log(abs(det(a)))",
    "inverse_lu": "inverse_lu(factor_lu(a)) is the inverse of a",
}

_OF_SCIPY = {"jax": "jax.scipy.linalg", "cupy": "cupyx.scipy.linalg"}


@dataclass(frozen=True)
class StandardFactors:
    """By the standard alone. A Cholesky factor c is lower triangular, c @ c.T the matrix."""

    xp: Any

    def solve_cholesky(self, c: Array, b: Array) -> Array:
        """The solution x of c @ c.T @ x = b."""
        solve = self.xp.linalg.solve
        return solve(self.xp.matrix_transpose(c), solve(c, b))

    def inverse_cholesky(self, c: Array) -> Array:
        """The inverse of c @ c.T."""
        return self.solve_cholesky(c, self._identity(c))

    def factor_lu(self, a: Array) -> Factor:
        """What the functions below take for a matrix."""
        return a

    def solve_lu(self, factor: Factor, b: Array, *, transposed: bool = False) -> Array:
        """The solution x of a @ x = b, or of a.T @ x = b."""
        return self.xp.linalg.solve(self.xp.matrix_transpose(factor) if transposed else factor, b)

    def logdet_lu(self, factor: Factor) -> Array:
        """The logarithm of the absolute value of the determinant."""
        return self.xp.linalg.slogdet(factor)[1]

    def inverse_lu(self, factor: Factor) -> Array:
        """The inverse of a matrix."""
        return self.xp.linalg.inv(factor)

    def _identity(self, a: Array) -> Array:
        return self.xp.eye(a.shape[0], dtype=a.dtype, device=a.device)


@dataclass(frozen=True)
class _PairFactors(StandardFactors):
    """With LU factors, a pair: the triangles and the pivots."""

    def logdet_lu(self, factor: Factor) -> Array:
        triangles = factor[0]
        n = triangles.shape[0]
        diagonal = self.xp.reshape(triangles, (n * n,))[:: n + 1]
        return self.xp.sum(self.xp.log(self.xp.abs(diagonal)))

    def inverse_lu(self, factor: Factor) -> Array:
        return self.solve_lu(factor, self._identity(factor[0]))


@dataclass(frozen=True)
class TorchFactors(_PairFactors):
    """Of PyTorch, which solves for matrices alone."""

    def solve_cholesky(self, c: Array, b: Array) -> Array:
        columns = b[:, None] if b.ndim == 1 else b
        return self.xp.reshape(self.xp.cholesky_solve(columns, c), b.shape)

    def inverse_cholesky(self, c: Array) -> Array:
        return self.xp.cholesky_inverse(c)

    def factor_lu(self, a: Array) -> Factor:
        return self.xp.linalg.lu_factor(a)

    def solve_lu(self, factor: Factor, b: Array, *, transposed: bool = False) -> Array:
        columns = b[:, None] if b.ndim == 1 else b
        found = self.xp.linalg.lu_solve(*factor, columns, adjoint=transposed)
        return self.xp.reshape(found, b.shape)


@dataclass(frozen=True)
class ScipyFactors(_PairFactors):
    """Of JAX and CuPy, which keep them as SciPy does."""

    linalg: Any

    def solve_cholesky(self, c: Array, b: Array) -> Array:
        solve = self.linalg.solve_triangular
        return solve(c, solve(c, b, lower=True), trans=1, lower=True)

    def factor_lu(self, a: Array) -> Factor:
        return self.linalg.lu_factor(a)

    def solve_lu(self, factor: Factor, b: Array, *, transposed: bool = False) -> Array:
        return self.linalg.lu_solve(factor, b, trans=int(transposed))

    def _identity(self, a: Array) -> Array:
        return self.xp.eye(a.shape[0], dtype=a.dtype)


def factors_of(library: str, xp: Any) -> StandardFactors:
    """The functions for a library, by its name and its namespace.

    >>> import numpy as np
    >>> factors_of("numpy", np).solve_cholesky(2 * np.eye(2), np.ones(2))
    array([0.25, 0.25])
    """
    if library == "torch":
        return TorchFactors(xp)
    if library in _OF_SCIPY:
        return ScipyFactors(xp, import_module(_OF_SCIPY[library]))
    return StandardFactors(xp)
