"""Exact line search on a quadratic: the best step makes the next gradient orthogonal to this one.

Along the gradient a quadratic is a parabola, and its minimum is known. Each direction is then at a right
angle to the one before, so that the descent zigzags in a narrow valley.
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
from derivations.evidence import equality_case, stationary_point
from derivations.rules.definite_matrices import nonnegative_form
from derivations.rules.equations import divide_both_sides, rearranging
from derivations.rules.inequalities import adding_nonnegative
from symbolic import constant, dims, matrix, named, norm, rules, scalar, vector

(n,) = dims("n")
A = matrix("A", n, n, domain="spd")  # the Hessian of f
b = vector("b", n)  # linear coefficients
x = vector("x", n)  # where the descent is
g = vector("g", n)  # the gradient there, A x - b, not zero
c = scalar("c")  # the value there
p = scalar("p")  # minus the slope along the step, g @ g
q = scalar("q", domain="positive")  # the curvature along it, g @ A @ g
eta = scalar("eta")  # any step size

f = named("f", x @ A @ x / 2 - b @ x)  # what is minimised
x_eta = named("x_eta", x - eta * (A @ x - b))  # after a step of this size
f_eta = named("f_eta", x_eta @ A @ x_eta / 2 - b @ x_eta)  # its value there
phi = named("phi", c - eta * p + eta**2 * q / 2)  # the same, by p and q
best = named("best", p / q)  # the best step size
least = named("least", c - p**2 / (2 * q))  # the value after it
g_next = named("g_next", g - g @ g / (g @ A @ g) * (A @ g))  # the gradient after it

derivation = Derivation(
    given=(A, b, x, g, c, p, q, eta),
    claim=(
        equation(D(f, x), A @ x - b),
        equation(
            f_eta, f - eta * norm(A @ x - b) ** 2 + eta**2 * (A @ x - b) @ A @ (A @ x - b) / 2
        ),
        equation(A @ x_eta - b, A @ x - b - eta * (A @ (A @ x - b))),
        inequality(constant(0), g @ A @ g),
        follows(equation(D(phi, eta), 0), equation(eta, best)),
        inequality(least, phi),
        equation(g @ g_next, constant(0)),
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
        begin(f_eta, "Along the gradient f is a parabola"),
        equals(
            f - eta * (A @ x - b) @ (A @ x - b) + eta**2 * (A @ x - b) @ A @ (A @ x - b) / 2,
            by=rules.algebra,
        ),
        equals(
            f - eta * norm(A @ x - b) ** 2 + eta**2 * (A @ x - b) @ A @ (A @ x - b) / 2,
            by=right_to_left(rules.squared_norm),
        ),
        begin(A @ x_eta - b, "The gradient after the step"),
        equals(A @ x - b - eta * (A @ (A @ x - b)), by=rules.algebra),
        begin(constant(0), "The parabola opens upwards"),
        at_most(g @ A @ g, by=nonnegative_form),
        begin(equation(D(phi, eta), 0), "Where its slope is zero"),
        implies(-p + eta * q, 0, by=(rules.linearity, rules.power_rule, rules.linear_map)),
        implies(eta * q, p, by=rearranging),
        implies(eta, best, by=divide_both_sides(q)),
        begin(least, "No other step leads lower"),
        at_most(least + q * (eta - best) ** 2 / 2, by=adding_nonnegative),
        equals(phi, by=rules.algebra),
        begin(g @ g_next, "The next gradient is orthogonal"),
        equals(constant(0), by=rules.algebra),
    ),
    evidence=(stationary_point(phi, eta, best), equality_case(least, phi, at={eta: best})),
    source="Boyd and Vandenberghe, Convex Optimization (2004), section 9.3",
)
