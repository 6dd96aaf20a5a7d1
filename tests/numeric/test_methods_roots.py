"""Roots and fixed points: bars against mpmath, orders of convergence, and everything that has no root."""

import math

import mpmath
import numpy as np
import pytest

from numeric.methods import bisection, brent, fixed_point, newton, secant
from numeric.methods.convergence import neighbourhood, noise_beside, order_of_convergence
from numeric.methods.inputs import Counted
from symbolic.errors import DataError, ShapeError, UnsupportedError

# function, its derivative, bracket, the same for mpmath
SIMPLE = {
    "x^2 - 2": (lambda x: x * x - 2, lambda x: 2 * x, 0.5, 2, lambda x: x * x - 2),
    "cos x - x": (lambda x: math.cos(x) - x, lambda x: -math.sin(x) - 1, 0, 1,
                  lambda x: mpmath.cos(x) - x),
    "exp x - 2": (lambda x: math.exp(x) - 2, math.exp, 0, 1, lambda x: mpmath.exp(x) - 2),
    "log x - 5": (lambda x: math.log(x) - 5, lambda x: 1 / x, 100, 200, lambda x: mpmath.log(x) - 5),
    "scaled": (lambda x: 1e-200 * (x**3 - 5), lambda x: 3e-200 * x * x, 1, 2, lambda x: x**3 - 5),
    "steep": (lambda x: math.tanh(1e6 * (x - 0.7)), lambda x: 1e6 / math.cosh(1e6 * (x - 0.7)) ** 2,
              0.6999999, 0.7000002, lambda x: x - mpmath.mpf(0.7)),
}  # fmt: skip


def true_root(f, a, b):
    with mpmath.workdps(40):
        return mpmath.findroot(f, (mpmath.mpf(a), mpmath.mpf(b)), solver="anderson", tol=1e-60)


def found_by_every_method(name):
    f, slope, a, b, _ = SIMPLE[name]
    yield bisection(f, a, b)
    yield brent(f, a, b)
    yield secant(f, a, b)
    yield newton(f, slope, a)


@pytest.mark.parametrize("name", SIMPLE)
def test_the_bar_holds_and_is_sharp(name):
    *_, a, b, exact = SIMPLE[name]
    root = true_root(exact, a, b)
    for found in found_by_every_method(name):
        assert found.status == "converged", found
        assert abs(mpmath.mpf(found.root) - root) <= found.bar
        assert found.bar < 2e-14 * max(1, abs(root))
        assert found.multiplicity == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("name", ["x^2 - 2", "cos x - x", "exp x - 2", "log x - 5"])
def test_orders_of_convergence(name):
    for found, order, tolerance in zip(
        found_by_every_method(name), (1, None, 1.618, 2), (0.01, None, 0.2, 0.1), strict=True
    ):
        if order is not None:
            assert found.order == pytest.approx(order, abs=tolerance), found.method
    assert bisection(*_ends(name)).rate == pytest.approx(0.5, abs=1e-6)


def _ends(name):
    f, _, a, b, _ = SIMPLE[name]
    return f, a, b


def test_newtons_rate_is_the_textbook_constant():
    """error_{k+1} = f''/(2 f') error_k^2: 1/(2 sqrt 2) for the square root of 2."""
    found = newton(lambda x: x * x - 2, lambda x: 2 * x, 1.0)
    assert found.rate == pytest.approx(1 / (2 * math.sqrt(2)), rel=0.02)


@pytest.mark.parametrize("m", [2, 3, 5])
def test_multiple_roots_drop_the_order(m):
    found = newton(lambda x: (x - 1) ** m, lambda x: m * (x - 1) ** (m - 1), 2)
    assert found.status == "multiple root"
    assert found.order == pytest.approx(1, abs=0.02)
    assert found.rate == pytest.approx(1 - 1 / m, abs=0.01)
    assert round(found.multiplicity) == m
    assert found.root == pytest.approx(1, abs=1e-9)


def expanded(m):
    """(x - 1)^m by its binomial coefficients, which cancel near 1, and its derivative."""
    coefficients = np.array([math.comb(m, k) * (-1) ** k for k in range(m + 1)], dtype=float)
    slopes = np.polyder(coefficients)
    return lambda x: float(np.polyval(coefficients, x)), lambda x: float(np.polyval(slopes, x))


@pytest.mark.parametrize("m", [2, 3, 4, 5])
def test_rounding_hides_a_multiple_root(m):
    """The floor is of the size eps^(1/m), and the bar says so."""
    f, slope = expanded(m)
    found = newton(f, slope, 2.0)
    assert found.status == "multiple root"
    assert abs(found.root - 1) <= found.bar
    assert 0.1 * 2e-16 ** (1 / m) < found.bar < 100 * 2e-16 ** (1 / m)


