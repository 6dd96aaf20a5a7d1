"""Factors of equal axes inside a sum, as one product entry by entry.

In `exp(-u**2/2) @ (1/erfc(u))` both factors of an entry may be 0 or infinite where their product is
neither. Stable forms are of products entry by entry, so the factors of an entry are met as one.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbolic.code.cancellation import multiplied
from symbolic.code.untaken_cases import may_overflow
from symbolic.nodes import Contraction, Expression
from symbolic.traverse import postorder, with_children


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
        new[node] = _together(built) if isinstance(built, Contraction) else built
    return new


def _together(node: Contraction) -> Expression:
    if not node.summed or len(node.operands) < 2:
        return node
    groups: dict[tuple[int, ...], list[Expression]] = {}
    for operand, at in zip(node.operands, node.labels, strict=True):
        groups.setdefault(at, []).append(operand)
    met = {
        at: [multiplied(factors)]
        for at, factors in groups.items()
        if len(factors) > 1 and at and any(map(may_overflow, factors))
    }
    if not met:
        return node
    pairs = [(each, at) for at, factors in (groups | met).items() for each in factors]
    operands, labels = zip(*pairs, strict=True)
    return Contraction(operands, labels, node.output, dict(enumerate(node.sizes)), node.coefficient)
