"""Types, numbers and values of other libraries' arrays: what NumPy does, wherever the library can."""

from contextlib import nullcontext

import numpy as np
import pytest

import symbolic as s
from symbolic.errors import DataError, DomainError, UnsupportedError
from tests.symbolic.test_array_api import assert_close, convert, installed, plain

LIBRARIES = ("array_api_strict", "torch", "jax", "dask")
GIVEN = {"X": "n d", "w": "d", "y": "n: unit"}
LOSS = s.lambdify(s.parse("mean(softplus(X @ w) - y*(X @ w))", GIVEN), arguments=list(GIVEN))


def wide(name):
    """JAX with float64."""
    installed(name)
    if name != "jax":
        return nullcontext()
    import jax

    return jax.enable_x64(True)


def in_each(name, f, **data):
    """What a library gives for NumPy arrays, each as an array of the same type."""
    return f(**{arg: convert(name, each, each.dtype) for arg, each in data.items()})


# --- types ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [np.int64, np.int32, np.uint8, np.bool_])
@pytest.mark.parametrize("other", [None, np.float32, np.float16])
@pytest.mark.parametrize("name", LIBRARIES)
def test_integers_count_as_doubles(name, other, whole):
    if name == "array_api_strict" and other is np.float16:
        pytest.skip("it has no float16")
    with wide(name):
        kind = whole if other is None else other
        data = {"X": np.array([[1, 0], [1, 1], [0, 1]], kind), "w": np.array([1, 0], kind)}
        data["y"] = np.array([0, 1, 1], whole)
        found, wanted = in_each(name, LOSS, **data), LOSS(**data)
        assert str(found.dtype).endswith("float64")
        assert_close(found, wanted, 1e-15)


def test_integers_of_jax_as_it_comes_are_single():
    installed("jax")
    import jax

    whole = convert("jax", [1, 0, 1], np.int32)
    f = s.lambdify(s.parse("mean(exp(x)/3)", {"x": "n"}))
    with jax.enable_x64(False):
        assert f(whole).dtype == np.float32
    with jax.enable_x64(True):  # nothing is remembered from the other setting
        assert f(whole).dtype == np.float64
    with jax.enable_x64(False):
        assert f(whole).dtype == np.float32


def test_devices_without_doubles():
    strict = installed("array_api_strict")
    device = strict.Device("no_float64")
    f = s.lambdify(s.parse("sum(x)", {"x": "n"}))
    assert f(strict.asarray([1, 2], device=device)).dtype == strict.float32
    g = s.lambdify(s.parse("sum(log(x + 1e-60))", {"x": "n"}))
    with pytest.raises(UnsupportedError, match="there is no float64"):
        g(strict.ones(2, dtype=strict.float32, device=device))


def test_extended_precision_is_refused():
    installed("dask")
    with pytest.raises(DataError, match="computes in float64 at most"):
        in_each("dask", s.lambdify(s.parse("sum(x)", {"x": "n"})), x=np.ones(3, np.longdouble))


# --- numbers that float32 has not ----------------------------------------------------------------


@pytest.mark.parametrize("text", ["sum(log(x + 1e-60))", "sum(1e-25*(x + 1)/n**20)*1e40/1e12"])
@pytest.mark.parametrize("name", LIBRARIES)
def test_small_constants_beside_single_precision(name, text):
    f = s.lambdify(s.parse(text, {"x": "n"}))
    x = np.zeros(5, np.float32)
    with wide(name):
        found = in_each(name, f, x=x)
        assert str(found.dtype).endswith("float32")
        assert_close(found, f(x), 1e-6)


def test_small_constants_are_refused_by_jax_as_it_comes():
    installed("jax")
    import jax

    f = s.lambdify(s.parse("sum(log(x + 1e-60))", {"x": "n"}))
    with jax.enable_x64(False), pytest.raises(UnsupportedError, match="jax_enable_x64"):
        in_each("jax", f, x=np.zeros(3, np.float32))


@pytest.mark.parametrize("value", [1e-60, -1e-60, 1e39])
@pytest.mark.parametrize("name", LIBRARIES)
def test_numbers_beside_single_precision(name, value):
    f = s.lambdify(s.parse("sum(log(x + lam))", {"x": "n", "lam": ""}), arguments=["x", "lam"])
    x = np.ones(3, np.float32)
    with pytest.raises(DataError) as usual:
        f(x, value)
    with wide(name):
        with pytest.raises(DataError) as found:
            f(convert(name, x, np.float32), value)
        assert str(found.value) == str(usual.value)
        assert_close(f(convert(name, x), value), f(x.astype(float), value))


# --- whole constants beyond 32 bits --------------------------------------------------------------

LARGE = ["softmax(z - 1e10*m)", "1e10*sum(z)", "sum(z)/1e10", "sum(z)*2**40", "sum(z) - 2**31"]
LARGE += ["z @ m/n**6", "n**4*z - 3000000000*n*m", "where(z > 2**33, z, 2**33*m)", "sum(z)/n/d**3"]


