"""Linear systems in generated code: what is known of a matrix, and how it is factored once."""

import numpy as np
import pytest
import scipy.linalg

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.code.factorizations import SOURCES, needed
from symbolic.code.symmetry import is_semidefinite, is_symmetric
from symbolic.errors import DomainError
from symbolic.traverse import variables
from tests.symbolic.numpy_oracle import data_for, evaluate

n, d = s.dims("n d")
A, S = s.matrix("A", d, d, domain="invertible"), s.matrix("S", d, d, domain="spd")
Y = s.matrix("Y", d, d, domain="symmetric")
X, b, c = s.matrix("X", n, d), s.vector("b", d), s.vector("c", d)
lam = s.scalar("lam", domain="positive")

HELPERS = {"np": np, "scipy": scipy}
for source in SOURCES.values():
    exec(source, HELPERS)

GIVEN = {
    "A": "d d", "B": "n n", "S": "d d: spd", "P": "n n: psd", "Y": "d d: symmetric", "X": "n d",
    "Z": "n d", "w": "n", "p": "n: positive", "u": "d", "lam": ": positive", "c": "",
}  # fmt: skip

# --- what is known of a matrix -------------------------------------------------------------------

SEMIDEFINITE = [
    "S", "P", "inv(S)", "expm(Y)", "S + X.T @ X", "X.T @ X", "X @ X.T", "X.T @ diag(p) @ X",
    "X.T @ diag(w*w) @ X", "X.T @ diag(sigmoid(w)*(1 - sigmoid(w))) @ X", "X.T @ P @ X",
    "X.T @ X + lam*eye(d)", "A @ S @ A.T", "Y @ Y", "Y @ S @ Y", "outer(w, w)", "diag(p)", "S*S",
    "lam*S", "S/d", "outer(u, u)*S", "inv(X.T @ X + lam*eye(d))", "A.T @ A @ A.T @ A",
    "X.T @ diag(w) @ diag(w) @ X", "eye(d)",
]  # fmt: skip
SYMMETRIC = [
    "Y", "inv(Y)", "X.T @ diag(w) @ X", "-S", "c*S", "S - lam*eye(d)", "A + A.T", "A*A.T",
    "exp(-Y/lam)", "A @ Y @ A.T", "diag(w)", "X.T @ (B + B.T) @ X", "outer(u, u)*(u @ A @ u)",
    "(X @ X.T)**2", "Y*S", "S + Y", "X.T @ diag(-p) @ X", "c*eye(d)",
    "(X*X) @ ones(d, n) + ones(n, d) @ (X*X).T - 2*X @ X.T",
]  # fmt: skip
NEITHER = [
    "A", "A @ A", "A @ S", "Y @ S", "X.T @ Z", "X.T @ B @ X", "A - A.T", "expm(A)", "inv(A)",
    "outer(w, p)", "A + S", "A*S", "S @ A @ S", "exp(A)", "X.T @ diag(w) @ Z", "A + 2*A.T",
]  # fmt: skip


@pytest.mark.parametrize("text", SEMIDEFINITE + SYMMETRIC + NEITHER)
def test_what_is_known_of_a_matrix(text):
    matrix = s.parse(text, GIVEN)
    assert is_symmetric(matrix) == (text not in NEITHER)
    assert is_semidefinite(matrix) == (text in SEMIDEFINITE)


@pytest.mark.parametrize("seed", range(60))
def test_random_products_are_what_they_are_said_to_be(seed):
    print(f"seed: {seed}")
    rng = np.random.default_rng(seed)
    given = {"A": "d d", "S": "d d: spd", "Y": "d d: symmetric", "w": "d", "p": "d: positive"}
    atoms = ["A", "A.T", "S", "Y", "diag(w)", "diag(p)", "inv(S)", "Y.T"]
    terms = []
    for _ in range(rng.integers(1, 3)):
        half = list(rng.choice(atoms, size=rng.integers(0, 3)))
        mirrored = [
            each if each.startswith(("S", "Y", "d", "i")) else {"A": "A.T", "A.T": "A"}[each]
            for each in half[::-1]
        ]
        middle = list(rng.choice(atoms, size=1)) if rng.random() < 0.7 else []
        chain = half + middle + (mirrored if rng.random() < 0.7 else [])
        terms.append(" @ ".join(chain or ["S"]))
    matrix = s.parse(" + ".join(terms), given)
    symmetric, semidefinite = is_symmetric(matrix), is_semidefinite(matrix)
    for _ in range(5):
        value = evaluate(matrix, data_for([matrix], rng), {"d": 3})
        scale = np.abs(value).max()
        if symmetric:
            assert np.abs(value - value.T).max() <= 1e-9 * scale
        if semidefinite:
            assert symmetric
            assert np.linalg.eigvalsh((value + value.T) / 2).min() >= -1e-9 * scale


