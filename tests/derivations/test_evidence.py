"""Experiments of pages: each kind says yes where it should, and no where it must."""

import re
from fractions import Fraction

import pytest
import sympy
from sympy import Derivative, Integral, Limit, Rational, Sum, oo, pi
from sympy.stats import Bernoulli, Normal

from derivations import D
from derivations.evidence import (
    Experiment,
    counterexample,
    descent,
    eigen_residual,
    equality_case,
    finite_difference,
    finite_distribution,
    float_error,
    identity_on_random_data,
    limit_value,
    measured_order,
    measured_rate,
    monte_carlo,
    never_better,
    order_on_random_data,
    quadrature,
    recursion,
    stationary_point,
)
from derivations.evidence.experiment import in_words
from symbolic import (
    abs,
    dims,
    exp,
    inv,
    log,
    logdet,
    logsumexp,
    matrix,
    mean,
    named,
    norm,
    ones,
    scalar,
    sum,
    trace,
    unspecified,
    vector,
    zeros,
)
from symbolic.errors import DataError, UnsupportedError
from symbolic.scalars.random_variables import E, Independent, RandomVariable, TakesValues, Variance

n, d = dims("n d")
X, w, y = matrix("X", n, d), vector("w", d), vector("y", n)
A, B = matrix("A", n, n), matrix("B", n, n)
S = matrix("S", n, n, domain="symmetric")
G = matrix("G", n, n, domain="spd")
a, b = vector("a", n), vector("b", n)
v = vector("v", n, domain="unit_norm")
lam = scalar("lam")
p = vector("p", 4, domain="prob")

m, t, u = sympy.symbols("m t u", real=True)
r, h, c = sympy.symbols("r h c", positive=True)
g, beta = sympy.symbols("g beta", positive=True)
k = sympy.Symbol("k", integer=True, nonnegative=True)
Z = Normal("Z", 0, 1)
f = sympy.Function("f")
P, Q = RandomVariable("P"), RandomVariable("Q")
count = sympy.Symbol("count", integer=True, positive=True)

fit = norm(X @ w - y) ** 2
inverse = named("L", inv(G))
X_w = named("z", X @ w)
cost = unspecified("C", X_w)
error = named("e", D(cost, X_w))
half_square = {cost: sum(X_w**2) / 2, error: X_w}
best = inv(X.T @ X) @ X.T @ y
central = (sympy.sin(1 + h) - sympy.sin(1 - h)) / (2 * h) - sympy.cos(1)
heron = (r + c / r) / 2
averaged = beta * m + (1 - beta) * g
twisted = t * u * (t**2 - u**2) / (t**2 + u**2)
mixed = Limit(twisted.diff(t).subs(t, 0) / u, u, 0)
mixed_back = Limit(twisted.diff(u).subs(u, 0) / t, t, 0)
sample_variance = sum((a - mean(a)) ** 2) / (n - 1)

