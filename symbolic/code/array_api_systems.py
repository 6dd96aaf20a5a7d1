"""Products with inverses as linear systems, in the Python array API standard.

| matrix                       | factored                | solved                          |
|------------------------------|-------------------------|---------------------------------|
| spd, declared or known       | `xp.linalg.cholesky(A)` | `solve_cholesky` of the library |
| other, used several times    | `factor_lu(A)`          | `solve_lu` of the library       |
| other, or one of many        |                         | `xp.linalg.solve(A, b)`         |
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import sympy

from symbolic.code.array_api_products import (
    DIAGONAL,
    Factor,
    Held,
    Writer,
    arranged,
    permuted,
    summed,
)
from symbolic.code.numpy_solves import System, base_of, factored_matrices, system_of
from symbolic.code.scalar_kernels import Term
from symbolic.nodes import Apply, Contraction, Expression
from symbolic.printing.text_printer import ATOM, MULTIPLY, NEGATE, Piece

LOGDET_CHOLESKY = (
    "def logdet_cholesky(xp, c):\n"
    '    """The logarithm of the determinant of c @ c.T."""\n'
    "    return 2 * xp.sum(xp.log(diagonal(xp, c)))\n"
)


class SystemWriter(Writer, Protocol):
    """What the code of a linear system may ask for."""

    def factor(self, matrix: Expression) -> tuple[str, str] | None:
        """How a matrix is factored and the variable that holds the factor, if it is."""

    def asked(self, name: str) -> str:
        """The name of a function that the library is asked for."""


def kinds_of_factors(
    order: Sequence[Expression], results: Collection[Expression]
) -> dict[Expression, str]:
    """The matrices to factor and how; of a symmetric one of unknown sign no triangle is read alone."""
    found = factored_matrices(order, results)
    return {matrix: "lu" if kind == "symmetric" else kind for matrix, kind in found.items()}


def factor_call(kind: str, matrix: Piece, writer: SystemWriter) -> Piece:
    """The call that factors a matrix."""
    name = "xp.linalg.cholesky" if kind == "cholesky" else writer.asked("factor_lu")
    return Piece(f"{name}({matrix.text})", ATOM)


def read_off_factor(node: Apply, writer: SystemWriter) -> Piece | None:
    """`logdet` or `inv` of a matrix that is factored."""
    if node.function not in ("inv", "logdet"):
        return None
    matrix, turned = base_of(node.operand)
    found = writer.factor(matrix)
    if found is None:
        return None
    kind, factor = found
    if node.function == "inv":
        text = f"{writer.asked(f'inverse_{kind}')}({factor})"
        return Piece(f"{text}.T" if turned and kind == "lu" else text, ATOM)
    if kind == "lu":
        return Piece(f"{writer.asked('logdet_lu')}({factor})", ATOM)
    writer.helper("diagonal", DIAGONAL)
    return Piece(f"{writer.helper('logdet_cholesky', LOGDET_CHOLESKY)}(xp, {factor})", ATOM)


def solution(node: Contraction, writer: SystemWriter) -> Held | None:
    """The solution of the linear system that a product with an inverse is, if it is one."""
    system = system_of(node)
    if system is None:
        return None
    right = writer.whole(system.right)
    rest = tuple(each for each in system.at if each not in (*system.batch, system.inner))
    if system.outer in system.at:
        return Held(Term(_trace(system, right, writer)))
    present = tuple(each for each in system.batch if each in system.at)
    right = permuted(right, system.at, (*present, system.inner, *rest))
    if not system.batch and len(rest) < 2:
        found = _solved(system, right, writer)
    else:
        sizes = [node.sizes[each] if each in system.at else 1 for each in system.batch]
        columns = sympy.Mul(*(node.sizes[each] for each in rest))
        shape = writer.shape([*sizes, node.sizes[system.inner], columns])
        several = Piece(f"xp.reshape({right.text}, {shape})", ATOM)
        labels = (*system.batch, system.outer, *rest)
        whole = writer.shape([node.sizes[each] for each in labels])
        found = Piece(f"xp.reshape({_solved(system, several, writer).text}, {whole})", ATOM)
    factor = Factor(found, (*system.batch, system.outer, *rest))
    factor = summed(factor, {label for label in factor.labels if label not in node.output})
    return arranged(Term(factor.piece), factor.labels, node, writer)


def _trace(system: System, right: Piece, writer: SystemWriter) -> Piece:
    """The trace of inv(A) @ B: entries of the inverse cost less than as many solutions."""
    factor = writer.factor(system.matrix)
    if factor is not None and factor[0] == "cholesky":
        entries = writer.whole(system.inverse)
        return Piece(f"xp.sum({entries.at_least(MULTIPLY)} * {right.at_least(NEGATE)})", ATOM)
    right = permuted(right, system.at, (system.inner, system.outer))
    name = writer.helper("diagonal", DIAGONAL)
    return Piece(f"xp.sum({name}(xp, {_solved(system, right, writer).text}))", ATOM)


def _solved(system: System, right: Piece, writer: SystemWriter) -> Piece:
    """The call that solves a system for a vector or for the columns of a matrix."""
    found = writer.factor(system.matrix)
    if found is not None:
        kind, factor = found
        options = ", transposed=True" if system.transposed and kind == "lu" else ""
        return Piece(f"{writer.asked(f'solve_{kind}')}({factor}, {right.text}{options})", ATOM)
    matrix = writer.whole(system.matrix)
    left = f"xp.matrix_transpose({matrix.text})" if system.transposed else matrix.text
    return Piece(f"xp.linalg.solve({left}, {right.text})", ATOM)
