"""Censored and truncated normal distributions far out: generated code against enclosures, and what stays."""

import re

import numpy as np
import pytest
import sympy
from scipy import special

from numeric.accuracy.errors import ulps_of_error
from numeric.accuracy.formats import float32, float64
from numeric.accuracy.generated import exact_arrays
from symbolic import gradient, hessian, lambdify, parse
from symbolic.code.common_denominators import without_long_terms
from symbolic.code.normal_tails import with_scaled_tails
from symbolic.code.tails_in_kernels import kernel_with_scaled_tails
from symbolic.nodes import kernel_symbol

ULPS = 64.0
OF_SQUARES = 4000.0  # exp(-60**2/2) has as many, and so has what is left of a slope less 60
GIVEN = {"z": "n", "y": "n", "s": ": positive", "m": ""}
NAIVE = {"exp": np.exp, "erf": special.erf, "erfc": special.erfc, "where": np.where}
POINTS = [-60.0, -38.0, -30.0, -13.0, 0.5, 13.0, 30.0, 38.0, 60.0]

LOSSES = [
    ("sum(where(y > 0, (y - z)**2/2, -log(erfc(z/sqrt(2))/2)))", "z"),
    ("sum(where(y > 0, (y - z)**2/2, -log(erfc(-z/sqrt(2))/2)))", "z"),
    ("sum(where(y > 0, -log((1 + erf(z/sqrt(2)))/2), -log((1 - erf(z/sqrt(2)))/2)))", "z"),
    ("sum(where(y > 0, -log(erfc((y - z)/sqrt(2))/2), -log(erfc((z - y)/sqrt(2))/2)))", "z"),
    ("sum(where(y > 0, (y - z)**2/(2*s**2) + log(s), -log(erfc(z/(s*sqrt(2)))/2)))", "z"),
    ("sum(where(y > 0, (y - z)**2/(2*s**2) + log(s), -log(erfc(z/(s*sqrt(2)))/2)))", "s"),
    ("sum(where(y > 0, y, -log((1 + erf((z - m)/(s*sqrt(2))))/2)))", "z"),
    ("sum(where(y > 0, y, -log((1 + erf((z - m)/(s*sqrt(2))))/2)))", "m"),
    ("sum(where(y > 0, y, -log((1 + erf((z - m)/(s*sqrt(2))))/2)))", "s"),
    ("sum(where(y > z + 1, -log(erfc((z + 1)/sqrt(2))/2),"
     " where(y < 0, -log(erfc(-z/sqrt(2))/2), (y - z)**2)))", "z"),
]  # fmt: skip
RATIOS = [  # whose slopes are differences of terms as long as the square of a number
    ("sum((y - z)**2/(2*s**2) + log(s) + log(erfc(-z/(s*sqrt(2)))/2))", "z"),
    ("sum((y - z)**2/(2*s**2) + log(s) + log(erfc(-z/(s*sqrt(2)))/2))", "s"),
    ("sum((y - m)**2/(2*s**2) + log(s) + log(erfc(-m/(s*sqrt(2)))/2))", "m"),
    ("sum((y - m)**2/(2*s**2) + log(s) + log(erfc(-m/(s*sqrt(2)))/2))", "s"),
    ("sum(exp(-z**2/2)/((1 + erf(z/sqrt(2)))/2))", "z"),
    ("sum(exp(-z**2/2)/((1 - erf(z/sqrt(2)))/2))", "z"),
    ("sum(where(y > 0, y, exp(-z**2/2)/(1 - erf(z/sqrt(2)))))", "z"),
    ("sum(where(y > 0, 0, exp(-z**2/2)/erfc(z/sqrt(2))))", "z"),
]


def of(text, by, order):
    """The value and its derivative of first or second order."""
    given = {name: kind for name, kind in GIVEN.items() if re.search(rf"\b{name}\b", text)}
    derivative = gradient(text, by, given) if order == 1 else hessian(text, by, given)
    return lambdify((parse(text, given), derivative), check=False)


def compare(function, label, form, most):
    """Both results against the truth, where it is known and a normal number of the format."""
    kind = np.dtype(form.name)
    values = {"z": POINTS, "y": [label] * len(POINTS), "s": 1.5, "m": -30.0}
    point = {each: form.round(np.array(values[each.name])) for each in function.admission.arguments}
    given = {each.name: array.astype(kind)[()] for each, array in point.items()}
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = function.unchecked(*(given[name] for name in function.args))
    exact = exact_arrays(function.admission.roots, point, form)
    for value, true in zip(found, exact, strict=True):
        assert np.all(np.isfinite(value))
        size = np.abs(true.rounded)
        known = true.decided & np.isfinite(size) & (size > np.finfo(kind).tiny)
        errors = ulps_of_error(np.asarray(value, dtype=np.float64), true, form)
        allowed = np.where(size < 1e-6, OF_SQUARES, most)
        assert np.all(np.where(known, errors, 0) <= allowed), (value, true.rounded)