GOOD = {
    "an expression for an expression": finite_difference(cost, w, X.T @ error, at=half_square),
    "identity for a cost": identity_on_random_data(D(cost, w), X.T @ X_w, at=half_square),
    "identity": identity_on_random_data(trace(A @ B), trace(B @ A)),
    "identity of scalars": identity_on_random_data(Derivative(f(t) * t, t), f(t) + t * f(t).diff(t)),
    "identity under a condition": identity_on_random_data(S @ v, lam * v, on=((S @ v, lam * v),)),
    "order": order_on_random_data(abs(a @ b), norm(a) * norm(b)),
    "order of scalars": order_on_random_data(1 + t, sympy.exp(t)),
    "equality case": equality_case(abs(a @ b), norm(a) * norm(b), at={a: 2 * b}),
    "equality case of scalars": equality_case(1 + t, sympy.exp(t), at={t: 0}),
    "equality with a number": equality_case(0, t**2, at={t: 0}),
    "counterexample": counterexample(A @ B, B @ A, {A: ((0, 1), (0, 0)), B: ((0, 0), (1, 0))}),
    "counterexample of limits": counterexample(mixed, mixed_back, without="continuity"),
    "counterexample of order": counterexample(r, r**2, at={r: Rational(1, 2)}, relation="<="),
    "minimum": stationary_point(fit, w, best, at={n: 7, d: 3}),
    "maximum": stationary_point(-((t - u) ** 2), t, u, kind="maximum"),
    "saddle": stationary_point(t**2 - u**2, (t, u), (0, 0), kind="saddle"),
    "saddle without curvature in place": stationary_point(
        a @ b, (a, b), (zeros(n), zeros(n)), kind="saddle"
    ),
    "Lagrangian": stationary_point(
        t**2 + u**2 - r * (t + u - 2), (t, u, r), (1, 1, 2), kind="stationary"
    ),
    "entropy": never_better(-sum(p * log(p)), p, ones(4) / 4, kind="maximum"),
    "competitors of a scalar": never_better(t**2 - 2 * t, t, 1),
    "eigenvector": eigen_residual(S, v, lam, on=((S @ v, lam * v),)),
    "eigenvector of a matrix": eigen_residual(
        sympy.ImmutableMatrix([[t, u], [u, t]]), sympy.ImmutableMatrix([1, -1]), t - u
    ),
    "integral": quadrature(Integral(sympy.exp(-(t**2) / 2), (t, -oo, oo)), sympy.sqrt(2 * pi)),
    "series": quadrature(Sum(c**k / sympy.factorial(k), (k, 0, oo)), sympy.exp(c)),
    "derivative as a limit": limit_value((sympy.sin(t + h) - sympy.sin(t)) / h, h, sympy.cos(t)),
    "limit at infinity": limit_value((1 + 1 / h) ** h, h, sympy.E, to=oo),
    "limit of a constant": limit_value(h / h + t, h, 1 + t),
    "central difference": measured_order(central, h, order=2),
    "order at infinity": measured_order((1 + r / h) ** h - sympy.exp(r), h, order=1, to=oo),
    "order of a half": measured_order(sympy.sqrt(h) + h, h, order=Fraction(1, 2)),
    "Newton": measured_rate(heron, r, 2, sympy.sqrt(2), 2, 1 / sympy.sqrt(8), at={c: 2}),
    "linear rate": measured_rate(r / 3, r, 2, 0, order=1, constant=Rational(1, 3)),
    "recursion": recursion(averaged, m, 0, (1 - beta**k) * g, k),
    "recursion with its number": recursion(m * k, m, 1, sympy.factorial(k), k),
    "descent": descent(t**2, t, t / 2, start=3),
    "descent of vectors": descent(norm(a) ** 2, a, a / 2, start=b),
    "finite distribution": finite_distribution(Variance(P), E(P**2) - E(P) ** 2),
    "independence": finite_distribution(E(P * Q), E(P) * E(Q), on=(Independent(P, Q),)),
    "a condition on what is fixed": finite_distribution(
        E((P - 1) * (P - count)), 0, on=(TakesValues(P, 1, count),), at={count: 2}
    ),
    "Monte Carlo": monte_carlo(Z**2, 1),
    "Monte Carlo of coins": monte_carlo(Bernoulli("q", Rational(1, 3)) * 3, 1),
    "Monte Carlo of arrays": monte_carlo(
        sample_variance, r**2, draws={a: Normal("x", 1, r)}, at={n: 5, r: 3}
    ),
    "cancellation": float_error(
        (1 - sympy.cos(t)) / t**2, 2 * sympy.sin(t / 2) ** 2 / t**2, at={t: 1e-8}
    ),
    "overflow": float_error(log(sum(exp(a))), logsumexp(a), at={a: (1000, 1001)}),
    "float32": float_error(
        (1 + t) ** 2 - 1, t * (t + 2), at={t: 1e-6}, dtype="float32", lost=10
    ),
    "gradient": finite_difference(fit, w, 2 * X.T @ (X @ w - y)),
    "Jacobian": finite_difference(X @ w, w, X),
    "gradient by an intermediate": finite_difference(logdet(inverse), inverse, G),
    "gradient of a cost known by name": finite_difference(cost, w, X.T @ D(cost, X_w)),
    "gradient that is zero": finite_difference(norm(y) ** 2, w, zeros(d)),
    "derivative of a scalar": finite_difference(t * sympy.sin(t), t, sympy.sin(t) + t * sympy.cos(t)),
}  # fmt: skip

