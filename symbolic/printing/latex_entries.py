r"""A tensor by its entries in matrix notation, as in `\left[\sum_{i=1}^{n} X_{ij} X_{ik}\right]_{jk}`.

The range of an index is told where no array with that axis is seen, as with windows:
`\left[x_{i+j-1}\right]_{1 \le i \le n - 2,\, 1 \le j \le 3}`.
"""

from __future__ import annotations

from symbolic.nodes import Contraction, Derivative, Expression
from symbolic.printing.index_names import Index, IndexNames
from symbolic.printing.latex_extremes import Range, ranges_text, shows_length
from symbolic.printing.latex_pieces import ATOM, Piece, Tex, in_square_brackets, script
from symbolic.printing.latex_tasks import Task, Writing


def by_entries(task: Task, names: IndexNames) -> Writing:
    """A tensor as its entry in square brackets, the free indices outside; a scalar as it is."""
    node, scope = task.node, task.scope
    if _ends_in_a_derivative(node):
        return (yield Task(node, (None,) * node.rank, scope))
    at: tuple[Index, ...] = ()
    for size in node.shape:
        at += (names.fresh(size, scope | set(at)),)
    inside = yield Task(node, at, scope | set(at))
    if not at:
        return inside
    ranges = [
        Range(index, size, size == 1 or shows_length(node, axis))
        for axis, (index, size) in enumerate(zip(at, node.shape, strict=True))
    ]
    text = Tex(in_square_brackets(inside), script("_", ranges_text(ranges)))
    return Piece(text, ATOM, tensor=True, tall=inside.tall, subscript=True)


def _ends_in_a_derivative(node: Expression) -> bool:
    """Whether the free axes are those of one derivative's variable, which may stand bare."""
    if not isinstance(node, Contraction) or not node.output or len(set(node.output)) < node.rank:
        return False
    holders = [
        (operand, labels)
        for operand, labels in zip(node.operands, node.labels, strict=True)
        if set(labels) & set(node.output)
    ]
    if len(holders) != 1:
        return False
    operand, labels = holders[0]
    if not isinstance(operand, Derivative):
        return False
    rank = operand.expression.rank
    return labels[rank:] == node.output and not set(labels[:rank]) & set(node.output)
