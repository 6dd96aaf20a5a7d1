"""Gradient descent on a quadratic: each step multiplies the error by I - eta A.

After t steps the error is (I - eta A)^t times the first one. Along an eigenvector with eigenvalue lambda this
is (1 - eta lambda)^t, so the error shrinks where 0 < eta lambda < 2 and grows beyond: the largest
eigenvalue limits the step size, and the smallest one then decides how long the descent takes.
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
    lemma,
    right_to_left,
)
from derivations.calculus import gradient_of_quadratic_form
from derivations.evidence import recursion, stationary_point
from derivations.rules.equations import multiply_by_inverse, rearranging
from derivations.rules.inequalities import operator_norm
from symbolic import (
    abs,
    diag,
    dims,
    eye,
    inv,
    matrix,
    max,
    named,
    norm,
    rules,
    scalar,
    spectral_norm,
    vector,
)
from symbolic.calculus.matrix_rules import orthonormal_columns
from symbolic.calculus.norm_rules import largest_power, norm_of_diagonal
from symbolic.calculus.power_rules import power_of_sum

(d,) = dims("d")
Q = matrix("Q", d, d, domain="orthogonal")  # eigenvectors, one a column
lam = vector("lam", d, domain="positive")  # eigenvalues
b = vector("b", d)  # linear coefficients
x = vector("x", d)  # any point
x_0 = vector("x_0", d)  # where the descent starts
eta = scalar("eta")  # step size
t = scalar("t", domain="counts")  # number of steps

A = named("A", Q @ diag(lam) @ Q.T)  # any symmetric positive definite matrix
f = named("f", x @ A @ x / 2 - b @ x)  # what is minimised
x_min = named("x_min", inv(A) @ b)  # its minimiser
x_next = named("x_next", x - eta * (A @ x - b))  # after one step from x
step = eye(d) - eta * A
start = named("P_0", Q @ diag((1 - eta * lam) ** 0) @ Q.T)  # (I - eta A)^0
power = named("P_t", Q @ diag((1 - eta * lam) ** t) @ Q.T)  # (I - eta A)^t
higher = named("P_next", Q @ diag((1 - eta * lam) ** (t + 1)) @ Q.T)  # (I - eta A)^(t + 1)
x_t = named("x_t", x_min + power @ (x_0 - x_min))  # after t steps
rho = named("rho", max(abs(1 - eta * lam)))  # the rate

one_more = equation(step @ power, higher)

derivation = Derivation(
    given=(Q, lam, b, x, x_0, eta, t),
    claim=(
        equation(D(f, x), A @ x - b),
        follows(equation(A @ x - b, 0), equation(x, x_min)),
        equation(x_next - x_min, step @ (x - x_min)),
        equation(x_min + start @ (x_0 - x_min), x_0),
        one_more,
        equation(step @ (x_t - x_min), higher @ (x_0 - x_min)),
        inequality(norm(x_t - x_min), rho**t * norm(x_0 - x_min)),
    ),
    steps=(
        begin(D(f, x), "The gradient"),
        equals(
            A @ x - b,
            by=(
                rules.linearity,
                lemma(gradient_of_quadratic_form.derivation, claim=2),
                rules.linear_map,
            ),
        ),
        begin(equation(A @ x - b, 0), "The minimiser"),
        implies(A @ x, b, by=rearranging),
        implies(x, x_min, by=multiply_by_inverse(A)),
        begin(x_next - x_min, "The error after one step, from any point"),
        equals(x - x_min - eta * A @ x + eta * b, by=rules.algebra),
        equals(step @ (x - x_min), by=right_to_left(rules.inverse)),
        begin(x_min + start @ (x_0 - x_min), "Induction over t: the start"),
        equals(x_min + Q @ Q.T @ (x_0 - x_min), by=rules.algebra),
        equals(x_0, by=orthonormal_columns),
        begin(step @ power, "One more power of I - eta A"),
        equals(Q @ diag((1 - eta * lam) * (1 - eta * lam) ** t) @ Q.T, by=orthonormal_columns),
        equals(higher, by=right_to_left(power_of_sum)),
        begin(step @ (x_t - x_min), "Induction over t: one more step"),
        equals(step @ power @ (x_0 - x_min), by=rules.algebra),
        equals(higher @ (x_0 - x_min), by=one_more),
        begin(norm(x_t - x_min), "The rate"),
        equals(norm(power @ (x_0 - x_min)), by=rules.algebra),
        at_most(spectral_norm(power) * norm(x_0 - x_min), by=operator_norm),
        equals(max(abs((1 - eta * lam) ** t)) * norm(x_0 - x_min), by=norm_of_diagonal),
        equals(rho**t * norm(x_0 - x_min), by=largest_power),
    ),
    source="Goh, Why Momentum Really Works, Distill (2017)",
    evidence=(
        stationary_point(f, x, x_min),
        recursion(x_next, x, x_0, x_t, t),
    ),
)