WRONG = {
    "identity": identity_on_random_data(trace(A @ B), trace(A @ A)),
    "identity of scalars": identity_on_random_data(Derivative(f(t) * t, t), f(t)),
    "identity without its condition": identity_on_random_data(S @ v, lam * v),
    "order": order_on_random_data(norm(a) * norm(b), abs(a @ b)),
    "order of scalars": order_on_random_data(sympy.exp(t), 1 + t),
    "no equality case": equality_case(abs(a @ b), norm(a) * norm(b), at={a: b + 1}),
    "no counterexample": counterexample(A @ B, B @ A, at={A: ((0, 1), (0, 0)), B: ((0, 1), (0, 0))}),
    "no counterexample of order": counterexample(r, r**2, at={r: 2}, relation="<="),
    "not stationary": stationary_point(fit, w, 2 * best, at={n: 7, d: 3}),
    "no maximum": stationary_point(fit, w, best, kind="maximum", at={n: 7, d: 3}),
    "no minimum but a saddle": stationary_point(t**2 - u**2, (t, u), (0, 0)),
    "no saddle": stationary_point(t**2 + u**2, (t, u), (0, 0), kind="saddle"),
    "wrong multiplier": stationary_point(
        t**2 + u**2 - r * (t + u - 2), (t, u, r), (1, 1, 3), kind="stationary"
    ),
    "entropy": never_better(-sum(p * log(p)), p, ones(4) / 4, kind="minimum"),
    "no eigenvector": eigen_residual(S, v, lam),
    "integral": quadrature(Integral(sympy.exp(-(t**2) / 2), (t, -oo, oo)), sympy.sqrt(pi)),
    "series": quadrature(Sum(c**k / sympy.factorial(k), (k, 0, oo)), sympy.exp(c) - 1),
    "limit": limit_value((sympy.sin(t + h) - sympy.sin(t)) / h, h, sympy.cos(t) + 1),
    "central difference": measured_order(central, h, order=1),
    "Newton of order three": measured_rate(heron, r, 2, sympy.sqrt(2), 3, at={c: 2}),
    "Newton with another constant": measured_rate(
        heron, r, 2, sympy.sqrt(2), 2, 1 / sympy.sqrt(2), at={c: 2}
    ),
    "Newton to another limit": measured_rate(heron, r, 2, sympy.sqrt(3), 2, at={c: 2}),
    "recursion": recursion(averaged, m, 0, (1 - beta ** (k + 1)) * g, k),
    "ascent": descent(t**2, t, 2 * t, start=3),
    "a law without independence": finite_distribution(E(P * Q), E(P) * E(Q)),
    "finite distribution": finite_distribution(E(P**2), E(P) ** 2),
    "Monte Carlo": monte_carlo(Z**2, Rational(11, 10)),
    "biased variance": monte_carlo(
        sum((a - mean(a)) ** 2) / n, r**2, draws={a: Normal("x", 1, r)}, at={n: 5, r: 3}
    ),
    "naive is better": float_error(
        2 * sympy.sin(t / 2) ** 2 / t**2, (1 - sympy.cos(t)) / t**2, at={t: 1e-8}
    ),
    "forms that differ": float_error(1 - sympy.cos(t), sympy.sin(t) ** 2, at={t: 1e-8}),
    "gradient": finite_difference(fit, w, X.T @ (X @ w - y)),
    "Jacobian": finite_difference(A @ a, a, A.T),
    "gradient by an intermediate": finite_difference(logdet(inverse), inverse, 2 * G),
    "gradient of a cost known by name": finite_difference(cost, w, 2 * X.T @ D(cost, X_w)),
    "gradient of a cost given": finite_difference(cost, w, 2 * X.T @ error, at=half_square),
    "derivative of a scalar": finite_difference(t * sympy.sin(t), t, sympy.sin(t)),
}  # fmt: skip

UNCLEAR = {
    "an identity has no equality case": equality_case(abs(a @ b), abs(b @ a), at={a: b}),
    "a logarithm in the way": measured_order(h * sympy.log(h), h, order=1),
    "a slow limit": limit_value(1 / sympy.log(1 / h), h, 0),
    "a zero vector": eigen_residual(A, zeros(n), lam),
    "an error that vanishes": measured_order(h - h + 0 * t, h, order=2),
    "no curvature": stationary_point(t**4, t, 0),
    "a start outside the domain": recursion(r / 2, r, -1, -(Rational(1, 2) ** k), k),
    "heavy tails": monte_carlo(sympy.exp(4 * Z), sympy.exp(8)),
    "unknowns in an estimator": monte_carlo(Z + t, t),
    "no convergence yet": measured_rate(r / (1 + r), r, 1, 0, order=1),
    "a limit without values": limit_value(sympy.log(-r) / h, h, 0),
}


@pytest.mark.parametrize("name", GOOD)
def test_says_yes(name):
    found = GOOD[name].run(seed=0)
    assert found.verdict == "verified", found
    assert found.points
    assert not found.counterexample


