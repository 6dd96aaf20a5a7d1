"""Expectations over a normal variable as expressions: built, replaced in, evaluated, rewritten by rules."""

from __future__ import annotations

import pickle
from fractions import Fraction

import numpy as np
import pytest

from derivations import equation
from derivations.rules.equations import equation_leads_to, multiply_both_sides
from numeric.enclosure import enclose
from numeric.errors import Undecided
from numeric.sampling import sample
from symbolic import (
    Expectation,
    Expression,
    ShapeError,
    UnsupportedError,
    dims,
    exp,
    expectation,
    gaussian,
    gradient,
    inv,
    lambdify,
    latex,
    log,
    matrix,
    outer,
    scalar,
    simplify,
    sqrt,
    sum,
    trace,
    vector,
)
from symbolic.algebra.normal import equal_by_algebra
from symbolic.calculus.expectation_rules import (
    degree_in,
    linearity_of_expectation,
    mean_and_covariance,
)
from symbolic.calculus.matching import match
from symbolic.traverse import substitute

(d,) = dims("d")
x, m, b = vector("x", d), vector("m", d), vector("b", d)
S, A = matrix("S", d, d, domain="spd"), matrix("A", d, d)
t, u, s = scalar("t"), scalar("u"), scalar("s", domain="positive")
c = scalar("c")
square = (x - b) @ A @ (x - b)
bell = exp(-x @ x / 2) / sqrt(s)


def E(f: Expression) -> Expectation:
    return Expectation(f, x, m, S)


POLYNOMIALS = [b @ x + 1, square, c * square - 3 * (b @ x), (b @ x) ** 3, sum(x**3), log(bell)]


@pytest.mark.parametrize("f", POLYNOMIALS, ids=str)
def test_the_value_is_that_of_the_moments(f: Expression) -> None:
    plain = f if f is not POLYNOMIALS[-1] else -x @ x / 2 - log(s) / 2
    worked_out = expectation(plain, x, gaussian(m, S))
    for seed, size in enumerate((1, 3)):
        point = sample([x, m, b, S, A, c, s], {d: size}, np.random.default_rng(seed))
        found, wanted = (enclose(e, point, {d: size}, 128).item() for e in (E(f), worked_out))
        assert found.overlaps(wanted)
        assert found.rad() < 1e-20


def test_the_value_does_not_depend_on_the_bound_variable() -> None:
    over_t = Expectation(t**2 * u, t, u, s)
    values = {t: Fraction(7), u: Fraction(2), s: Fraction(3)}
    assert enclose(over_t, values, {}, 64).item().contains(2 * (3 + 4))


def test_what_is_no_polynomial_has_no_value() -> None:
    values = {t: 0, u: 0, s: 1}
    for f in (t**4, exp(t), 1 / t):
        with pytest.raises(Undecided, match="polynomial"):
            enclose(Expectation(f, t, u, s), values, {}, 64)


def test_degrees() -> None:
    found = [degree_in(each, x) for each in (*POLYNOMIALS, m @ b, exp(x @ x), sqrt(x @ x))]
    assert found == [1, 2, 2, 3, 3, 2, 0, None, None]


LINEAR = [
    (E(square + c), E(square) + c),
    (E(2 * c * (b @ x) - square / 3), 2 * c * E(b @ x) - E(square) / 3),
    (E(c * (square + b @ x)), c * E(square) + c * E(b @ x)),
    (E(m @ b), m @ b),
]
MOMENTS = [
    (E(b @ x), b @ m),
    (E((x - m) @ A @ (x - m)), trace(A @ S)),
    (E((x - b) @ inv(S) @ (x - m)), trace(inv(S) @ S)),
    (E(log(bell)), -(trace(S) + m @ m) / 2 - log(s) / 2),
]


@pytest.mark.parametrize(("before", "after"), LINEAR, ids=str)
def test_linearity(before: Expression, after: Expression) -> None:
    assert equal_by_algebra(linearity_of_expectation.exhausted(before), after)


@pytest.mark.parametrize(("before", "after"), MOMENTS, ids=str)
def test_mean_and_covariance(before: Expression, after: Expression) -> None:
    assert equal_by_algebra(mean_and_covariance.exhausted(before), after)


@pytest.mark.parametrize("f", [square, (b @ x) * square, exp(b @ x)], ids=str)
def test_linearity_says_no(f: Expression) -> None:
    assert linearity_of_expectation.exhausted(E(f)) is E(f)


@pytest.mark.parametrize("f", [(b @ x) ** 3, exp(b @ x), m @ b], ids=str)
def test_moments_say_no(f: Expression) -> None:
    assert mean_and_covariance.exhausted(E(f)) is E(f)


def test_moments_need_a_covariance() -> None:
    over_t = Expectation(t**2, t, u, c)
    assert mean_and_covariance.exhausted(over_t) is over_t
    assert equal_by_algebra(mean_and_covariance.exhausted(Expectation(t**2, t, u, s)), u**2 + s)
    wrong = Expectation(b @ x, x, m, A)
    assert mean_and_covariance.exhausted(wrong) is wrong


def test_the_bound_variable_stays_and_catches_nothing() -> None:
    assert substitute(E(b @ x), {x: m}) is E(b @ x)
    assert substitute(E(b @ x), {x: m, b: m}) is E(m @ x)
    assert substitute(E(b @ x), {m: b}) is Expectation(b @ x, x, b, S)
    with pytest.raises(UnsupportedError, match="bound"):
        substitute(E(b @ x), {b: x})


def test_no_equation_is_used_inside() -> None:
    before, after = equation(E(c * (b @ x)), 0), equation(c * E(c * (b @ x)), 0)
    assert not equation_leads_to(before, after, (multiply_both_sides(c),))


def test_patterns_with_an_expectation_match_nothing() -> None:
    assert match(E(b @ x), E(b @ x)) is None


def test_it_is_pickled_printed_and_kept_by_algebra() -> None:
    assert pickle.loads(pickle.dumps(E(square))) is E(square)
    assert str(E(b @ x)) == "E[b @ x; x ~ N(m, S)]"
    assert latex(E(b @ x)) == r"\mathbb{E}_{x \sim \mathcal{N}(m, S)} \left[b^\top x\right]"
    assert simplify(E(x @ b) - E(b @ x)) is simplify(0 * c)
    assert not equal_by_algebra(E(b @ x), E(m @ x))
    assert not equal_by_algebra(E(b @ x), Expectation(b @ x, x, b, S))


def test_what_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="real scalar or vector"):
        Expectation(s, s, t, t)
    with pytest.raises(ShapeError, match="average a scalar"):
        Expectation(x, x, m, S)
    with pytest.raises(ShapeError, match="average a scalar"):
        Expectation(b @ x, x, m, outer(m, m)[0])
    with pytest.raises(UnsupportedError, match="depends on x"):
        Expectation(b @ x, x, 2 * x, S)
    with pytest.raises(UnsupportedError, match="not worked out"):
        lambdify(E(b @ x))
    with pytest.raises(UnsupportedError, match="work out"):
        gradient(E(b @ x), m)
