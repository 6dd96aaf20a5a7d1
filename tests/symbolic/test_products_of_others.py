"""The gradient of a product where entries are 0, against jets; matrices that are singular."""

from fractions import Fraction

import numpy as np
import pytest

from numeric.enclosure import balls_at
from symbolic import (
    Derivative,
    SingularError,
    diag,
    gradient,
    hessian,
    inv,
    lambdify,
    matrix,
    outer,
    parse,
    prod,
    vector,
)
from symbolic.errors import ChainruleError
from symbolic.traverse import variables

ONE_ZERO, TWO_ZEROS, NONE = np.array([0.0, 2, 3]), np.array([0.0, 2, 0]), np.array([1.0, 2, 3])
TABLE = np.array([[0.0, 2, 3], [1, 2, 3], [0, 0, 4]])
WEIGHTS = np.array([1.0, 2, 3])

CASES = [
    ("prod(x)", "x", {"x": "n"}),
    ("b*prod(x)", "x", {"x": "n", "b": ""}),
    ("prod(x)*sum(x)", "x", {"x": "n"}),
    ("prod(x)**2", "x", {"x": "n"}),
    ("exp(prod(x))", "x", {"x": "n"}),
    ("(1 - prod(x))**2", "x", {"x": "n"}),
    ("prod(2*x)", "x", {"x": "n"}),
    ("prod(a*x)", "x", {"x": "n", "a": "n"}),
    ("prod(1 - x)", "x", {"x": "n"}),
    ("prod(sin(x))", "x", {"x": "n"}),
    ("prod(x)*prod(a)", "x", {"x": "n", "a": "n"}),
    ("prod(x**2)", "x", {"x": "n"}),
    ("prod(x**3)*sum(x)", "x", {"x": "n"}),
    ("prod((a*x)**2)", "x", {"x": "n", "a": "n"}),
    ("prod(sin(x)**2)", "x", {"x": "n"}),
    ("prod(x)*(x @ a)", "x", {"x": "n", "a": "n"}),
    ("prod(x) + prod(x**2)", "x", {"x": "n"}),
    ("prod(x)*sum(x**2)*exp(prod(x))", "x", {"x": "n"}),
    ("prod(X)", "X", {"X": "n d"}),
    ("sum(a*prod(X**2, axis=1))", "X", {"X": "n d", "a": "n"}),
    ("sum(a*prod(X, axis=1))", "X", {"X": "n d", "a": "n"}),
    ("sum(a*prod(X, axis=0))", "X", {"X": "n d", "a": "d"}),
    ("sum(log(1 + prod(X, axis=1)**2))", "X", {"X": "n d"}),
    ("prod(X @ x)", "x", {"X": "n d", "x": "d"}),
]


def enclosed(f, place, point):
    exact = {
        v: np.vectorize(lambda entry: Fraction(float(entry)), otypes=[object])(point[v.name])
        for v in variables([f, place])
    }
    (balls,), _ = balls_at([Derivative(f, place)], exact, None, 128)
    return np.array([float(ball.mid()) for ball in balls.flat]).reshape(balls.shape)


@pytest.mark.parametrize(("text", "wrt", "given"), CASES)
@pytest.mark.parametrize("x", [ONE_ZERO, TWO_ZEROS, NONE, 1 - ONE_ZERO])
def test_the_gradient_is_right_where_entries_are_zero(text, wrt, given, x):
    f = parse(text, given)
    (place,) = (v for v in variables(f) if v.name == wrt)
    point = {"x": x, "X": TABLE, "a": WEIGHTS, "b": 2.0}
    point = {name: value for name, value in point.items() if name in given}
    found = lambdify(gradient(f, place))(**point)
    assert np.allclose(found, enclosed(f, place, point), rtol=1e-13)


def test_a_single_entry_and_single_precision():
    x = vector("x", "n")
    f = lambdify(gradient(prod(x), x))
    assert f(np.zeros(1)) == 1
    assert f(np.array([0, 2, 3], dtype=np.float32)).dtype == np.float32
    both = lambdify((prod(x), gradient(prod(x), x)), batch=[x])
    value, slope = both(np.stack([ONE_ZERO, TWO_ZEROS, NONE]))
    assert np.array_equal(value, [0, 0, 6])
    assert np.array_equal(slope, [[6, 0, 0], [0, 0, 0], [6, 3, 2]])


def test_nothing_is_guarded_where_no_entry_can_be_zero():
    p = vector("p", "n", domain="positive")
    assert "where" not in lambdify(gradient(prod(p), p)).source
    assert "where" not in lambdify(gradient(prod(p**2), p)).source
    assert "where" not in lambdify(1 / vector("x", "n")).source


