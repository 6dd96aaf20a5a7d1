"""Linear systems in portable code: a matrix is factored once, by the functions of each library."""

import re

import numpy as np
import pytest

import symbolic as s
from symbolic.code.singular import SingularError
from symbolic.errors import UnsupportedError
from symbolic.traverse import variables
from tests.symbolic.test_array_api import assert_close, convert, installed, plain

GIVEN = {"S": "n n: spd", "A": "n n: invertible", "M": "n n: symmetric", "B": "n n", "y": "n"}
GIVEN |= {"z": "n", "X": "n d", "c": ": positive", "L": "n n: lower", "T": "k n n"}
RNG = np.random.default_rng(5)
SQUARE = RNG.normal(size=(6, 6))
DATA = {
    "S": SQUARE @ SQUARE.T + np.eye(6), "A": SQUARE + 3 * np.eye(6), "B": RNG.normal(size=(6, 6)),
    "M": SQUARE + SQUARE.T, "y": RNG.normal(size=6), "z": RNG.normal(size=6), "c": 0.7,
    "X": RNG.normal(size=(6, 3)), "L": np.tril(SQUARE) + 3 * np.eye(6),
    "T": RNG.normal(size=(2, 6, 6)) + 4 * np.eye(6),
}  # fmt: skip
LIBRARIES = ("array_api_strict", "torch", "jax")

