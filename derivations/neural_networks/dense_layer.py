"""The backward pass of a dense layer: errors times weights, inputs times errors, and a sum of errors.

A dense layer is a matrix product and a bias that all examples share. Whatever comes after it hands back the
errors of its outputs; from these alone follow the gradients of the inputs, the weights and the biases.
"""

from derivations import D, Derivation, begin, equals, equation, lemma
from derivations.calculus import matrix_product_vjp
from derivations.evidence import finite_difference
from symbolic import dims, einsum, matrix, named, rules, sum, vector

n, d, k = dims("n d k")
X = matrix("X", n, d)  # inputs, one example a row
W = matrix("W", d, k)  # weights
b = vector("b", k)  # biases
G = matrix("G", n, k)  # errors of the outputs, as any cost would hand them back

Y = named("Y", X @ W + b)  # the outputs

derivation = Derivation(
    given=(X, W, b, G),
    claim=(
        equation(einsum("pq,pqij->ij", G, D(Y, X)), G @ W.T),
        equation(einsum("pq,pqij->ij", G, D(Y, W)), X.T @ G),
        equation(einsum("pq,pqi->i", G, D(Y, b)), sum(G, axis=0)),
    ),
    steps=(
        begin(einsum("pq,pqij->ij", G, D(Y, X)), "The inputs"),
        equals(einsum("pq,pqij->ij", G, D(X @ W, X)), by=rules.linearity),
        equals(G @ W.T, by=matrix_product_vjp.derivation),
        begin(einsum("pq,pqij->ij", G, D(Y, W)), "The weights"),
        equals(einsum("pq,pqij->ij", G, D(X @ W, W)), by=rules.linearity),
        equals(X.T @ G, by=lemma(matrix_product_vjp.derivation, claim=2)),
        begin(einsum("pq,pqi->i", G, D(Y, b)), "The biases, which every example uses"),
        equals(sum(G, axis=0), by=(rules.linearity, rules.linear_map)),
    ),
    source="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.5",
    evidence=(
        finite_difference(sum(G * Y), X, G @ W.T),
        finite_difference(sum(G * Y), W, X.T @ G),
        finite_difference(sum(G * Y), b, sum(G, axis=0)),
    ),
)
