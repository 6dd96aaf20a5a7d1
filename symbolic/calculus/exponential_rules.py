"""Rules of exponentials: sums become products, and logarithms inside are undone."""

from __future__ import annotations

import sympy

from symbolic.calculus.rules import Rule
from symbolic.nodes import Contraction, Elementwise, Expression, Named, Sum, kernel_symbol
from symbolic.operations import exp

_ARGUMENT = kernel_symbol(0)


def _exp_of_sum(node: Expression) -> Expression | None:
    if not isinstance(node, Elementwise) or node.kernel.expr != sympy.exp(_ARGUMENT):
        return None
    inner = node.operands[0]
    while isinstance(inner, Named):
        inner = inner.meaning
    if not isinstance(inner, Sum):
        return None
    axes = tuple(range(inner.rank))
    return Contraction([_exp(term) for term in inner.terms], [axes] * len(inner.terms), axes)


def _exp(term: Expression) -> Expression:
    """The exponential of a term; of a logarithm, read along some axes, what it is taken of."""
    inner, labels = term, tuple(range(term.rank))
    output, sizes = labels, dict(enumerate(term.shape))
    if isinstance(term, Contraction) and _only_spreads(term):
        (inner,), (labels,), output = term.operands, term.labels, term.output
        sizes = dict(enumerate(term.sizes))
    if isinstance(inner, Elementwise) and inner.kernel.expr == sympy.log(_ARGUMENT):
        return Contraction([inner.operands[0]], [labels], output, sizes)
    return exp(term)


def _only_spreads(node: Contraction) -> bool:
    distinct = len(set(node.output)) == node.rank
    return len(node.operands) == 1 and node.coefficient == 1 and not node.summed and distinct


exp_of_sum = Rule(
    "exponential of a sum",
    "exp(u + v) = exp(u)*exp(v) and exp(log(u)) = u",
    "u > 0 where its logarithm is taken",
    "the laws of exponentials",
    _exp_of_sum,
)

__all__ = ["exp_of_sum"]
