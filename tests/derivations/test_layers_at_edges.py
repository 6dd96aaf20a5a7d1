"""Code that is wrong at single points, as zeros, ties and integers, or at some scale only."""

import numpy as np
import pytest

from derivations import verify_gradient
from derivations.verification.layers.check import verify_layer

GIVEN = {"x": "n"}


def layer(forward, backward):
    """A layer whose backward gets the upstream gradient and the input."""

    class Layer:
        def forward(self, x):
            self.x = x
            return forward(x)

        def backward(self, upstream):
            with np.errstate(all="ignore"):
                return backward(upstream, self.x)

    return Layer()


def relu(x):
    return np.maximum(x, 0)


def off(where):
    """The square, whose gradient is a tenth too large somewhere."""
    return layer(np.square, lambda g, x: 2 * x * g * np.where(where(x), 1.1, 1.0))


WRONG = {
    "7 at 0": (layer(relu, lambda g, x: g * np.where(x == 0, 7, x > 0)), "relu(x)"),
    "nan at 0": (layer(relu, lambda g, x: g * relu(x) / x), "relu(x)"),
    "inf at 0": (layer(relu, lambda g, x: g * np.where(x == 0, np.inf, x > 0)), "relu(x)"),
    "sum of ties": (
        layer(
            np.max,
            lambda g, x: g * (x == x.max()) * np.where(np.sum(x == x.max()) > 1, -1, 1),
        ),
        "max(x)",
    ),
    "product": (layer(np.prod, lambda g, x: g * np.prod(x) / x), "prod(x)"),
    "at integers": (off(lambda x: x == np.round(x)), "x**2"),
    "above 50": (off(lambda x: x > 50), "x**2"),
    "above 5000": (off(lambda x: x > 5000), "x**2"),
    "below -5000": (off(lambda x: x < -5000), "x**2"),
    "near 0": (off(lambda x: np.abs(x) < 0.002), "x**2"),
    "beside a large entry": (off(lambda x: np.max(np.abs(x)) > 900), "x**2"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_places_is_refuted_there(name):
    made, f = WRONG[name]
    found = verify_layer(made, f, GIVEN)
    assert found["x"].verdict == "refuted"
    assert found["x"].counterexample is not None


def test_a_forward_that_is_wrong_for_large_inputs_is_refuted():
    made = layer(lambda x: np.where(x > 2000, 1.1, 1.0) * x**2, lambda g, x: 2 * x * g)
    assert verify_layer(made, "x**2", GIVEN).forward.verdict == "refuted"


def test_wrong_for_some_scalars_only():
    assert verify_layer(off(lambda x: x > 5000), "x**2", {"x": ""}).verdict == "refuted"
    assert verify_layer(off(lambda x: x < -5000), "x**2", {"x": ""}).verdict == "refuted"


RIGHT = {
    "relu": (layer(relu, lambda g, x: g * (x > 0)), "relu(x)"),
    "abs": (layer(np.abs, lambda g, x: g * np.sign(x)), "abs(x)"),
    "softplus": (
        layer(lambda x: np.logaddexp(0, x), lambda g, x: g / (1 + np.exp(-x))),
        "softplus(x)",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_range_that_was_tried_is_stated(name):
    made, f = RIGHT[name]
    found = verify_layer(made, f, GIVEN)
    assert found.passed
    assert "entries tried: 0, and 0.001 to 1.3e+04 in size, of both signs" in found.reason
    assert "entries tried" in found["x"].reason
    assert not found.notes


def test_the_range_ends_where_the_code_overflows():
    def softmax(x):
        with np.errstate(all="ignore"):
            return np.exp(x) / np.sum(np.exp(x))

    made = layer(softmax, lambda g, x: softmax(x) * (g - softmax(x) @ g))
    found = verify_layer(made, "softmax(x)", GIVEN)
    assert found.passed
    largest = float(found.reason.split(" in size")[0].split(" to ")[-1])
    assert 50 < largest < 1000


@pytest.mark.parametrize(("at_zero", "told"), [(1.0, True), (0.5, True), (0.0, False)])
def test_another_convention_is_noted(at_zero, told):
    made = layer(relu, lambda g, x: g * np.where(x == 0, at_zero, x > 0))
    found = verify_layer(made, "relu(x)", GIVEN)
    assert found.passed
    assert bool(found.notes) == told
    if told:
        words = f"the code takes {at_zero:g}, the convention here 0"
        assert words in found.notes[0]
        assert words in found["x"].notes[0]


FUNCTIONS = ["sum(relu(x))", lambda x: np.sum(relu(x))]


@pytest.mark.parametrize("f", FUNCTIONS, ids=["text", "function"])
def test_functions_are_tried_at_kinks_and_scales(f):
    assert verify_gradient(f, "x", lambda x: np.where(x >= 0, 1.0, 0.0), GIVEN).passed
    for wrong in (
        lambda x: np.where(x == 0, 7.0, x > 0),
        lambda x: np.where(x == 0, np.nan, x > 0),
        lambda x: np.where(x > 5000, 1.1, x > 0),
    ):
        assert verify_gradient(f, "x", wrong, GIVEN).verdict == "refuted"
