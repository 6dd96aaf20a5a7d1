"""Identities of structured functions and facts of domains, used wherever they apply."""

from __future__ import annotations

import sympy

from symbolic.contractions import Factor, Product
from symbolic.domains import domain_of
from symbolic.nodes import Apply, Elementwise, Expression, Named, Variable, kernel_symbol


def structured_identity(node: Elementwise) -> Expression | None:
    """log(softmax(z)) = log_softmax(z); exp(log_softmax(z)) = softmax(z)."""
    if len(node.operands) != 1 or not isinstance(node.operands[0], Apply):
        return None
    inner = node.operands[0]
    x = kernel_symbol(0)
    if inner.function == "softmax" and node.kernel.expr == sympy.log(x):
        return Apply("log_softmax", inner.operand, inner.axis)
    if inner.function == "log_softmax" and node.kernel.expr == sympy.exp(x):
        return Apply("softmax", inner.operand, inner.axis)
    return None


def summing_axes(node: Expression) -> tuple[int, ...]:
    """The axes along which the entries of a node sum to one; () if it has no such axes."""
    while isinstance(node, Named):
        node = node.meaning
    if isinstance(node, Variable):
        axis = domain_of(node.domain).sums_to_one
        return () if axis is None else (node.rank + axis,)
    if isinstance(node, Apply) and node.function == "softmax":
        return tuple(range(node.rank)) if node.axis is None else (node.axis,)
    return ()


def apply_facts(product: Product, output: tuple[int, ...]) -> None:
    """Sums of probabilities and squared lengths of unit vectors become 1 in a product."""
    target = {product.root(label) for label in output}
    changed = True
    while changed:
        changed = False
        factors = product.resolved()
        for place, factor in enumerate(factors):
            others = {x for i, (_, at) in enumerate(factors) if i != place for x in at} | target
            if _sums_to_one(factor, others) or _has_unit_length(factor, others):
                product.factors = [each for i, each in enumerate(factors) if i != place]
                axes = summing_axes(factor[0])
                gone = {factor[1][axis] for axis in axes} or set(factor[1])
                product.touched = {x for x in product.touched if product.root(x) not in gone}
                changed = True
                break


def _sums_to_one(factor: Factor, others: set[int]) -> bool:
    node, at = factor
    axes = summing_axes(node)
    return bool(axes) and len(set(at)) == len(at) and not {at[axis] for axis in axes} & others


def _has_unit_length(factor: Factor, others: set[int]) -> bool:
    node, at = factor
    if not isinstance(node, Elementwise) or node.kernel.expr != kernel_symbol(0) ** 2:
        return False
    inner = node.operands[0]
    while isinstance(inner, Named):
        inner = inner.meaning
    unit = isinstance(inner, Variable) and inner.domain == "unit_norm"
    return unit and not set(at) & others
