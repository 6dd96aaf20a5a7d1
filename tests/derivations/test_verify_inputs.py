"""Questions in SymPy's expressions, in text and in LaTeX, in every combination."""

import pytest
import sympy

from derivations.verification.functions.callables import is_function, verify_numerically
from derivations.verification.sympy_inputs import (
    aligned,
    by_symbols,
    declared_variables,
    is_symbols,
    with_symbols,
    without_columns,
)
from derivations.verification.verify import equivalent, verify_gradient, verify_hessian
from symbolic import from_sympy, parse
from symbolic.errors import ShapeError, UnsupportedError

x = sympy.Symbol("x")
n, d = sympy.symbols("n d")
X, w, y = (
    sympy.MatrixSymbol("X", n, d),
    sympy.MatrixSymbol("w", d, 1),
    sympy.MatrixSymbol("y", n, 1),
)
S = sympy.MatrixSymbol("S", n, n)
VECTORS = {"X": "n d", "w": "d", "y": "n"}
COLUMNS = {"X": "n d", "w": "d 1", "y": "n 1"}
x_1, x_2 = sympy.symbols("x_1 x_2")
FLAT = x_1**2 * x_2 + sympy.exp(x_2)


@pytest.mark.parametrize("f", [x**2 * sympy.sin(x), "x**2*sin(x)"], ids=["sympy", "text"])
@pytest.mark.parametrize("wrt", [x, "x"], ids=["symbol", "name"])
@pytest.mark.parametrize(
    "claim",
    [
        2 * x * sympy.sin(x) + x**2 * sympy.cos(x),
        "2*x*sin(x) + x**2*cos(x)",
        r"2x\sin x + x^2\cos x",
    ],
    ids=["sympy", "text", "latex"],
)
def test_scalars(f, wrt, claim):
    assert verify_gradient(f, wrt, claim, {"x": ""}).verdict == "proved"
    assert verify_gradient(f, wrt, x, {"x": ""}).verdict == "refuted"


@pytest.mark.parametrize("given", [VECTORS, COLUMNS], ids=["vectors", "columns"])
@pytest.mark.parametrize("wrt", [w, "w"], ids=["symbol", "name"])
@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (2 * X.T * (X * w - y), "proved"),
        ("2*X.T @ (X @ w - y)", "proved"),
        (r"2 X^\top (X w - y)", "proved"),
        (X.T * (X * w - y), "refuted"),
        ("2*X.T @ (X @ w + y)", "refuted"),
    ],
)
def test_matrices_of_sympy(given, wrt, claim, verdict):
    f = (X * w - y).T * (X * w - y)
    assert verify_gradient(f, wrt, claim, given).verdict == verdict


def test_text_about_vectors_with_a_claim_of_sympy():
    f = "norm(X @ w - y)**2"
    assert verify_gradient(f, w, 2 * X.T * (X * w - y), VECTORS).verdict == "proved"
    assert verify_gradient(f, w, 2 * X.T * (X * w + y), VECTORS).verdict == "refuted"


@pytest.mark.parametrize(
    ("f", "claim", "verdict"),
    [
        (sympy.Trace(S * S), 2 * S.T, "proved"),
        (sympy.Trace(S * S), 2 * S, "refuted"),
        (sympy.log(sympy.Determinant(S)), sympy.Inverse(S).T, "proved"),
    ],
)
def test_functions_of_matrices(f, claim, verdict):
    assert verify_gradient(f, S, claim).verdict == verdict


def test_hessians_of_sympy():
    A = sympy.MatrixSymbol("A", d, d)
    assert verify_hessian(w.T * A * w, w, A + A.T, {"w": "d"}).verdict == "proved"
    assert verify_hessian(w.T * A * w, w, 2 * A, {"w": "d"}).verdict == "refuted"


def test_equalities():
    square = sympy.sin(x) ** 2
    assert equivalent(square + sympy.cos(x) ** 2, sympy.Integer(1)).verdict == "proved"
    assert equivalent(square, "1 - cos(x)**2", {"x": ""}).verdict == "proved"
    assert equivalent("1 - cos(x)**2", square, {"x": ""}).verdict == "proved"
    assert equivalent(square, "1 - cos(x)", {"x": ""}).verdict == "refuted"
    assert equivalent("X @ w", X * w, VECTORS).verdict == "proved"


# --- what both sides share -----------------------------------------------------------------------


