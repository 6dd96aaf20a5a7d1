"""From SymPy and back: gradients against SymPy's entrywise `diff` on explicit matrices.

Each case below builds its expression from whatever it is given: from `MatrixSymbol`s of symbolic size
for us, from explicit matrices of symbols for SymPy, whose `diff` by one entry is ordinary calculus.
"""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest
import sympy
from sympy import (
    Adjoint,
    BlockMatrix,
    Determinant,
    DiagMatrix,
    DotProduct,
    HadamardPower,
    HadamardProduct,
    Identity,
    Inverse,
    KroneckerProduct,
    Lambda,
    MatrixSymbol,
    Product,
    Sum,
    Symbol,
    Trace,
    Transpose,
)
from sympy.matrices.expressions.diagonal import DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.special import OneMatrix

import symbolic as s
from symbolic import from_sympy, gradient, hessian, lambdify, parse, to_sympy
from symbolic.errors import (
    DomainError,
    NameUnknownError,
    ShapeError,
    UnsupportedError,
)
from symbolic.traverse import postorder, variables
from tests.symbolic.random_expressions import SIZES, Writer, close, draw, evaluate_real

N, M = sympy.symbols("n m")
SHAPES = {"X": (N, M), "Y": (N, M), "A": (N, N), "B": (N, N), "a": (N, 1), "b": (M, 1)}
NUMBERS = {N: 2, M: 3}
K, L = sympy.symbols("i j")
P = Symbol("p", integer=True, positive=True)
x, y = sympy.symbols("x y", real=True)


def symbolic_case():
    """Matrix symbols of symbolic size."""
    arrays = {name: MatrixSymbol(name, *shape) for name, shape in SHAPES.items()}
    return SimpleNamespace(
        n=N, m=M, diagonal_part=DiagonalMatrix, diagonal_column=DiagonalOf, **arrays
    )


def explicit_case():
    """Matrices of symbols at n = 2, m = 3."""
    arrays = {}
    for name, (rows, columns) in SHAPES.items():
        arrays[name] = sympy.ImmutableMatrix(
            NUMBERS[rows],
            NUMBERS.get(columns, 1),
            lambda i, j, name=name: Symbol(f"{name}{i}_{j}", positive=True),
        )
    return SimpleNamespace(
        n=2,
        m=3,
        diagonal_part=lambda a: a.multiply_elementwise(sympy.eye(max(a.shape))[: a.rows, : a.cols]),
        diagonal_column=lambda a: a.diagonal().T,
        **arrays,
    )


def squared(matrix):
    """The squared Frobenius norm."""
    return Trace(matrix.T * matrix)


