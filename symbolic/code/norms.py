"""Roots of sums of squares as norms, which neither overflow nor vanish on the way.

| written                      | computed                    |
|------------------------------|-----------------------------|
| `sqrt(sum(x*x, axis))`       | `norm(x, axis)`             |
| `sqrt(sum(x**2)/n)`          | `sqrt(1/n)*norm(x)`         |
| `sqrt(x*x)`                  | `abs(x)`                    |
| `sqrt(a**2 + b**2)`          | `hypot(a, b)`               |
| `log(sum(x*x, axis))`        | `2*log(norm(x, axis))`      |
| `sqrt(sum(x*x)*sum(y*y))`    | `sqrt(sum(x*x))*sqrt(sum(y*y))` |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy

from symbolic.code.cancellation import factor_and_core, meaning, scaled
from symbolic.code.hypotenuses import as_hypotenuse
from symbolic.code.product_order import Labels
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, kernel_symbol
from symbolic.traverse import postorder, with_children

_x = kernel_symbol(0)


def roots_as_norms(stable: Mapping[Expression, Expression]) -> dict[Expression, Expression]:
    """What each node has become, with such roots as norms.

    >>> from symbolic.operations import sqrt, sum
    >>> from symbolic.variables import vector
    >>> x, y = vector("x", "n"), vector("y", "n")
    >>> e = sqrt(sum((x - y) ** 2))
    >>> roots_as_norms({e: e})[e]
    norm(x - y)
    """
    new: dict[Expression, Expression] = {}
    for node in postorder(dict.fromkeys(stable.values())):
        built = with_children(node, tuple(new[child] for child in node.children))
        norm = _norm(built)
        if norm is None:
            norm = _logarithm(built)
        if norm is None:
            norm = _root_of_sums(built)
        new[node] = as_hypotenuse(built) if norm is None else norm
    return {node: new[found] for node, found in stable.items()}


def _norm(node: Expression) -> Expression | None:
    if not isinstance(node, Elementwise) or node.kernel.expr != sympy.sqrt(_x):
        return None
    total = meaning(node.operands[0])
    found = sum_of_squares(total) if isinstance(total, Contraction) else None
    if found is None:
        return None
    coefficient, x, summed = found
    if not coefficient.is_positive or summed is None:
        return None
    if not summed:
        return scaled(sympy.sqrt(coefficient), Elementwise(sympy.Lambda((_x,), sympy.Abs(_x)), [x]))
    return scaled(sympy.sqrt(coefficient), norm_over(x, summed))


def _root_of_sums(node: Expression) -> Expression | None:
    """The root of a product of sums of squares, which overflows sooner than each of them."""
    if not isinstance(node, Elementwise) or node.kernel.expr != sympy.sqrt(_x):
        return None
    factor, core = factor_and_core(node.operands[0])
    product = None if core is None else meaning(core)
    if not isinstance(product, Contraction) or product.summed or len(product.operands) < 2:
        return None
    factor = factor * product.coefficient
    sums = [meaning(each) for each in product.operands]
    if not factor.is_positive or not all(
        isinstance(each, Contraction) and sum_of_squares(each) for each in sums
    ):
        return None
    roots = [Elementwise(node.kernel, [each]) for each in product.operands]
    sizes = dict(enumerate(product.sizes))
    return Contraction(roots, product.labels, product.output, sizes, sympy.sqrt(factor))


def _logarithm(node: Expression) -> Expression | None:
    """The logarithm of sums of squares entry by entry or along an axis; a sum of all is one product."""
    if not isinstance(node, Elementwise) or node.kernel.expr != sympy.log(_x):
        return None
    root = Elementwise(sympy.Lambda((_x,), sympy.sqrt(_x)), node.operands)
    found = _norm(root)
    norm = as_hypotenuse(root) if found is None else found
    factor, core = factor_and_core(norm)
    if norm is root or factor != 1 or core is None:
        return None
    if isinstance(core, Apply) and core.axis is None:
        return None
    return scaled(sympy.Integer(2), Elementwise(node.kernel, [core]))


def norm_over(x: Expression, summed: Sequence[int]) -> Apply:
    """The norm over one axis or all."""
    return Apply("norm", x, summed[0] if len(summed) < x.rank else None)


def sum_of_squares(total: Contraction) -> tuple[sympy.Expr, Expression, list[int] | None] | None:
    """The coefficient, x and the axes that are summed, if it is a sum of x*x or x**2.

    It is over no axis, one or all, and the others stand in order; of other sums the axes are None.
    """
    if len(set(total.labels)) != 1 or len(total.operands) > 2:
        return None
    summed = _summed_axes(total.labels[0], total.output)
    if len(total.operands) == 2:
        one, other = total.operands
        return (total.coefficient, one, summed) if one is other else None
    square = meaning(total.operands[0])
    if isinstance(square, Elementwise) and square.kernel.expr == _x**2:
        return total.coefficient, square.operands[0], summed
    if not isinstance(square, Contraction) or set(square.labels) != {square.output}:
        return None
    found = sum_of_squares(square)
    if found is None or found[2] is None:
        return None
    return found[0] * total.coefficient, found[1], summed


def _summed_axes(labels: Labels, output: Labels) -> list[int] | None:
    """The axes that are summed, where a norm over them, or an absolute value, gives the others in order."""
    summed = [axis for axis, label in enumerate(labels) if label not in output]
    kept = tuple(label for label in labels if label in output)
    if kept != output or len(set(labels)) < len(labels) or (len(summed) > 1 and kept):
        return None
    return summed