@pytest.mark.parametrize("m", [3, 5])
def test_bisection_stops_being_sharp_at_a_multiple_root(m):
    f, _ = expanded(m)
    for found in (bisection(f, 0, 2.7), brent(f, 0, 2.7)):
        assert found.status == "multiple root"
        assert abs(found.root - 1) <= found.bar < 0.1
        assert found.bar > 1e-7


def test_low_precision_inside_f_is_noticed():
    found = bisection(lambda x: float(np.float32(x) - np.float32(0.3)), 0, 1)
    assert abs(found.root - 0.3) <= found.bar < 1e-6
    assert found.bar > 1e-8


def test_a_wrong_derivative_is_named():
    found = newton(lambda x: x * x - 2, lambda x: 3 * x, 1.0)
    assert found.converged
    assert found.order == pytest.approx(1, abs=0.05)
    assert "derivative" in found.reason


@pytest.mark.parametrize("method", [bisection, brent])
@pytest.mark.parametrize(
    ("f", "a", "b", "status"),
    [
        (lambda x: x * x + 1, 0, 1, "no sign change"),
        (lambda x: x - 5, 0, 1, "no sign change"),
        (lambda x: 1 / (x * x - 2), 0, 2, "jump"),
        (lambda x: 1.0 if x > 0.3 else -1.0, 0, 1, "jump"),
        (lambda x: math.tan(x), 1, 2, "jump"),
        (lambda x: math.log(x), 0, 2, "not finite"),
        (lambda x: math.nan if 0.4 < x < 0.6 else x - 0.5, 0, 1, "not finite"),
    ],
)
def test_what_is_no_root_is_not_called_one(method, f, a, b, status):
    found = method(f, a, b)
    assert found.status == status
    assert not found.converged
    assert math.isnan(found.root)
    assert found.bar == math.inf


@pytest.mark.parametrize(
    "found",
    [
        newton(lambda x: x * x + 1, lambda x: 2 * x, 0.5),  # no real root
        newton(lambda x: x**3 - 2 * x + 2, lambda x: 3 * x * x - 2, 0.0),  # the cycle 0, 1, 0, 1
        newton(math.atan, lambda x: 1 / (1 + x * x), 2.0),  # runs away
        newton(lambda x: x * x - 2, lambda x: 2 * x, 0.0),  # flat start
        newton(lambda x: x * x + 1e-20, lambda x: 2 * x, 1.0),  # nearly touches
        secant(lambda x: x * x + 1, 0, 1),
        secant(lambda x: 1.0, 0, 1),
        fixed_point(lambda x: 2 * x, 1.0),
        fixed_point(lambda x: 1 - x, 0.2),  # a cycle of two
        fixed_point(lambda x: 3.2 * x * (1 - x), 0.3),  # an attracting cycle of two
        fixed_point(lambda x: x, 0.2),  # every point is fixed
        fixed_point(math.sin, 1.0),  # too slow to arrive
        fixed_point(lambda x: x + 1, 0.0),
    ],
)
def test_no_convergence_is_said(found):
    assert found.status == "no convergence"
    assert found.reason


def test_a_point_outside_the_domain_is_said():
    found = newton(math.sqrt, lambda x: 0.5 / math.sqrt(x), 1.0)
    assert found.status == "not finite"


def test_roots_at_the_ends_and_at_zero():
    assert bisection(lambda x: x, 0, 1).root == 0
    assert bisection(lambda x: x - 1, 0, 1).root == 1
    assert abs(bisection(lambda x: x, -1, 2).root) < 1e-30
    assert brent(lambda x: x, -1, 1).root == 0
    assert secant(lambda x: 3 * x, -1, 2).root == 0


def test_tiny_roots_are_relative():
    found = newton(lambda x: 1e8 * (x - 1e-8), lambda x: 1e8, 1.0)
    assert found.root == pytest.approx(1e-8, rel=1e-14)
    assert found.bar < 1e-22


def test_roots_that_are_not_smooth_still_have_their_bracket():
    found = bisection(lambda x: math.copysign(abs(x - 0.3) ** (1 / 3), x - 0.3), -1, 2)
    assert found.status == "converged"
    assert abs(found.root - 0.3) <= found.bar < 1e-15
    assert found.multiplicity == pytest.approx(1 / 3, abs=0.01)