CASES = {
    # what SymPy's own matrix derivative gets wrong or does not finish
    "two squared norms": (
        lambda c: 0.5 * squared(c.A - c.X * c.Y.T) + 0.5 * squared(c.X), "X"
    ),
    "two squared norms, one constant": (
        lambda c: 0.5 * squared(c.A - c.X * c.Y.T) + 0.5 * squared(c.A), "X"
    ),
    "squared trace of a difference": (lambda c: Trace(Identity(c.n) - c.A) ** 2, "A"),
    "squared trace, expanded": (lambda c: (Trace(Identity(c.n) - c.A) ** 2).expand(), "A"),
    "mean by a scalar": (lambda c: squared(c.a - x * OneMatrix(c.n, 1)), "x"),
    "affine score": (lambda c: Trace(c.a.T * c.A * c.a) + x, "a"),
    "trace and a number": (lambda c: Trace(c.A) ** 2 + 1, "A"),
    "sum of traces": (lambda c: Trace(c.X.T * c.X) + Trace(c.A), "X"),
    "square of a trace": (lambda c: Trace(c.A) ** 2, "A"),
    "sum of norms": (lambda c: sympy.sqrt(Trace(c.X.T * c.X)) + sympy.sqrt(Trace(c.A.T * c.A)), "X"),
    "sum of a norm and a trace": (lambda c: sympy.sqrt(Trace(c.A.T * c.A)) + Trace(c.A * c.B), "A"),
    "norm of a difference": (
        lambda c: sympy.sqrt(Trace((c.X - c.Y).T * (c.X - c.Y))) + x * Trace(c.A), "X"
    ),
    "trace by a scalar": (lambda c: Trace(x**2 * c.A * c.B) + x, "x"),
    "quotient of traces": (lambda c: Trace(c.A * c.B) / Trace(c.A), "A"),
    "log of a trace": (lambda c: sympy.log(Trace(c.A.T * c.A)) * Trace(c.B), "A"),
    "exponential of a trace": (lambda c: sympy.exp(-Trace(c.X.T * c.X)), "X"),
    # one by one
    "bilinear": (lambda c: c.a.T * c.X * c.b, "X"),
    "bilinear, its entry": (lambda c: (c.a.T * c.X * c.b)[0, 0], "X"),
    "least squares": (lambda c: (c.X * c.b - c.a).T * (c.X * c.b - c.a), "b"),
    "scaled quadratic": (lambda c: Trace(c.A) * c.a.T * c.A * c.a, "A"),
    "one by one squared": (lambda c: (c.a.T * c.A * c.a) ** 2, "a"),
    "dot product": (lambda c: DotProduct(c.a, c.A * c.a), "a"),
    # matrices
    "inverse": (lambda c: Trace(c.A.inv() * c.X * c.X.T), "A"),
    "inverse node": (lambda c: Trace(Inverse(c.A) * c.B), "A"),
    "powers": (lambda c: Trace(c.A**3) + Trace(c.A**-2), "A"),
    "determinant": (lambda c: sympy.log(Determinant(c.A)) + Determinant(c.A), "A"),
    "transpose": (lambda c: Trace(Transpose(c.A) * c.B * Adjoint(c.A)), "A"),
    "kronecker": (lambda c: Trace(KroneckerProduct(c.A, c.B)), "A"),
    "kronecker of rectangles": (
        lambda c: Trace(KroneckerProduct(c.X, c.a) * KroneckerProduct(c.Y, c.a).T), "a"
    ),
    "identity and ones": (
        lambda c: Trace((c.A + 2 * Identity(c.n)) * OneMatrix(c.n, c.m) * c.X.T), "X"
    ),
    "hadamard": (lambda c: Trace(HadamardProduct(c.X, c.Y, c.X) * c.X.T), "X"),
    "hadamard power": (lambda c: Trace(HadamardPower(c.X, 3) * c.Y.T), "X"),
    "hadamard power of a number": (lambda c: Trace(HadamardPower(c.X, x) * c.Y.T), "X"),
    "function of entries": (lambda c: Trace(c.X.applyfunc(sympy.sin) * c.Y.T), "X"),
    "function with a parameter": (
        lambda c: Trace(c.X.applyfunc(Lambda(y, sympy.exp(x * y) * y / (1 + y**2))) * c.Y.T), "X"
    ),
    "the parameter": (lambda c: Trace(c.X.applyfunc(Lambda(y, sympy.exp(x * y))) * c.Y.T), "x"),
    "diagonal matrix of a vector": (lambda c: Trace(DiagMatrix(c.a) * c.A * DiagMatrix(c.a)), "a"),
    "diagonal part": (lambda c: Trace(c.diagonal_part(c.A) * c.A), "A"),
    "diagonal part of a rectangle": (lambda c: Trace(c.diagonal_part(c.X) * c.X.T), "X"),
    "diagonal column": (lambda c: c.diagonal_column(c.A).T * c.A * c.a, "A"),
    "slice": (lambda c: Trace(c.X[0:1, 1:] * c.Y[0:1, 1:].T), "X"),
    "blocks": (lambda c: Trace(BlockMatrix([[c.A, c.X], [c.X.T, Identity(c.m)]]) ** 2), "X"),
    "entries": (lambda c: c.X[0, 1] ** 2 * c.X[1, 2] + c.A[0, 0], "X"),
    # index form
    "double sum": (
        lambda c: Sum(sympy.exp(c.a[K, 0]) * c.X[K, L] * c.b[L, 0], (K, 0, c.n - 1), (L, 0, c.m - 1)),
        "X",
    ),
    "log of a sum": (lambda c: sympy.log(Sum(sympy.exp(c.b[L, 0]), (L, 0, c.m - 1))), "b"),
    "differences": (lambda c: Sum((c.b[K + 1, 0] - c.b[K, 0]) ** 2, (K, 0, c.m - 2)), "b"),
    "backwards": (lambda c: Sum(c.b[c.m - 1 - K, 0] * c.b[K, 0] ** 2, (K, 0, c.m - 1)), "b"),
    "from one": (lambda c: Sum(c.b[K - 1, 0] ** 2, (K, 1, c.m)), "b"),
    "index as a number": (lambda c: Sum(K**2 * c.b[K, 0] ** 2, (K, 0, c.m - 1)), "b"),
    "diagonal sum": (lambda c: Sum(c.A[K, K] * c.A[0, K], (K, 0, c.n - 1)), "A"),
    "sum of a constant": (lambda c: Sum(Trace(c.A) ** 2, (K, 0, c.m - 1)), "A"),
    "nested sums": (
        lambda c: Sum(c.a[K, 0] * Sum(c.A[K, L] ** 2, (L, 0, c.n - 1)) ** 2, (K, 0, c.n - 1)), "A"
    ),
    "delta": (
        lambda c: Sum(
            sympy.KroneckerDelta(K, L) * c.A[K, L] ** 2, (K, 0, c.n - 1), (L, 0, c.n - 1)
        ),
        "A",
    ),
    "product": (lambda c: Product(1 + c.b[L, 0] ** 2, (L, 0, c.m - 1)), "b"),
    "partial product": (
        lambda c: Sum(Product(c.X[K, L], (L, 0, c.m - 1)), (K, 0, c.n - 1)), "X"
    ),
    # scalars
    "scalar": (lambda c: Trace(c.A) * x**2 * sympy.sin(x) / c.n + sympy.tan(x) - sympy.sqrt(2) * x, "x"),
    "functions": (
        lambda c: sympy.asinh(x) + sympy.sech(x) * sympy.erf(x) + sympy.loggamma(x) - 2**x, "x"
    ),
    "factorial and digamma": (lambda c: sympy.factorial(x) + sympy.digamma(x), "x"),
    "largest of three": (lambda c: sympy.Max(x, x**2 / 4, 1) + sympy.Min(x, 3) + abs(x), "x"),
    "cases": (
        lambda c: sympy.Piecewise((x**2, x > 1), (x**3, x > sympy.Rational(1, 2)), (1, True)), "x"
    ),
    "decimal": (lambda c: 0.1 * x**1.5, "x"),
    "small matrix": (
        lambda c: Trace(sympy.ImmutableMatrix([[1, x], [x**2, 0]]) ** 2) + Trace(c.A), "x"
    ),
    "small matrix times": (
        lambda c: Trace(
            sympy.ImmutableMatrix([[0, 0], [x, 2]])
            * sympy.ImmutableMatrix([[x, 1], [0, 2]]).T
        ),
        "x",
    ),
}  # fmt: skip


