"""One array for a matrix and its transpose.

`V @ G.T` and `(G @ V.T).T` are the same numbers. Of two matrices that are transposes of each other the
first one met is computed, and the other is its `.T`, which NumPy gets for nothing; sums, kernels and
functions along an axis follow. The inverse of a transpose is that of the matrix, transposed.
"""

from __future__ import annotations

from collections.abc import Mapping

from symbolic.code.product_order import is_inverse
from symbolic.code.products import arranges, is_move
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Iverson, Named, Sum
from symbolic.structured import STRUCTURED
from symbolic.traverse import postorder, with_children


def orient(stable: Mapping[Expression, Expression]) -> dict[Expression, Expression]:
    """What each node has become, with one of each pair of transposes.

    >>> from symbolic.operations import exp
    >>> from symbolic.variables import dims, matrix
    >>> n, d = dims("n d")
    >>> V, G = matrix("V", n, d), matrix("G", n, d)
    >>> e, t = exp(V @ G.T), exp(G @ V.T)
    >>> orient({e: e, t: t})[t]
    exp(V @ G.T).T
    """
    new: dict[Expression, Expression] = {}
    seen: dict[Expression, Expression] = {}
    for node in postorder(dict.fromkeys(stable.values())):
        built = with_children(node, tuple(new[child] for child in node.children))
        if is_inverse(built) and is_transpose(built.children[0]):
            new[node] = transpose(with_children(built, built.children[0].children))
        else:
            new[node] = _oriented(built, seen) if _may_turn(built) else built
    return {node: new[found] for node, found in stable.items()}


def _may_turn(node: Expression) -> bool:
    if node.rank != 2 or isinstance(node, Named) or not node.children:
        return False
    if isinstance(node, Contraction):
        return len(node.operands) > 1 and not is_move(node) and not has_bracket(node)
    return isinstance(node, (Sum, Elementwise)) or _turns_axis(node)


def has_bracket(node: Contraction) -> bool:
    """Whether a condition on places is among the factors."""
    return any(isinstance(operand, Iverson) for operand in node.operands)


def _turns_axis(node: Expression) -> bool:
    return isinstance(node, Apply) and STRUCTURED[node.function].keeps and node.axis is not None


def _oriented(node: Expression, seen: dict[Expression, Expression]) -> Expression:
    """The node, or the transpose of what has been met before."""
    found = seen.get(_ordered(turned(node)))
    if found is not None:
        return transpose(found)
    return seen.setdefault(_ordered(node), node)


def _ordered(node: Expression) -> Expression:
    """A node with its factors or terms in one order, the factors without transposes."""
    if isinstance(node, Sum):
        return Sum(sorted(node.terms, key=lambda term: term.key))
    if not isinstance(node, Contraction):
        return node
    factors = []
    for operand, at in zip(node.operands, node.labels, strict=True):
        upright = transpose(operand) if is_transpose(operand) else operand
        factors.append((upright, at if upright is operand else at[::-1]))
    factors.sort(key=lambda factor: (factor[0].key, factor[1]))
    operands, labels = zip(*factors, strict=True)
    sizes = dict(enumerate(node.sizes))
    return Contraction(operands, labels, node.output, sizes, node.coefficient)


def turned(node: Expression) -> Expression:
    """The transpose of a node, computed by a node of the same kind."""
    match node:
        case Contraction():
            sizes = dict(enumerate(node.sizes))
            reverse = node.output[::-1]
            return Contraction(node.operands, node.labels, reverse, sizes, node.coefficient)
        case Sum():
            return Sum([transpose(term) for term in node.terms])
        case Elementwise():
            return Elementwise(node.kernel, [transpose(each) for each in node.operands])
        case Apply(axis=int(axis)):
            return Apply(node.function, transpose(node.operand), 1 - axis)
        case _:
            return node


def is_transpose(node: Expression) -> bool:
    """Whether a node is the transpose of its operand."""
    return arranges(node) and node.rank == 2 and node.output == node.labels[0][::-1]


def transpose(node: Expression) -> Expression:
    """The transpose of a matrix; that of a transpose is the matrix itself."""
    if arranges(node):
        if is_transpose(node):
            return node.operands[0]
        sizes = dict(enumerate(node.sizes))
        return Contraction(node.operands, node.labels, node.output[::-1], sizes)
    return Contraction([node], [(0, 1)], (1, 0))
