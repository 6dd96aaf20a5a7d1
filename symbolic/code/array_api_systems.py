"""Products with inverses as linear systems, in the Python array API standard."""

from __future__ import annotations

import sympy

from symbolic.code.array_api_kernels import Term
from symbolic.code.array_api_products import (
    DIAGONAL,
    Factor,
    Held,
    Writer,
    arranged,
    permuted,
    summed,
)
from symbolic.code.numpy_solves import system_of
from symbolic.nodes import Contraction
from symbolic.printing.text_printer import ATOM, Piece


def solution(node: Contraction, writer: Writer) -> Held | None:
    """The solution of the linear system that a product with an inverse is, if it is one."""
    system = system_of(node)
    if system is None:
        return None
    matrix = writer.whole(system.matrix)
    if system.transposed:
        name = "xp.matrix_transpose"
        matrix = Piece(f"{name}({matrix.text})", ATOM)
    right = writer.whole(system.right)
    rest = tuple(each for each in system.at if each not in (*system.batch, system.inner))
    present = tuple(each for each in system.batch if each in system.at)
    right = permuted(right, system.at, (*present, system.inner, *rest))
    if system.outer in system.at:  # the trace of inv(A) @ B
        name = writer.helper("diagonal", DIAGONAL)
        text = f"xp.sum({name}(xp, xp.linalg.solve({matrix.text}, {right.text})))"
        return Held(Term(Piece(text, ATOM)))
    if not system.batch and len(rest) < 2:
        found = Piece(f"xp.linalg.solve({matrix.text}, {right.text})", ATOM)
    else:
        sizes = [node.sizes[each] if each in system.at else 1 for each in system.batch]
        columns = sympy.Mul(*(node.sizes[each] for each in rest))
        shape = writer.shape([*sizes, node.sizes[system.inner], columns])
        text = f"xp.linalg.solve({matrix.text}, xp.reshape({right.text}, {shape}))"
        labels = (*system.batch, system.outer, *rest)
        whole = writer.shape([node.sizes[each] for each in labels])
        found = Piece(f"xp.reshape({text}, {whole})", ATOM)
    factor = Factor(found, (*system.batch, system.outer, *rest))
    factor = summed(factor, {label for label in factor.labels if label not in node.output})
    return arranged(Term(factor.piece), factor.labels, node, writer)
