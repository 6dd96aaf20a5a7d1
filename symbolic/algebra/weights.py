"""How much a node would unfold to, and about how long its text is."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Named, Sum, Variable

LONGEST = 400  # characters; longer texts count as this long
LARGEST_REGION = 60  # operations in one region; a larger one is cut at its inner nodes

_weights: WeakKeyDictionary[Expression, int] = WeakKeyDictionary()
_lengths: WeakKeyDictionary[Expression, int] = WeakKeyDictionary()


def weight(node: Expression) -> int:
    """How many operations reading a node would unfold (capped)."""
    return _from_leaves(node, _weights, _weight)


def length(node: Expression) -> int:
    """About how many characters the text of a node has (capped)."""
    return _from_leaves(node, _lengths, _length)


def _from_leaves(
    node: Expression,
    known: WeakKeyDictionary[Expression, int],
    measure: Callable[[Expression], int],
) -> int:
    """The measure of a node, after those of all nodes below it."""
    stack = [node]
    while stack:
        top = stack[-1]
        waiting = [child for child in top.children if child not in known]
        if top in known or not waiting:
            stack.pop()
            if top not in known:
                known[top] = measure(top)
        else:
            stack.extend(waiting)
    return known[node]


def turns(node: Contraction) -> int:
    """How many matrices of a product stand transposed when it is written from its first index on."""
    if len(node.operands) == 1:
        return int(node.labels[0] != node.output)
    if not node.output or not any(len(at) == 2 for at in node.labels):
        return 0
    distance = {node.output[0]: 0}
    waiting = [node.output[0]]
    for label in waiting:
        for at in node.labels:
            if label in at:
                for other in at:
                    if other not in distance:
                        distance[other] = distance[label] + 1
                        waiting.append(other)
    far = len(node.sizes)
    return sum(
        len(at) == 2 and distance.get(at[0], far) > distance.get(at[1], far) for at in node.labels
    )


def _weight(node: Expression) -> int:
    if not isinstance(node, (Contraction, Sum, Elementwise)):
        return 1
    below = sum(min(_weights[child], LARGEST_REGION) for child in node.children)
    return min(1 + below, LARGEST_REGION + 1)


def _length(node: Expression) -> int:
    return min(_text_length(node), LONGEST)


def _text_length(node: Expression) -> int:
    below = sum(_lengths[child] for child in node.children)
    match node:
        case Variable() | Named():
            return len(node.name)
        case Sum():
            return 2 + below + 3 * (len(node.terms) - 1)
        case Contraction():
            joins = 3 * (len(node.operands) - 1) if node.operands else 4 * node.rank
            turned = 2 * turns(node)
            if len(node.operands) == 1 and node.summed and len(set(node.labels[0])) > 1:
                joins += 5 + 8 * bool(node.output)
            front = 0 if abs(node.coefficient) == 1 else len(str(abs(node.coefficient))) + 1
            return below + joins + turned + front
        case Apply():
            return len(node.function) + 4 + below
        case _:
            return 3 + below
