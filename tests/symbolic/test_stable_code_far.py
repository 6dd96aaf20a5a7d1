"""Sums of exponentials, sigmoids below a line and norms: values far out, against enclosures."""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from numeric import enclose_to
from symbolic import gradient, hessian, lambdify, parse
from symbolic.code.logistic_fractions import without_exponentials
from symbolic.code.readings import Readings
from symbolic.code.stable_forms import stabilise
from symbolic.traverse import variables

TINY = 1e-300  # what may come out as 0

Z = np.array([0.5, -1.25, 1.0])
FAR = {
    "weighted": ("log(p @ exp(z))", {"p": "n: prob", "z": "n"}),
    "positive weights": ("log(sum(a*exp(z)))", {"a": "n: positive", "z": "n"}),
    "one and a sum": ("log(1 + sum(exp(z)))", {"z": "n"}),
    "two": ("sum(log(exp(z) + exp(v)))", {"z": "n", "v": "n"}),
    "number beside": ("sum(log(2 + exp(z)))", {"z": "n"}),
    "both signs": ("sum(log(exp(z) + exp(-z)))", {"z": "n"}),
    "mean": ("log(mean(exp(z)))", {"z": "n"}),
    "softmax written out": ("-log(exp(z)/sum(exp(z)))[0]", {"z": "3"}),
    "mean under softmax": ("sum(y*exp(z))/sum(exp(z))", {"y": "n", "z": "n"}),
    "mixture": ("sum(log(exp(-(z[:, None] - m)**2/2) @ p))", {"z": "n", "m": "k", "p": "k: prob"}),
    "mixture of two": (
        "-sum(log(a*exp(-z**2/2) + (1 - a)*exp(-(z - 3)**2/2)))", {"a": ": unit", "z": "n"},
    ),
    "risk sets": ("-sum(z - log(R @ exp(z)))", {"z": "n", "R": "n n: binary"}),
    "cross-entropy": ("-sum(u*log(sigmoid(z)) + (1-u)*log(1-sigmoid(z)))", {"u": "n: unit", "z": "n"}),
    "cross-entropy by exp": (
        "-sum(u*log(exp(z)/(1+exp(z))) + (1-u)*log(1/(1+exp(z))))", {"u": "n: unit", "z": "n"},
    ),
    "negative binomial": ("sum(a*log(2 + exp(z)) - y*z)", {"a": "n: positive", "y": "n", "z": "n"}),
    "silu": ("sum(z/(1 + exp(-z)))", {"z": "n"}),
    "weighted slope": ("sum(y*exp(z)/(1 + exp(z))**2)", {"y": "n", "z": "n"}),
    "tanh": ("sum(y*(exp(z) - exp(-z))/(exp(z) + exp(-z)))", {"y": "n", "z": "n"}),
}  # fmt: skip
VALUES = {
    "z": Z,
    "v": np.array([-0.75, 0.25, 2.0]),
    "y": np.array([0.5, -1.0, 2.0]),
    "u": np.array([0.25, 1.0, 0.0]),
    "p": np.array([0.25, 0.0, 0.75]),
    "m": np.array([-1.0, 0.5, 2.0]),
    "R": np.array([[1.0, 1, 0], [0, 1, 0], [1, 0, 1]]),
}
VALUES["a"] = np.array([0.5, 2.0, 0.125])


def truth(expression, values):
    """The value by enclosures, correctly rounded."""
    held = {variable.name for variable in variables(expression)}
    exact = {
        name: np.vectorize(lambda v: Fraction(float(v)), otypes=[object])(array)
        for name, array in values.items()
        if name in held
    }
    balls = enclose_to(expression, exact, digits=20, limit=1 << 16)
    return np.vectorize(float, otypes=[float])(balls)


@cache
def generated(name):
    """Value, gradient and Hessian of a text, and the function of them."""
    text, given = FAR[name]
    loss = parse(text, given)
    outputs = (loss, gradient(loss, "z"), hessian(loss, "z"))
    return outputs, lambdify(outputs)


@pytest.mark.parametrize("scale", [1.0, 30.0, 1000.0])
@pytest.mark.parametrize("name", FAR)
def test_value_and_derivatives_are_finite_and_right(name, scale):
    given = FAR[name][1]
    outputs, f = generated(name)
    values = {each: VALUES[each] for each in given}
    if given.get("a") == ": unit":
        values["a"] = np.array(0.25)
    values["z"] = values["z"] * scale
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = f(**values)
    size = np.max(np.abs(values["z"]))
    for order, (result, expression) in enumerate(zip(found, outputs, strict=True)):
        wanted = truth(expression, values)
        assert np.all(np.isfinite(result))
        # z - log(sum(exp(z))), p - 1 and p*(1 - p) have the absolute accuracy of their terms
        terms = size**order if order else size
        allowed = 1e-14 * terms + 1e-11 * np.max(np.abs(wanted)) + TINY
        assert np.all(np.abs(result - wanted) <= allowed), (result, wanted)


