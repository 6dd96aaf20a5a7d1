"""The singular value decomposition from the eigenvectors of A.T @ A.

Every matrix turns some orthonormal directions v_i into orthogonal ones, sigma_i u_i. The v_i are the
eigenvectors of A.T @ A and the sigma_i the roots of its eigenvalues; here none of these is zero.
"""

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import eigen_residual, identity_on_random_data
from symbolic import diag, dims, eigvalsh, eigvecsh, eye, matrix, named, rules, sqrt
from symbolic.calculus.matrix_rules import orthonormal_columns, spectral_theorem

m, n = dims("m n")
A = matrix("A", m, n)  # a matrix of full column rank

lam = named("lam", eigvalsh(A.T @ A))  # eigenvalues, all positive
V = named("V", eigvecsh(A.T @ A))  # eigenvectors as columns
sigma = named("sigma", sqrt(lam))  # singular values
U = named("U", A @ V @ diag(1 / sigma))  # u_i = A v_i / sigma_i

eigenvectors = equation(A.T @ A @ V, V @ diag(sigma**2))

derivation = Derivation(
    given=(A,),
    claim=(eigenvectors, equation(U.T @ U, eye(n)), equation(U @ diag(sigma) @ V.T, A)),
    steps=(
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
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 4.5",
    evidence=(
        eigen_residual(A.T @ A, V[:, 0], sigma[0] ** 2, at={m: 5, n: 3}),
        identity_on_random_data(U @ diag(sigma) @ V.T, A, at={m: 5, n: 3}),
    ),
)