def test_a_symbol_is_one_variable_whatever_the_other_side_assumes_of_it():
    positive = sympy.Symbol("x", positive=True)
    f = from_sympy(sympy.log(positive))
    given = with_symbols(None, f)
    assert from_sympy(1 / x, given) == from_sympy(1 / positive)
    assert verify_gradient(f, "x", 1 / x, given).verdict == "proved"
    assert verify_gradient(f, "x", "1/x", given).verdict == "proved"


def test_what_is_declared_comes_before_what_is_met():
    given = with_symbols({"x": ": positive"}, from_sympy(x**2))
    assert given == {"x": ": positive"}
    assert declared_variables({x: ": positive"})["x"].domain == "positive"


def test_columns_are_vectors_where_vectors_are_wanted():
    column = from_sympy(X * w)
    assert without_columns(column).shape == column.shape[:1]
    assert aligned(column, column.shape[:1]).shape == column.shape[:1]
    assert aligned(column, column.shape[::-1]).shape == column.shape[::-1]
    matrix = from_sympy(X)
    assert aligned(matrix, matrix.shape[::-1]) is matrix


# --- lists of symbols ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrt", [sympy.Matrix([x_1, x_2]), sympy.Matrix([[x_1, x_2]]), [x_1, x_2], (x_1, x_2)], ids=str
)
def test_gradients_by_a_list_of_symbols(wrt):
    assert is_symbols(wrt)
    found = by_symbols("gradient", from_sympy(FLAT), wrt)
    claim = aligned(from_sympy(sympy.Matrix([FLAT]).jacobian([x_1, x_2])), found.correct.shape)
    assert found.name == "(x_1, x_2)"
    assert equivalent(found.correct, claim).verdict == "proved"
    assert equivalent(found.inert, claim).passed
    wrong = aligned(from_sympy(sympy.Matrix([x_1 * x_2, x_1**2])), found.correct.shape)
    assert equivalent(found.correct, wrong).verdict == "refuted"


def test_hessians_and_jacobians_by_a_list_of_symbols():
    found = by_symbols("hessian", from_sympy(FLAT), [x_1, x_2])
    claim = from_sympy(sympy.hessian(FLAT, (x_1, x_2)))
    assert equivalent(found.correct, claim).verdict == "proved"
    assert equivalent(found.inert, claim).passed
    both = sympy.Matrix([x_1 * x_2, sympy.sin(x_1), x_2])
    found = by_symbols("jacobian", without_columns(from_sympy(both)), [x_1, x_2])
    claim = from_sympy(both.jacobian([x_1, x_2]))
    assert found.correct.shape == (3, 2)
    assert equivalent(found.correct, claim).verdict == "proved"
    assert equivalent(found.inert, claim).passed


def test_a_matrix_of_symbols():
    a, b, c, e = sympy.symbols("a b c e")
    wrt = sympy.Matrix([[a, b], [c, e]])
    found = by_symbols("gradient", from_sympy(wrt.det()), wrt)
    assert equivalent(found.correct, from_sympy(wrt.adjugate().T)).verdict == "proved"


@pytest.mark.parametrize("wrt", [[x_1, x_1], [x_1 + x_2], [w]], ids=str)
def test_what_is_no_list_of_symbols_is_refused(wrt):
    with pytest.raises(UnsupportedError):
        by_symbols("gradient", from_sympy(FLAT + (w.T * w)[0, 0]), wrt)


def test_gradients_are_those_of_scalars():
    with pytest.raises(ShapeError, match="verify_jacobian"):
        by_symbols("gradient", parse("v", {"v": "n"}), [x_1])


# --- functions beside expressions ----------------------------------------------------------------


def test_a_function_is_judged_against_an_expression_of_sympy():
    f = (X * w - y).T * (X * w - y)

    def claim(X, w, y):
        return 2 * X.T @ (X @ w - y)

    assert verify_numerically("gradient", f, w, claim, VECTORS, 0).verdict == "verified"
    assert verify_numerically("gradient", f, w, claim, None, 0).verdict == "verified"
    assert (
        verify_numerically("gradient", x**3, x, lambda x: 3 * x**2, None, 0).verdict == "verified"
    )
    assert verify_numerically("gradient", x**3, x, lambda x: 2 * x**2, None, 0).verdict == "refuted"
    assert (
        verify_numerically("gradient", lambda x: x**3, x, 3 * x**2, {x: ""}, 0).verdict
        == "verified"
    )


def test_expressions_of_sympy_are_no_functions():
    assert not is_function(sympy.Lambda(x, x))
    assert is_function(lambda x: x)
