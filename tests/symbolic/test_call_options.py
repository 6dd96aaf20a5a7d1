"""Prepared functions, buffers for results, threads, and the function without checks."""

import copy
import pickle

import numpy as np
import pytest

import symbolic as s

n, d = s.dims("n d")
X, w, y = s.matrix("X", n, d), s.vector("w", d), s.vector("y", n, domain="binary")
loss = s.mean(s.softplus(X @ w) - y * (X @ w))
f = s.lambdify((loss, s.gradient(loss, w)))
product = s.lambdify(X @ w)
rng = np.random.default_rng(1)
A, b, c = rng.normal(size=(7, 3)), rng.normal(size=3), (rng.normal(size=7) > 0) * 1.0


def equal(found, wanted):
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


# --- prepare -------------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", [(), ("X",), ("y",), ("X", "y"), ("w", "y"), ("y", "w", "X")])
def test_prepared_functions_give_the_same(bound):
    everything = {"X": A, "w": b, "y": c}
    g = f.prepare(**{name: everything[name] for name in bound})
    assert g.args == tuple(name for name in f.args if name not in bound)
    assert g.bound == tuple(name for name in f.args if name in bound)
    free = {name: everything[name] for name in g.args}
    for _ in range(2):
        equal(g(**free), f(**everything))
        equal(g(*free.values()), f(**everything))
        equal(g(**dict(reversed(free.items()))), f(**everything))
        equal(g(*[value.tolist() for value in free.values()]), f(**everything))
    equal(pickle.loads(pickle.dumps(g))(**free), f(**everything))
    equal(copy.deepcopy(g)(**free), f(**everything))
    typed = {name: value.astype(np.float32) for name, value in free.items()}
    equal(g(**typed), f(**everything | typed))
    equal(g(**free), f(**everything))


def test_a_prepared_function_tells_what_it_is():
    assert repr(f.prepare(X=A, y=c)) == "<generated NumPy function f(w), X, y prepared>"
    assert repr(f.prepare()) == "<generated NumPy function f(X, w, y)>"
    assert f.prepare(X=A).function is f


def test_prepared_numbers_take_the_type_of_the_arrays():
    lam = s.scalar("lam")
    g = s.lambdify(lam * w).prepare(lam=0.1)
    assert g(np.ones(2, np.float32)).dtype == np.float32
    assert g(np.ones(2)).dtype == np.float64
    assert g(np.ones(2)).tolist() == [0.1, 0.1]
    h = s.lambdify(lam * w).prepare(w=np.ones(2, np.float16))
    assert h(2).dtype == np.float16
    assert h(np.float64(2)).dtype == np.float64
    with pytest.raises(s.DataError, match="lam = nan"):
        h(float("nan"))


def test_prepared_data_are_seen_when_they_change():
    data = A.copy()
    g = product.prepare(X=data)
    g(b)
    data[:] = 0
    assert not g(b).any()
    data[2, 1] = np.nan
    with pytest.raises(
        s.DataError, match=r"X\[2, 1\] = nan"
    ):  # a result that is not finite is seen
        g(b)


@pytest.mark.parametrize(
    ("bound", "error", "message"),
    [
        (
            {"v": b},
            s.NameUnknownError,
            "prepare\\(v=...\\): the function has no argument v; use X, w",
        ),
        ({"X": A, "y": c[:4]}, s.ShapeError, "X has n = 7 rows but y has n = 4"),
        ({"X": A[0]}, s.ShapeError, "X with shape \\(3,\\)"),
        ({"X": A * np.nan}, s.DataError, r"X\[0, 0\] = nan: 21 of 21"),
        ({"y": c + 0.5}, s.DomainError, "declared binary"),
        ({"X": "text"}, s.DataError, "X = 'text'"),
        ({"X": A, "w": b[:2], "y": c}, s.ShapeError, "X has d = 3 columns but w has d = 2"),
        ({"threads": 0}, s.UnsupportedError, "threads=0: not a number of threads"),
    ],
)
def test_what_cannot_be_prepared(bound, error, message):
    with pytest.raises(error, match=message):
        f.prepare(**bound)


def test_bad_free_arguments():
    g = f.prepare(X=A, y=c)
    g(b)
    for wrong, error, message in [
        ((b[:2],), s.ShapeError, "X has d = 3 columns but w has d = 2"),
        ((b * np.inf,), s.DataError, r"w\[0\] = -?inf"),
        ((), s.NameUnknownError, "a call without w: the function needs every argument of f\\(w\\)"),
        ((b, c), s.NameUnknownError, "2 positional arguments: the function takes 1: f\\(w\\)"),
        (("text",), s.DataError, "w = 'text'"),
    ]:
        for _ in range(2):
            with pytest.raises(error, match=message):
                g(*wrong)
    with pytest.raises(
        s.NameUnknownError, match="the argument X: the function has no such argument"
    ):
        g(b, X=A)
    h = f.prepare(X=A, w=b)
    with pytest.raises(s.DomainError, match=r"y\[0\] = 0.5"):
        h(c * 0 + 0.5)
    with pytest.raises(s.DataError, match=r"y\[3\] = nan"):
        h(np.where(np.arange(7) == 3, np.nan, c))


