"""Gradient descent on a quadratic: every eigendirection shrinks by its own factor in each step.

The error along an eigenvector with eigenvalue lambda is multiplied by 1 - eta lambda, so it shrinks
where 0 < eta lambda < 2 and grows beyond: the largest eigenvalue limits the step size, and the smallest
one then decides how long the descent takes.
"""

from derivations import D, Derivation, begin, equals, equation, follows, implies, right_to_left
from derivations.evidence import recursion, stationary_point
from derivations.rules.equations import multiply_by_inverse, rearranging
from symbolic import diag, dims, eye, inv, matrix, named, rules, scalar, vector
from symbolic.calculus.power_rules import power_of_sum

(d,) = dims("d")
Q = matrix("Q", d, d, domain="orthogonal")  # eigenvectors, one a column
lam = vector("lam", d, domain="positive")  # eigenvalues
b = vector("b", d)  # linear coefficients
x = vector("x", d)  # where the descent is
eta = scalar("eta")  # step size
t = scalar("t", domain="counts")  # number of steps

A = named("A", Q @ diag(lam) @ Q.T)  # any symmetric positive definite matrix
f = named("f", x @ A @ x / 2 - b @ x)  # what is minimised
x_min = named("x_min", inv(A) @ b)  # its minimiser
x_next = named("x_next", x - eta * (A @ x - b))  # after one step
c = named("c", Q.T @ (x - x_min))  # the error along each eigenvector
c_t = named("c_t", (1 - eta * lam) ** t * c)  # after t steps

contraction = equation(x_next - x_min, (eye(d) - eta * A) @ (x - x_min))

derivation = Derivation(
    given=(Q, lam, b, x, eta, t),
    claim=(
        equation(D(f, x), A @ x - b),
        follows(equation(A @ x - b, 0), equation(x, x_min)),
        contraction,
        equation(Q.T @ (x_next - x_min), (1 - eta * lam) * c),
        equation((1 - eta * lam) * c_t, (1 - eta * lam) ** (t + 1) * c),
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
    ),
    evidence=(
        stationary_point(f, x, x_min),
        recursion(x_next, x, x, x_min + Q @ c_t, t),
    ),
)
