"""Generated NumPy for functions of matrices: systems are solved, factors shared, no inverse is built."""

import numpy as np
import pytest

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.nodes import Apply, Contraction
from symbolic.structured import STRUCTURED
from symbolic.traverse import variables
from tests.symbolic.numpy_oracle import (
    APPLIED,
    assert_close,
    data_for,
    same_as_differences,
    same_as_oracle,
)

n, d, k = s.dims("n d k")
A, C = s.matrix("A", d, d, domain="invertible"), s.matrix("C", d, d, domain="invertible")
S, Y = s.matrix("S", d, d, domain="spd"), s.matrix("Y", d, d, domain="symmetric")
L = s.matrix("L", d, d, domain="lower")
X, B, b, c = s.matrix("X", n, d), s.matrix("B", d, k), s.vector("b", d), s.vector("c", d)
G, T = s.tensor("G", n, d, d, domain="real"), s.tensor("T", k, d, n)
W = s.tensor("W", n, d)
lam = s.scalar("lam", domain="positive")
ridge = X.T @ X + lam * s.eye(d)
ALL_SIZES = [s.tensor("sizes", n, d, k)]


def code_of(expression):
    """The lines of the function without what is said behind them."""
    lines = lambdify(expression).source.rpartition('"""')[2].split("\n")
    return "\n".join(line.partition("  #")[0] for line in lines)


def returned(expression):
    return code_of(expression).rpartition("return ")[2].strip()


# --- how it reads --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        (s.inv(A), "np.linalg.inv(A)"),
        (s.inv(A) * A, "np.linalg.inv(A) * A"),
        (s.solve(A, b), "np.linalg.solve(A, b)"),
        (s.solve(A, B), "np.linalg.solve(A, B)"),
        (s.inv(A).T @ b, "np.linalg.solve(A.T, b)"),
        (s.inv(A.T) @ b, "np.linalg.solve(A.T, b)"),
        (b @ s.inv(A) @ c, "b.dot(np.linalg.solve(A, c))"),
        (X @ s.inv(A), "np.linalg.solve(A.T, X.T).T"),
        (X @ s.inv(A) @ b, "X.dot(np.linalg.solve(A, b))"),
        (s.inv(A) @ C @ b, "np.linalg.solve(A, C.dot(b))"),
        (s.inv(A) @ s.inv(C) @ b, "np.linalg.solve(A, np.linalg.solve(C, b))"),
        (s.trace(s.inv(A) @ C), "np.trace(np.linalg.solve(A, C))"),
        (s.logdet(A), "np.linalg.slogdet(A)[1]"),
        (s.det(A), "np.linalg.det(A)"),
        (s.solve(S, b), "solve_cholesky(t1, b)"),
        (s.solve(Y, b), "solve_symmetric(t1, b)"),
        (s.solve(ridge, b), "solve_cholesky(t2, b)"),
        (s.inv(S), "inverse_cholesky(t1)"),
        (s.logdet(Y), "logdet_symmetric(t1)"),
        (s.trace(s.inv(S) @ C), "np.vdot(inverse_cholesky(t1), C)"),
        (s.solve(L, b), "scipy.linalg.solve_triangular(L, b, lower=True)"),
        (s.solve_triangular(A, b), "scipy.linalg.solve_triangular(A, b, lower=True)"),
        (s.solve_triangular(A, b, lower=False), "scipy.linalg.solve_triangular(A, b)"),
        (s.solve(s.cholesky(S), b),
         "scipy.linalg.solve_triangular(cholesky(S), b, lower=True)"),
        (s.expm(A) @ b, "scipy.linalg.expm(A).dot(b)"),
        (s.sum(s.inv(A), axis=1), "np.linalg.solve(A, np.ones((d,), dtype=dtype))"),
    ],
)  # fmt: skip
def test_code_of_single_expressions(expression, code):
    assert returned(expression) == code


def test_factors_with_the_same_axes_meet_before_others():
    v = s.vector("v", n)
    for expression, code in (
        (s.einsum("ij,ij,j->i", X, W, b), "np.matmul(X * W, b, out=result)"),
        (s.einsum("ij,j,ij->i", X, b, W), "np.matmul(X * W, b, out=result)"),
        (s.einsum("ij,i,ij->j", X, v, W), "v.dot(X * W)"),
        (
            s.einsum("ij,i,ik->jk", X, v, W),
            "X.T.dot(v[:, None] * W)",
        ),  # which have one axis in common
    ):
        assert code in lambdify(expression).source


