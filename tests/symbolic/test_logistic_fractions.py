"""Fractions of exponentials: value, gradient and Hessian against 60 digits, far out and near zero."""

import mpmath
import numpy as np
import pytest

from symbolic import gradient, hessian, lambdify, parse

TEXTS = {
    "log(1 + exp(x))": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "exp(x)/(1 + exp(x))": lambda x: 1 / (1 + mpmath.exp(-x)),
    "1/(1 + exp(-x))**3": lambda x: (1 + mpmath.exp(-x)) ** -3,
    "exp(x)*sigmoid(-x)": lambda x: 1 / (1 + mpmath.exp(-x)),
    "(exp(x) - 1)**2/(exp(x) + 1)**2": lambda x: mpmath.tanh(x / 2) ** 2,
    "-log(1/(1 + exp(-x)))": lambda x: mpmath.log(1 + mpmath.exp(-x)),
    "3*exp(-x)/(1 + exp(-x)) + 2": lambda x: 3 / (1 + mpmath.exp(x)) + 2,
}
POINTS = [800.0, 40.0, 20.0, 1.0, -1e-3, -2.0, -30.0, -800.0]


@pytest.mark.parametrize("text", TEXTS)
def test_derivatives_keep_their_digits(text):
    loss = parse(text, {"x": ""})
    f = lambdify((loss, gradient(loss, "x"), hessian(loss, "x")))
    with mpmath.workdps(80), np.errstate(over="raise", invalid="raise", divide="raise"):
        for point in POINTS:
            x = mpmath.mpf(point)
            wanted = [TEXTS[text](x), *(mpmath.diff(TEXTS[text], x, order) for order in (1, 2))]
            for found, truth in zip(f(point), wanted, strict=True):
                assert abs(found - truth) <= 1e-12 * abs(truth) + mpmath.mpf(10) ** -300, point


def test_entrywise_and_in_a_matrix_product():
    given = {"X": "n d", "w": "d"}
    loss = parse("sum(log(1 + exp(X @ w)))", given)
    function = lambdify(hessian(loss, "w"))
    far = function(X=np.array([[800.0, 0.0], [0.0, 1.0]]), w=np.array([1.0, 0.5]))
    slope = 1 / (2 + 2 * np.cosh(0.5))
    np.testing.assert_allclose(far, [[0, 0], [0, slope]], rtol=1e-14)


@pytest.mark.parametrize(
    "text", ["exp(x)**2/(1 + exp(x))", "exp(x)/(2 + exp(x))", "exp(x)/(1 + exp(y))"]
)
def test_other_fractions_stay(text):
    given = {"x": "", "y": ""}
    expression = parse(text, given)
    names = [name for name in given if name in text.replace("exp", "")]
    found = lambdify(expression, arguments=names)(*[0.3, 0.7][: len(names)])
    e, other = np.exp(0.3), np.exp(0.7)
    wanted = {"exp(x)**2/(1 + exp(x))": e**2 / (1 + e), "exp(x)/(2 + exp(x))": e / (2 + e)}
    assert abs(found - wanted.get(text, e / (1 + other))) < 1e-15


def test_what_cancels_is_a_number():
    same = lambdify(parse("(1 + exp(x))/(1 + exp(x)) + 0*x", {"x": "n"}))
    np.testing.assert_array_equal(same([750.0, 0.0]), [1.0, 1.0])
