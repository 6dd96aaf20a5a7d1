"""PCA: no directions reconstruct the data better than the first principal ones.

What the first k of them lose is the variance along those left out, and every other choice of k directions
loses at least as much: it mixes in some of the smaller singular values where the larger ones would do. So PCA
is the best approximation of rank k, seen from the directions.
"""

from derivations import Derivation, at_least, equals, inequality, right_to_left
from derivations.evidence import equality_case
from derivations.linear_algebra import eckart_young
from derivations.rules.inequalities import scaled
from derivations.unsupervised import pca_reconstruction
from symbolic import diag, dims, matrix, named, norm, rules, sum, trace, vector
from symbolic.calculus.norm_rules import orthogonal_invariance

n, d, k, q = dims("n d k q")  # k directions are kept, q left out
U = matrix("U", n, k + q, domain="orthogonal")  # left singular vectors of the data
V = matrix("V", d, k + q, domain="orthogonal")  # principal directions as columns
sigma = vector("sigma", k + q, domain="descending")  # singular values of the data
P = matrix("P", d, k, domain="orthogonal")  # any k directions

X = named("X", U @ diag(sigma) @ V.T)  # centred data, one example a row
S = named("S", X.T @ X / n)  # covariance
error = norm(X - X @ P @ P.T) ** 2 / n
least = sum(sigma[k:] ** 2) / n
transposed = {eckart_young.U: V, eckart_young.V: U, eckart_young.Q: P}  # X.T = V diag(sigma) U.T

derivation = Derivation(
    given=(U, V, sigma, P),
    claim=inequality(error, least, ">="),
    steps=(
        equals(trace(S) - trace(P.T @ S @ P), by=pca_reconstruction.derivation),
        equals((norm(X) ** 2 - norm(X @ P) ** 2) / n, by=right_to_left(rules.squared_norm)),
        equals(
            (norm(sigma) ** 2 - norm(X @ P) ** 2) / n,
            by=(orthogonal_invariance, right_to_left(orthogonal_invariance)),
        ),
        at_least(least, by=scaled(eckart_young.derivation, 2, transposed)),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 10.3",
    evidence=(equality_case(least, error, at={n: 5, d: 4, k: 2, q: 2, P: V[:, :k]}),),
)
