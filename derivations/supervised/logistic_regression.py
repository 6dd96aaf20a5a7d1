"""Logistic regression: gradient and Hessian of the mean loss with an L2 term.

The gradient is prediction minus label, carried back through the data; the Hessian weighs each
example by p(1 - p), so Newton's method is a sequence of weighted least-squares problems. For lam >= 0
the loss is convex, so where the gradient is zero is the best fit.
"""

from derivations import D, Derivation, at_most, begin, equals, equation, inequality
from derivations.calculus import gradient_of_norms
from derivations.evidence import finite_difference, float_error
from derivations.rules.inequalities import adding_nonnegative
from symbolic import (
    compare,
    derivative_of,
    diag,
    dims,
    eye,
    log,
    matrix,
    mean,
    named,
    norm,
    rules,
    scalar,
    sigmoid,
    softplus,
    sum,
    through,
    vector,
    where,
)

n, d = dims("n d")
X = matrix("X", n, d)  # one example a row
y = vector("y", n, domain="binary")  # labels
w = vector("w", d)  # weights
lam = scalar("lam")  # strength of the L2 term
u = vector("u", d)  # any direction

z = named("z", X @ w)  # logits
p = named("p", sigmoid(z))  # probability of label 1
penalty = lam / 2 * norm(w) ** 2
surprise = where(compare(y, "==", 1), -log(p), -log(1 - p))  # minus the log-likelihood
loss = named("loss", mean(surprise) + penalty)  # what is minimised
stable = mean(softplus(z) - y * z) + penalty  # the same, without a logarithm of a probability
gradient = X.T @ (p - y) / n + lam * w
hessian = X.T @ diag(p * (1 - p)) @ X / n + lam * eye(d)
curvature = sum(p * (1 - p) * (X @ u) ** 2) / n + lam * (u @ u)  # along u

derivation = Derivation(
    given=(X, y, w, lam, u),
    claim=(
        equation(D(loss, w), gradient),
        equation(D(gradient, w), hessian),
        inequality(lam * (u @ u), u @ hessian @ u),
    ),
    steps=(
        begin(D(loss, w), "The gradient"),
        equals(D(mean(-y * log(p) - (1 - y) * log(1 - p)) + penalty, w), by=rules.binary_selection),
        equals(
            D(mean(y * softplus(-z) + (1 - y) * softplus(z)) + penalty, w), by=rules.log_of_sigmoid
        ),
        equals(D(stable, w), by=rules.reflection_of_softplus),
        equals(
            D(z, w).T @ D(mean(softplus(z) - y * z), z) + D(penalty, w),
            by=(rules.linearity, through(z)),
        ),
        equals(
            X.T @ (p - y) / n + lam / 2 * D(norm(w) ** 2, w),
            by=(rules.linearity, derivative_of(softplus), rules.linear_map),
        ),
        equals(gradient, by=(rules.power_rule, gradient_of_norms.derivation)),
        begin(D(gradient, w), "The Hessian"),
        equals(X.T @ D(p, w) / n + lam * D(w, w), by=rules.linearity),
        equals(X.T @ diag(p * (1 - p)) @ D(z, w) / n + lam * D(w, w), by=derivative_of(sigmoid)),
        equals(hessian, by=rules.linear_map),
        begin(lam * (u @ u), "Convex unless lam is negative, strongly convex when it is positive"),
        at_most(curvature, by=adding_nonnegative),
        equals(u @ hessian @ u, by=rules.algebra),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.3",
    evidence=(
        finite_difference(loss, w, gradient),
        finite_difference(gradient, w, hessian),
        float_error(loss, stable, at={X: ((1,),), y: (0,), w: (40,), lam: 0}),
    ),
)
