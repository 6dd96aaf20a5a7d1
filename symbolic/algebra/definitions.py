"""Named functions that come back: softmax, logsumexp and softplus recognised from their definitions."""

from __future__ import annotations

import sympy

from symbolic.algebra.contractions import Factor, Product
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, kernel_symbol
from symbolic.operations import broadcast_to, constant, log

_x = kernel_symbol(0)


def log_of_sum(node: Elementwise) -> Expression | None:
    """log(c*sum(exp(z))) as log(c) + logsumexp(z), along the axis of the sum."""
    (total, *others) = node.operands
    if others or node.kernel.expr != sympy.log(_x) or not isinstance(total, Contraction):
        return None
    found = _sum_of_exponentials(total)
    if found is None or not total.coefficient.is_positive:
        return None
    z, axis = found
    named = Apply("logsumexp", z, axis)
    if total.coefficient == 1:
        return named
    return named + broadcast_to(log(constant(total.coefficient)), named.shape)


def _sum_of_exponentials(total: Contraction) -> tuple[Expression, int | None] | None:
    """Z and the axis where a contraction is sum(exp(z)) up to its coefficient."""
    if len(total.operands) != 1:
        return None
    (terms,), (at,) = total.operands, total.labels
    summed = [axis for axis, label in enumerate(at) if label not in total.output]
    kept = [label for label in at if label in total.output]
    if not _is_exponential(terms) or len(set(at)) < len(at) or list(total.output) != kept:
        return None
    if len(summed) == len(at):
        return terms.children[0], None
    return (terms.children[0], summed[0]) if len(summed) == 1 else None


def _is_exponential(node: Expression) -> bool:
    return isinstance(node, Elementwise) and node.kernel.expr == sympy.exp(_x)


def use_softmax(product: Product, laws: frozenset[str]) -> None:
    """exp(z)/sum(exp(z)) becomes softmax(z) in a product."""
    if "definition of softmax" not in laws:
        return
    while True:
        found = _share(product.resolved())
        if found is None:
            return
        product.factors = found


def _share(factors: list[Factor]) -> list[Factor] | None:
    for place, (above, at) in enumerate(factors):
        if not _is_exponential(above) or len(set(at)) < len(at):
            continue
        for other, (below, there) in enumerate(factors):
            exponent = _negative_power(below)
            if exponent is None or not isinstance(below.children[0], Contraction):
                continue
            found = _sum_of_exponentials(below.children[0])
            if found is None or below.children[0].coefficient != 1:
                continue
            z, axis = found
            rest = () if axis is None else at[:axis] + at[axis + 1 :]
            if z is not above.children[0] or there != rest:
                continue
            new = [each for i, each in enumerate(factors) if i not in (place, other)]
            new.append((Apply("softmax", z, axis), at))
            if exponent != -1:
                left = sympy.Lambda((_x,), _x ** (exponent + 1))
                new.append((Elementwise(left, below.children), there))
            return new
    return None


def _negative_power(node: Expression) -> sympy.Expr | None:
    """The exponent of a node that is an integer power below zero."""
    if not isinstance(node, Elementwise) or not node.kernel.expr.is_Pow:
        return None
    base, exponent = node.kernel.expr.args
    whole = base == _x and exponent.is_Integer and exponent < 0
    return exponent if whole else None
