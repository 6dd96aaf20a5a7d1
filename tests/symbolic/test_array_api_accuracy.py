"""Portable code keeps its digits: entrywise functions, norms and losses against mpmath, in every library."""

import importlib.util
from contextlib import ExitStack
from functools import cache

import mpmath
import numpy as np
import pytest

import symbolic as s
from tests.symbolic.test_array_api import LIBRARIES, convert, installed, plain

MOST_ULPS = 10
KINDS = [
    ("array_api_strict", np.float64), ("torch", np.float64), ("torch", np.float32),
    ("jax", np.float64), ("jax", np.float32), ("dask", np.float32),
]  # fmt: skip
FUNCTIONS = {
    "exp(x)": mpmath.exp,
    "log1p(x)": mpmath.log1p,
    "expm1(x)": mpmath.expm1,
    "sinh(x)": mpmath.sinh,
    "cosh(x)": mpmath.cosh,
    "tanh(x)": mpmath.tanh,
    "sigmoid(x)": lambda x: 1 / (1 + mpmath.exp(-x)),
    "1 - sigmoid(x)": lambda x: 1 / (1 + mpmath.exp(x)),
    "softplus(x)": lambda x: mpmath.log1p(mpmath.exp(x)),
    "softplus(x) - x": lambda x: mpmath.log1p(mpmath.exp(-x)),
    "x - softplus(x)": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "2*softplus(-x) + 2*x": lambda x: 2 * mpmath.log1p(mpmath.exp(x)),
    "log(1 + exp(-x))": lambda x: mpmath.log1p(mpmath.exp(-x)),
    "log(sigmoid(x))": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "sigmoid(x)*(1 - sigmoid(x))": lambda x: 1 / (2 + mpmath.exp(x) + mpmath.exp(-x)),
    "exp(x)/(1 + exp(x))**2": lambda x: 1 / (2 + mpmath.exp(x) + mpmath.exp(-x)),
    "silu(x)": lambda x: x / (1 + mpmath.exp(-x)),
    "gelu(x)": lambda x: x * mpmath.erfc(-max(x, -1000) / mpmath.sqrt(2)) / 2,
    "sqrt(x*x)": abs,
}  # fmt: skip
HALVES = [1e-300, 1e-20, 3e-8, 0.01, 0.3, 0.7, 1.0, 1.9, 2.1, 5.0, 11.3, 19.9, 20.1, 36.0, 37.7]
HALVES += [40.0, 85.0, 88.6, 170.3, 699.0, 708.3, 710.3, 740.0, 1e4, 1e20, 1e160]


@pytest.fixture(autouse=True)
def _settings():
    """JAX with 64 bits; Dask in this thread, in which NumPy's warnings are switched; exact truth."""
    with ExitStack() as stack:
        stack.enter_context(mpmath.workprec(1200))
        if importlib.util.find_spec("jax"):
            import jax

            stack.enter_context(jax.enable_x64(True))
        if importlib.util.find_spec("dask"):
            import dask

            stack.enter_context(dask.config.set(scheduler="synchronous"))
        yield


@cache
def truths(text, points):
    return [FUNCTIONS[text](mpmath.mpf(point)) for point in points]


def ulps(found, truth, kind):
    """The distance in units of the last place; numbers too small for full precision count as zero."""
    limits = np.finfo(kind)
    if abs(truth) > float(limits.max):
        return 0.0 if np.isinf(found) else np.inf
    if abs(truth) < 2 * float(limits.tiny):
        return 0.0 if abs(found) <= 2 * limits.tiny else np.inf
    error = abs(mpmath.mpf(float(found)) - truth)
    return float(error / mpmath.mpf(float(abs(np.spacing(kind(truth))))))


@pytest.mark.parametrize(("name", "kind"), KINDS)
@pytest.mark.parametrize("text", FUNCTIONS)
def test_functions_of_one_number(text, name, kind):
    installed(name)
    if name == "array_api_strict" and "gelu" in text:
        pytest.skip("the standard has no erfc")
    with np.errstate(over="ignore"):
        grid = np.array([*HALVES, *(-half for half in HALVES), 0.0], kind)
    low = -1.0 if "log1p" in text else -np.inf
    grid = grid[(np.abs(grid) >= 2 * np.finfo(kind).tiny) & (grid > low) & np.isfinite(grid)]
    e = s.parse(text, {"x": "n"})
    with np.errstate(over="ignore"):
        found = plain(s.lambdify(e, arguments=["x"], check=False)(convert(name, grid, kind)))
    assert found.dtype == kind
    wanted = truths(text, tuple(map(float, grid)))
    worst = {
        float(point): (distance, float(value))
        for point, value, truth in zip(grid, found, wanted, strict=True)
        if (distance := ulps(value, truth, kind)) > MOST_ULPS
    }
    assert not worst


