"""Completing the square: a positive definite quadratic has one minimum, where A x = b.

A quadratic function is a squared distance in disguise, measured by A, and a number. So solving A x = b and
minimising are one problem, and the density of a normal distribution can be read off its exponent.
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
from derivations.rules.equations import multiply_by_inverse, rearranging
from symbolic import dims, inv, matrix, named, rules, vector

(n,) = dims("n")
A = matrix("A", n, n, domain="spd")  # curvature of the quadratic
b = vector("b", n)  # its linear coefficients
x = vector("x", n)  # any point

f = named("f", x @ A @ x / 2 - b @ x)  # the quadratic
x_min = named("x_min", inv(A) @ b)  # where f is smallest
least = named("least", -(b @ inv(A) @ b) / 2)  # and how small
square = (x - x_min) @ A @ (x - x_min) / 2

completed = equation(f, least + square)

derivation = Derivation(
    given=(A, b, x),
    claim=(
        completed,
        inequality(least, f),
        follows(equation(D(f, x), 0), equation(x, x_min)),
    ),
    steps=(
        begin(f, "The square completed"),
        equals(x @ A @ x / 2 - x @ A @ inv(A) @ b, by=right_to_left(rules.inverse)),
        equals(
            x @ A @ x / 2 - x @ A @ x_min + x_min @ A @ x_min / 2 - x_min @ A @ x_min / 2,
            by=rules.algebra,
        ),
        equals(square - x_min @ A @ x_min / 2, by=rules.algebra),
        equals(least + square, by=rules.inverse),
        begin(least, "No value is smaller"),
        at_most(least + square, by=nonnegative_form),
        equals(f, by=right_to_left(completed)),
        begin(equation(D(f, x), 0), "The minimum is where the gradient is zero"),
        implies(
            A @ x - b,
            0,
            by=(
                rules.linearity,
                lemma(gradient_of_quadratic_form.derivation, claim=2),
                rules.linear_map,
            ),
        ),
        implies(A @ x, b, by=rearranging),
        implies(x, x_min, by=multiply_by_inverse(A)),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 2.3",
    evidence=(
        stationary_point(f, x, x_min),
        equality_case(least, f, at={x: x_min}),
    ),
)
