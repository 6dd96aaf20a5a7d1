"""Products of a half with its mirror image: exactly symmetric, and only where they are that."""

import numpy as np
import pytest

import symbolic as s
from symbolic.code import row_code
from symbolic.code.compilation import lambdify
from tests.symbolic.numpy_oracle import assert_close, data_for, evaluate

GIVEN = {
    "X": "n d", "Z": "n d", "W": "d k", "Y": "n k: nonnegative", "T": "n d k", "C": "k d",
    "u": "n", "p": "n: positive", "h": "n: nonnegative", "b": "n: binary", "t": "n: unit",
    "Q": "n k", "P": "n k: positive", "S": "d d: symmetric", "N": "n n", "M": "n n: symmetric",
    "w": "d", "v": "d", "c": "", "r": ": positive",
}  # fmt: skip
SIZES = [{"n": 37, "d": 5, "k": 3}, {"n": 4, "d": 6, "k": 2}, {"n": 1, "d": 1, "k": 1}]


@pytest.fixture(params=["whole", "in blocks"])
def blocks(request, monkeypatch):
    """Evaluated as a whole, and in blocks of a few rows."""
    if request.param == "in blocks":
        monkeypatch.setattr(row_code, "FEWEST_ROWS", 3)
        monkeypatch.setattr(row_code, "BLOCK_ENTRIES", 0)


def values(expression, change=None):
    """The values that generated code gives, each compared with the oracle."""
    f = lambdify(expression)
    for sizes in SIZES:
        data = data_for([expression], np.random.default_rng(1), sizes)
        data.update(change(data) if change else {})
        found = f(**data)
        assert_close(found, evaluate(expression, data, sizes), f.source)
        yield found, f


NONNEGATIVE = """
X.T @ X
X.T @ X/n + r*eye(d)
X @ X.T
X.T @ diag(p) @ X
X.T @ diag(h) @ X
X.T @ diag(b) @ X
X.T @ diag(t) @ X
X.T @ diag(u**2) @ X
X.T @ diag(p*h/n) @ X
X.T @ diag(exp(X @ w)) @ X
X.T @ diag(sigmoid(X @ w)*(1 - sigmoid(X @ w))) @ X/n
X.T @ diag(1/(1 + u**2)) @ X
r*X.T @ diag(abs(u)) @ X
-X.T @ diag(p) @ X
W.T @ diag(v**2) @ W
(X @ W).T @ diag(p) @ (X @ W)
tanh(X).T @ diag(p) @ tanh(X)
X @ diag(v**2) @ X.T
einsum("ij,ik,i->jk", X, X, p)
einsum("ij,kj,j->ik", X, X, v**2)
diag(p) @ X @ X.T @ diag(p)
outer(v, v)
""".strip().splitlines()


@pytest.mark.parametrize("text", NONNEGATIVE)
def test_weights_that_are_not_negative_give_exactly_symmetric_results(text, blocks):
    for found, f in values(s.parse(text, GIVEN)):
        assert np.array_equal(found, found.T), f.source


ANY_WEIGHTS = """
X.T @ diag(u) @ X
-X.T @ diag(u) @ X
X.T @ diag(p*u) @ X
X.T @ diag(sin(X @ w)) @ X
X.T @ diag(p - h) @ X
X.T @ diag(-p) @ X
X.T @ diag(u**3) @ X
c*X.T @ diag(p) @ X
X.T @ diag(1 - 2*t) @ X
X.T @ diag(t*(1 - t)) @ X
X.T @ diag(log(t)) @ X
X @ S @ X.T
S @ S
S @ S @ S
S @ diag(w) @ S
w @ S @ S @ v
w @ S @ S @ w
w @ X.T @ X @ w
w @ X.T @ diag(u) @ X @ w
w @ X.T @ diag(p) @ X @ v
trace(X.T @ diag(u) @ X)
diag(w) @ X.T @ diag(p) @ X @ diag(w)
diag(w) @ X.T @ diag(p) @ X @ diag(v)
sum(X.T @ diag(p) @ X)
X.T @ M @ X
""".strip().splitlines()


@pytest.mark.parametrize("text", ANY_WEIGHTS)
def test_weights_of_any_sign(text, blocks):
    for _ in values(s.parse(text, GIVEN)):
        pass


@pytest.mark.parametrize("text", ["X.T @ diag(p) @ X", "X.T @ diag(h) @ X", "X.T @ diag(u) @ X"])
@pytest.mark.parametrize("scale", [0.0, 1e-300, 1e300, 5e-324])
def test_weights_of_extreme_sizes(text, scale):
    """sqrt(v)*sqrt(v) is v but for an ulp, and underflows nowhere that v does not."""
    f = lambdify(s.parse(text, GIVEN))
    X = np.array([[1.0, 2.0], [3.0, -4.0], [0.5, 1.0]])
    v = np.full(3, scale or 1e-320) if "p" in text else np.full(3, scale)
    wanted = np.einsum("ij,ik,i->jk", X, X, v)
    np.testing.assert_allclose(f(X, v), wanted, rtol=1e-14, atol=1e-323)


