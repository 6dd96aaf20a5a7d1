"""Densities over tails of the normal distribution, and logarithms near 0 and far out."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from symbolic import hessian, lambdify, parse
from symbolic.code.normal_tails import with_scaled_tails

PROBIT = "-sum(y*log((1 + erf(z/sqrt(2)))/2) + (1 - y)*log((1 - erf(z/sqrt(2)))/2))"
POINTS = [-40.0, -3.0, -0.5, -0.25, -1e-3, -1e-9, -1e-11, 1e-11, 1e-9, 1e-3, 0.25, 0.5, 3.0]


def curvature(z):
    """The second derivative of -log(Phi(z))."""
    slope = mpmath.npdf(z) / mpmath.ncdf(z)
    return float(slope * (slope + z))


@pytest.mark.parametrize(("kind", "digits"), [("float64", 1e-10), ("float32", 3e-4)])
@pytest.mark.parametrize("y", [0, 1])
def test_curvature_of_a_probit_loss_with_right_and_wrong_labels(y, kind, digits):
    given = {"z": "n", "y": "n: binary"}
    f = lambdify(hessian(PROBIT, "z", given))
    z = np.array([-40, -27, -10, -5, -1, 0.5, 1, 5, 10, 27, 40], dtype=kind)
    with np.errstate(invalid="raise", divide="raise"):
        found = f(z=z, y=np.full(z.shape, y, dtype=kind))
    with mpmath.workdps(400):
        expected = np.array([curvature(mpmath.mpf(float(each) * (2 * y - 1))) for each in z])
    tiny = np.finfo(kind).tiny
    np.testing.assert_allclose(np.diag(found), expected, rtol=digits, atol=tiny)
    assert not found[~np.eye(z.size, dtype=bool)].any()


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("exp(-z**2)**3/erfc(z)**3", True),
        ("exp(-z**2/2)*exp(-z**2/2)*exp(-z**2)/erfc(z)**2", True),
        ("exp(-2*z**2)/erfc(z)", True),  # one density is left
        ("exp(-z**2)*exp(-v**2)/(erfc(z)*erfc(v))", True),
        ("exp(-z**2)/erfc(z)**2", False),  # one density for two tails
        ("exp(-z**2/2)/erfc(z)", False),
        ("exp(-z**2)*exp(-v**2)/erfc(z)**2", False),
    ],
)
def test_densities_for_all_the_tails_below_them(text, inside):
    node = with_scaled_tails(parse(text, {"z": "n", "v": "n"}))
    assert ("erfcx(z)" in str(node)) == inside
    assert ("erfc(" in str(node)) != inside
    at = {"z": np.array([-2.0, 0.5, 3.0]), "v": np.array([1.0, -1.0, 2.0])}
    arguments = {k: each for k, each in at.items() if k == "z" or "v" in text}
    expected = lambdify(parse(text, {"z": "n", "v": "n"}))(**arguments)
    np.testing.assert_allclose(lambdify(node)(**arguments), expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("log(1 + tanh(x))", lambda x: mpmath.log(1 + mpmath.tanh(x))),
        ("log1p(tanh(x))", lambda x: mpmath.log(1 + mpmath.tanh(x))),
        ("log(1 - tanh(x))", lambda x: mpmath.log(1 - mpmath.tanh(x))),
        ("log1p(-tanh(x))", lambda x: mpmath.log(1 - mpmath.tanh(x))),
        ("log((1 + tanh(x))/2)", lambda x: mpmath.log((1 + mpmath.tanh(x)) / 2)),
        ("log(2*sigmoid(x))", lambda x: mpmath.log(2 / (1 + mpmath.exp(-x)))),
        ("log(1 + erf(x))", lambda x: mpmath.log(mpmath.erfc(-x))),
        ("log1p(erf(x))", lambda x: mpmath.log(mpmath.erfc(-x))),
        ("log1p(-erf(x))", lambda x: mpmath.log(mpmath.erfc(x))),
        ("log(erfc(x))", lambda x: mpmath.log(mpmath.erfc(x))),
    ],
)
def test_logarithms_near_0_and_far_out(text, exact):
    x = np.array([*POINTS, 40.0])
    with np.errstate(all="raise", under="ignore"):
        found = lambdify(parse(text, {"x": "n"}))(x=x)
    with mpmath.workdps(1500):
        expected = np.array([float(exact(mpmath.mpf(float(each)))) for each in x])
    np.testing.assert_allclose(found, expected, rtol=2e-15, atol=1e-300)


@pytest.mark.parametrize("text", ["log1p(2*tanh(x))", "log1p(erfc(x))", "log1p(x*tanh(x))"])
def test_other_logarithms_of_one_and_a_function_stay(text):
    source = lambdify(parse(text, {"x": "n"})).source
    assert "np.log1p(" in source
    assert "minimum" not in source
