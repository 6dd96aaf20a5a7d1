"""Types, layouts and sizes of arguments: what comes in, what is computed in, what comes out."""

import warnings

import numpy as np
import pytest

import symbolic as s
from tests.symbolic.numpy_oracle import evaluate

GIVEN = {
    "X": "n d", "W": "d k", "A": "n n", "S": "n n: spd", "v": "n", "u": "n", "w": "d",
    "y": "n: binary", "q": "n: unit", "P": "n k: prob", "lam": ": positive",
}  # fmt: skip
SIZES = {"n": 6, "d": 4, "k": 3}

EXPRESSIONS = [
    "X @ w", "X.T @ (X @ w - v)", "mean(softplus(X @ w) - y*(X @ w))", "X.T @ (sigmoid(X @ w) - y)/n",
    "X.T @ diag(q*(1 - q)) @ X", "X.T @ X + lam*eye(d)", "sum(exp(v))", "max(v)", "where(v > u, v, u)",
    "v[1:]*u[:-1]", "X[:, 1:]", "tril(A) @ v", "diagonal(A)", "trace(A @ A)", "outer(v, u)", "diag(v) + A",
    "softmax(X @ W, axis=1) - P", "-sum(P*log_softmax(X @ W, axis=1))", "solve(S, v)", "logdet(S) + v @ u",
    "kron(v, u)", "concatenate(v, u)", "X.T", "norm(X, axis=1)", "0.3*v + pi*u", "erf(v)*lam",
    "v[:, None]*u", "sum(max(X, axis=1))", "step(v)*u", "gelu(v)",
]  # fmt: skip


def expression(text):
    return s.parse(text, GIVEN)


def data(function, seed=3, sizes=SIZES):
    rng = np.random.default_rng(seed)
    found = {}
    for name in function.args:
        letters, _, domain = (part.strip() for part in GIVEN[name].partition(":"))
        shape = tuple(sizes[letter] for letter in letters.split())
        value = rng.integers(-8, 9, size=shape) / 4  # exact in float16 and bfloat16
        match domain:
            case "binary":
                value = (value > 0) * 1.0
            case "unit":
                value = np.abs(value) / 2
            case "positive":
                value = 0.5
            case "prob":
                value = np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]
            case "spd":
                value = np.eye(len(value)) * 4 + np.ones_like(value)
        found[name] = np.asarray(value, float)
    return found


def same(found, wanted, tolerance=1e-13):
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


# --- types ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_results_have_the_type_of_the_data(text):
    f = s.lambdify(expression(text))
    given = data(f)
    wanted = f(**given)
    assert wanted.dtype == np.float64
    for dtype, tolerance in ((np.float32, 1e-5), (np.float16, 1e-2)):
        for scalars in (dtype, float):
            typed = {k: dtype(v) if v.ndim else scalars(v) for k, v in given.items()}
            found = f(**typed)
            assert found.dtype == dtype, f.source
            same(found, wanted, tolerance)
    mixed = {k: np.float32(v) if place else v for place, (k, v) in enumerate(given.items())}
    found = f(**mixed)
    assert found.dtype == np.float64
    same(found, wanted)
    swapped = {k: v.astype(v.dtype.newbyteorder()) for k, v in given.items()}
    found = f(**swapped)
    assert found.dtype == np.dtype(float)
    assert found.dtype.isnative
    same(found, wanted)


def test_bfloat16_is_computed_in_float32():
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    for text in EXPRESSIONS:
        f = s.lambdify(expression(text))
        given = data(f)
        wanted = f(**given)
        found = f(**{name: value.astype(bfloat16) for name, value in given.items()})
        assert found.dtype == bfloat16, text
        same(found.astype(float), wanted, 2e-2)
    f = s.lambdify(expression("v*u"))
    half = np.ones(2, bfloat16)
    assert f(half, np.ones(2, np.float32)).dtype == np.float32
    assert f(half, np.ones(2, np.float16)).dtype == np.float32
    assert f(half, half).dtype == bfloat16
    with pytest.raises(s.DataError, match=r"v\[1\] = nan"):
        f(np.array([1, np.nan], bfloat16), half)
    g = s.lambdify(s.sum(s.matrix("P", "n", "k", domain="prob")))
    assert g(np.full((2, 3), 1 / 3, bfloat16)) == 2