def test_products_of_columns_run_along_the_longest_axis(rng):
    m = s.dims("m")[0]
    M, V, U = s.matrix("M", m, n), s.matrix("V", n, k), s.matrix("U", n, k)
    f = lambdify(s.einsum("ij,ik,li->ljk", V, U, M))
    assert "M.dot((t1[:, None] * t2).reshape(k**2, n).T)" in f.source
    assert lambdify(s.einsum("ij,ik,li->ljk", V, V, M)).source.count(".T.copy()") == 1
    v, u, data = rng.normal(size=(7, 3)), rng.normal(size=(7, 3)), rng.normal(size=(2, 7))
    wanted = np.einsum("ij,ik,li->ljk", v, u, data)
    np.testing.assert_allclose(f(V=v, U=u, M=data), wanted, rtol=1e-13)
    wide = s.einsum("ij,ik,li->ljk", s.matrix("V", d, k), s.matrix("U", d, k), s.matrix("M", m, d))
    assert ".T.copy()" not in lambdify(wide).source  # d is not known to be longer than k


def test_a_matrix_is_factored_once():
    value = b @ s.solve(A, b) + s.logdet(A)
    code = code_of((value, s.gradient(value, b)))
    assert code.count("factor_lu(") == 1
    assert "inv(" not in code
    assert "slogdet" not in code
    code = code_of((value, s.solve(A.T, c)))
    assert code.count("factor_lu(") == 1
    assert "transposed=True" in code
    fit = s.solve(ridge, X.T @ s.vector("y", n))
    code = code_of((s.sum(fit**2), s.gradient(s.sum(fit**2), X)))
    assert code.count("factor_cholesky(") == 1
    assert "inv(" not in code
    code = code_of((b @ s.solve(S, b) + s.logdet(S), s.solve(S, B), s.inv(S) * C))
    assert code.count("factor_cholesky(") == 1
    assert "slogdet" not in code
    assert "np.linalg.inv" not in code
    code = code_of((b @ s.solve(A, b), s.inv(A) * C))
    assert code.count("factor_lu(") == code.count("inverse_lu(") == 1


def test_scipy_is_imported_only_when_needed():
    for expression in (s.solve(A, b), s.logdet(A), s.eigvalsh(Y), s.det(A)):
        assert "scipy" not in lambdify(expression).source
    source = lambdify(s.solve(S, b)).source
    assert "import scipy.linalg\n" in source
    assert "It needs NumPy and SciPy." in source


def test_names_of_numpy_and_scipy_are_free():
    scipy, inv = s.matrix("scipy", d, d), s.vector("inv", d)
    function = lambdify(s.solve(scipy, inv) + s.solve(scipy, 2 * inv) + s.max(inv))
    found = function(2 * np.eye(3), np.ones(3))
    assert found.tolist() == [2.5] * 3


# --- values --------------------------------------------------------------------------------------

MATRICES = {
    "solve": (s.solve(A, b), A),
    "solve, right side": (s.solve(A, b * c), b),
    "solve for columns": (s.solve(A, B), A),
    "transposed": (s.inv(A).T @ B, A),
    "from the right": (X @ s.inv(A), A),
    "chain": (X @ s.inv(A) @ C @ s.inv(A) @ b, A),
    "quadratic": (b @ s.solve(A, b) + s.logdet(A), A),
    "quadratic, spd": (b @ s.solve(S, b) + s.logdet(S), S),
    "trace": (s.trace(s.inv(A) @ C) * s.det(A), A),
    "ridge": (s.solve(ridge, X.T @ X @ b), X),
    "ridge, its weight": (s.solve(ridge, b) @ b, lam),
    "inverse": (s.inv(A) * A, A),
    "sum of inverses": ((s.inv(A) + s.inv(A).T + C) @ b, A),
    "row sums of an inverse": (s.sum(s.inv(A), axis=0), A),
    "all of an inverse": (s.sum(s.inv(A)), A),
    "diagonal of an inverse": (s.diagonal(s.inv(A)), A),
    "rows of an inverse": (s.inv(A)[1:] @ b, A),
    "tensor of right sides": (s.einsum("ij,kjn->kin", s.inv(A), T), T),
    "triangular": (s.solve_triangular(A, b) + s.solve_triangular(A, c, lower=False), A),
    "lower": (s.solve(L, b) + s.inv(L).T @ c, b),
    "cholesky": (s.cholesky(S), S),
    "whitened": (s.solve(s.cholesky(S), B), S),
    "det": (s.det(A) * b, A),
    "logdet": (s.logdet(S) * b, S),
    "logdet of a product": (s.logdet(A @ C), A),
    "eigenvalues": (s.eigvalsh(Y) * b, Y),
    "eigenvectors": (s.eigvecsh(Y), Y),
    "singular values": (s.svdvals(X) @ s.svdvals(X) * b, X),
    "left singular vectors": (s.svd_left(C), C),
    "right singular vectors": (s.svd_right(C), C),
    "spectral norm": (s.spectral_norm(C) + s.nuclear_norm(C), C),
    "expm": (s.expm(C / 5), C),
    "power": (s.matrix_power(A, -2) @ b, A),
    "Woodbury": (s.inv(S + B @ B.T) @ b, B),
    "batch": (s.inv(G + 5 * s.eye(d)), G),
    "batch of systems": (s.einsum("nij,nj->ni", s.inv(G + 5 * s.eye(d)), W), W),
    "batch of matrices, one vector": (s.einsum("nij,j->ni", s.inv(G + 5 * s.eye(d)), b), b),
    "batch, transposed": (s.einsum("nij,nik->njk", s.inv(G + 5 * s.eye(d)),
                                   s.tensor("R", n, d, k)), G),
    "batch of determinants": (s.logdet(G + 5 * s.eye(d)) + s.det(G), G),
}  # fmt: skip


