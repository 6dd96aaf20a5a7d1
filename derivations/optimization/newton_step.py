"""The Newton step goes to the minimum of the quadratic model, and solves a quadratic at once.

At each point f is replaced by the quadratic that has the same value, gradient and Hessian there. Where the
Hessian is positive definite this model has one minimum, and the step to it goes downhill.
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
)
from derivations.calculus import gradient_of_quadratic_form
from derivations.evidence import equality_case, stationary_point
from derivations.linear_algebra import completing_the_square
from derivations.rules.definite_matrices import nonnegative_form
from derivations.rules.equations import multiply_by_inverse, rearranging
from derivations.rules.inequalities import scaled
from symbolic import dims, inv, matrix, named, rules, scalar, vector, zeros

(n,) = dims("n")
c = scalar("c")  # value of f at the point
g = vector("g", n)  # its gradient there
H = matrix("H", n, n, domain="spd")  # its Hessian there
p = vector("p", n)  # any step
x = vector("x", n)  # a point, for a quadratic f
b = vector("b", n)  # linear coefficients of a quadratic f

model = named("model", c + g @ p + p @ H @ p / 2)  # of f after the step p
newton = named("p_N", -inv(H) @ g)  # the Newton step
least = named("least", c + g @ newton + newton @ H @ newton / 2)  # the model after the Newton step
f = named("f", x @ H @ x / 2 - b @ x)  # a quadratic with the Hessian H
x_next = named("x_next", x - inv(H) @ (H @ x - b))  # the Newton step from x

of_quadratic_form = lemma(gradient_of_quadratic_form.derivation, claim=2)
lowest = equation(least, c - g @ inv(H) @ g / 2)

derivation = Derivation(
    given=(c, g, H, p, x, b),
    claim=(
        follows(equation(D(model, p), 0), equation(p, newton)),
        lowest,
        inequality(least, model),
        inequality(g @ newton, 0),
        equation(D(f, x), H @ x - b),
        equation(x_next, inv(H) @ b),
        equation(H @ x_next - b, 0),
    ),
    steps=(
        begin(equation(D(model, p), 0), "The model is stationary"),
        implies(g + H @ p, 0, by=(rules.linearity, of_quadratic_form, rules.linear_map)),
        implies(H @ p, -g, by=rearranging),
        implies(p, newton, by=multiply_by_inverse(H)),
        begin(least, "Its value there"),
        equals(lowest.right, by=rules.inverse),
        begin(least, "No other step makes the model smaller"),
        equals(lowest.right, by=lowest),
        at_most(
            model,
            by=scaled(completing_the_square.derivation, 2, {completing_the_square.x: -p}),
        ),
        begin(g @ newton, "It goes downhill"),
        at_most(zeros(), by=nonnegative_form),
        begin(D(f, x), "The gradient of a quadratic"),
        equals(H @ x - b, by=(rules.linearity, of_quadratic_form, rules.linear_map)),
        begin(x_next, "One step from any point reaches the minimum of a quadratic"),
        equals(x - inv(H) @ H @ x + inv(H) @ b, by=rules.algebra),
        equals(inv(H) @ b, by=rules.inverse),
        begin(H @ x_next - b, "Where the gradient is zero"),
        equals(zeros(n), by=rules.inverse),
    ),
    source="Boyd and Vandenberghe, Convex Optimization (2004), section 9.5",
    evidence=(
        stationary_point(model, p, newton),
        equality_case(least, model, at={p: newton}),
    ),
)