# --- losses of examples that are right beyond doubt ----------------------------------------------


def called(name, f, data, kind=np.float64):
    return [plain(each) for each in f(**{k: convert(name, v, kind) for k, v in data.items()})]


LOGISTIC = [
    "mean(softplus(z) - y*z)",
    "-mean(y*z - log(1 + exp(z)))",
    "sum(3*softplus(z) - 3*y*z)/(3*n)",
    "mean(-y*log(sigmoid(z)) - (1 - y)*log(1 - sigmoid(z)))",
    "sum(softplus(z))/n - y @ z/n",
]


@pytest.mark.parametrize(("name", "kind"), KINDS)
@pytest.mark.parametrize("text", LOGISTIC)
def test_logistic_losses_and_their_slopes(text, name, kind):
    installed(name)
    loss = s.parse(text, {"z": "n", "y": "n"})
    f = s.lambdify((loss, s.gradient(loss, "z")))
    data = {"z": np.array([40.0, -40.0, 36.0, 60.0]), "y": np.array([1.0, 0.0, 1.0, 1.0])}
    value, slope = called(name, f, data, kind)
    signs = np.where(data["y"] == 1, -1, 1)
    chances = [1 / (1 + mpmath.exp(abs(z))) for z in data["z"]]
    wanted = mpmath.fsum(-mpmath.log1p(-chance) for chance in chances) / 4
    assert ulps(value, wanted, kind) < MOST_ULPS
    for found, sign, chance in zip(slope, signs, chances, strict=True):
        assert ulps(found, sign * chance / 4, kind) < MOST_ULPS


@pytest.mark.parametrize("name", LIBRARIES)
@pytest.mark.parametrize(
    "text",
    ["sum(logsumexp(Z, axis=1) - sum(Y*Z, axis=1))", "-sum(Y*log_softmax(Z, axis=1))",
     "-sum(sum(Y*log(softmax(Z, axis=1)), axis=1))"],
)  # fmt: skip
def test_losses_of_many_classes(text, name):
    installed(name)
    loss = s.parse(text, {"Z": "n k", "Y": "n k"})
    f = s.lambdify((loss, s.gradient(loss, "Z")))
    scores = np.array([[45.0, 2.0, -3.0], [-50.0, -1.0, -40.0]])
    value, slope = called(name, f, {"Z": scores, "Y": np.eye(3)[[0, 1]]})
    wanted = mpmath.mpf(0)
    for row, best, found in zip(scores, (0, 1), slope, strict=True):
        parts = [mpmath.exp(mpmath.mpf(z) - mpmath.mpf(row[best])) for z in row]
        others = mpmath.fsum(parts) - 1
        wanted += mpmath.log1p(others)
        truth = [part / (1 + others) for part in parts]
        truth[best] = -others / (1 + others)
        assert all(ulps(a, b, np.float64) < MOST_ULPS for a, b in zip(found, truth, strict=True))
    assert ulps(value, wanted, np.float64) < MOST_ULPS


def test_automatic_slopes_of_both_parts():
    """PyTorch differentiates the parts as it does the whole: at zero, at ties, near and far."""
    torch = installed("torch")
    e = s.parse(
        "sum(softplus(z) - y*z) + sum(sigmoid(z) - y) + logsumexp(z) - y @ z", {"z": "n", "y": "n"}
    )
    slope = s.lambdify(s.gradient(e, "z"))
    bend = s.lambdify(s.hessian(e, "z"))
    y = torch.tensor([1.0, 0.0, 0.5], dtype=torch.float64)
    for values in ([0.0, 0.0, 0.0], [3.0, 3.0, -1.0], [50.0, 1.0, -2.0], [0.1, 0.9, 0.8]):
        z = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        (first,) = torch.autograd.grad(s.lambdify(e)(z, y), z, create_graph=True)
        np.testing.assert_allclose(first.detach(), slope(z.detach(), y), rtol=0, atol=1e-15)
        (second,) = torch.autograd.grad(slope(z, y).sum(), z)
        np.testing.assert_allclose(second, bend(z.detach()).sum(0), rtol=0, atol=1e-15)


# --- norms ---------------------------------------------------------------------------------------

NORMS = ["norm(x)", "sqrt(x @ x)", "sqrt(sum(x**2)/n)", "sum(norm(X, axis=1))", "norm(X)"]
NORMS += ["sum(sqrt(sum(X*X, axis=0)))", "sum(sqrt(sum((X - Y)**2, axis=1)))"]
ROWS = np.array([[3.0, -1.0, 2.0], [0.5, 4.0, -0.25]])


