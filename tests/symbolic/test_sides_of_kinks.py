"""Slopes of a maximum or minimum of two expressions: the side that is not taken has no part in them."""

import random
import warnings

import mpmath
import numpy as np
import pytest

from symbolic import gradient, hessian, lambdify, parse
from symbolic.code.sides_of_kinks import side_of_kink, with_sides

SIDES = {  # text of x, and its value and slope in mpmath
    "exp(x)": (mpmath.exp, mpmath.exp),
    "log(x)": (mpmath.log, lambda x: 1 / x),
    "x**3": (lambda x: x**3, lambda x: 3 * x**2),
    "1e-9*x": (lambda x: mpmath.mpf("1e-9") * x, lambda _: mpmath.mpf("1e-9")),
    "7": (lambda _: mpmath.mpf(7), lambda _: mpmath.mpf(0)),
    "-x": (lambda x: -x, lambda _: mpmath.mpf(-1)),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x**2),
    "x*exp(x**2)": (
        lambda x: x * mpmath.exp(x**2),
        lambda x: (1 + 2 * x**2) * mpmath.exp(x**2),
    ),
}


def gradients(text, variables, kinds):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return lambdify(gradient(parse(text, kinds), variables), check=False)


def called(compute, **data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of what is not taken
        return compute(**{name: np.array(value, float) for name, value in data.items()})


def true_slope(nest, x):
    """The value and slope of a nest (head, left, right) of texts; no ties."""
    if isinstance(nest, str):
        value, slope = SIDES[nest]
        return value(x), slope(x)
    head, *sides = nest
    pick = max if head == "maximum" else min
    return pick((true_slope(side, x) for side in sides), key=lambda each: each[0])


def written(nest):
    return nest if isinstance(nest, str) else f"{nest[0]}({written(nest[1])}, {written(nest[2])})"


def random_nest(rng, depth):
    if depth == 0:
        return rng.choice(list(SIDES))
    head = rng.choice(["maximum", "minimum"])
    left, right = rng.sample(list(SIDES), 2)
    return head, left if rng.random() < 0.5 else random_nest(rng, depth - 1), right


@pytest.mark.parametrize("seed", range(12))
def test_random_nests(seed):
    rng = random.Random(seed)
    nest = random_nest(rng, 2)
    compute = gradients(f"sum({written(nest)}*z)", "x", {"x": "n", "z": "n"})
    x = [0.013, 0.7, 1.9, 6.5, 26.0, 300.0, 800.0, 2e5]
    with mpmath.workdps(60):
        true = [true_slope(nest, mpmath.mpf(each))[1] for each in x]
    within = [k for k, slope in enumerate(true) if abs(slope) < 1e300]
    found = called(compute, x=x, z=np.ones(len(x)))
    wanted = np.array([float(true[k]) for k in within])
    np.testing.assert_allclose(found[within], wanted, rtol=2e-13, atol=0, err_msg=f"{seed} {nest}")


# formula, variable, data, true slope
ROWS = [
    ("sum(minimum(exp(x), c))", "x", {"x": [800, -800, 0], "c": [1, 1, 1]}, [0, 0, 0.5]),
    ("sum(maximum(log(x), c))", "x", {"x": [0, 2], "c": [1, 0]}, [0, 0.5]),
    ("sum(maximum(x*y, y/1e9))", "y", {"x": [0, 3], "y": [2, 2]}, [1e-9, 3]),
    ("sum(maximum(x*y, 1e20*z*y))", "y", {"x": [3, 3], "y": [2, 2], "z": [-1, 1]}, [3, 1e20]),
    ("sum(maximum(maximum(x, exp(y)), z)*y)", "y",
     {"x": [5, 2, 1], "y": [800, 0, 1], "z": [1e300, 7, 2]}, [np.inf, 7, 2 * np.e]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "variable", "data", "slope"), ROWS)
def test_the_side_that_is_not_taken_has_no_part(text, variable, data, slope):
    found = called(gradients(text, variable, dict.fromkeys(data, "n")), **data)
    np.testing.assert_allclose(found, slope, rtol=4e-16, atol=0)


def test_within_a_sum_over_rows():
    kinds = {"X": "n d", "w": "d", "Z": "n d"}
    compute = gradients("sum(maximum(exp(X@w), Z@w))", "w", kinds)
    X, Z, w = np.array([[-1.0, 2.0], [800.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 3.0]]), np.ones(2)
    with np.errstate(over="ignore"):
        assert np.isinf(called(compute, X=X, w=w, Z=Z)[0])
    found = called(gradients("sum(minimum(exp(X@w), Z@w))", "w", kinds), X=X, w=w, Z=Z)
    np.testing.assert_allclose(found, [1.0, 4.0], rtol=1e-15)


def test_ties_share_and_nan_stays():
    compute = gradients("sum(maximum(exp(x), 1 + y*x))", "x", {"x": "n", "y": "n"})
    found = called(compute, x=[0, np.nan, 1], y=[4, 1, np.nan])
    assert found[0] == 2.5
    assert np.isnan(found[1:]).all()


def test_second_derivatives():
    compute = lambdify(hessian("maximum(exp(x), c*x**2)", "x", {"x": "", "c": ""}))
    assert called(compute, x=800, c=1) == np.inf
    lower = lambdify(hessian("minimum(exp(x), c*x**2)", "x", {"x": "", "c": ""}))
    assert called(lower, x=800, c=3) == 6


@pytest.mark.parametrize(
    "text",
    [
        "x + y*sign(x)",  # both sides have two terms
        "x + exp(y*sign(x))",  # not linear in the sign
        "x*sign(x) + y*sign(x)**2",
        "1 + sign(x)",
    ],
)
def test_other_sums_stay(text):
    root = parse(text, {"x": "n", "y": "n"})
    assert with_sides([root])[root] is root


def test_sides_need_equal_numbers():
    assert side_of_kink(parse("2 - 2*sign(x)", {"x": "n"}))[:2] == (2, -1)
    assert side_of_kink(parse("2 + sign(x)", {"x": "n"})) is None
    assert side_of_kink(parse("2 + 2*abs(x)", {"x": "n"})) is None
