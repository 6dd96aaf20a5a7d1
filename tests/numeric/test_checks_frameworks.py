"""Layers of PyTorch and JAX, right and wrong. Neither is imported by the package itself."""

import subprocess
import sys

import numpy as np
import pytest

from numeric.checks import check_jacobian, check_layer, check_vjp


@pytest.fixture(scope="module")
def torch():
    library = pytest.importorskip("torch")
    before = library.get_num_threads()
    library.set_num_threads(1)  # the layers are small
    yield library
    library.set_num_threads(before)


@pytest.fixture(scope="module")
def jax():
    return pytest.importorskip("jax")


def linear_function(torch, backward):
    class Linear(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, W, b):
            ctx.save_for_backward(x, W)
            return x @ W.T + b

    Linear.backward = staticmethod(backward)
    return Linear


def right(ctx, g):
    x, W = ctx.saved_tensors
    return g @ W, g.T @ x, g.sum(0)


BACKWARDS = {
    "W: transposed": lambda ctx, g: (right(ctx, g)[0], right(ctx, g)[1].T, right(ctx, g)[2]),
    "b: missing": lambda ctx, g: (*right(ctx, g)[:2], None),
    "b: factor 2": lambda ctx, g: (*right(ctx, g)[:2], 2 * right(ctx, g)[2]),
    "W: mean over the batch of 5": lambda ctx, g: (
        right(ctx, g)[0],
        right(ctx, g)[1] / 5,
        right(ctx, g)[2],
    ),
    "upstream gradient ignored": lambda ctx, g: right(ctx, g / g),
}


def test_autograd_functions(torch):
    torch.manual_seed(0)
    arguments = torch.randn(5, 3), torch.randn(3, 3), torch.randn(3)
    found = check_layer(linear_function(torch, right), arguments)
    assert (found.verdict, found.arguments) == ("pass", ("x", "W", "b")), str(found)
    assert found.notes == ("promoted to float64",)
    for mistake, backward in BACKWARDS.items():
        wrong = check_layer(linear_function(torch, backward), arguments)
        assert wrong.verdict == "fail", f"{mistake}:\n{wrong}"
        assert mistake in wrong.mistakes[0], str(wrong)
    assert arguments[0].grad is None


def test_what_torch_refuses_fails_with_its_words(torch):
    wrong = linear_function(torch, BACKWARDS["W: transposed"])
    found = check_layer(wrong, (torch.randn(5, 3), torch.randn(2, 3), torch.randn(2)))
    assert found.verdict == "fail"
    assert "invalid gradient at index 1" in found.reason
    assert max(map(len, str(found).splitlines())) < 80


def test_contexts_constants_and_narrow_functions(torch):
    class Scale(torch.autograd.Function):
        @staticmethod
        def forward(x, power):
            return x**power

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(inputs[0])
            ctx.power = inputs[1]

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * ctx.power * x ** (ctx.power - 1), None

    x = torch.rand(4) + 0.5
    found = check_layer(Scale, (x, 3))
    assert (found.verdict, found.arguments) == ("pass", ("x",))

    class Narrow(Scale):
        @staticmethod
        def forward(x, power):
            return x.float() ** power

    narrow = check_layer(Narrow, (x, 3))
    assert narrow.verdict != "fail"
    assert "it does not run in float64" in narrow.notes[0]

    class InPlace(Scale):
        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g.mul_(ctx.power * x ** (ctx.power - 1)), None

    changed = check_layer(InPlace, (x, 3))
    assert changed.verdict == "pass"
    assert "backward changes the upstream gradient in place" in changed.notes


