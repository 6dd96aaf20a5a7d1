"""Generated functions called with arrays of other libraries: the same numbers as with NumPy."""

from functools import cache

import numpy as np
import pytest

import symbolic as s
from symbolic.traverse import variables
from tests.symbolic.array_api_corpus import ARRAYS, GIVEN, KERNELS, MODELS, MOVES, PRODUCTS, SCALARS
from tests.symbolic.numpy_oracle import data_for

SIZES = {"n": 6, "d": 3, "k": 4}
ALL = [s.parse(name, GIVEN) for name in GIVEN]
LIBRARIES = ("array_api_strict", "torch", "jax", "dask")


def installed(name):
    """The module that makes arrays of a library, or a skip."""
    module = {"jax": "jax.numpy", "dask": "dask.array"}.get(name, name)
    return pytest.importorskip(module, reason=f"{name} is not installed")


def convert(name, value, dtype=np.float64):
    """A value as an array of a library."""
    module, array = installed(name), np.asarray(value, dtype=dtype)
    if name != "dask":
        return module.asarray(array)
    return module.from_array(array, chunks=tuple(max(1, size // 2) for size in array.shape))


def plain(value):
    """An array of any library as a NumPy array."""
    value = value.detach() if hasattr(value, "detach") else value
    value = value.compute() if hasattr(value, "compute") else value
    return np.asarray(value)


def assert_close(found, wanted, tolerance=1e-10):
    found, wanted = plain(found), np.asarray(wanted)
    assert found.shape == wanted.shape
    scale = np.abs(wanted).max(initial=1.0)
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance * scale)


@cache
def case(text, by=None):
    """The function of a text and of its gradient, data, and what NumPy gives."""
    e = s.parse(text, GIVEN)
    roots = e if by is None else (e, s.gradient(e, by))
    arguments = variables(roots if by else (roots,)) if by else ALL
    f = s.lambdify(roots, arguments=arguments)
    data = data_for(arguments, np.random.default_rng(7), SIZES)
    return f, data, f(**data)


def called(name, f, data, dtype=np.float64):
    return f(**{key: convert(name, value, dtype) for key, value in data.items()})


# --- the same numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "by"), SCALARS)
@pytest.mark.parametrize("name", ["array_api_strict", "torch"])
def test_values_and_gradients(name, text, by):
    installed(name)
    f, data, wanted = case(text, by)
    found = called(name, f, data)
    for one, other in zip(found, wanted, strict=True):
        assert_close(one, other)


@pytest.mark.parametrize("text", ARRAYS)
@pytest.mark.parametrize("name", ["array_api_strict", "torch"])
def test_arrays(name, text):
    installed(name)
    f, data, wanted = case(text)
    found = called(name, f, data)
    assert type(found) is type(convert(name, 1.0))
    assert_close(found, wanted)


@pytest.mark.parametrize(("text", "by"), [*MODELS[:3], KERNELS[4], PRODUCTS[3], MOVES[8]])
def test_jax(text, by):
    installed("jax")
    import jax

    f, data, wanted = case(text, by)
    with jax.enable_x64(True):
        found = called("jax", f, data)
        for one, other in zip(found, wanted, strict=True):
            assert_close(one, other)


@pytest.mark.parametrize(
    ("text", "by"), [*MODELS[:11], *KERNELS[:6], *KERNELS[-3:], *PRODUCTS[2:8], *MOVES[:10]]
)
def test_dask(text, by):
    installed("dask")
    import dask

    f, data, wanted = case(text, by)
    found = called("dask", f, data)
    assert all(isinstance(each, dask.array.Array) for each in found)
    for one, other in zip(dask.compute(*found), wanted, strict=True):
        assert_close(one, other)


@pytest.mark.parametrize("name", ["array_api_strict", "torch"])
def test_hessians(name):
    installed(name)
    e = s.parse(MODELS[0][0], GIVEN)
    roots = (e, s.gradient(e, "w"), s.hessian(e, "w"))
    f = s.lambdify(roots)
    data = data_for(variables(roots), np.random.default_rng(3), SIZES)
    for one, other in zip(called(name, f, data), f(**data), strict=True):
        assert_close(one, other)


@pytest.mark.parametrize("name", ["array_api_strict", "torch"])
def test_matrix_functions(name):
    installed(name)
    functions = [(s.eigvalsh, "S"), (s.eigvecsh, "S"), (s.svdvals, "X"), (s.det, "G"), (s.inv, "G")]
    for function, operand in [*functions, (s.svd_left, "X"), (s.svd_right, "X"), (s.cholesky, "S")]:
        f = s.lambdify(function(s.parse(operand, GIVEN)))
        data = data_for([s.parse(operand, GIVEN)], np.random.default_rng(7), SIZES)
        assert_close(called(name, f, data), f(**data))


def test_matrix_exponential():
    torch = installed("torch")
    e = s.trace(s.expm(s.parse("B", GIVEN)) @ s.parse("A", GIVEN))
    f = s.lambdify((e, s.gradient(e, "B")))
    data = data_for(variables((e,)), np.random.default_rng(7), SIZES)
    for one, other in zip(called("torch", f, data), f(**data), strict=True):
        assert_close(one, other)
    tensors = {key: torch.tensor(value) for key, value in data.items()}
    tensors["B"].requires_grad_()
    value, slope = f(**tensors)
    value.backward()
    assert_close(tensors["B"].grad, plain(slope))