def test_without_checks_prepared_values_are_not_tested():
    g = s.lambdify(X @ w, check=False).prepare(X=A * np.nan)
    assert np.isnan(g(b)).all()
    with pytest.raises(s.ShapeError):
        g(b[:2])


def test_more_can_be_prepared():
    g = f.prepare(X=A).prepare(y=c)
    assert g.args == ("w",)
    assert repr(g) == repr(f.prepare(X=A, y=c))
    equal(g(b), f(A, b, c))
    equal(g.prepare(w=b)(), f(A, b, c))
    slope = np.empty(3)
    kept = f.prepare(X=A, out=(None, slope), threads=2).prepare(y=c)
    assert kept(b)[1] is slope
    for bound, message in [
        ({"X": A}, "prepare\\(X=...\\): X is prepared already; prepare the function itself"),
        ({"v": A}, "the function has no argument v; use w"),
    ]:
        with pytest.raises(s.NameUnknownError, match=message):
            g.prepare(**bound)
    with pytest.raises(s.ShapeError, match="X has n = 7 rows but y has n = 4"):
        f.prepare(X=A).prepare(y=c[:4])


def test_options_of_a_call_of_a_prepared_function():
    slope, other = np.empty(3), np.empty(3)
    g = f.prepare(X=A, y=c, out=(None, slope))
    wanted = f(A, b, c)
    assert g(b, out=(None, other))[1] is other
    assert g(w=b, threads=2)[1] is slope
    equal((wanted[0], other), wanted)
    equal((wanted[0], slope), wanted)
    with pytest.raises(s.UnsupportedError, match="not a number of threads"):
        g(b, threads=0)
    with pytest.raises(s.DataError, match="shares memory with X"):
        g(b, out=(None, A[0]))


def test_numbers_are_prepared_for_any_type():
    lam = s.scalar("lam")
    g = s.lambdify(lam * w).prepare(lam=1e-60)
    assert g([1.0]).tolist() == [1e-60]
    with pytest.raises(s.DataError, match="lam = 1e-60: it is too small for float32"):
        g(np.ones(1, np.float32))


# --- out -----------------------------------------------------------------------------------------


def test_results_are_written_into_buffers():
    value, slope = np.empty(()), np.empty(3)
    wanted = f(A, b, c)
    found = f(A, b, c, out=(value, slope))
    assert found[0] is value
    assert found[1] is slope
    equal(found, wanted)
    found = f(A, b, y=c, out=[None, slope])
    assert found[1] is slope
    assert type(found[0]) is np.float64
    strided = np.empty((7, 2))[:, 1]
    assert product(A, b, out=strided) is strided
    np.testing.assert_array_equal(strided, A @ b)
    half = np.empty(7, np.float16)
    assert product(A.astype(np.float16), b.astype(np.float16), out=half) is half


def test_prepared_functions_keep_their_buffers():
    slope = np.empty(3)
    g = f.prepare(X=A, y=c, out=(None, slope))
    for step in (1.0, 2.0):
        found = g(step * b)
        assert found[1] is slope
        equal((found[0], slope.copy()), f(A, step * b, c))
    again = pickle.loads(pickle.dumps(g))
    equal(again(b), f(A, b, c))
    assert again(b)[1] is again(b)[1]
    with pytest.raises(s.DataError, match="out\\[1\\], an array that shares memory with w"):
        g(slope)
    with pytest.raises(s.DataError, match=r"out\[1\], an array of dtype float64: .* float32"):
        f.prepare(X=np.float32(A), y=np.float32(c), out=(None, slope))(np.float32(b))
    with pytest.raises(s.DataError, match="shares memory with X"):
        f.prepare(X=A, w=b, y=c, out=(None, A[0]))


frozen = np.empty(7)
frozen.flags.writeable = False


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        (np.empty(6), s.ShapeError, r"out with shape \(6,\): the result has shape \(7,\)"),
        (np.empty((7, 1)), s.ShapeError, "out with shape"),
        (np.empty(7, np.float32), s.DataError, "dtype float32: the result has dtype float64"),
        (np.empty(7, int), s.DataError, "dtype int64"),
        (frozen, s.DataError, "read-only"),
        (A[:, 0], s.DataError, "out, an array that shares memory with X"),
        (b[:0], s.ShapeError, "the result has shape"),
        (np.broadcast_to(np.empty(1), 7), s.DataError, "read-only|entries share memory"),
        (
            np.lib.stride_tricks.as_strided(np.empty(1), (7,), (0,)),
            s.DataError,
            "entries share memory",
        ),
        ([0.0] * 7, s.DataError, "a list, not a NumPy array"),
        ((np.empty(7),), s.DataError, "a tuple, not a NumPy array"),
        (np.ma.masked_array(np.empty(7)), s.DataError, "a MaskedArray"),
    ],
)
def test_buffers_that_do_not_fit(out, error, message):
    with pytest.raises(error, match=message):
        product(A, b, out=out)