def test_modules(torch):
    torch.manual_seed(1)

    class Module(torch.nn.Module):
        def __init__(self, backward):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.randn(2, 3))
            self.bias = torch.nn.Parameter(torch.randn(2))
            self.drop = torch.nn.Dropout(0.5)
            self.function = linear_function(torch, backward)

        def forward(self, x):
            return self.drop(self.function.apply(torch.tanh(x), self.weight, self.bias))

    x = torch.randn(5, 3)
    module = Module(right)
    found = check_layer(module, x)
    assert (found.verdict, found.arguments) == ("pass", ("x", "weight", "bias")), str(found)
    assert module.weight.dtype == torch.float32
    assert module.weight.grad is None
    wrong = check_layer(Module(BACKWARDS["b: factor 2"]), x)
    assert (wrong.verdict, wrong.mistakes) == ("fail", ("bias: factor 2",))
    recurrent = check_layer(torch.nn.GRU(2, 2), torch.randn(3, 1, 2))
    assert recurrent.verdict == "pass", str(recurrent)
    embedding = check_layer(torch.nn.Embedding(4, 2), torch.tensor([1, 3, 1]))
    assert (embedding.verdict, embedding.arguments) == ("pass", ("weight",))


def tanh_of_product(jax, backward, value=None):
    numpy = jax.numpy

    @jax.custom_vjp
    def layer(x, W):
        return numpy.tanh(x @ W)

    def forward(x, W):
        output = layer(x, W) if value is None else value(x, W)
        return output, (x, W, output)

    layer.defvjp(forward, backward)
    return layer


def test_custom_vjp(jax):
    numpy = jax.numpy
    rng = np.random.default_rng(0)
    arguments = numpy.asarray(rng.normal(size=(4, 3))), numpy.asarray(rng.normal(size=(3, 3)))

    def right(kept, g):
        x, W, y = kept
        g = g * (1 - y**2)
        return g @ W.T, x.T @ g

    def without_slope(kept, g):
        return g @ kept[1].T, kept[0].T @ g

    def ignoring(kept, g):
        return right(kept, numpy.ones_like(g))

    layer = tanh_of_product(jax, right)
    found = check_layer(layer, arguments)
    assert (found.verdict, found.arguments) == ("pass", ("x", "W")), str(found)
    assert check_layer(jax.jit(layer), arguments).verdict == "pass"
    wrong = check_layer(tanh_of_product(jax, without_slope), arguments)
    assert [check.verdict for check in wrong.checks] == ["fail", "fail"]
    ignored = check_layer(tanh_of_product(jax, ignoring), arguments)
    assert ignored.mistakes == ("upstream gradient ignored",)
    turned = tanh_of_product(jax, lambda kept, g: (right(kept, g)[0], right(kept, g)[1].T))
    assert check_layer(turned, arguments).mistakes == ("W: transposed",)
    shifted = tanh_of_product(jax, right, lambda x, W: numpy.tanh(x @ W) + 1)
    assert "another value" in check_layer(shifted, arguments).mistakes[-1]
    assert not jax.config.jax_enable_x64


def test_what_jax_refuses_fails_with_its_words(jax):
    layer = tanh_of_product(jax, lambda kept, g: (g, g[0]))
    found = check_layer(layer, (jax.numpy.ones((4, 3)), jax.numpy.ones((3, 2))))
    assert found.verdict == "fail"
    assert "must produce an output with the same" in found.reason


def test_points_of_other_libraries(torch, jax):
    x = torch.tensor([0.5, 1.0], dtype=torch.float64)
    assert check_jacobian(torch.sin, lambda x: torch.diag(torch.cos(x)), x).verdict == "pass"
    assert check_vjp(torch.sin, lambda x, v: -v * torch.cos(x), x).mistakes == ("sign",)
    y = jax.numpy.array([0.5, 1.0])
    _, pullback = jax.vjp(jax.numpy.sin, y)
    assert check_vjp(jax.numpy.sin, pullback, y, takes_point=False).verdict == "pass"


def test_no_framework_is_loaded_by_the_checks():
    code = (
        "import sys, numeric.checks as c\n"
        "c.check_layer((lambda x: x, lambda v: v), [1.0])\n"
        "assert not {'torch', 'jax'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
