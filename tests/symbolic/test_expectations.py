"""Expectations against finite sums over all outcomes, Gauss-Hermite quadrature, and refusals."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from numeric import evaluate
from symbolic import (
    DomainError,
    ShapeError,
    UnsupportedError,
    assumptions,
    bernoulli,
    categorical,
    expectation,
    finite,
    gaussian,
    parse,
)

GIVEN = {
    "x": "d", "y": "d", "A": "d d", "B": "d d", "a": "d", "b": "d", "m": "d", "S": "d d: spd",
    "p": "d: unit", "q": "d: prob", "R": "n d", "t": "", "u": "", "s": ": positive", "c": ": unit",
}  # fmt: skip
D = 3
RNG = np.random.default_rng(7)
ROOT = RNG.normal(size=(D, D)) / 2
DATA = {
    "A": RNG.normal(size=(D, D)), "B": RNG.normal(size=(D, D)), "a": RNG.normal(size=D),
    "b": RNG.normal(size=D), "m": RNG.normal(size=D), "S": ROOT @ ROOT.T + np.eye(D) / 5,
    "p": RNG.uniform(0.1, 0.9, size=D), "q": np.array([0.2, 0.5, 0.3]), "R": RNG.normal(size=(4, D)),
    "u": 0.3, "s": 0.7, "c": 0.35,
}  # fmt: skip

POLYNOMIALS = [
    "x", "x @ A @ x", "outer(x, x)", "a @ x + 3", "(a @ x)**2*(b @ x)**2", "sum(x**4)",
    "norm(A @ x - b)**2", "(x @ A @ x)*(x @ B @ x)", "sum(x)*x", "(a @ x)**3", "trace(A)*a @ b",
    "diag(x) @ A @ x", "x**2*a", "(x @ x)*outer(x, a)",
]  # fmt: skip


def used(expression: object, extra: dict[str, object] | None = None) -> dict[str, object]:
    from symbolic.traverse import variables

    values = {**DATA, **(extra or {})}
    return {v.name: values[v.name] for v in variables(expression)}


def check(found: object, expected: np.ndarray, tolerance: float = 1e-10) -> None:
    from symbolic import dims

    (d,) = dims("d")
    np.testing.assert_allclose(
        evaluate(found, used(found), {d: D}), expected, rtol=tolerance, atol=tolerance
    )


def value_at_sized(text: str, x: np.ndarray) -> np.ndarray:
    from symbolic import dims

    (d,) = dims("d")
    e = parse(text, GIVEN)
    return evaluate(e, used(e, {"x": x}), {d: D})


def averaged(text: str, points: list[np.ndarray], weights: list[float]) -> np.ndarray:
    return sum(w * value_at_sized(text, x) for x, w in zip(points, weights, strict=True))


@pytest.mark.parametrize("text", POLYNOMIALS)
def test_bernoulli_against_all_outcomes(text: str) -> None:
    p = DATA["p"]
    points = [np.array(bits, float) for bits in itertools.product((0, 1), repeat=D)]
    weights = [float(np.prod(np.where(x == 1, p, 1 - p))) for x in points]
    check(expectation(text, "x", bernoulli("p"), GIVEN), averaged(text, points, weights))


@pytest.mark.parametrize("text", POLYNOMIALS)
def test_categorical_against_all_outcomes(text: str) -> None:
    found = expectation(text, "x", categorical("q"), GIVEN)
    check(found, averaged(text, list(np.eye(D)), list(DATA["q"])))


@pytest.mark.parametrize("text", POLYNOMIALS)
def test_a_finite_sum_against_its_rows(text: str) -> None:
    found = expectation(text, "x", finite("R"), GIVEN)
    check(found, averaged(text, list(DATA["R"]), [0.25] * 4))


def hermite() -> tuple[list[np.ndarray], list[float]]:
    """Points and weights that are exact for polynomials up to degree 13 in each variable."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(7)
    weights = weights / weights.sum()
    root = np.linalg.cholesky(DATA["S"])
    grid = list(itertools.product(range(7), repeat=D))
    points = [DATA["m"] + root @ nodes[list(each)] for each in grid]
    return points, [float(np.prod(weights[list(each)])) for each in grid]


@pytest.mark.parametrize("text", POLYNOMIALS)
def test_gaussian_moments_against_quadrature(text: str) -> None:
    points, weights = hermite()
    values = np.array([value_at_sized(text, x) for x in points])
    expected = np.tensordot(np.array(weights), values, axes=1)
    check(expectation(text, "x", gaussian("m", "S"), GIVEN), expected, 1e-8)


@pytest.mark.parametrize(
    "text", ["exp(a @ x/3)", "sum(exp(x/2))", "exp(x/2)*x", "(b @ x)**2*exp(a @ x/3 + 1)"]
)
def test_gaussian_exponentials_against_quadrature(text: str) -> None:
    points, weights = hermite()
    values = np.array([value_at_sized(text, x) for x in points])
    expected = np.tensordot(np.array(weights), values, axes=1)
    check(expectation(text, "x", gaussian("m", "S"), GIVEN), expected, 1e-6)


@pytest.mark.parametrize(
    ("text", "x", "distribution", "shown"),
    [
        ("x @ A @ x", "x", gaussian("m", "S"), "m @ A @ m + trace(A @ S)"),
        ("outer(x, x)", "x", gaussian("m", "S"), "outer(m, m) + S"),
        ("t**2", "t", gaussian("u", "s"), "u**2 + s"),
        ("exp(t)", "t", gaussian("u", "s"), "exp((2*u + s)/2)"),
        ("tanh(t)", "t", bernoulli("c"), "tanh(1)*c"),
        ("y @ a", "y", categorical("q"), "a @ q"),
    ],
)
def test_results_read_as_in_a_book(text, x, distribution, shown) -> None:
    assert str(expectation(text, x, distribution, GIVEN)) == shown