def scalar_of(value):
    """The scalar in what SymPy gives for explicit matrices, every matrix in it made explicit."""
    value = sympy.sympify(value).replace(Trace, lambda inner: explicit(inner).trace())
    if isinstance(value, (sympy.MatrixExpr, sympy.MatrixBase)):
        value = explicit(value)[0, 0]
    return value.doit()


def explicit(value):
    """A matrix of entries."""
    done = value.doit()
    return done.as_explicit() if isinstance(done, sympy.MatrixExpr) else done


def values_at(case, seed):
    """Positive values of all entries, well away from singular matrices."""
    random = np.random.default_rng(seed)
    found = {}
    for name in SHAPES:
        array = getattr(case, name)
        data = random.uniform(0.3, 1.0, array.shape)
        found[name] = data + 2 * np.eye(2) if name in "AB" else data
    return found, float(random.uniform(0.6, 1.4))


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_entrywise_differentiation(name):
    build, wrt = CASES[name]
    explicit = explicit_case()
    data, number = values_at(explicit, seed=1)
    expected = scalar_of(build(explicit))
    place = {x: sympy.Float(number, 30)}
    for key, array in data.items():
        place.update(zip(getattr(explicit, key), map(sympy.Float, array.ravel()), strict=True))
    entries = [x] if wrt == "x" else list(getattr(explicit, wrt))
    wanted = [float(expected.diff(entry).doit().subs(place)) for entry in entries]

    expression = build(symbolic_case())
    f = from_sympy(expression)
    assert f.shape == ()
    assert np.isclose(float(value_of(f, data, number)), float(expected.subs(place)))
    by_name, by_symbol = gradient(f, wrt), gradient(expression, place_of(wrt))
    assert by_name is by_symbol
    found = value_of(by_name, data, number)
    assert found.shape == (() if wrt == "x" else data[wrt].shape)
    np.testing.assert_allclose(found.ravel(), wanted, rtol=1e-9, atol=1e-9)


