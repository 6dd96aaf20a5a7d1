"""Backpropagation through one dense layer: errors move back through the transposed weights.

Whatever the cost C is, the error of layer l follows from that of layer l+1 by one matrix product and
the slope of the activation, and every parameter's gradient from the error beside it. Applied from
the last layer to the first, this is the whole algorithm.
"""

from derivations import D, Derivation, begin, equals, equation, lemma
from derivations.evidence import identity_on_random_data
from derivations.neural_networks import dense_layer
from symbolic import (
    derivative_of,
    dims,
    einsum,
    elementwise,
    matrix,
    named,
    rules,
    sum,
    through,
    unspecified,
    vector,
)

m, j, k = dims("m j k")
Z = matrix("Z", m, j)  # pre-activations of layer l, one example a row
W = matrix("W", j, k)  # weights from layer l to l+1
b = vector("b", k)  # biases of layer l+1
f = elementwise("f")  # the activation

A = named("A", f(Z))  # activations of layer l
Z_next = named("Z_next", A @ W + b)  # pre-activations of layer l+1
C = unspecified("C", Z_next)  # the cost, a function of what layer l+1 gives on
delta_next = named("delta_next", D(C, Z_next))  # the error of layer l+1
delta = (delta_next @ W.T) * f.prime(Z)

derivation = Derivation(
    given=(Z, W, b),
    claim=(
        equation(D(C, Z), delta),
        equation(D(C, W), A.T @ delta_next),
        equation(D(C, b), sum(delta_next, axis=0)),
    ),
    steps=(
        begin(D(C, Z), "The error, from layer l+1 to layer l"),
        equals(einsum("pq,pqij->ij", delta_next, D(Z_next, Z)), by=through(Z_next)),
        equals(einsum("pq,pqij->ij", delta_next @ W.T, D(A, Z)), by=rules.linearity),
        equals(delta, by=(derivative_of("f"), rules.linear_map)),
        begin(D(C, W), "The weights"),
        equals(einsum("pq,pqij->ij", delta_next, D(Z_next, W)), by=through(Z_next)),
        equals(A.T @ delta_next, by=lemma(dense_layer.derivation, claim=2)),
        begin(D(C, b), "The biases"),
        equals(einsum("pq,pqi->i", delta_next, D(Z_next, b)), by=through(Z_next)),
        equals(sum(delta_next, axis=0), by=lemma(dense_layer.derivation, claim=3)),
    ),
    source="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.5",
    evidence=(
        identity_on_random_data(D(C, Z), delta),
        identity_on_random_data(D(C, W), A.T @ delta_next),
    ),
)
