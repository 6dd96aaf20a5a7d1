"""Right layers pass, wrong ones fail and are named, and what cannot be told is not told."""

import numpy as np
import pytest

from numeric.checks import LayerCheck, check_layer
from symbolic.errors import DataError, NameUnknownError, ShapeError, UnsupportedError
from tests.numeric import layer_zoo as zoo


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def right_layers(rng):
    x = rng.normal(size=(4, 3))
    return {
        "linear": (zoo.Linear(rng, 3, 2), x),
        "cleared": (zoo.LinearCleared(rng, 3, 2), x),
        "relu": (zoo.Relu(), x),
        "relu in place": (zoo.ReluInPlace(), x),
        "softmax": (zoo.Softmax(), x),
        "batch norm": (zoo.BatchNorm(rng, 3), x),
        "layer norm": (zoo.LayerNorm(), x),
        "convolution": (zoo.Convolution(rng, 3), rng.normal(size=(2, 6))),
        "embedding": (zoo.Embedding(rng, 5, 2), np.array([1, 3, 1])),
        "dropout": (zoo.Dropout(rng), x),
        "network": (zoo.Network(rng), x),
        "attention": ((zoo.attention, zoo.attention_backward), tuple(rng.normal(size=(3, 3, 2)))),
        "lstm": ((zoo.lstm, zoo.lstm_backward), lstm_arguments(rng)),
        "functions": ((np.exp, lambda v, x: v * np.exp(x)), x),
    }


