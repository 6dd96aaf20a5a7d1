"""Batch axes: a function of many items gives what a loop over the items gives."""

import itertools
import pickle

import numpy as np
import pytest

import symbolic as s
from symbolic.nodes import Apply

GIVEN = {
    "X": "n d", "W": "d k", "A": "n n", "S": "n n: spd", "v": "n", "u": "n", "w": "d", "b": "k",
    "y": "n: binary", "P": "n k: prob", "L": "n n: lower", "lam": ": positive", "T": "n d k",
}  # fmt: skip
SIZES = {"n": 4, "d": 3, "k": 2}

EXPRESSIONS = [
    "X @ w", "X.T @ (X @ w - v)", "mean(softplus(X @ w) - y*(X @ w))", "X @ W", "A @ A.T @ v",
    "v @ A @ u", "sum(X)", "sum(X, axis=0)", "mean(X, axis=1)", "trace(A)", "trace(A @ A)", "diag(v)",
    "diagonal(A)", "diag(v) @ A", "outer(v, u)", "X.T @ diag(v) @ X", "A + lam*eye(n)", "lam*v",
    "exp(-v**2) + u", "where(v > u, v, u)", "maximum(v, 0)*u", "softmax(v)", "softmax(X @ W, axis=1)",
    "softmax(X @ W, axis=0)", "softmax(X)", "logsumexp(X)", "logsumexp(X, axis=0)", "log_softmax(X)",
    "max(X)", "min(X, axis=1)", "prod(v)", "norm(X)", "norm(X, axis=0)", "solve(A, v)", "inv(A)",
    "v @ solve(S, v) + logdet(S)", "logdet(A)", "det(A)", "cholesky(S)", "solve(S, X)", "inv(L) @ v",
    "eigvalsh(S)", "v[1:] - v[:-1]", "X[:, 1]", "X[1:, ::2]", "A[0, 2]", "tril(A)", "triu(A) @ v",
    "kron(v, w)", "concatenate(v, u)", "X[:, None, :]", "einsum('nd,dk,n->k', X, W, v)",
    "sum(T*T, axis=(0, 2))", "einsum('ndk,d->nk', T, w)", "3*ones(n) + 0*v", "conv1d(v, w)",
]  # fmt: skip
DERIVED = [
    ("mean(softplus(X @ w) - y*(X @ w))", "w"), ("sum((X @ w - v)**2) + lam*sum(w*w)", "w"),
    ("sum(tanh(X @ W) @ b)", "W"), ("logsumexp(X @ w)", "w"), ("v @ solve(S, v) + logdet(S)", "v"),
    ("sum(softmax(X @ w)*v)", "w"), ("sum(v[1:]*v[:-1])", "v"), ("norm(X @ w)", "w"),
]  # fmt: skip


def expression(text):
    return s.parse(text, GIVEN)


def value_of(rng, name, front):
    letters, _, domain = (part.strip() for part in GIVEN[name].partition(":"))
    shape = tuple(SIZES[letter] for letter in letters.split())
    value = rng.normal(size=front + shape)
    match domain:
        case "binary":
            value = (value > 0) * 1.0
        case "positive":
            value = np.exp(value)
        case "prob":
            value = np.exp(value) / np.exp(value).sum(-1, keepdims=True)
        case "spd":
            value = value @ value.swapaxes(-1, -2) + np.eye(shape[-1])
        case "lower":
            value = np.tril(value) + 3 * np.eye(shape[-1])
    return value


def check_against_loop(e, batch, fronts, seed):
    one = s.lambdify(e)
    many = s.lambdify(e, batch=batch)
    rng = np.random.default_rng(seed)
    given = {name: value_of(rng, name, fronts.get(name, ())) for name in many.args}
    front = np.broadcast_shapes(*fronts.values())
    found = many(**given)
    several = found if isinstance(found, tuple) else (found,)
    spread = {
        name: np.broadcast_to(value, front + value.shape[len(fronts.get(name, ())) :])
        for name, value in given.items()
    }
    for place in np.ndindex(front):
        wanted = one(**{name: value[place] for name, value in spread.items()})
        for each, right in zip(
            several, wanted if isinstance(wanted, tuple) else (wanted,), strict=True
        ):
            assert each.shape == front + np.shape(right)
            np.testing.assert_allclose(
                each[place], right, rtol=1e-9, atol=1e-9, err_msg=f"seed {seed}, {batch}, {fronts}"
            )


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_many_items_are_a_loop_over_items(text):
    e = expression(text)
    names = s.lambdify(e).args
    check_against_loop(e, True, dict.fromkeys(names, (5,)), 1)
    for name in names:
        check_against_loop(e, [name], {name: (2, 3)}, 2)
    check_against_loop(e, True, {name: [(2, 1), (3,)][k % 2] for k, name in enumerate(names)}, 3)