def test_buffers_of_several_results():
    both = np.empty(6)
    twice = s.lambdify((2 * w, 3 * w))
    for out, message in [
        (np.empty(3), "2 results, out is a ndarray"),
        ((None,), "2 results, out is a tuple of 1"),
        ((both[:3], both[2:5]), r"out\[1\], an array that shares memory with out\[0\]"),
        ((None, b), r"out\[1\], an array that shares memory with w"),
    ]:
        with pytest.raises(s.DataError, match=message):
            twice(b, out=out)
    equal(twice(b, out=(both[::2], both[1::2])), (2 * b, 3 * b))


def test_buffers_stay_as_they_are_when_data_are_bad():
    buffer = np.full(7, 5.0)
    with pytest.raises(s.DataError, match="w"):
        product(A, [np.nan, 1, 2], out=buffer)
    assert (buffer == 5).all()


# --- threads, names, no checks -------------------------------------------------------------------


def test_threads_are_for_blocks_of_rows():
    outer = s.lambdify(s.outer(w, w))
    assert not outer.threaded
    with pytest.raises(s.UnsupportedError, match="threads=2 for f: it is not evaluated in blocks"):
        outer(b, threads=2)
    np.testing.assert_array_equal(outer(b, threads=1), outer(b))
    for wrong in (0, -1, 1.5, True, "2"):
        with pytest.raises(s.UnsupportedError, match="not a number of threads"):
            f(A, b, c, threads=wrong)


def test_threads_give_the_same():
    assert f.threaded
    X, y = rng.normal(size=(50_000, 3)), (rng.normal(size=50_000) > 0) * 1.0
    wanted = f(X, b, y)
    for threads in (1, 2, 3):
        for found in (f(X, b, y, threads=threads), f.prepare(X=X, y=y, threads=threads)(b)):
            np.testing.assert_allclose(found[0], wanted[0], rtol=1e-14)
            np.testing.assert_allclose(found[1], wanted[1], rtol=1e-12, atol=1e-15)


def test_variables_called_like_options():
    out, threads = s.vector("out", n), s.scalar("threads")
    g = s.lambdify(threads * out)
    assert g(threads=2, out=np.ones(2)).tolist() == [2, 2]
    assert g(2, np.ones(2)).tolist() == [2, 2]
    assert g.prepare(threads=3)(out=[1, 2]).tolist() == [3, 6]
    assert g.prepare(out=[1, 2])(2).tolist() == [2, 4]
    assert g.prepare().prepare(out=[1, 2])(threads=2).tolist() == [2, 4]
    with pytest.raises(s.NameUnknownError, match="no such argument: f\\(out\\)"):
        g.prepare(threads=3)(out=[1, 2], threads=2)
    many = s.lambdify(threads * out, batch=[out])
    assert many(threads=2, out=np.ones((2, 1))).tolist() == [[2], [2]]
    assert many.prepare(threads=2)(out=np.ones((2, 1))).tolist() == [[2], [2]]


def test_unchecked_is_the_generated_function():
    assert product.unchecked(A, b).tolist() == (A @ b).tolist()
    assert np.isnan(product.unchecked(A * np.nan, b)).all()
    assert product.unchecked.__name__ == "f"


def test_accepted_shapes_are_no_licence_for_others():
    g = s.lambdify(X @ w)
    for rows, columns in [(2, 3), (3, 3), (2, 3), (3, 2)]:
        assert g(np.ones((rows, columns)), np.ones(columns)).tolist() == [columns] * rows
    with pytest.raises(s.ShapeError):
        g(np.ones((2, 3)), np.ones(2))
    with pytest.raises(s.DataError):
        g(np.full((2, 3), np.nan), np.ones(3))
    with pytest.raises(s.DataError, match="complex"):
        g(np.ones((2, 3)), np.ones(3, complex))


def test_accepted_types_are_no_licence_for_others():
    g = s.lambdify(2 * w)
    data = np.ones(3)
    assert g(data).dtype == np.float64
    assert g(data.astype(np.float32)).dtype == np.float32
    assert g(data.astype(">f8")).tolist() == g(data.astype(int)).tolist() == [2, 2, 2]
    with pytest.raises(s.DataError, match="masked"):
        g(np.ma.masked_array(data))
    with pytest.raises(s.DataError, match="complex"):
        g(data.astype(complex))
    with pytest.raises(s.ShapeError):
        g(1.0)


def test_many_shapes_are_forgotten(monkeypatch):
    monkeypatch.setattr("symbolic.code.admission.MOST_REMEMBERED", 5)

    g = s.lambdify(2 * w)
    h = s.lambdify(s.outer(w, y)).prepare(y=[1, 0])
    for size in range(1, 20):
        assert g(np.ones(size)).sum() == 2 * size
        assert h(np.ones(size)).shape == (size, 2)
    assert len(g.admission._known) <= 5
