"""Rules of traces: a quadratic form is the trace of a matrix times an outer product."""

from __future__ import annotations

from symbolic.algebra.contractions import Factor, Product
from symbolic.calculus.rules import Rule
from symbolic.nodes import Contraction, Expression
from symbolic.traverse import named_nodes, unfold


def _trace_trick(node: Expression) -> Expression | None:
    """sum_i u_ia A_ab u_ib as the trace of A times the sum of outer products of the rows of u.

    Names of products are written out where that is needed, other names are kept.
    """
    if node.rank or not isinstance(node, Contraction):
        return None
    products = [each for each in named_nodes(node) if isinstance(each.meaning, Contraction)]
    for written in (node, unfold(node, products)):
        assert isinstance(written, Contraction)
        found = _as_trace(Product.of(written, whole=True))
        if found is not None:
            return found
    return None


def _as_trace(product: Product) -> Expression | None:
    factors = product.resolved()
    for place, (matrix, (row, column)) in _matrices(factors):
        others = [each for i, each in enumerate(factors) if i != place]
        if len(others) != 2 or not _are_the_two_ends(others, row, column):
            continue
        (vector, at), (_, there) = others
        if row in there:
            at, there = there, at
        scatter = Contraction([vector, vector], [there, at], (column, row))
        return Contraction(
            [matrix, scatter], [(row, column), (column, row)], (), coefficient=product.coefficient
        )
    return None


def _matrices(factors: list[Factor]) -> list[tuple[int, tuple[Expression, tuple[int, int]]]]:
    return [
        (place, (node, (at[0], at[1])))
        for place, (node, at) in enumerate(factors)
        if len(at) == 2 and at[0] != at[1]
    ]


def _are_the_two_ends(ends: list[Factor], row: int, column: int) -> bool:
    """Whether two factors are one array, read once at the row and once at the column."""
    (left, at), (right, there) = ends
    if left is not right or len(set(at)) < len(at):
        return False
    swap = {row: column, column: row}
    return (row in at) != (column in at) and there == tuple(swap.get(x, x) for x in at)


trace_trick = Rule(
    "trace trick",
    "x @ A @ x = trace(A @ outer(x, x)), and so for the sum over the rows of a matrix",
    "none",
    "Petersen, Pedersen, The Matrix Cookbook (2012)",
    _trace_trick,
)

__all__ = ["trace_trick"]
