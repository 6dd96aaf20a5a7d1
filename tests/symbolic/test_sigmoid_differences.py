"""Logarithms of differences of sigmoids, and what is divided by such differences: against enclosures."""

import re

import numpy as np
import pytest
import sympy

from numeric.accuracy.formats import float32, float64
from symbolic import gradient, hessian, lambdify, parse
from symbolic.code.logistic_quotients import divided, p, q, terms_of_degree
from symbolic.code.opened_cases import with_opened_cases
from symbolic.code.shared_work import shared_work
from symbolic.code.sigmoid_differences import with_sigmoid_differences
from symbolic.functions import sigmoid
from symbolic.traverse import postorder
from tests.symbolic.test_stable_differences import compare

GIVEN = {"a": "", "b": "", "z": "n", "u": "n", "v": "n", "s": "n: positive", "y": "n",
         "h": ": positive", "X": "n d", "w": "d", "c": "m"}  # fmt: skip
POINT = {"a": -2.5, "b": 2.25, "z": [-60.0, -22.5, 0.25, 3.0, 60.0],
         "s": [1.0, 2.0, 0.5, 3.0, 1.0], "h": 1.5, "y": [1.0, -1.0, 1.0, -2.0, 1.0],
         "u": [2.5, 30.0, -40.0, 60.0, 1.0], "v": [2.25, -3.0, -42.0, 58.0, 0.0],
         "X": [[1.0, 40.0]] * 5, "w": [1.0, 2.0], "c": [-3.0, -1.0, 0.5, 2.0]}  # fmt: skip
MIDDLE = "-sum(log(sigmoid(b - z) - sigmoid(a - z)))"
MODELS = [
    (MIDDLE, "abz"),
    ("-sum(s*log(sigmoid(b - z) - sigmoid(a - z)))", "ab"),
    ("-sum(log(sigmoid((b - z)/h) - sigmoid((a - z)/h)))", "abzh"),
    ("sum(log(sigmoid(s*(b - z)) - sigmoid(s*(a - z))))", "az"),
    ("sum(log(sigmoid(u - z) - sigmoid(v - z)))", "uvz"),
    ("sum(log(3*sigmoid(u) - 3*sigmoid(v)))", "uv"),
    ("sum(log(s*(sigmoid(z + 1) - sigmoid(z - 1))))", "z"),
    ("-sum(y*log(sigmoid(b - X@w) - sigmoid(a - X@w)))", "abw"),
    ("sum(log(sigmoid(c[1:]) - sigmoid(c[:-1])))", "c"),
    ("sum(sigmoid(z + s) - sigmoid(z))", "s"),
    ("sum(sigmoid(z) - sigmoid(2*z))", "z"),
    ("sum(log(sigmoid(2*s) - sigmoid(s)))", "s"),
]
LAST = "log(1 - sigmoid(b - z))"
CASES = [
    "-sum(where(y > 0, log(sigmoid(b - z) - sigmoid(a - z)), log(sigmoid(a - z))))",
    f"-sum(where(y > 0, log(sigmoid(b - z) - sigmoid(a - z)), where(y < -1, log(sigmoid(a - z)), {LAST})))",
]


def read(text):
    return parse(text, {name: GIVEN[name] for name in GIVEN if re.search(rf"\b{name}\b", text)})


@pytest.mark.parametrize("form", [float64, float32])
@pytest.mark.parametrize(("text", "names"), MODELS)
def test_values_slopes_and_curvatures(text, names, form):
    value = read(text)
    for by in names:
        results = (value, gradient(value, by), hessian(value, by))
        compare(lambdify(results, check=False), POINT, form)


@pytest.mark.parametrize("text", CASES)
@pytest.mark.parametrize("z", [-800.0, -60.0, 0.25, 60.0, 800.0])
def test_slopes_of_categories_told_apart_by_cases(text, z):
    value = read(text)
    for by in "abz":
        compare(
            lambdify((value, gradient(value, by)), check=False), {**POINT, "z": [z] * 5}, float64
        )


@pytest.mark.parametrize(("a", "b"), [(-2.5, 2.25), (2.25, -2.5)])
@pytest.mark.parametrize("z", [-800.0, -60.0, 0.0, 60.0, 800.0])
@pytest.mark.parametrize("by", ["a", "b", "z"])
def test_both_orders_of_thresholds_and_extremes(a, b, z, by):
    value = read(MIDDLE)
    function = lambdify((gradient(value, by), hessian(value, by)), check=False)
    compare(function, {"a": a, "b": b, "z": [z, z]}, float64)


