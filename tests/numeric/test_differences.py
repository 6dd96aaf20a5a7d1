"""Bars of differences hold, are not vacuous, and awkward points get their status."""

import math
from itertools import pairwise

import numpy as np
import pytest

from numeric import derivative, directional_derivative, gradient, hessian, jacobian
from numeric.stencils import nodes_of, weights
from symbolic.errors import DataError, ShapeError, UnsupportedError

SUITE = {
    "sin": (math.sin, math.cos),
    "exp": (math.exp, math.exp),
    "log": (math.log, lambda x: 1 / x),
    "sqrt": (math.sqrt, lambda x: 0.5 / math.sqrt(x)),
    "inverse": (lambda x: 1 / x, lambda x: -1 / x**2),
    "fifth power": (lambda x: x**5, lambda x: 5 * x**4),
    "tanh": (math.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "fast cosine": (lambda x: math.cos(100 * x), lambda x: -100 * math.sin(100 * x)),
    "large offset": (lambda x: 1e8 + x * x, lambda x: 2 * x),
    "x log x": (lambda x: x * math.log(x), lambda x: math.log(x) + 1),
    "bell": (lambda x: math.exp(-x * x), lambda x: -2 * x * math.exp(-x * x)),
    "line": (lambda x: 3 * x + 1, lambda x: 3.0),
    "constant": (lambda x: 7.0, lambda x: 0.0),
    "float32 inside": (lambda x: float(np.sin(np.float32(x))), math.cos),
    "erf": (math.erf, lambda x: 2 / math.sqrt(math.pi) * math.exp(-x * x)),
    "double root": (lambda x: (x - 1) ** 2, lambda x: 2 * (x - 1)),
    "steep": (lambda x: math.atan(50 * (x - 1)), lambda x: 50 / (1 + 2500 * (x - 1) ** 2)),
    "very fast": (lambda x: math.sin(1e4 * x), lambda x: 1e4 * math.cos(1e4 * x)),
    "softplus": (lambda x: math.log1p(math.exp(-x)) + x, lambda x: 1 / (1 + math.exp(-x))),
}
SMOOTH = set(SUITE) - {"float32 inside", "large offset", "constant"}


def suite_points():
    fixed = [1e-7, 1e-3, 0.1, 0.5, 1.0, 2.3, 10.0]
    drawn = 10 ** np.random.default_rng(7).uniform(-3, 1.5, 20)
    return [float(x) for x in (*fixed, *drawn)]


def test_bars_hold_on_99_percent_of_the_suite():
    misses = []
    count = 0
    for name, (f, slope) in SUITE.items():
        for x in suite_points():
            found = derivative(f, x)
            count += 1
            if not abs(float(found.value) - slope(x)) <= found.bar:
                misses.append((name, x, float(found.value), slope(x), float(found.bar)))
    assert len(misses) <= 0.01 * count, f"points of seed 7: {misses}"


@pytest.mark.parametrize("name", sorted(SMOOTH))
def test_bars_are_not_vacuous(name):
    f, slope = SUITE[name]
    relative = []
    for x in suite_points():
        found = derivative(f, x)
        relative.append(float(found.bar) / (abs(slope(x)) + 1e-3 * abs(f(x)) / x + 1e-300))
    assert np.median(relative) < 1e-8


@pytest.mark.parametrize(
    ("f", "status", "word"),
    [
        (abs, "kink", "slopes -1 on the left, 1 on the right"),
        (lambda x: max(x, 0.0), "kink", "slopes 0 on the left"),
        (math.sqrt, "edge", "does not settle"),
        (lambda x: math.sqrt(x) ** 3 + x, "edge", "one-sided"),
        (lambda x: float("nan"), "not finite", "not finite at the point"),
        (lambda x: math.sqrt(-abs(x)) if x else 0.0, "not finite", "neither side"),
    ],
)
def test_awkward_points_have_a_status(f, status, word):
    found = derivative(f, 0.0)
    assert found.status == status
    assert word in found.reason


def test_one_sided_slope_at_an_edge_holds():
    found = derivative(lambda x: math.sqrt(x) ** 3 + x, 0.0)
    assert abs(found.value - 1) <= found.bar < 1e-2


def test_random_noise_is_noticed(rng):
    found = derivative(lambda x: math.sin(x) + 1e-7 * rng.normal(), 0.7)
    assert found.status == "noisy"
    assert abs(found.value - math.cos(0.7)) <= found.bar < 1e-2


def test_an_oscillation_is_no_kink():
    for x in (0.013, 0.5, 5.2):
        assert derivative(lambda t: math.sin(1e4 * t), x).status in ("ok", "noisy")


def test_gradient_and_jacobian_and_hessian(rng):
    A, x = rng.normal(size=(3, 4)), rng.normal(size=4)
    found = jacobian(lambda x: np.tanh(A @ x), x)
    true = (1 - np.tanh(A @ x) ** 2)[:, None] * A
    assert found.value.shape == (3, 4)
    assert np.all(np.abs(found.value - true) <= found.bar)
    grad = gradient(lambda X: np.sum(X**3), x.reshape(2, 2))
    assert np.all(np.abs(grad.value - 3 * x.reshape(2, 2) ** 2) <= grad.bar)
    H = A.T @ A
    bent = hessian(lambda x: x @ H @ x / 2 + np.sum(x**4), x)
    assert np.all(np.abs(bent.value - H - np.diag(12 * x**2)) <= bent.bar)
    assert bent.bar.max() < 1e-4


def test_float32_gets_float32_bars():
    x = np.array([1.0, 2.0, 3.0], dtype=np.float32)
    found = gradient(lambda x: np.sum(np.sin(x)), x)
    error = np.abs(found.value - np.cos(x.astype(float)))
    assert np.all(error <= found.bar)
    assert 1e-7 < found.bar.max() < 1e-2


def test_integers_are_promoted_with_a_note():
    found = gradient(lambda x: x @ x, [1, 2])
    assert found.reason == "integers were promoted to float64"
    assert found.value == pytest.approx([2, 4])


def test_errors_say_what_to_do():
    with pytest.raises(ShapeError, match=r"gradient\(f, x\): f\(x\) has shape \(2,\); give a"):
        gradient(lambda x: x, [1.0, 2.0])
    with pytest.raises(ShapeError, match="use gradient or jacobian"):
        derivative(math.sin, np.ones(2))
    with pytest.raises(DataError, match="dtype complex128"):
        derivative(math.sin, 1j)


METHODS = [
    ("richardson", None), ("central", 2), ("central", 4), ("central", 6), ("central", 8),
    ("forward", 1), ("forward", 2), ("forward", 4), ("backward", 1), ("backward", 3),
    ("complex", None),
]  # fmt: skip


@pytest.mark.parametrize(("method", "order"), METHODS)
def test_bars_hold_for_every_method(method, order):
    rng = np.random.default_rng(11)
    misses = []
    for f, slope in [
        (np.sin, np.cos),
        (np.exp, np.exp),
        (lambda x: 1 / x, lambda x: -1 / x**2),
        (lambda x: np.sin(50 * x) + x, lambda x: 50 * np.cos(50 * x) + 1),
    ]:
        for x in 10 ** rng.uniform(-4, 1, 25):
            found = derivative(f, x, method=method, order=order)
            misses += [x] if not abs(found.value - slope(x)) <= found.bar else []
            assert found.bar <= 1e-3 * (abs(slope(x)) + abs(f(x)) / x)
    assert len(misses) <= 1, f"seed 11: {misses} of 100"


def test_higher_orders_are_more_accurate():
    bars = [float(derivative(np.exp, 1.0, method="central", order=p).bar) for p in (2, 4, 6, 8)]
    assert all(after < before for before, after in pairwise(bars))
    assert derivative(np.exp, 1.0, method="complex").bar < min(bars)


def test_the_order_of_a_formula_is_its_degree_of_exactness():
    for method, order in METHODS[1:-1]:
        nodes = nodes_of(method, order)
        weight = weights(nodes)
        sums = [sum(w * node**k for w, node in zip(weight, nodes, strict=True)) for k in range(10)]
        wrong = next(k for k in range(10) if sums[k] != (k == 1))
        assert wrong == order + 1


@pytest.mark.parametrize(
    ("method", "order"), [("simpson", None), ("central", 3), ("richardson", 2), ("complex", 1)]
)
def test_methods_that_there_are_not(method, order):
    with pytest.raises(UnsupportedError, match=f"method '{method}'"):
        derivative(np.exp, 1.0, method=method, order=order)


def test_the_complex_step_never_trusts_a_function_that_drops_imaginary_parts():
    found = derivative(np.abs, 1.5, method="complex")
    assert abs(found.value - 1) <= found.bar
    assert "not analytic in code" in found.reason
    assert derivative(lambda x: max(x, 0), 0.0, method="complex").status == "kink"
    with pytest.raises(UnsupportedError, match="does not take complex numbers"):
        derivative(math.sin, 1.0, method="complex")
    exact = derivative(lambda x: np.sin(1e8 * x), 1e-3, method="complex")
    assert abs(exact.value - 1e8 * math.cos(1e5)) <= exact.bar < 1


def test_directional_derivative(rng):
    A, x, v = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=4)
    found = directional_derivative(lambda x: np.tanh(A @ x), x, v)
    true = (1 - np.tanh(A @ x) ** 2) * (A @ v)
    assert np.all(np.abs(found.value - true) <= found.bar)
    assert found.bar.max() < 1e-9
    assert found.evaluations < 120
    with pytest.raises(ShapeError, match="give a direction in the shape of x"):
        directional_derivative(lambda x: x @ x, x, v[:2])


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: max(x, 0) ** 2, 0.0),
        (lambda x: x * abs(x) + x, 1.0),
        (lambda x: x if x > 0 else math.expm1(x), 1.0),
        (lambda x: abs(x) ** 1.5, 0.0),
        (lambda x: x**5, 0.0),
    ],
)
def test_a_kink_of_the_slope_is_ok(f, slope):
    found = derivative(f, 0.0)
    assert found.status == "ok"
    assert abs(found.value - slope) <= found.bar < 1e-9


