"""Generated code of powers with a variable exponent, where their base is 0."""

import numpy as np
import pytest

from symbolic import gradient, lambdify, parse
from symbolic.code.variable_powers import with_merged_powers
from symbolic.operations import abs
from symbolic.variables import dims, scalar, vector

X, Y = np.array([0.0, 2.0, 0.5]), np.array([0.0, 1.0, 3.0])
D = np.array([0.0, 1.0, -2.5])  # X - Y
(n,) = dims("n")
x, y, k, g = vector("x", n), vector("y", n), scalar("k"), scalar("g")


def _slope(text, given, of, *values):
    with np.errstate(all="ignore"):
        slope = lambdify(gradient(parse(text, given), [of])[0])
        named = dict(zip(given, values, strict=True))
        return slope(**{each: named[each] for each in slope.args})


@pytest.mark.parametrize(
    ("text", "given", "of", "values", "truth"),
    [
        ("sum(x**k)", {"x": "n", "k": ""}, "x", (X, 2.0), 2 * X),
        ("sum(x**k)", {"x": "n", "k": ""}, "x", (X, 1.0), np.ones(3)),
        ("sum(x**k)", {"x": "n", "k": ""}, "x", (-X, 2.0), -2 * X),
        ("sum(x**k)", {"x": "n", "k": "n"}, "x", (X, X + 1), [1, 12, 1.5 * 0.5**0.5]),
        ("sum((2*x)**k)", {"x": "n", "k": ""}, "x", (X, 1.0), [2, 2, 2]),
        ("sum((2*x)**k)", {"x": "n", "k": ""}, "x", (X, 3.0), 24 * X**2),
        ("sum(y*x**k)", {"x": "n", "y": "n", "k": ""}, "x", (X, Y, 2.0), 2 * X * Y),
        ("x**k", {"x": "", "k": ""}, "x", (np.float64(0), 1.0), 1),
        (
            "-sum((1 - p)**g*log(p))", {"p": "n", "g": ""}, "p", (np.array([1, 0.5]), 2.0),
            [0, np.log(0.5) - 0.5],
        ),
        (
            "sum(abs(x - y)**p)", {"x": "n", "y": "n", "p": ""}, "y", (X, Y, 3.0),
            -3 * D * np.abs(D),
        ),
        (
            "sum(abs(x - y)**p)**(1/p)", {"x": "n", "y": "n", "p": ""}, "x", (X, Y, 2.0),
            D / np.sqrt(7.25),
        ),
        ("sum((x**2 + y**2)**(p/2))", {"x": "n", "y": "n", "p": ""}, "x", (X, Y, 2.0), 2 * X),
        ("sum(relu(x)**p)", {"x": "n", "p": ""}, "x", (X - 0.5, 3.0), [0, 6.75, 0]),
    ],
)  # fmt: skip
def test_slopes_have_a_value_where_the_base_is_zero(text, given, of, values, truth):
    np.testing.assert_allclose(_slope(text, given, of, *values), truth, rtol=1e-14)


@pytest.mark.parametrize(
    ("text", "given", "of", "values", "truth"),
    [
        ("sum(x**k)", {"x": "n", "k": ""}, "k", (X, 2.0), 3.75 * np.log(2)),
        ("sum(x**k)", {"x": "n", "k": "n"}, "k", (X, X + 1), [0, 8 * np.log(2), 0.5**1.5 * np.log(0.5)]),
        ("sum(abs(x - y)**p)", {"x": "n", "y": "n", "p": ""}, "p", (X, Y, 2.0), 6.25 * np.log(2.5)),
        (
            "-sum((1 - p)**g*log(p))", {"p": "n", "g": ""}, "g", (np.array([1, 0.5]), 1.0),
            -np.log(2) ** 2 / 2,
        ),
    ],
)  # fmt: skip
def test_slopes_by_the_exponent_have_a_value_where_the_base_is_zero(text, given, of, values, truth):
    np.testing.assert_allclose(_slope(text, given, of, *values), truth, rtol=1e-14)


def test_second_derivatives_of_powers_have_a_value_at_zero():
    (once,) = gradient(scalar("x") ** k, ["x"])
    slope = lambdify(gradient(once, ["x"])[0])
    assert slope(x=0.0, k=2.0) == 2
    assert slope(x=0.0, k=3.0) == 0


def test_slopes_that_are_infinite_or_have_no_value_stay_so():
    given = {"x": "n", "k": ""}
    assert _slope("sum(x**k)", given, "k", X, 0.0) == -np.inf
    assert _slope("sum(x**k)", given, "k", X, -1.0) == -np.inf
    assert np.isnan(_slope("sum(x**k)", given, "k", -X, 2.0))
    assert _slope("sum(x**k)", given, "x", X, 0.5)[0] == np.inf


def test_powers_of_equal_bases_are_merged():
    assert str(with_merged_powers(x**k * (1 / x))) == "x**(k - 1)"
    assert str(with_merged_powers((x - y) ** k * (1 / (x - y)))) == "(x - y)**(k - 1)"
    assert str(with_merged_powers(abs(x) ** k * (1 / x**2))) == "abs(x)**(k - 2)"


@pytest.mark.parametrize(
    "product",
    [
        x**k * (1 / y),
        x**k * (1 / (1 + x)),
        (x - y) ** k * (1 / (y + x)),
        x**3 * (1 / y),
        k**x * (1 / x),
        x**k * x,
        x**k * y**g,
        x**k * (1 / abs(x)),
        x[:, None] ** k * (1 / x),
    ],
    ids=str,
)
def test_powers_of_other_bases_and_along_other_axes_stay(product):
    assert with_merged_powers(product) is product
