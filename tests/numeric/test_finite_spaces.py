"""Expectations enumerated on finite spaces, against NumPy sums over the same tables."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from sympy import Abs, And, Eq, Lambda, Sum, Symbol

from numeric.errors import Undecided
from numeric.scalars import compare_scalars, draw
from numeric.scalars.finite_spaces import worked_out
from numeric.scalars.tables import Table, Tables
from symbolic.scalars.random_variables import (
    E,
    HasMass,
    IdenticallyDistributed,
    Independent,
    NormallyDistributed,
    P,
    RandomFamily,
    RandomVariable,
    SampleMean,
    TakesValues,
    Var,
)

X, Y, Z = RandomVariable("X"), RandomVariable("Y"), RandomVariable("Z")
F = RandomFamily("F")
mu = Symbol("mu", real=True)
sigma = Symbol("sigma", positive=True)
n = Symbol("n", integer=True, positive=True)
K = Symbol("K", integer=True, positive=True)
d = Symbol("d", real=True)
i = Symbol("i", integer=True)
t = Symbol("t", real=True)


def point_of(*unknowns: object, given: tuple = (), seed: int = 0):  # type: ignore[no-untyped-def, type-arg]
    return draw(unknowns, given, np.random.default_rng([seed, 7]))


def arrays(point, *unknowns):  # type: ignore[no-untyped-def]
    """The weights of the outcomes and the values of random variables, as arrays of fractions."""

    def exact(values):  # type: ignore[no-untyped-def]
        return np.array([Fraction(int(v.p), int(v.q)) for v in values], dtype=object)

    tables = [point[each] for each in unknowns]
    return exact(tables[0].weights), *(exact(each.values) for each in tables)


def number(e: sympy.Basic) -> Fraction:
    return Fraction(int(e.p), int(e.q))


@pytest.mark.parametrize("seed", range(8))
def test_means_variances_and_probabilities(seed: int) -> None:
    point = point_of(X, Y, seed=seed)
    w, x, y = arrays(point, X, Y)
    assert sum(w) == 1
    mean = (w * x**2 * y).sum()
    assert number(worked_out(E(X**2 * Y), point)) == mean
    variance = (w * x * x).sum() - (w * x).sum() ** 2
    assert number(worked_out(Var(X), point)) == variance
    both = w[(x > 0) & (y <= 1)].sum()
    assert number(worked_out(P(And(X > 0, Y <= 1)), point)) == both
    below = w[y <= 1].sum()
    assert number(worked_out(P(X > 0, Y <= 1), point)) == (both / below if below else 0)


@pytest.mark.parametrize("seed", range(8))
def test_conditional_expectations(seed: int) -> None:
    point = point_of(X, Y, seed=seed)
    w, x, y = arrays(point, X, Y)
    given = np.array([(w * x)[y == v].sum() / w[y == v].sum() for v in y], dtype=object)
    assert number(worked_out(E(E(X, Y) ** 2), point)) == (w * given**2).sum()
    assert number(worked_out(E(X, Y), point)) == given[point[X].now]
    assert number(worked_out(X + 2 * Y, point)) == (x + 2 * y)[point[X].now]


def test_independent_variables_and_only_these_factorise() -> None:
    left, right = E(X * Y**2), E(X) * E(Y**2)
    dependent = []
    for seed in range(6):
        free = point_of(X, Y, given=(Independent(X, Y),), seed=seed)
        assert compare_scalars(left, right, free).outcome == "equal"
        dependent.append(compare_scalars(left, right, point_of(X, Y, seed=seed)).outcome)
    assert dependent.count("different") >= 5, dependent


@pytest.mark.parametrize("seed", range(4))
def test_families(seed: int) -> None:
    variance = Var(SampleMean(F, n)), Var(F[1]) / n
    alike, independent = IdenticallyDistributed(F), Independent(F)
    point = point_of(F, n, given=(alike, independent, n > 1), seed=seed)
    assert isinstance(point[F], Tables)
    assert compare_scalars(*variance, point).outcome == "equal"
    assert compare_scalars(E(F[2] ** 3), E(F[1] ** 3), point).outcome == "equal"
    assert compare_scalars(E(F[1] * F[2]), E(F[1]) ** 2, point).outcome == "equal"
    assert compare_scalars(E(Sum(F[i], (i, 1, n))), n * E(F[1]), point).outcome == "equal"
    dependent = point_of(F, n, given=(alike, n > 1), seed=seed)
    assert compare_scalars(E(F[2] ** 3), E(F[1] ** 3), dependent).outcome == "equal"
    assert compare_scalars(*variance, dependent).outcome == "different"
    different = point_of(F, n, given=(independent, n > 1), seed=seed)
    assert compare_scalars(E(F[2]), E(F[1]), different).outcome == "different"


@pytest.mark.parametrize("seed", range(4))
def test_equations_given_hold_exactly(seed: int) -> None:
    given = (Eq(E(X), mu), Eq(Var(X), sigma**2), Eq(E(Y), 0))
    point = point_of(X, Y, mu, sigma, given=given, seed=seed)
    w, x, y = arrays(point, X, Y)
    assert number(point[mu]) == (w * x).sum()
    assert point[sigma] > 0
    assert number(point[sigma] ** 2) == (w * x * x).sum() - (w * x).sum() ** 2
    assert (w * y).sum() == 0


def test_values_and_events_given() -> None:
    given = (TakesValues(Y, 1, K), P(Eq(X, d)) > 0)
    for seed in range(4):
        point = point_of(X, Y, K, d, given=given, seed=seed)
        assert set(point[Y].values) <= set(map(sympy.Integer, range(1, int(point[K]) + 1)))
        assert point[d] in point[X].values


def test_laws_and_sums_to_one() -> None:
    q = sympy.Function("q", positive=True)
    law = HasMass(Z, Lambda(i, q(i)), 1, K)
    point = point_of(Z, q, K, given=(law, Eq(Sum(q(i), (i, 1, K)), 1)))
    masses = [point.meaning(q, 1)(k) for k in range(1, int(point[K]) + 1)]
    assert sum(masses) == 1
    assert min(masses) > 0
    mean = sum(k * mass for k, mass in enumerate(masses, 1))
    assert compare_scalars(E(Z), mean, point).outcome == "equal"

    normal = NormallyDistributed(X, mu, sigma)
    point = point_of(X, mu, sigma, given=(normal,))
    assert compare_scalars(Var(X), sigma**2, point).outcome == "equal"
    third = mu**3 + 3 * mu * sigma**2
    assert compare_scalars(E(X**3), third, point).outcome == "equal"
    assert compare_scalars(E((X - mu) ** 4), sigma**4, point).outcome == "different"


def test_a_function_defined_by_an_equation() -> None:
    f, g = sympy.Function("f", real=True), sympy.Function("g", real=True)
    point = point_of(f, g, t, mu, given=(Eq(f(t), mu * g(t) + 1),))
    assert compare_scalars(f(mu), mu * g(mu) + 1, point).outcome == "equal"
    assert compare_scalars(f(mu), g(mu), point).outcome == "different"


def test_derivatives_by_a_parameter_wait_for_the_evaluation() -> None:
    point = point_of(X, t)
    w, x = arrays(point, X)
    slope = sympy.Derivative(E((X - t) ** 2), t)
    wanted = sum(-2 * w * (x - number(point[t])))
    assert compare_scalars(slope, sympy.Rational(wanted), point).outcome == "equal"


def test_what_cannot_be_enumerated_says_so() -> None:
    half = sympy.Rational(1, 2)
    point = {X: Table((sympy.Integer(0), sympy.Integer(1)), (half, half)), t: half}
    with pytest.raises(Undecided, match="depends on what moves"):
        worked_out(sympy.Derivative(P(t < X), t), point)
    with pytest.raises(Undecided, match="no distribution"):
        worked_out(E(Y), point)
    with pytest.raises(Undecided, match="members"):
        worked_out(E(F[2]), {F: Tables((point[X],))})
    with pytest.raises(Undecided, match="no integer"):
        worked_out(E(SampleMean(F, t)), {**point, F: Tables((point[X],))})
    with pytest.raises(Undecided, match="cannot be told"):
        worked_out(P(Abs(X) > Symbol("unknown", real=True)), point)
    with pytest.raises(Undecided):
        point_of(X, given=(P(X > 0) > 2,))