CASES = [  # text, variable, and how often the matrix is factored for value and gradient
    ("logdet(S) + y @ inv(S) @ y", "S", {"xp.linalg.cholesky": 1}),
    ("logdet(S + c*eye(n))/2 + y @ inv(S + c*eye(n)) @ y/2", "c", {"xp.linalg.cholesky": 1}),
    ("y @ inv(S) @ z + trace(inv(S) @ B)", "S", {"xp.linalg.cholesky": 1}),
    ("logdet(A) + y @ inv(A) @ z", "A", {"factor_lu": 1}),
    ("sum(inv(A.T) @ X) + z @ inv(A) @ y", "A", {"factor_lu": 1}),
    ("logdet(M) + y @ inv(M) @ y", "M", {"factor_lu": 1}),
    ("y @ inv(A) @ z", "y", {"xp.linalg.solve": 1}),
    ("logdet(X.T @ X + c*eye(d)) + sum(X @ inv(X.T @ X + c*eye(d)))", "c", {"xp.linalg.cholesky": 1}),
    ("sum(solve(tril(L), y)**2)", "y", None),
    ("sum(inv(T)) + sum(logdet(T))", "T", None),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _wide():
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        yield


def function(text, by):
    e = s.parse(text, GIVEN)
    return s.lambdify((e, s.gradient(e, by)), arguments=variables((e,)))


def arrays(name, f, change=None):
    return {arg: convert(name, (DATA | (change or {}))[arg]) for arg in f.args}


@pytest.mark.parametrize(("text", "by", "counts"), CASES)
@pytest.mark.parametrize("name", LIBRARIES)
def test_values_and_gradients_in_every_library(name, text, by, counts):
    installed(name)
    f = function(text, by)
    for found, wanted in zip(f(**arrays(name, f)), f(**{a: DATA[a] for a in f.args}), strict=True):
        assert_close(found, wanted, 1e-11)


@pytest.mark.parametrize(("text", "by", "counts"), [case for case in CASES if case[2]])
def test_a_matrix_is_factored_once(text, by, counts):
    source = function(text, by).array_api_source.rpartition('"""\n')[2]
    names = ("xp.linalg.cholesky", "factor_lu", "xp.linalg.solve", "xp.linalg.inv", "slogdet")
    calls = {name: len(re.findall(re.escape(name) + r"\(", source)) for name in names}
    assert {name: count for name, count in calls.items() if count} == counts


BY_HAND = [  # the first cases, in PyTorch's own functions
    lambda S, y: S.slogdet()[1] + y @ S.inverse() @ y,
    lambda S, c, y: (
        (S + c * c.new_ones(6).diag()).slogdet()[1] / 2
        + y @ (S + c * c.new_ones(6).diag()).inverse() @ y / 2
    ),
    lambda S, y, z, B: y @ S.inverse() @ z + (S.inverse() @ B).trace(),
    lambda A, y, z: A.slogdet()[1] + y @ A.inverse() @ z,
    lambda A, X, y, z: (A.T.inverse() @ X).sum() + z @ A.inverse() @ y,
    lambda M, y: M.slogdet()[1] + y @ M.inverse() @ y,
]


@pytest.mark.parametrize(("case", "by_hand"), list(zip(CASES, BY_HAND, strict=False)))
def test_slopes_of_torch_share_no_code(case, by_hand):
    """PyTorch's own inverse and determinant, differentiated by PyTorch."""
    installed("torch")
    text, by, _ = case
    f = function(text, by)
    data = arrays("torch", f)
    data[by].requires_grad_()
    value = by_hand(**data)
    value.backward()
    found = f(**{each: tensor.detach() for each, tensor in data.items()})
    assert_close(found[0], plain(value), 1e-11)
    assert_close(found[1], plain(data[by].grad), 1e-10)


def test_the_value_can_be_differentiated_by_the_library():
    """Along what the matrix is made of; by the entries of an spd matrix, in symmetric directions."""
    installed("torch")
    import jax

    f = function(*CASES[1][:2])
    data = arrays("torch", f)
    data["c"].requires_grad_()
    value, slope = f(**data)
    value.backward()
    assert_close(data["c"].grad, plain(slope))
    known = arrays("jax", f)
    traced = jax.jit(jax.grad(lambda c: f(**(known | {"c": c}))[0]))(known["c"])
    assert_close(traced, plain(slope))
    f = function(*CASES[3][:2])
    data = arrays("torch", f)
    data["A"].requires_grad_()
    value, slope = f(**data)
    value.backward()
    assert_close(data["A"].grad, plain(slope), 1e-10)
    f = function(*CASES[2][:2])
    data = arrays("torch", f)
    data["S"].requires_grad_()
    value, slope = f(**data)
    value.backward()
    assert_close(data["S"].grad, plain(slope + slope.T) / 2, 1e-10)


def test_digits_of_an_ill_conditioned_system():
    """The residual of a solution is rounding alone."""
    n = 10
    places = np.arange(n)
    hilbert = 1 / (places[:, None] + places + 1.0)
    f = s.lambdify(s.parse("inv(S) @ y", GIVEN), arguments=["S", "y"])
    for name in LIBRARIES:
        installed(name)
        found = plain(f(convert(name, hilbert), convert(name, np.ones(n))))
        residual = np.abs(hilbert @ found - 1).max()
        assert (
            residual
            <= 30 * np.finfo(float).eps * np.abs(found).max() * np.abs(hilbert).sum(1).max()
        )


def test_what_is_not_positive_definite_or_singular_is_not_solved():
    """The error of the library is the one of NumPy arrays; JAX has none, and gives NaN."""
    installed("torch")
    installed("array_api_strict")
    f, g = function(*CASES[0][:2]), function(*CASES[3][:2])
    root = np.eye(6)
    root[0, 1] = root[1, 0] = 2.0  # symmetric, of positive diagonal, with the eigenvalue -1
    for h, change in ((f, {"S": root}), (g, {"A": np.zeros((6, 6))})):
        for name in ("torch", "array_api_strict"):
            with pytest.raises(SingularError, match="the result assumes"):
                h(**arrays(name, h, change))
    assert np.isnan(plain(f(**arrays("jax", f, {"S": root}))[0]))
    alone = s.lambdify(s.parse("inv(A) @ y", GIVEN))
    for name in ("torch", "array_api_strict"):
        with pytest.raises(SingularError, match=r"^inv\(A\): .*[sS]ingular"):
            alone(**arrays(name, alone, {"A": np.zeros((6, 6))}))


def test_other_errors_of_a_library_stay(monkeypatch):
    torch = installed("torch")
    f = s.lambdify(s.parse("inv(A) @ y", GIVEN))

    def broken(*given):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(torch.linalg, "solve", broken)
    with pytest.raises(RuntimeError, match=r"^out of memory$"):
        f(**arrays("torch", f))


def test_sizes_of_one_none_and_other_types():
    torch = installed("torch")
    for text, by, _ in (CASES[0], CASES[3]):
        f = function(text, by)
        for size in (1, 6):
            data = {arg: torch.tensor(DATA[arg][(slice(size),) * DATA[arg].ndim]) for arg in f.args}
            wanted = f(**{arg: each.numpy() for arg, each in data.items()})
            for found, truth in zip(f(**data), wanted, strict=True):
                assert_close(found, truth, 1e-11)
            turned = {arg: each.T.contiguous().T for arg, each in data.items() if each.ndim == 2}
            assert_close(f(**(data | turned))[1], wanted[1], 1e-11)
            single = f(**{arg: each.to(torch.float32) for arg, each in data.items()})
            assert single[1].dtype == torch.float32
            assert_close(single[1], wanted[1], 1e-3)
            half = f(**{arg: each.to(torch.bfloat16) for arg, each in data.items()})
            assert half[1].dtype == torch.bfloat16


def test_right_sides_without_columns():
    torch = installed("torch")
    f = s.lambdify(s.parse("inv(S) @ X", GIVEN), arguments=["S", "X"])
    found = f(torch.tensor(DATA["S"]), torch.zeros((6, 0), dtype=torch.float64))
    assert found.shape == (6, 0)


def test_dask_is_refused():
    f = function(*CASES[0][:2])
    with pytest.raises(UnsupportedError, match="cholesky, solve of dask arrays"):
        f(**arrays("dask", f))


def test_the_source_says_what_it_asks_the_library_for():
    source = function(*CASES[0][:2]).array_api_source
    assert "    solve_cholesky(c, b) is the x of c @ c.T @ x = b\n" in source.partition("def ")[0]
    assert "def f(xp, S, y, *, inverse_cholesky, solve_cholesky):" in source