def place_of(name):
    return x if name == "x" else MatrixSymbol(name, *SHAPES[name])


def value_of(expression, data, number):
    """The value at the data, by the entries that `to_sympy` writes."""
    whole = to_sympy(expression, {"n": 2, "m": 3})
    place = {}
    for variable in variables(expression):
        entries = numbers(to_sympy(variable, {"n": 2, "m": 3}))
        array = np.asarray(data.get(variable.name, number))
        place.update(zip(entries, array.ravel().tolist(), strict=True))
    found = [float(sympy.sympify(entry).subs(place)) for entry in numbers(whole)]
    return np.array(found).reshape(whole.shape if hasattr(whole, "shape") else ())


def numbers(value):
    """The entries of what `to_sympy` gives, in row-major order."""
    if isinstance(value, sympy.NDimArray):
        return list(sympy.flatten(value.tolist()))
    return list(value) if isinstance(value, sympy.MatrixBase) else [value]


# --- the gradients people look for ---------------------------------------------------------------

c = symbolic_case()


@pytest.mark.parametrize(
    ("expression", "wrt", "text"),
    [
        (c.a.T * c.X * c.b, c.X, "a @ b.T"),
        (Trace(c.A) ** 2, c.A, "2*trace(A)*eye(n)"),
        (Trace(c.X.T * c.X) + Trace(c.A), c.X, "2*X"),
        ((c.X * c.b - c.a).T * (c.X * c.b - c.a), c.b, "2*X.T @ (X @ b - a)"),
        (sympy.log(Determinant(c.A)), c.A, "inv(A).T"),
    ],
)
def test_gradients_are_in_textbook_form(expression, wrt, text):
    assert str(gradient(expression, wrt)) == text


def test_several_places_and_second_derivatives():
    f = Trace(c.X.T * c.X) + Trace(c.A) ** 2
    by_x, by_a = gradient(f, [c.X, c.A])
    assert (str(by_x), str(by_a)) == ("2*X", "2*trace(A)*eye(n)")
    assert str(hessian(x**3, x)) == "6*x"


def test_declarations_turn_columns_into_vectors():
    f = (c.X * c.b - c.a).T * (c.X * c.b - c.a)
    given = {"b": "m", "a": "n"}
    assert gradient(f, "b", given).shape == s.dims("m")
    assert gradient(f, c.b, given).shape == s.dims("m")
    assert from_sympy(c.a, given).shape == (*s.dims("n"), 1)


def test_renamed_symbols_keep_apart():
    given = {x: s.scalar("y"), y: s.scalar("x")}
    assert str(gradient(x**2 + y**3, x, given)) == "2*y"
    with pytest.raises(NameUnknownError, match="'y'"):
        from_sympy(x + y, {x: s.scalar("y")})


def test_decimals_are_read_as_they_are_written():
    for written, value in ((0.1, "1/10"), (1 / 3, "3333333333333333/10000000000000000")):
        assert from_sympy(sympy.Float(written)) is s.constant(sympy.Rational(value))
    longer = sympy.Float("0.1", 60)
    assert from_sympy(longer) is s.constant(sympy.Rational(longer))


