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