# --- the functions of the module -----------------------------------------------------------------

MATRICES = {
    "positive": lambda size, rng: _square(size, rng) + np.eye(size),
    "negative": lambda size, rng: -_square(size, rng) - np.eye(size),
    "indefinite": lambda size, rng: np.diag((-1.0) ** np.arange(size)) * 3 + _tiny(size, rng),
    "graded": lambda size, rng: np.diag(10.0 ** -np.arange(size)),
}


def _square(size, rng):
    half = rng.normal(size=(size, size))
    return half @ half.T


def _tiny(size, rng):
    part = rng.normal(size=(size, size)) / (10 * size)
    return part + part.T


def cases():
    """Each kind of factor with matrices that it is for."""
    for size in (0, 1, 2, 5, 130, 300):
        for form in MATRICES if size <= 5 else set(MATRICES) - {"graded"}:
            positive = form in ("positive", "graded") or size == 0
            yield from ((kind, form, size) for kind in ("symmetric", "lu"))
            yield from (("cholesky", form, size) for _ in range(positive))


@pytest.mark.parametrize(("kind", "form", "size"), sorted(cases()))
def test_values_read_off_a_factor(kind, form, size, rng):
    matrix = MATRICES[form](size, rng)
    factor = HELPERS[f"factor_{kind}"](matrix)
    solve, logdet = HELPERS[f"solve_{kind}"], HELPERS[f"logdet_{kind}"]
    inverse = HELPERS[f"inverse_{kind}"](factor)
    assert inverse.shape == matrix.shape
    np.testing.assert_allclose(inverse, np.linalg.inv(matrix), rtol=1e-7, atol=1e-11)
    if kind != "lu":
        np.testing.assert_allclose(inverse, inverse.T, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(logdet(factor), np.linalg.slogdet(matrix)[1], rtol=1e-10, atol=1e-10)
    for shape in [(size,), (size, 1), (size, 3), (size, 0)]:
        right = rng.normal(size=shape)
        found = solve(factor, right)
        assert found.shape == shape
        columns = right.reshape(size, 1) if right.ndim == 1 else right
        wanted = np.linalg.solve(matrix, columns).reshape(shape)
        np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-10)


def test_orders_of_memory_and_arguments_that_stay_as_they_are(rng):
    square, right = rng.normal(size=(6, 6)) + 6 * np.eye(6), rng.normal(size=(6, 4))
    wide = np.zeros((12, 12))
    wide[::2, ::2] = square
    for matrix in (square, np.asfortranarray(square), wide[::2, ::2]):
        before = matrix.copy()
        factor = HELPERS["factor_lu"](matrix)
        for side in (right, np.asfortranarray(right), right[:, ::2]):
            kept = side.copy()
            np.testing.assert_allclose(matrix @ HELPERS["solve_lu"](factor, side), side, atol=1e-12)
            turned = HELPERS["solve_lu"](factor, side, transposed=True)
            np.testing.assert_allclose(matrix.T @ turned, side, atol=1e-12)
            assert (side == kept).all()
        assert (matrix == before).all()
        positive = matrix @ matrix.T
        before = positive.copy()
        factor = HELPERS["factor_cholesky"](positive)
        HELPERS["inverse_cholesky"](factor)
        HELPERS["solve_cholesky"](factor, right)
        np.testing.assert_allclose(factor.T @ factor, before)
        assert (positive == before).all()


