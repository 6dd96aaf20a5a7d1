"""The gradient of the log-determinant is the transposed inverse.

The log-determinant is the normaliser of every multivariate normal density. Its gradient by a factor of the
covariance is what probabilistic PCA and Gaussian processes need.
"""

from derivations import D, Derivation, begin, equals, equation
from symbolic import (
    derivative_of,
    det,
    dims,
    einsum,
    eye,
    inv,
    logdet,
    matrix,
    named,
    rules,
    scalar,
    through,
)

n, k = dims("n k")
X = matrix("X", n, n)  # a matrix; for the logarithm its determinant is positive
W = matrix("W", n, k)  # factor of a covariance
s = scalar("s")  # variance of the noise

K = named("K", W @ W.T + s * eye(n))  # the covariance
changes = einsum("ij,ijab->ab", inv(K).T, D(K, W))  # what each entry of W changes

derivation = Derivation(
    given=(X, W, s),
    claim=(
        equation(D(det(X), X), det(X) * inv(X).T),
        equation(D(logdet(X), X), inv(X).T),
        equation(D(logdet(K), W), 2 * inv(K) @ W),
    ),
    steps=(
        begin(D(det(X), X), "The determinant: Jacobi's formula"),
        equals(det(X) * inv(X).T, by=(derivative_of(det), rules.linear_map)),
        begin(D(logdet(X), X), "Its logarithm"),
        equals(inv(X).T, by=(derivative_of(logdet), rules.linear_map)),
        begin(D(logdet(K), W), "By a factor of a covariance"),
        equals(einsum("ij,ijab->ab", D(logdet(K), K), D(K, W)), by=through(K)),
        equals(changes, by=(derivative_of(logdet), rules.linear_map)),
        equals(2 * inv(K) @ W, by=(rules.linearity, rules.product_rule, rules.linear_map)),
    ),
    source="Petersen, Pedersen, The Matrix Cookbook (2012), section 2.1",
)
