"""Products of sums that hold diagonals or inverses, multiplied out.

In `(diag part + full part)` times a matrix the diagonal part only scales; kept together, the sum
would have to be built as one large array of mostly zeros. In `(inv(A) + B) @ v` the inverse only
multiplies, so that a system is solved instead.
"""

from __future__ import annotations

from symbolic.nodes import Apply, Contraction, Expression, Sum

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
        if not isinstance(operand, Sum):
            continue
        large = operand.rank >= SMALLEST_RANK and any(map(_has_diagonal, operand.terms))
        if large or (any(map(_is_inverse, operand.terms)) and _multiplies(node, place)):
            return Sum([_with(node, place, term) for term in operand.terms])
    return node


def _has_diagonal(term: Expression) -> bool:
    return isinstance(term, Contraction) and len(set(term.output)) < len(term.output)


def _is_inverse(term: Expression) -> bool:
    """Whether a term is an inverse, maybe transposed or with a coefficient."""
    if isinstance(term, Contraction) and len(term.operands) == 1 and term.rank == 2:
        (term,) = term.operands
    return isinstance(term, Apply) and term.function == "inv"


def _multiplies(node: Contraction, place: int) -> bool:
    """Whether an operand is summed over exactly one axis, with another operand."""
    summed = [label for label in node.labels[place] if label not in node.output]
    others = {label for k, at in enumerate(node.labels) if k != place for label in at}
    return (
        len(summed) == 1
        and summed[0] in others
        and not others & set(node.labels[place]) - {summed[0]}
    )


def _with(node: Contraction, place: int, term: Expression) -> Contraction:
    operands = (*node.operands[:place], term, *node.operands[place + 1 :])
    sizes = dict(enumerate(node.sizes))
    return Contraction(operands, node.labels, node.output, sizes, node.coefficient)
