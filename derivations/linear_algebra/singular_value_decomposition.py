"""The singular value decomposition from the eigenvectors of A.T @ A.

Every matrix turns some orthonormal directions v_i into orthogonal ones, sigma_i u_i. The v_i are the
eigenvectors of A.T @ A and the sigma_i the roots of its eigenvalues; here none of these is zero.
"""

from derivations import (
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    inequality,
    right_to_left,
)
from derivations.evidence import eigen_residual, identity_on_random_data
from derivations.rules.inequalities import adding_nonnegative
from symbolic import (
    constant,
    diag,
    dims,
    eigvalsh,
    eigvecsh,
    einsum,
    eye,
    matrix,
    named,
    norm,
    rules,
    sqrt,
    vector,
)
from symbolic.calculus.matrix_rules import orthonormal_columns, spectral_theorem

m, n = dims("m n")
A = matrix("A", m, n)  # a matrix of full column rank
x = vector("x", n)  # any vector

lam = named("lam", eigvalsh(A.T @ A))  # eigenvalues, all positive
V = named("V", eigvecsh(A.T @ A))  # eigenvectors as columns
sigma = named("sigma", sqrt(lam))  # singular values
U = named("U", A @ V @ diag(1 / sigma))  # u_i = A v_i / sigma_i

rank_one_terms = einsum("k,ik,jk->ij", sigma, U, V)  # the sum of sigma_k outer(u_k, v_k)

eigenvectors = equation(A.T @ A @ V, V @ diag(sigma**2))

derivation = Derivation(
    given=(A, x),
    claim=(
        inequality(constant(0), x @ A.T @ A @ x),
        eigenvectors,
        equation(U.T @ U, eye(n)),
        equation(U @ diag(sigma) @ V.T, A),
        equation(rank_one_terms, A),
    ),
    steps=(
        begin(constant(0), "A.T @ A has no negative eigenvalue"),
        at_most(norm(A @ x) ** 2, by=adding_nonnegative),
        equals(x @ A.T @ A @ x, by=rules.squared_norm),
        begin(A.T @ A @ V, "The right singular vectors"),
        equals(V @ diag(lam) @ V.T @ V, by=right_to_left(spectral_theorem)),
        equals(V @ diag(lam), by=orthonormal_columns),
        equals(V @ diag(sigma**2), by=rules.algebra),
        begin(U.T @ U, "The left singular vectors are orthonormal"),
        equals(diag(1 / sigma) @ V.T @ (A.T @ A @ V) @ diag(1 / sigma), by=rules.algebra),
        equals(diag(1 / sigma) @ V.T @ V @ diag(sigma**2) @ diag(1 / sigma), by=eigenvectors),
        equals(diag(1 / sigma) @ diag(sigma**2) @ diag(1 / sigma), by=orthonormal_columns),
        equals(eye(n), by=rules.algebra),
        begin(U @ diag(sigma) @ V.T, "The decomposition"),
        equals(A @ V @ V.T, by=rules.algebra),
        equals(A, by=orthonormal_columns),
        begin(rank_one_terms, "The same as a sum of matrices of rank one"),
        equals(A @ V @ V.T, by=rules.algebra),
        equals(A, by=orthonormal_columns),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 4.5",
    evidence=(
        eigen_residual(A.T @ A, V[:, 0], sigma[0] ** 2, at={m: 5, n: 3}),
        identity_on_random_data(U @ diag(sigma) @ V.T, A, at={m: 5, n: 3}),
    ),
)