def lstm_arguments(rng):
    x, h, c = rng.normal(size=(2, 3)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
    return x, h, c, rng.normal(size=(5, 8))


def wrong_layers(rng):
    """Each with the arguments that are wrong, and a word of the mistakes ("" if it has no name)."""
    x = rng.normal(size=(4, 3))
    return {
        "sign": (zoo.LinearSign(rng, 3, 2), x, {"W"}, "W: sign"),
        "transposed": (zoo.LinearTransposed(rng, 3, 2), x, {"W"}, "W: transposed"),
        "transposed, square": (zoo.LinearTransposed(rng, 3, 3), x, {"W"}, "W: transposed"),
        "input": (zoo.LinearInputTransposed(rng, 3, 3), x, {"x"}, "x: transposed"),
        "sum": (zoo.LinearWithoutSum(rng, 3, 2), x, {"b"}, "b: sum over the batch is missing"),
        "mean": (zoo.LinearMean(rng, 3, 2), x, {"W"}, "W: mean over the batch of 4"),
        "ignored": (zoo.LinearIgnoring(rng, 3, 2), x, {"x", "W", "b"}, "upstream gradient ignored"),
        "added": (zoo.ReluAdding(), x, {"x"}, "upstream gradient added where it multiplies"),
        "forgetful": (zoo.LinearForgetful(rng, 3, 2), x, {"b"}, "b: never written"),
        "mask": (zoo.ReluWithoutMask(), abs(x) * [1, -1, -1], {"x"}, "x: wrong where x <"),
        "diagonal": (zoo.SoftmaxDiagonal(), x, {"x"}, ""),
        "means": (zoo.BatchNormWithoutMeans(rng, 3), x, {"x"}, ""),
        "variance": (zoo.LayerNormWithoutVariance(), x, {"x"}, ""),
        "not flipped": (zoo.ConvolutionNotFlipped(rng, 3), rng.normal(size=(2, 6)), {"x"}, ""),
        "repeats": (zoo.EmbeddingWithoutRepeats(rng, 5, 2), np.array([1, 3, 1]), {"table"}, ""),
        "network": (
            zoo.Network(rng, zoo.ReluWithoutMask), x, {"x", "layers.0.W", "layers.0.b"}, "",
        ),
        "attention": (
            (zoo.attention, zoo.attention_backward_without_transpose),
            tuple(rng.normal(size=(3, 3, 2))), {"v"}, "",
        ),
        "gate": ((zoo.lstm, zoo.lstm_backward_without_a_gate), lstm_arguments(rng),
                 {"x", "h", "W"}, "W: wrong in index 2 to 3 of axis 1"),
    }  # fmt: skip


@pytest.mark.parametrize("seed", [0])
def test_right_layers_pass(seed):
    for name, (layer, x) in right_layers(np.random.default_rng(seed)).items():
        found = check_layer(layer, x, seed=seed)
        assert found.verdict == "pass", f"{name}, seed {seed}:\n{found}"
        assert not found.mistakes


@pytest.mark.parametrize("seed", [1])
def test_wrong_layers_fail_where_they_are_wrong(seed):
    for name, (layer, x, wrong, mistake) in wrong_layers(np.random.default_rng(seed)).items():
        found = check_layer(layer, x, seed=seed)
        assert found.verdict == "fail", f"{name}, seed {seed}:\n{found}"
        failed = {argument for argument in found.arguments if found[argument].verdict == "fail"}
        assert failed == wrong, f"{name}, seed {seed}:\n{found}"
        assert mistake in "; ".join(found.mistakes), f"{name}, seed {seed}:\n{found}"


def test_every_parameter_is_found(rng):
    for layer, names in (
        (zoo.Linear(rng, 3, 2), ("x", "W", "b")),
        (zoo.BatchNorm(rng, 3), ("x", "gamma", "beta")),
        (zoo.Convolution(rng, 2), ("x", "w")),
        (zoo.Network(rng), ("x", "layers.0.W", "layers.0.b", "layers.2.W", "layers.2.b")),
    ):
        assert check_layer(layer, rng.normal(size=(1, 3))).arguments == names


class Lists:
    """Parameters and gradients in two lists."""

    def __init__(self, rng):
        self.params = [rng.normal(size=(3, 2)), rng.normal(size=2)]
        self.grads = [np.zeros((3, 2)), np.zeros(2)]

    def forward(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, upstream):
        self.grads[0][...], self.grads[1][...] = self.x.T @ upstream, -upstream.sum(axis=0)
        return upstream @ self.params[0].T


class Clash:
    """A parameter with the name of the input, and a time step that is no gradient."""

    def __init__(self, rng):
        self.x, self.dx = rng.normal(size=3), None
        self.t, self.dt = np.linspace(0, 1, 3), 0.5

    def forward(self, x):
        self.seen = x
        return x * self.x + self.t

    def backward(self, upstream):
        self.dx = (upstream * self.seen).sum(axis=0)
        return upstream * self.x


class Parameter:
    def __init__(self, data):
        self.data, self.grad = data, None


class Objects:
    """Parameters that are objects with their gradient."""

    def __init__(self, rng):
        self.weight = Parameter(rng.normal(size=(3, 2)))

    def parameters(self):
        return [self.weight]

    def forward(self, x):
        self.x = x
        return np.tanh(x) @ self.weight.data

    def backward(self, upstream):
        self.weight.grad = np.tanh(self.x).T @ upstream
        return upstream @ self.weight.data.T


def test_other_conventions(rng):
    x = rng.normal(size=(4, 3))
    lists = check_layer(Lists(rng), x)
    assert lists.mistakes == ("params.1: sign",)
    assert lists["params.0"].verdict == "pass"
    clash = check_layer(Clash(rng), x)
    assert (clash.verdict, clash.arguments) == ("inconclusive", ("x", "self.x"))
    assert clash.reason.startswith("t moves the output, and has no gradient")
    told = check_layer(Clash(rng), x, parameters={"x": "dx"})
    assert (told.verdict, told.notes) == ("pass", ())
    objects = check_layer(Objects(rng), x)
    assert len(objects.arguments) == 2
    assert [check.verdict for check in objects.checks] == ["fail", "pass"]


def test_parameters_by_name(rng):
    x = rng.normal(size=(4, 3))
    only = check_layer(zoo.LinearSign(rng, 3, 2), x, parameters={"b": "db"})
    assert (only.verdict, only.arguments) == ("pass", ("x", "b"))
    named = check_layer(zoo.Convolution(rng, 2), x, parameters={"params.w": "grads.w"})
    assert (named.verdict, named.arguments) == ("pass", ("x", "params.w"))
    missing = check_layer(zoo.Linear(rng, 3, 2), x, parameters={"b": "slope_of_b"})
    assert (missing.verdict, missing.mistakes) == ("fail", ("b: missing",))
    with pytest.raises(NameUnknownError, match="Linear has no 'V'"):
        check_layer(zoo.Linear(rng, 3, 2), x, parameters={"V": "dV"})
    with pytest.raises(DataError, match="parameters: str is no mapping"):
        check_layer(zoo.Linear(rng, 3, 2), x, parameters="W")


def test_a_confident_log_softmax_passes():
    """Its output near 0 is made large by the upstream gradient, and so is its rounding."""

    def forward(x):
        z = x - x.max(-1, keepdims=True)
        return z - np.log(np.exp(z).sum(-1, keepdims=True))

    def backward(upstream, x):
        return upstream - np.exp(forward(x)) * upstream.sum(-1, keepdims=True)

    for seed in range(8):
        x = np.random.default_rng(seed).normal(size=(2, 5)) * 30
        assert check_layer((forward, backward), x).verdict != "fail", f"seed {seed}"


def test_memory_between_calls(rng):
    x = rng.normal(size=(4, 3))
    adding = check_layer(zoo.LinearAdding(rng, 3, 2), x)
    assert adding.verdict == "fail"
    assert adding.mistakes[0] == "W: the gradient adds up over calls of backward"
    assert {check.verdict for check in adding.checks} == {"pass"}
    assert check_layer(zoo.LinearAdding(rng, 3, 2), x, accumulates=True).verdict == "pass"
    cleared = zoo.LinearCleared(rng, 3, 2)
    cleared.forward(x)
    cleared.backward(np.ones((4, 2)))  # gradients of an earlier call are there
    assert check_layer(cleared, x).verdict == "pass"
    stale = check_layer(zoo.LinearStale(rng, 3, 2), x)
    assert stale.verdict == "fail"
    assert stale.mistakes == ("W: stale cache, backward uses an earlier forward",)


def test_changes_in_place_are_reported_and_judged_by_the_gradient(rng):
    x = rng.normal(size=(4, 3))
    upstream = check_layer(zoo.ReluInPlace(), x)
    assert upstream.verdict == "pass"
    assert upstream.notes == ("backward changes the upstream gradient in place",)
    given = check_layer(zoo.ReluOfInput(), x)
    assert "forward changes x in place" in given.notes


def test_a_layer_with_a_random_forward_is_inconclusive():
    class Random(zoo.Dropout):
        def __init__(self):
            pass

        def forward(self, x):
            self.mask = np.random.default_rng().random(x.shape) > 0.5
            return x * self.mask

    found = check_layer(Random(), np.ones((4, 3)))
    assert found.verdict == "inconclusive"
    assert "another output each time" in found.reason


def test_random_numbers_of_numpy_are_repeated_and_left_as_they_were():
    class Shared(zoo.Dropout):
        def __init__(self):
            pass

        def forward(self, x):
            self.mask = np.random.random(x.shape) > 0.5
            return x * self.mask

    before = np.random.get_state()[1].copy()
    assert check_layer(Shared(), np.ones((4, 3)) * 0.7).verdict == "pass"
    assert np.array_equal(before, np.random.get_state()[1])


def test_the_layer_and_the_point_are_not_changed(rng):
    layer, x = zoo.LinearAdding(rng, 3, 2), rng.normal(size=(4, 3))
    W, kept = layer.W.copy(), x.copy()
    check_layer(layer, x)
    assert np.array_equal(layer.W, W)
    assert not np.any(layer.dW)
    assert not hasattr(layer, "x")
    assert np.array_equal(x, kept)


def test_float32_has_float32_bars(rng):
    layer, x = zoo.Linear(rng, 3, 2), rng.normal(size=(4, 3)).astype(np.float32)
    layer.W, layer.b = layer.W.astype(np.float32), layer.b.astype(np.float32)
    found = check_layer(layer, x)
    assert found.verdict == "pass"
    assert found["W"].bar > 1e-7
    wrong = zoo.LinearSign(rng, 3, 2)
    wrong.W, wrong.b = wrong.W.astype(np.float32), wrong.b.astype(np.float32)
    assert check_layer(wrong, x).mistakes == ("W: sign",)


def test_a_large_layer_is_checked_along_directions(rng):
    layer, x = zoo.Linear(rng, 30, 20), rng.normal(size=(8, 30))
    found = check_layer(layer, x)
    assert found.verdict == "pass"
    assert found.evaluations < 3000

    class OneEntry(zoo.Linear):
        def backward(self, upstream):
            gradient = super().backward(upstream)
            self.dW[7, 11] *= 1.01
            return gradient

    wrong = check_layer(OneEntry(rng, 30, 20), x)
    assert wrong.verdict == "fail"
    assert wrong["W"].entries == ((7, 11),)
    assert wrong["x"].verdict == "pass"


def test_nan_never_passes(rng):
    class Poisoned(zoo.Linear):
        def backward(self, upstream):
            gradient = super().backward(upstream)
            self.db = self.db * np.nan
            return gradient

    found = check_layer(Poisoned(rng, 3, 2), rng.normal(size=(4, 3)))
    assert found["b"].verdict == "fail"
    both = check_layer((lambda x: x * np.nan, lambda v: v * np.nan), np.ones((2, 2)))
    assert both.verdict == "inconclusive"


def test_relu_at_zero_accepts_subgradients():
    x = np.array([[0.0, 1.0, -1.0]])
    found = check_layer(zoo.Relu(), x)
    assert found.verdict == "pass"
    assert any("kink" in note for note in found.notes)
    seven = (lambda x: np.maximum(x, 0), lambda v, x: v * np.where(x == 0, 7, x > 0))
    assert check_layer(seven, x).verdict == "fail"


def test_shapes_are_explained(rng):
    def wrong(upstream, x, b):
        return upstream[:2], upstream.sum(axis=0, keepdims=True)

    arguments = (rng.normal(size=(4, 3)), rng.normal(size=3))
    found = check_layer((lambda x, b: x + b, wrong), arguments)
    assert found.verdict == "fail"
    assert "shape (2, 3) where x has (4, 3)" in found["x"].reason
    assert "(1, 3) where b has (3,)" in found["b"].reason
    with pytest.raises(ShapeError, match=r"it returns 1 gradients for 2 arguments \(x, b\)"):
        check_layer((lambda x, b: x + b, lambda v, x, b: v), arguments)


def test_what_is_no_layer_is_refused(rng):
    with pytest.raises(UnsupportedError, match="without forward and backward"):
        check_layer(np.tanh, rng.normal(size=3))
    with pytest.raises(UnsupportedError, match="backward needs 2 arguments"):
        check_layer((lambda x, y, z: x, lambda v, cache: v), tuple(rng.normal(size=(3, 2))))


def test_chance_is_not_named(rng):
    """Upstream gradients are signs, so that few wrong entries fit many a slip."""

    class OtherAxis(zoo.Linear):
        def backward(self, upstream):
            gradient = super().backward(upstream)
            self.db = upstream.sum(axis=1)[:2]
            return gradient

    found = check_layer(OtherAxis(rng, 3, 2), rng.normal(size=(4, 3)))
    assert (found["b"].verdict, found.mistakes) == ("fail", ())


def test_a_forgotten_gradient_is_no_pass(rng):
    class NoBias(zoo.Linear):
        def backward(self, upstream):
            self.dW = self.x.T @ upstream
            return upstream @ self.W.T

    found = check_layer(NoBias(rng, 3, 2), rng.normal(size=(4, 3)))
    assert (found.verdict, found.arguments) == ("inconclusive", ("x", "W"))
    assert found.reason.startswith("b moves the output")


def test_text_and_table(rng):
    found = check_layer(zoo.Network(rng, zoo.ReluWithoutMask), rng.normal(size=(2, 3)))
    assert isinstance(found, LayerCheck)
    lines = str(found).splitlines()
    assert max(map(len, lines)) < 80
    assert lines[0] == "layer check: fail (Network)"
    assert "layers.0.W" in found._repr_html_()
    with pytest.raises(NameUnknownError, match="the arguments are x, "):
        found["U"]
    runs = [check_layer(zoo.Softmax(), np.eye(3), seed=5) for _ in range(2)]
    assert runs[0] == runs[1]
