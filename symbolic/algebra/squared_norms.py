"""Sums of squares beside the norm of the same array, as squares of that norm: norm(x)**2 = sum(x**2)."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from symbolic.nodes import Apply, Contraction, Elementwise, Expression, kernel_symbol
from symbolic.traverse import postorder, rewrite

_x = kernel_symbol(0)
_SQUARE = sympy.Lambda((_x,), _x**2)


def with_norms_squared(form: Expression) -> Expression:
    """A canonical form in which an array has either its norm or the sum of its squares, not both.

    >>> from symbolic.algebra.simplification import canonical
    >>> from symbolic.reductions import norm
    >>> from symbolic.variables import vector
    >>> x, y = vector("x", "n"), vector("y", "n")
    >>> print(with_norms_squared(canonical(x @ x - norm(x))))
    -norm(x) + norm(x)**2
    >>> form = canonical(y @ y - norm(x))
    >>> with_norms_squared(form) is form
    True
    """
    norms = [
        each for each in postorder(form) if isinstance(each, Apply) and each.function == "norm"
    ]
    if not norms:
        return form

    def visit(node: Expression) -> Expression:
        return _squared(node, norms) if isinstance(node, Contraction) else node

    return rewrite(form, visit)


def _squared(node: Contraction, norms: list[Apply]) -> Expression:
    """A product in which squares that are summed are those of norms, one factor at a time."""
    operands, labels = list(node.operands), list(node.labels)
    for place, operand in enumerate(node.operands):
        if not isinstance(operand, Elementwise) or operand.kernel.expr != _x**2:
            continue
        at = node.labels[place]
        others = {label for k, each in enumerate(labels) if k != place for label in each}
        for norm in norms:
            summed = (
                {at[axis] for axis in _axes(norm)} if norm.operand is operand.operands[0] else set()
            )
            if summed and len(set(at)) == len(at) and not summed & (others | set(node.output)):
                operands[place] = Elementwise(_SQUARE, [norm])
                labels[place] = tuple(label for label in at if label not in summed)
                break
    if operands == list(node.operands):
        return node
    left = {*node.output, *(label for each in labels for label in each)}
    sizes = {label: size for label, size in enumerate(node.sizes) if label in left}
    return Contraction(operands, labels, node.output, sizes, node.coefficient)


def _axes(norm: Apply) -> Iterator[int]:
    """The axes along which a norm is taken."""
    yield from range(norm.operand.rank) if norm.axis is None else (norm.axis,)