def test_half_precision_does_not_overflow_inside():
    f = s.lambdify(s.mean(s.vector("v", "n")))
    assert f(np.full(1000, 1000, np.float16)) == np.float16(1000)
    assert f(np.full(1000, 1000, np.float16)).dtype == np.float16


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint16, bool])
def test_integers_become_float64(dtype):
    f = s.lambdify(expression("X @ w"))
    X, w = np.array([[1, 0], [1, 1]], dtype), np.array([1, 1], dtype)
    assert f(X, w).dtype == np.float64
    assert f(X, w).tolist() == [1, 2]
    assert f(X, np.float32(w)).dtype == np.float64
    assert f(X, [1, 2]).tolist() == [1, 3]


def test_numbers_of_python_take_the_type_of_the_arrays():
    f = s.lambdify(expression("lam*v"))
    v = np.ones(3, np.float32)
    assert f(lam=2, v=v).dtype == f(lam=0.5, v=v).dtype == np.float32
    assert f(lam=True, v=v).dtype == np.float32
    assert f(lam=np.float64(0.5), v=v).dtype == np.float64
    assert f(lam=np.array(0.5), v=v).dtype == np.float64
    assert f(lam=np.float32(0.5), v=v).dtype == np.float32
    assert s.lambdify(expression("lam*lam"))(3) == 9
    with pytest.raises(s.DataError, match=r"lam = 1e\+39: it is too large for float32"):
        f(lam=1e39, v=v)
    with pytest.raises(s.DataError, match="lam = inf"):
        f(lam=float("inf"), v=v)
    with pytest.raises(s.DataError, match=r"lam = 1000.*no array"):
        f(lam=10**400, v=v)


class Texty:
    def __array__(self, *_, **__):
        return np.array(["a"])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.ones(2, np.longdouble), "computes in float64 at most"),
        (np.ones(2, complex), "dtype complex128, not of real numbers"),
        (np.array([1, None]), "dtype object"),
        (np.array(["1", "2"]), "dtype <U1"),
        (np.array(["2020-01-01"] * 2, "datetime64[D]"), "dtype datetime64"),
        (np.ones(2, [("a", float)]), "dtype \\[\\('a', '<f8'\\)\\]"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "its mask would be lost"),
        (np.ma.masked_array([1.0, 2.0]), "its mask would be lost"),
        ([1, [2, 3]], "no array"),
        (Texty(), "dtype <U1"),
        (None, "dtype object"),
        ({1: 2}, "dtype object"),
    ],
)
def test_what_is_no_array_of_real_numbers(value, message):
    v = s.vector("v", "n")
    f = s.lambdify(2 * v)
    for _ in range(2):  # a refusal is not remembered as accepted
        with pytest.raises(s.DataError, match=f"^v.*{message}"):
            f(value)
        with pytest.raises(s.DataError, match=f"^v.*{message}"):
            s.lambdify(v * v, check=False)(value)


# --- layouts -------------------------------------------------------------------------------------