LOOK_SYMMETRIC = """
X.T @ N @ X
X.T @ diag(u) @ Z
X.T @ Z
X.T @ Z + Z.T @ X
N @ N
N @ N.T @ N
N @ M @ N
N.T @ diag(u) @ N.T
N @ diag(p) @ N
N.T @ diag(p) @ N
X.T @ N @ N @ X
X.T @ N @ N.T @ X
X.T @ N.T @ diag(p) @ N @ X
X.T @ N @ diag(p) @ N @ X
tanh(X).T @ diag(p) @ X
X.T @ diag(p) @ X @ S @ X.T @ diag(p) @ X
X.T @ diag(p) @ X @ S
einsum("ij,ik->i", X, X)
einsum("ij,ik->jk", X, X)
einsum("ij,ik->kj", X, X)
einsum("ij,kj->i", X, X)
einsum("ij,ij->j", X, X)
einsum("ij,ij,i->j", X, X, p)
einsum("ij,ik,i->j", X, X, p)
einsum("ij,ik,i->ijk", X, X, p)
einsum("ij,ik,i->ik", X, X, p)
einsum("ij,ik,j->ik", X, X, v)
einsum("ij,jk,i->ik", N, N, p)
einsum("ij,jk,ki->ij", N, N, N)
einsum("ij,ji->i", N, N)
einsum("ij,kj,i->ik", N, N, p)
einsum("ij,ik,il->jkl", X, X, X)
einsum("ij,ik,il,im->jklm", X, X, X, X)
einsum("ij,ik,lj,lk->il", X, X, X, X)
einsum("ij,ik,lj,lk->", X, X, X, X)
einsum("ij,ik,lj,lm->ikm", X, X, X, X)
einsum("ij,ik,i,i->jk", X, X, p, p)
einsum("ij,ik,j,k->jk", X, X, v, v)
einsum("ij,ik,j,k->jk", X, X, v, w)
""".strip().splitlines()


@pytest.mark.parametrize("text", LOOK_SYMMETRIC)
def test_products_that_look_symmetric(text, blocks):
    for _ in values(s.parse(text, GIVEN)):
        pass


AN_AXIS_MORE = """
einsum("ijk,ilk->jl", T, T)
einsum("ijk,ilm->jklm", T, T)
einsum("ijk,ilk->kjl", T, T)
einsum("ijk,ilk,ik->kjl", T, T, P)
einsum("ijk,ilk,ik->jl", T, T, P)
einsum("ijk,ilk,i->kjl", T, T, u)
einsum("ij,ik,im->mjk", X, X, P)
einsum("ij,ik,im->mjk", X, X, Q)
einsum("ij,ik,im->jk", X, X, P)
einsum("ij,ik,im,im->jmk", X, X, Q, Q)
einsum("ij,ik,im,il->jmkl", X, X, Q, Q)
einsum("ij,ik,im,il->jklm", X, X, P, P)
einsum("ij,ik,im,il->jmlk", X, X, P, P)
einsum("ij,ik,im,il,i->jmkl", X, X, Q, Q, u)
einsum("ij,ik,im,il,i->jmkl", X, X, Q, Q, p)
einsum("im,il,i->ml", Q, Q, p)
einsum("im,il,im->ml", Q, Q, P)
einsum("im,il,im,il->ml", Q, Q, P, P)
""".strip().splitlines()


@pytest.mark.parametrize("text", AN_AXIS_MORE)
def test_weights_and_halves_with_an_axis_more(text, blocks):
    for _ in values(s.parse(text, GIVEN)):
        pass


HESSIANS = [
    ("sum(logsumexp(X@W, axis=1)) - sum(Y*(X@W))", "W"),
    ("-sum(P*log_softmax(X@W, axis=1))/n", "W"),
    ("sum(softplus(X@w) - b*(X@w))", "w"),
    ("sum(p*(softplus(X@w) - b*(X@w)))", "w"),
    ("sum(u*softplus(X@w))", "w"),
    ("sum(exp(X@w) - h*(X@w))", "w"),
    ("sum(sqrt(r + (X@w - u)**2))", "w"),
    ("sum(log(1 + (X@w - u)**2))", "w"),
    ("sum(norm(X@W, axis=1)**4)", "W"),
    ("sum(norm(X - Q@C, axis=1)**4)", "C"),
    ("norm(X.T @ diag(p) @ X)**2", "p"),
    ("sum(tanh(X@W)**2)", "W"),
]


@pytest.mark.parametrize(("text", "by"), HESSIANS)
def test_hessians(text, by, blocks):
    loss = s.parse(text, GIVEN)
    hessian = s.hessian(loss, by)
    half = hessian.rank // 2
    for found, _ in values(hessian):
        flat = found.reshape(int(np.prod(found.shape[:half])), -1)
        np.testing.assert_allclose(flat, flat.T, rtol=1e-12, atol=1e-13 * np.abs(flat).max())
    for sizes in SIZES[:1]:
        both = lambdify((loss, s.gradient(loss, by), hessian))
        data = data_for([loss, hessian], np.random.default_rng(2), sizes)
        for found, each in zip(both(**data), (loss, s.gradient(loss, by), hessian), strict=True):
            assert_close(found, evaluate(each, data, sizes), both.source)


@pytest.mark.parametrize("text", ["sum(softplus(X@w) - b*(X@w))", "sum(exp(X@w))"])
def test_convex_hessians_are_exactly_symmetric(text, blocks):
    for found, f in values(s.hessian(s.parse(text, GIVEN), "w")):
        assert np.array_equal(found, found.T), f.source


def test_the_root_of_weights_is_taken_only_of_nonnegative_ones():
    for text in ANY_WEIGHTS:
        source = lambdify(s.parse(text, GIVEN)).source
        if "diag(u)" in text:
            assert "np.sqrt(u)" not in source, source


def test_a_half_is_computed_once():
    source = lambdify(s.parse("X.T @ diag(p) @ X", GIVEN)).source
    assert source.count("np.sqrt(p)") == 1
    assert "np.diag" not in source
    assert "np.einsum" not in source
