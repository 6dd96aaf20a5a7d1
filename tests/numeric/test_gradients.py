"""Gradients and Hessians of matrix functions: central differences, jets, and claims that are wrong."""

from fractions import Fraction

import numpy as np
import pytest

import numeric
from numeric import check_gradient, compare, evaluate, sample
from symbolic import dims, gradient, hessian, parse
from symbolic.nodes import Derivative
from symbolic.traverse import variables

n, d, k, b = dims("n d k b")
SIZES = {n: 3, d: 2, k: 4, b: 2}
GIVEN = {
    "A": "n n", "B": "n n", "S": "n n: spd", "X": "n d", "U": "3 2", "V": "2 2", "T": "b n n",
    "x": "n", "v": "k", "c": "n", "t": "", "p": "n: positive",
}  # fmt: skip

ONCE = [
    ("trace(inv(A))", "A"),
    ("sum(inv(A) * B)", "A"),
    ("x @ solve(A, c)", "A"),
    ("x @ solve_triangular(A, c)", "A"),
    ("sum(inv(A @ A.T + t**2*eye(n)) * B)", "t"),
    ("det(A)", "A"),
    ("det(A @ B)**2", "A"),
    ("logdet(A)", "A"),
    ("logdet(X.T @ X)", "X"),
    ("logdet(S) + trace(inv(S) @ B)", "S"),
    ("sum(cholesky(S) * B)", "S"),
    ("sum(log(diagonal(cholesky(A @ A.T + eye(n)))))", "A"),
    ("sum(eigvalsh(A)**3)", "A"),
    ("max(eigvalsh(A @ A.T))", "A"),
    ("sum(eigvecsh(A) * B)", "A"),
    ("sum(svdvals(X)**3)", "X"),
    ("nuclear_norm(X)", "X"),
    ("spectral_norm(X)", "X"),
    ("sum(svd_left(U) * U)", "U"),
    ("sum(svd_right(U) * V)", "U"),
    ("sum(expm(A) * B)", "A"),
    ("trace(expm(t*A))", "t"),
    ("x @ matrix_power(A, 3) @ c", "A"),
    ("sum(matrix_power(A, -2) * B)", "A"),
    ("norm(X)", "X"),
    ("norm(x - c)", "x"),
    ("norm(X, 1)", "X"),
    ("norm(x, 3)", "x"),
    ("sum(norm(X, axis=1))", "X"),
    ("max(x)**2", "x"),
    ("sum(min(X, axis=0)**3)", "X"),
    ("sum(max(X @ X.T, axis=1) * c)", "X"),
    ("prod(x)", "x"),
    ("sum(prod(X, axis=1)**2)", "X"),
    ("sum(hardmax(x) * x**2)", "x"),
    ("logsumexp(A @ x)", "x"),
    ("sum(kron(A, B)**2)", "A"),
    ("logdet(kron(A, S))", "A"),
    ("sum(tril(A) @ tril(A))", "A"),
    ("norm(conv1d(v, x[:2]))**2", "v"),
    ("sum(max_pool1d(v, 2)**3)", "v"),
    ("sum(concatenate(x, v)**3)", "v"),
    ("sum(reshape(X, n*d)**3)", "X"),
    ("sum((x[1:] - x[:-1])**3)", "x"),
    ("sum(inv(T) * T)", "T"),
    ("sum(logdet(T)**2)", "T"),
    ("sum(det(T)**2)", "T"),
    ("sum(eigvalsh(T)**3)", "T"),
    ("sum(svdvals(T)**3)", "T"),
]
TWICE = [
    ("det(A)", "A"),
    ("logdet(A)", "A"),
    ("logdet(S)", "S"),
    ("x @ inv(A) @ c", "A"),
    ("trace(inv(A))", "A"),
    ("norm(x)", "x"),
    ("norm(X)", "X"),
    ("max(x)**2", "x"),
    ("max(A @ x)**3", "x"),
    ("prod(x)", "x"),
    ("sum(cholesky(S))", "S"),
    ("sum(eigvalsh(V)**3)", "V"),
    ("sum(svdvals(U)**3)", "U"),
    ("spectral_norm(V)", "V"),
    ("sum(tril(V) @ V)", "V"),
    ("x @ solve_triangular(A, c)", "A"),
    ("logsumexp(A @ x)", "x"),
    ("sum((x[1:] - x[:-1])**3)", "x"),
    ("norm(conv1d(v, x[:2]))**2", "v"),
]


def written(text, wrt):
    """The function, the variable, and a rational point."""
    f = parse(text, GIVEN)
    place = next(v for v in variables(f) if v.name == wrt)
    return f, place


def as_floats(values, used):
    return {v: np.asarray(values[v], dtype=float) for v in used}


@pytest.mark.parametrize(("text", "wrt"), ONCE)
def test_gradients_are_central_differences_and_jets(text, wrt):
    f, place = written(text, wrt)
    claim = gradient(f, place)
    verdicts = []
    for seed in range(3):
        values = sample(variables(f), SIZES, np.random.default_rng(seed))
        if place.domain != "spd":  # whose entries may not move alone
            floats = as_floats(values, variables(f))
            at = {name: array for name, array in floats.items() if name is not place}
            known = evaluate(claim, as_floats(values, variables(claim)), SIZES)
            checked = check_gradient(
                lambda a, at=at: float(evaluate(f, {**at, place: a}, SIZES)), known, floats[place]
            )
            verdicts.append(checked.verdict)
        slope = Derivative(f, place)
        assert compare(slope, claim, values, SIZES).outcome == "equal", f"seed {seed}"
    assert "fail" not in verdicts
    assert "pass" in verdicts or not verdicts


@pytest.mark.parametrize(("text", "wrt"), ONCE)
def test_wrong_gradients_are_refuted(text, wrt):
    f, place = written(text, wrt)
    claim = gradient(f, place)
    values = sample(variables(f), SIZES, np.random.default_rng(5))
    wrong = [-claim, 2 * claim, claim + Fraction(1, 10**40)]
    if text.startswith(("trace(inv", "sum(inv", "det", "logdet(A", "sum(expm")) and wrt == "A":
        wrong.append(claim.T)
    for each in wrong:
        assert compare(Derivative(f, place), each, values, SIZES).outcome == "different"


@pytest.mark.parametrize(("text", "wrt"), TWICE)
def test_hessians_are_central_differences_and_jets(text, wrt):
    f, place = written(text, wrt)
    claim = hessian(f, place)
    values = sample(variables(f), SIZES, np.random.default_rng(3))
    if place.domain != "spd":
        floats = as_floats(values, variables(f))
        at = {name: array for name, array in floats.items() if name is not place}
        expected = numeric.hessian(
            lambda a: float(evaluate(f, {**at, place: a}, SIZES)), floats[place]
        )
        known = evaluate(claim, as_floats(values, variables(claim)), SIZES)
        scale = 1 + np.max(np.abs(known))
        assert np.all(np.abs(known - expected.value) <= 3 * expected.bar + 1e-5 * scale)
    slope = Derivative(Derivative(f, place), place)
    assert compare(slope, claim, values, SIZES, digits=30).outcome == "equal"
    if text != "sum(tril(V) @ V)":
        assert compare(slope, 2 * claim, values, SIZES).outcome == "different"
    moved = claim + Fraction(1, 10**25)
    assert compare(slope, moved, values, SIZES).outcome == "different"
