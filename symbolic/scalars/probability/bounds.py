"""Bounds that probability needs: of logarithms, indicators and expectations."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.monotone import part_by_part
from symbolic.scalars.random_variables import Expectation, Indicator
from symbolic.scalars.rule import ScalarBound


@part_by_part
def _above_log(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.log) or not facts.positive(node.args[0]):
        return None
    return node.args[0] - 1


log_below_line = ScalarBound(
    "log t <= t - 1",
    "log t <= t - 1, with equality at t = 1 alone",
    "t > 0",
    "the logarithm is concave; t - 1 is its tangent at 1",
    _above_log,
)


@part_by_part
def _above_indicator(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Indicator) or not isinstance(node.args[0], sympy.GreaterThan):
        return None
    size, level = node.args[0].gts, node.args[0].lts
    if not facts.positive(level):
        return None
    if isinstance(size, sympy.Abs) and facts.real(size.args[0]):
        return (size.args[0] / level) ** 2
    return size / level if facts.nonnegative(size) else None


indicator_below_ratio = ScalarBound(
    "an indicator is at most the ratio",
    "1{Y >= a} <= Y / a for Y >= 0, and 1{abs(Y) >= a} <= (Y / a)^2",
    "a > 0",
    "where the event happens, the ratio is at least 1",
    _above_indicator,
)


@part_by_part
def _above_mean_of_log(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation) or not isinstance(node.args[0], sympy.log):
        return None
    inner = node.args[0].args[0]
    return sympy.log(Expectation(inner, *node.args[1:])) if facts.positive(inner) else None


jensen_for_log = ScalarBound(
    "Jensen's inequality for the logarithm",
    "E[log X] <= log E[X]",
    "X > 0",
    "the logarithm is concave",
    _above_mean_of_log,
)


__all__ = ["indicator_below_ratio", "jensen_for_log", "log_below_line"]
