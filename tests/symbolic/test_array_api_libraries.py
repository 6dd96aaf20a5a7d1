"""What each library asks of generated functions: types, tracing, differentiation, laziness, errors."""

import ast
import tracemalloc

import numpy as np
import pytest

import symbolic as s
from symbolic.code.array_api_functions import (
    ELEMENTWISE_PORTABLE,
    OF_LIBRARIES,
    STRUCTURED_PORTABLE,
)
from symbolic.code.array_libraries import foreign
from symbolic.errors import DataError, ShapeError, UnsupportedError
from symbolic.functions import ELEMENTWISE
from symbolic.structured import STRUCTURED
from tests.symbolic.array_api_corpus import GIVEN, SCALARS
from tests.symbolic.test_array_api import assert_close, called, convert, installed, plain

n, d = s.dims("n d")
X, w, y, x = s.matrix("X", n, d), s.vector("w", d), s.vector("y", n), s.vector("x", n)
z = s.named("z", X @ w)
LOSS = s.mean(s.softplus(z) - y * z)
RNG = np.random.default_rng(11)
DATA = {"X": RNG.normal(size=(8, 3)), "w": RNG.normal(size=3), "y": RNG.integers(0, 2, 8) * 1.0}


@pytest.fixture(scope="module")
def f():
    return s.lambdify((LOSS, s.gradient(LOSS, w)), arguments=[X, w, y])


# --- the source ----------------------------------------------------------------------------------


def test_source_as_a_person_reads_it(f):
    assert f.array_api_source.rpartition('"""\n')[2] == (
        "    n = X.shape[0]\n"
        "    z = X @ w  # z = X @ w, shape (n,)\n"
        "    t2 = softplus_parts(xp, z)\n"
        "    t3 = y * z\n"
        "    t4 = t2[0] - t3 + t2[1]\n"
        "    result1 = xp.mean(t4)\n"
        "    t6 = sigmoid_parts(xp, z)\n"
        "    t7 = t6[0] - y + t6[1]\n"
        "    t8 = X.T @ t7\n"
        "    result2 = t8 / n\n"
        "    return result1, result2\n"
    )


def test_sources_use_the_standard_alone_and_change_nothing():
    strict = installed("array_api_strict")
    for text, by in SCALARS[::2]:
        e = s.parse(text, GIVEN)
        tree = ast.parse(s.lambdify((e, s.gradient(e, by))).array_api_source)
        for node in ast.walk(tree):
            assert not isinstance(node, (ast.AugAssign, ast.Delete, ast.Global, ast.ImportFrom))
            if isinstance(node, ast.Import):
                assert [each.name for each in node.names] == ["math"]
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "xp":
                assert hasattr(strict, node.attr), node.attr
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "xp.linalg":
                assert hasattr(strict.linalg, node.attr), node.attr


def test_every_function_of_the_tables_has_a_portable_form():
    assert ELEMENTWISE.keys() <= ELEMENTWISE_PORTABLE.keys()
    assert STRUCTURED.keys() <= STRUCTURED_PORTABLE.keys()
    for function in (*ELEMENTWISE_PORTABLE.values(), *STRUCTURED_PORTABLE.values()):
        assert set(function.needs) <= OF_LIBRARIES.keys()


def test_names_of_helpers_are_not_taken_by_arguments():
    installed("array_api_strict")
    xp, device, read = s.vector("xp", n), s.vector("device", n), s.vector("softplus_parts", n)
    e = s.concatenate(xp, device)[1:] * s.concatenate(read, s.vector("dtype", n))[:-1]
    e += s.softplus(s.sum(read)) - s.sum(s.vector("read", n))
    f = s.lambdify(e)
    data = {name: RNG.normal(size=4) for name in f.args}
    assert_close(called("array_api_strict", f, data), f(**data))


# --- which library -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [1, 2.0, True, [1.0], (1.0,), np.ones(2), np.float32(1), np.ma.ones(2), "text", None]
)
def test_what_numpy_takes_is_not_foreign(value):
    assert not foreign([value, 1.0])


@pytest.mark.parametrize("name", ["array_api_strict", "torch", "jax", "dask"])
def test_arrays_of_libraries_are_foreign(name):
    assert foreign([1.0, convert(name, [1.0])])