@pytest.mark.parametrize("name", WRONG)
def test_says_no_and_where(name):
    found = WRONG[name].run(seed=0)
    assert found.verdict == "refuted", found
    assert found.counterexample


@pytest.mark.parametrize("name", UNCLEAR)
def test_does_not_answer_what_it_cannot_know(name):
    found = UNCLEAR[name].run(seed=0)
    assert found.verdict == "undecided", found
    assert found.reason


@pytest.mark.parametrize("experiment", [*GOOD.values(), *WRONG.values()], ids=lambda e: e.name)
def test_every_kind_is_a_frozen_experiment_that_says_what_it_checks(experiment):
    assert isinstance(experiment, Experiment)
    assert len(in_words(experiment.statement)) > 5
    with pytest.raises(AttributeError):
        experiment.name = "other"


def test_the_same_seed_gives_the_same_numbers():
    experiment = monte_carlo(Z**2, 1, samples=1000, confidence=0.99)
    assert experiment.run(3) == experiment.run(3) != experiment.run(4)


def test_sampled_evidence_states_its_confidence_and_seed():
    found = monte_carlo(Z**2, 1).run(seed=5)
    assert found.method == "sampled"
    assert "confidence 99.9999 %" in found.reason
    assert "seed 5" in found.reason


def test_the_truth_is_missed_about_as_often_as_the_confidence_says():
    experiment = monte_carlo(Z, 0, samples=1000, confidence=0.9)
    missed = [experiment.run(seed).verdict for seed in range(200)].count("refuted")
    assert 8 <= missed <= 34, missed  # 20 are expected; 3.3 standard deviations


def test_what_is_no_inequality_has_no_case_of_equality():
    assert equality_case(t**3, t, at={t: 1}).run(0).verdict == "refuted"


def test_a_kink_is_no_stationary_point():
    assert stationary_point(sympy.Abs(t), t, 0, kind="stationary").run(0).verdict == "undecided"


def test_what_is_fixed_is_said():
    words = in_words(finite_difference(cost, w, X.T @ error, at=half_square).statement)
    assert words == "D(C(z), w) = X.T @ e where C(z) = sum(z**2)/2, e = z"
    words = in_words(
        quadrature(Integral(c * t, (t, 0, 1)), c / 2, at={c: Rational(1, 3)}).statement
    )
    assert words.endswith("where c = 1/3")
    words = in_words(monte_carlo(Z**2, 1).statement)
    assert words == "the mean of Z**2 over Z from Normal(0, 1) is 1"


def test_a_value_without_unknowns_is_at_no_point():
    found = quadrature(Integral(t**2, (t, 0, 1)), Rational(1, 3)).run(0)
    assert found.reason == "enclosures of both agree to 50 digits"


def test_generated_code_says_how_closely_it_agrees():
    found = finite_difference(fit, w, 2 * X.T @ (X @ w - y)).run(0)
    assert re.search(r"agrees with differences, to \de-\d+, at 2 random points", found.reason)


def test_bad_input_says_what_to_do():
    with pytest.raises(DataError, match="a number for what is no variable"):
        finite_difference(cost, w, X.T @ error, at={cost: 3})
    with pytest.raises(DataError, match="same shape"):
        identity_on_random_data(cost, cost, at={error: w})
    with pytest.raises(UnsupportedError, match="too few"):
        monte_carlo(Z, 0, samples=10)
    with pytest.raises(UnsupportedError, match="does not depend"):
        never_better(u**2, t, 0)
    with pytest.raises(UnsupportedError, match="use minimum, maximum"):
        stationary_point(t**2, t, 0, kind="minimal")
    with pytest.raises(UnsupportedError, match="give one for each"):
        stationary_point(t**2, t, (0, 1))
    with pytest.raises(UnsupportedError, match="use '=' or '<='"):
        counterexample(t, u, relation="<")
    with pytest.raises(UnsupportedError, match="no Integral or Sum"):
        quadrature(t**2, t**2)
    with pytest.raises(UnsupportedError, match="float32"):
        float_error(t, t, at={t: 1}, dtype="float16")
    with pytest.raises(UnsupportedError, match="no level"):
        monte_carlo(Z, 0, confidence=95)
    with pytest.raises(UnsupportedError, match="no random variable"):
        finite_distribution(t, t)
    with pytest.raises(DataError, match="no number"):
        equality_case(t, u, at={t: "one"})
