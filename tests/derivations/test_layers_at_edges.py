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


# --- points without a value or a slope -----------------------------------------------------------

RESIDUAL = {"X": "n d", "w": "d", "y": "n"}


def normalized(x):
    with np.errstate(all="ignore"):
        return x / np.linalg.norm(x)


def normalized_backward(part):
    return lambda g, x: (g - part(x) * normalized(x) * (normalized(x) @ g)) / np.linalg.norm(x)


def distance(X, w, y):
    return np.linalg.norm(X @ w - y)


def slope_of_distance(X, w, y):
    return X.T @ normalized(X @ w - y)


def test_where_forward_has_no_value_backward_may_have_none():
    found = verify_layer(layer(normalized, normalized_backward(np.ones_like)), "x/norm(x)", GIVEN)
    assert found.passed
    assert any("x = [0., 0., 0., 0.], as f is not finite there" in note for note in found.notes)


@pytest.mark.parametrize(
    "part", [lambda x: 1.01, lambda x: np.where(x == 0, np.nan, 1.0)], ids=["factor", "nan at a 0"]
)
def test_elsewhere_it_is_wrong(part):
    found = verify_layer(layer(normalized, normalized_backward(part)), "x/norm(x)", GIVEN)
    assert found.verdict == "refuted"


@pytest.mark.parametrize("f", ["norm(X @ w - y)", distance], ids=["text", "function"])
def test_a_slope_that_has_no_value_at_a_kink_need_not_be_given(f):
    assert verify_gradient(f, "w", slope_of_distance, RESIDUAL).passed

    def lost(X, w, y):
        return slope_of_distance(X, w, y) * np.where(np.any(w == 0), np.nan, 1.0)

    assert verify_gradient(f, "w", lost, RESIDUAL).verdict == "refuted"


@pytest.mark.parametrize("f", ["norm(x)", lambda x: np.linalg.norm(x)], ids=["text", "function"])
def test_of_a_norm_at_0(f):
    assert verify_gradient(f, "x", normalized, GIVEN).passed

    def five(x):
        return normalized(x) if np.any(x) else 5 * np.ones_like(x)

    assert verify_gradient(f, "x", five, GIVEN).verdict == "refuted"


def test_code_has_a_slope_at_kinks_of_single_entries():
    def claim(x):
        return np.where(x == 0, np.nan, np.sign(x))

    assert verify_gradient(lambda x: np.sum(np.abs(x)), "x", claim, GIVEN).verdict == "refuted"


@pytest.mark.parametrize("f", ["prod(x)", lambda x: np.prod(x)], ids=["text", "function"])
def test_a_slope_that_exists_has_to_be_given(f):
    assert verify_gradient(f, "x", lambda x: np.prod(x) / x, GIVEN).verdict == "refuted"


def test_a_choice_at_a_tie_is_said_to_be_compared_entry_by_entry():
    made = layer(np.max, lambda g, x: g * (x == x.max()))
    found = verify_layer(made, "max(x)", GIVEN)
    assert any("each entry was compared alone, not all together" in note for note in found.notes)
    scalar = layer(np.abs, lambda g, x: g * np.where(x < 0, -1.0, 1.0))
    (note,) = verify_layer(scalar, "abs(x)", {"x": ""}).notes
    assert "the code takes" in note
    assert "alone" not in note
