"""The trace trick: a quadratic form becomes a trace, with the same value."""

from __future__ import annotations

import pytest

from symbolic import einsum, matrix, named, outer, parse, sum, trace, vector
from symbolic.algebra.normal import equal_by_algebra
from symbolic.calculus.trace_rules import trace_trick
from symbolic.nodes import Named
from symbolic.traverse import postorder
from tests.symbolic.random_expressions import certainly_equal

GIVEN = {"x": "d", "z": "d", "A": "d d", "S": "d d: symmetric", "X": "n d", "Y": "n d", "s": ""}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x @ A @ x", "trace(A @ outer(x, x))"),
        ("s*(x @ A.T @ x)/2", "s*trace(A @ outer(x, x))/2"),
        ("sum((X @ S)*X)", "trace(S @ X.T @ X)"),
        ("sum((X @ A)*X) + x @ z", "trace(A @ X.T @ X) + x @ z"),
    ],
)
def test_a_quadratic_form_becomes_a_trace(before: str, after: str) -> None:
    line, wanted = parse(before, GIVEN), parse(after, GIVEN)
    found = trace_trick.once(line)
    assert found is not line
    assert trace_trick.exhausted(line) is trace_trick.once(found)
    assert equal_by_algebra(found, wanted)
    assert all(certainly_equal(line, found, seed) for seed in range(3))


@pytest.mark.parametrize(
    "near",
    ["x @ A @ z", "x @ x", "A @ x", "sum((X @ A)*Y)", "sum(X*X)", "x @ A @ A @ x", "trace(A)"],
)
def test_it_says_no_to_other_products(near: str) -> None:
    line = parse(near, GIVEN)
    assert trace_trick.once(line) is line


def test_the_diagonal_of_the_matrix_alone_is_no_quadratic_form() -> None:
    A, x = matrix("A", "d", "d"), vector("x", "d")
    line = einsum("ii,i,i->", A, x, x)
    assert trace_trick.once(line) is line


def test_names_are_kept_unless_they_are_products() -> None:
    A, x = matrix("A", "d", "d"), vector("x", "d")
    r = named("r", x - 1)
    q = named("q", sum((outer(r, r) @ A) * A))
    found = trace_trick.once(named("q", r @ A @ r) + sum(q))
    assert r in postorder(found)
    assert equal_by_algebra(found, trace(A @ outer(r, r)) + sum(q))
    assert isinstance(r, Named)
