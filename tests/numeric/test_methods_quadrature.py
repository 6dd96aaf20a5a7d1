"""Quadrature: exactness degrees, measured orders, bars, and enclosures, against mpmath and fractions."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from numeric.errors import Undecided
from numeric.methods import enclose_integral, integrate
from symbolic import (
    abs as absolute,
)
from symbolic import (
    cos,
    elementwise,
    exp,
    gamma,
    log,
    maximum,
    scalar,
    sigmoid,
    sign,
    sin,
    softplus,
    sqrt,
    tanh,
    vector,
)
from symbolic import (
    sum as total,
)
from symbolic.errors import ChainruleError, DataError, NotAllowedError, ShapeError, UnsupportedError

RULES = ("trapezoid", "simpson", "gauss")


def truth(f, a, b, pieces=1):
    if not callable(f):
        return f
    with mpmath.workdps(30):
        return float(mpmath.quad(f, mpmath.linspace(a, b, pieces + 1)))


# function for floats, the same for mpmath, ends
SMOOTH = {
    "exp": (math.exp, mpmath.exp, 0, 1),
    "runge": (lambda x: 1 / (1 + 25 * x * x), lambda x: 1 / (1 + 25 * x * x), -1, 1),
    "sin 20x": (lambda x: math.sin(20 * x), lambda x: mpmath.sin(20 * x), 0, 2),
    "periodic": (lambda x: math.exp(math.cos(x)), lambda x: mpmath.exp(mpmath.cos(x)), 0, 6),
    "tiny": (lambda x: 1e-200 * x, 5e-201, 0, 1),
    "huge": (lambda x: 1e200 * math.sin(x), lambda x: mpmath.mpf(10) ** 200 * mpmath.sin(x), 0, 1),
    "far": (math.cos, mpmath.cos, 1000, 1001),
    "cancelling": (math.sin, mpmath.sin, -1, 1.0000001),
}
SINGULAR = {
    "sqrt": (math.sqrt, mpmath.sqrt, 0, 1, 1.5),
    "x^1.5": (lambda x: x**1.5, lambda x: x**1.5, 0, 1, 2.5),
    "log": (math.log, mpmath.log, 0, 1, 1.0),
    "1/sqrt": (lambda x: x**-0.5, lambda x: x**-0.5, 0, 1, 0.5),
}


@pytest.mark.parametrize(
    ("rule", "points", "degree"),
    [("trapezoid", 1, 1), ("simpson", 1, 3), *[("gauss", k, 2 * k - 1) for k in range(1, 8)]],
)
def test_degree_of_exactness(rule, points, degree):
    """x^k is integrated exactly up to the degree, and not beyond it."""
    for k in range(degree + 2):
        found = integrate(lambda x, k=k: x**k, -1, 2, rule=rule, n=4, points=points)
        exact = float(Fraction(2 ** (k + 1) - (-1) ** (k + 1), k + 1))
        error = abs(found.value - exact)
        assert (error <= 1e-14 * (1 + abs(exact))) == (k <= degree), k
        if k <= degree:
            assert error <= found.bar


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("n", [8, 32, 128])
def test_the_bar_holds_for_smooth_functions(name, rule, n):
    f, exact, a, b = SMOOTH[name]
    found = integrate(f, a, b, rule=rule, n=n)
    assert abs(found.value - truth(exact, a, b, 10)) <= found.bar


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", SMOOTH)
def test_the_bar_is_not_vacuous(name, rule):
    f, exact, a, b = SMOOTH[name]
    found = integrate(f, a, b, rule=rule, n=256)
    error = abs(found.value - truth(exact, a, b, 10))
    assert found.bar <= max(100 * error, 1e-12 * (abs(found.value) + found.floor / 2e-16))


@pytest.mark.parametrize("expected_by_rule", [("trapezoid", 1, 2), ("simpson", 1, 4), ("gauss", 1, 2),
                                              ("gauss", 2, 4), ("gauss", 3, 6)])  # fmt: skip
def test_measured_orders(expected_by_rule):
    rule, points, order = expected_by_rule
    found = integrate(lambda x: math.exp(x) * math.sin(3 * x), 0, 1, rule=rule, n=32, points=points)
    assert found.expected == order
    assert found.order == pytest.approx(order, abs=0.1)
    assert found.status == "ok"


@pytest.mark.parametrize("name", SINGULAR)
def test_singular_integrands_show_their_order(name):
    f, exact, a, b, order = SINGULAR[name]
    found = integrate(f, a, b, rule="gauss", n=64)
    assert found.status == "low order"
    assert found.order == pytest.approx(order, abs=0.05)
    assert "near x = 0" in found.reason
    assert abs(found.value - truth(exact, a, b)) <= found.bar < 0.2


def test_a_kink_is_located():
    found = integrate(lambda x: abs(x - 0.3), 0, 1, rule="gauss", n=64)
    assert found.status == "low order"
    assert abs(float(found.reason.split("x = ")[1]) - 0.3) < 1 / 32
    assert abs(found.value - 0.29) <= found.bar


@pytest.mark.parametrize("rule", RULES)
def test_rounding_level_is_said(rule):
    found = integrate(lambda x: 2 * x + 1, 0, 1, rule=rule)
    assert found.status == "rounding"
    assert math.isnan(found.order)
    assert abs(found.value - 2) <= found.bar < 1e-14


def test_gauss_reaches_rounding_level_and_stays_there():
    found = integrate(math.exp, 0, 1, rule="gauss", n=64)
    assert found.status == "rounding"
    assert abs(found.value - (math.e - 1)) <= found.bar < 1e-14
    assert found.order == pytest.approx(8, abs=0.5)


@pytest.mark.parametrize("rule", RULES)
def test_aliasing_is_not_taken_for_convergence(rule):
    """sin^2(64 pi x) is sampled at its zeros by every grid of a power of two."""
    found = integrate(lambda x: math.sin(64 * math.pi * x) ** 2, 0, 1, rule=rule, n=32)
    assert found.status in ("unresolved", "low order")
    assert abs(found.value - 0.5) <= found.bar


def test_periodic_functions_converge_faster_and_it_is_said():
    found = integrate(lambda x: 1 / (1.1 - math.cos(x)), 0, 2 * math.pi, rule="trapezoid", n=32)
    assert found.order > 2.5
    assert found.status == "ok"
    assert "faster" in found.reason


def test_a_divergent_integral_has_no_value():
    """Symmetric nodes cancel 1/x to 0; the integral of abs(1/x) gives it away."""
    found = integrate(lambda x: 1 / x, -1, 1, rule="gauss")
    assert found.status == "unresolved"
    assert found.bar == math.inf
    assert integrate(lambda x: 1 / x, 0, 1, rule="gauss").status != "ok"


def test_values_that_are_not_finite_are_a_status():
    found = integrate(lambda x: 1 / math.sqrt(x), 0, 1, rule="simpson")
    assert found.status == "not finite"
    assert math.isnan(found.value)
    assert found.bar == math.inf
    assert "x = 0" in found.reason
    assert "gauss" in found.reason


def test_noise_in_f_widens_the_bar():
    noise = np.random.default_rng(1)
    found = integrate(lambda x: math.exp(x) + 1e-6 * noise.standard_normal(), 0, 1, rule="simpson")
    assert 1e-8 < found.bar < 1e-4
    assert found.status == "unresolved"
    assert abs(found.value - (math.e - 1)) <= found.bar


def test_evaluations_are_counted():
    calls = []
    found = integrate(lambda x: calls.append(x) or x, 0, 1, rule="simpson", n=16)
    assert found.evaluations == len(calls)
    assert found.panels == (1, 2, 4, 8, 16)


@pytest.mark.parametrize(
    ("arguments", "options", "error"),
    [
        ((math.exp, 1, 0), {}, DataError),
        ((math.exp, 0, 0), {}, DataError),
        ((math.exp, 0, math.inf), {}, DataError),
        ((math.exp, math.nan, 1), {}, DataError),
        ((math.exp, 0, 1j), {}, DataError),
        ((math.exp, -1e308, 1e308), {}, DataError),
        ((math.exp, "0", 1), {}, DataError),
        ((3, 0, 1), {}, UnsupportedError),
        ((lambda x: 1j * x, 0, 1), {}, DataError),
        ((lambda x: [x, x], 0, 1), {}, ShapeError),
        ((lambda x: "x", 0, 1), {}, DataError),
        ((lambda x: None, 0, 1), {}, DataError),
        ((math.exp, 0, 1), {"rule": "romberg"}, NotAllowedError),
        ((math.exp, 0, 1), {"n": 10}, NotAllowedError),
        ((math.exp, 0, 1), {"n": 0}, DataError),
        ((math.exp, 0, 1), {"n": 8.0}, DataError),
        ((math.exp, 0, 1), {"points": 0}, DataError),
        ((math.exp, 0, 1), {"points": 100}, NotAllowedError),
    ],
)
def test_bad_input_has_typed_errors(arguments, options, error):
    with pytest.raises(error) as caught:
        integrate(*arguments, **options)
    assert isinstance(caught.value, ChainruleError)


def test_errors_of_the_function_itself_are_not_swallowed():
    def broken(x):
        raise KeyError("mine")

    with pytest.raises(KeyError):
        integrate(broken, 0, 1)


# --- enclosures ----------------------------------------------------------------------------------

x, c = scalar("x"), scalar("c")

ENCLOSED = {
    "exp(-x^2)": (exp(-(x**2)), lambda t: mpmath.exp(-(t**2)), -3, 5),
    "sqrt": (sqrt(x), mpmath.sqrt, 0, 2),
    "semicircle": (sqrt(1 - x**2), lambda t: mpmath.sqrt(1 - t * t), -1, 1),
    "log": (log(x), mpmath.log, Fraction(1, 10), 3),
    "sin x / x": (sin(x) / x, lambda t: mpmath.sin(t) / t, 1, 20),
    "tanh": (tanh(x), mpmath.tanh, -1, 3),
    "softplus": (softplus(x), lambda t: mpmath.log(1 + mpmath.exp(t)), -30, 3),
    "sigmoid": (sigmoid(x), lambda t: 1 / (1 + mpmath.exp(-t)), -5, 7),
    "gamma": (gamma(x), mpmath.gamma, Fraction(1, 2), 4),
    "cube root": (x ** Fraction(1, 3), lambda t: t ** (mpmath.mpf(1) / 3), 0, 1),
    "1e-30": (exp(-x) * Fraction(1, 10**30), lambda t: mpmath.exp(-t) / mpmath.mpf(10) ** 30, 0, 1),
    "cancelling": (sin(x) - x + x**3 / 6, lambda t: mpmath.sin(t) - t + t**3 / 6, 0, Fraction(1, 1000)),
}  # fmt: skip


@pytest.mark.parametrize("name", ENCLOSED)
def test_enclosures_contain_the_integral(name):
    expression, f, a, b = ENCLOSED[name]
    found = enclose_integral(expression, x, a, b)
    with mpmath.workdps(60):
        ends = [mpmath.mpf(Fraction(end).numerator) / Fraction(end).denominator for end in (a, b)]
        exact = mpmath.quad(f, mpmath.linspace(*ends, 12))
        assert abs(mpmath.mpf(found.value) - exact) <= found.bar + mpmath.mpf(10) ** -40
        assert found.bar <= mpmath.mpf("3e-15") * abs(exact)


def test_exact_rational_integrals_are_enclosed(rng):
    for _ in range(10):
        roots = [Fraction(int(n), 7) for n in rng.integers(-20, 20, 4)]
        coefficients = [Fraction(int(n), 3) for n in rng.integers(-9, 10, 5)]
        a, b = min(roots) - 1, max(roots)
        polynomial = total_of(coefficients)
        value = sum_of(
            [q * (b ** (k + 1) - a ** (k + 1)) / (k + 1) for k, q in enumerate(coefficients)]
        )
        found = enclose_integral(polynomial, x, a, b)
        assert abs(Fraction(found.value) - value) <= Fraction(found.bar)


def total_of(coefficients):
    return sum_of([q * x**k for k, q in enumerate(coefficients)])


def sum_of(terms):
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


@pytest.mark.parametrize(
    ("expression", "a", "b", "exact"),
    [
        (absolute(x), -1, 2, Fraction(5, 2)),
        (sign(x - Fraction(1, 3)), 0, 1, Fraction(1, 3)),
        (maximum(x, 1 - x), 0, 1, Fraction(3, 4)),
        (0 * x, 0, 1, Fraction(0)),
        (0 * x + 3, 0, 2, Fraction(6)),
        (x**3, -1, 1, Fraction(0)),
        (sqrt(x**2), -1, 1, Fraction(1)),
    ],
)
def test_pieces_are_enclosed(expression, a, b, exact):
    found = enclose_integral(expression, x, a, b)
    assert abs(Fraction(found.value) - exact) <= Fraction(found.bar) < Fraction(1, 10**12)


def test_other_variables_take_their_values():
    w = vector("w", "n")
    found = enclose_integral(total(exp(-w * x)) + c, x, 0, 1, {w: [1, 2], c: Fraction(1, 2)})
    exact = 1 - math.exp(-1) + (1 - math.exp(-2)) / 2 + 0.5
    assert abs(found.value - exact) <= found.bar + 1e-15


def test_many_digits_are_reached():
    found = enclose_integral(exp(x), x, 0, 1, digits=60)
    with mpmath.workdps(80):
        assert abs(mpmath.mpf(found.ball.mid().str(75, radius=False)) - (mpmath.e - 1)) < 1e-60


def test_points_that_were_not_examined_are_listed():
    assert enclose_integral(sqrt(x), x, 0, 1).supposed == (0.0,)
    assert enclose_integral(exp(x), x, 0, 1).supposed == ()


@pytest.mark.parametrize(
    ("expression", "a", "b"),
    [
        (1 / x, -1, 1),
        (1 / x**2, -1, 1),
        (log(x), 0, 1),
        (1 / sqrt(x), 0, 1),
        (log(x), -1, 1),
        (log(x) ** 2, -1, 1),
        (sqrt(x) * sqrt(x), -1, 1),
        (sqrt(sin(x)), 0, 4),
        (x**x, -1, 1),
        (log(cos(x)), 0, 2),
    ],
)
def test_what_has_no_value_or_no_bound_is_undecided(expression, a, b):
    with pytest.raises(Undecided):
        enclose_integral(expression, x, a, b)


def test_continuations_are_not_mistaken_for_values():
    """Without the branch cut the continuation of sqrt(x^2) would integrate x itself to 0."""
    assert enclose_integral(sqrt(x**2), x, -1, 2).value == pytest.approx(2.5)
    assert enclose_integral(absolute(x) ** 3, x, -1, 1).value == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((math.exp, x, 0, 1), UnsupportedError),
        ((exp(x), "x", 0, 1), UnsupportedError),
        ((exp(x), exp(x), 0, 1), UnsupportedError),
        ((exp(vector("v", 2)), x, 0, 1), ShapeError),
        ((exp(x), vector("v", 2), 0, 1), ShapeError),
        ((exp(x), x, 1, 0), DataError),
        ((exp(x), x, 0, math.inf), DataError),
        ((elementwise("f")(x), x, 0, 1), UnsupportedError),
        ((exp(x) * c, x, 0, 1), ChainruleError),
    ],
)
def test_bad_integrands_have_typed_errors(arguments, error):
    with pytest.raises(error):
        enclose_integral(*arguments)


def test_the_estimated_bar_holds_against_the_enclosure(rng):
    for _ in range(10):
        p, q = (Fraction(int(k), 8) for k in rng.integers(1, 30, 2))
        certain = enclose_integral(exp(-p * x) * sin(q * x), x, 0, 3)
        for rule in RULES:
            found = integrate(
                lambda t, p=p, q=q: math.exp(-float(p) * t) * math.sin(float(q) * t),
                0,
                3,
                rule=rule,
            )
            assert abs(found.value - certain.value) <= found.bar + certain.bar


def test_results_show_themselves():
    for result in (
        integrate(math.sqrt, 0, 1),
        integrate(math.exp, 0, 1, n=4096, rule="trapezoid"),
        integrate(lambda t: 1 / t, -1, 1),
        enclose_integral(sqrt(x), x, 0, 1),
    ):
        assert max(map(len, str(result).splitlines())) <= 80
        assert "<table>" in result._repr_html_()
    pytest.importorskip("matplotlib")
    assert "<svg" in integrate(math.sqrt, 0, 1)._repr_html_()


def test_values_and_integrals_beyond_float64_are_a_status():
    assert integrate(lambda x: 10**400, 0, 1).status == "not finite"
    found = integrate(lambda x: 1.5e308, -1, 1)
    assert found.status == "not finite"
    assert "sums of its values are beyond" in found.reason
    assert integrate(lambda x: 1e308, 0, 1e-3).value == pytest.approx(1e305)
