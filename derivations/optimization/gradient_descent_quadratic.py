"""Gradient descent on a quadratic: every eigendirection shrinks by its own factor in each step.

The error of a direction with eigenvalue lambda is multiplied by 1 - eta lambda, so the slowest of them decides. The
best step size balances the smallest against the largest eigenvalue, and the rate it reaches depends on
their ratio alone: the condition number.
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
    right_to_left,
    sampling,
)
from derivations.equation_rules import multiply_by_inverse, rearranging
from symbolic import abs, diag, dims, eye, inv, matrix, maximum, named, rules, scalar, vector
from symbolic.calculus.power_rules import power_of_sum

(d,) = dims("d")
Q = matrix("Q", d, d, domain="orthogonal")  # eigenvectors, one a column
lam = vector("lam", d, domain="positive")  # eigenvalues
b = vector("b", d)  # linear coefficients
x = vector("x", d)  # where the descent is
eta = scalar("eta")  # step size
t = scalar("t", domain="counts")  # number of steps
mu = scalar("mu", domain="positive")  # smallest eigenvalue
L = scalar("L", domain="positive")  # largest eigenvalue

A = named("A", Q @ diag(lam) @ Q.T)  # any symmetric positive definite matrix
kappa = named("kappa", L / mu)  # its condition number
f = named("f", x @ A @ x / 2 - b @ x)  # what is minimised
x_min = named("x_min", inv(A) @ b)  # its minimiser
x_next = named("x_next", x - eta * (A @ x - b))  # after one step
c = named("c", Q.T @ (x - x_min))  # the error along each eigenvector
c_t = named("c_t", (1 - eta * lam) ** t * c)  # after t steps

contraction = equation(x_next - x_min, (eye(d) - eta * A) @ (x - x_min))
rate = maximum(abs(1 - eta * mu), abs(1 - eta * L))
best_rate = (L - mu) / (L + mu)
best_step = 2 / (mu + L)

derivation = Derivation(
    given=(Q, lam, b, x, eta, t, mu, L),
    claim=(
        equation(D(f, x), A @ x - b),
        follows(equation(A @ x - b, 0), equation(x, x_min)),
        contraction,
        equation(Q.T @ (x_next - x_min), (1 - eta * lam) * c),
        equation((1 - eta * lam) * c_t, (1 - eta * lam) ** (t + 1) * c),
        inequality(best_rate, rate),
        equation(1 - best_step * mu, best_rate),
        equation(1 - best_step * L, -best_rate),
        equation(best_rate, (kappa - 1) / (kappa + 1)),
    ),
    steps=(
        begin(D(f, x), "The gradient"),
        equals(A @ x - b, by=(rules.linearity, rules.product_rule, rules.linear_map)),
        begin(equation(A @ x - b, 0), "The minimiser"),
        implies(A @ x, b, by=rearranging),
        implies(x, x_min, by=multiply_by_inverse(A)),
        begin(x_next - x_min, "The error after one step"),
        equals((eye(d) - eta * A) @ (x - x_min), by=right_to_left(rules.inverse)),
        begin(Q.T @ (x_next - x_min), "Along each eigenvector"),
        equals(Q.T @ (eye(d) - eta * A) @ (x - x_min), by=contraction),
        equals((1 - eta * lam) * c, by=rules.inverse),
        begin((1 - eta * lam) * c_t, "From t steps to t + 1"),
        equals((1 - eta * lam) ** (t + 1) * c, by=right_to_left(power_of_sum)),
        begin(best_rate, "No step size does better on both ends of the spectrum"),
        equals((L * (1 - eta * mu) + mu * (eta * L - 1)) / (L + mu), by=rules.algebra),
        at_most(rate, by=sampling),
        begin(1 - best_step * mu, "This one does as well: both ends shrink alike"),
        equals(best_rate, by=rules.algebra),
        begin(1 - best_step * L),
        equals(-best_rate, by=rules.algebra),
        begin(best_rate, "In terms of the condition number"),
        equals((kappa - 1) / (kappa + 1), by=rules.algebra),
    ),
)