@pytest.mark.parametrize("kind", ["cholesky", "symmetric", "lu"])
def test_precision_is_that_of_the_data(kind, rng):
    matrix = (_square(4, rng) + np.eye(4)).astype(np.float32)
    factor = HELPERS[f"factor_{kind}"](matrix)
    solve = HELPERS[f"solve_{kind}"]
    assert solve(factor, np.ones(4, np.float32)).dtype == np.float32
    assert solve(factor, np.ones(4)).dtype == np.float64
    assert HELPERS[f"inverse_{kind}"](factor).dtype == np.float32
    assert HELPERS[f"logdet_{kind}"](factor).dtype == np.float32
    if np.dtype(np.longdouble).itemsize > 8:
        with pytest.raises(TypeError, match="double precision"):
            HELPERS[f"factor_{kind}"](matrix.astype(np.longdouble))


SINGULAR = {
    "zero": np.zeros((3, 3)),
    "ones": np.ones((3, 3)),
    "a row of zeros": np.diag([1.0, 0.0, 2.0]),
    "rank 1 of 2": np.array([[1.0, 2.0], [2.0, 4.0]]),
    "indefinite": np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 2.0]]),
}
NEARLY = {
    "Gram matrix of few rows": lambda rng: (lambda x: x.T @ x)(rng.normal(size=(4, 9))),
    "close points": lambda rng: np.exp(-(((x := rng.random(40))[:, None] - x) ** 2)),
    "scaled": lambda rng: np.outer(*[10.0 ** np.arange(9)] * 2) * NEARLY["Gram matrix of few rows"](rng),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["cholesky", "symmetric", "lu"])
@pytest.mark.parametrize("form", SINGULAR)
def test_singular_matrices_are_refused(kind, form):
    with pytest.raises(np.linalg.LinAlgError):
        HELPERS[f"factor_{kind}"](SINGULAR[form])


MESSAGES = "to working precision|Singular matrix"


@pytest.mark.parametrize("kind", ["cholesky", "symmetric"])
@pytest.mark.parametrize("form", NEARLY)
def test_matrices_that_are_singular_but_for_rounding_are_refused(kind, form, rng):
    for _ in range(20):
        with pytest.raises(np.linalg.LinAlgError, match=MESSAGES):
            HELPERS[f"factor_{kind}"](NEARLY[form](rng))


def test_nan_stays_nan():
    matrix = np.full((3, 3), np.nan)
    for kind in ("cholesky", "symmetric", "lu"):
        factor = HELPERS[f"factor_{kind}"](matrix)
        assert np.isnan(HELPERS[f"solve_{kind}"](factor, np.ones(3))).all()


def test_each_helper_comes_with_what_it_needs():
    for name in SOURCES:
        namespace = {"np": np, "scipy": scipy}
        for each in needed(name):
            exec(SOURCES[each], namespace)
        calls = [other for other in SOURCES if other != name and other in SOURCES[name]]
        assert set(calls) <= namespace.keys()


# --- whole functions -----------------------------------------------------------------------------


def test_a_symmetric_matrix_may_be_indefinite(rng):
    value = b @ s.solve(Y, b) + s.logdet(Y)
    function = lambdify((value, *s.gradient(value, [b, Y])))
    for matrix in (np.diag([2.0, -1.0, 3.0]), np.diag([2.0, 1.0, 3.0]), -np.eye(3)):
        right = rng.normal(size=3)
        found = function(Y=matrix, b=right)
        solution = np.linalg.solve(matrix, right)
        np.testing.assert_allclose(found[0], right @ solution + np.linalg.slogdet(matrix)[1])
        np.testing.assert_allclose(found[1], 2 * solution)
        np.testing.assert_allclose(
            found[2], np.linalg.inv(matrix) - np.outer(solution, solution), atol=1e-14
        )


def test_a_matrix_that_is_not_positive_definite_is_refused_where_it_is_declared_so():
    function = lambdify(s.solve(S, b), check=False)
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        function(S=np.diag([1.0, -1.0]), b=np.ones(2))


def gaussian_process():
    given = {
        "D": "n n: symmetric",
        "y": "n",
        "s": ": positive",
        "l": ": positive",
        "e": ": positive",
    }
    value = s.parse(
        "0.5*y @ inv(s*exp(-D/(2*l**2)) + e*eye(n)) @ y + 0.5*logdet(s*exp(-D/(2*l**2)) + e*eye(n))",
        given,
    )
    return value, s.gradient(value, ["s", "l", "e"])


