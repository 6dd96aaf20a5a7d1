"""Back through a product of matrices: each factor gets the errors times the other factor, transposed.

An entry of the one factor meets a row or a column of the other, so its gradient is a sum over that, which is
again a product of matrices. The Jacobians, with four axes each, are never formed.
"""

from derivations import D, Derivation, begin, equals, equation
from derivations.evidence import finite_difference
from symbolic import dims, einsum, eye, matrix, rules, sum

n, d, k = dims("n d k")
X = matrix("X", n, d)  # first factor
W = matrix("W", d, k)  # second factor
G = matrix("G", n, k)  # errors of the product, as any cost would hand them back

derivation = Derivation(
    given=(X, W, G),
    claim=(
        equation(einsum("pq,pqij->ij", G, D(X @ W, X)), G @ W.T),
        equation(einsum("pq,pqij->ij", G, D(X @ W, W)), X.T @ G),
    ),
    steps=(
        begin(einsum("pq,pqij->ij", G, D(X @ W, X)), "The first factor"),
        equals(einsum("pq,pi,jq->ij", G, eye(n), W), by=rules.linear_map),
        equals(G @ W.T, by=rules.algebra),
        begin(einsum("pq,pqij->ij", G, D(X @ W, W)), "The second factor"),
        equals(einsum("pq,pi,qj->ij", G, X, eye(k)), by=rules.linear_map),
        equals(X.T @ G, by=rules.algebra),
    ),
    source="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.5",
    evidence=(
        finite_difference(sum(G * (X @ W)), X, G @ W.T),
        finite_difference(sum(G * (X @ W)), W, X.T @ G),
    ),
)
