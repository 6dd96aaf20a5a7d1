"""The total derivative: one term for each path, refused where paths mix or are forgotten."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from symbolic import (
    Derivative,
    Expression,
    UnsupportedError,
    derivative_of,
    dims,
    exp,
    jacobian,
    lambdify,
    named,
    rules,
    sin,
    sum,
    tanh,
    unspecified,
    vector,
)
from symbolic.calculus.execution import leads_to
from symbolic.calculus.path_rules import total_derivative
from symbolic.nodes import Named
from symbolic.traverse import rewrite, substitute
from tests.symbolic.random_expressions import certainly_equal

(n,) = dims("n")
x = vector("x", n)
u, v, w = named("u", exp(x)), named("v", 3 * x), named("w", x)


def worked_out(expression: Expression) -> Expression:
    """Every inert derivative by reverse accumulation."""
    return rewrite(
        expression,
        lambda node: (
            jacobian(node.expression, node.variable) if isinstance(node, Derivative) else node
        ),
    )


def test_each_path_gives_one_term() -> None:
    line = Derivative(sum(u * v), x)
    after = total_derivative(u, v).once(line)
    expected = Derivative(sum(u * v), u) @ Derivative(u, x) + Derivative(
        sum(u * v), v
    ) @ Derivative(v, x)
    assert leads_to(line, expected, (total_derivative(u, v),))
    assert certainly_equal(line, after, 0)


def test_the_gradient_of_a_shared_value_is_the_sum_over_its_uses() -> None:
    p, q = named("p", x), named("q", x)
    cost = sum(p * sin(q))
    line = Derivative(cost, x)
    uses = Derivative(cost, p) + Derivative(cost, q)
    assert leads_to(line, uses, (total_derivative(p, q), rules.linear_map))
    for wrong in (Derivative(cost, p), Derivative(cost, p) - Derivative(cost, q), 2 * uses):
        assert not leads_to(line, wrong, (total_derivative(p, q), rules.linear_map))


def test_a_cost_of_which_nothing_is_known_may_stand_outside() -> None:
    z = named("z", u + v)
    C = unspecified("C", z)
    line = Derivative(C, x)
    assert certainly_equal(line, total_derivative(u, v).once(line), 1)


@pytest.mark.parametrize(
    ("f", "middles"),
    [
        (sum(u * v * x), (u, v)),  # a path that goes around both
        (sum(u * v * w), (u, v)),  # a path through a third
        (sum(u), (u, v)),  # no path through v
        (sum(u * named("t", tanh(u))), (u, named("t", tanh(u)))),  # one on the way to the other
        (sum(u * named("t", x * v)), (u, v)),  # a path beside v, inside a name
        (u, (u, v)),  # what is differentiated is a middle itself
    ],
)
def test_it_says_no_where_paths_mix_or_are_forgotten(
    f: Expression, middles: tuple[Named, ...]
) -> None:
    line = Derivative(f, x)
    assert total_derivative(*middles).once(line) is line
    assert total_derivative(*middles).exhausted(line) is line


def test_it_leaves_alone_what_is_differentiated_by_a_middle() -> None:
    line = Derivative(sum(u * v), u)
    assert total_derivative(u, v).once(line) is line


@pytest.mark.parametrize("middles", [(), (u,), (u, u)])
def test_it_asks_for_several_different_names(middles: tuple[Named, ...]) -> None:
    with pytest.raises(UnsupportedError, match="two or more"):
        total_derivative(*middles)


def test_it_can_be_about_other_names() -> None:
    other = named("v", 5 * x)
    renamed = total_derivative(u, v).renamed(lambda node: substitute(node, {v: other}))
    line = Derivative(sum(u * other), x)
    assert renamed.once(line) is not line
    assert total_derivative(u, v).once(line) is line


Maps = tuple[tuple[Callable[[Expression], Expression], Callable[[np.ndarray], np.ndarray]], ...]
MAPS: Maps = (
    (exp, np.exp),
    (tanh, np.tanh),
    (sin, np.sin),
    (lambda a: a * a, lambda a: a * a),
    (lambda a: 2 - 3 * a, lambda a: 2 - 3 * a),
    (lambda a: a + sum(a), lambda a: a + np.sum(a)),
)


@pytest.mark.parametrize("seed", range(25))
def test_random_programs_against_the_complex_step(seed: int) -> None:
    """A sum of products of maps of maps; differences of complex arguments share no code."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 5))
    inner = [MAPS[k] for k in rng.integers(len(MAPS), size=count)]
    outer = [MAPS[k] for k in rng.integers(len(MAPS), size=count)]
    middles = [named(f"z{k}", make(x)) for k, (make, _) in enumerate(inner)]
    parts = [make(z) for (make, _), z in zip(outer, middles, strict=True)]
    product = parts[0]
    for part in parts[1:]:
        product = product * part

    def value(at: np.ndarray) -> np.ndarray:
        return np.sum(
            np.prod([g(f(at)) for (_, f), (_, g) in zip(inner, outer, strict=True)], axis=0)
        )

    after = total_derivative(*middles).once(Derivative(sum(product), x))
    assert not isinstance(after, Derivative)
    at = rng.normal(size=4)
    steps = np.eye(4) * 1e-30j
    expected = np.array([value(at + step).imag / 1e-30 for step in steps])
    found = lambdify(worked_out(after))(x=at)
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-12), f"seed {seed}"


# --- rules look at what is written before they open a name ------------------------------------------


def test_a_rule_rewrites_what_is_written_and_leaves_names_closed() -> None:
    slope = named("g", Derivative(sum(tanh(x)), x))
    line = slope + Derivative(sum(exp(x)), x)
    for after in (rules.linearity.once(line), rules.linearity.exhausted(line)):
        assert slope in after.children
        assert certainly_equal(line, after, 0)


def test_a_rule_opens_names_where_it_applies_to_nothing_else() -> None:
    slope = named("g", Derivative(exp(x), x))
    line = slope @ x
    after = derivative_of("exp").once(line)
    assert after is not line
    assert certainly_equal(line, after, 0)
