"""Step curves: the model predicts the measured error, its best step, and says where it does not."""

import cmath
import math

import numpy as np
import pytest

from numeric.methods import step_curve
from symbolic import exp, log, scalar, sin, tanh, vector
from symbolic import sum as total
from symbolic.errors import DataError, NotAllowedError, UnsupportedError

EPS = np.finfo(float).eps
REAL_METHODS = ("forward", "central", "central4")
x = scalar("x")

# expression, the same for floats, its derivative, points
CASES = {
    "exp": (exp(x), math.exp, math.exp, (1.0, -3.0, 0.1)),
    "sin": (sin(x), math.sin, math.cos, (1.0, 100.0, 1e4)),
    "log": (log(x), math.log, lambda t: 1 / t, (1e-6, 0.6, 1e3)),
    "tanh": (tanh(x), math.tanh, lambda t: 1 - math.tanh(t) ** 2, (0.5, 2.0)),
    "exp + 1e6": (exp(x) + 10**6, lambda t: math.exp(t) + 1e6, math.exp, (1.0,)),
}


@pytest.mark.parametrize("method", REAL_METHODS)
@pytest.mark.parametrize("name", CASES)
def test_the_model_predicts_the_best_step(name, method):
    """Within a factor of 10 in the step and in the error."""
    expression, f, slope, points = CASES[name]
    for point in points:
        for curve in (
            step_curve(expression, point, method=method),
            step_curve(f, point, slope, method=method),
        ):
            assert curve.status == "ok", curve
            assert 0.1 < curve.best_predicted / curve.best_measured < 10
            assert 0.1 < curve.least_predicted / curve.least_measured < 10


@pytest.mark.parametrize("method", REAL_METHODS)
def test_no_measured_error_is_far_above_the_model(method):
    curve = step_curve(exp(x) * sin(x), 1.0, method=method)
    small = curve.steps < 1e-2  # beyond, higher terms join
    assert np.all(curve.errors[small] <= 3 * curve.model(curve.steps[small]))


@pytest.mark.parametrize(("method", "order"), [("forward", 1), ("central", 2), ("central4", 4)])
def test_truncation_has_the_order_and_the_constant(method, order):
    """At the right of the best step error = C h^p, with C from the Taylor series of exp."""
    constant = {"forward": 1 / 2, "central": 1 / 6, "central4": 1 / 30}[method] * math.e
    steps = [2.0**-k for k in range(3, 6)]
    curve = step_curve(math.exp, 1.0, math.e, method=method, steps=steps)
    assert curve.order == order
    slopes = np.diff(np.log2(curve.errors)) / np.diff(np.log2(curve.steps))
    assert slopes == pytest.approx(order * np.ones(2), abs=0.1)
    assert curve.errors[0] == pytest.approx(constant * steps[-1] ** order, rel=0.05)
    assert curve.truncation == pytest.approx(constant, rel=0.05)


def test_rounding_grows_as_the_step_falls():
    curve = step_curve(math.exp, 1.0, math.e, method="central")
    small = (curve.steps > 1e-14) & (curve.steps < 1e-8)
    slope = np.polyfit(np.log(curve.steps[small]), np.log(curve.errors[small] + 1e-300), 1)[0]
    assert slope == pytest.approx(-1, abs=0.35)


def test_best_steps_are_the_textbook_powers():
    """sqrt(eps), cbrt(eps), eps^(1/5) for a function whose derivatives are all of size 1."""
    for method, power in (("forward", 1 / 2), ("central", 1 / 3), ("central4", 1 / 5)):
        curve = step_curve(exp(x), 0.0, method=method)
        assert 0.1 < curve.best_predicted / EPS**power < 10


def test_the_complex_step_has_no_floor_in_h():
    curve = step_curve(
        lambda t: (
            cmath.exp(t) * cmath.sin(t) if isinstance(t, complex) else math.exp(t) * math.sin(t)
        ),
        1.0,
        exp(x) * (sin(x) + sin(x + math.pi / 2)),
        method="complex",
    )
    assert curve.status == "ok"
    assert np.all(curve.errors[curve.steps < 1e-8] < 1e-14)
    assert curve.least_measured < 1e-15


def test_noise_in_f_moves_the_best_step():
    single = step_curve(lambda t: float(np.float32(math.sin(t))), 1.0, math.cos, method="central")
    double = step_curve(math.sin, 1.0, math.cos, method="central")
    assert single.noise > 1e6 * double.noise
    assert single.best_predicted > 100 * double.best_predicted
    assert single.status == "ok"