@pytest.mark.parametrize(("text", "wrt"), DERIVED)
def test_derivatives_of_many_items(text, wrt):
    value = expression(text)
    slope = s.gradient(value, wrt)
    e = (value, slope, s.hessian(value, wrt)) if wrt != "W" else (value, slope)
    names = s.lambdify(e).args
    for count in (1, 2):
        for batch in itertools.islice(itertools.combinations(names, count), 3):
            check_against_loop(e, batch, dict.fromkeys(batch, (3,)), 4)


def test_an_item_alone_is_as_ever():
    f = s.lambdify(expression("X @ w"), batch=["w"])
    assert repr(f) == "<generated NumPy function f(X, w), batch axes of w>"
    assert f([[1, 2]], [3, 4]).tolist() == [11]
    assert f([[1, 2]], np.ones((2, 3, 2))).shape == (2, 3, 1)
    assert f([[1, 2]], np.ones((0, 2))).shape == (0, 1)
    assert f(np.ones((1, 2), np.float32), np.ones((3, 2), np.float32)).dtype == np.float32
    again = pickle.loads(pickle.dumps(f))
    assert again([[1, 2]], [[3, 4]]).tolist() == [[11]]
    assert s.lambdify((expression("sum(w)"), expression("2*w")), batch=True)([[1, 2]])[
        0
    ].tolist() == [3]
    assert "X: array of shape (n, d)" in f.source
    assert "w: array of shape (batch, d)" in f.source


# --- prepare, out, threads: as for one item -------------------------------------------------------

LOSS = expression("mean(softplus(X @ w) - y*(X @ w))")
BOTH = (LOSS, s.gradient(LOSS, "w"))


def loss_data(fronts):
    rng = np.random.default_rng(7)
    return {name: value_of(rng, name, fronts.get(name, ())) for name in ("X", "w", "y")}


@pytest.mark.parametrize("fronts", [
    {}, {"w": (5,)}, {"X": (5,)}, {"X": (2, 1), "w": (3,)}, {"w": (2, 3), "y": (3,)}, {"X": (1,), "y": (0,)},
    {"w": (1,)},
])  # fmt: skip
@pytest.mark.parametrize("bound", [(), ("X",), ("w",), ("y", "X"), ("X", "w", "y")])
def test_prepared_for_many_items(fronts, bound):
    f = s.lambdify(BOTH, batch=True)
    data = loss_data(fronts)
    wanted = f(**data)
    g = f.prepare(**{name: data[name] for name in bound})
    assert g.args == tuple(name for name in f.args if name not in bound)
    assert g.bound == tuple(name for name in f.args if name in bound)
    free = {name: data[name] for name in g.args}
    out = tuple(np.full(np.shape(each), 5.0) for each in wanted)
    for call in (
        lambda: g(**free),
        lambda: g(*free.values()),
        lambda: pickle.loads(pickle.dumps(g))(**free),
        lambda: g(**free, out=out),
        lambda: f(**data, out=out),
        lambda: f.prepare(**{name: data[name] for name in bound}, out=out)(**free),
        lambda: f.prepare().prepare(**{name: data[name] for name in bound})(**free),
        lambda: f(**data, threads=1),
    ):
        found = call()
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(one, other)
            assert one.dtype == other.dtype
    for one, other in zip(f(**data, out=(None, out[1])), (None, out[1]), strict=True):
        assert other is None or one is other


