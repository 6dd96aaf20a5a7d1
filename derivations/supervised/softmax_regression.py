"""Softmax regression: the gradient carries prediction minus target back through the data.

The weights of a class collect the inputs, each by how wrong its prediction is for that class. Along any
direction the second derivative of the loss is a mean of variances: the loss is convex, and wherever the
gradient is zero is the best fit.
"""

from derivations import D, Derivation, at_least, begin, equals, equation, inequality, lemma
from derivations.calculus import matrix_product_vjp, softmax_jacobian
from derivations.evidence import equality_case, finite_difference
from derivations.neural_networks import softmax_cross_entropy
from derivations.reasons import right_to_left
from derivations.rules.inequalities import adding_nonnegative
from symbolic import (
    constant,
    dims,
    einsum,
    log,
    matrix,
    mean,
    named,
    ones,
    outer,
    rules,
    softmax,
    sum,
    through,
    vector,
)

n, d, k = dims("n d k")
X = matrix("X", n, d)  # one example a row
Y = matrix("Y", n, k, domain="prob")  # target distributions; one-hot rows for class labels
W = matrix("W", d, k)  # weights, one class a column
U = matrix("U", d, k)  # any direction

Z = named("Z", X @ W)  # logits
P = named("P", softmax(Z, axis=1))  # predicted probabilities
loss = named("loss", -mean(sum(Y * log(P), axis=1)))  # cross-entropy
gradient = X.T @ (P - Y) / n

V = named("V", X @ U)  # change of the logits along U
m = named("m", sum(P * V, axis=1))  # its mean under each prediction
curvature = einsum("abij,ab,ij->", D(gradient, W), U, U)  # along U
by_weights = lemma(matrix_product_vjp.derivation, claim=2)
variance = mean(sum(P * (V - m[:, None]) ** 2, axis=1))

a = vector(
    "a", d
)  # what all classes may share: U = outer(a, ones(k)) adds one number to all logits

derivation = Derivation(
    given=(X, Y, W, U),
    claim=(equation(D(loss, W), gradient), inequality(curvature, 0, ">=")),
    steps=(
        begin(D(loss, W), "The gradient"),
        equals(einsum("ij,ijab->ab", D(loss, Z), D(Z, W)), by=through(Z)),
        equals(einsum("ij,ijab->ab", (P - Y) / n, D(Z, W)), by=softmax_cross_entropy.derivation),
        equals(gradient, by=by_weights),
        begin(curvature, "The loss is convex"),
        equals(sum(U * einsum("pq,pqij->ij", V, D(P, W))) / n, by=rules.linearity),
        equals(
            sum(U * einsum("pq,pqij->ij", einsum("pq,pqij->ij", V, D(P, Z)), D(Z, W))) / n,
            by=through(Z),
        ),
        equals(
            sum(U * (X.T @ (P * (V - m[:, None])))) / n,
            by=(lemma(softmax_jacobian.derivation, claim=4), by_weights),
        ),
        equals(mean(sum(P * V**2, axis=1) - m**2), by=rules.algebra),
        equals(variance, by=right_to_left(rules.sums_to_one)),
        at_least(0, by=adding_nonnegative),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.4",
    evidence=(
        finite_difference(loss, W, gradient),
        equality_case(constant(0), curvature, at={U: outer(a, ones(k))}),
    ),
)
