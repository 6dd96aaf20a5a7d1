"""Backpropagation through batch normalisation: errors lose their mean and what lies along the features.

The layer takes the mean and the scale out of each feature, so the errors it hands back have no mean, and
almost no part along the normalised feature: the mean and the deviation depend on every example of the batch.
"""

from derivations import D, Derivation, begin, equals, equation
from derivations.evidence import counterexample, finite_difference
from symbolic import (
    dims,
    einsum,
    eye,
    matrix,
    mean,
    named,
    rules,
    scalar,
    sqrt,
    sum,
    through,
    unspecified,
    vector,
    zeros,
)
from symbolic.calculus.mean_rules import sum_of_deviations
from symbolic.calculus.root_rules import square_root
from symbolic.traverse import substitute

n, d = dims("n d")
X = matrix("X", n, d)  # one example a row
gamma = vector("gamma", d)  # scale of each feature
beta = vector("beta", d)  # shift of each feature
eps = scalar("eps", domain="positive")  # keeps the root away from zero

mu = named("mu", mean(X, axis=0))  # mean over the batch
Z = named("Z", X - mu)  # centred features
s = named("s", sqrt(mean(Z**2, axis=0) + eps))  # standard deviation over the batch
X_hat = named("X_hat", Z / s)  # normalised features
Y = named("Y", gamma * X_hat + beta)  # the output
C = unspecified("C", Y)  # the cost, a function of the output

Y_bar = named("Y_bar", D(C, Y))  # errors of the output

deviation = equation(D(s, X), einsum("iq,qj->qij", X_hat, eye(d)) / n)
by_features = gamma / s * (Y_bar - mean(Y_bar, axis=0) - X_hat * mean(Y_bar * X_hat, axis=0))
along = sum(Y_bar * X_hat, axis=0)

G = matrix("G", n, d)  # errors of an example of a cost, the sum of G * Y
s_unbiased = sqrt(sum(Z**2, axis=0) / (n - 1) + eps)  # with the other estimate of the variance
Y_unbiased = gamma * Z / s_unbiased + beta

derivation = Derivation(
    given=(X, gamma, beta, eps),
    claim=(
        equation(D(C, gamma), along),
        equation(D(C, beta), sum(Y_bar, axis=0)),
        deviation,
        equation(D(C, X), by_features),
        equation(sum(by_features, axis=0), 0),
        equation(sum(by_features * X_hat, axis=0), gamma * eps / s**3 * along),
    ),
    steps=(
        begin(D(C, gamma), "The scale"),
        equals(einsum("pq,pqi->i", Y_bar, D(Y, gamma)), by=through(Y)),
        equals(along, by=(rules.linearity, rules.linear_map)),
        begin(D(C, beta), "The shift"),
        equals(einsum("pq,pqi->i", Y_bar, D(Y, beta)), by=through(Y)),
        equals(sum(Y_bar, axis=0), by=(rules.linearity, rules.linear_map)),
        begin(D(s, X), "The standard deviation"),
        equals(
            einsum("pq,pqij->qij", X_hat, D(Z, X)) / n,
            by=(square_root, rules.linearity, rules.power_rule),
        ),
        equals(
            einsum("iq,qj->qij", X_hat - mean(X_hat, axis=0), eye(d)) / n,
            by=(rules.linearity, rules.linear_map),
        ),
        equals(einsum("iq,qj->qij", X_hat, eye(d)) / n, by=sum_of_deviations),
        begin(D(C, X), "The features"),
        equals(einsum("pq,pqij->ij", gamma * Y_bar, D(X_hat, X)), by=(through(Y), rules.linearity)),
        equals(
            einsum("pq,pqij->ij", gamma / s * Y_bar, D(Z, X))
            - einsum("pq,qij->ij", gamma / s * Y_bar * X_hat, D(s, X)),
            by=(rules.product_rule, rules.power_rule),
        ),
        equals(
            einsum("pq,pqij->ij", gamma / s * Y_bar, D(Z, X))
            - gamma / s * X_hat * mean(Y_bar * X_hat, axis=0),
            by=deviation,
        ),
        equals(by_features, by=(rules.linearity, rules.linear_map)),
        begin(sum(by_features, axis=0), "What is handed back has no mean"),
        equals(zeros(d), by=sum_of_deviations),
        begin(sum(by_features * X_hat, axis=0), "And little along the normalised features"),
        equals(
            gamma
            / s
            * (along - mean(Y_bar, axis=0) * sum(X_hat, axis=0) - along * mean(X_hat**2, axis=0)),
            by=rules.algebra,
        ),
        equals(gamma / s * (along - along * mean(X_hat**2, axis=0)), by=sum_of_deviations),
        equals(gamma * eps / s**3 * along, by=rules.algebra),
    ),
    source="Ioffe, Szegedy, Batch Normalization (2015), section 3",
    evidence=(
        finite_difference(s, X, deviation.right),
        finite_difference(sum(G * Y), X, substitute(by_features, {Y_bar: G})),
        counterexample(
            D(sum(G * Y_unbiased), X),
            substitute(by_features, {Y_bar: G, s: s_unbiased}),
            without="the variance that divides by n",
        ),
    ),
)
