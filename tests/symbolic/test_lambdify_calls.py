"""What `lambdify` asks of its own arguments, and what a generated function asks of its data."""

import re

import numpy as np
import pytest

import symbolic as s
from symbolic.code.compilation import _has_only, lambdify

n, d = s.dims("n d")
X, w, y = (
    s.matrix("X", n, d),
    s.vector("w", d),
    s.vector("y", n, domain="binary"),
)
lam = s.scalar("lam", domain="positive")

f = lambdify(s.mean(s.softplus(X @ w) - y * (X @ w)) + lam)
GOOD = {"X": np.ones((5, 2)), "w": np.ones(2), "y": np.ones(5), "lam": 0.1}


def with_entry(array, place, value):
    array = np.array(array, dtype=float)
    array[place] = value
    return array


# --- data ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"y": np.ones(4)}, s.ShapeError, "X has n = 5 rows but y has n = 4"),
        ({"w": np.ones(3)}, s.ShapeError, "X has d = 2 columns but w has d = 3"),
        ({"X": np.ones(5)}, s.ShapeError, "X with shape (5,): it is declared with shape (n, d)"),
        ({"lam": np.ones(1)}, s.ShapeError, "lam with shape (1,): it is declared with shape ()"),
        ({"X": with_entry(GOOD["X"], (3, 1), np.nan)}, s.DataError, "X[3, 1] = nan: 1 of 10"),
        ({"w": [1, np.inf]}, s.DataError, "w[1] = inf"),
        ({"y": with_entry(GOOD["y"], 2, 2)}, s.DomainError, "y[2] = 2.0: y is declared binary: 0"),
        ({"lam": -1}, s.DomainError, "lam = -1.0: lam is declared positive"),
        ({"w": ["a", "b"]}, s.DataError, "w = ['a', 'b']: an array of dtype <U1"),
        ({"w": [1j, 2]}, s.DataError, "dtype complex128, not of real numbers"),
        ({"w": np.array([1, None])}, s.DataError, "dtype object"),
        ({"w": [[1, 2], [3]]}, s.DataError, "no array"),
        ({"v": 1}, s.NameUnknownError, "the argument v: the function has no such argument: f(X, w"),
    ],
)
def test_bad_arguments(change, error, message):
    with pytest.raises(error) as caught:
        f(**GOOD | change)
    assert message in str(caught.value)
    assert caught.value.advice


def test_missing_surplus_and_repeated_arguments():
    with pytest.raises(s.NameUnknownError, match=re.escape("without y, lam: the function needs")):
        f(GOOD["X"], GOOD["w"])
    with pytest.raises(s.NameUnknownError, match="5 positional arguments"):
        f(*GOOD.values(), 1)
    with pytest.raises(s.NameUnknownError, match="given twice"):
        f(GOOD["X"], **GOOD)


def test_fixed_and_compound_sizes():
    A, b = s.matrix("A", 2, n + 1), s.vector("b", n)
    g = lambdify(s.sum(A) + s.sum(b))
    assert g(np.ones((2, 4)), np.ones(3)) == 11
    with pytest.raises(s.ShapeError, match="axis 0 has size 3, declared 2"):
        g(np.ones((3, 4)), np.ones(3))
    with pytest.raises(s.ShapeError, match=re.escape("axis 1 has size 5, but n + 1 = 4")):
        g(np.ones((2, 5)), np.ones(3))


x, B = s.vector("x", n), s.matrix("B", n, n)


@pytest.mark.parametrize(
    ("expression", "fitting", "message"),
    [
        (x[1:], 2, "an axis of size n - 1: it is not 1 or more for n = 1; pass longer arrays"),
        (x[5], 6, "the index 5 of an axis of size n: it lies outside for n = 5; pass a longer"),
        (x[-3], 3, "the index n - 3 of an axis of size n: it lies outside for n = 2"),
        (x[2:5], 5, "the slice 2:5 of an axis of size n: it lies outside for n = 4"),
        (3 * B[:3, 1] * x[-3:], 3, "the slice 0:3 of an axis of size n: it lies outside"),
        (s.sum(B[:, 4]), 5, "the index 4 of an axis of size n: it lies outside for n = 4"),
        (s.windows(x, 3), 3, "an axis of size n - 2: it is not 1 or more for n = 2"),
        (s.conv1d(x, s.vector("u", 4), padding=1), 2, "an axis of size n - 1"),
        (s.max_pool1d(x, 2), 2, "an axis of size floor(n/2): it is not 1 or more for n = 1"),
        (s.gradient(s.sum(x[:3] ** 2), x), 3, "the slice 0:3 of an axis of size n"),
        (s.gradient(s.sum(x[1:] ** 2), x), 2, "an axis of size n - 1"),
    ],
)
def test_sizes_that_do_not_fit(expression, fitting, message):
    g = lambdify(expression)
    for check in (True, False):
        g = lambdify(expression, check=check)
        assert np.all(np.isfinite(g(*_ones(g, fitting))))
        with pytest.raises(s.ShapeError) as caught:
            g(*_ones(g, fitting - 1))
        assert message in str(caught.value)


def _ones(function, size):
    shapes = {"x": (size,), "B": (size, size), "u": (4,)}
    return [np.ones(shapes[name]) for name in function.args]


def test_a_square_matrix_that_is_not_square():
    with pytest.raises(s.ShapeError, match="S has d = 2 on axis 0 but 3 on axis 1"):
        lambdify(s.matrix("S", d, d) @ w)(np.ones((2, 3)), np.ones(2))


