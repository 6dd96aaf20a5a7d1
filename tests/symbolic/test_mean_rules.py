"""Deviations from a mean sum to zero, and nothing else is taken for such a sum."""

from __future__ import annotations

import numpy as np
import pytest

from symbolic import lambdify, named, parse
from symbolic.algebra.normal import is_zero
from symbolic.calculus.mean_rules import sum_of_deviations
from symbolic.traverse import variables

GIVEN = {"x": "n", "y": "n", "X": "n d", "g": "d", "s": ""}
ZERO = (
    "sum(x - mean(x))", "mean(x - mean(x))", "sum(X - mean(X, axis=0), axis=0)",
    "mean((X - mean(X, axis=0))*g, axis=0)", "sum((x - mean(x))/s)", "sum(X - mean(X))",
    "mean(X - mean(X, axis=1)[:, None], axis=1)",
)  # fmt: skip
NOT_ZERO = (
    "sum(x)", "sum(x - mean(y))", "sum((x - mean(x))*x)", "sum((x - mean(x))**2)",
    "sum(X - mean(X, axis=0), axis=1)", "mean(x) - mean(x)", "sum(abs(x - mean(x)))",
    "(x - mean(x)) @ y", "sum(x - 2*mean(x))", "sum(0*x)",
)  # fmt: skip


@pytest.mark.parametrize("text", ZERO)
def test_a_sum_of_deviations_is_zero(text: str) -> None:
    expression = parse(text, GIVEN)
    assert is_zero(sum_of_deviations.once(expression))
    for seed in range(5):
        rng = np.random.default_rng(seed)
        values = {v.name: rng.normal(size=(4, 3)[: v.rank]) for v in variables(expression)}
        if "g" in values:
            values["g"] = rng.normal(size=3)
        assert np.allclose(lambdify(expression)(**values), 0, atol=1e-12), f"seed {seed}"


@pytest.mark.parametrize("text", NOT_ZERO)
def test_other_sums_are_left_alone(text: str) -> None:
    expression = parse(text, GIVEN)
    assert sum_of_deviations.once(expression) is expression


def test_deviations_are_seen_through_names() -> None:
    centred = named("Z", parse("X - mean(X, axis=0)", GIVEN))
    from symbolic import mean

    assert is_zero(sum_of_deviations.once(mean(centred, axis=0)))
