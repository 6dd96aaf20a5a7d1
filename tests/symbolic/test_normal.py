"""Proofs by algebra: true identities are proved, false ones never are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from symbolic import Derivative, Expression, parse, scalar, sqrt, trace, vector
from symbolic.algebra.normal import equal_by_algebra, equal_by_identities
from symbolic.nodes import Contraction
from symbolic.operations import abs as absolute
from symbolic.traverse import variables
from symbolic.variables import dims, matrix
from tests.symbolic.random_expressions import (
    Writer,
    differ,
    mutations,
    network,
    shuffled,
)

n, d, k = dims("n d k")
GIVEN = {
    "A": "n n", "B": "n n", "C": "n n", "X": "n d", "Z": "n d", "S": "n n: symmetric",
    "x": "n", "y": "n", "w": "d", "a": "", "b": "", "p": ": positive", "q": "n: positive",
    "T": "n d k", "P": "n d: prob", "v": "n: unit_norm", "V": "n n: unit_norm", "z": "n: binary",
}  # fmt: skip

TRUE = (
    ("A @ (x + y)", "A @ x + A @ y"),
    ("(A @ B).T", "B.T @ A.T"),
    ("trace(A @ B)", "trace(B @ A)"),
    ("trace(A @ B @ C)", "trace(C @ A @ B)"),
    ("trace(A.T @ B)", "sum(A*B)"),
    ("trace(A)", "trace(A.T)"),
    ("x @ A @ y", "y @ A.T @ x"),
    ("S @ x", "S.T @ x"),
    ("x @ S @ y", "y @ S @ x"),
    ("norm(X @ w - x)*0", "0"),
    ("(X @ w - x) @ (X @ w - x)", "w @ X.T @ X @ w - 2*x @ X @ w + x @ x"),
    ("sum((x - mean(x))**2)", "x @ x - sum(x)**2/n"),
    ("sum(x - mean(x))", "0"),
    ("sum(X - mean(X, axis=0), axis=0)", "zeros(d)"),
    ("sum(A + x)", "sum(A) + n*sum(x)"),
    ("mean(X)", "sum(X)/(n*d)"),
    ("diag(x) @ diag(y)", "diag(x*y)"),
    ("diag(x) @ A", "x[:, None]*A"),
    ("A @ diag(x)", "A*x"),
    ("diagonal(diag(x))", "x"),
    ("diagonal(outer(x, y))", "x*y"),
    ("trace(outer(x, y))", "x @ y"),
    ("trace(eye(n))", "n"),
    ("sum(ones(n, d))", "n*d"),
    ("outer(x, y) @ x", "x*(y @ x)"),
    ("(A + B)**2", "A**2 + 2*A*B + B**2"),
    ("(A + B) @ (A + B)", "A @ A + A @ B + B @ A + B @ B"),
    ("(a + b)**3", "a**3 + 3*a**2*b + 3*a*b**2 + b**3"),
    ("a/(a*b)", "1/b"),
    ("x/p - y/p", "(x - y)/p"),
    ("sqrt(p)**2", "p"),
    ("sqrt(p**2)", "p"),
    ("sqrt(a**2)", "abs(a)"),
    ("abs(a)**2", "a**2"),
    ("exp(a)*exp(-a)", "1"),
    ("einsum('ij,jk->ik', A, B)", "A @ B"),
    ("einsum('ijk->jki', T)", "einsum('abc->bca', T)"),
    ("sum(sum(T, axis=0), axis=0)", "sum(T, axis=(0, 1))"),
    ("A*eye(n)", "diag(diagonal(A))"),
    ("sum(p*x*(y - x @ y/sum(x)))/p", "sum(x*(y - x @ y/sum(x)))"),
    ("sum(x*(y - x @ y/sum(x)))", "0"),
    ("sum(x)*(x @ y)/sum(x)**2", "x @ y/sum(x)"),
    (
        "sum(A*(B - sum(A*B, axis=1, keepdims=True)/sum(A, axis=1, keepdims=True)), axis=1)",
        "zeros(n)",
    ),
    ("sum(sum(A, axis=1)/sum(A, axis=1))", "n"),
    ("(x + y) @ exp(x)/(x @ exp(x))", "1 + y @ exp(x)/(x @ exp(x))"),
)

FALSE = (
    ("A @ x", "A.T @ x"),
    ("A @ B", "B @ A"),
    ("A @ B", "A*B"),
    ("(A @ B).T", "A.T @ B.T"),
    ("trace(A @ A @ B @ B)", "trace(A @ B @ A @ B)"),
    ("trace(A @ B @ C)", "trace(A @ C @ B)"),
    ("trace(A @ B)", "trace(A)*trace(B)"),
    ("trace(A @ B.T)", "trace(A @ B)"),
    ("trace(A + B)", "trace(A) - trace(B)"),
    ("x @ A @ y", "x @ A.T @ y"),
    ("S @ A", "A @ S"),
    ("(S @ A).T", "S @ A"),
    ("sum(X, axis=0) @ w", "sum(X) * sum(w)"),
    ("sum(A, axis=0)", "sum(A, axis=1)"),
    ("softmax(A, axis=0)", "softmax(A, axis=1)"),
    ("softmax(A, axis=None)", "softmax(A, axis=1)"),
    ("logsumexp(A, axis=0)", "logsumexp(A, axis=1)"),
    ("A*x", "x[:, None]*A"),
    ("A + x", "A + x[:, None]"),
    ("sum(A + x)", "sum(A) + sum(x)"),
    ("mean(X)", "sum(X)/n"),
    ("mean(x)*mean(y)", "mean(x*y)"),
    ("sum(x)*sum(y)", "sum(x*y)"),
    ("sum(x)**2", "sum(x**2)"),
    ("sum(x*y, axis=0)", "x @ x"),
    ("2*x", "x"),
    ("x - y", "y - x"),
    ("diag(x) @ A", "A @ diag(x)"),
    ("diag(diagonal(A))", "A"),
    ("A*eye(n)", "A"),
    ("B @ diag(diagonal(A))", "B @ A"),
    ("trace(A*A)", "sum(A*A)"),
    ("trace(A + mean(A, axis=1, keepdims=True))", "2*sum(A)"),
    ("diag(x)**2", "outer(x, x)"),
    ("exp(diag(x))", "diag(exp(x))"),
    ("outer(x, y)", "outer(y, x)"),
    ("sqrt(a**2)", "a"),
    ("(a**2)**(1/2)", "a"),
    ("sqrt(x**2)", "x"),
    ("log(a**2)", "2*log(a)"),
    ("abs(a)", "a"),
    ("sqrt(p + 1)", "sqrt(p) + 1"),
    ("exp(a + b)", "exp(a) + exp(b)"),
    ("exp(a)**2", "exp(a**2)"),
    ("maximum(a, b)", "a"),
    ("relu(a)", "a"),
    ("where(a < 0, b, a)", "where(a <= 0, a, b)"),
    ("einsum('ijk->jki', T)", "einsum('abc->bca', T)*2"),
    ("sum(P, axis=0)", "ones(d)"),
    ("diagonal(V) @ diagonal(V)", "1"),
    ("sum(V, axis=0) @ sum(V, axis=0)", "1"),
    ("(A @ B) @ (A @ B)", "(A @ A) @ (B @ B)"),
    ("n*x", "d*x"),
    ("(x @ y)**2", "(x @ x)*(y @ y)"),
    ("sigmoid(a)*sigmoid(-a)", "sigmoid(a)**2"),
    ("z*x", "x"),
    ("sum(x*(y - x @ y/sum(y)))", "0"),
    ("sum(x*x)/sum(x)", "sum(x)"),
    ("(x @ x)/sum(x)**2", "1"),
    ("sum(A*x)/sum(x)", "sum(A)"),
    ("sum(A*(B - sum(A*B, axis=1, keepdims=True)/sum(A, axis=0)), axis=1)", "zeros(n)"),
    ("x/sum(x)", "ones(n)"),
    ("sum(x)/sum(x)**2", "1"),
)


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_true_identities_are_proved(left: str, right: str) -> None:
    a, b = parse(left, GIVEN), parse(right, GIVEN)
    assert not differ(a, b, 0), "the test itself"
    assert equal_by_algebra(a, b)
    assert equal_by_identities(a, b)


@pytest.mark.parametrize(("left", "right"), FALSE)
def test_false_identities_are_never_proved(left: str, right: str) -> None:
    a, b = parse(left, GIVEN), parse(right, GIVEN)
    assert any(differ(a, b, seed) for seed in range(8)), "the test itself"
    assert not equal_by_algebra(a, b)
    assert not equal_by_identities(a, b)


def test_different_shapes_are_never_equal() -> None:
    assert not equal_by_algebra(parse("sum(x)", GIVEN), parse("x", GIVEN))


BY_IDENTITIES = (
    ("sum(softmax(x))", "1"),
    ("sum(softmax(A, axis=1), axis=1)", "ones(n)"),
    ("sum(P, axis=1)", "ones(n)"),
    ("sum(P)", "n"),
    ("v @ v", "1"),
    ("sum(V**2)", "1"),
    ("log(softmax(x))", "log_softmax(x)"),
    ("log(sigmoid(a))", "-softplus(-a)"),
    ("1/(1 + exp(-a))", "sigmoid(a)"),
    ("sigmoid(-a)", "1 - sigmoid(a)"),
)


@pytest.mark.parametrize(("left", "right"), BY_IDENTITIES)
def test_identities_and_facts_are_no_algebra(left: str, right: str) -> None:
    a, b = parse(left, GIVEN), parse(right, GIVEN)
    assert equal_by_identities(a, b)
    assert not equal_by_algebra(a, b)


# --- inside a derivative, entries are independent ------------------------------------------------


def derivatives() -> Iterator[tuple[Expression, Expression]]:
    """Two functions that agree on a domain and have different derivatives there."""
    S, B = matrix("S", n, n, domain="symmetric"), matrix("B", n, n)
    yield Derivative(trace(S.T @ B), S), Derivative(trace(S @ B), S)
    for left, right, name in (
        ("sum(P)*a", "n*a", "P"),
        ("(v @ v)**2", "v @ v", "v"),
        ("sum(softmax(x)*sum(P))", "n*1", "P"),
    ):
        a, b = parse(left, GIVEN), parse(right, GIVEN)
        place = {each.name: each for each in variables(a)}[name]
        yield Derivative(a, place), Derivative(b, place)


@pytest.mark.parametrize("pair", list(derivatives()), ids=str)
def test_facts_of_the_place_are_not_used_inside_its_derivative(
    pair: tuple[Expression, Expression],
) -> None:
    assert not equal_by_algebra(*pair)
    assert not equal_by_identities(*pair)


def test_roots_of_negative_numbers_prove_nothing() -> None:
    p, x = scalar("p", domain="positive"), vector("x", n)
    assert not equal_by_algebra(absolute(sqrt(-p)), sqrt(p))
    assert not equal_by_algebra(absolute(sqrt(-(x**2) - 1)), sqrt(x**2 + 1))


# --- no wrong proof, at random -------------------------------------------------------------------


def wrong_proof(left: Expression, right: Expression, seed: int) -> bool:
    proved = equal_by_algebra(left, right) or equal_by_identities(left, right)
    return proved and left is not right and differ(left, right, seed)


def check(expression: Expression, seed: int, most: int) -> Iterator[str]:
    random = np.random.default_rng(seed)
    for place, other in enumerate(mutations(expression, random)):
        if place == most:
            return
        if wrong_proof(expression, other, seed):
            yield f"seed {seed}: proved {expression} = {other}"


@pytest.mark.parametrize("start", range(0, 240, 60))
def test_no_wrong_proof_of_a_mutated_expression(start: int) -> None:
    wrong: list[str] = []
    for seed in range(start, start + 60):
        writer = Writer(seed, names=seed % 3 == 0)
        expression = writer.expression(writer.shape(), 1 + seed % 3)
        wrong.extend(check(expression, seed, 5))
    assert wrong == []


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_no_wrong_proof_about_a_network_of_contractions(start: int) -> None:
    wrong: list[str] = []
    for seed in range(start, start + 100):
        wrong.extend(check(network(seed, 1 + seed % 2), seed, 5))
    assert wrong == []


def relabelled(seed: int) -> Iterator[tuple[Expression, Expression]]:
    """The same operands contracted in two ways, over one size: often equal, often not."""
    random = np.random.default_rng(seed)
    domains = ("real", "symmetric", "real")
    operands = [
        matrix("ABC"[int(random.integers(3))] + "rsr"[i], n, n, domain=domains[i])
        for i in random.integers(3, size=int(random.integers(1, 4)))
    ]
    forms = []
    for _ in range(6):
        labels = [tuple(int(x) for x in random.integers(3, size=2)) for _ in operands]
        output = tuple(int(x) for x in random.integers(3, size=seed % 3))
        forms.append(Contraction(operands, labels, output, dict.fromkeys(range(3), n)))
    for i, left in enumerate(forms):
        yield from ((left, right) for right in forms[:i])


def test_no_wrong_proof_of_two_contractions_of_the_same_operands() -> None:
    wrong = [
        f"seed {seed}: proved {left} = {right}"
        for seed in range(150)
        for left, right in relabelled(seed)
        if wrong_proof(left, right, seed)
    ]
    assert wrong == []


def test_the_order_of_terms_and_factors_never_matters() -> None:
    unproved = []
    for seed in range(150):
        writer = Writer(seed, names=False)
        expression = writer.expression(writer.shape(), 1 + seed % 4)
        other = shuffled(expression, np.random.default_rng(seed))
        if not equal_by_algebra(expression, other):
            unproved.append(f"seed {seed}: {expression} = {other}")
    assert unproved == []


def test_a_product_multiplied_out_is_equal() -> None:
    """Whole products and their expansions are found equal although they are written differently."""
    unproved = []
    for seed in range(40):
        writer = Writer(seed, smooth=True, names=False)
        a, b, c = (writer.expression((n, d), 1) for _ in range(3))
        m = writer.expression((d, k), 1)
        left, right = (a - 2 * b + c) @ m, a @ m - 2 * (b @ m) + c @ m
        if not equal_by_algebra(left, right):
            unproved.append(f"seed {seed}: {left} = {right}")
        if not equal_by_algebra((a + b) * (a - b), a**2 - b**2):
            unproved.append(f"seed {seed}: ({a} + {b})*({a} - {b})")
    assert unproved == []


def test_triangles_without_a_common_entry_have_the_product_zero() -> None:
    for text in ("triu(tril(A), k=1)", "triu(tril(A, k=-1))", "tril(triu(A, k=2), k=1)"):
        assert equal_by_algebra(parse(text, GIVEN), parse("zeros(n, n)", GIVEN)), text
    for text in (
        "triu(tril(A))",
        "triu(tril(A, k=1), k=1)",
        "triu(triu(A), k=1)",
        "tril(A).T*triu(B)",
    ):
        assert not equal_by_algebra(parse(text, GIVEN), parse("zeros(n, n)", GIVEN)), text