@pytest.mark.parametrize("name", ["array_api_strict", "torch", "jax", "dask"])
def test_single_precision_stays(name, f):
    found = called(name, f, DATA, np.float32)
    for one, other in zip(found, f(**DATA), strict=True):
        assert str(one.dtype).endswith("float32")
        assert_close(one, other, 1e-5)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
@pytest.mark.parametrize("library", ["torch", "jax"])
def test_half_precision_is_computed_in_single_and_given_back(library, name):
    module = installed(library)
    e = s.sum(x * x) / s.sum(x)
    values = module.full((300,), 300.0, dtype=getattr(module, name))  # its squares sum to 2.7e7
    found = s.lambdify(e)(values)
    assert found.dtype == values.dtype
    assert 299 < float(found) < 301


def test_numbers_lists_and_numpy_arrays_beside_arrays_of_a_library(f):
    torch = installed("torch")
    readonly = DATA["X"][::-1]
    readonly.flags.writeable = False
    found = f(torch.tensor(DATA["X"]), DATA["w"], DATA["y"].tolist())
    assert_close(found[1], f(**DATA)[1])
    found = f(readonly, torch.tensor(DATA["w"]), DATA["y"][::-1])
    assert_close(found[1], f(**DATA)[1])
    doubled = s.lambdify(s.scalar("c") * x)
    assert doubled(2.0, torch.ones(3)).dtype == torch.float32
    assert doubled(np.float64(2), torch.ones(3)).dtype == torch.float64


# --- PyTorch -------------------------------------------------------------------------------------

SMOOTH = ["sigmoid", "softplus", "silu", "gelu", "tanh", "expm1", "log1p", "erf", "erfc", "exp"]


def test_autograd_of_the_value_is_our_gradient(f):
    torch = installed("torch")
    data = {key: torch.tensor(value) for key, value in DATA.items()}
    for weights in (data["w"], torch.zeros(3, dtype=torch.float64)):  # kinks of naive forms at 0
        data["w"] = weights.clone().requires_grad_()
        value, slope = f(**data)
        value.backward()
        assert_close(data["w"].grad, plain(slope))


@pytest.mark.parametrize(("text", "by"), SCALARS[::6])
def test_autograd_agrees_on_the_corpus(text, by):
    torch = installed("torch")
    from tests.symbolic.test_array_api import case

    f, data, _ = case(text, by)
    tensors = {key: torch.tensor(value, dtype=torch.float64) for key, value in data.items()}
    tensors[by].requires_grad_()
    value, slope = f(**tensors)
    value.backward()
    assert_close(tensors[by].grad, plain(slope), 1e-8)


@pytest.mark.parametrize("name", SMOOTH)
def test_slopes_of_slopes_at_zero(name):
    """The portable forms have no kinks of their own, where |x| or a maximum would."""
    torch = installed("torch")
    point = torch.tensor([0.0, -0.7, 1.3], dtype=torch.float64, requires_grad=True)
    e = s.sum(getattr(s, name)(x))
    f = s.lambdify(s.gradient(e, x))
    value = s.lambdify(e)(point)
    (slope,) = torch.autograd.grad(value, point, create_graph=True)
    assert_close(slope, plain(f(point)), 1e-13)
    (bend,) = torch.autograd.grad(slope.sum(), point)
    wanted = s.lambdify(s.gradient(s.sum(s.gradient(e, x)), x))(point)
    assert_close(bend, plain(wanted), 1e-13)


@pytest.mark.parametrize("name", sorted(ELEMENTWISE))
def test_elementwise_functions_at_extremes(name):
    """As with NumPy, at large, small and special arguments; NaN stays NaN."""
    torch = installed("torch")
    if "torch" not in OF_LIBRARIES.get(name, {"torch": ""}):
        pytest.skip("PyTorch has no such function")
    entry = ELEMENTWISE[name]
    values = np.array([0.0, 1e-300, 1e-8, 0.3, 1.0, 30.0, 800.0, np.nan])
    if entry.condition != "x > 0":
        values = np.concatenate([values, -values])
    operands = [x] if entry.arity == 1 else [x, y]
    f = s.lambdify(getattr(s, name)(*operands), check=False)
    data = [values, values[::-1].copy()][: entry.arity]
    with np.errstate(all="ignore"):
        wanted = f(*data)
    found = f(*(torch.tensor(each) for each in data)).numpy()
    tolerance = 2e-13 if name == "gelu" else 2e-14  # erfc(y) changes by 2*y**2 times that of y
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=0)


