"""Sampled points lie in their domains exactly, repeat with the seed, and satisfy equations."""

from fractions import Fraction

import numpy as np
import pytest

import symbolic as ops
from numeric import (
    Undecided,
    check_data,
    choose_sizes,
    evaluate_exactly,
    sample,
    sample_float,
    sample_on,
)
from numeric.linear import determinant
from symbolic import variables as declared
from symbolic.domains import DOMAINS
from symbolic.nodes import Derivative, Variable

n, d = declared.dims("n d")

EXACTLY = {
    "real": lambda a: True,
    "positive": lambda a: np.all(a > 0),
    "nonnegative": lambda a: np.all(a >= 0),
    "unit": lambda a: np.all((a > 0) & (a < 1)),
    "binary": lambda a: set(a.flat) == {0, 1},
    "pm1": lambda a: set(a.flat) == {-1, 1},
    "counts": lambda a: all(e.denominator == 1 and e >= 0 for e in a.flat),
    "index": lambda a: all(e.denominator == 1 and e >= 0 for e in a.flat),
    "symmetric": lambda a: np.all(a == a.T),
    "spd": lambda a: np.all(a == a.T) and all(determinant(a[:k, :k]) > 0 for k in (1, 2, 3)),
    "psd": lambda a: (
        np.all(a == a.T)
        and all(
            determinant(a[np.ix_(kept, kept)]) >= 0
            for kept in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2))
        )
    ),
    "invertible": lambda a: determinant(a) != 0 and np.any(a != a.T),
    "orthogonal": lambda a: np.all(a.T @ a == np.eye(3, dtype=int)),
    "diagonal": lambda a: np.all((a != 0) == np.eye(3, dtype=bool)),
    "lower": lambda a: np.all((a != 0) == np.tril(np.ones((3, 3), dtype=bool))),
    "onehot": lambda a: np.all(a.sum(axis=-1) == 1) and set(a.flat) == {0, 1},
    "prob": lambda a: np.all(a.sum(axis=-1) == 1) and np.all(a > 0),
    "prob columns": lambda a: np.all(a.sum(axis=-2) == 1) and np.all(a > 0),
    "descending": lambda a: np.all(a > 0) and np.all(np.diff(a, axis=-1) < 0),
    "unit_norm": lambda a: (a * a).sum() == 1,
}


def test_matrices_of_one_domain_are_of_every_kind():
    """Rotations and reflections; every rank: what holds of one kind alone is not believed."""
    rng = np.random.default_rng(0)
    turns = [sample([Variable("Q", (n, n), "orthogonal")], {n: 2}, rng) for _ in range(20)]
    assert {determinant(next(iter(point.values()))) for point in turns} == {1, -1}
    blunt = [sample([Variable("K", (n, n), "psd")], {n: 2}, rng) for _ in range(20)]
    assert {determinant(next(iter(point.values()))) == 0 for point in blunt} == {True, False}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_points_lie_in_the_domain_exactly(name, seed):
    variable = Variable("v", (n, n), name)
    point = sample([variable], {n: 3}, np.random.default_rng(seed))[variable]
    assert all(isinstance(entry, Fraction) for entry in point.flat)
    assert EXACTLY[name](point), f"seed {seed}: {point}"
    again = sample([variable], {n: 3}, np.random.default_rng(seed))[variable]
    assert np.all(point == again)
    single = sample([variable], {n: 1}, np.random.default_rng(seed))
    check_data([variable], {variable: single[variable].astype(float)})
    check_data([variable], sample_float([variable], {n: 4}, np.random.default_rng(seed)))


def test_reals_are_generic(rng):
    x, y = declared.vector("x", n), declared.vector("y", n)
    point = sample([x, y], {n: 20}, rng)
    entries = [abs(e) for array in point.values() for e in array]
    assert {e > 0 for array in point.values() for e in array} == {True, False}
    scales = [float(np.mean(np.abs(sample([x], {n: 5}, rng)[x]).astype(float))) for _ in range(60)]
    assert min(scales) < 0.1
    assert max(scales) > 5
    assert len(set(sample([x], {n: 20}, rng)[x])) == 20
    assert len(entries) == 40


def test_sizes_differ_and_are_one_once(rng):
    A, Q = declared.matrix("A", n, d), declared.matrix("Q", n, d, domain="orthogonal")
    first, ones, third = choose_sizes([A], rng, 3)
    assert first[n] != first[d]
    assert set(ones.values()) == {1}
    assert third != first
    assert all(sizes[n] >= sizes[d] for sizes in choose_sizes([Q], rng, 3))
    assert choose_sizes([declared.scalar("t")], rng, 2) == [{}, {}]
    with pytest.raises(Undecided, match="more columns than rows"):
        sample([Q], {n: 2, d: 3}, rng)


def test_points_on_an_eigenproblem(rng):
    v = declared.vector("v", n, domain="unit_norm")
    S, lam = declared.matrix("S", n, n, domain="symmetric"), declared.scalar("lam")
    stationary = Derivative(v @ S @ v - lam * (v @ v - 1), v)
    for equations in ([(S @ v, lam * v)], [(stationary, ops.zeros(n))]):
        for size in (1, 3, 4):
            point = sample_on(equations, [v, S, lam], {n: size}, rng)
            assert np.all(point[S] @ point[v] == point[lam] * point[v])
            assert np.all(point[S] == point[S].T)
            assert (point[v] ** 2).sum() == 1


def test_points_on_normal_equations_and_on_two_at_once(rng):
    X, w, y = declared.matrix("X", n, d), declared.vector("w", d), declared.vector("y", n)
    a, b = declared.scalar("a"), declared.scalar("b")
    point = sample_on([(X.T @ X @ w, X.T @ y)], [X, w, y], {n: 4, d: 2}, rng)
    left, right = X.T @ X @ w, X.T @ y
    assert np.all(evaluate_exactly(left, point) == evaluate_exactly(right, point))
    pair = sample_on([(a + b, ops.constant(3)), (a - b, ops.constant(1))], [a, b], {}, rng)
    assert (pair[a], pair[b]) == (2, 1)


def test_no_affine_variable_is_undecided(rng):
    a = declared.scalar("a")
    with pytest.raises(Undecided, match="a point that satisfies the equations"):
        sample_on([(a * a * a, ops.constant(2))], [a], {}, rng)
    with pytest.raises(Undecided, match="exp leaves the rational numbers"):
        sample_on([(ops.exp(a), ops.constant(2))], [a], {}, rng)


def test_solutions_stay_in_their_domain(rng):
    p, q = declared.scalar("p", domain="positive"), declared.scalar("q", domain="positive")
    point = sample_on([(p, 2 * q)], [p, q], {}, rng)
    assert point[p] == 2 * point[q] > 0
    with pytest.raises(Undecided):
        sample_on([(p, -1 * q)], [p, q], {}, rng)