@pytest.mark.parametrize("form", [float64, float32], ids=lambda form: form.name)
@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize(("text", "by"), LOSSES)
def test_losses_of_censored_numbers(text, by, label, form):
    compare(of(text, by, 1), label, form, ULPS)
    compare(of(text, by, 2), label, form, 4 * OF_SQUARES)


@pytest.mark.parametrize("form", [float64, float32], ids=lambda form: form.name)
@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize(("text", "by"), RATIOS)
def test_slopes_of_truncated_densities(text, by, label, form):
    compare(of(text, by, 1), label, form, OF_SQUARES)
    given = {"z": np.array(POINTS), "y": np.full(len(POINTS), label), "s": 1.5, "m": -30.0}
    second = of(text, by, 2)
    for result in second(**{name: given[name] for name in second.args}):
        assert np.all(np.isfinite(result))


def test_inverse_mills_ratio_has_the_slope_minus_one():
    slope = lambdify(gradient("sum(exp(-z**2/2)/((1 + erf(z/sqrt(2)))/2))", "z", {"z": "n"}))
    found = slope(z=np.array([-38.0, -50.0])) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(found, [-0.99931034, -0.99960096], rtol=1e-8)


def test_numbers_before_a_tail_are_one():
    text = "sum(where(y > 0, (y - z)**2/(2*s**2) + log(s), -log(erfc(z/(s*sqrt(2)))/2)))"
    source = lambdify(gradient(text, "z", {"z": "n", "y": "n", "s": ": positive"})).source
    assert "0.7978845608028654 / " in source
    assert "1.4142135623730951" not in source
    assert "1.772453850905516" not in source


x, y = kernel_symbol(0), kernel_symbol(1)


@pytest.mark.parametrize(
    "kernel",
    [
        sympy.exp(-(x**2)) / sympy.erfc(x) ** 2,  # one density for two tails
        sympy.exp(-(x**2) / 2) / sympy.erfc(x),
        sympy.exp(-(y**2)) / sympy.erfc(x),
        sympy.exp(-(x**2) + x * y) / sympy.erfc(x),  # exp(x*y) may be infinite where erfcx(x) is
        sympy.exp(x**2) / sympy.erfc(x),
        (sympy.exp(-(x**2)) + 1) / sympy.erfc(x),  # a term without a density
        sympy.exp(-(x**2)) / (2 - sympy.erf(x)),
        sympy.exp(-(x**2)) / (1 - sympy.erfc(x)),
    ],
)
def test_kernels_without_densities_for_their_tails_stay(kernel):
    assert kernel_with_scaled_tails(kernel) == kernel
    cases = sympy.Piecewise((kernel, y > 0), (x, True))
    assert kernel_with_scaled_tails(cases) == cases


@pytest.mark.parametrize(
    ("text", "tails"),
    [
        ("exp(-z**2)*where(y > 0, 1/erfc(z), 1/(1 + erf(z)))", 0),
        ("exp(-z**2)*where(y > 0, z/erfc(z), erf(z))", 0),
        ("exp(-2*z**2)*where(y > 0, 1/erfc(z)**2, 0)", 0),
        ("exp(-z**2)*where(y > 0, 1/erfc(z), 1/erfc(2*z))", 2),  # one tail would be left
        ("exp(-z**2)*where(y > 0, 1/erfc(z)**2, 1)", 1),
        ("exp(-y**2)*where(y > 0, 1/erfc(z), 1)", 1),
        ("exp(-z**2)*(z + 1/erfc(z))*where(y > 0, 1, 1/erfc(z))", 1),
        ("(z*exp(-z**2) + y*exp(-z**2))/erfc(z)", 0),
        ("(z*(y*exp(-z**2) + z*exp(-z**2)) + exp(-z**2))/erfc(z)", 0),
        ("(z*(y*exp(-z**2) + z) + exp(-z**2))/erfc(z)", 1),
        ("(z*exp(-z**2) + y)/erfc(z)", 1),
    ],
)
def test_densities_go_into_cases_and_sums_where_no_tail_is_left(text, tails):
    given = {"z": "n", "y": "n"}
    node = with_scaled_tails(parse(text, given))
    assert len(set(re.findall(r"1?/?erfc\([^)]*\)", str(node)))) == tails
    at = {"z": np.array([-2.0, 0.5, 3.0, 0.25]), "y": np.array([1.0, -1.0, 2.0, -0.5])}
    np.testing.assert_allclose(lambdify(node)(**at), eval(text, {**NAIVE, **at}), rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("2*s - s*erfc(z)", True),
        ("2*s - 2*s*erfc(z)", True),
        ("2*s - 3*s*erfc(z)", False),
        ("2*s - m*erfc(z)", False),
    ],
)
def test_twice_a_factor_less_its_tail(text, without):
    at = {name: value for name, value in (("z", 3.5), ("s", 1.25), ("m", 0.5)) if name in text}
    total = parse(text, dict.fromkeys(at, ""))
    found = without_long_terms(total)
    assert (found is not total) == without
    np.testing.assert_allclose(lambdify(found)(**at), eval(text, {**NAIVE, **at}), rtol=1e-13)