def test_declarations_give_domains():
    assert from_sympy(c.A, {"A": "n n: spd"}).domain == "spd"
    assert from_sympy(c.A, {c.A: s.matrix("K", "n", "n", domain="spd")}).name == "K"
    assert from_sympy(Symbol("lambda"), {Symbol("lambda"): s.scalar("lam")}).name == "lam"
    assert from_sympy(x, {"x": ": unit"}).domain == "unit"


@pytest.mark.parametrize(
    ("assumed", "domain"),
    [
        ({}, "real"),
        ({"real": True}, "real"),
        ({"positive": True}, "positive"),
        ({"nonnegative": True}, "nonnegative"),
        ({"negative": True}, "real"),
        ({"integer": True, "nonnegative": True}, "counts"),
    ],
)
def test_assumptions_become_domains(assumed, domain):
    assert from_sympy(Symbol("v", **assumed)).domain == domain


def test_positive_integers_and_symbols_of_shapes_are_sizes():
    n = s.dims("n")[0]
    assert from_sympy(n) is s.constant(n)
    assert from_sympy(N * Trace(c.A)) is n * s.trace(s.matrix("A", n, n))


def test_indexed_arrays_with_a_shape():
    w = sympy.IndexedBase("w", shape=(N, M))
    f = Sum(w[K, L] ** 2, (K, 0, N - 1), (L, 0, M - 1))
    assert str(gradient(f, "w")) == "2*w"


def test_undefined_functions_stay_unspecified():
    assert str(gradient(sympy.Function("f")(x) ** 2, x)) in ("2*f'(x)*f(x)", "2*f(x)*f'(x)")


def test_the_step_at_zero_is_kept():
    for at_zero in (0, sympy.S.Half, 1):
        f = from_sympy(sympy.Heaviside(x, at_zero))
        for number, value in ((-2, 0), (0, at_zero), (3, 1)):
            assert to_sympy(f, {}).subs(Symbol("x", real=True), number) == value


def test_a_mutable_matrix_is_read():
    f = from_sympy(sympy.Matrix([[1, x], [0, 2]]))
    assert f.shape == (2, 2)
    assert numbers(to_sympy(f, {})) == [1, Symbol("x", real=True), 0, 2]
    assert from_sympy(sympy.zeros(2, 3)) is s.zeros(2, 3)


def test_slices_with_a_step_have_the_rows_that_sympy_counts():
    X = MatrixSymbol("X", 5, 1)
    assert [X[::2, :].shape, X[1:5:2, :].shape] == [(2, 1), (2, 1)]
    for written, rows in ((X[::2, :], [0, 2]), (X[1:5:2, :], [1, 3])):
        entries = to_sympy(from_sympy(written), {})
        assert numbers(entries) == [numbers(to_sympy(s.matrix("X", 5, 1), {}))[i] for i in rows]


def test_deep_expressions_are_read():
    f = x
    for _ in range(3000):
        f = sympy.Add(
            1, sympy.Mul(2, sympy.Pow(f, 2, evaluate=False), evaluate=False), evaluate=False
        )
    assert from_sympy(f).shape == ()


# --- refusals ------------------------------------------------------------------------------------