def test_a_weak_kink_is_seen():
    found = derivative(lambda x: math.cos(x) + 1e-6 * abs(x), 0.0)
    assert found.status == "kink"
    assert "slopes -1e-06 on the left, 1e-06 on the right" in found.reason


def test_jumps_are_told_and_steps_beside_them_are_not_fooled():
    assert derivative(math.floor, 1.0).status == "jump"
    assert derivative(lambda x: float(x >= 0), 0.0).status == "jump"
    beside = derivative(lambda x: x + math.floor(x), 1 + 1e-6)
    assert abs(beside.value - 1) <= beside.bar < 1e-6
    steep = derivative(lambda x: math.tanh(x - 1e8), 1e8 + 0.25)
    assert steep.status != "jump"
    assert abs(steep.value - 1 / math.cosh(0.25) ** 2) <= steep.bar


def test_a_kink_of_the_slope_shows_in_the_second_derivative():
    found = hessian(lambda x: np.sum(np.maximum(x, 0) ** 2), [0.0])
    assert found.status == "kink"
    assert "second derivatives 0 on the left, 2 on the right" in found.reason
    cubic = hessian(lambda x: np.sum(np.abs(x) ** 3), [0.0])
    assert abs(cubic.value) <= cubic.bar


def test_it_prints_within_80_columns():
    shown = str(gradient(lambda X: np.sum(X**3), np.arange(1.0, 31.0).reshape(5, 6)))
    assert max(map(len, shown.splitlines())) <= 80
    assert "18 entries more" in shown
    assert "<table>" in gradient(lambda x: x @ x, [1.0, 2.0])._repr_html_()


def test_arrays_of_other_libraries():
    jnp = pytest.importorskip("jax.numpy")
    found = gradient(lambda x: jnp.sum(jnp.sin(x)), jnp.array([0.5, 1.0]))
    assert np.all(np.abs(found.value - np.cos([0.5, 1.0])) <= found.bar)
    torch = pytest.importorskip("torch")
    x = torch.tensor([0.5, 1.0], dtype=torch.float64, requires_grad=True)
    exact = gradient(lambda x: torch.sin(x).sum(), x)
    assert np.all(np.abs(exact.value - np.cos([0.5, 1.0])) <= exact.bar)
    assert exact.bar.max() < 1e-10