@pytest.mark.parametrize(
    "text",
    ["sin(a @ x)", "1/(x @ x)", "softmax(x)", "exp(x @ x)", "exp(a @ x)*exp(b @ x)*log(x @ x)"],
)
def test_what_no_rule_reaches_is_refused_and_named(text: str) -> None:
    with pytest.raises(UnsupportedError, match="no rule for a gaussian variable"):
        expectation(text, "x", gaussian("m", "S"), GIVEN)


def test_parameters_have_to_fit() -> None:
    with pytest.raises(ShapeError, match="give one of shape"):
        expectation("x @ x", "x", gaussian("m", "m"), GIVEN)
    with pytest.raises(ShapeError, match="give one of shape"):
        expectation("x @ x", "x", categorical("u"), GIVEN)


@pytest.mark.parametrize(
    ("f", "x", "distribution"),
    [
        ("x @ A @ x", "x", gaussian("x", "S")),
        ("x @ A @ x", "x", gaussian("m", "S + outer(x, x)")),
        ("x @ A @ x", "x", gaussian("m", "S + 0*outer(x, x)")),
        ("t", "t", bernoulli("t")),
        ("x @ a", "x", categorical("x")),
        ("x @ a", "x", finite("outer(x, x)")),
    ],
)
def test_a_distribution_that_depends_on_its_variable_is_refused(f, x, distribution):
    with pytest.raises(UnsupportedError, match=f"depends on {x}, which is random"):
        expectation(f, x, distribution, GIVEN)


@pytest.mark.parametrize(
    ("f", "x", "distribution", "stated"),
    [
        (
            "x @ A @ x",
            "x",
            gaussian("m", "B"),
            "B: symmetric positive semidefinite, as a covariance",
        ),
        ("t**2", "t", gaussian("0", "u"), "u: not negative, as a covariance"),
        ("x @ A @ x", "x", gaussian("m", "S"), None),
        ("x @ A @ x", "x", gaussian("m", "B @ B.T"), None),
        ("x @ A @ x", "x", gaussian("m", "s*eye(d)"), None),
        ("t**2", "t", gaussian("0", "u**2"), None),
    ],
)
def test_a_covariance_that_need_not_be_one_is_an_assumption(f, x, distribution, stated):
    found = [str(each) for each in assumptions(expectation(f, x, distribution, GIVEN))]
    assert [each for each in found if "covariance" in each] == ([] if stated is None else [stated])


@pytest.mark.parametrize(
    ("f", "x", "distribution", "stated"),
    [
        ("t", "t", bernoulli("u"), "u: between 0 and 1, as a probability"),
        ("t", "t", bernoulli("2*c"), "2*c: between 0 and 1, as a probability"),
        ("x @ a", "x", bernoulli("a"), "a: between 0 and 1, as a probability"),
        (
            "x @ b",
            "x",
            categorical("a"),
            "a: entries not negative with the sum 1, as probabilities",
        ),
        (
            "x @ b",
            "x",
            categorical("p"),
            "p: entries not negative with the sum 1, as probabilities",
        ),
        ("t", "t", bernoulli("c"), None),
        ("t", "t", bernoulli("1 - c"), None),
        ("t", "t", bernoulli("1/3"), None),
        ("t", "t", bernoulli("sigmoid(u)"), None),
        ("x @ a", "x", bernoulli("p"), None),
        ("x @ a", "x", bernoulli("q"), None),
        ("x @ b", "x", categorical("q"), None),
        ("x @ b", "x", categorical("softmax(a)"), None),
    ],
)
def test_what_need_not_be_a_probability_is_an_assumption(f, x, distribution, stated):
    found = [str(each) for each in assumptions(expectation(f, x, distribution, GIVEN))]
    assert [each for each in found if "probabilit" in each] == ([] if stated is None else [stated])


@pytest.mark.parametrize(
    ("x", "distribution"),
    [
        ("t", gaussian("u", "-1")),
        ("t", gaussian("u", "-s")),
        ("x", gaussian("m", "-S")),
        ("t", bernoulli("-1/2")),
        ("t", bernoulli("3/2")),
        ("t", bernoulli("1 + s")),
        ("x", categorical("-softmax(a)")),
    ],
)
def test_what_is_surely_no_variance_or_probability_is_refused(x, distribution):
    with pytest.raises(DomainError, match=f"{distribution.name} with the parameter"):
        expectation(f"{x}**2", x, distribution, GIVEN)


def test_a_variance_of_0_is_one():
    assert expectation("t**2", "t", gaussian("u", "0"), GIVEN) is parse("u**2", GIVEN)


@pytest.mark.parametrize(
    ("text", "distribution", "given"),
    [
        ("abs(x)", gaussian("m", "v"), {"x": ": positive", "m": "", "v": ": positive"}),
        ("sum(x)", gaussian("m", "S"), {"x": "d: prob", "m": "d", "S": "d d: spd"}),
        ("x**2", bernoulli("p"), {"x": ": pm1", "p": ": unit"}),
        ("x @ x", categorical("p"), {"x": "d: positive", "p": "d: prob"}),
    ],
)
def test_a_domain_without_all_values_of_the_distribution_is_refused(text, distribution, given):
    with pytest.raises(DomainError, match="was declared"):
        expectation(text, "x", distribution, given)
