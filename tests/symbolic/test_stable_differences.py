"""Differences whose terms cancel, tails and poles: generated code against enclosures, and what stays."""

import numpy as np
import pytest

from numeric.accuracy.errors import ulps_of_error
from numeric.accuracy.formats import float32, float64
from numeric.accuracy.generated import exact_arrays
from symbolic import gradient, hessian, lambdify, parse, simplify
from symbolic.code.common_denominators import without_long_terms
from symbolic.code.factors_together import with_factors_together
from symbolic.code.normal_tails import with_scaled_tails
from symbolic.code.opposite_sums import with_one_of_opposites
from symbolic.code.power_products import product_of
from symbolic.code.spread_sums import with_sums_together
from symbolic.nodes import Sum

ULPS = 64.0  # of one entry, whose condition number is small

SECOND = [  # second derivatives far out, where the terms are long against the whole
    ("sum(sqrt(r**2 + e**2))", "r", {"r": [1e4, -3e5], "e": 0.5}),
    ("sum(d**2*(sqrt(1 + (r/d)**2) - 1))", "r", {"r": [1e4, -3e5], "d": 0.5}),
    ("sum(2*(sqrt(1 + r**2/2) - 1))", "r", {"r": [1e4, -3e5]}),
    ("sum(r/sqrt(1 + r**2))", "r", {"r": [1e4, 3e5]}),
    ("sum(r**2/(1 + r**2))", "r", {"r": [1e4, -3e5]}),
    ("sum(log(1 + exp(e*r))/e)", "r", {"r": [40.0, -3.0, 20.0], "e": 2.0}),
    ("sum(log(1 + exp(-s*r)))", "r", {"r": [40.0, -3.0, 20.0], "s": [-1.0, 1, 1]}),
]
FIRST = [  # values and slopes
    ("sum(1 - (1 - r**2)**3)", "r", {"r": [1e-9, 0.5]}),
    ("sum((1 + r**2)**(1/4) - 1)", "r", {"r": [1e-9, 30.0]}),
    ("sum(e - e/(1 + r**2))", "r", {"r": [1e-9, 30.0], "e": 2.0}),
    ("sum(1/(exp(p) - 1))", "p", {"p": [1e-9, 40.0, 900.0]}),
    ("sum(p**3/(exp(p) - 1))", "p", {"p": [1e-3, 40.0, 500.0]}),
    ("sum(u*log(1 - exp(-p)))", "p", {"p": [1e-9, 40.0, 900.0], "u": [1.0, 0.5, 1.0]}),
    (
        "-sum(u*log((1 + erf(r/sqrt(2)))/2) + (1 - u)*log((1 - erf(r/sqrt(2)))/2))",
        "r",
        {"r": [-40.0, 5.0, 0.5], "u": [1.0, 1.0, 0.25]},
    ),
    (
        "-sum(log(2*sigmoid(x - r) - 2*sigmoid(v - r)))",
        "r",
        {"x": [1.0, 2.0, 1.0], "v": [0.5, -1.0, 0.0], "r": [-40.0, 0.25, 40.0]},
    ),
    ("x @ y/sqrt((x @ x)*(y @ y))", "x", {"x": [3e90, 4e90], "y": [-1e90, 2e90]}),
    ("sum(r + sqrt(r**2 + 4))", "r", {"r": [-3e5, 3e5, 0.0]}),
    ("sum(3*sqrt((r - x)**2 + e) - 3*r + 3*x)", "r", {"r": [3e5, -3.0], "x": [1.5, 2], "e": 2.0}),
    ("sum(softplus(r) - r)", "r", {"r": [60.0, -60.0, 0.0]}),
    ("sum(u*(softplus(r + x) - r - x))", "r", {"r": [60.0, -3], "x": [2.0, 1], "u": [0.5, 1]}),
    ("sum(sigmoid(r)*(1 - sigmoid(r)))", "r", {"r": [1e-9, -40.0, 3.0]}),
    ("sum(r/(e + abs(r)))", "r", {"r": [3e9, -1e-9, 0.0], "e": 2.0}),
    ("sum((r - x)/(e + abs(r - x)))", "r", {"r": [3e9, -1e-9], "x": [1.0, 0], "e": 2.0}),
    ("sum(e**r - 1)", "r", {"r": [1e-9, -40.0, 3.0], "e": 2.0}),
    ("sum(1 - 2**r)", "r", {"r": [1e-9, -40.0, 3.0]}),
    ("sum((p**e - 1)/e)", "p", {"p": [1.0009765625, 4.0, 1e-5], "e": 2.0**-30}),
    ("sum(u*((1 + r)**e - 1))", "r", {"r": [1e-9, 4.0, -0.5], "e": 0.3, "u": [0.5, 1, 1]}),
    ("sum((1 + r)**(1/3) - 1)", "r", {"r": [1e-9, 4.0, -0.5]}),
    ("sqrt(mean((y - r)**2))", "r", {"r": [1000.125, 2000.25], "y": [1000.0, 2000.5]}),
]
OF_NUMBERS = [  # derivatives by a number: the factors of an entry stand on both sides of a sum
    ("mean(log(1 + exp(r + m)) - u*(r + m))", "m", {"r": [800.0, 3, -3], "m": 0.5, "u": [1.0, 0, 1]}),
    ("sum(u/(1 + exp(-(r + m))))", "m", {"r": [-800.0, 3, -3], "m": 0.5, "u": [0.5, 1, 1]}),
    ("sum((u - 1/(1 + exp(-r*m)))**2)", "m", {"r": [-800.0, 3, -3], "m": 1.5, "u": [0.5, 1, 1]}),
    ("sum(log(1 + exp(-r*m)))", "m", {"r": [-800.0, 3, 60], "m": 1.5}),
    ("sum(m*(x - m) + log1p(exp(-(x - m))))", "m", {"x": [-800.0, 3, 60], "m": 1.5}),
    ("-sum(log((1 + erf((r + m)/sqrt(2)))/2))", "m", {"r": [-40.0, 5, 0.5], "m": 0.5}),
    ("-sum(log((1 + erf((x - m)/(d*sqrt(2))))/2))", "m", {"x": [-80.0, 5], "m": 0.5, "d": 2.0}),
    ("-sum(log((1 + erf((x - m)/(d*sqrt(2))))/2))", "d", {"x": [-80.0, 5], "m": 0.5, "d": 2.0}),
    ("sum(u*log(erfc((x - m)/(d*sqrt(2)))/2))", "m",
     {"x": [80.0, 5], "m": 0.5, "d": 2.0, "u": [0.5, 1]}),
]  # fmt: skip
TAILS = [
    ("-sum(log((1 + erf(s*r/sqrt(2)))/2))", "r", {"r": [40.0, -5.0, 0.5], "s": [-1.0, 1, 1]}),
    ("-sum(log(erfc(r)))", "r", {"r": [40.0, -5.0, 0.5]}),
]
GIVEN = {"m": "", "r": "n", "e": ": positive", "d": ": positive", "p": "n: positive", "u": "n: unit",
         "s": "n: pm1", "x": "n", "y": "n", "v": "n"}  # fmt: skip


