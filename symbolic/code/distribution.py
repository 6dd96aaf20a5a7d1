"""Products of sums that hold diagonals, multiplied out.

In `(diag part + full part)` times a matrix the diagonal part only scales; kept together, the sum
would have to be built as one large array of mostly zeros.
"""

from __future__ import annotations

from symbolic.nodes import Contraction, Expression, Sum

SMALLEST_RANK = 3  # a square matrix with a changed diagonal is cheap, and shorter to write


def distribute(node: Expression) -> Expression:
    """A contraction with such a sum as a sum of contractions.

    >>> from symbolic.operations import einsum
    >>> from symbolic.variables import tensor
    >>> T, v = tensor("T", 2, 2, 2), tensor("v", 2)
    >>> cube = Contraction([v], ["i"], "iii")
    >>> type(distribute(einsum("ijk,k->ij", T + cube, v))).__name__
    'Sum'
    """
    if not isinstance(node, Contraction):
        return node
    for place, operand in enumerate(node.operands):
        if not (isinstance(operand, Sum) and operand.rank >= SMALLEST_RANK):
            continue
        if any(_has_diagonal(term) for term in operand.terms):
            return Sum([_with(node, place, term) for term in operand.terms])
    return node


def _has_diagonal(term: Expression) -> bool:
    return isinstance(term, Contraction) and len(set(term.output)) < len(term.output)


def _with(node: Contraction, place: int, term: Expression) -> Contraction:
    operands = (*node.operands[:place], term, *node.operands[place + 1 :])
    sizes = dict(enumerate(node.sizes))
    return Contraction(operands, node.labels, node.output, sizes, node.coefficient)
