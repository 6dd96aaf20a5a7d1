"""Factors of equal axes inside a sum, as one product entry by entry, where one has an exponential.

In `exp(-u**2/2) @ (1/erfc(u))` both factors of an entry may be 0 or infinite where their product is
neither. Stable forms are of products entry by entry, so the factors of an entry are met as one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy

from symbolic.code.cancellation import multiplied
from symbolic.functions import expm1
from symbolic.nodes import Contraction, Elementwise, Expression
from symbolic.traverse import entrywise, postorder, with_children

_EXPONENTIALS = (sympy.exp, sympy.sinh, sympy.cosh, sympy.erf, sympy.erfc, expm1)


def with_factors_together(roots: Sequence[Expression]) -> dict[Expression, Expression]:
    """Every node below the roots with such products inside the sums.

    >>> from symbolic import exp, vector
    >>> x = vector("x", "n")
    >>> with_factors_together([exp(x) @ (1 / x)])[exp(x) @ (1 / x)].operands
    (exp(x)/x,)
    """
    new: dict[Expression, Expression] = {}
    for node in postorder(roots):
        built = with_children(node, tuple(new[child] for child in node.children))
        if isinstance(built, Contraction):
            built = with_factors_joined(built, _has_exponential)
        new[node] = built
    return new


def with_factors_joined(node: Contraction, wanted: Callable[[Expression], bool]) -> Contraction:
    """A product with the factors of equal axes inside its sum as one, where a wanted one is among them."""
    if not node.summed or len(node.operands) < 2:
        return node
    groups: dict[tuple[int, ...], list[Expression]] = {}
    for operand, at in zip(node.operands, node.labels, strict=True):
        groups.setdefault(at, []).append(operand)
    met = {
        at: [multiplied(factors)]
        for at, factors in groups.items()
        if len(factors) > 1 and at and any(map(wanted, factors))
    }
    if not met:
        return node
    pairs = [(each, at) for at, factors in (groups | met).items() for each in factors]
    operands, labels = zip(*pairs, strict=True)
    return Contraction(operands, labels, node.output, dict(enumerate(node.sizes)), node.coefficient)


def _has_exponential(factor: Expression) -> bool:
    """Whether an exponential or a tail stands in a factor; sums of products are not looked into."""
    return any(
        isinstance(each, Elementwise) and each.kernel.expr.has(*_EXPONENTIALS)
        for each in entrywise(factor)
    )
