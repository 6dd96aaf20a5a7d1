"""An order that no rule proves: a violation too narrow for random points is found downhill."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from sympy import Lt, cos, exp, log, sin, sqrt

from derivations import Derivation, at_least, at_most, inequality
from derivations.rules.sampling import sampling
from derivations.worst_points import downhill, lowest
from symbolic import constant, norm, scalar, sum, vector
from symbolic import log as logarithm
from symbolic import sin as sine
from symbolic import tanh as hyperbolic

x, y = sympy.symbols("x y", real=True)
u = sympy.Symbol("u", positive=True)
EPS = sympy.Rational(1, 10**9)
v, w = vector("v", "n"), vector("w", "n")
c, r = scalar("c"), scalar("r", domain="positive")

NARROW = [  # violated by 1e-9 or less, near one point
    ((x,), sin(x), 1 - EPS),
    ((x,), sin(x), 1 - EPS**2 * 10**4),
    ((x, y), sin(x) * cos(y), 1 - EPS / 10),
    ((x,), 1 + x + EPS, exp(x)),
    ((u,), log(u) + EPS, u - 1),
    ((x,), x * exp(-(x**2)), sqrt(2) / 2 * exp(sympy.Rational(-1, 2)) - EPS),
    ((x, y), 3 * x**2 * y**2 + EPS, x**4 * y**2 + x**2 * y**4 + 1),
    ((x, y, Lt(x, y)), x, y - EPS),
    ((c,), sine(c), constant(1 - EPS)),
    ((r,), logarithm(r) + EPS, r - 1),
    ((v, w), v @ w, (v @ v + w @ w) / 2 - constant(EPS)),
]
TRUE = [
    ((x,), sin(x), sympy.Integer(1)),
    ((x,), 1 + x, exp(x)),
    ((u,), log(u), u - 1),
    ((x, y), 3 * x**2 * y**2, x**4 * y**2 + x**2 * y**4 + 1),
    ((x, y, Lt(x, y)), x, y),
    ((c,), sine(c), constant(1)),
    ((v, w), v @ w, norm(v) * norm(w)),
    ((v,), sum(hyperbolic(v) ** 2), sum(v**2)),
]


@pytest.mark.parametrize(("given", "low", "high"), NARROW, ids=str)
def test_a_narrow_violation_is_refuted(given, low, high) -> None:
    for claim, step in (
        (inequality(low, high), at_most(high, by=sampling)),
        (inequality(high, low, ">="), at_least(low, by=sampling)),
    ):
        report = Derivation(given, claim, (step,)).check(seed=3)
        assert report.verdict == "refuted", str(report)
        assert report.chains[0][0].counterexample


@pytest.mark.parametrize(("given", "low", "high"), TRUE, ids=str)
def test_what_is_true_is_seen_and_not_proved(given, low, high) -> None:
    report = Derivation(given, inequality(low, high), (at_most(high, by=sampling),)).check(seed=3)
    (found,) = report.chains[0]
    assert (found.verdict, found.method) == ("verified", "sampled")
    assert found.points >= 40


def test_downhill_stays_where_there_are_values() -> None:
    from flint import arb

    def slack(place):  # an edge at 1, with nothing beyond
        return arb(float(place[0])) if place[0] >= 1 else None

    (found,) = lowest(slack, (Fraction(3),))
    assert 0 <= found - 1 < Fraction(1, 10**9)
    assert lowest(slack, (Fraction(0),)) == (0,)
    paths = list(downhill([(slack, (Fraction(k),)) for k in (0, 9, 2, 5, 7)]))
    assert [number for number, _ in paths] == [2, 3, 4]  # the least, and none without a value