@pytest.mark.parametrize("case", MATRICES)
def test_value(case, rng):
    same_as_oracle(MATRICES[case][0], rng, also=ALL_SIZES)


@pytest.mark.parametrize("case", MATRICES)
def test_gradient(case, rng):
    expression, variable = MATRICES[case]
    weights = s.tensor("weights", *expression.shape)
    value = s.sum(weights * expression) + s.sum(expression**2) / 3
    same_as_differences(value, variable, rng, also=ALL_SIZES, tolerance=2e-5)


@pytest.mark.parametrize("case", MATRICES)
def test_float32_stays_float32(case, rng):
    expression = MATRICES[case][0]
    arguments = tuple(dict.fromkeys([*variables(expression), *ALL_SIZES]))
    data = data_for(arguments, rng)
    function = lambdify(expression, arguments=arguments)
    single = {name: np.float32(value) for name, value in data.items()}
    found = function(**single)
    assert found.dtype == np.float32, function.source
    assert_close(found, function(**data), tolerance=1e-2)


@pytest.mark.parametrize("name", APPLIED)
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_every_function_of_the_table(name, axis, rng):
    entry = STRUCTURED[name]
    if axis is not None and not (entry.keeps or entry.reduces):
        return
    argument = S if entry.requires == "spd" else A
    same_as_oracle(Apply(name, argument, axis), rng)


SOLVED = [s.inv(A), s.inv(C).T, s.inv(S), s.inv(L), s.inv(s.cholesky(S)), s.inv(G + 5 * s.eye(d))]
OTHERS = [A, S, G, T, B, b, c, W, s.eye(d), s.inv(A), s.solve(A, b), s.logdet(A)]


@pytest.mark.parametrize("seed", range(80))
def test_random_products_with_inverses(seed):
    """Labels at random: summed with others, alone, kept, or twice in one operand."""
    print(f"seed: {seed}")
    rng = np.random.default_rng(seed)
    terms = []
    for _ in range(3):
        count = rng.integers(0, 3)
        operands = [SOLVED[i] for i in rng.integers(len(SOLVED), size=rng.integers(1, 3))]
        operands += [OTHERS[i] for i in rng.integers(len(OTHERS), size=count)]
        labels, sizes = [], {}
        for operand in operands:
            at = [f"{size}{rng.integers(1 if size != d else 3)}" for size in operand.shape]
            sizes.update(zip(at, operand.shape, strict=True))
            labels.append(at)
        output = [label for label in sizes if rng.random() < 0.35]
        rng.shuffle(output)
        product = Contraction(operands, labels, output, sizes)
        terms.append(s.sum(s.tanh(product)) if product.rank else product)
    same_as_oracle(terms[0] + terms[1] * terms[2], rng, also=ALL_SIZES, tolerance=1e-7)


def test_hessian_of_a_gaussian_likelihood(rng):
    mean = s.vector("mean", d)
    value = (b - mean) @ s.solve(S, b - mean) / 2 + s.logdet(S) / 2
    same_as_oracle(s.hessian(value, mean), rng)
    same_as_differences(value, mean, rng)
    same_as_differences(value, S, rng)


def test_jacobian_of_a_solution(rng):
    same_as_oracle(s.jacobian(s.solve(A, b), b), rng)
    same_as_oracle(s.jacobian(s.solve(A, b), A), rng)


def test_a_singular_matrix_is_refused_or_infinite():
    with pytest.raises(np.linalg.LinAlgError):
        lambdify(s.solve(A, b))(np.zeros((2, 2)), np.ones(2))
    assert lambdify(s.logdet(A))(np.zeros((2, 2))) == -np.inf
