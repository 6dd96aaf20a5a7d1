"""Sums with sign(u) of which terms cancel on either side of u = 0, as what is left on each side.

`a + b + (a - b)*sign(u)` is computed as `a*(1 + sign(u)) + b*(1 - sign(u))`: the slope of a maximum. A side
that is not taken is then a product with 0, which neither rounds the other side nor, where it is infinite,
spoils it (`untaken_cases`). At u = 0 both forms are the mean of the sides. abs(u) is u*sign(u) here, so that
`c + abs(u) - u*sign(u)` is c.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from symbolic.algebra.simplification import arrange
from symbolic.code.cancellation import factor_and_core, multiplied, scaled
from symbolic.nodes import Contraction, Elementwise, Expression, Named, Sum, Variable, kernel_symbol
from symbolic.traverse import has_more_nodes, postorder, substitute, with_children

MOST_NODES = 100  # of a sum that is looked into

_x = kernel_symbol(0)
_HALF = sympy.Rational(1, 2)


def with_sides(roots: Sequence[Expression]) -> dict[Expression, Expression]:
    """Every node below the roots, sums by their sides where that leaves less to compute.

    >>> from symbolic import gradient, parse
    >>> slope = gradient(parse("sum(maximum(x*y, sin(y)))", {"x": "n", "y": "n"}), "y")
    >>> print(slope)
    (sign(x*y - sin(y))*(x - cos(y)) + cos(y) + x)/2
    >>> print(with_sides([slope])[slope])
    (x*(1 + sign(x*y - sin(y))) + cos(y)*(1 - sign(x*y - sin(y))))/2
    """
    order = postorder(roots)
    if not any(_is_sign(node) for node in order):
        return {node: node for node in order}
    new: dict[Expression, Expression] = {}
    for node in order:
        built = with_children(node, tuple(new[child] for child in node.children))
        new[node] = _by_sides(built) if isinstance(built, Sum) else built
    return new


def side_of_kink(node: Expression) -> tuple[sympy.Expr, int, Expression] | None:
    """The number c, +1 or -1, and u of c*(1 + sign(u)) or c*(1 - sign(u))."""
    if not isinstance(node, Sum) or len(node.terms) != 2:
        return None
    for one, other in (node.terms, node.terms[::-1]):
        number, rest = factor_and_core(one)
        factor, sign = factor_and_core(other)
        if rest is None and sign is not None and _is_sign(sign) and abs(factor) == abs(number):
            return number, int(factor / number), sign.children[0]
    return None


def _by_sides(total: Sum) -> Expression:
    """A sum by the sides of one sign that stands in it, and those by the sides of the others."""
    if has_more_nodes(total, MOST_NODES) or side_of_kink(total) is not None:
        return total
    for sign in filter(_is_sign, postorder(total)):
        u = sign.children[0]
        absolute = Elementwise(sympy.Lambda((_x,), sympy.Abs(_x)), [u])
        if not _is_affine(total, {sign, absolute}):
            continue
        ones = Contraction((), (), range(sign.rank), dict(enumerate(sign.shape)))
        above, below, between = (
            arrange(substitute(total, {sign: scaled(value, ones), absolute: scaled(value, u)}))
            for value in map(sympy.Integer, (1, -1, 0))
        )
        if above is below:
            return above
        slope = arrange(Sum([above, scaled(sympy.S.NegativeOne, between)]))
        if _leaves(above) + _leaves(below) < _leaves(between) + _leaves(slope):
            halves = (
                (value, arrange(scaled(_HALF, side))) for value, side in ((1, above), (-1, below))
            )
            sides = [
                multiplied([_side(half), Sum([ones, scaled(sympy.Integer(value), sign)])])
                for value, half in halves
                if factor_and_core(half)[0] != 0
            ]
            return sides[0] if len(sides) == 1 else Sum(sides)
    return total


def _side(part: Expression) -> Expression:
    return with_sides([part])[part]


def _is_sign(node: Expression) -> bool:
    return isinstance(node, Elementwise) and node.kernel.expr == sympy.sign(_x)


def _is_affine(total: Sum, signs: set[Expression]) -> bool:
    """Whether entry by entry a sum is some expression plus others times one of the signs."""
    affine: dict[Expression, bool] = {}  # of the nodes that a sign is below
    for node in postorder(total):
        held = [k for k, child in enumerate(node.children) if child in affine]
        if node in signs:
            affine[node] = True
        elif held:
            within = all(affine[node.children[k]] for k in held)
            if isinstance(node, Contraction):
                alone = len(held) == 1 and not node.summed
                within = within and alone and node.labels[held[0]] == node.output
                affine[node] = within and len(set(node.output)) == node.rank
            else:
                affine[node] = within and isinstance(node, (Sum, Named))
    return affine.get(total, False)


def _leaves(root: Expression) -> int:
    """The variables of an expression, as often as they are written."""
    count: dict[Expression, int] = {}
    for node in postorder(root):
        below = sum(count[child] for child in node.children)
        count[node] = below if node.children else int(isinstance(node, Variable))
    return count[root]
