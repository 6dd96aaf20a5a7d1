"""PCA: losing the least in reconstruction is keeping the most variance.

The squared error of projecting centred data on a few orthonormal directions is the total variance minus
the variance along them. The total does not depend on the directions, so both problems have one solution.
"""

from derivations import Derivation, equals, equation
from derivations.evidence import identity_on_random_data, never_better
from symbolic import dims, eigvalsh, eigvecsh, matrix, max, named, norm, rules, svdvals, trace
from symbolic.calculus.matrix_rules import orthonormal_columns

n, d, k = dims("n d k")
X = matrix("X", n, d)  # centred data, one example a row
U = matrix("U", d, k, domain="orthogonal")  # directions, one a column

S = named("S", X.T @ X / n)  # covariance
R = named("R", X - X @ U @ U.T)  # what the projection loses
error = norm(R) ** 2 / n

derivation = Derivation(
    given=(X, U),
    claim=equation(error, trace(S) - trace(U.T @ S @ U)),
    steps=(
        equals(trace(R.T @ R) / n, by=rules.squared_norm),
        equals(trace(S) - 2 * trace(U.T @ S @ U) + trace(U @ U.T @ S @ U @ U.T), by=rules.algebra),
        equals(trace(S) - trace(U.T @ S @ U), by=orthonormal_columns),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), sections 10.2-10.3",
    evidence=(
        never_better(error, U, eigvecsh(S)[:, 1:], at={n: 5, d: 3, k: 2}),
        identity_on_random_data(max(eigvalsh(S)), max(svdvals(X)) ** 2 / n, at={n: 5, d: 3}),
    ),
)
