"""Repetition, moved outwards: what is constant along an axis is computed once and repeated last.

`exp(s[:, None] * ones(n, d))` is `exp(s)` repeated, so the n x d array need never exist.
"""

from __future__ import annotations

from symbolic.code.products import arranges
from symbolic.nodes import Contraction, Elementwise, Expression, Sum

Axes = tuple[int, ...]


def repeat_last(node: Expression) -> Expression:
    """A node as a smaller one, repeated, where its operands are repeated along the same axes.

    >>> from symbolic.operations import broadcast_to, exp
    >>> from symbolic.variables import dims, scalar
    >>> s, shape = scalar("s"), dims("n d")
    >>> repeat_last(exp(broadcast_to(s, shape))) is broadcast_to(exp(s), shape)
    True
    """
    if isinstance(node, Contraction):
        return _contraction(node)
    if isinstance(node, (Sum, Elementwise)):
        return _entrywise(node)
    return node


def _contraction(node: Contraction) -> Expression:
    """Sums and products first, new axes last."""
    present = {label for labels in node.labels for label in labels}
    kept = tuple(label for label in node.output if label in present)
    if not node.operands or kept == node.output or arranges(node):
        return node
    if len(set(kept)) < len(kept):
        return node
    sizes = dict(enumerate(node.sizes))
    core = Contraction(node.operands, node.labels, kept, sizes, node.coefficient)
    return Contraction([core], [kept], node.output, sizes)


def _entrywise(node: Sum | Elementwise) -> Expression:
    operands = node.children
    new = set.intersection(*(_repeated_axes(operand) for operand in operands))
    if not new or all(isinstance(each, Contraction) and not each.operands for each in operands):
        return node
    axes = tuple(range(node.rank))
    kept = tuple(axis for axis in axes if axis not in new)
    smaller = [_without(operand, kept) for operand in operands]
    core = Sum(smaller) if isinstance(node, Sum) else Elementwise(node.kernel, smaller)
    return Contraction([core], [kept], axes, dict(enumerate(node.shape)))


def _repeated_axes(node: Expression) -> set[int]:
    """The axes along which a node repeats what is inside it."""
    if not isinstance(node, Contraction) or len(set(node.output)) < len(node.output):
        return set()
    if not node.operands:
        return set(range(node.rank))
    if not arranges(node):
        return set()
    return {axis for axis, label in enumerate(node.output) if label not in node.labels[0]}


def _without(node: Expression, kept: Axes) -> Expression:
    """A repeated node with only some of its axes."""
    assert isinstance(node, Contraction)
    output = tuple(node.output[axis] for axis in kept)
    if node.operands and node.labels[0] == output:
        return node.operands[0]
    sizes = dict(enumerate(node.sizes))
    return Contraction(node.operands, node.labels, output, sizes, node.coefficient)
