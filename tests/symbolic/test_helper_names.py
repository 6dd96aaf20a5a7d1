"""Names of helper functions are taken: no argument, intermediate or function has them."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import symbolic as s
from symbolic.code.array_api_writer import OWN_NAMES
from symbolic.code.compilation import lambdify
from symbolic.code.helper_functions import OF_ARRAY_API, OF_NUMPY, defined
from symbolic.code.source_names import RESERVED
from symbolic.traverse import substitute

CODE = Path(s.__file__).parent / "code"
LOSSES = [
    "mean(softplus(z) - y*z)",
    "sum(softplus(z)*y)",
    "-sum(Y*log_softmax(outer(z, z), axis=1))",
    "sum(sqrt(z**2 + y**2))",
    "logdet(outer(z, z) + eye(n))",
]


def helpers_in(source):
    """The names of the functions that text in a source begins to define."""
    texts = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return defined(texts)


def test_every_helper_is_in_the_list():
    found = {name for path in CODE.glob("*.py") for name in helpers_in(path.read_text())}
    assert {"logistic_loss_and_slope", "likelihood_and_softmax", "largest", "sum_rows"} <= found
    assert found - {"f", "f_rows"} <= OF_NUMPY | OF_ARRAY_API  # but for examples
    assert helpers_in('"def new(x):"') == {"new"}


@pytest.mark.parametrize("name", sorted(OF_NUMPY))
def test_no_function_is_called_like_a_helper(name):
    with pytest.raises(s.NameUnknownError, match=f"name='{name}': not a free identifier"):
        lambdify("x", {"x": "n"}, name=name)


def both(e, place):
    """The value and the gradient, and the source for other libraries, which must be valid."""
    f = lambdify((e, s.gradient(e, place)))
    ast.parse(f.array_api_source)
    return f


@pytest.mark.parametrize("text", LOSSES)
def test_arguments_and_intermediates_with_such_names(text, rng):
    z, given = s.vector("z", "n"), {"z": "n", "y": "n", "Y": "n n: onehot"}
    e = s.parse(text, given)
    data = {"z": rng.normal(size=3), "y": rng.normal(size=3) ** 2, "Y": np.eye(3)}
    f = both(e, z)
    wanted = f(**{name: data[name] for name in f.args})
    for name in sorted(OF_NUMPY | OF_ARRAY_API):
        for place, called in ((s.vector(name, "n"), name), (s.named(name, z), "z")):
            f = both(substitute(e, {z: place}), place)
            found = f(**{each: data["z" if each == called else each] for each in f.args})
            for one, other in zip(found, wanted, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-13)


@pytest.mark.parametrize("name", sorted((OF_ARRAY_API | OWN_NAMES) - RESERVED))
def test_functions_for_other_libraries_are_called_apart(name):
    xp = pytest.importorskip("array_api_compat.numpy")
    f = lambdify("sum(tril(X)) + trace(X) + sum(exp(X))", {"X": "n n"}, name=name)
    module = {}
    exec(f.array_api_source, module)
    X = np.arange(9.0).reshape(3, 3) / 9
    np.testing.assert_allclose(module[f"{name}_"](xp, X), f(X), rtol=1e-14)


def test_a_helper_of_two_helpers_is_written_once():
    e = s.parse("spectral_norm(X) + nuclear_norm(X)", {"X": "n d"})
    names = re.findall(r"^def (\w+)", lambdify((e, s.gradient(e, "X"))).array_api_source, re.M)
    assert "largest" in names
    assert len(set(names)) == len(names)
