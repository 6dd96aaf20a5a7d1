"""Whether two values, or two expressions, agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy

import numeric
from symbolic import Expression, Variable
from symbolic.nodes import Derivative
from symbolic.traverse import postorder, variables
from tests.symbolic.random_expressions.interpreter import evaluate_complex
from tests.symbolic.random_expressions.points import ONE, SIZES, draw
from tests.symbolic.random_expressions.writer import LETTERS

Array = Any


def close(left: Array, right: Array, tolerance: float = 1e-8) -> bool:
    """Whether two arrays agree, relative to the larger of their entries."""
    scale = 1 + np.max(np.abs(left), initial=0) + np.max(np.abs(right), initial=0)
    return bool(
        np.all(np.isfinite(right)) and np.max(np.abs(left - right), initial=0) <= scale * tolerance
    )


def differ(left: Expression, right: Expression, seed: int) -> bool:
    """Whether two expressions have different values: seen in floats, confirmed by enclosures."""
    if left.shape != right.shape:
        return True
    if any(isinstance(node, Derivative) for node in postorder([left, right])):
        return not certainly_equal(left, right, seed)
    for sizes in (SIZES, ONE):
        point = draw([left, right], sizes, np.random.default_rng(seed))
        first = evaluate_complex(left, point, sizes)
        second = evaluate_complex(right, point, sizes)
        if np.all(np.isfinite(first)) and not close(first, second):
            return not all(certainly_equal(left, right, seed + i, sizes) for i in range(3))
    return False


def certainly_equal(
    left: Expression, right: Expression, seed: int, sizes: Mapping[sympy.Symbol, int] | None = None
) -> bool:
    """Whether enclosures at a rational point of the domains agree to 30 digits."""
    found = sizes or SIZES
    inside = dict.fromkeys([*variables(left), *variables(right)])
    point = numeric.sample(inside, found, np.random.default_rng(seed))
    return numeric.compare(left, right, point, found, digits=30).outcome == "equal"


def given_for(*expressions: Expression) -> dict[str, Variable]:
    """The declarations under which the text of expressions is read; every size letter is known."""
    found = {variable.name: variable for each in expressions for variable in variables(each)}
    return {**found, "all_letters": Variable("all_letters", LETTERS)}