def test_a_pole_stays_a_pole():
    x = vector("x", "n")
    with np.errstate(all="ignore"):
        assert not np.isfinite(lambdify(prod(x) / x**2)(ONE_ZERO)[0])
        assert not np.isfinite(lambdify(prod(x**2) / x**3)(ONE_ZERO)[0])
        assert not np.isfinite(lambdify(prod(x) * (1 / x + 1 / x**2))(ONE_ZERO)[0])
        assert not np.isfinite(lambdify(prod(x) / vector("y", "n"))(ONE_ZERO, ONE_ZERO)[0])


# --- matrices that are singular ------------------------------------------------------------------

SINGULAR = np.array([[1.0, 2], [2, 4]])
A = matrix("A", "n", "n")


@pytest.mark.parametrize(
    ("e", "matrix_named"),
    [
        (gradient("det(A)", "A", {"A": "n n"}), "A: invertible"),
        (inv(A), "A: invertible"),
        (gradient("logdet(X.T @ X)", "X", {"X": "n d"}), "X.T @ X: invertible"),
        (parse("cholesky(S)", {"S": "n n: spd"}), "S: symmetric positive definite"),
    ],
)
def test_a_singular_matrix_is_refused_with_its_name(e, matrix_named):
    with pytest.raises(SingularError, match="assumes " + matrix_named.replace(".", r"\.")) as found:
        lambdify(e)(SINGULAR)
    assert isinstance(found.value, ChainruleError)
    assert isinstance(found.value, np.linalg.LinAlgError)


def test_data_that_are_not_finite_are_told_first():
    with pytest.raises(ChainruleError, match="nan"):
        lambdify(inv(A))(SINGULAR * np.nan)


def beside_two(x):
    """The products of all entries but two; 0 on the diagonal."""
    n = len(x)
    found = [[np.prod(np.delete(x, [i, j])) if i != j else 0 for j in range(n)] for i in range(n)]
    return np.array(found)


@pytest.mark.parametrize(
    "x", [ONE_ZERO, TWO_ZEROS, NONE, np.zeros(3), np.zeros(1), np.array([1e-300, 2, 3])]
)
def test_second_derivatives_where_entries_are_zero(x):
    curvature = lambdify(hessian("prod(x)", "x", {"x": "n"}))
    scaled = lambdify(hessian("b*prod(x)*prod(a)", "x", {"x": "n", "a": "n", "b": ""}))
    with np.errstate(all="raise", under="ignore"):
        assert np.array_equal(curvature(x), beside_two(x))
        a = np.full(len(x), 2.0)
        assert np.allclose(scaled(b=0.5, x=x, a=a), 0.5 * 2.0 ** len(x) * beside_two(x), rtol=1e-15)


def test_second_derivatives_of_products_of_rows():
    f = lambdify(hessian("sum(c*prod(X, axis=1))", "X", {"X": "n d", "c": "n"}))
    found = f(X=TABLE, c=WEIGHTS)
    for i, j in np.ndindex(3, 3):
        wanted = WEIGHTS[i] * beside_two(TABLE[i]) if i == j else np.zeros((3, 3))
        assert np.allclose(found[i, :, j], wanted, rtol=1e-15)


def test_second_derivatives_with_poles_or_without_zeros_stay():
    x, p = vector("x", "n"), vector("p", "n", domain="positive")
    assert "where" not in lambdify(hessian(prod(p), p)).source
    assert "where" not in lambdify(outer(1 / x, 1 / x)).source
    assert "where" not in lambdify(prod(x) / x**3).source


@pytest.mark.parametrize(
    ("text", "x", "given"),
    [
        ("prod(x)", "x", {"x": "n"}),
        ("a*prod(x)", "x", {"x": "n", "a": ""}),
        ("prod(x) + sum(x*x)", "x", {"x": "n"}),
        ("sum(prod(X, axis=0))", "X", {"X": "n k"}),
    ],
)
def test_arrays_that_have_values_only_together_are_not_held_apart(text, x, given):
    curvature = hessian(text, x, given)
    data = {"x": ONE_ZERO, "X": TABLE, "a": 3.0}
    whole, held = lambdify(curvature), lambdify(curvature, compressed=True)
    values = [data[name] for name in whole.args]
    found = held(*values)
    assert isinstance(found, np.ndarray)
    assert np.isfinite(found).all()
    assert np.array_equal(found, whole(*values))


def test_products_without_zeros_and_single_arrays_are_compressed():
    p, x = vector("p", "n", domain="positive"), vector("x", "n")
    held = lambdify(hessian(prod(p), p), compressed=True)(NONE)
    assert np.allclose(held.dense(), beside_two(NONE), rtol=1e-15)
    held = lambdify(diag(prod(x) / x), compressed=True)(ONE_ZERO)
    assert np.array_equal(held.dense(), np.diag([6.0, 0, 0]))
