"""An array that is arranged twice, arranged once.

Broadcasting a mean that kept its axis repeats it, drops the axis of size 1 and repeats it again; written
once, it is the same node as the mean that dropped its axis at once.
"""

from __future__ import annotations

from collections.abc import Hashable

from symbolic.nodes import Contraction, Expression
from symbolic.sizes import Size

Labels = tuple[Hashable, ...]


def arranged_once(node: Expression) -> Expression:
    """A contraction of one array, beside ones, with the arrangements inside it and the ones taken in.

    >>> from symbolic.operations import broadcast_to
    >>> from symbolic.variables import dims, vector
    >>> n, d = dims("n d")
    >>> x = vector("x", d)
    >>> twice = Contraction([broadcast_to(x, (1, d))], ["ij"], "kj", {"k": n})
    >>> arranged_once(twice) is broadcast_to(x, (n, d))
    True
    """
    if not isinstance(node, Contraction) or len(set(node.output)) < len(node.output):
        return node
    pairs = zip(node.operands, node.labels, strict=True)
    arrays = [pair for pair in pairs if not _is_constant(pair[0])]
    if len(arrays) != 1:
        return node
    ((inner, at),) = arrays
    if node.labels == (node.output,) or len(set(at)) < len(at):
        return node
    if len(node.operands) == 1 and not is_arrangement(inner):
        return node
    coefficient = node.coefficient
    for operand in node.operands:
        if operand is not inner:
            assert isinstance(operand, Contraction)
            coefficient = coefficient * operand.coefficient
    sizes: dict[Hashable, Size] = dict(enumerate(node.sizes))
    labels: Labels = at
    while is_arrangement(inner):
        assert isinstance(inner, Contraction)
        names = dict(zip(inner.output, labels, strict=True))
        coefficient = coefficient * inner.coefficient
        labels = tuple(names[label] for label in inner.labels[0])
        inner = inner.operands[0]
    for label in node.summed:
        if label not in labels:
            coefficient = coefficient * sizes[label]
    return Contraction([inner], [labels], node.output, sizes, coefficient)


def _is_constant(node: Expression) -> bool:
    return (
        isinstance(node, Contraction)
        and not node.operands
        and len(set(node.output)) == len(node.output)
    )


def is_arrangement(node: Expression) -> bool:
    """Whether a node repeats or turns one array and sums nothing."""
    return (
        isinstance(node, Contraction)
        and len(node.operands) == 1
        and not node.summed
        and len(set(node.output)) == len(node.output)
        and len(set(node.labels[0])) == len(node.labels[0])
    )