def test_results_share_no_memory_with_arguments():
    torch = installed("torch")
    point = torch.ones(4, dtype=torch.float64)
    for e in (
        x,
        s.concatenate(x, x)[:3],
        x[::2],
        x[::-1],
        s.outer(x, s.ones(2)),
        s.diag(x),
    ):
        found = s.lambdify(e, arguments=[x])(point)
        found += 1
        assert torch.equal(point, torch.ones(4, dtype=torch.float64))


def test_gradcheck_of_torch():
    torch = installed("torch")
    f = s.lambdify(s.sum(s.tanh(x) * s.softplus(x[::-1])) + s.logsumexp(x))
    point = torch.tensor([0.0, 0.5, -2.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(f, point)
    assert torch.autograd.gradgradcheck(f, point)


# --- JAX -----------------------------------------------------------------------------------------


def test_jit_traces_once_and_differentiates(f):
    installed("jax")
    import jax

    traced = []

    def value_and_slope(X, w, y):
        traced.append(type(X))
        return f(X, w, y)

    with jax.enable_x64(True):
        jitted = jax.jit(value_and_slope)
        data = {key: jax.numpy.asarray(value) for key, value in DATA.items()}
        for _ in range(3):
            found = jitted(**data)
        assert len(traced) == 1
        for one, other in zip(found, f(**DATA), strict=True):
            assert_close(one, other)
        slope = jax.grad(lambda w: jitted(data["X"], w, data["y"])[0])(jax.numpy.zeros(3))
        assert_close(slope, f(**DATA | {"w": np.zeros(3)})[1])
        many = jax.vmap(lambda w: f(data["X"], w, data["y"])[0])(jax.numpy.ones((2, 3)))
        assert many.shape == (2,)


def test_jit_of_moves_and_systems():
    installed("jax")
    import jax

    S = s.matrix("S", n, n, domain="spd")
    e = s.sum(s.conv1d(x, w, stride=2) ** 2) + x @ s.inv(S) @ x + s.sum(s.tril(S) @ x[::-1])
    f = s.lambdify((e, s.gradient(e, x)))
    square = RNG.normal(size=(6, 6))
    data = {"x": RNG.normal(size=6), "w": DATA["w"], "S": square @ square.T + np.eye(6)}
    with jax.enable_x64(True):
        found = jax.jit(f)(**data | {"x": jax.numpy.asarray(data["x"])})
        for one, other in zip(found, f(**data), strict=True):
            assert_close(one, other)


# --- Dask ----------------------------------------------------------------------------------------


def made_in_blocks(rows, block, made):
    """X and y whose blocks are made, and counted, when they are computed."""
    da = installed("dask")

    def table(block_id):
        made.append(block_id)
        return np.random.default_rng(block_id).normal(size=(block, 21))

    chunks = ((block,) * (rows // block), (21,))
    whole = da.map_blocks(table, chunks=chunks, meta=np.empty((0, 0)))
    return whole[:, :20], whole[:, 20]


def test_dask_is_lazy_and_needs_the_memory_of_a_few_blocks(f):
    installed("dask")
    import dask

    made = []
    rows, block = 400_000, 10_000  # 67 MB, in blocks of 1.7 MB
    columns, labels = made_in_blocks(rows, block, made)
    results = f(columns, np.zeros(20), labels)
    assert not made
    tracemalloc.start()
    loss, slope = dask.compute(*results, scheduler="synchronous")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(made) == rows // block  # each block once, for both results
    assert peak < 15e6
    columns, labels = dask.compute(columns, labels, scheduler="synchronous")
    wanted = f(columns, np.zeros(20), labels)
    assert_close(loss, wanted[0])
    assert_close(slope, wanted[1])


def test_dask_is_not_rechunked(f):
    installed("dask")
    columns, labels = made_in_blocks(40_000, 10_000, [])
    for result in f(columns, np.zeros(20), labels):
        layers = result.__dask_graph__().layers
        assert not [name for name in layers if "rechunk" in name]


# --- what is refused -----------------------------------------------------------------------------


def test_two_libraries_are_refused(f):
    torch, strict = installed("torch"), installed("array_api_strict")
    with pytest.raises(DataError, match="X and w: arrays of two libraries, torch and array_api_st"):
        f(torch.tensor(DATA["X"]), strict.asarray(DATA["w"]), DATA["y"])


def test_two_devices_are_refused(f):
    strict = installed("array_api_strict")
    there = strict.asarray(DATA["w"], device=strict.Device("device1"))
    with pytest.raises(DataError, match="X and w: arrays on two devices"):
        f(strict.asarray(DATA["X"]), there, DATA["y"])
    data = {
        key: strict.asarray(value, device=strict.Device("device1")) for key, value in DATA.items()
    }
    assert f(**data)[1].device == strict.Device("device1")


@pytest.mark.parametrize("name", ["array_api_strict", "torch", "jax", "dask"])
@pytest.mark.parametrize(
    "change", [{"w": np.ones(4)}, {"y": np.ones(3)}, {"X": np.ones(3)}, {"w": np.ones((3, 1))}]
)
def test_shapes_are_refused_with_the_message_for_numpy(name, change, f):
    with pytest.raises(ShapeError) as usual:
        f(**DATA | change)
    with pytest.raises(ShapeError) as found:
        called(name, f, DATA | change)
    assert str(found.value) == str(usual.value)


def test_kinds_of_numbers_that_are_refused(f):
    torch = installed("torch")
    data = {key: torch.tensor(value) for key, value in DATA.items()}
    with pytest.raises(DataError, match=r"w, an array of dtype torch\.complex128: not of real"):
        f(**data | {"w": data["w"] + 0j})
    with pytest.raises(DataError, match="masked"):
        f(**data | {"w": np.ma.array([1.0, 2, 3], mask=[1, 0, 0])})
    scaled = s.lambdify(s.scalar("c") * x)
    with pytest.raises(DataError, match=r"c = 1e\+300: it is too large for float32, which"):
        scaled(1e300, torch.ones(2))
    with pytest.raises(DataError, match="w = "):
        f(**data | {"w": ["a", "b", "c"]})


def test_functions_that_a_library_lacks_are_named():
    strict, torch = installed("array_api_strict"), installed("torch")
    with pytest.raises(UnsupportedError, match="erf of array_api_strict arrays"):
        s.lambdify(s.erf(x))(strict.ones(2))
    with pytest.raises(UnsupportedError, match="gamma of torch arrays"):
        s.lambdify(s.gamma(x))(torch.ones(2))


def test_linear_systems_of_dask_are_refused():
    array = convert("dask", np.eye(4))
    f = s.lambdify(s.inv(s.matrix("A", n, n)) @ x)
    with pytest.raises(UnsupportedError, match="solve of dask arrays"):
        f(array, np.ones(4))


def test_unknown_sizes_of_dask_are_refused(f):
    array = convert("dask", DATA["X"])
    array = array[array[:, 0] > 0]
    with pytest.raises(ShapeError, match=r"X.compute_chunk_sizes\(\)"):
        f(array, DATA["w"], DATA["y"])


def test_arrays_without_entries_are_as_with_numpy(f):
    torch = installed("torch")
    empty = torch.empty((0,), dtype=torch.float64)
    assert float(s.lambdify(s.sum(x * x))(empty)) == 0
    with pytest.raises(DataError, match="a mean over entries"):
        f(torch.empty((0, 3), dtype=torch.float64), torch.ones(3), empty)
    with pytest.raises(DataError, match="max of entries"):
        s.lambdify(s.max(x))(empty)


def test_code_without_arguments_is_refused():
    with pytest.raises(UnsupportedError, match="without variables"):
        _ = s.lambdify(s.parse("2*pi", {})).array_api_source


def test_indices_beyond_the_integers_of_a_library_are_refused():
    jax, strict = installed("jax"), installed("array_api_strict")
    f = s.lambdify(s.iverson("i0 == 3000000000*i1", n, n), arguments=[x])
    assert_close(f(strict.ones(2)), [[1, 0], [0, 0]])
    with pytest.raises(OverflowError, match="too large for the integers of the library"):
        f(jax.ones(2))


def test_infinity_at_one_place_is_none_at_others():
    torch = installed("torch")
    f = s.lambdify(s.gradient(s.exp(x[0]) + s.sum(s.tril(s.outer(x, x))), x), check=False)
    assert torch.isinf(f(torch.tensor([800.0, 1.0, 2.0])))[0]
    assert torch.isfinite(f(torch.tensor([800.0, 1.0, 2.0])))[1:].all()