def test_thresholds_far_apart_overflow_nothing():
    value = read(MIDDLE)
    function = lambdify((value, gradient(value, "a"), gradient(value, "b")), check=False)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = function.unchecked(a=-900.0, b=900.0, z=np.array([0.0, 2.0]))
    assert np.array_equal(found, [0, 0, 0])


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("log(sigmoid(u)*(1 - sigmoid(u)))", 2),
        ("log(sigmoid(u)**2*sigmoid(v)*s/2)", 3),
        ("log(sigmoid(u)/sigmoid(v))", 2),
        ("log(s*(sigmoid(u) - sigmoid(v)))", 4),
    ],
)
def test_logarithms_of_products(text, terms):
    node = read(text)
    found = shared_work([node])[node]
    assert len(found.children) == terms
    far = {"u": [-790.0, 800.0, 3.0], "v": [-800.0, 790.0, 2.0], "s": [2.0, 0.25, 8.0]}
    compare(lambdify((node,), check=False), far, float64)


@pytest.mark.parametrize(
    "text",
    [
        "log(y*sigmoid(u))",  # y may be 0 or below
        "log((sigmoid(u) - sigmoid(v))**2)",
        "log((sigmoid(u) - sigmoid(v))*(sigmoid(z) - sigmoid(y)))",  # both may be below 0
        "log(-sigmoid(u)*sigmoid(v))",
        "log(sqrt(sigmoid(u)) + sigmoid(v))",
    ],
)
def test_other_logarithms_are_not_split(text):
    node = read(text)
    assert "softplus" not in lambdify(node).source
    point = {"u": [1.0, -1.0], "v": [0.0, 2.0], "y": [0.5, 4.0], "z": [1.0, 2.0]}
    if "-sigmoid(u)*" not in text:
        compare(lambdify((node,), check=False), point, float64)


@pytest.mark.parametrize(
    "text",
    [
        "sigmoid(u) + sigmoid(v)",
        "sigmoid(u) - 2*sigmoid(v)",
        "sigmoid(u) - sigmoid(v)",  # no term of u - v cancels
        "sigmoid(u*z) - sigmoid(v*z)",
        "sigmoid(u)/(sigmoid(u) - sigmoid(v))",  # infinite where both are 1
        "sigmoid(u)*(1 - sigmoid(u))/(sigmoid(u) - 2*sigmoid(v))",
        "sigmoid(u)*(1 - sigmoid(u))/(sigmoid(u) + sigmoid(v))",
        "sigmoid(z)*(1 - sigmoid(z))/(sigmoid(u) - sigmoid(v))",
        "sigmoid(u)*(1 - sigmoid(u))*(sigmoid(u) - sigmoid(v))",
        "sqrt(sigmoid(u)*(1 - sigmoid(u)))/(sigmoid(u) - sigmoid(v))",
    ],
)
def test_what_stays(text):
    node = read(text)
    assert with_sigmoid_differences([node])[node] is node


def test_polynomials_divided_and_of_one_degree():
    assert divided(p * q, 1) is None
    assert divided(p * (1 - p), 2) is None
    assert divided(p * (1 - p), 9) is None
    e = sympy.Symbol("e")
    cubic = sympy.expand((p * (1 - p)) ** 3 + (p - q) * p * (1 - p) * q * (1 - q))
    parts = divided(cubic, 3)
    whole = sum((a + b * e) * (e * (1 + e)) ** j for j, (a, b) in enumerate(parts))
    assert sympy.cancel(whole.subs(e, (1 - p) * q / (p - q)) - cubic / (p - q) ** 3) == 0
    written = [
        c * p**i * (1 - p) ** j * q**k * (1 - q) ** m for c, (i, j, k, m) in terms_of_degree(cubic)
    ]
    assert sympy.expand(sum(written) - cubic) == 0


def test_only_cases_with_the_function_are_opened():
    cases = gradient(read(CASES[0]), "a").operands[1].children[1]
    assert with_opened_cases(cases, sigmoid) is not cases
    assert with_opened_cases(cases, sympy.tanh) is cases


def test_a_long_chain_beside_a_difference():
    total = read("sigmoid(z + 1) - sigmoid(z)")
    for _ in range(20_000):
        total = total * 1 + 1
    order = postorder([total])
    assert len(with_sigmoid_differences([total])) == len(order)