@pytest.mark.parametrize(
    ("domain", "inside", "beyond"),
    [
        ("positive", [1.0, 2.0], [1.0, 0.0]),
        ("nonnegative", [0.0, 2.0], [1.0, -1.0]),
        ("unit", [0.0, 1.0], [0.5, 1.5]),
        ("binary", [0.0, 1.0], [0.5, 1.0]),
        ("pm1", [-1.0, 1.0], [0.0, 1.0]),
        ("counts", [0.0, 3.0], [0.5, 1.0]),
        ("index", [0.0, 3.0], [-1.0, 1.0]),
        ("symmetric", [[1.0, 2.0], [2.0, 1.0]], [[1.0, 2.0], [2.1, 1.0]]),
        ("spd", [[2.0, 1.0], [1.0, 2.0]], [[0.0, 1.0], [1.0, 1.0]]),
        ("psd", [[0.0, 0.0], [0.0, 2.0]], [[-1.0, 1.0], [1.0, 1.0]]),
        ("diagonal", [[1.0, 0.0], [0.0, 2.0]], [[1.0, 1.0], [0.0, 1.0]]),
        ("lower", [[1.0, 0.0], [3.0, 2.0]], [[1.0, 1.0], [0.0, 1.0]]),
        ("descending", [2.0, 1.0], [1.0, 2.0]),
        ("onehot", [[1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0], [0.0, 1.0]]),
        ("prob", [[0.3, 0.7], [0.1, 0.9]], [[0.3, 0.6], [0.0, 1.0]]),
        ("prob columns", [[0.3, 0.1], [0.7, 0.9]], [[0.3, 0.7], [0.1, 0.9]]),
        ("unit_norm", [0.6, 0.8], [1.0, 1.0]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_domains_of_data(domain, inside, beyond, dtype):
    inside, beyond = np.array(inside, dtype), np.array(beyond, dtype)
    variable = s.tensor("a", *[d] * inside.ndim, domain=domain)
    lambdify(s.sum(variable))(inside)
    with pytest.raises(s.DomainError, match=rf"a\[\d.*declared {domain}"):
        lambdify(s.sum(variable))(beyond)
    assert lambdify(s.sum(variable), check=False)(beyond) == np.sum(beyond)


def test_without_checks_nan_goes_through():
    assert np.isnan(lambdify(s.sum(w), check=False)([np.nan, 1]))


def test_large_values_are_no_infinities():
    values = [1e308, 1e308, -1e308]
    assert lambdify(-w)(values).tolist() == [-value for value in values]


# --- requests ------------------------------------------------------------------------------------


def test_order_of_arguments():
    expression = X @ w
    assert lambdify(expression).args == ("X", "w")
    assert lambdify(expression, arguments=["w", "X"]).args == ("w", "X")
    extra = lambdify(expression, arguments=[w, X, lam])
    assert extra.args == ("w", "X", "lam")
    assert extra(np.ones(2), np.eye(2), 3.0).tolist() == [1, 1]
    for wrong in (["X", "w", "q"], ["X", "w", "w"], ["X", s.vector("w", n)]):
        with pytest.raises(s.NameUnknownError, match="is given twice, or is no variable"):
            lambdify(expression, arguments=wrong)
    with pytest.raises(s.NameUnknownError, match="also holds w"):
        lambdify(expression, arguments=["X"])


def test_two_variables_of_one_name():
    with pytest.raises(s.DomainError, match="two variables called w"):
        lambdify(s.sum(w) + s.sum(s.vector("w", n)))


def test_unworked_derivatives_and_unknown_functions_are_refused():
    with pytest.raises(s.UnsupportedError, match="derivative by w: it is not worked out"):
        lambdify(s.Derivative(s.sum(w**2), w))
    with pytest.raises(s.UnsupportedError, match="nothing is known of the function"):
        lambdify(s.unspecified("C", w))


def test_a_size_that_no_argument_has():
    with pytest.raises(s.UnsupportedError, match="needs the size d: no argument has an axis"):
        lambdify(s.eye(d))
    assert lambdify(s.eye(d), arguments=[w])(np.ones(2)).tolist() == [[1, 0], [0, 1]]


def test_results_in_a_tuple_list_or_alone():
    assert lambdify((s.sum(w),))([1, 2]) == (3,)
    assert lambdify([s.sum(w), 2 * w])([1, 2])[0] == 3
    assert lambdify(3)() == 3
    with pytest.raises(s.UnsupportedError, match="lambdify of nothing"):
        lambdify(())
    for names in (("a b",), 3, [3]):
        with pytest.raises(s.NameUnknownError, match="not 1 free identifiers"):
            lambdify((w,), names=names)
    with pytest.raises(s.NameUnknownError, match="arguments=3: no list of variables; use w"):
        lambdify(w, arguments=3)


def test_text_with_its_declarations():
    given = {"X": "n d", "w": "d", "z": "= X @ w"}
    f = lambdify(["sum(z)", "z", s.vector("w", "d")], given, batch=["w"])
    total, z, again = f(w=[[1, 2], [3, 4]], X=np.eye(2))
    assert np.array_equal(z, again)
    assert list(total) == [3, 7]
    with pytest.raises(s.NameUnknownError, match=r"X: no such name .* given="):
        lambdify("X @ w")


@pytest.mark.parametrize("name", ["a b", "import", "np", "f(x)", "exec", "é"])
def test_names_of_functions(name):
    with pytest.raises(s.NameUnknownError, match="not a free identifier"):
        lambdify(w, name=name)


def test_only_expected_words_are_executed():
    allowed = frozenset({"X", "np"})
    assert _has_only("    X @ np[1:2] ", allowed)
    for line in ("__import__('os')", "X; X", 'X "a"', "X\\", "open(X)", "X.__class__", "X ^ X"):
        assert not _has_only(line, allowed)
