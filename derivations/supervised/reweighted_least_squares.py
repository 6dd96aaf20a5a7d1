"""Newton's method for logistic regression: each step is a weighted least-squares fit.

The Hessian weighs each example by p(1 - p). The step fits working targets with these weights, so that an old
and well-tried routine solves the new problem.
"""

from derivations import D, Derivation, begin, equals, equation, follows, implies, lemma
from derivations.evidence import finite_difference, stationary_point
from derivations.rules.equations import multiply_by_inverse, rearranging
from derivations.supervised import logistic_regression
from symbolic import (
    diag,
    dims,
    eye,
    inv,
    matrix,
    named,
    rules,
    scalar,
    sigmoid,
    vector,
)

n, d = dims("n d")
X = matrix("X", n, d)  # one example a row
y = vector("y", n, domain="binary")  # labels
w = vector("w", d)  # weights reached so far
s = vector("s", n, domain="positive")  # how much each example counts, p (1 - p)
e = vector("e", n)  # prediction minus label, p - y
u = vector("u", d)  # weights after the Newton step
v = vector("v", d)  # any weights
lam = scalar("lam", domain="positive")  # strength of the L2 term

p = named("p", sigmoid(X @ w))  # probability of label 1
H = named("H", X.T @ diag(s) @ X / n + lam * eye(d))  # the Hessian of the loss at w
g = named("g", X.T @ e / n + lam * w)  # its gradient
q = named("q", X @ w - e / s)  # working targets
fit = named("fit", inv(H) @ X.T @ (s * q) / n)  # the weighted least-squares fit to them
r = X @ v - q
squares = named("squares", r @ (s * r) / (2 * n) + lam / 2 * (v @ v))  # what that fit minimises

targets = equation(H @ w - g, X.T @ (s * q) / n)
gradient = X.T @ (p - y) / n + lam * w  # of the loss of logistic regression
hessian = X.T @ diag(p * (1 - p)) @ X / n + lam * eye(d)

derivation = Derivation(
    given=(X, y, w, s, e, u, v, lam),
    claim=(
        equation(D(gradient, w), hessian),
        targets,
        follows(equation(H @ (u - w), -g), equation(u, fit)),
        follows(equation(D(squares, v), 0), equation(v, fit)),
    ),
    steps=(
        begin(D(gradient, w), "The Hessian weighs each example by p(1 - p)"),
        equals(hessian, by=lemma(logistic_regression.derivation, claim=2)),
        begin(targets.left, "The right side of the step, as data times weights times targets"),
        equals(targets.right, by=rules.algebra),
        begin(equation(H @ (u - w), -g), "The Newton step"),
        implies(H @ u, H @ w - g, by=rearranging),
        implies(H @ u, X.T @ (s * q) / n, by=targets),
        implies(u, fit, by=multiply_by_inverse(H)),
        begin(equation(D(squares, v), 0), "Where the weighted squares are smallest"),
        implies(
            X.T @ (s * r) / n + lam * v,
            0,
            by=(rules.linearity, rules.product_rule, rules.linearity, rules.linear_map),
        ),
        implies(H @ v, X.T @ (s * q) / n, by=rearranging),
        implies(v, fit, by=multiply_by_inverse(H)),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.3",
    evidence=(
        finite_difference(gradient, w, hessian),
        stationary_point(squares, v, fit),
    ),
)
