"""Rounding that is constant over small steps: bars hold the truth, right gradients never fail."""

from math import erfc, inf

import mpmath
import numpy as np
import pytest

from numeric import check_gradient, derivative
from numeric.ladder import Slope
from numeric.staircases import stair

CANCELLING = {  # near 0: the function as it is written, and in mpmath
    "t - sin t": (lambda t: t - np.sin(t), lambda t: t - mpmath.sin(t)),
    "tan t - sin t": (lambda t: np.tan(t) - np.sin(t), lambda t: mpmath.tan(t) - mpmath.sin(t)),
    "log1p t - t": (lambda t: np.log1p(t) - t, lambda t: mpmath.log1p(t) - t),
    "(exp t - 1)/t": (lambda t: (np.exp(t) - 1) / t, lambda t: mpmath.expm1(t) / t),
    "log(1 + t)/t": (lambda t: np.log(1 + t) / t, lambda t: mpmath.log1p(t) / t),
    "(sqrt(1 + t) - 1)/t": (
        lambda t: (np.sqrt(1 + t) - 1) / t,
        lambda t: 1 / (mpmath.sqrt(1 + t) + 1),
    ),
    "(1 - cos t)/t^2": (lambda t: (1 - np.cos(t)) / t**2, lambda t: (1 - mpmath.cos(t)) / t**2),
    "(sinh t - t)/t^3": (lambda t: (np.sinh(t) - t) / t**3, lambda t: (mpmath.sinh(t) - t) / t**3),
}
SATURATED = {  # far from 0
    "GELU": (
        lambda t: -0.5 * t / 4 * erfc(t / 4 / 2**0.5),
        lambda t: -t / 8 * mpmath.erfc(t / 4 / mpmath.sqrt(2)),
    ),
    "x (1 + erf)": (
        lambda t: t * (1 - (1 - erfc(t / 6))),
        lambda t: t * mpmath.erfc(t / 6),
    ),
    "x (1 - sigmoid)": (
        lambda t: t * (1 - 1 / (1 + np.exp(-t))),
        lambda t: t / (1 + mpmath.exp(t)),
    ),
    "log(1 - sigmoid)": (
        lambda t: np.log(1 - 1 / (1 + np.exp(-t))),
        lambda t: -mpmath.log(1 + mpmath.exp(t)),
    ),
    "1 - tanh": (lambda t: 1 - np.tanh(t / 2), lambda t: 1 - mpmath.tanh(t / 2)),
    "Mish": (
        lambda t: -t * np.tanh(np.log(1 + np.exp(-t))),
        lambda t: -t * mpmath.tanh(mpmath.log1p(mpmath.exp(-t))),
    ),
    "acosh(1 + tiny)": (
        lambda t: np.arccosh(1 + 1e-12 * t),
        lambda t: mpmath.acosh(1 + mpmath.mpf("1e-12") * t),
    ),
}


def points(rng):
    for name in CANCELLING:
        for _ in range(12):
            yield name, CANCELLING[name], rng.choice([-1, 1]) * 10 ** rng.uniform(-7.5, -1)
    for name in SATURATED:
        for _ in range(12):
            yield name, SATURATED[name], rng.uniform(3, 36)


def slope(function, x):
    with mpmath.workdps(80):
        place = mpmath.mpf(float(x))
        return float(mpmath.diff(function, place, h=place * mpmath.mpf(10) ** -30))


def test_bars_hold_the_truth_and_right_gradients_never_fail():
    asked, outside, failed, fooled = 0, [], [], []
    for seed in (0, 1):
        for name, (f, exact), x in points(np.random.default_rng(seed)):
            true, found = slope(exact, x), derivative(f, x)
            off, bar = abs(float(found.value) - true), float(found.bar) + 1e-15 * abs(true)
            case = f"seed {seed}: {name} at {x!r}: {found.value} +- {found.bar}, true {true!r}"
            asked += 1
            if off > bar:
                outside.append(case)
            if check_gradient(f, true, x).verdict == "fail":
                failed.append(case)
            if (
                off > 1e-2 * abs(true) + 10 * bar
                and check_gradient(f, found.value, x).verdict == "pass"
            ):
                fooled.append(case)
    assert len(outside) <= 0.05 * asked, outside
    assert len(failed) <= 0.005 * asked, failed
    assert fooled == []


def test_a_saturated_loss_is_not_taken_for_a_constant():
    def loss(z):
        return -np.log(1 - 1 / (1 + np.exp(-z))).mean()

    z = np.random.default_rng(0).normal(size=4) + 35.5
    for claim in (1 / (1 + np.exp(-z)) / 4, 0 * z):
        found = check_gradient(loss, claim, z)
        assert found.verdict == "inconclusive"
        assert "f goes in steps of about" in found.reason


def test_a_large_offset_squared_is_not_a_constant():
    def f(x):
        return (x + 1e9) ** 2 - 2e9 * (x + 1e9) + 1e18

    for claim in (0.6, 0.0):
        assert check_gradient(f, claim, 0.3).verdict == "inconclusive"


@pytest.mark.parametrize("seed", range(30))
def test_smooth_functions_have_no_steps(seed):
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(size=3)
    scale = 10 ** rng.uniform(-1, 3)

    def f(t):
        return np.exp(a * t) * np.sin(scale * t + b) + c / (2 + t)

    h = 2.0 ** -np.ceil(np.log2(100 * scale))
    h0 = (f(h) - f(-h)) / (2 * h)
    assert stair(f, Slope(h0, 0.0, h), 0.5, 1e-14, 2.0**-52) is None, f"seed {seed}"


def test_kinks_and_single_jumps_are_no_steps():
    def kinked(t):
        return abs(t - 0.01) + abs(t + 0.02) + t**2

    def jumping(t):
        return t + t**2 + (t > 0.01)

    for f, value in ((kinked, 0.0), (jumping, 1.0)):
        assert stair(f, Slope(value or 1e-9, 0.0, 2.0**-8), 0.5, 1e-14, 2.0**-52) is None


def test_an_edge_of_the_domain_stands_for_a_jump():
    def f(t):
        return np.log(np.floor(3.4 - 4 * t)) if t < 0.5 else -inf

    assert stair(f, Slope(0.0, 0.0, 2.0**-5), 0.5, 0.0, 2.0**-52) > 0.2


def test_a_step_function_beside_its_step_is_flat():
    found = derivative(lambda t: float(t > 0.3), 0.28)
    assert (found.value, found.status) == (0, "ok")
    assert found.bar < 1e-6