def test_a_gaussian_process_needs_one_factor_and_no_product_of_matrices(rng):
    value, gradient = gaussian_process()
    function = lambdify((value, *gradient))
    lines = function.source.rpartition('"""')[2]
    assert lines.count("factor_symmetric(") == lines.count("inverse_symmetric(") == 1
    assert lines.count("np.vdot(") == 2
    for slow in ("np.linalg", "np.outer", "np.eye", "slogdet"):
        assert slow not in lines
    points = rng.normal(size=(7, 2))
    data = {
        "D": ((points[:, None] - points) ** 2).sum(-1), "y": rng.normal(size=7),
        "s": 1.3, "l": 0.8, "e": 0.2,
    }  # fmt: skip
    for result, expression in zip(function(**data), (value, *gradient), strict=True):
        np.testing.assert_allclose(result, evaluate(expression, data, {"n": 7}), rtol=1e-10)


STATISTICS = {
    "Gaussian likelihood": ("-0.5*(x - m) @ solve(S, x - m) - 0.5*logdet(S)", ["m", "S"]),
    "divergence of Gaussians": (
        "0.5*(trace(solve(S, R)) + (m - x) @ solve(S, m - x) - d + logdet(S) - logdet(R))",
        ["m", "S", "R"],
    ),
    "information": ("logdet(X.T @ diag(p) @ X)", ["p", "X"]),
    "ridge": ("sum((X @ solve(X.T @ X + lam*eye(d), X.T @ y) - y)**2)", ["X", "y", "lam"]),
    "evidence": ("0.5*logdet(X.T @ X + lam*eye(d)) + 0.5*y @ X @ solve(X.T @ X + lam*eye(d), X.T @ y)",
                 ["X", "lam"]),
    "entries of an inverse": ("sum(exp(inv(S))) + logdet(S)", ["S"]),
}  # fmt: skip
NAMES = {
    "x": "d", "m": "d", "S": "d d: spd", "R": "d d: spd", "X": "n d", "p": "n: positive", "y": "n",
    "lam": ": positive",
}  # fmt: skip


@pytest.mark.parametrize("case", STATISTICS)
def test_value_and_gradient_share_one_factor(case, rng):
    text, by = STATISTICS[case]
    value = s.parse(text, NAMES)
    results = (value, *s.gradient(value, by))
    function = lambdify(results)
    lines = function.source.rpartition('"""')[2]
    matrices = 2 if case == "divergence of Gaussians" else 1
    assert lines.count("factor_cholesky(") == matrices, lines
    assert "np.linalg" not in lines
    data = data_for(variables(results), rng)
    for found, expression in zip(function(**data), results, strict=True):
        wanted = evaluate(expression, data, {"n": 6, "d": 3})
        np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-10)


def test_the_names_of_helpers_are_free_for_arguments(rng):
    variable = s.vector("solve_cholesky", d)
    matrix = _square(3, rng) + np.eye(3)
    found = lambdify(s.solve(S, variable))(S=matrix, solve_cholesky=np.ones(3))
    np.testing.assert_allclose(found, np.linalg.solve(matrix, np.ones(3)))


def test_equal_systems_are_solved_once():
    code = lambdify((b @ s.inv(Y) @ c, s.inv(Y).T @ b, b @ s.inv(Y))).source
    assert code.rpartition('"""')[2].count("solve_symmetric(") == 1
    code = lambdify(b @ s.inv(Y) @ s.inv(Y) @ b).source
    assert code.rpartition('"""')[2].count("solve_symmetric(") == 1
    code = lambdify(b @ s.inv(A) @ s.inv(A) @ b).source
    assert code.rpartition('"""')[2].count("solve_lu(") == 2


@pytest.mark.parametrize("size", [3, 128, 129, 300])
def test_declared_symmetry_is_tested_everywhere(size, rng):
    function = lambdify(s.logdet(Y))
    matrix = _square(size, rng) + np.eye(size)
    matrix = matrix + matrix.T
    assert np.isfinite(function(Y=matrix))
    nearly = matrix * (1 + 1e-15 * rng.random((size, size)))
    assert np.isfinite(function(Y=nearly))
    for place in [(0, size - 1), (size - 1, 0), (size - 1, size - 2), (1, 0)]:
        wrong = matrix.copy()
        wrong[place] += 1e-3
        with pytest.raises(DomainError, match="symmetric"):
            function(Y=wrong)
