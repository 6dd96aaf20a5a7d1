"""Slopes of `where` are 0 where the case that is 0 is taken, whatever the factors of the others are."""

import warnings

import numpy as np
import pytest

from symbolic import gradient, hessian, lambdify, parse

# formula, declarations, variable, data, true gradient
ROWS = [
    ("sum(y*sqrt(relu(x)))", "x", {"x": [-1, 4], "y": [2, 3]}, [0, 0.75]),
    ("sum(w*where(p > 0, p*log(p), 0))", "p", {"p": [0, 1], "w": [2, 3]}, [0, 3]),
    ("sum(where(p > 0, w*log(p), 0))", "p", {"p": [0, 1], "w": [2, 3]}, [0, 3]),
    ("sum(where(m > 0, y/x, 0))", "x", {"m": [0, 1], "x": [0, 2], "y": [2, 3]}, [0, -0.75]),
    ("sum(where(x > 0, y/x, 0))", "x", {"x": [0, 2], "y": [2, 3]}, [0, -0.75]),
    ("sum(where(p > 0, q*log(q/p), 0))", "p", {"p": [0, 2], "q": [2, 3]}, [0, -1.5]),
    ("sum(where(abs(u) <= d, sqrt(d**2 - u**2), 0))", "u", {"u": [2, 0.6], "d": 1}, [0, -0.75]),
    ("sum(where(abs(u) <= d, sqrt(d**2 - u**2), 0))", "d", {"u": [2, 0.6], "d": 1}, 1.25),
    ("sum(where(u > 1, sqrt(u - 1)*u, 0))", "u", {"u": [0.3, 2]}, [0, 2]),
    ("sum(where(abs(x) < 1, x*sqrt(1 - x**2), 0))", "x", {"x": [2, 0.6]}, [0, 0.35]),
    ("sum(where(u == 0, 1, sin(u)/u))", "u", {"u": [0, np.pi]}, [0, -1 / np.pi]),
    ("sum(y*where(x > 0, x**a, 0))", "x", {"x": [0, -1, 4], "y": [2, 2, 3], "a": 0.5}, [0, 0, 0.75]),
    ("sum(y*where(x > 0, x**a, 0))", "a", {"x": [0, -1, 4], "y": [2, 2, 3], "a": 0.5}, 6 * np.log(4)),
    ("sum(where(m > 0, where(y > 0, 1/x, 0), 0))", "x",
     {"m": [1, 0, 1], "x": [0, 0, 2], "y": [0, 1, 1]}, [0, 0, -0.25]),
    ("sum(where(x > 0, where(y > 0, log(y)/x, 1), 0))", "x",
     {"x": [0, 0, 0, 1], "y": [0, 1, 2, 3]}, [0, 0, 0, -np.log(3)]),
    ("sum(where(m > 0, sum(log(A), axis=1), 0))", "A",
     {"A": [[0, 1], [2, 4]], "m": [0, 1]}, [[0, 0], [0.5, 0.25]]),
    ("sum(where(A > 0, B/s, 0))", "B",
     {"A": [[0, 1], [0, 1]], "B": [[1, 1], [1, 1]], "s": [0, 2]}, [[0, 0.5], [0, 0.5]]),
    ("sum(where(m > 0, A@v/x, 0))", "A",
     {"A": [[0, 1], [2, 4]], "m": [0, 1], "v": [1, 2], "x": [0, 2]}, [[0, 0], [0.5, 1]]),
    ("sum(where(m > 0, sum(A*B**1.5, axis=1), 0)**2)", "B",
     {"A": [[1, 1], [2, 4]], "B": [[0, -1], [1, 4]], "m": [0, 1]}, [[0, 0], [204, 816]]),
    ("sum(where(A > 0, sum(B)*log(A), 0))", "A", {"A": [[0, 2]], "B": [[1, 3]]}, [[0, 2]]),
]  # fmt: skip


def function(text, variable, data):
    kinds = ("", "n", "n k")
    declared = {name: kinds[np.ndim(value)] for name, value in data.items()}
    declared |= dict.fromkeys({"v", "s"} & set(data), "k")
    root = parse(text, declared)
    return lambdify((root, *gradient(root, [variable])), arguments=list(data), check=False)


def called(compute, data):
    return compute(**{name: np.array(value, float) for name, value in data.items()})


@pytest.mark.parametrize(("text", "variable", "data", "slope"), ROWS)
def test_slopes_are_true_where_a_factor_is_infinite(text, variable, data, slope):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of the factors themselves
        value, found = called(function(text, variable, data), data)
    assert np.isfinite(value)
    np.testing.assert_allclose(found, slope, rtol=1e-14, atol=0)


@pytest.mark.parametrize("u", [-2.0, -0.5, 2.0])
def test_second_derivative(u):
    compute = lambdify(hessian("where(abs(u) <= 1, (1 - u**2)**1.5, 0)", "u", {"u": ""}))
    true = 3 * (2 * u**2 - 1) / np.sqrt(1 - u**2) if abs(u) <= 1 else 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert compute(u) == pytest.approx(true, rel=1e-14)


def test_taken_cases_stay_what_they_are():
    data = {"m": [1, 1, 1], "x": [0, np.nan, 2], "y": [0, 1, np.nan]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        _, found = called(function("sum(where(m > 0, y/x, 0))", "x", data), data)
    assert np.isnan(found).all()


def test_no_warning_and_no_overflow_where_all_is_finite():
    data = {"m": [1, 0], "x": [1e-150, 3], "y": [1e-200, 2]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, found = called(function("sum(where(m > 0, y**2/x, 0))", "y", data), data)
    np.testing.assert_allclose(found, [2e-50, 0], rtol=1e-14)


def test_quotients_in_cases_stay_quotients():
    """One over a small divisor is infinite although the quotient is not."""
    data = {"x": [1e-310, 4], "y": [2, 3], "a": 0.5}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, found = called(function("sum(y*where(x > 0, x**a, 0))", "x", data), data)
    np.testing.assert_allclose(found, [1e155, 0.75], rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("sum(y*relu(x)*z)", {"x": [1, -1], "y": [1, 1], "z": [1, 2]}),
        ("sum(y*sin(y)*relu(x))", {"x": [1, -1], "y": [1, 1]}),
        ("sum(relu(x)*relu(y)*tanh(y))", {"x": [1, -1], "y": [1, 1]}),
    ],
)
def test_masks_of_finite_factors_are_multiplied(text, data):
    assert "where" not in function(text, "x", data).source