SCALES = [1e200, 1e-200, 2.0**1000, 1e-300, 1.0]


@pytest.mark.parametrize(
    ("name", "kind", "scale"),
    [
        *(("torch", np.float64, scale) for scale in SCALES),
        ("torch", np.float32, 1e30), ("torch", np.float32, 1e-30),
        ("array_api_strict", np.float64, 1e200), ("array_api_strict", np.float32, 1e-30),
        ("jax", np.float64, 1e-200), ("jax", np.float32, 1e30), ("dask", np.float64, 1e200),
    ],
)  # fmt: skip
def test_norms_and_their_slopes_at_any_scale(name, kind, scale):
    installed(name)
    given = {"x": "n", "X": "m n", "Y": "m n"}
    known = {"x": ROWS[0], "X": ROWS, "Y": ROWS[::-1] / 8}
    for text in NORMS[::3] if name == "jax" else NORMS:
        e = s.parse(text, given)
        by = "x" if "x" in text.replace("axis", "") else "X"
        f = s.lambdify((e, s.gradient(e, by)))
        data = {arg: (known[arg] * kind(scale)).astype(kind) for arg in f.args}
        value, slope = called(name, f, data, kind)
        wide = {arg: each.astype(np.longdouble) for arg, each in data.items()}
        with np.errstate(all="ignore"):
            wanted = _norm(text, wide)
        assert abs(value - wanted[0]) <= 8 * np.finfo(kind).eps * wanted[0], text
        error = np.abs(slope - wanted[1]).max()
        assert error <= 8 * np.finfo(kind).eps, text


def _norm(text, data):
    """Value and slope in longer numbers, of wider range."""
    x = data["x"] if "x" in data else data["X"] - data.get("Y", 0)
    axis = {"sum(norm(X, axis=1))": 1, "sum(sqrt(sum(X*X, axis=0)))": 0}.get(text)
    axis = 1 if "Y" in data else axis
    size = np.sqrt(np.sum(x * x, axis=axis, keepdims=True))
    share = np.sqrt(np.longdouble(x.size)) if "/n" in text else 1
    return size.sum() / share, x / size / share


def test_norms_under_jit_and_automatic_slopes():
    installed("jax")
    import jax

    torch = installed("torch")
    e = s.parse("norm(x)", {"x": "n"})
    f = s.lambdify(e)
    for scale in (1e200, 1e-200, 2.0**1000):
        point = np.array([3.0, 4.0] * 40) * scale
        unit = point / scale / np.sqrt(1000.0)
        slope = jax.jit(jax.grad(f))(jax.numpy.asarray(point))
        np.testing.assert_allclose(slope, unit, rtol=1e-14)
        x = torch.tensor(point, requires_grad=True)
        f(x).backward()
        np.testing.assert_allclose(x.grad, unit, rtol=1e-14)


@pytest.mark.parametrize("name", LIBRARIES)
def test_norms_of_special_values(name):
    installed(name)
    f = s.lambdify(s.norm(s.vector("x", "n")), check=False)
    for values, wanted in (
        ([0.0, 0.0], 0), ([np.inf, 1.0], np.inf), ([-np.inf, 2.0], np.inf),
        ([np.nan, 1.0], np.nan), ([np.nan, np.inf], np.nan), ([-5e-300], 5e-300),
    ):  # fmt: skip
        np.testing.assert_equal(float(plain(f(convert(name, values)))), wanted)


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(2 - x @ x)",
        "sqrt(-(x @ x))",
        "sqrt(x @ y)",
        "sqrt(sum(X, axis=1))",
        "sqrt(sum(x*x*x))",
    ],
)
def test_other_roots_stay(text):
    e = s.parse(text, {"x": "n", "y": "n", "X": "m n"})
    assert "norm" not in s.lambdify(e).array_api_source.rpartition('"""')[2]


def test_root_of_squares_along_two_axes_or_on_a_diagonal():
    torch = installed("torch")
    T, x = s.tensor("T", "m", "n", "k"), s.vector("x", "n")
    numbers = np.arange(1.0, 25.0).reshape(2, 3, 4)
    for e, wanted in (
        (s.sqrt(s.sum(T * T, axis=(0, 2))), np.sqrt((numbers**2).sum((0, 2)))),
        (s.sqrt(s.sum(4 * T**2, axis=2)), 2 * np.sqrt((numbers**2).sum(2))),
        (s.sqrt(s.sum(s.diag(x) * s.diag(x), axis=0)), np.array([1.0, 2.0, 3.0])),
    ):
        data = {"T": torch.tensor(numbers), "x": torch.tensor([-1.0, 2.0, -3.0])}
        f = s.lambdify(e)
        np.testing.assert_allclose(f(*(data[arg] for arg in f.args)), wanted, rtol=1e-15)


