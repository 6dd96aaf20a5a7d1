"""Layers against their mathematics: right ones verified, a zoo of wrong ones refuted, slips named."""

import numpy as np
import pytest

from derivations.verification.layers.check import verify_layer
from symbolic import parse
from symbolic.errors import NameUnknownError, ShapeError
from tests.numeric import layer_zoo as zoo

LINEAR = "x @ W + b", {"x": "n d", "W": "d h", "b": "h"}
RELU = "relu(x)", {"x": "n d"}
SOFTMAX = "softmax(x)", {"x": "n d"}
CENTRED = "(x - mean(x, axis=1, keepdims=True))"
LAYER_NORM = f"{CENTRED}/sqrt(mean({CENTRED}**2, axis=1, keepdims=True) + 1e-5)", {"x": "n 3"}
ATTENTION = "softmax(q @ k.T/sqrt(d)) @ v", {"q": "n d", "k": "m d", "v": "m h"}
TANH = "tanh(x @ w)", {"x": "n d", "w": "d h"}


def linear(kind, inputs=3, outputs=2):
    return kind(np.random.default_rng(0), inputs, outputs)


RIGHT = {
    "linear": (lambda: linear(zoo.Linear), *LINEAR),
    "linear of one": (lambda: linear(zoo.Linear, 1, 1), *LINEAR),
    "cleared": (lambda: linear(zoo.LinearCleared), *LINEAR),
    "relu": (zoo.Relu, *RELU),
    "softmax": (zoo.Softmax, *SOFTMAX),
    "layer norm": (zoo.LayerNorm, *LAYER_NORM),
    "attention": (lambda: (zoo.attention, zoo.attention_backward), *ATTENTION),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_layers_are_verified_by_numbers(name):
    make, f, given = RIGHT[name]
    found = verify_layer(make(), f, given)
    assert found.verdict == "verified", found
    assert found.passed
    assert set(found.arguments) == set(given)
    assert all(part.method == "floating point" for part in found.arguments.values())
    assert "by numbers only" in found.reason
    assert max(map(len, str(found).splitlines())) <= 80


WRONG = {
    "sign": (lambda: linear(zoo.LinearSign), *LINEAR, "W", "sign"),
    "transposed": (lambda: linear(zoo.LinearTransposed), *LINEAR, "W", "transposed"),
    "square": (lambda: linear(zoo.LinearTransposed, 3, 3), *LINEAR, "W", "transposed"),
    "factor": (lambda: linear(zoo.LinearInputTransposed, 3, 3), *LINEAR, "x", "transposed"),
    "no sum": (lambda: linear(zoo.LinearWithoutSum), *LINEAR, "b", "missing broadcast sum"),
    "mean": (lambda: linear(zoo.LinearMean), *LINEAR, "W", "mean for sum"),
    "ignoring": (lambda: linear(zoo.LinearIgnoring), *LINEAR, "W", "upstream gradient ignored"),
    "forgetful": (lambda: linear(zoo.LinearForgetful), *LINEAR, "b", "zero gradient"),
    "no mask": (zoo.ReluWithoutMask, *RELU, "x", "missing chain factor"),
    "added": (zoo.ReluAdding, *RELU, "x", "upstream gradient added"),
    "diagonal": (zoo.SoftmaxDiagonal, *SOFTMAX, "x", "diagonal only"),
    "variance": (zoo.LayerNormWithoutVariance, *LAYER_NORM, "x", "held constant"),
    "attention": (
        lambda: (zoo.attention, zoo.attention_backward_without_transpose),
        *ATTENTION,
        "v",
        "transposed",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_layers_are_refuted_and_their_slip_is_named(name):
    make, f, given, argument, kind = WRONG[name]
    found = verify_layer(make(), f, given)
    assert found.verdict == "refuted"
    assert found.forward.verdict == "verified"
    assert found[argument].verdict == "refuted"
    assert kind in [mistake.kind for mistake in found[argument].mistakes]
    assert found[argument].mistakes[0].repaired is found[argument].correct
    assert max(map(len, str(found).splitlines())) <= 80
    assert found.as_dict()["arguments"][argument]["verdict"] == "refuted"
    assert argument in found._repr_html_()


def test_only_the_wrong_argument_is_refuted():
    found = verify_layer(linear(zoo.LinearSign), *LINEAR)
    verdicts = {name: part.verdict for name, part in found.arguments.items()}
    assert verdicts == {"x": "verified", "W": "refuted", "b": "verified"}


@pytest.mark.parametrize(
    ("kind", "fault"),
    [(zoo.LinearAdding, "adds up over calls"), (zoo.LinearStale, "stale cache")],
)
def test_faults_of_memory_refute(kind, fault):
    found = verify_layer(linear(kind), *LINEAR)
    assert found.verdict == "refuted"
    assert fault in found.faults[0]
    assert all(part.verdict == "verified" for part in found.arguments.values())


def test_adding_up_may_be_meant():
    assert verify_layer(linear(zoo.LinearAdding), *LINEAR, accumulates=True).passed


def test_a_forward_that_computes_something_else_refutes():
    found = verify_layer(linear(zoo.Linear), "x @ W - b", LINEAR[1])
    assert (found.verdict, found.forward.verdict) == ("refuted", "refuted")
    assert found.reason.startswith("forward")


def test_a_layer_is_never_changed():
    layer = linear(zoo.Linear)
    before = layer.W.copy()
    verify_layer(layer, *LINEAR)
    assert np.array_equal(layer.W, before)
    assert not hasattr(layer, "dW")


# --- matching ------------------------------------------------------------------------------------


def test_sizes_are_varied_where_no_parameter_fixes_them():
    found = verify_layer(linear(zoo.Linear), *LINEAR)
    sizes = found["x"].sizes
    assert {each["d"] for each in sizes} == {3}
    assert {each["n"] for each in sizes} >= {1}
    assert len({each["n"] for each in sizes}) >= 3


def test_parameters_inside_of_other_layers_are_named():
    network = zoo.Network(np.random.default_rng(0))
    given = {"x": "n d", "W_1": "d h", "b_1": "h", "W_2": "h k", "b_2": "k"}
    places = {
        f"{name}_{number}": (f"layers.{place}.{name}", f"layers.{place}.d{name}")
        for number, place in ((1, 0), (2, 2))
        for name in "Wb"
    }
    f = "relu(x @ W_1 + b_1) @ W_2 + b_2"
    assert verify_layer(network, f, given, parameters=places).passed
    wrong = zoo.Network(np.random.default_rng(0), zoo.ReluWithoutMask)
    found = verify_layer(wrong, f, given, parameters=places)
    verdicts = {name: part.verdict for name, part in found.arguments.items()}
    wanted = {"x": "refuted", "W_1": "refuted", "b_1": "refuted"}
    assert verdicts == {**wanted, "W_2": "verified", "b_2": "verified"}


def test_names_of_the_mathematics_may_differ():
    assert verify_layer(zoo.Softmax(), "softmax(Z)", {"Z": "n d"}).passed
    pair = zoo.attention, zoo.attention_backward
    given = {"Q": "n d", "K": "m d", "V": "m h"}
    assert verify_layer(pair, "softmax(Q @ K.T/sqrt(d)) @ V", given).passed


def test_the_mathematics_may_be_an_expression():
    assert verify_layer(zoo.Softmax(), parse(*SOFTMAX)).passed


def test_numbers_that_a_layer_holds_are_constants():
    class Leaky:
        slope = 0.125

        def forward(self, x):
            self.x = x
            return np.where(x > 0, x, self.slope * x)

        def backward(self, upstream):
            return upstream * np.where(self.x > 0, 1, self.slope)

    found = verify_layer(Leaky(), "where(x > 0, x, slope*x)", {"slope": "", "x": "n"})
    assert found.passed
    assert list(found.arguments) == ["x"]


def test_variables_that_are_left_over_are_refused():
    with pytest.raises(NameUnknownError, match="parameters="):
        verify_layer(zoo.Softmax(), "softmax(x*t)", {"x": "n d", "t": ""})
    with pytest.raises(NameUnknownError, match="wrt='z'"):
        verify_layer(zoo.Softmax(), *SOFTMAX, wrt="z")
    with pytest.raises(NameUnknownError, match="the layer holds"):
        verify_layer(linear(zoo.Linear), *LINEAR, parameters={"W": ("V", "dV")})
    with pytest.raises(ShapeError):
        verify_layer(linear(zoo.Linear), "x @ W + b", {"x": "n d", "W": "d d", "b": "d"})


# --- gradients that are not given ----------------------------------------------------------------


def squares(x, y):
    return 0.5 * np.sum((x - y) ** 2), (x, y)


def squares_backward(upstream, cache):
    x, y = cache
    return upstream * (x - y), None


def test_a_gradient_that_is_not_given_is_undecided_unless_it_is_left_out():
    f, given = "0.5*norm(x - y)**2", {"x": "n", "y": "n"}
    found = verify_layer((squares, squares_backward), f, given)
    assert found.verdict == "undecided"
    assert found["y"].method == "not given"
    assert "leave it out by wrt" in found["y"].reason
    assert verify_layer((squares, squares_backward), f, given, wrt="x").passed

    def alone(upstream, cache):
        return squares_backward(upstream, cache)[0]

    assert verify_layer((squares, alone), f, given, wrt=["x"]).passed


def test_a_backward_that_raises_leaves_it_undecided():
    class Broken(zoo.Relu):
        def backward(self, upstream):
            raise KeyError("mask")

    found = verify_layer(Broken(), *RELU)
    assert found.verdict == "undecided"
    assert "it raises KeyError" in found["x"].reason


def test_single_precision_is_judged_as_such():
    class Narrow:
        def forward(self, x):
            self.x = x.astype(np.float32)
            return np.tanh(self.x)

        def backward(self, upstream):
            return upstream * (1 - np.tanh(self.x) ** 2)

    class Off(Narrow):
        def backward(self, upstream):
            return 1.001 * super().backward(upstream)

    assert verify_layer(Narrow(), "tanh(x)", {"x": "n"}).passed
    assert verify_layer(Off(), "tanh(x)", {"x": "n"}).verdict == "refuted"


# --- libraries -----------------------------------------------------------------------------------


def test_functions_of_torch():
    torch = pytest.importorskip("torch", reason="PyTorch is no part of the test extra")

    class Right(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.save_for_backward(x, w)
            return torch.tanh(x @ w)

        @staticmethod
        def backward(ctx, upstream):
            x, w = ctx.saved_tensors
            g = upstream * (1 - torch.tanh(x @ w) ** 2)
            return g @ w.T, x.T @ g

    class WithoutSlope(Right):
        @staticmethod
        def backward(ctx, upstream):
            x, w = ctx.saved_tensors
            return upstream @ w.T, x.T @ upstream

    class Partly(Right):
        @staticmethod
        def backward(ctx, upstream):
            return Right.backward(ctx, upstream)[0], None

    class Turned(Right):
        @staticmethod
        def backward(ctx, upstream):
            first, second = Right.backward(ctx, upstream)
            return first, second.T

    assert verify_layer(Right, *TANH).passed
    found = verify_layer(WithoutSlope, *TANH)
    assert found["w"].mistakes[0].kind == "missing chain factor"
    assert verify_layer(Partly, *TANH)["w"].verdict == "undecided"
    assert verify_layer(Partly, *TANH, wrt="x").passed
    assert verify_layer(Turned, *TANH).verdict == "refuted"
    module = torch.nn.Linear(3, 2)
    f, given = "input @ weight.T + bias", {"input": "n d", "weight": "h d", "bias": "h"}
    assert verify_layer(module, f, given).passed
    places = {"W": "weight", "b": "bias"}
    with pytest.raises(ShapeError, match="size h is 2 here and 3 in W"):
        verify_layer(module, *LINEAR, parameters=places)
    turned = {"x": "n d", "W": "h d", "b": "h"}
    assert verify_layer(module, "x @ W.T + b", turned, parameters=places).passed


def test_rules_of_jax():
    jax = pytest.importorskip("jax", reason="JAX is an optional library of arrays")

    def rule(sign):
        @jax.custom_vjp
        def layer(x, w):
            return jax.numpy.tanh(x @ w)

        def forward(x, w):
            out = jax.numpy.tanh(x @ w)
            return out, (x, w, out)

        def backward(kept, upstream):
            x, w, out = kept
            g = upstream * (1 - out**2)
            return g @ w.T, sign * x.T @ g

        layer.defvjp(forward, backward)
        return layer

    assert verify_layer(rule(1), *TANH).passed
    found = verify_layer(rule(-1), *TANH)
    assert found["x"].verdict == "verified"
    assert [mistake.kind for mistake in found["w"].mistakes] == ["sign"]


# --- random mutations of a right backward --------------------------------------------------------


def tanh_layer(x, w):
    out = np.tanh(x @ w)
    return out, (x, w, out)


MUTATIONS = [
    lambda x, w, out, g: (g * (1 - out)) @ w.T,
    lambda x, w, out, g: (g * out) @ w.T,
    lambda x, w, out, g: g @ w.T,
    lambda x, w, out, g: (g * (1 + out**2)) @ w.T,
    lambda x, w, out, g: (g * (1 - np.tanh(out) ** 2)) @ w.T,
    lambda x, w, out, g: (np.sign(g) * (1 - out**2)) @ w.T,
    lambda x, w, out, g: (g * (1 - out**2)) @ np.abs(w).T,
    lambda x, w, out, g: (g * (1 - out**2)) @ w.T / len(g),
    lambda x, w, out, g: (g * (1 - out**2) * (g > -3)) @ w.T,
    lambda x, w, out, g: (g * (1 - out**2)) @ w.T * (1 + 1e-6),
    lambda x, w, out, g: (g * (1 - out**2)) @ w.T + 1e-7,
    lambda x, w, out, g: (g * (1 - out**2)) @ w.T + (len(g) > 1) * x,
]


@pytest.mark.parametrize("number", range(len(MUTATIONS)))
def test_mutations_of_a_right_backward_are_refuted(number):
    def backward(upstream, cache):
        x, w, out = cache
        return MUTATIONS[number](x, w, out, upstream), x.T @ (upstream * (1 - out**2))

    found = verify_layer((tanh_layer, backward), *TANH, seed=number)
    assert found["x"].verdict == "refuted", f"seed {number}: {found}"
    assert found["w"].verdict == "verified"