REFUSED = [
    (c.A**x, UnsupportedError, "MatPow"),
    (c.A ** sympy.Rational(1, 2), UnsupportedError, "MatPow"),
    (sympy.exp(c.A), UnsupportedError, "exp"),
    (Symbol("z", imaginary=True), UnsupportedError, "Symbol"),
    (sympy.I * x, UnsupportedError, "ImaginaryUnit"),
    (sympy.oo, UnsupportedError, "Infinity"),
    (sympy.nan, UnsupportedError, "NaN"),
    (sympy.EulerGamma, UnsupportedError, "EulerGamma"),
    (sympy.besselj(0, x), UnsupportedError, "besselj"),
    (sympy.Integral(sympy.exp(x**2), x), UnsupportedError, "Integral"),
    (sympy.Derivative(sympy.Function("f")(x), x), UnsupportedError, "Derivative"),
    (sympy.Function("f")(x, y), UnsupportedError, "f"),
    (sympy.Permanent(c.A), UnsupportedError, "Permanent"),
    (Sum(c.a[K, 0], (K, 0, sympy.oo)), UnsupportedError, "Infinity"),
    (Sum(c.A[K, L], (L, 0, K), (K, 0, N - 1)), UnsupportedError, "Sum"),
    (Sum(c.A[K, 0] * Trace(c.a[K, 0] * c.A), (K, 0, N - 1)), UnsupportedError, "MatMul"),
    (Sum(c.a[K, 0], (K, 0, M - 1)), ShapeError, "MatrixElement"),
    (Sum(c.a[K + 1, 0], (K, 0, N - 1)), ShapeError, "MatrixElement"),
    (Sum(c.a[K**2, 0], (K, 0, N - 1)), UnsupportedError, "MatrixElement"),
    (Sum(c.A[K, L], (L, P, P + 1), (P, 0, 3)), UnsupportedError, "p"),
    (Sum(Trace(c.A[P : P + 1, :] * c.a), (P, 0, N - 2)), UnsupportedError, "p"),
    (c.a[K, 0], UnsupportedError, "i"),
    (sympy.IndexedBase("v")[K], UnsupportedError, "Indexed"),
    (sympy.Piecewise((x, x > 0)), UnsupportedError, "Piecewise"),
    (sympy.Piecewise((x, (x > 0) & (y > 0)), (0, True)), UnsupportedError, "Piecewise"),
    (x > 0, UnsupportedError, "StrictGreaterThan"),
    (sympy.MatrixSymbol("X", 2, 2) * sympy.Matrix([[x, sympy.oo], [0, 1]]), UnsupportedError, "Inf"),
    (c.X[::2, :], UnsupportedError, "MatrixSlice"),
    (sympy.eye(300), UnsupportedError, "Matrix"),
    (sympy.Array([1, x]), UnsupportedError, "Array"),
    ("x**2", UnsupportedError, "str"),
    (x + Symbol("x", positive=True), NameUnknownError, "'x'"),
    (Trace(c.A) + Symbol("A"), NameUnknownError, "'A'"),
    (Symbol("lambda"), NameUnknownError, "lambda"),
    (Symbol("gamma"), NameUnknownError, "gamma"),
    (Symbol("x'"), NameUnknownError, "x'"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "error", "named"), REFUSED, ids=range(len(REFUSED)))
def test_what_the_language_has_not_is_refused_by_name(expression, error, named):
    with pytest.raises(error, match=named):
        from_sympy(expression)


def test_declarations_have_to_fit():
    with pytest.raises(ShapeError, match="A"):
        from_sympy(Trace(c.A), {"A": "n m"})
    with pytest.raises(ShapeError, match="x"):
        from_sympy(x**2, {"x": "n"})
    with pytest.raises(DomainError):
        from_sympy(c.X, {"X": "n m: spd"})


def test_places_have_to_be_symbols_of_the_expression():
    with pytest.raises(UnsupportedError, match="MatrixElement"):
        gradient(Trace(c.A), c.A[0, 0])
    with pytest.raises(NameUnknownError, match="B"):
        gradient(Trace(c.A), c.B)
    with pytest.raises(ShapeError, match="A"):
        gradient(Trace(c.A), MatrixSymbol("A", 3, 3))


# --- to SymPy ------------------------------------------------------------------------------------

