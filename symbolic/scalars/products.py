"""Rules of finite products."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.innermost import has_integer_ends
from symbolic.scalars.rule import ScalarRule
from symbolic.scalars.smoothness import within


def _log(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.log) or len(node.args) != 1:
        return None
    (product,) = node.args
    if not isinstance(product, sympy.Product) or len(product.limits) != 1:
        return None
    if not has_integer_ends(product, facts):
        return None
    factor, limits = product.function, tuple(product.limits[0])
    index, low, high = limits
    if not index.is_integer or not facts.nonnegative(high - low + 1):
        return None
    if not within(facts, limits).positive(factor):
        return None
    return sympy.Sum(sympy.log(factor), limits)


log_of_finite_product = ScalarRule(
    "log of a finite product",
    "log(product(f(i), i=a..b)) = sum(log f(i), i=a..b)",
    "every factor is positive and b >= a - 1",
    "the laws of logarithms",
    _log,
)

__all__ = ["log_of_finite_product"]
