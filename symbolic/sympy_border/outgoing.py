"""Our expressions as SymPy's: with matrices of symbolic size, or written out entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from symbolic.errors import UnsupportedError
from symbolic.nodes import Expression
from symbolic.sympy_border.definitions import written_out
from symbolic.sympy_border.explicit_entries import explicit
from symbolic.sympy_border.matrix_expressions import matrix_expression


def to_sympy(expression: Expression, sizes: Mapping[Any, int] | None = None) -> Any:
    """An expression as SymPy writes it.

    Without `sizes`, a scalar becomes a scalar of SymPy, a vector of n entries a matrix expression of
    shape (n, 1), a matrix a matrix expression. Scalar variables are real symbols, others a
    `MatrixSymbol`; sigmoid and the other elementwise functions stay named.

    With `sizes` as {"n": 2, "d": 3}, every entry is written out: a scalar, a `Matrix` (a column for a
    vector) or, for more axes, an array. The entry of a variable is the real symbol `X_{0,1}`, and all
    functions are written out by their definitions, so that SymPy's `diff` is a check of gradients.

    Raises `UnsupportedError` that names what SymPy has no expression for.

    >>> from symbolic.variables import matrix, vector
    >>> X, w = matrix("X", "n", "d"), vector("w", "d")
    >>> to_sympy(X @ w)
    X*w
    >>> to_sympy(X @ w, {"n": 1, "d": 2})
    Matrix([[X_{0,0}*w_{0} + X_{0,1}*w_{1}]])
    """
    if not isinstance(expression, Expression):
        raise UnsupportedError(
            f"to_sympy of a {type(expression).__name__}",
            "no expression of ours",
            "give an expression; text is read by parse first",
        )
    plain = written_out(expression)
    if sizes is None:
        return matrix_expression(plain)
    entries = explicit(plain, sizes)
    if entries.ndim == 0:
        return entries[()]
    if entries.ndim == 1:
        return sympy.Matrix(len(entries), 1, list(entries))
    if entries.ndim == 2:
        return sympy.Matrix(*entries.shape, list(entries.flat))
    return sympy.ImmutableDenseNDimArray(list(entries.flat), entries.shape)
