"""GloVe: word vectors by weighted least squares on logarithms of counts.

The dot product of two word vectors, with a number for each word added, is to be the logarithm of how often
the words occur together. Each residual counts as much as its weight, and pulls both vectors along each other.
"""

from derivations import D, Derivation, begin, equals, equation
from derivations.calculus import matrix_product_vjp
from derivations.evidence import finite_difference
from symbolic import dims, einsum, log, matrix, named, rules, sum, through, vector

n, m, d = dims("n m d")
W = matrix("W", n, d)  # vectors of the words, one a row
K = matrix("K", m, d)  # vectors of the words around them
b, c = vector("b", n), vector("c", m)  # a number for each word, and for each word around
X = matrix("X", n, m, domain="positive")  # how often each pair occurs
F = matrix("F", n, m)  # weight of each pair

E = named("E", W @ K.T + b[:, None] + c - log(X))  # residuals
loss = named("loss", sum(F * E**2))  # weighted squares

residuals = equation(D(loss, E), 2 * F * E)

derivation = Derivation(
    given=(W, K, b, c, X, F),
    claim=(
        residuals,
        equation(D(loss, W), 2 * (F * E) @ K),
        equation(D(loss, K), 2 * (F * E).T @ W),
        equation(D(loss, b), 2 * sum(F * E, axis=1)),
    ),
    steps=(
        begin(D(loss, E), "The residuals"),
        equals(2 * F * E, by=(rules.linearity, rules.power_rule, rules.linear_map)),
        begin(D(loss, W), "The vectors of the words"),
        equals(einsum("pq,pqij->ij", D(loss, E), D(E, W)), by=through(E)),
        equals(einsum("pq,pqij->ij", 2 * F * E, D(E, W)), by=residuals),
        equals(2 * (F * E) @ K, by=(rules.linearity, matrix_product_vjp.derivation)),
        begin(D(loss, K), "The vectors of the words around them"),
        equals(einsum("pq,pqij->ij", D(loss, E), D(E, K)), by=through(E)),
        equals(einsum("pq,pqij->ij", 2 * F * E, D(E, K)), by=residuals),
        equals(2 * (F * E).T @ W, by=(rules.linearity, rules.linear_map)),
        begin(D(loss, b), "The number of each word"),
        equals(einsum("pq,pqi->i", D(loss, E), D(E, b)), by=through(E)),
        equals(einsum("pq,pqi->i", 2 * F * E, D(E, b)), by=residuals),
        equals(2 * sum(F * E, axis=1), by=(rules.linearity, rules.linear_map)),
    ),
    source="Pennington, Socher, Manning, GloVe: Global Vectors for Word Representation (2014), section 3",
    evidence=(finite_difference(loss, W, 2 * (F * E) @ K),),
)
