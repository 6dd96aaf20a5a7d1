"""Orientation: an entrywise matrix inside a product is written the way round that needs fewer turns.

(c - 1) read at (i, j) is (c.T - 1) read at (j, i); a canonical product holds one of the two only.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from symbolic.algebra.weights import length
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Named, Sum, Variable

_turned: WeakKeyDictionary[Expression, Expression] = WeakKeyDictionary()


def turned(node: Expression) -> Expression:
    """The transpose of a canonical matrix, canonical again, with its turns at the leaves."""
    found = _turned.get(node)
    if found is None:
        found = _turn(node)
        _turned[node] = found
        _turned.setdefault(found, node)
    return found


def _turn(node: Expression) -> Expression:
    from symbolic.algebra.contractions import Product, is_symmetric

    match node:
        case Variable() | Named() | Apply() if is_symmetric(node):
            return node
        case Sum():
            return Sum(sorted((turned(term) for term in node.terms), key=lambda term: term.key))
        case Elementwise():
            return Elementwise(node.kernel, [turned(operand) for operand in node.operands])
        case Contraction():
            product = Product.of(node, whole=True)
            return product.finish(node.output[::-1])
        case _:
            axes = (0, 1)
            return Contraction([node], [axes], axes[::-1])


def is_upright(node: Expression) -> bool:
    """Whether a canonical entrywise matrix is no longer than its transpose."""
    return length(node) <= length(turned(node))
