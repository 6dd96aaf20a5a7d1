"""Rules about means: deviations from a mean sum to zero."""

from __future__ import annotations

from symbolic.algebra.normal import equal_by_algebra, is_zero
from symbolic.calculus.accumulation import zero
from symbolic.calculus.rules import Rule
from symbolic.nodes import Contraction, Expression
from symbolic.traverse import unfold


def _sum_of_deviations(node: Expression) -> Expression | None:
    if not isinstance(node, Contraction) or is_zero(node) or not _only_sums(node):
        return None
    nothing = zero(node.shape)
    if equal_by_algebra(node.operands[0], zero(node.operands[0].shape)):
        return None
    return nothing if equal_by_algebra(unfold(node), nothing) else None


def _only_sums(node: Contraction) -> bool:
    """Whether a contraction is a sum or a mean of one operand over some of its axes."""
    return len(node.operands) == 1 and bool(node.summed) and set(node.output) <= set(node.labels[0])


sum_of_deviations = Rule(
    "sum of deviations",
    "sum(u - mean(u)) = 0, also with a factor that is the same in every term",
    "u finite",
    "the definition of the mean",
    _sum_of_deviations,
)