def test_prepared_batches_follow_their_data():
    f = s.lambdify(expression("X @ w"), batch=["w"])
    X = np.eye(2)
    g = f.prepare(X=X)
    assert repr(g) == "<generated NumPy function f(w), batch axes of w, X prepared>"
    assert g([[3, 4], [5, 6]]).tolist() == [[3, 4], [5, 6]]
    X[:] *= 2
    assert g([[3, 4], [5, 6]]).tolist() == [[6, 8], [10, 12]]
    assert g([3, 4]).tolist() == [6, 8]
    for count in range(1, 20):  # more than are remembered
        assert g(np.ones((count, 2))).shape == (count, 2)
    assert g(np.ones((2, 2), np.float32)).dtype == np.float64
    assert f.prepare(X=np.float32(X))(np.ones((2, 2), np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("bound", "error", "message"),
    [
        ({"v": 1}, s.NameUnknownError, "the function has no argument v; use X, w, y"),
        ({"X": np.ones((2, 5, 3)) * np.nan}, s.DataError, r"X\[0, 0, 0\] = nan"),
        ({"X": np.ones((2, 5, 3)), "y": np.ones((3, 5))}, s.ShapeError, "do not broadcast"),
        ({"X": np.ones((2, 5, 3)), "y": np.ones((2, 4))}, s.ShapeError, "X has n = 5 rows but y has n = 4"),
        ({"y": np.full((2, 5), 0.5)}, s.DomainError, r"y\[0, 0\] = 0.5: y is declared binary"),
        ({"w": "text"}, s.DataError, "w = 'text'"),
        ({"w": np.ones(())}, s.ShapeError, "1 axes or more"),
        ({"threads": 0}, s.UnsupportedError, "not a number of threads"),
    ],
)  # fmt: skip
def test_what_cannot_be_prepared_for_many_items(bound, error, message):
    with pytest.raises(error, match=message):
        s.lambdify(BOTH, batch=True).prepare(**bound)


def test_bad_calls_of_prepared_batches():
    f = s.lambdify(BOTH, batch=True)
    data = loss_data({"w": (2,)})
    g = f.prepare(X=data["X"], y=data["y"])
    g(data["w"])
    for wrong, error, message in [
        ((data["w"][:, :2],), s.ShapeError, "X has d = 3 columns but w has d = 2"),
        ((data["w"] * np.nan,), s.DataError, r"w\[0, 0\] = nan"),
        ((), s.NameUnknownError, "a call without w"),
        ((1, 2), s.NameUnknownError, "the function takes 1: f\\(w\\)"),
    ]:
        with pytest.raises(error, match=message):
            g(*wrong)
    with pytest.raises(s.NameUnknownError, match="X is prepared already"):
        g.prepare(X=data["X"])
    with pytest.raises(s.NameUnknownError, match="no such argument"):
        g(data["w"], X=data["X"])


def test_buffers_for_many_items():
    f = s.lambdify(expression("X @ w"), batch=["w"])
    X, w = np.ones((4, 3)), np.arange(18.0).reshape(2, 3, 3)
    wanted = f(X, w)
    frozen = np.empty((2, 3, 4))
    frozen.flags.writeable = False
    for out, error, message in [
        (np.empty((6, 4)), s.ShapeError, r"out with shape \(6, 4\): the result has shape \(2, 3, 4\)"),
        (np.empty((2, 3, 4), np.float32), s.DataError, "dtype float32: the result has dtype float64"),
        (frozen, s.DataError, "read-only"),
        (np.empty((2, 3, 4), order="F"), s.DataError, "do not follow each other in memory"),
        ([0.0] * 4, s.DataError, "a list, not a NumPy array"),
        ((np.empty((2, 3, 4)),), s.DataError, "a tuple, not a NumPy array"),
        (np.lib.stride_tricks.as_strided(np.empty(1), (2, 3, 4), (0, 0, 0)), s.DataError, "share memory"),
    ]:  # fmt: skip
        with pytest.raises(error, match=message):
            f(X, w, out=out)
        with pytest.raises(error, match=message):
            f.prepare(X=X, out=out)(w)
    strided = np.empty((2, 3, 8))[:, :, ::2]
    assert f(X, w, out=strided) is strided
    np.testing.assert_array_equal(strided, wanted)
    square = np.ones((3, 3))
    with pytest.raises(s.DataError, match="shares memory with w"):
        f(np.eye(3), square, out=square)
    with pytest.raises(s.DataError, match="shares memory with w"):
        f(np.ones((2, 3)), wide := np.ones((2, 1, 3)), out=wide[:, :, :2])
    twice = s.lambdify((expression("w*2"), expression("w*3")), batch=True)
    for out, message in [
        (np.empty((2, 3)), "2 results, out is a ndarray"),
        ((square, square), r"out\[1\], an array that shares memory with out\[0\]"),
    ]:
        with pytest.raises(s.DataError, match=message):
            twice(np.ones((3, 3)), out=out)


def test_threads_for_many_items():
    f = s.lambdify(expression("outer(w, w)"), batch=["w"])
    for wrong in (0, True, "2"):
        with pytest.raises(s.UnsupportedError, match="not a number of threads"):
            f(np.ones((2, 3)), threads=wrong)
    assert f(np.ones((2, 3)), threads=1).shape == (2, 3, 3)
    loss = s.lambdify(LOSS, batch=["w"])
    data = loss_data({})
    assert loss(**data, threads=2) == loss(**data)


def test_the_generated_function_for_many_items():
    f = s.lambdify(expression("X @ w"), batch=["w"])
    assert f.unchecked(np.eye(2), np.ones((3, 2))).shape == (3, 2)
    assert "def f(xp, X, w)" in f.array_api_source


@pytest.mark.parametrize(
    "text", ["inv(A)", "logdet(A)", "max(v)", "v[1:]", "A @ v", "sum(v)", "3 + 0*v"]
)
def test_no_items(text):
    e = expression(text)
    both = s.lambdify((e, 2 * e), batch=True)
    one = s.lambdify(e)
    rng = np.random.default_rng(0)
    data = {name: value_of(rng, name, ()) for name in one.args}
    for front in ((0,), (2, 0)):
        for dtype in (np.float64, np.float32):
            none = {name: np.empty(front + value.shape, dtype) for name, value in data.items()}
            wanted = front + one(**data).shape
            out = (np.empty(wanted, dtype), None)
            for found in (both(**none), both.prepare(**none)(), both(**none, out=out)):
                assert [each.shape for each in found] == [wanted] * 2
                assert [each.dtype for each in found] == [dtype] * 2
            assert found[0] is out[0]
            longer = np.empty((*wanted, 1), dtype)
            for wrong in ((None, longer), (out[0].astype(int), None), (None,), longer):
                with pytest.raises(s.ShapeError, match="the results have shape"):
                    both(**none, out=wrong)


def test_no_items_are_checked_as_others():
    f = s.lambdify(expression("X @ w"), batch=["w"])
    for X, w, error, message in [
        (np.ones((4, 3)), np.ones((0, 2)), s.ShapeError, "X has d = 3 columns but w has d = 2"),
        (np.full((4, 3), np.nan), np.ones((0, 3)), s.DataError, r"X\[0, 0\] = nan"),
    ]:
        with pytest.raises(error, match=message):
            f(X, w)
        with pytest.raises(error, match=message):
            f.prepare(X=X)(w)


def test_integers_of_many_items():
    f = s.lambdify(expression("S @ v"), batch=["S"])
    S = np.array([[[2, 1], [1, 2]]] * 3)
    assert f(S, [1, 1]).tolist() == f.prepare(S=S)([1, 1]).tolist() == [[3, 3]] * 3
    g = s.lambdify(expression("X @ w"), batch=["w"]).prepare(X=[[1, 2]])
    assert g([[1, 2], [3, 4]]).tolist() == [[5], [11]]


def test_a_size_called_batch():
    v = s.vector("v", "batch")
    f = s.lambdify(2 * v, batch=[v])
    assert f(np.ones((3, 2))).tolist() == [[2, 2]] * 3


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"X": np.ones((2, 5, 3))}, s.ShapeError, "not among those with batch axes; .* add X"),
        (
            {"w": np.ones(())},
            s.ShapeError,
            "it is declared with shape \\(d,\\); pass .* 1 axes or more",
        ),
        (
            {"w": np.ones((2, 3)), "y": np.ones((3, 5))},
            s.ShapeError,
            "y has \\(3,\\) and w has \\(2,\\)",
        ),
        ({"w": np.ones((2, 4))}, s.ShapeError, "X has d = 3 columns but w has d = 4"),
        ({"w": [[1, 2, np.nan]]}, s.DataError, r"w\[0, 2\] = nan"),
        ({"y": np.full((2, 5), 0.5)}, s.DomainError, "declared binary"),
        ({"q": 1}, s.NameUnknownError, "no such argument"),
    ],
)
def test_bad_arguments(change, error, message):
    f = s.lambdify(expression("sum(y*(X @ w))"), batch=["w", "y"])
    good = {"X": np.ones((5, 3)), "w": np.ones((2, 3)), "y": np.ones((2, 5))}
    f(**good)
    with pytest.raises(error, match=message):
        f(**good | change)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("S", "logdet(S)", r"S\[0, 1\] = 1.0, in item \[1, 0\]: S is declared spd"),
        ("P", "sum(P)", r"P\[0, 0\] = 1.0, in item \[1, 0\]: P is declared prob"),
        ("L", "L @ v", r"L\[0, 1\] = 1.0, in item \[1, 0\]: L is declared lower"),
    ],
)
def test_domains_of_each_item(name, text, message):
    f = s.lambdify(expression(text), batch=[name])
    rng = np.random.default_rng(0)
    good = {each: value_of(rng, each, (3, 2) if each == name else ()) for each in f.args}
    f(**good)
    bad = good[name].copy()
    bad[1, 0] = 1
    bad[1, 0, 1, 0] = 5
    with pytest.raises(s.DomainError, match=message):
        f(**good | {name: bad})
    bad[2, 1, 0, 0] = bad[1, 0, 0, 0] = np.nan
    with pytest.raises(s.DataError, match=rf"{name}\[0, 0\] = nan, in item \[1, 0\]"):
        f(**good | {name: bad})
    s.lambdify(expression(text), batch=[name], check=False)(**good)


def test_what_has_no_form_for_many_items():
    with pytest.raises(s.UnsupportedError, match=r"batch axes for expm: .*once for each item"):
        s.lambdify(Apply("expm", expression("A")), batch=["A"])
    with pytest.raises(s.UnsupportedError, match="compressed results have no batch axes"):
        s.lambdify(expression("v"), batch=["v"], compressed=True)
    for wrong in (["q"], "v", [s.vector("q", "n")]):
        with pytest.raises(s.NameUnknownError, match="is no argument of the function"):
            s.lambdify(expression("2*v"), batch=wrong)