@pytest.mark.parametrize("name", LIBRARIES)
def test_norms_over_nothing(name):
    installed(name)
    X = s.matrix("X", "m", "n")
    empty = convert(name, np.zeros((0, 3)))
    assert plain(s.lambdify(s.norm(X, axis=1))(empty)).shape == (0,)
    assert float(plain(s.lambdify(s.sqrt(s.sum(X * X)))(empty))) == 0
    np.testing.assert_array_equal(plain(s.lambdify(s.norm(X, axis=0))(empty)), np.zeros(3))


# --- arrays of every form ------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*FUNCTIONS, "norm(x)", "logsumexp(x) - x[0]", "softmax(x) - x"])
def test_forms_of_tensors(text):
    """Strided, of one entry, whole, of low precision, on the tape: what contiguous float64 gives."""
    torch = installed("torch")
    f = s.lambdify(s.parse(text, {"x": "n"}), arguments=["x"])
    point = torch.tensor([0.5, 2.0, 1.0, 3.0], dtype=torch.float64)
    wanted = f(point)
    assert torch.equal(f(torch.stack([point, -point], 1)[:, 0]), wanted)
    assert torch.equal(f(point.clone().requires_grad_()).detach(), wanted)
    assert f(point[:1]).shape == wanted[:1].shape if wanted.ndim else True
    for kind, error in ((torch.float32, 3e-7), (torch.float16, 2e-3), (torch.bfloat16, 2e-2)):
        found = f(point.to(kind))
        assert found.dtype == kind
        np.testing.assert_allclose(found.to(torch.float64), wanted, rtol=error, atol=error)
    whole = f(torch.tensor([3, 1, 2]))
    assert whole.dtype == torch.float64
    double = torch.tensor([3.0, 1.0, 2.0], dtype=torch.float64)
    np.testing.assert_allclose(whole, f(double), rtol=0)


@pytest.mark.parametrize("text", [text for text in FUNCTIONS if "norm" not in text])
def test_forms_of_numbers(text):
    """An array without axes, and one without entries; what is not a number stays so."""
    torch = installed("torch")
    f = s.lambdify(s.parse(text, {"x": "n"}), arguments=["x"], check=False)
    g = s.lambdify(s.parse(text, {"x": ""}), arguments=["x"])
    point = torch.tensor(0.75, dtype=torch.float64)
    assert float(g(point)) == float(f(point[None])[0])
    assert f(torch.zeros(0)).shape == (0,)
    assert torch.isnan(f(torch.tensor([torch.nan, 0.5])))[0]


@pytest.mark.parametrize("name", LIBRARIES)
def test_infinity(name):
    installed(name)
    limits = {
        "sigmoid(x)": (1, 0),
        "softplus(x)": (np.inf, 0),
        "tanh(x)": (1, -1),
        "sinh(x)": (np.inf, -np.inf),
    }
    limits |= {"cosh(x)": (np.inf, np.inf), "expm1(x)": (np.inf, -1), "2 + sigmoid(x)": (3, 2)}
    with np.errstate(all="ignore"):
        for text, wanted in limits.items():
            f = s.lambdify(s.parse(text, {"x": "n"}), arguments=["x"], check=False)
            np.testing.assert_array_equal(plain(f(convert(name, [np.inf, -np.inf]))), wanted)


def test_mixed_types():
    torch = installed("torch")
    f = s.lambdify(s.parse("norm(x) + sum(softplus(y) - y)", {"x": "n", "y": "n"}))
    found = f(
        torch.tensor([3.0, 4.0], dtype=torch.float32), torch.tensor([0.0, 1.0], dtype=torch.float64)
    )
    assert found.dtype == torch.float64
    found = f(torch.tensor([3.0, 4.0], dtype=torch.bfloat16), torch.tensor([0, 1]))
    assert found.dtype == torch.float64


def test_ties_and_single_entries_of_softmax():
    torch = installed("torch")
    f = s.lambdify(s.parse("softmax(x) - y", {"x": "n", "y": "n"}))
    for values in ([1.0, 1.0], [2.0], [0.0, 0.0, -800.0], [5.0, 5.0, 5.0], [0.0, -0.5]):
        x = torch.tensor(values, dtype=torch.float64)
        np.testing.assert_allclose(f(x, torch.zeros_like(x)), torch.softmax(x, 0), rtol=3e-16)
