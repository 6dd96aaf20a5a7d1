"""Functions of matrices: inverse, determinant, factors, eigenvalues, singular values, exponential."""

from __future__ import annotations

from symbolic import operations, reductions
from symbolic.errors import NotAllowedError, ShapeError
from symbolic.indexing import tril, triu
from symbolic.nodes import Apply, Contraction, Expression
from symbolic.operations import as_expression
from symbolic.sizes import shape_text

__all__ = [
    "cholesky", "det", "eigvalsh", "eigvecsh", "expm", "expm_frechet", "inv", "logdet",
    "matrix_power", "nuclear_norm", "solve", "solve_triangular", "spectral_norm", "svd_left",
    "svd_right", "svdvals",
]  # fmt: skip

LARGEST_POWER = 64


def inv(a: object) -> Expression:
    """The inverse of a square matrix (of each, over leading axes). Defined for invertible matrices."""
    return Apply("inv", as_expression(a))


def det(a: object) -> Expression:
    """The determinant of a square matrix."""
    return Apply("det", as_expression(a))


def logdet(a: object) -> Expression:
    """log|det(A)|, defined for invertible matrices."""
    return Apply("logdet", as_expression(a))


def solve(a: object, b: object) -> Expression:
    """The solution x of A x = b, which is inv(A) @ b; generated code factors A and never inverts it.

    >>> from symbolic.variables import matrix, vector
    >>> str(solve(matrix("A", "n", "n"), vector("b", "n")))
    'inv(A) @ b'
    """
    return operations.matmul(inv(a), b)


def solve_triangular(a: object, b: object, lower: bool = True) -> Expression:
    """The solution x of T x = b, T the lower (or upper) triangle of A."""
    return solve(tril(a) if lower else triu(a), b)


def cholesky(a: object) -> Expression:
    """The lower triangular L with L @ L.T = (A + A.T)/2, which has to be positive definite."""
    return Apply("cholesky", as_expression(a))


def eigvalsh(a: object) -> Expression:
    """The eigenvalues of the symmetric matrix (A + A.T)/2, ascending."""
    return Apply("eigvalsh", as_expression(a))


def eigvecsh(a: object) -> Expression:
    """Its unit eigenvectors as columns, in the order of the eigenvalues, largest entry positive."""
    return Apply("eigvecsh", as_expression(a))


def svdvals(a: object) -> Expression:
    """The singular values, descending."""
    return Apply("svdvals", as_expression(a))


def svd_left(a: object) -> Expression:
    """The left singular vectors as columns, in the order of the singular values."""
    return Apply("svd_left", as_expression(a))


def svd_right(a: object) -> Expression:
    """The right singular vectors as columns, with A = U @ diag(svdvals(A)) @ V.T."""
    return Apply("svd_right", as_expression(a))


def spectral_norm(a: object) -> Expression:
    """The largest singular value."""
    return reductions.max(svdvals(a), axis=-1)


def nuclear_norm(a: object) -> Expression:
    """The sum of the singular values."""
    return operations.sum(svdvals(a), axis=-1)


def expm(a: object) -> Expression:
    """The exponential of a square matrix."""
    return Apply("expm", as_expression(a))


def expm_frechet(a: object, e: object) -> Expression:
    """The derivative of expm at A in the direction E."""
    return Apply("expm_frechet", (as_expression(a), as_expression(e)))


def matrix_power(a: object, exponent: int) -> Expression:
    """A @ A @ ... @ A; a negative exponent takes the inverse first.

    >>> from symbolic.variables import matrix
    >>> str(matrix_power(matrix("A", "n", "n"), 3))
    'A @ A @ A'
    """
    base = as_expression(a)
    if isinstance(exponent, bool) or not isinstance(exponent, int) or abs(exponent) > LARGEST_POWER:
        raise NotAllowedError(
            f"matrix_power with exponent {exponent!r}",
            "no integer, or too large",
            f"give an integer from -{LARGEST_POWER} to {LARGEST_POWER}",
        )
    if base.rank != 2 or base.shape[0] != base.shape[1]:
        raise ShapeError("matrix_power", f"shape {shape_text(base.shape)}", "give a square matrix")
    if exponent == 0:
        return Contraction((), (), (0, 0), {0: base.shape[0]})
    factor = inv(base) if exponent < 0 else base
    result = factor
    for _ in range(abs(exponent) - 1):
        result = operations.matmul(result, factor)
    return result
