"""Zeros of the arguments of signs and conditions: found exactly where they are rational."""

from fractions import Fraction

import numpy as np
import pytest

from numeric.exact import evaluate_all_exactly
from numeric.jumps import jumps, points_at_zeros, systems
from numeric.sampling import choose_sizes
from symbolic import parse
from symbolic.traverse import variables

GIVEN = {"s": "", "c": "", "p": ": positive", "a": "n", "b": "n", "A": "n n", "S": "n n: spd"}

WAYS = [
    ("sign(abs(s - 7/3))", ["(s - 7/3,)", "(s - 7/3,)"]),
    ("sign(norm(a - b)**2)", ["(a - b,)"]),
    ("sign(a @ a)", ["(a,)"]),
    ("where(s*c == 0, 1, 2)", ["(s,)", "(c,)"]),
    ("sign(s**2 + (c - 1)**2)", ["(s, c - 1)"]),
    ("abs(s) + relu(c) + maximum(s, c)", []),
    ("sign(s**2 + 1) + sign(p) + step(exp(s))", []),
]


@pytest.mark.parametrize(("text", "expected"), WAYS, ids=[each for each, _ in WAYS])
def test_the_ways_in_which_an_argument_is_zero(text, expected):
    found = [way for argument in jumps([parse(text, GIVEN)]) for way in systems(argument)]
    assert sorted({str(way) for way in found}) == sorted(set(expected))


RATIONAL = [
    "s - 22/7",
    "s*c - 7/13",
    "a @ b - 1/3",
    "s**2 - 4/9",
    "trace(A) - c",
    "p - 3/1000",
    "s*p**2 - p",
]


@pytest.mark.parametrize("text", RATIONAL)
def test_rational_zeros_are_exact(text):
    argument = parse(text, GIVEN)
    given, rng = variables(argument), np.random.default_rng(0)
    (sizes,) = choose_sizes([argument], rng, 1)
    points = list(points_at_zeros((argument,), given, sizes, rng))
    assert points
    for point, exact in points:
        assert exact
        assert not np.any(evaluate_all_exactly([argument], point, sizes)[0])
        assert all(x > 0 for v, x in point.items() if v.domain == "positive")


@pytest.mark.parametrize("text", ["s**2 - 2", "exp(s) - 2", "p**3 - p - 1", "log(p) - 1"])
def test_other_zeros_are_close(text):
    argument = parse(text, GIVEN)
    points = list(points_at_zeros((argument,), variables(argument), {}, np.random.default_rng(0)))
    assert points
    for point, exact in points:
        (value,) = point.values()
        assert not exact
        assert abs(float(_value(text, Fraction(value.item())))) < 1e-12


def _value(text: str, x: Fraction) -> float:
    return {
        "s**2 - 2": lambda t: t**2 - 2,
        "exp(s) - 2": lambda t: np.exp(t) - 2,
        "p**3 - p - 1": lambda t: t**3 - t - 1,
        "log(p) - 1": lambda t: np.log(t) - 1,
    }[text](float(x))


def test_what_is_zero_nowhere_has_no_points():
    argument = parse("s**2 - s + 1", GIVEN)
    assert not list(points_at_zeros((argument,), variables(argument), {}, np.random.default_rng(0)))