GIVEN = {"X": "n d", "w": "d", "y": "n: nonnegative", "S": "n n: spd", "lam": ": positive"}
FORMS = [
    "X @ w", "w @ w", "y @ S @ y", "y @ S", "norm(X @ w - y)**2", "logsumexp(X @ w)",
    "softmax(X, axis=1)", "log_softmax(w)", "sum(X, axis=0)", "sum(X, axis=1, keepdims=True)",
    "sum(X, keepdims=True)", "mean(X)", "mean(X, axis=0)", "mean(w)", "outer(y, w)", "X * y[:, None]",
    "X*w", "X/(1 + sum(w))", "sigmoid(X)*X**2", "X*exp(X)/(1 + X**2)", "logdet(S) + log(det(S))",
    "inv(S) @ X", "trace(S)*eye(n)", "diag(y) @ X", "diagonal(S)", "X[0]", "X[1:, :2]", "X[:, 0]",
    "X[0, 1] + w[1]", "kron(X, S)", "concatenate(X, X, axis=1)", "concatenate(y, y)",
    "lam*X + 1", "maximum(X, 0)", "y**lam", "einsum('ij,ij,i->', X, X, y)", "einsum('ij,i->ij', X, y)",
    "where(X > w, X, 2*lam)", "norm(X, axis=1)", "norm(S)", "zeros(n, d)", "3*ones(n)", "w", "lam",
    "2", "lam**2*exp(-lam)/n", "X/n + d", "w**2/(d + w)", "abs(w) @ w",
]  # fmt: skip


def at_point(expression, point, sizes):
    """The value by the entries of `to_sympy`."""
    place = {}
    for variable, array in point.items():
        entries = numbers(to_sympy(variable, sizes))
        place.update(zip(entries, np.asarray(array).ravel().tolist(), strict=True))
    whole = to_sympy(expression, sizes)
    return np.array([float(sympy.N(sympy.sympify(e).xreplace(place))) for e in numbers(whole)])


@pytest.mark.parametrize("text", FORMS)
def test_matrix_forms_come_back_equal_in_value(text, rng):
    f = parse(text, GIVEN)
    form = to_sympy(f)
    assert isinstance(form, sympy.MatrixExpr) == bool(f.rank)
    if f.rank:
        assert form.shape == (*f.shape, 1)[:2]
    back = from_sympy(form, variables(f))
    sizes = dict(zip(s.dims("n d"), (3, 2), strict=True))
    point = draw([f, back], sizes, rng)
    first, second = at_point(f, point, sizes), at_point(back, point, sizes)
    if f.shape == (1, 1):
        assert back.shape == ()
    np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_random_expressions_go_both_ways(seed):
    writer = Writer(seed)
    f = writer.expression(writer.shape(), 3)
    point = draw(f, SIZES, np.random.default_rng(seed))
    sizes = {letter.name: number for letter, number in SIZES.items()}
    wanted = evaluate_real(f, point, SIZES).ravel()
    assert close(at_point(f, point, sizes), wanted), f"seed {seed}: {f}"
    if any(node.rank > 2 for node in postorder(f)):
        with pytest.raises(UnsupportedError, match="axes"):
            to_sympy(f)
        return
    form = to_sympy(f)
    back = from_sympy(form, variables(f))
    assert close(at_point(back, point, sizes), wanted), f"seed {seed}: {f}"


@pytest.mark.parametrize(
    ("text", "wrt"),
    [
        ("sum(softmax(X @ w)*y)", "w"),
        ("logsumexp(X @ w) + norm(w)", "w"),
        ("sum(gelu(X) + silu(X))", "X"),
        ("sum(max(X, axis=1)) + prod(w)", "X"),
        ("sum(cholesky(S)**2*S)", "S"),
        ("sum(vec(X)**3) + sum(tril(S)**2)", "X"),
        ("logdet(S) - lam*sum(inv(S))", "S"),
        ("sum(tril(ones(n, n)) @ tanh(X))", "X"),
    ],
)
def test_entries_check_gradients(text, wrt, rng):
    """SymPy's diff of the entries is the gradient, entry by entry."""
    f = parse(text, GIVEN)
    sizes = {"n": 2, "d": 2}
    whole = to_sympy(f, sizes)
    slope = gradient(f, wrt)
    point = draw([f, slope], {s.dims(key)[0]: size for key, size in sizes.items()}, rng)
    variable = next(v for v in point if v.name == wrt)
    place = {}
    for each, array in point.items():
        place.update(zip(numbers(to_sympy(each, sizes)), np.asarray(array).ravel(), strict=True))
    wanted = [float(whole.diff(e).subs(place)) for e in numbers(to_sympy(variable, sizes))]
    np.testing.assert_allclose(at_point(slope, point, sizes), wanted, rtol=1e-9, atol=1e-12)