def compare(function, values, form, most=ULPS):
    """Every result against the truth, where that is a normal number of the format."""
    kind = np.dtype(form.name)
    point = {each: form.round(np.array(values[each.name])) for each in function.admission.arguments}
    given = {each.name: array.astype(kind)[()] for each, array in point.items()}
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = function.unchecked(*(given[name] for name in function.args))
    for value, exact in zip(
        found, exact_arrays(function.admission.roots, point, form), strict=True
    ):
        size = np.abs(exact.rounded)
        known = exact.decided & np.isfinite(size) & (size > np.finfo(kind).tiny)
        errors = ulps_of_error(np.asarray(value, dtype=np.float64), exact, form)
        assert np.all(np.where(known, errors, 0) <= most), (value, exact.rounded)


def of(text, by, values, order):
    given = {name: GIVEN[name] for name in values}
    expression = parse(text, given)
    derivative = hessian(expression, by) if order == 2 else gradient(expression, by)
    return lambdify((expression, derivative), check=False)


@pytest.mark.parametrize(("text", "by", "values"), OF_NUMBERS)
def test_derivatives_by_numbers(text, by, values):
    compare(of(text, by, values, 1), values, float64)
    is_tail = "erf" in text  # whose curvature is a difference of terms, of a size that is known
    compare(of(text, by, values, 2), values, float64, 2e4 if is_tail else ULPS)


@pytest.mark.parametrize(
    ("text", "count"),
    [("exp(x) @ exp(-x)", 1), ("exp(x) @ y", 1), ("x @ y", 2), ("exp(x) @ A @ x", 2)],
)
def test_factors_that_may_overflow_are_met_as_one(text, count):
    node = parse(text, {"x": "n", "y": "n", "A": "n n"})
    assert len(with_factors_together([node])[node].operands) == count


def test_only_the_negative_of_an_argument_is_its_opposite():
    texts = ("x - y", "exp(x - y)", "tanh(y - x)", "exp(y - 2*x)", "sigmoid(x + y)", "y - x")
    roots = [parse(text, {"x": "n", "y": "n"}) for text in texts]
    new = with_one_of_opposites(roots)
    assert str(new[roots[2]]) == "tanh(-(x - y))"
    assert all(new[root] is root for root in (*roots[:2], *roots[3:5]))
    assert with_one_of_opposites(roots[::5])[roots[5]] is roots[5]


@pytest.mark.parametrize(("text", "by", "values"), SECOND)
def test_second_derivatives_far_out(text, by, values):
    compare(of(text, by, values, 2), values, float64)


@pytest.mark.parametrize(("text", "by", "values"), FIRST + TAILS)
def test_values_and_slopes(text, by, values):
    compare(of(text, by, values, 1), values, float64)


