"""Helper functions of generated modules: a matrix is factored once, and everything read off the factor.

| kind      | the factor                              | refused with `LinAlgError`                |
|-----------|-----------------------------------------|-------------------------------------------|
| cholesky  | c with a = c.T @ c                      | a pivot that may be rounding alone        |
| symmetric | the same, or lu where a is not positive | and a condition above 1/eps               |
| lu        | the triangles of a.T and their pivots   | a pivot that is exactly zero              |

The rounding error of a Cholesky pivot is at most n * eps times the entry of the diagonal it comes
from, so that scaling rows and columns changes nothing; a larger smallest eigenvalue than that, of
the matrix scaled to ones on its diagonal, is what Cholesky is sure to succeed for (Demmel 1989).
LAPACK is called directly: its wrappers cost more than it does for small matrices.
"""

from __future__ import annotations

from collections.abc import Callable

_LAPACK = '''\
def lapack(name, *arrays):
    """The LAPACK routine for the precision of the arrays."""
    if any(array.dtype.itemsize > 8 for array in arrays):
        raise TypeError("linear systems are solved in single or double precision")
    return scipy.linalg.get_lapack_funcs(name, arrays)
'''

_FACTOR_CHOLESKY = '''\
def factor_cholesky(a):
    """The upper triangular c with a = c.T @ c, for a positive definite matrix a."""
    c, failed = lapack("potrf", a)(a.T)
    error = len(a) * np.spacing(c.dtype.type(1)) * a.diagonal()
    if failed or np.any(c.diagonal() ** 2 <= error):
        raise np.linalg.LinAlgError("the matrix is not positive definite to working precision")
    return c
'''

_SOLVE_CHOLESKY = '''\
def solve_cholesky(c, b):
    """The solution x of c.T @ c @ x = b."""
    return lapack("potrs", c, b)(c, b)[0] if b.size else b
'''

_LOGDET_CHOLESKY = '''\
def logdet_cholesky(c):
    """The logarithm of the determinant of c.T @ c."""
    return 2 * np.sum(np.log(c.diagonal()))
'''

_INVERSE_CHOLESKY = '''\
def inverse_cholesky(c):
    """The inverse of c.T @ c, both triangles of it."""
    inverse = lapack("potri", c)(c)[0].T if c.size else c.copy()
    for start in range(0, len(c), 128):  # LAPACK leaves zeros above the diagonal
        rows = slice(start, start + 128)
        inverse[:start, rows] = inverse[rows, :start].T
        block = inverse[rows, rows]
        diagonal = block.diagonal().copy()
        block += block.T
        np.fill_diagonal(block, diagonal)
    return inverse
'''

_FACTOR_LU = '''\
def factor_lu(a):
    """The LU factors of a.T, which lies in memory as LAPACK wants it, and the pivots."""
    if not a.size:
        return a, np.zeros(0, dtype=int)
    lu, pivots, singular = lapack("getrf", a)(a.T)
    if singular:
        raise np.linalg.LinAlgError("Singular matrix")
    return lu, pivots
'''

_SOLVE_LU = '''\
def solve_lu(factor, b, transposed=False):
    """The solution x of a @ x = b, or of a.T @ x = b, from the factors of a.T."""
    lu, pivots = factor
    return lapack("getrs", lu, b)(lu, pivots, b, trans=not transposed)[0] if b.size else b
'''

_LOGDET_LU = '''\
def logdet_lu(factor):
    """The logarithm of the absolute value of the determinant."""
    return np.sum(np.log(np.abs(factor[0].diagonal())))
'''

_INVERSE_LU = '''\
def inverse_lu(factor):
    """The inverse of a matrix from its LU factors."""
    lu = factor[0]
    return solve_lu(factor, np.eye(len(lu), dtype=lu.dtype))
'''

_FACTOR_SYMMETRIC = '''\
def factor_symmetric(a):
    """The Cholesky factor of a symmetric matrix, or its LU factors where it is not positive."""
    try:
        return factor_cholesky(a)
    except np.linalg.LinAlgError:
        lu, pivots = factor_lu(a)
    share = lapack("gecon", lu)(lu, np.abs(a).sum(axis=0).max())[0]
    if share < np.spacing(lu.dtype.type(1)):  # of the smallest stretching in the largest
        raise np.linalg.LinAlgError("the matrix is singular to working precision")
    return lu, pivots
'''


def _either(verb: str, arguments: str, meaning: str) -> str:
    """A function that takes a Cholesky factor or, as a pair, LU factors."""
    return f'''\
def {verb}_symmetric({arguments}):
    """{meaning}"""
    {verb} = {verb}_lu if isinstance(factor, tuple) else {verb}_cholesky
    return {verb}({arguments})
'''


SOURCES = {
    "lapack": _LAPACK,
    "factor_cholesky": _FACTOR_CHOLESKY,
    "solve_cholesky": _SOLVE_CHOLESKY,
    "logdet_cholesky": _LOGDET_CHOLESKY,
    "inverse_cholesky": _INVERSE_CHOLESKY,
    "factor_lu": _FACTOR_LU,
    "solve_lu": _SOLVE_LU,
    "logdet_lu": _LOGDET_LU,
    "inverse_lu": _INVERSE_LU,
    "factor_symmetric": _FACTOR_SYMMETRIC,
    "solve_symmetric": _either("solve", "factor, b", "The solution x of a @ x = b."),
    "logdet_symmetric": _either(
        "logdet", "factor", "The logarithm of the absolute value of the determinant."
    ),
    "inverse_symmetric": _either("inverse", "factor", "The inverse of a symmetric matrix."),
}


def needed(name: str) -> list[str]:
    """A helper function and those that it calls, each after what it needs.

    >>> needed("inverse_lu")
    ['lapack', 'solve_lu', 'inverse_lu']
    """
    source = SOURCES[name]
    calls = [other for other in SOURCES if other != name and other in source]
    found = [each for other in calls for each in needed(other)]
    return list(dict.fromkeys([*found, name]))


def factored(verb: str, kind: str, helper: Callable[[str, str], str]) -> str:
    """The name of a helper function, its source and what it needs registered with `helper`."""
    for name in needed(f"{verb}_{kind}"):
        helper(name, SOURCES[name])
    return f"{verb}_{kind}"
