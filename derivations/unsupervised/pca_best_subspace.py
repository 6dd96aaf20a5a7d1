"""PCA: no directions reconstruct the data better than the first principal ones.

What the first k of them lose is the variance along those left out, and every other choice of k directions
loses at least as much. It mixes in some of the smaller singular values where the larger ones would do.
"""

from derivations import Derivation, at_least, equals, inequality
from derivations.evidence import equality_case
from derivations.rules.inequalities import weights_at_most_one
from derivations.unsupervised import pca_reconstruction
from symbolic import diag, dims, matrix, named, norm, sum, trace, vector
from symbolic.calculus.matrix_rules import orthonormal_columns, split_sum

n, d, k, q = dims("n d k q")  # k directions are kept, q left out
U = matrix("U", n, k + q, domain="orthogonal")  # left singular vectors of the data
V = matrix("V", d, k + q, domain="orthogonal")  # principal directions as columns
sigma = vector("sigma", k + q, domain="descending")  # singular values of the data
P = matrix("P", d, k, domain="orthogonal")  # any k directions

X = named("X", U @ diag(sigma) @ V.T)  # centred data, one example a row
S = named("S", X.T @ X / n)  # covariance
w = named("w", sum((V.T @ P) ** 2, axis=1))  # w_i: the part of v_i in the space of P, squared
error = norm(X - X @ P @ P.T) ** 2 / n
least = sum(sigma[k:] ** 2) / n

derivation = Derivation(
    given=(U, V, sigma, P),
    claim=inequality(error, least, ">="),
    steps=(
        equals(trace(S) - trace(P.T @ S @ P), by=pca_reconstruction.derivation),
        equals((sum(sigma**2) - sum(sigma**2 * w)) / n, by=orthonormal_columns),
        at_least((sum(sigma**2) - sum(sigma[:k] ** 2)) / n, by=weights_at_most_one),
        equals(least, by=split_sum(k)),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 10.3",
    evidence=(equality_case(least, error, at={n: 5, d: 4, k: 2, q: 2, P: V[:, :k]}),),
)
