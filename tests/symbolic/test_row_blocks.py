"""Sums over rows in blocks of rows: the same numbers as the whole, in any number of rows and threads."""

import gc
import re
import tracemalloc
import warnings
from functools import cache

import numpy as np
import pytest

import symbolic as s
from symbolic.code import row_blocks, row_code
from symbolic.code.compilation import lambdify
from tests.symbolic.numpy_oracle import assert_close, data_for, evaluate
from tests.symbolic.row_corpus import LOSSES, MIXED, TWICE

n, d, k = s.dims("n d k")
X, w, y = s.matrix("X", n, d), s.vector("w", d), s.vector("y", n)
CORPUS = LOSSES | TWICE | MIXED
BLOCK = 3


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks of a few rows."""
    rows_of(BLOCK, monkeypatch)


def rows_of(rows, monkeypatch):
    monkeypatch.setattr(row_code, "FEWEST_ROWS", rows)
    monkeypatch.setattr(row_code, "BLOCK_ENTRIES", 0)


@cache
def outputs(name):
    return CORPUS[name].outputs()


@cache
def known(name, rows):
    """Data, and what the oracle makes of them."""
    sizes = {"n": rows, "d": 2, "k": 4}
    data = data_for(outputs(name), np.random.default_rng(rows), sizes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return data, [evaluate(each, data, sizes) for each in outputs(name)]


def agrees(function, name, rows, threads=None):
    data, wanted = known(name, rows)
    before = {each: np.copy(value) for each, value in data.items()}
    found = function(**data, threads=threads)
    for each, right in zip(found, wanted, strict=True):
        assert_close(each, right, f"{name}, {rows} rows, {threads} threads\n{function.source}")
    assert all(np.array_equal(data[each], before[each]) for each in data)
    for place, one in enumerate(found):
        for other in (*found[place + 1 :], *data.values()):
            assert not np.shares_memory(one, other), function.source
    return found


def cut_along(function):
    """The sizes that a function is cut along."""
    array = r"sum_rows\(\s*\w+,\s+\((?:np\.moveaxis\((\w+), (\d)|(\w+))"
    found = set()
    for moved, axis, plain in re.findall(array, function.source):
        shape = re.search(
            rf"\b{moved or plain}(?:: array of| = .*#.*) shape \(([^)]*)\)", function.source
        )
        found.add(shape[1].split(", ")[int(axis or 0)].rstrip(","))
    return found


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOSSES)
def test_blocks_agree_with_the_oracle(name):
    f = lambdify(outputs(name))
    assert cut_along(f) == {"n"}, f.source
    for rows in (1, BLOCK - 1, BLOCK, BLOCK + 1, 7):
        for threads in (1, 2, 3) if rows > BLOCK else (1,):
            found = agrees(f, name, rows, threads)
            again = agrees(f, name, rows, threads)
            assert all(map(np.array_equal, found, again))


@pytest.mark.parametrize("name", LOSSES)
def test_rows_one_at_a_time(name, monkeypatch):
    rows_of(1, monkeypatch)
    agrees(lambdify(outputs(name)), name, 7, 2)


@pytest.mark.parametrize("letter", [n, d, k])
@pytest.mark.parametrize("name", CORPUS)
def test_every_cut_that_is_allowed_is_right(name, letter, monkeypatch):
    """Also where it would not pay, and along columns."""
    monkeypatch.setattr(row_blocks, "_pays", lambda plan, order: plan.letter == letter)
    monkeypatch.setattr(row_blocks, "LONG", 1)
    rows_of(1, monkeypatch)
    f = lambdify(outputs(name))
    if f.threaded:
        agrees(f, name, 7, 2)
        agrees(f, name, 2, 3)


@pytest.mark.parametrize("name", TWICE | MIXED)
def test_rows_that_meet_are_not_cut(name):
    f = lambdify(outputs(name))
    assert not f.threaded, f.source
    agrees(f, name, 7)
    with pytest.raises(s.UnsupportedError, match="blocks of rows"):
        f(**known(name, 7)[0], threads=2)


@pytest.mark.parametrize("name", MIXED)
def test_rows_that_meet_are_not_cut_where_anything_else_is(name, monkeypatch):
    monkeypatch.setattr(row_blocks, "_pays", lambda plan, order: True)
    monkeypatch.setattr(row_blocks, "LONG", 1)
    f = lambdify(outputs(name))
    assert "n" not in cut_along(f), f.source
    agrees(f, name, 7)


NO_SUMS = re.compile(r"/|norm|mean|^log")  # of no entries there are none


@pytest.mark.parametrize("name", [each for each in LOSSES if not NO_SUMS.search(LOSSES[each].text)])
def test_no_rows_at_all(name):
    f = lambdify(outputs(name))
    for threads in (1, 2):
        found = agrees(f, name, 0, threads)
        assert not np.any(found[0])


def test_no_rows_have_no_mean():
    with pytest.raises(s.DataError, match="n = 0"):
        lambdify(outputs("mean logistic"))(np.ones((0, 2)), np.ones(2), np.ones(0), 1.0)


# --- passes, names, sizes ------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "passes"), [("batch norm", 3), ("standardised", 3), ("ridge", 1)])
def test_sums_that_wait_for_sums_take_another_pass(name, passes):
    assert lambdify(outputs(name)).source.count("def f_rows") == passes


def test_a_sum_that_is_asked_for_twice_is_added_once():
    total = s.sum(s.softplus(X @ w) * y)
    slope = s.gradient(total, w)
    expressions = (total, 2 * total, slope, -slope / n, total, slope)
    f = lambdify(expressions)
    assert cut_along(f) == {"n"}
    data = data_for([total], np.random.default_rng(1), {"n": 7, "d": 2})
    for found, each in zip(f(**data), expressions, strict=True):
        assert_close(found, evaluate(each, data, {"n": 7, "d": 2}))


def test_a_matrix_and_its_transpose_are_added_once():
    Z = s.tanh(X)
    f = lambdify((X.T @ Z, Z.T @ X, s.exp(X.T @ Z)))
    data = np.random.default_rng(1).normal(size=(7, 3))
    wanted = data.T @ np.tanh(data)
    assert f.threaded
    for found, right in zip(f(data), (wanted, wanted.T, np.exp(wanted)), strict=True):
        assert_close(found, right)


def test_named_intermediates_keep_their_names_in_blocks():
    z = s.named("z", X @ w)
    p = s.named("p", s.sigmoid(z))
    loss = s.named("loss", s.sum((p - y) ** 2) / n)
    expressions = (loss, s.gradient(loss, w), p, s.hessian(loss, w))
    f = lambdify(expressions, names=("loss", "g", "p", "h"))
    assert cut_along(f) == {"n"}
    assert "z = X.dot(w)  # z = X @ w" in f.source
    for rows in (1, 3, 8):
        sizes = {"n": rows, "d": 2}
        data = data_for(expressions, np.random.default_rng(rows), sizes)
        for found, expression in zip(f(**data), expressions, strict=True):
            assert_close(found, evaluate(expression, data, sizes))


def test_names_that_the_blocks_need_may_be_variables():
    for a, b in (
        ("rows", "block"),
        ("threads", "sum_rows"),
        ("f_rows", "sum_"),
        ("lambda", "parts"),
    ):
        M, v = s.matrix(a, n, d), s.vector(b, d)
        loss = s.sum(s.softplus(M @ v))
        f = lambdify((loss, s.gradient(loss, v)))
        A, x = np.random.default_rng(1).normal(size=(7, 2)), np.array([1.0, -2.0])
        value, slope = f(A, x)
        assert f.threaded
        assert_close(value, np.log1p(np.exp(A @ x)).sum())
        assert_close(slope, A.T @ (1 / (1 + np.exp(-A @ x))))


def test_sizes_of_whole_data_are_not_sizes_of_blocks():
    """A block must not take its own number of rows for n."""
    loss = s.sum(s.tanh(X @ w) / n + n * s.tanh(X @ w) ** n)
    f = lambdify((loss, s.gradient(loss, w)))
    sizes = {"n": 5, "d": 2}
    data = data_for([loss], np.random.default_rng(1), sizes)
    for found, each in zip(f(**data), (loss, s.gradient(loss, w)), strict=True):
        assert_close(found, evaluate(each, data, sizes))


@pytest.mark.parametrize(
    "text",
    [
        "sum(tanh(X - w)**2*outer(ones(n), w))",
        "sum(tanh(concatenate(X, outer(ones(n), w), axis=1))**2)",
        "sum(logsumexp(concatenate(X, zeros(n, d), axis=1), axis=1)*tanh(y)**2)",
        "sum(tanh(reshape(X, n*d))**2*sigmoid(reshape(X, n*d)))",
        "sum(tanh(pad(X, 1, 1, axis=1))**2)",
        "sum(tanh(X*ones(n)[:, None])**2*sigmoid(X))",
    ],
)
def test_arrays_as_long_as_the_data(text):
    """A block has rows of its own number, never n of them."""
    given = {"X": "n d", "w": "d", "y": "n"}
    loss = s.parse(text, given)
    expressions = (loss, s.gradient(loss, "X"), s.softplus(s.gradient(loss, "X")))
    f = lambdify(expressions)
    for rows in (1, 3, 4, 7):
        sizes = {"n": rows, "d": 2}
        data = data_for(expressions, np.random.default_rng(rows), sizes)
        for found, each in zip(f(**data), expressions, strict=True):
            assert_close(found, evaluate(each, data, sizes), f.source)


def test_sizes_that_are_numbers():
    M, v = s.matrix("M", n, 3), s.vector("v", 3)
    loss = s.mean(s.exp(M @ v))
    whole = s.sum(s.exp(s.matrix("F", 7, 3) @ v))
    for expression in (loss, whole):
        outputs = (expression, s.gradient(expression, v))
        f = lambdify(outputs)
        data = data_for(outputs, np.random.default_rng(1), {"n": 7})
        for found, each in zip(f(**data), outputs, strict=True):
            assert_close(found, evaluate(each, data, {"n": 7}))


def test_two_axes_of_one_size_are_told_apart():
    """Rows of X and of Z are as many, but only one of them goes with a row of the products."""
    Z = s.matrix("Z", n, d)
    both = s.sum(s.tanh(X @ w)) * s.sum(s.exp(s.tanh(Z @ w)))
    f = lambdify((both, s.sum(s.tanh(X @ w) + s.exp(s.tanh(Z @ w)))))
    sizes = {"n": 7, "d": 2}
    data = data_for([both], np.random.default_rng(1), sizes)
    one, other = np.tanh(data["X"] @ data["w"]), np.exp(np.tanh(data["Z"] @ data["w"]))
    found = f(**data)
    assert_close(found[0], one.sum() * other.sum())
    assert_close(found[1], (one + other).sum())


# --- types and layouts ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["logistic", "softmax regression", "batch norm", "rank 3"])
def test_types_and_layouts(name):
    f = lambdify(outputs(name))
    data, wanted = known(name, 7)
    turned = {each: np.array(value, order="F") for each, value in data.items()}
    gaps = {
        each: np.repeat(value, 2, axis=0)[::2] if np.ndim(value) else value
        for each, value in data.items()
    }
    for given in (turned, gaps):
        for found, right in zip(f(**given, threads=2), wanted, strict=True):
            assert_close(found, right)
    single = {each: np.asarray(value, np.float32) for each, value in data.items()}
    for found, right in zip(f(**single, threads=2), wanted, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, right, rtol=1e-3, atol=1e-3)


def test_integers_become_floats():
    loss = s.sum(s.tanh(X @ w) * y)
    f = lambdify((loss, s.gradient(loss, X)))
    data = (np.arange(14).reshape(7, 2), np.array([1, -1]), np.ones(7, dtype=bool))
    value, slope = f(*data)
    assert value.dtype == slope.dtype == np.float64
    assert_close(value, 7 * np.tanh(-1))
    assert_close(slope, np.tile([1.0, -1.0], (7, 1)) / np.cosh(1) ** 2)


def test_buffers_and_prepared_functions():
    name = "logistic"
    f = lambdify(outputs(name))
    data, wanted = known(name, 7)
    buffers = tuple(np.full(np.shape(each), np.nan) for each in wanted)
    returned = f(**data, out=buffers, threads=2)
    prepared = f.prepare(X=data["X"], y=data["y"], threads=3)
    later = prepared(w=data["w"], lam=data["lam"])
    for one, buffer, other, right in zip(returned, buffers, later, wanted, strict=True):
        assert one is buffer
        assert_close(buffer, right)
        assert_close(other, right)


# --- memory --------------------------------------------------------------------------------------


def test_calls_leave_no_cycles_behind():
    f = lambdify(outputs("logistic"))
    data, _ = known("logistic", 7)
    f(**data)
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            f(**data)
        assert gc.collect() == 0
    finally:
        gc.enable()


def extra_memory(function, rows):
    """The most that a call needs above its arguments, in bytes."""
    rng = np.random.default_rng(1)
    data = (rng.normal(size=(rows, 20)), rng.normal(size=20), (rng.normal(size=rows) > 0) * 1.0)
    run = function.unchecked
    run(*data)
    tracemalloc.start()
    try:
        run(*data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_that_of_a_block(monkeypatch):
    monkeypatch.undo()
    binary = s.vector("y", n, domain="binary")
    loss = s.mean(s.softplus(X @ w) - binary * (X @ w))
    f = lambdify((loss, s.gradient(loss, w)))
    once, twice = extra_memory(f, 200_000), extra_memory(f, 400_000)
    assert twice < 1.1 * once
    assert twice < 2**22, "a block has 2 MiB, and arrays of n entries 3.2 MB each"
    hessian = lambdify((loss, s.gradient(loss, w), s.hessian(loss, w)))
    assert extra_memory(hessian, 400_000) < 2**23


def test_more_threads_than_blocks_are_not_started():
    f = lambdify(s.parse("sum(softplus(X @ w) - 2*(X @ w))", {"X": "n d", "w": "d"}))
    rows = np.random.default_rng(0).normal(size=(200_000, 2))
    few, many = (f(X=rows, w=[1.0, 2.0], threads=threads) for threads in (1, 10**9))
    np.testing.assert_allclose(many, few, rtol=1e-12)
