"""The derivative of a square root is used only where what is under the root is positive."""

from __future__ import annotations

import numpy as np
import pytest

from symbolic import Derivative, Expression, parse, rules
from symbolic.calculus.root_rules import positive, square_root
from symbolic.nodes import Variable
from symbolic.traverse import variables
from tests.symbolic.random_expressions import certainly_equal

GIVEN = {"x": "n", "A": "n n", "e": ": positive", "q": "n: positive", "r": "n: nonnegative",
         "P": "n n: positive", "s": ""}  # fmt: skip
POSITIVE = (
    "e", "q", "sum(q)", "mean(P, axis=0)", "x*x + e", "mean((x - mean(x))**2) + e", "exp(x)",
    "q*exp(x)", "1 + x**2", "3*q", "r + q", "P @ q", "sum(exp(x))", "e + r",
)  # fmt: skip
UNKNOWN = (
    "x", "s", "r", "x*x", "x @ x", "e - 1", "-q", "x + q", "r*q", "sum(x)", "s*e", "A @ q",
    "diag(q)", "2*e - 3", "exp(x) - 1",
)  # fmt: skip


def place(expression: Expression) -> Variable:
    return next(iter(sorted(variables(expression), key=lambda each: each.name == "e")))


@pytest.mark.parametrize("text", POSITIVE)
def test_what_is_positive_may_stand_under_the_root(text: str) -> None:
    u = parse(text, GIVEN)
    assert positive(u)
    line = Derivative(parse(f"sqrt({text})", GIVEN), place(u))
    after = square_root.once(line)
    assert after is not line
    assert certainly_equal(line, after, 0)


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_may_be_zero_or_negative_is_refused(text: str) -> None:
    u = parse(text, GIVEN)
    assert not positive(u)
    line = Derivative(parse(f"sqrt({text})", GIVEN), place(u))
    assert square_root.once(line) is line


@pytest.mark.parametrize("text", POSITIVE)
def test_positive_means_positive_at_random_points(text: str) -> None:
    from symbolic import lambdify

    expression = parse(text, GIVEN)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        values = {}
        for each in variables(expression):
            drawn = rng.normal(size=(3,) * each.rank) * 2.0
            values[each.name] = drawn if each.domain == "real" else np.abs(drawn)
        assert np.all(lambdify(expression)(**values) > 0), f"seed {seed}"


def test_it_is_about_roots_only() -> None:
    for text in ("q**2", "1/q", "q**1.5", "exp(q)", "1/sqrt(q)"):
        line = Derivative(parse(text, GIVEN), place(parse("q", GIVEN)))
        assert square_root.once(line) is line
        assert rules.chain_rule.once(line) is not line
