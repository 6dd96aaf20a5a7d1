"""The best approximation of rank k keeps the k largest singular values (Eckart and Young).

A picture or a table of ratings is stored as k directions and little is lost when the other singular
values are small: the squared error is exactly the sum of their squares, and no matrix of rank k does better.
"""

from derivations import Derivation, at_most, begin, equals, equation, inequality, right_to_left
from derivations.evidence import equality_case
from derivations.rules.inequalities import adding_nonnegative, weights_at_most_one
from symbolic import diag, dims, matrix, named, norm, rules, sum, trace, vector
from symbolic.calculus.matrix_rules import orthonormal_columns, split_sum
from symbolic.calculus.norm_rules import norm_of_sum, orthogonal_invariance

m, n, k, q = dims("m n k q")  # k singular values are kept, q left out
U = matrix("U", m, k + q, domain="orthogonal")  # left singular vectors as columns
V = matrix("V", n, k + q, domain="orthogonal")  # right singular vectors as columns
sigma = vector("sigma", k + q, domain="descending")  # singular values
Q = matrix("Q", m, k, domain="orthogonal")  # basis of the columns of any matrix of rank k
M = matrix("M", n, k)  # its coefficients in that basis

A = named("A", U @ diag(sigma) @ V.T)  # any matrix, by its singular value decomposition
A_k = named("A_k", U[:, :k] @ diag(sigma[:k]) @ V[:, :k].T)  # the decomposition cut off
R = named("R", U[:, k:] @ diag(sigma[k:]) @ V[:, k:].T)  # what is left out
w = named("w", sum((U.T @ Q) ** 2, axis=1))  # w_i: the part of u_i in the space of Q, squared

truncation = equation(norm(A - A_k) ** 2, sum(sigma[k:] ** 2))
outside = norm(sigma) ** 2 - norm(A.T @ Q) ** 2  # what no matrix with its columns in that space has
best_space = inequality(sum(sigma[k:] ** 2), outside)
projection = inequality(outside, norm(A - Q @ M.T) ** 2)

derivation = Derivation(
    given=(U, V, sigma, Q, M),
    claim=(
        truncation,
        best_space,
        projection,
        inequality(norm(A - A_k) ** 2, norm(A - Q @ M.T) ** 2),
    ),
    steps=(
        begin(norm(A - A_k) ** 2, "The error of the truncated decomposition"),
        equals(norm(R) ** 2, by=split_sum(k)),
        equals(trace(R.T @ R), by=rules.squared_norm),
        equals(sum(sigma[k:] ** 2), by=orthonormal_columns),
        begin(sum(sigma[k:] ** 2), "No space of dimension k misses less"),
        equals(sum(sigma**2) - sum(sigma[:k] ** 2), by=right_to_left(split_sum(k))),
        at_most(sum(sigma**2) - sum(sigma**2 * w), by=weights_at_most_one),
        equals(
            norm(sigma) ** 2 - norm(diag(sigma) @ U.T @ Q) ** 2,
            by=right_to_left(rules.squared_norm),
        ),
        equals(outside, by=right_to_left(orthogonal_invariance)),
        begin(outside, "In one space no matrix is closer than the projection of A"),
        at_most(outside + norm(M - A.T @ Q) ** 2, by=adding_nonnegative),
        equals(norm(sigma) ** 2 - 2 * trace(A.T @ Q @ M.T) + norm(M) ** 2, by=norm_of_sum),
        equals(
            norm(A) ** 2 - 2 * trace(A.T @ Q @ M.T) + norm(Q @ M.T) ** 2,
            by=right_to_left(orthogonal_invariance),
        ),
        equals(norm(A - Q @ M.T) ** 2, by=right_to_left(norm_of_sum)),
        begin(norm(A - A_k) ** 2, "So no matrix of rank k is closer to A than A_k"),
        equals(sum(sigma[k:] ** 2), by=truncation),
        at_most(outside, by=best_space),
        at_most(norm(A - Q @ M.T) ** 2, by=projection),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 4.6",
    evidence=(
        equality_case(
            norm(A - A_k) ** 2,
            norm(A - Q @ M.T) ** 2,
            at={m: 5, n: 4, k: 2, q: 2, Q: U[:, :k], M: V[:, :k] @ diag(sigma[:k])},
        ),
    ),
)
