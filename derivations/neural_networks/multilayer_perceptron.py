"""A network of three dense layers with softmax cross-entropy: every gradient by backpropagation.

The error of the last layer is prediction minus target; each earlier one is the error behind it, moved
back through the weights and damped by the slope of tanh. A weight's gradient is what came in times
the error of what went out.
"""

from derivations import D, Derivation, begin, equals, equation, lemma
from derivations.evidence import finite_difference
from derivations.neural_networks import dense_layer, softmax_cross_entropy
from symbolic import (
    derivative_of,
    dims,
    einsum,
    log,
    matrix,
    mean,
    named,
    rules,
    softmax,
    sum,
    tanh,
    through,
    vector,
)

m, d, h1, h2, k = dims("m d h1 h2 k")
X = matrix("X", m, d)  # one example a row
Y = matrix("Y", m, k, domain="onehot")  # class labels
W1, b1 = matrix("W1", d, h1), vector("b1", h1)  # weights and biases of the first layer
W2, b2 = matrix("W2", h1, h2), vector("b2", h2)  # weights and biases of the second layer
W3, b3 = matrix("W3", h2, k), vector("b3", k)  # weights and biases of the last layer

z1 = named("z1", X @ W1 + b1)  # pre-activations of the first layer
a1 = named("a1", tanh(z1))  # activations of the first layer
z2 = named("z2", a1 @ W2 + b2)  # pre-activations of the second layer
a2 = named("a2", tanh(z2))  # activations of the second layer
z3 = named("z3", a2 @ W3 + b3)  # logits
P = named("P", softmax(z3, axis=1))  # predicted probabilities
loss = named("loss", -mean(sum(Y * log(P), axis=1)))  # cross-entropy

delta3 = named("delta3", (P - Y) / m)  # errors of the last layer
delta2 = named("delta2", (delta3 @ W3.T) * (1 - a2**2))  # errors of the second layer
delta1 = named("delta1", (delta2 @ W2.T) * (1 - a1**2))  # errors of the first layer

error3 = equation(D(loss, z3), delta3)
error2 = equation(D(loss, z2), delta2)
error1 = equation(D(loss, z1), delta1)
by_weights = lemma(dense_layer.derivation, claim=2)
by_biases = lemma(dense_layer.derivation, claim=3)

derivation = Derivation(
    given=(X, Y, W1, b1, W2, b2, W3, b3),
    claim=(
        error3,
        error2,
        error1,
        equation(D(loss, W3), a2.T @ delta3),
        equation(D(loss, b3), sum(delta3, axis=0)),
        equation(D(loss, W2), a1.T @ delta2),
        equation(D(loss, b2), sum(delta2, axis=0)),
        equation(D(loss, W1), X.T @ delta1),
        equation(D(loss, b1), sum(delta1, axis=0)),
    ),
    steps=(
        begin(D(loss, z3), "The error of the last layer"),
        equals(delta3, by=softmax_cross_entropy.derivation),
        begin(D(loss, z2), "The error of the second layer"),
        equals(einsum("pq,pqij->ij", D(loss, z3), D(z3, z2)), by=through(z3)),
        equals(einsum("pq,pqij->ij", delta3 @ W3.T, D(a2, z2)), by=(error3, rules.linearity)),
        equals(delta2, by=(derivative_of(tanh), rules.linear_map)),
        begin(D(loss, z1), "The error of the first layer"),
        equals(einsum("pq,pqij->ij", D(loss, z2), D(z2, z1)), by=through(z2)),
        equals(einsum("pq,pqij->ij", delta2 @ W2.T, D(a1, z1)), by=(error2, rules.linearity)),
        equals(delta1, by=(derivative_of(tanh), rules.linear_map)),
        begin(D(loss, W3), "Weights and biases of the last layer"),
        equals(einsum("pq,pqij->ij", D(loss, z3), D(z3, W3)), by=through(z3)),
        equals(a2.T @ delta3, by=(error3, by_weights)),
        begin(D(loss, b3)),
        equals(einsum("pq,pqi->i", D(loss, z3), D(z3, b3)), by=through(z3)),
        equals(sum(delta3, axis=0), by=(error3, by_biases)),
        begin(D(loss, W2), "Weights and biases of the second layer"),
        equals(einsum("pq,pqij->ij", D(loss, z2), D(z2, W2)), by=through(z2)),
        equals(a1.T @ delta2, by=(error2, by_weights)),
        begin(D(loss, b2)),
        equals(einsum("pq,pqi->i", D(loss, z2), D(z2, b2)), by=through(z2)),
        equals(sum(delta2, axis=0), by=(error2, by_biases)),
        begin(D(loss, W1), "Weights and biases of the first layer"),
        equals(einsum("pq,pqij->ij", D(loss, z1), D(z1, W1)), by=through(z1)),
        equals(X.T @ delta1, by=(error1, by_weights)),
        begin(D(loss, b1)),
        equals(einsum("pq,pqi->i", D(loss, z1), D(z1, b1)), by=through(z1)),
        equals(sum(delta1, axis=0), by=(error1, by_biases)),
    ),
    source="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.5",
    evidence=(
        finite_difference(loss, W1, X.T @ delta1),
        finite_difference(loss, b2, sum(delta2, axis=0)),
    ),
)