def test_shapes_of_explicit_results():
    X, w = s.matrix("X", "n", "d"), s.vector("w", "d")
    T = s.tensor("T", "n", "d", 2)
    sizes = {"n": 2, s.dims("d")[0]: 3}
    assert to_sympy(w, sizes) == sympy.Matrix([Symbol(f"w_{{{i}}}", real=True) for i in range(3)])
    assert to_sympy(X, sizes)[1, 2] == Symbol("X_{1,2}", real=True)
    assert to_sympy(T, sizes).shape == (2, 3, 2)
    assert to_sympy(s.scalar("x", domain="positive"), {}) == Symbol("x", positive=True)
    assert to_sympy(s.constant(s.dims("n")[0]), sizes) == 2


def test_unfinished_derivatives_are_worked_out_entry_by_entry():
    w = s.vector("w", 2)
    found = to_sympy(s.Derivative(s.sum(w**2), w), {})
    assert found == 2 * to_sympy(w, {})


def test_named_intermediates_are_unfolded():
    z = s.named("z", s.matrix("X", "n", "n") @ s.matrix("Y", "n", "n"))
    assert str(to_sympy(s.trace(z))) == "Trace(X*Y)"


@pytest.mark.parametrize(
    ("make", "error", "named"),
    [
        (lambda: to_sympy(s.tril(s.matrix("A", "n", "n"))), UnsupportedError, "tril"),
        (lambda: to_sympy(s.matrix("A", "n", "n")[::2]), UnsupportedError, "step 2"),
        (lambda: to_sympy(s.tensor("T", "n", "n", "n")), UnsupportedError, "axes"),
        (lambda: to_sympy(s.eigvalsh(s.matrix("A", "n", "n"))), UnsupportedError, "eigvalsh"),
        (lambda: to_sympy(s.eigvalsh(s.matrix("A", 2, 2)), {}), UnsupportedError, "eigvalsh"),
        (lambda: to_sympy(s.matrix("A", "n", "n"), {"d": 2}), NameUnknownError, "n"),
        (lambda: to_sympy(s.matrix("A", "n", "n"), {"n": 0}), ShapeError, "n = 0"),
        (lambda: to_sympy(s.vector("v", 9999) @ s.ones(9999, 9999), {}), UnsupportedError, "terms"),
        (lambda: to_sympy(s.unspecified("C", s.scalar("x")), {}), UnsupportedError, "Unspecified"),
        (lambda: to_sympy("x"), UnsupportedError, "str"),
    ],
)
def test_what_sympy_has_not_is_refused_by_name(make, error, named):
    with pytest.raises(error, match=named):
        make()


# --- our nodes in SymPy's hands ------------------------------------------------------------------


def test_sympy_prints_our_nodes():
    f = from_sympy(c.a.T * c.X * c.b)
    assert sympy.latex(f) == s.latex(f)
    assert sympy.latex(gradient(f, "X")) == r"a b^\top"


@pytest.mark.parametrize("name", ["sum of norms", "double sum", "inverse", "cases", "small matrix"])
def test_pickling_keeps_identity_and_hash(name):
    f = from_sympy(CASES[name][0](symbolic_case()))
    copied = pickle.loads(pickle.dumps(f))
    assert copied is f
    assert copied == f
    assert hash(copied) == hash(f)
    assert from_sympy(CASES[name][0](symbolic_case())) is f
    assert from_sympy(f) is f


def test_what_was_read_can_be_printed_read_again_and_compiled(rng):
    f = from_sympy(c.a.T * c.X * c.b)
    assert parse(str(f), variables(f)) is f
    X, a, b = rng.normal(size=(2, 3)), rng.normal(size=(2, 1)), rng.normal(size=(3, 1))
    assert np.isclose(lambdify(f)(X=X, a=a, b=b), (a.T @ X @ b).item())