@pytest.mark.parametrize(("text", "by", "values"), TAILS)
def test_tails_in_single_precision(text, by, values):
    compare(of(text, by, values, 1), values, float32)


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("1/s - r**2/s**2", {"r": "n", "s": "n: positive"}),  # s is no sum
        ("a/(r**2 + a) - a*r**3/(r**2 + a)**2", {"r": "n", "a": "n"}),  # no term of the sum
        ("a - a*tanh(r)**2", {"r": "n", "a": "n"}),  # of both signs
        ("r**(1/4) - 1", {"r": "n"}),  # r may be below 0
        ("a**r - 1", {"r": "n", "a": "n"}),
        ("1 - a*2**r", {"r": "n", "a": "n"}),
        ("2*r - sqrt(r**2 + a)", {"r": "n", "a": "n"}),  # not the square of 2*r
        ("r**3 - 1", {"r": "n"}),
        ("(1 + r**2)**7 - 1", {"r": "n"}),
        ("a - b*(1 + r**2)**3", {"r": "n", "a": "n", "b": "n"}),
    ],
)
def test_other_differences_stay(text, given):
    expression = parse(text, given)
    assert without_long_terms(expression) is expression


@pytest.mark.parametrize(
    "text",
    ["exp(-z**2)/erfc(2*z)", "exp(-z**3)/erfc(z)", "exp(z**2)/erfc(z)", "exp(-z**2)*erfc(z)",
     "exp(-z**2)/erf(z)", "exp(-z**2)/(erfc(z)*erfc(v))"],
)  # fmt: skip
def test_only_the_density_of_the_same_number_goes_into_a_tail(text):
    node = parse(text, {"z": "n", "v": "n"})
    found = with_scaled_tails(node)
    assert ("erfcx(z)" in str(found)) == ("erfc(v)" in text)


def test_poles_of_a_number_of_either_sign_stay():
    source = lambdify(gradient("sum(1/(exp(z) - 1))", "z", {"z": "n"})).source
    assert "np.exp(-z)" not in source


@pytest.mark.parametrize(
    "text",
    ["log(sigmoid(x) + sigmoid(y))", "log(2*sigmoid(x) - sigmoid(y))", "log(sigmoid(x) - y)"],
)
def test_only_a_difference_of_sigmoids_has_that_logarithm(text):
    assert "expm1" not in lambdify(parse(text, {"x": "n", "y": "n"})).source


@pytest.mark.parametrize(
    "text",
    ["sqrt(sum(x*x)*sum(x*y))", "sqrt(sum(x*x)*e)", "sqrt(sum(x*x*y*y))", "sum(sqrt(x*x*y*y))"],
)
def test_only_roots_of_products_of_sums_of_squares_are_split(text):
    source = lambdify(parse(text, {"x": "n", "y": "n", "e": ": positive"})).source
    assert source.count("np.sqrt(") <= 1 or "def norm" in source
    assert ") * np.sqrt(" not in source


def test_numbers_in_front_of_factors_hide_no_product():
    given = {"x": "n", "p": "n: unit"}
    curvature = lambdify(hessian("-1/norm(x)", "x", given))
    x = np.array([3.0, -4.0, 1.5])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        far = curvature(x * 2.0**300)
    assert np.allclose(far * 2.0**450 * 2.0**450, curvature(x), rtol=1e-13)
    assert lambdify(parse("sum((-p)*(2*log(p)))", given))(np.array([0.0, 1.0])) == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [("softplus(x + b) - x - b", 2), ("softplus(x + b) + 2*x + 2*b", 3),
     ("softplus(x + b) - x + b", 3), ("sqrt((x - b)**2 + 1) + x - b", 2),
     ("sqrt(2*(x - b)**2 + 1) + x - b", 3), ("tanh(x + b) - x - b", 3)],
)  # fmt: skip
def test_only_sums_beside_a_function_of_them_are_together(text, count):
    total = parse(text, {"x": "n", "b": "n"})
    flat = Sum([each for term in total.terms for each in getattr(term, "terms", (term,))])
    assert len(with_sums_together(flat).terms) == count


def test_a_number_that_may_be_zero_is_read_as_no_product():
    assert product_of(parse("0*x", {"x": "n"})) is None


def test_squares_inside_a_root_are_not_multiplied_out():
    given = {"X": "n d", "w": "d", "y": "n", "x": "n", "e": ": positive"}
    assert str(gradient("sqrt(mean((X@w - y)**2))", "w", given)) == (
        "X.T @ (X @ w - y)/(sqrt(n)*norm(y - X @ w))"
    )
    assert str(gradient("sqrt(mean((x - y)**2))", "x", given)) == "(x - y)/(sqrt(n)*norm(x - y))"
    found = gradient("sqrt(mean((x - y)**2) + e)", "x", given)
    assert "x @ x" not in str(found)
    assert str(simplify("(x - y)**2 + 2*x*y", given)) == "x**2 + y**2"
