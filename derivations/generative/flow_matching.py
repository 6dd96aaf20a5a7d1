"""Flow matching: the conditional loss has the gradient of the marginal loss.

A flow model should learn the mean velocity E[u | x] of all paths through a point x, which nobody can
compute. It may be trained on the velocity u of one random path instead: both losses have the same
gradient, because they differ by a constant. This holds for every random path, and the straight one
with x = (1 - t) x_0 + t x_1 and u = x_1 - x_0 is the usual choice.
"""

from sympy import Derivative, Function, Rational, Sum, Symbol
from sympy.stats import Normal

from derivations import Derivation, at_least, begin, equals, equation, inequality, right_to_left
from derivations.evidence import monte_carlo
from symbolic.scalars.derivatives import constant_term
from symbolic.scalars.elementary import algebra
from symbolic.scalars.inequalities import nonnegative_term
from symbolic.scalars.probability import linearity, taking_out_what_is_known, tower_rule
from symbolic.scalars.random_variables import E, RandomFamily, RandomVariable
from symbolic.scalars.sums import linearity as linearity_of_sum

x = RandomVariable("x")  # where a random path is at a random time, of which nothing else is used
u = RandomFamily("u")  # the velocity of the path there, u[1] to u[d]
d = Symbol("d", integer=True, positive=True)  # number of its components
theta = Symbol("theta", real=True)  # a parameter of the model
model = Function("v", real=True)  # the velocity that the model gives, component by component

i = Symbol("i", integer=True)
v = model(i, x, theta)
mean = E(u[i], x)
marginal_loss = E(Sum((v - mean) ** 2, (i, 1, d)))
conditional_loss = E(Sum((v - u[i]) ** 2, (i, 1, d)))
spread = E(Sum(u[i] ** 2, (i, 1, d))) - E(Sum(mean**2, (i, 1, d)))  # of velocities at one point

start, end = Normal("x_0", 0, 1), Normal("x_1", 0, 1)  # half-way, with the model 3 x, E[u | x] = 0

losses = equation(marginal_loss, conditional_loss - spread)

derivation = Derivation(
    given=(x, u, d, theta, model),
    claim=(
        losses,
        equation(Derivative(marginal_loss, theta), Derivative(conditional_loss, theta)),
        inequality(conditional_loss, spread, ">="),
    ),
    steps=(
        begin(marginal_loss, "The losses differ by a constant"),
        equals(E(Sum(v**2 - 2 * v * mean + mean**2, (i, 1, d))), by=algebra),
        equals(Sum(E(v**2) - 2 * E(v * mean) + E(mean**2), (i, 1, d)), by=linearity),
        equals(
            Sum(E(v**2) - 2 * E(E(v * u[i], x)) + E(mean**2), (i, 1, d)),
            by=right_to_left(taking_out_what_is_known),
        ),
        equals(Sum(E(v**2) - 2 * E(v * u[i]) + E(mean**2), (i, 1, d)), by=tower_rule),
        equals(
            Sum(E(v**2 - 2 * v * u[i] + u[i] ** 2) - (E(u[i] ** 2) - E(mean**2)), (i, 1, d)),
            by=right_to_left(linearity),
        ),
        equals(
            Sum(E((v - u[i]) ** 2), (i, 1, d))
            - Sum(E(u[i] ** 2), (i, 1, d))
            + Sum(E(mean**2), (i, 1, d)),
            by=(linearity_of_sum, algebra),
        ),
        equals(conditional_loss - spread, by=right_to_left(linearity)),
        begin(Derivative(marginal_loss, theta), "So their gradients are equal"),
        equals(Derivative(conditional_loss - spread, theta), by=losses),
        equals(Derivative(conditional_loss, theta), by=constant_term),
        begin(conditional_loss, "And no model reaches less than the spread, which E[u | x] has"),
        equals(marginal_loss + spread, by=right_to_left(losses)),
        equals(Sum(E((v - mean) ** 2), (i, 1, d)) + spread, by=linearity),
        at_least(spread, by=nonnegative_term),
    ),
    source="Lipman et al., Flow Matching for Generative Modeling (2023), theorem 2",
    evidence=(
        monte_carlo((3 * (start + end) / 2 - (end - start)) ** 2, Rational(9, 2) + 2),
        monte_carlo((3 * (start + end) / 2) ** 2, Rational(9, 2)),
    ),
)