def layouts(value):
    """The same values in memory in other ways."""
    yield value
    yield value.tolist()
    frozen = value.copy()
    frozen.flags.writeable = False
    yield frozen
    if value.ndim == 0:
        yield float(value)
        return
    yield np.repeat(value, 2, axis=0)[::2]
    yield np.flip(np.flip(value).copy())
    yield np.asfortranarray(value)
    odd = np.empty(value.nbytes + 1, np.uint8)[1:].view(value.dtype).reshape(value.shape)
    odd[...] = value
    yield odd
    if value.ndim == 2:
        yield np.repeat(value, 3, axis=1)[:, 1::3]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            yield np.matrix(value)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_layouts_of_arguments(text, tmp_path):
    f = s.lambdify(expression(text))
    given = data(f)
    wanted = f(**given)
    kept = {name: value.copy() for name, value in given.items()}
    for name, value in given.items():
        for laid in layouts(value):
            found = f(**given | {name: laid})
            assert type(found) in (np.ndarray, np.float64), type(laid)
            same(found, wanted)
        if value.ndim:
            on_disk = np.memmap(tmp_path / f"{name}.raw", value.dtype, "w+", shape=value.shape)
            on_disk[...] = value
            same(f(**given | {name: on_disk}), wanted)
    for name, value in given.items():
        np.testing.assert_array_equal(value, kept[name])


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_broadcast_views(text):
    f = s.lambdify(expression(text))
    given = data(f)
    for name, value in given.items():
        if value.ndim and name not in "SP":
            wide = np.broadcast_to(value[:1] * 0 + 1, value.shape)
            assert 0 in wide.strides
            same(f(**given | {name: wide}), f(**given | {name: wide.copy()}))


@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 4, 3), (6, 1, 1)])
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_axes_of_size_one(text, sizes):
    by_letter = dict(zip("ndk", sizes, strict=True))
    if "1:" in text and by_letter["n" if "v" in text else "d"] == 1:
        pytest.skip("the slice has no entries")
    f = s.lambdify(expression(text))
    given = data(f, sizes=by_letter)
    found, wanted = f(**given), evaluate(expression(text), given, by_letter)
    assert found.shape == np.shape(wanted)
    same(found, wanted)


# --- no entries ----------------------------------------------------------------------------------


def nothing(function):
    sizes = {"n": 0, "d": 2}
    letters = {name: GIVEN[name].partition(":")[0].split() for name in function.args}
    return {name: np.ones([sizes[each] for each in letters[name]]) for name in function.args}


def test_sums_over_nothing_are_zero():
    def of_nothing(text):
        f = s.lambdify(expression(text))
        return f(**nothing(f))

    assert of_nothing("X @ w").shape == (0,)
    assert of_nothing("X.T @ v").tolist() == [0, 0]
    assert of_nothing("sum(v*v)") == of_nothing("sum(v) + sum(u)") == 0
    assert of_nothing("X.T @ X").tolist() == [[0, 0], [0, 0]]
    assert of_nothing("outer(v, u)").shape == (0, 0)
    assert of_nothing("exp(v)").shape == (0,)
    assert of_nothing("prod(v)") == 1
    assert of_nothing("norm(v)") == of_nothing("norm(X @ w - v)**2") == 0
    assert of_nothing("norm(X, axis=0)").tolist() == [0, 0]
    assert of_nothing("max(X, axis=1)").shape == (0,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mean(v)", "a mean over entries of which there are none"),
        ("X.T @ (X @ w - v)/n", "a mean over"),
        ("max(v)", "max of entries"),
        ("logsumexp(v)", "logsumexp of entries"),
        ("max(X, axis=0)", "max of entries"),
        ("softmax(v)", "softmax of entries"),
        ("v[1:]", "a slice"),
        ("v[0]", "a slice"),
        ("tril(A)", "a slice, shift or window"),
        ("inv(A)", "inv of entries"),
        ("logdet(S)", "logdet of entries"),
        ("kron(v, u)", "n = 0"),
        ("concatenate(v, u)", "n = 0"),
    ],
)
def test_what_has_no_value_for_no_entries(text, message):
    for check in (True, False):
        f = s.lambdify(expression(text), check=check)
        with pytest.raises((s.DataError, s.ShapeError), match=r"n = 0|n - 1") as caught:
            f(**nothing(f))
        assert isinstance(caught.value, s.ShapeError) or message in str(caught.value)


def test_bad_values_beside_empty_arrays():
    f = s.lambdify(expression("X @ w"))
    with pytest.raises(s.DataError, match=r"w\[1\] = nan"):
        f(np.ones((0, 2)), [1, np.nan])
