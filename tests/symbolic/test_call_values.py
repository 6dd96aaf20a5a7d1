"""NaN and infinity never pass silently: tested beforehand, or vouched for by a finite result."""

import warnings

import numpy as np
import pytest

import symbolic as s
from symbolic.code.vouching import products_keep_infinities, vouched

GIVEN = {
    "X": "n d", "W": "d k", "A": "n n", "S": "n n: spd", "v": "n", "u": "n", "w": "d", "b": "k",
    "y": "n: binary", "q": "n: unit", "r": "n: positive", "g": "n: pm1", "P": "n k: prob",
    "H": "n k: onehot", "lam": "", "c": ": positive", "D": "n n: diagonal", "L": "n n: lower",
}  # fmt: skip
SIZES = {"n": 6, "d": 4, "k": 3}

EXPRESSIONS = [
    "X @ w", "X.T @ (X @ w - v)", "sum((X @ w - v)**2)", "mean(softplus(X @ w) - y*(X @ w))",
    "X.T @ (sigmoid(X @ w) - y)/n", "X.T @ diag(q*(1 - q)) @ X", "X.T @ X + lam*eye(d)",
    "sum(exp(v))", "exp(-v**2)", "sum(sigmoid(v))", "1/(1 + v**2)", "max(v)", "min(v*u)",
    "where(v > u, v, u)", "maximum(v, 0)", "relu(X @ w)", "relu(X) @ w", "step(v)*u", "sign(v)",
    "v[1:]", "v[2]", "sum(v[1:]*u[:-1])", "X[:, 1:]", "sum(A[0])", "tril(A)", "triu(A) @ v",
    "diagonal(A)", "trace(A)", "trace(A @ A)", "A * eye(n)", "eye(n) * A @ v", "diag(v)", "diag(v) @ A",
    "outer(v, u)", "v*u - v*u", "v - v", "0*v + u", "v/u", "v*r", "log(r)*v", "tanh(v)", "norm(v)",
    "norm(v)*u", "logsumexp(X @ w)", "softmax(X, axis=1)", "softmax(X @ W, axis=1) - P",
    "-sum(H*log_softmax(X @ W, axis=1))", "X.T @ (softmax(X @ W, axis=1) - H)", "solve(S, v)",
    "v @ solve(S, v) + logdet(S)", "inv(A) @ v", "solve(L, v)", "D @ v", "L @ v", "A * L", "X * c",
    "kron(v, u)", "concatenate(v, u)", "sum(abs(v))", "sqrt(v**2 + 1)", "prod(v)", "erf(v) + u",
    "sum(log(1 + exp(-g*(X @ w))))", "(v @ u)*w", "sum(v)*ones(n)", "lam*v + (1 - lam)*u",
    "arctanh(0*lam) + v", "where(lam > 0, v, u)", "sum(where(v > 0, v, 0))", "v**3 - v", "(v @ v)**2",
    "minimum(lam, 1)", "lam/c", "X.T @ (step(X @ w)*v)", "sum(softmax(v)*u)", "max(X, axis=1)",
]  # fmt: skip
SEVERAL = [
    ("mean(softplus(X @ w) - y*(X @ w))", "w"), ("sum((X @ w - v)**2) + lam*sum(w*w)", "w"),
    ("sum(relu(X @ W) @ b)", "W"), ("-sum(H*log_softmax(X @ W, axis=1))", "W"),
    ("v @ solve(S, v) + logdet(S)", "v"), ("sum(max(X @ W, axis=1))", "W"),
    ("sum(exp(-(v - u)**2))", "u"),
]  # fmt: skip


def data(rng, name, *, zeros=False):
    sizes, _, domain = (part.strip() for part in GIVEN[name].partition(":"))
    shape = tuple(SIZES[letter] for letter in sizes.split())
    found = rng.normal(size=shape)
    if zeros and domain == "":
        found = np.zeros(shape)
    match domain:
        case "binary":
            found = (found > 0) * 1.0
        case "pm1":
            found = np.where(found > 0, 1.0, -1.0)
        case "unit":
            found = rng.uniform(size=shape)
        case "positive":
            found = np.exp(found)
        case "prob":
            found = np.exp(found) / np.exp(found).sum(-1, keepdims=True)
        case "onehot":
            found = np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]
        case "spd":
            found = found @ found.T + np.eye(len(found))
        case "diagonal":
            found = np.diag(np.diagonal(found))
        case "lower":
            found = np.tril(found) + 3 * np.eye(len(found))
    return found if shape else float(found)


def poisoned(rng, value, bad):
    array = np.array(value, float)
    array[tuple(int(rng.integers(size)) for size in array.shape)] = bad
    return array


def check_refusals(function, seed, *, zeros):
    rng = np.random.default_rng(seed)
    good = {name: data(rng, name, zeros=zeros) for name in function.args}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 0/0 of the good data
        function(**good)
    for name in function.args:
        for bad in (np.nan, np.inf, -np.inf):
            change = poisoned(rng, good[name], bad)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the computation with bad data
                with pytest.raises(
                    s.DataError, match=rf"^{name}(\[[\d, ]+\])? = -?(nan|inf): 1 of"
                ):
                    function(**good | {name: change})
            with pytest.raises(s.DataError):  # and where warnings are errors
                function(**good | {name: change})


def expression(text):
    return s.parse(text, GIVEN)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_bad_values_are_refused(text):
    function = s.lambdify(expression(text))
    for seed in range(3):
        check_refusals(function, seed, zeros=False)
        if "/u" not in text and "inv(A)" not in text:
            check_refusals(function, seed, zeros=True)


