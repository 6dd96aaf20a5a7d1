"""Legs over powers of hypotenuses: derivatives that neither overflow nor vanish on the way."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from symbolic import gradient, hessian, lambdify, parse
from symbolic.code.common_denominators import without_long_terms
from symbolic.code.norms import roots_as_norms
from symbolic.code.quotients_of_powers import legs_over_hypotenuses
from symbolic.code.stable_forms import stabilise

PLANE = {"x": "n", "y": "n"}


@pytest.mark.parametrize("size", [1e-30, 1e-16, 1.0, 1e13, 1e30])
def test_second_derivatives_of_a_distance(size):
    f = lambdify(hessian("sum(sqrt(x**2 + y**2))", "x", PLANE))
    leg = np.array([size], dtype=np.float32)
    with np.errstate(all="raise"):
        found = f(x=leg, y=leg)
    np.testing.assert_allclose(found[0, 0], 1 / (2 * np.sqrt(2) * float(leg[0])), rtol=1e-6)


@pytest.mark.parametrize("size", [1e-120, 1.0, 1e110])
def test_slope_of_one_over_a_distance(size):
    f = lambdify(gradient("sum(1/sqrt(x**2 + (2*y)**2))", "y", PLANE))
    leg = np.array([size])
    with np.errstate(all="raise"):
        found = f(x=leg, y=leg)
    np.testing.assert_allclose(found, -4 / (5 * np.sqrt(5) * size) / size, rtol=1e-14)


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e20])
def test_slope_of_the_logarithm_of_a_distance(size):
    text = "sum(log(x**2 + y**2))"
    f = lambdify((parse(text, PLANE), gradient(text, "x", PLANE)))
    leg = np.array([size], dtype=np.float32)
    with np.errstate(all="raise"):
        _, slope = f(x=leg, y=leg)
    np.testing.assert_allclose(slope, 1 / leg, rtol=1e-6)


def test_other_products_stay():
    given = {**PLANE, "z": "n"}
    root = roots_as_norms(stabilise((parse("z/sqrt(x**2 + y**2)**3", given),)))  # z is no leg
    assert legs_over_hypotenuses(root) == root
    alone = roots_as_norms(stabilise((parse("x/(x**2 + y**2)", given),)))  # no hypotenuse is there
    assert legs_over_hypotenuses(alone) == alone


@pytest.mark.parametrize("size", [0.25, 1.0, 3.0])
@pytest.mark.parametrize(
    "text",
    [
        "d*sqrt(d**2 + x**2) - d**2",
        "sqrt(x**2 + d**2) - d",
        "d - sqrt(x**2 + d**2)",
        "2*d*sqrt(x**2 + 9*d**2) - 6*d**2",
    ],
)
def test_roots_less_a_positive_number(text, size):
    x = np.array([1e-9, 0.0, 1e-3, -40.0, 1e160])
    with mpmath.workdps(400):
        at = {"d": mpmath.mpf(size), "sqrt": mpmath.sqrt}
        expected = [float(eval(text, {**at, "x": mpmath.mpf(float(each))})) for each in x]
    f = lambdify(parse(text, {"x": "n", "d": ": positive"}))
    with np.errstate(all="raise", under="ignore"):
        found = f(x=x, d=size)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


@pytest.mark.parametrize("text", ["sqrt(x**2 + z**2) - x*z", "sqrt(x**2 + d**2) - 2*d",
                                  "sqrt(x**2 + d) - d", "sqrt(x**2 + d**2) + d"])  # fmt: skip
def test_other_roots_stay(text):
    node = parse(text, {"x": "n", "z": "n", "d": ": positive"})
    assert without_long_terms(node) is node