def test_a_wrong_derivative_or_a_kink_is_off_the_model():
    assert step_curve(math.exp, 1.0, math.e + 1e-3).status == "off the model"
    assert step_curve(math.exp, 1.0, 2 * math.e).status == "off the model"
    assert step_curve(abs, 0.0, 0.0, method="forward").status == "off the model"


def test_an_estimated_reference_says_what_it_does_not_resolve():
    curve = step_curve(math.exp, 1.0)
    assert curve.reference_bar > 0
    assert abs(curve.derivative - math.e) <= curve.reference_bar
    exact = step_curve(math.exp, 1.0, math.e)
    assert exact.reference_bar < curve.reference_bar


def test_straight_lines_have_no_truncation():
    curve = step_curve(lambda t: 3 * t + 1, 2.0, 3.0)
    assert curve.truncation == 0
    assert curve.best_predicted == curve.steps[-1]
    assert step_curve(lambda t: 1.0, 1.0, 0.0).status == "ok"


def test_steps_are_those_that_x_represents():
    curve = step_curve(math.sin, 1e8, math.cos)
    assert np.all((1e8 + curve.steps) - 1e8 == curve.steps)
    assert curve.steps.min() >= 1e-8
    assert "round to 0" in curve.reason


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: step_curve(3, 1), UnsupportedError),
        (lambda: step_curve(math.exp, 1, method="backward"), NotAllowedError),
        (lambda: step_curve(math.exp, 1, math.e, method="complex"), UnsupportedError),
        (lambda: step_curve(abs, 1, 1.0, method="complex"), UnsupportedError),
        (lambda: step_curve(exp(x), 1, method="complex"), UnsupportedError),
        (lambda: step_curve(total(vector("v", 2)), 1), UnsupportedError),
        (lambda: step_curve(math.log, -1), DataError),
        (lambda: step_curve(math.exp, math.nan), DataError),
        (lambda: step_curve(math.exp, 1j), DataError),
        (lambda: step_curve(math.exp, 1, math.nan), DataError),
        (lambda: step_curve(math.exp, 1, steps=[-1.0]), DataError),
        (lambda: step_curve(math.exp, 1e20, math.exp), DataError),
    ],
)
def test_bad_input_has_typed_errors(call, error):
    with pytest.raises(error):
        call()


def test_results_show_themselves():
    for curve in (step_curve(exp(x), 1.0), step_curve(abs, 0.0, 0.0, method="forward")):
        assert max(map(len, str(curve).splitlines())) <= 80
        assert "<table>" in curve._repr_html_()
        assert len(repr(curve)) < 700
    pytest.importorskip("matplotlib")
    assert "<svg" in step_curve(exp(x), 1.0)._repr_html_()


@pytest.mark.parametrize("method", REAL_METHODS)
@pytest.mark.parametrize("point", [1e6, 1e8, 1e10, 1e12])
def test_the_scale_of_f_counts_not_that_of_x(point, method):
    """The sine turns within 1, however large x is: its turns are no noise."""
    curve = step_curve(math.sin, point, math.cos, method=method)
    assert curve.status == "ok", curve
    assert curve.noise < 1e-14
    near = int(np.argmin(np.abs(np.log(curve.steps / curve.best_predicted))))
    assert curve.errors[near] < 10 * curve.least_measured
    assert 1e-3 < curve.least_predicted / curve.least_measured < 10


def test_noise_beside_a_smooth_part_is_still_seen():
    curve = step_curve(
        lambda t: 1e-3 * float(np.float32(math.sin(t))) + math.exp(t),
        1.0,
        lambda t: 1e-3 * math.cos(t) + math.exp(t),
    )
    assert 1e-12 < curve.noise < 1e-10
    assert curve.status == "ok"


def test_a_curve_without_values_at_its_best_step_is_off_the_model():
    steps = np.logspace(135, 150, 40)
    curve = step_curve(math.log, 1e150, 1e-150, steps=steps)
    assert curve.status == "off the model"


@pytest.mark.parametrize("method", [*REAL_METHODS, "complex"])
@pytest.mark.parametrize("point", [1e308, 1.7e308, 5e-324, -1e300])
def test_extreme_points_come_to_an_end(point, method):
    steps = [abs(point), 1e300, 1e-300]
    curve = step_curve(lambda t: t, point, 1.0, method=method, steps=steps)
    assert str(curve)