@pytest.mark.parametrize(("text", "wrt"), SEVERAL)
def test_bad_values_are_refused_by_values_with_derivatives(text, wrt):
    value = expression(text)
    slope = s.gradient(value, wrt)
    for zeros in (False, True):
        check_refusals(s.lambdify((value, slope)), 1, zeros=zeros)
        check_refusals(s.lambdify((slope, value)), 2, zeros=zeros)


def test_what_results_vouch_for():
    def names(text):
        (found,) = vouched([expression(text)])
        return {variable.name for variable in found}

    assert names("mean(softplus(X @ w) - y*(X @ w))") == {"X", "w", "y"}
    assert names("X.T @ (sigmoid(X @ w) - y)/n") == {"X", "y"}
    assert names("X @ W - v[:, None]*b") == {"X", "W", "v", "b"}
    assert names("(v + u**3)*lam") == {"v", "u", "lam"}
    assert names("X.T @ X") == {"X"}
    assert names("diag(v) @ A") == names("diag(v) @ A @ diag(v)") == {"v", "A"}
    assert names("X.T @ diag(exp(v)) @ X") == {"X"}
    assert names("eye(n) @ A") == {"A"}
    for nothing in (
        "exp(v)", "1/v", "v[1:]", "max(v)", "A * eye(n)", "tril(A)", "diagonal(A)", "relu(v)",
        "inv(A)", "S @ diag(exp(v))", "where(v > 0, v, v**2)", "0*v", "step(v)*step(u)", "sum(S)",
        "abs(1/v)", "log(1 + exp(v))", "1/sqrt(v**2 + 1)",
    ):  # fmt: skip
        assert not names(nothing), nothing
    assert names("u*L") == names("u/v - relu(v)") - {"u"} == set()
    assert names("u*step(v)") == {"u"}  # 0 times infinity is NaN
    assert names("X.T @ (step(X @ w)*v)") == {"X", "v"}
    assert names("sum(abs(v))") == names("sqrt(v**2 + 1)") == names("log(v**2)") == {"v"}


def test_huge_values_overflow_as_in_numpy():
    f = s.lambdify(expression("v*u"))
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert np.isinf(f([1e200], [1e200])).all()
    with pytest.raises(RuntimeWarning, match="overflow"):  # where warnings are errors, as here
        f([1e200], [1e200])


def test_large_data_are_tested_in_blocks():
    rng = np.random.default_rng(5)
    f = s.lambdify(expression("sum(exp(-X**2))"))
    h = s.lambdify(expression("sum(y*v)"))
    for layout in (np.ascontiguousarray, np.asfortranarray, lambda a: np.repeat(a, 2, 1)[:, ::2]):
        X = layout(rng.normal(size=(9000, 7)))
        f(X)
        for place in [(0, 0), (8999, 6), (4321, 3)]:
            changed = X.copy()
            changed[place] = np.nan
            with pytest.raises(s.DataError, match=rf"X\[{place[0]}, {place[1]}\] = nan"):
                f(layout(changed))
    y = (rng.normal(size=40_000) > 0) * 1.0
    h(y, y)
    for bad, error in ((1 + 2**-52, s.DomainError), (5e-324, s.DomainError), (np.nan, s.DataError)):
        changed = y.copy()
        changed[31_234] = bad
        with pytest.raises(error, match=r"y\[31234\]"):
            h(changed, y)


def test_small_data_are_tested_again_when_they_change():
    f = s.lambdify(expression("v @ S @ v"))
    data, v = np.eye(3), np.ones(3)
    for _ in range(2):
        assert f(S=data, v=v) == 3
    for place, bad, error in [
        ((0, 1), 0.5, s.DomainError), ((1, 1), -1.0, s.DomainError), ((2, 2), np.inf, s.DataError),
        ((0, 2), np.nan, s.DataError),
    ]:  # fmt: skip
        kept = data[place]
        data[place] = bad
        for _ in range(2):
            with pytest.raises(error, match=r"S\[\d, \d\]"):
                f(S=data, v=v)
        data[place] = kept
        assert f(S=data, v=v) == 3


def test_products_of_this_numpy_keep_infinities():
    assert products_keep_infinities()


def test_a_library_that_skips_zeros_vouches_for_nothing(monkeypatch):
    monkeypatch.setattr("symbolic.code.admission.products_keep_infinities", lambda: False)
    f = s.lambdify(expression("X @ w"))
    monkeypatch.setattr(f, "_run", lambda X, w: np.zeros(len(X)))
    with pytest.raises(s.DataError, match=r"X\[0, 1\] = nan"):
        f([[1, np.nan]], [1, 0])


@pytest.mark.parametrize("domain", ["binary", "unit", "pm1", "positive", "nonnegative", "counts"])
@pytest.mark.parametrize("size", [3, 1000])
def test_nearly_inside_is_outside(domain, size):
    a = s.vector("a", "m", domain=domain)
    f = s.lambdify(s.sum(a))
    good = np.ones(size)
    assert f(good) == size
    worse = {
        "binary": [1 - 2**-53, 1 + 2**-52, 5e-324, -5e-324, 2, -1, 1e200],
        "unit": [1 + 2**-52, -5e-324, -1e200, 1e200],
        "pm1": [1 - 2**-53, 0, -1 - 2**-52, 1e200],
        "positive": [0, -0.0, -5e-324, -1e200],
        "nonnegative": [-5e-324, -1e200],
        "counts": [0.5, -1, 1 + 2**-52, 5e-324],
    }[domain]
    for bad in worse:
        changed = good.copy()
        changed[-1] = bad
        with pytest.raises(s.DomainError, match=rf"a\[{size - 1}\] = .*declared {domain}"):
            f(changed)
    if domain in ("binary", "unit", "nonnegative", "counts"):
        assert f(-0.0 * good) == 0
