"""Linear regression: the gradients of the mean squared error, and the normal equations.

The loss is convex. At the best fit the residuals are orthogonal to every column of the inputs, and any other
fit is worse by exactly the squared distance between both predictions, so it is the only one.
"""

from derivations import (
    D,
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    follows,
    implies,
    inequality,
)
from derivations.evidence import finite_difference, float_error, stationary_point
from derivations.reasons import right_to_left
from derivations.rules.equations import multiply_by_inverse, rearranging
from derivations.rules.inequalities import adding_nonnegative
from symbolic import (
    constant,
    dims,
    inv,
    matrix,
    mean,
    named,
    norm,
    rules,
    scalar,
    sum,
    through,
    vector,
    zeros,
)

n, d = dims("n d")
Q = matrix("Q", n, d, domain="orthogonal")  # first factor of the inputs, by the QR decomposition
R = matrix("R", d, d, domain="invertible")  # second factor: the inputs have full column rank
w = vector("w", d)  # weights
b = scalar("b")  # intercept
y = vector("y", n)  # targets
u = vector("u", d)  # any direction

X = named("X", Q @ R)  # inputs, one example a row
r = named("r", X @ w + b - y)  # residuals
loss = named("loss", norm(r) ** 2 / n)  # mean squared error

gradient = 2 * X.T @ r / n
hessian = 2 * X.T @ X / n
w_hat = named("w_hat", inv(X.T @ X) @ X.T @ y)  # the best weights without an intercept
best = sum((X @ w_hat - y) ** 2)
distance = sum((X @ (w - w_hat)) ** 2)

derivation = Derivation(
    given=(Q, R, w, b, y, u),
    claim=(
        equation(D(loss, w), gradient),
        equation(D(loss, b), 2 * mean(r)),
        equation(D(gradient, w), hessian),
        inequality(constant(0), u @ hessian @ u),
        follows(equation(2 * X.T @ (X @ w - y) / n, 0), equation(w, w_hat)),
        equation(X.T @ (X @ w_hat - y), 0),
        inequality(best, sum((X @ w - y) ** 2)),
        equation(w_hat, inv(R) @ Q.T @ y),
    ),
    steps=(
        begin(D(loss, w), "The gradient by the weights"),
        equals(D(sum(r**2) / n, w), by=rules.squared_norm),
        equals(D(r, w).T @ D(sum(r**2) / n, r), by=through(r)),
        equals(gradient, by=(rules.linearity, rules.power_rule, rules.linear_map)),
        begin(D(loss, b), "The gradient by the intercept"),
        equals(D(sum(r**2) / n, b), by=rules.squared_norm),
        equals(D(r, b) @ D(sum(r**2) / n, r), by=through(r)),
        equals(2 * mean(r), by=(rules.linearity, rules.power_rule, rules.linear_map)),
        begin(D(gradient, w), "The Hessian by the weights"),
        equals(2 * X.T @ D(X @ w, w) / n, by=rules.linearity),
        equals(hessian, by=rules.linear_map),
        begin(constant(0), "It is positive semidefinite: the loss is convex"),
        at_most(2 * norm(X @ u) ** 2 / n, by=adding_nonnegative),
        equals(u @ hessian @ u, by=rules.squared_norm),
        begin(equation(2 * X.T @ (X @ w - y) / n, 0), "Without an intercept: where it is zero"),
        implies(X.T @ X @ w, X.T @ y, by=rearranging),
        implies(w, w_hat, by=multiply_by_inverse(X.T @ X)),
        begin(X.T @ (X @ w_hat - y), "Their residuals are orthogonal to every column"),
        equals(zeros(d), by=rules.inverse),
        begin(best, "These weights are the best"),
        at_most(best + distance, by=adding_nonnegative),
        equals(sum((X @ w - y) ** 2), by=(rules.inverse, right_to_left(rules.inverse))),
        begin(w_hat, "Computed without X.T @ X, whose condition number is the square of that of X"),
        equals(inv(R) @ Q.T @ y, by=rules.inverse),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 9.2",
    evidence=(
        finite_difference(loss, w, gradient),
        stationary_point(norm(X @ w - y) ** 2, w, w_hat),
        float_error(
            w_hat,
            inv(R) @ Q.T @ y,
            at={Q: ((1, 0), (0, 1), (0, 0)), R: ((1, 1), (0, 1e-6)), y: (1, 2, 3)},
        ),
    ),
)