def test_a_row_whose_largest_exponent_has_no_weight():
    given = {"z": "n", "R": "n n: binary", "h": "n: unit"}
    loss = parse("-sum(h*(z - log(R @ exp(z))))", given)
    f = lambdify((loss, gradient(loss, "z")))
    values = {"z": np.array([900.0, -900.0, 0.0]), "R": np.eye(3)[[0, 1, 1]], "h": np.ones(3)}
    value, slope = f(**values)
    assert value == pytest.approx(-900.0)
    np.testing.assert_allclose(slope, [0.0, 1.0, -1.0])


def test_running_sums_take_no_square_array():
    loss = parse("sum(y*(log(triu(ones(n, n)) @ exp(z)) - z))", {"y": "n", "z": "n"})
    f = lambdify((loss, gradient(loss, "z")))
    n = 20_000
    z = 800 + np.sin(np.arange(n))
    value, slope = f(y=np.ones(n), z=z)
    e = np.exp(z - 800)
    sums = np.cumsum(e[::-1])[::-1]
    np.testing.assert_allclose(value, np.sum(np.log(sums) + 800 - z), rtol=1e-12)
    np.testing.assert_allclose(slope, e * np.cumsum(1 / sums) - 1, rtol=1e-9)


def test_a_number_is_bounded_without_numpy():
    loss = parse("sum(y*(log(triu(ones(n, n)) @ exp(z)) - z))", {"y": "n", "z": "n"})
    f = lambdify((loss, gradient(loss, "z")), check=False)
    assert "- max(min(" in f.source
    for largest in (800, 3, -800):  # beyond the bounds and within
        z = (largest - np.arange(4)).astype(np.float32)
        value, slope = f(y=np.ones(4, np.float32), z=z)
        assert value.dtype == slope.dtype == np.float32
        wanted = [-0.35608574, -0.09787623, 0.06293137, 0.3910306]
        np.testing.assert_allclose(slope, wanted, rtol=1e-4)
    value, slope = f(y=np.ones(2), z=np.array([np.nan, 1.0]))
    assert np.isnan(value)
    assert np.isnan(slope).all()


@pytest.mark.parametrize(
    "text", ["sum(exp(z))", "sum(exp(z) - y*z)", "sum(exp(z))*sum(exp(v))", "log(sum(exp(tanh(z))))",
             "log(1 + z**2)", "exp(z)*z", "sum(y*exp(z))/sum(y)", "exp(z)/z"],
)  # fmt: skip
def test_what_has_no_quotient_of_exponentials_stays(text):
    written = parse(text, {"z": "n", "v": "n", "y": "n"})
    stable = stabilise((written,))
    assert without_exponentials(stable)[written] is stable[written] or "max" not in str(
        without_exponentials(stable)[written]
    )


def test_float32_stays_float32():
    for name, (text, given) in FAR.items():
        loss = parse(text, given)
        f = lambdify((loss, gradient(loss, "z")))
        values = {each: np.asarray(VALUES[each], np.float32) for each in given}
        if given.get("a") == ": unit":
            values["a"] = np.float32(0.25)
        values["z"] = values["z"] * np.float32(200)
        for result in f(**values):
            assert result.dtype == np.float32, name
            assert np.all(np.isfinite(result)), name


def test_a_weight_of_unknown_sign():
    f = lambdify(parse("log(sum(c*exp(z)))", {"c": "n", "z": "n"}))
    wanted = 1000 + np.log(2 - np.exp(-1.0))
    assert f(c=[2.0, -1.0, 0.0], z=[1000.0, 999.0, 1e6]) == pytest.approx(wanted, rel=1e-15)


@pytest.mark.parametrize("scale", [1.0, 2.0**660, 2.0**-660])
@pytest.mark.parametrize("text", ["norm(x)", "norm(x - y)", "sum(x/norm(x))"])
def test_hessians_of_norms_at_any_scale(text, scale):
    given = {"x": "n", "y": "n"}
    loss = parse(text, given)
    degree = 0 if "sum" in text else 1
    values = {"x": np.array([3.0, -4.0, 1.5]), "y": np.array([1.0, 2.0, 0.5])}
    names = [name for name in given if name in text.replace("norm", "")]
    h = lambdify(hessian(loss, "x"), arguments=names) if degree else lambdify(gradient(loss, "x"))
    near = h(*(values[name] for name in names))
    far = h(*(values[name] * scale for name in names))
    np.testing.assert_allclose(far * scale, near, rtol=1e-13)


def test_readings_tell_arrays_that_only_look_alike():
    given = {"x": "n", "y": "n", "A": "n n"}
    readings = Readings()
    pairs = [("(x - y)**3", "(y - x)**3"), ("x*y**2", "x**2*y"), ("A + A.T", "A - A.T"),
             ("exp(x)", "exp(-x)"), ("x + y", "x - y"), ("(x + y)**2", "(x - y)**2")]  # fmt: skip
    for one, other in pairs:
        axes = tuple(range(parse(one, given).rank))
        assert readings.of(parse(one, given), axes) != readings.of(parse(other, given), axes)
    symmetric = parse("A + A.T", given)
    assert readings.of(symmetric, (0, 1)) == readings.of(symmetric, (1, 0))
    assert readings.of(parse("A", given), (0, 1)) != readings.of(parse("A", given), (1, 0))