@pytest.mark.parametrize("text", LARGE)
@pytest.mark.parametrize("traced", [False, True])
def test_large_whole_constants_in_jax(text, traced):
    installed("jax")
    import jax

    arguments = [s.vector("z", "n"), s.vector("m", "n"), s.vector("V", "d")]
    f = s.lambdify(s.parse(text, {"z": "n", "m": "n", "V": "d"}), arguments=arguments)
    rng = np.random.default_rng(1)
    data = [rng.normal(size=size).astype(np.float32) for size in (300, 300, 2000)]
    with jax.enable_x64(False):
        found = (jax.jit(f) if traced else f)(*map(jax.numpy.asarray, data))
    assert found.dtype == np.float32
    wanted = f(*data)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())


def test_small_whole_constants_stay_whole():
    source = s.lambdify(s.parse("3*z/(2*n) + 2147483647", {"z": "n"})).array_api_source
    assert "float" not in source
    assert "2147483647.0" not in source


# --- values --------------------------------------------------------------------------------------

BAD = [
    ("x", "real", [1.0, np.nan, 2.0]),
    ("x", "real", [1.0, np.inf, 2.0]),
    ("x", "positive", [1.0, 0.0, 2.0]),
    ("x", "unit", [0.5, 1.5, 0.0]),
    ("x", "prob", [0.5, 0.6, 0.0]),
    ("Y", "onehot", [[2.0, 0.0], [0.0, 1.0]]),
    ("S", "spd", [[1.0, 2.0], [3.0, 1.0]]),
]
SHAPES = {"x": "n", "Y": "n k", "S": "n n"}


@pytest.mark.parametrize(("arg", "domain", "values"), BAD)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("name", ["array_api_strict", "torch", "jax"])
def test_values_are_refused_as_with_numpy(name, kind, arg, domain, values):
    e = s.sum(s.parse(arg, {arg: f"{SHAPES[arg]}: {domain}"}) * 2)
    f, value = s.lambdify(e), np.array(values, kind)
    with pytest.raises((DataError, DomainError)) as usual:
        f(value)
    with wide(name):
        with pytest.raises(type(usual.value)) as found:
            in_each(name, f, **{arg: value})
        assert str(found.value) == str(usual.value)
        free = in_each(name, s.lambdify(e, check=False), **{arg: value})
        assert_close(free, value.sum() * 2)


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_values_of_low_precision_are_in_their_domain_to_rounding(name):
    module = installed(name)
    f = s.lambdify(s.parse("x @ x", {"x": "n: prob"}))
    for kind in (module.float16, module.bfloat16, module.float32):
        assert f(module.full((3,), 1 / 3, dtype=kind)).dtype == kind
    with pytest.raises(DomainError):
        f(module.full((3,), 0.4, dtype=module.float32))
    with pytest.raises(DomainError):
        f(module.asarray([1, 1, 0]))


def test_tensors_on_the_tape_and_views_are_tested():
    torch = installed("torch")
    f = s.lambdify(s.parse("sum(log(x))", {"x": "n: positive"}))
    point = torch.tensor([1.0, -1.0], requires_grad=True)
    with pytest.raises(DomainError, match=r"x\[1\] = -1"):
        f(point)
    with pytest.raises(DomainError, match=r"x\[0\] = -1"):
        f(torch.nn.Parameter(point.detach())[[1, 0]])
    good = point.detach().abs().requires_grad_()
    f(good).backward()
    assert torch.equal(good.grad, torch.ones(2))


@pytest.mark.parametrize("name", ["vmap", "grad", "functionalize"])
def test_transforms_of_torch_read_nothing(name):
    torch = installed("torch")
    f = s.lambdify(s.parse("sum(2*X) + sum(x)", {"X": "n n", "x": ": positive"}))
    known = torch.ones((2, 2))
    point = torch.tensor([1.0, -1.0]) if name == "vmap" else torch.tensor(-1.0)
    found = getattr(torch.func, name)(lambda x: f(X=known, x=x))(point)
    wanted = {"vmap": [9.0, 7.0], "grad": 1.0, "functionalize": 7.0}
    np.testing.assert_array_equal(found, wanted[name])


def test_traces_of_jax_and_graphs_of_dask_read_nothing():
    installed("jax")
    import jax

    f = s.lambdify(s.parse("sum(log(x + 2*c))", {"x": "n: positive", "c": ": positive"}))
    point = convert("jax", [1.0, -1.0], np.float32)
    assert np.isfinite(jax.jit(lambda x: f(x, 1.0))(point))
    lazy = f(convert("dask", [1.0, -1.0]), 1.0)
    assert np.isfinite(plain(lazy))
    with pytest.raises(DomainError, match="c = -1"):  # a number is at hand
        f(convert("dask", [1.0, 1.0]), -1.0)


def test_numpy_arrays_beside_those_of_a_library_are_tested():
    with pytest.raises(DomainError, match=r"y\[1\] = 2"):
        LOSS(convert("dask", np.ones((3, 2))), np.ones(2), np.array([0, 2, 1]))


# --- what a library lacks ------------------------------------------------------------------------


def test_reshapes_that_dask_lacks_are_named():
    f = s.lambdify(s.parse("sum(reshape(X, d, n) @ X)", {"X": "n d"}))
    data = convert("dask", np.ones((4, 6)))
    with pytest.raises(UnsupportedError, match=r"f with dask arrays.*reshape.*one chunk each"):
        f(data)
    assert_close(f(data.rechunk(-1)), 144.0)
