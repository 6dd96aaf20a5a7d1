"""Newton's method for logistic regression solves a weighted least-squares problem in every step.

The next weights w_next satisfy hessian @ (w_next - w) = -gradient. Written out, that is the normal equation
of least squares with weights p(1 - p) and targets that the last fit makes: hence the name iteratively
reweighted least squares.
"""

from derivations import Derivation, begin, equals, equation, follows, implies
from derivations.equation_rules import rearranging
from derivations.evidence import identity_on_random_data
from derivations.supervised.logistic_regression import X, gradient, hessian, lam, n, p, w, y, z
from symbolic import diag, dims, eye, named, rules, vector

_, d = dims("n d")
w_next = vector("w_next", d)  # weights after the step

q = named("q", z + (y - p) / (p * (1 - p)))  # targets: the fit, and its residual by its slope
step = equation(hessian @ (w_next - w), -gradient)
weighted = X.T @ diag(p * (1 - p)) @ X / n + lam * eye(d)

targets = equation(hessian @ w - gradient, X.T @ (p * (1 - p) * q) / n)

derivation = Derivation(
    given=(X, y, w, lam, w_next),
    claim=(targets, follows(step, equation(weighted @ w_next, targets.right))),
    steps=(
        begin(targets.left, "The step's right side, as data times weights times targets"),
        equals(targets.right, by=rules.algebra),
        begin(step, "The step as a normal equation"),
        implies(hessian @ w_next, hessian @ w - gradient, by=rearranging),
        implies(weighted @ w_next, targets.right, by=targets),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.3",
    evidence=(identity_on_random_data(targets.left, targets.right),),
)
