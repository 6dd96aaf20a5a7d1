"""Simplification: sound, idempotent, free of order, in textbook form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from symbolic import Expression, gradient, hessian, parse, simplify
from tests.symbolic.random_expressions import Writer, describe, differ, network, shuffled

RANK = 3


def random_expression(seed: int) -> Expression:
    writer = Writer(seed, names=seed % 3 == 0)
    return writer.expression(writer.shape(RANK), 1 + seed % 5)


def failures(seeds: range, fails: Callable[[Expression, int], bool]) -> list[str]:
    found = []
    for seed in seeds:
        expression = random_expression(seed)
        if fails(expression, seed):
            found.append(describe(seed, expression, lambda e, s=seed: fails(e, s)))
    return found


@pytest.mark.parametrize("start", range(0, 600, 150))
def test_the_value_is_kept(start: int) -> None:
    wrong = failures(range(start, start + 150), lambda e, seed: differ(e, simplify(e), seed))
    assert wrong == []


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_the_value_of_a_network_of_contractions_is_kept(start: int) -> None:
    wrong = []
    for seed in range(start, start + 100):
        expression = network(seed, 1 + seed % 3)
        if differ(expression, simplify(expression), seed):
            fails = lambda e, s=seed: differ(e, simplify(e), s)  # noqa: E731
            wrong.append(describe(seed, expression, fails))
    assert wrong == []


@pytest.mark.parametrize("start", range(0, 900, 300))
def test_simplifying_twice_changes_nothing(start: int) -> None:
    seeds = range(start, start + 300)
    found = failures(seeds, lambda e, _: simplify(simplify(e)) is not simplify(e))
    assert len(found) <= len(seeds) // 100, found


def order_matters(expression: Expression, seed: int) -> bool:
    other = shuffled(expression, np.random.default_rng(seed))
    return simplify(other) is not simplify(expression)


@pytest.mark.parametrize("start", range(0, 900, 300))
def test_the_order_of_terms_and_factors_does_not_matter(start: int) -> None:
    found = failures(range(start, start + 300), order_matters)
    assert len(found) <= 3, found


def test_the_text_rarely_grows() -> None:
    """Broadcasting that cannot be written with operators costs an einsum; nothing else may."""
    grown = []
    for seed in range(400):
        writer = Writer(seed, names=False)
        expression = writer.expression(writer.shape(1), 1 + seed % 4)
        before, after = str(expression), str(simplify(expression))
        if len(after) > len(before) + 12 and "einsum" not in after and "None" not in after:
            grown.append(f"seed {seed}: {before} became {after}")
    assert len(grown) <= 1, grown


def test_every_simplified_expression_has_no_crash_on_deep_products() -> None:
    for seed in range(2000, 2060):
        writer = Writer(seed)
        simplify(writer.expression(writer.shape(1), 6))


# --- textbook forms ------------------------------------------------------------------------------

R = {"X": "n d", "w": "d", "y": "n: unit", "lam": ": positive"}
SOFT = {"X": "n d", "W": "d k", "b": "k", "Y": "n k: prob", "lam": ": positive"}
LINEAR = {"A": "n n", "B": "n n", "x": "n", "b": "n", "S": "n n: symmetric", "D": "n n: spd"}
LOGISTIC = "mean(softplus(X @ w) - y*(X @ w)) + lam*(w @ w)/2"
GRADIENTS = (
    (LOGISTIC, "w", R, "X.T @ (sigmoid(X @ w) - y)/n + lam*w"),
    ("-mean(y*log(sigmoid(X @ w)) + (1 - y)*log(1 - sigmoid(X @ w)))", "w", R,
     "X.T @ (sigmoid(X @ w) - y)/n"),
    ("-sum(Y*log_softmax(X @ W + b, axis=1))/n + lam*sum(W*W)/2", "W", SOFT,
     "X.T @ (softmax(X @ W + b, axis=1) - Y)/n + lam*W"),
    ("-sum(Y*log(softmax(X @ W + b, axis=1)))/n", "W", SOFT,
     "X.T @ (softmax(X @ W + b, axis=1) - Y)/n"),
    ("norm(X @ w - y)**2", "w", R, "2*X.T @ (X @ w - y)"),
    ("mean((X @ w - y)**2)", "w", R, "2*X.T @ (X @ w - y)/n"),
    ("x @ A @ x + b @ x", "x", LINEAR, "(A + A.T) @ x + b"),
    ("x @ S @ x/2 - b @ x", "x", LINEAR, "S @ x - b"),
    ("trace(A @ B)", "A", LINEAR, "B.T"),
    ("trace(A @ A)", "A", LINEAR, "2*A.T"),
    ("x @ A @ b", "A", LINEAR, "outer(x, b)"),
    ("sum(exp(A @ x))", "x", LINEAR, "A.T @ exp(A @ x)"),
    ("logsumexp(x)", "x", LINEAR, "softmax(x)"),
    ("norm(x)", "x", LINEAR, "x/norm(x)"),
    ("norm(A)**2", "A", LINEAR, "2*A"),
    ("sum(x)", "x", LINEAR, "ones(n)"),
    ("mean(x)", "x", LINEAR, "ones(n)/n"),
)  # fmt: skip


@pytest.mark.parametrize(("f", "place", "given", "expected"), GRADIENTS)
def test_gradients_in_textbook_form(
    f: str, place: str, given: dict[str, str], expected: str
) -> None:
    assert str(gradient(f, place, given)) == expected


HESSIANS = (
    (LOGISTIC, "w", R,
     "X.T @ diag(sigmoid(X @ w)*(1 - sigmoid(X @ w))) @ X/n + lam*eye(d)"),
    ("norm(X @ w - y)**2/2", "w", R, "X.T @ X"),
    ("x @ A @ x", "x", LINEAR, "A + A.T"),
    ("x @ S @ x/2", "x", LINEAR, "S"),
    ("logsumexp(x)", "x", LINEAR, "diag(softmax(x)) - outer(softmax(x), softmax(x))"),
)  # fmt: skip


@pytest.mark.parametrize(("f", "place", "given", "expected"), HESSIANS)
def test_hessians_in_textbook_form(
    f: str, place: str, given: dict[str, str], expected: str
) -> None:
    assert str(hessian(f, place, given)) == expected


ALGEBRA = (
    ("2*X.T @ X @ w - 2*X.T @ y", "2*X.T @ (X @ w - y)"),
    ("x - x", "zeros(n)"),
    ("A @ x + A @ x", "2*A @ x"),
    ("A.T.T @ x", "A @ x"),
    ("S.T @ x", "S @ x"),
    ("sum(softmax(x))*x", "x"),
    ("x*eye(n)", "diag(x)"),
    ("(u - p)/(p*(1 - p))*(p*(1 - p))", "u - p"),
    ("exp(u)/(1 + exp(u))", "sigmoid(u)"),
    ("log(1 - sigmoid(u))", "-softplus(u)"),
    ("trace(B.T @ A.T)", "trace(A @ B)"),
    ("diag(x) @ diag(b)", "diag(b*x)"),
    ("x @ eye(n)", "x"),
)


@pytest.mark.parametrize(("written", "expected"), ALGEBRA)
def test_algebra_in_textbook_form(written: str, expected: str) -> None:
    given = {**R, **LINEAR, "y": "n", "u": "", "p": ": unit"}
    assert str(simplify(parse(written, given))) == expected


# --- facts of a domain are used under that domain only -------------------------------------------

FACTS = (
    ("sum(v)", "n", "prob", "1"),
    ("sum(v)", "n", "onehot", "1"),
    ("sum(v)", "n", "real", "sum(v)"),
    ("sum(v)", "n", "unit", "sum(v)"),
    ("sum(v, axis=1)", "n d", "prob", "ones(n)"),
    ("sum(v, axis=0)", "n d", "prob", "sum(v, axis=0)"),
    ("sum(v, axis=0)", "n d", "prob columns", "ones(d)"),
    ("v @ v", "n", "unit_norm", "1"),
    ("v @ v", "n", "real", "v @ v"),
    ("v.T", "n n", "symmetric", "v"),
    ("v.T", "n n", "spd", "v"),
    ("v.T", "n n", "real", "v.T"),
    ("v.T", "n n", "orthogonal", "v.T"),
    ("v.T", "n n", "lower", "v.T"),
    ("sqrt(v**2)", "n", "positive", "v"),
    ("sqrt(v**2)", "n", "real", "abs(v)"),
    ("abs(v)", "n", "positive", "v"),
    ("abs(v)", "n", "real", "abs(v)"),
    ("v**2", "n", "real", "v**2"),
    ("diagonal(v) @ diagonal(v)", "n n", "unit_norm", "trace(v**2)"),
    ("sum(diagonal(v))", "n n", "prob", "trace(v)"),
)


@pytest.mark.parametrize(("written", "sizes", "domain", "expected"), FACTS)
def test_facts_are_used_under_their_domain(
    written: str, sizes: str, domain: str, expected: str
) -> None:
    assert str(simplify(parse(written, {"v": f"{sizes}: {domain}"}))) == expected


@pytest.mark.parametrize(
    ("written", "shape"),
    [("diag(diagonal(A))", "n n"), ("A*eye(n)", "n n"), ("B @ diag(diagonal(A))", "d n")],
)
def test_the_diagonal_part_of_a_matrix_is_not_the_matrix(written: str, shape: str) -> None:
    expression = parse(written, {"A": "n n", "B": "d n"})
    assert not differ(expression, simplify(expression), 0)


def test_a_trace_of_a_sum_with_a_repeated_mean_keeps_its_diagonal() -> None:
    expression = parse("trace(A + mean(A, axis=1, keepdims=True))", {"A": "n n"})
    assert not differ(expression, simplify(expression), 0)


def test_a_matrix_between_two_others_of_one_size_letter_is_not_turned() -> None:
    given = {"b": "k", "C": "n k", "c": "n", "u": "k", "F": "k k"}
    expression = parse("b @ F @ ((c @ C)*(u @ F)) + sqrt(exp(tanh((c @ C) @ b)))", given)
    assert not differ(expression, simplify(expression), 0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sum(relu(X @ W) @ v)", "X.T @ (step(X @ W)*v)"),
        ("sum(tanh(X @ W) @ v)", "X.T @ ((1 - tanh(X @ W)**2)*v)"),
        ("sum(sigmoid(X @ W) @ v)", "X.T @ (sigmoid(X @ W)*(1 - sigmoid(X @ W))*v)"),
        # a diagonal matrix stays one between matrices, and where there are two
        ("y @ tanh(X @ W) @ v", "X.T @ diag(y) @ (1 - tanh(X @ W)**2) @ diag(v)"),
        ("sum((X @ W)**2 @ v)", "2*X.T @ X @ W @ diag(v)"),
    ],
)
def test_columns_of_functions_of_entries_are_scaled_by_broadcasting(text, shown):
    found = gradient(text, "W", {"X": "n d", "W": "d h", "v": "h", "y": "n"})
    assert str(found) == shown
    assert simplify(found) is found