def test_fixed_points():
    found = fixed_point(math.cos, 1.0)
    with mpmath.workdps(30):
        exact = mpmath.findroot(lambda t: mpmath.cos(t) - t, 0.7)
    assert abs(found.root - float(exact)) <= found.bar < 1e-14
    assert found.order == pytest.approx(1, abs=0.05)
    assert found.rate == pytest.approx(math.sin(float(exact)), abs=0.01)
    heron = fixed_point(lambda x: (x + 2 / x) / 2, 1.0)
    assert heron.order == pytest.approx(2, abs=0.1)
    assert abs(heron.root - math.sqrt(2)) <= heron.bar


def test_slow_fixed_points_are_within_their_bar():
    found = fixed_point(lambda x: 0.99 * x + 0.01, 0.0, limit=5000)
    assert found.converged
    assert abs(found.root - 1) <= found.bar < 1e-11
    assert found.rate == pytest.approx(0.99, abs=1e-3)


def test_brent_takes_fewer_steps():
    f = lambda x: math.exp(x) - 2  # noqa: E731
    assert len(brent(f, 0, 1).iterates) < len(bisection(f, 0, 1).iterates) / 3


def test_the_history_is_kept():
    found = newton(lambda x: x * x - 2, lambda x: 2 * x, 1.0)
    assert found.iterates[:3] == (1.0, 1.5, 1.5 - 0.25 / 3)
    assert found.residuals[0] == -1
    assert len(found.iterates) == len(found.residuals)
    assert found.evaluations > len(found.iterates)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: bisection(math.sin, 1, 0), DataError),
        (lambda: bisection(math.sin, 0, math.inf), DataError),
        (lambda: bisection(3, 0, 1), UnsupportedError),
        (lambda: brent(lambda x: 1j, 0, 1), DataError),
        (lambda: brent(lambda x: np.array([x]), 0, 1), ShapeError),
        (lambda: secant(math.sin, 1, 1), DataError),
        (lambda: secant(math.sin, 1, math.nan), DataError),
        (lambda: newton(math.sin, 3, 1), UnsupportedError),
        (lambda: newton(math.sin, math.cos, 1j), DataError),
        (lambda: newton(math.sin, math.cos, 1, limit=0), DataError),
        (lambda: fixed_point("cos", 1), UnsupportedError),
    ],
)
def test_bad_input_has_typed_errors(call, error):
    with pytest.raises(error):
        call()


# --- the parts -----------------------------------------------------------------------------------


def test_noise_is_measured_beside_a_point():
    rng = np.random.default_rng(5)
    noise = noise_beside(Counted("f", lambda x: x + 1e-8 * rng.standard_normal()), 1.0, 1.0)
    assert 1e-9 < noise < 1e-7
    assert noise_beside(Counted("f", lambda x: 3 * x - 2), 1.0, 1.0) < 1e-15


def test_a_neighbourhood_says_no():
    near = neighbourhood(Counted("f", lambda x: x * x + 1), 0.0, 0.0, 1.0)
    assert near.bar == math.inf
    assert not near.crosses


@pytest.mark.parametrize("order", [1.5, 1.618, 2, 3])
def test_order_of_known_sequences(order):
    errors = [0.3]
    while errors[-1] > 1e-250:
        errors.append(0.7 * errors[-1] ** order)
    assert order_of_convergence(errors, 0.0)[0] == pytest.approx(order)
    assert order_of_convergence(errors, 0.0)[1] == pytest.approx(0.7)


def test_order_needs_three_falling_errors():
    assert math.isnan(order_of_convergence([1.0, 0.1], 0.0)[0])
    assert math.isnan(order_of_convergence([0.1, 0.2, 0.1], 0.0)[0])
    assert math.isnan(order_of_convergence([1e-1, 1e-2, 1e-9], 1e-10)[0])


def test_results_show_themselves():
    for result in (
        bisection(math.cos, 0, 3),
        newton(*expanded(3), 2.0),
        bisection(lambda x: 1 / x, -1, 2),
        fixed_point(lambda x: 2 * x, 1.0),
    ):
        assert max(map(len, str(result).splitlines())) <= 80
        assert "<table>" in result._repr_html_()
        assert len(repr(result)) < 600
    pytest.importorskip("matplotlib")
    assert "<svg" in bisection(math.cos, 0, 3)._repr_html_()


@pytest.mark.parametrize("f", [lambda x: x, lambda x: x * x, lambda x: 1e308, lambda x: 10**400])
def test_extreme_starts_come_to_an_end(f):
    for start in (1.7e308, 5e-324, -1e300):
        for found in (
            newton(f, lambda x: 1.0, start),
            secant(f, start, -1e308),
            fixed_point(f, start),
        ):
            assert str(found)


@pytest.mark.parametrize("start", [10**400, "a", None, math.inf], ids="{!r:.8}".format)
def test_starts_beyond_float64_have_typed_errors(start):
    with pytest.raises(DataError):
        newton(math.sin, math.cos, start)
