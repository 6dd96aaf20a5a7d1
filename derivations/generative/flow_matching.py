"""Flow matching: the conditional loss has the gradient of the marginal loss.

A flow model should learn the mean velocity E[u | x] of all paths through a point x, which nobody can
compute. It may be trained on the velocity u of one random path instead: both losses have the same
gradient, because they differ by a constant. This holds for every random path, and the straight one
with x = (1 - t) x_0 + t x_1 and u = x_1 - x_0 is the usual choice. For vectors it holds in each component.
"""

from sympy import Derivative, Function, Rational, Symbol
from sympy.stats import Normal

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import monte_carlo
from symbolic.scalars.derivatives import constant_term
from symbolic.scalars.elementary import algebra
from symbolic.scalars.probability import linearity, taking_out_what_is_known, tower_rule
from symbolic.scalars.random_variables import E, RandomVariable

x = RandomVariable("x")  # where a random path is at a random time
u = RandomVariable("u")  # the velocity of the path there
theta = Symbol("theta", real=True)  # a parameter of the model
model = Function("v", real=True)  # the velocity that the model gives

v = model(x, theta)
marginal_loss = E((v - E(u, x)) ** 2)
conditional_loss = E((v - u) ** 2)
difference = E(E(u, x) ** 2) - E(u**2)

start, end = Normal("x_0", 0, 1), Normal("x_1", 0, 1)  # half-way, with the model 3 x, E[u | x] = 0

losses = equation(marginal_loss, conditional_loss + difference)

derivation = Derivation(
    given=(x, u, theta, model),
    claim=(losses, equation(Derivative(marginal_loss, theta), Derivative(conditional_loss, theta))),
    steps=(
        begin(marginal_loss, "The losses differ by a constant"),
        equals(E(v**2 - 2 * v * E(u, x) + E(u, x) ** 2), by=algebra),
        equals(E(v**2) - 2 * E(v * E(u, x)) + E(E(u, x) ** 2), by=linearity),
        equals(
            E(v**2) - 2 * E(E(v * u, x)) + E(E(u, x) ** 2),
            by=right_to_left(taking_out_what_is_known),
        ),
        equals(E(v**2) - 2 * E(v * u) + E(E(u, x) ** 2), by=tower_rule),
        equals(E(v**2 - 2 * v * u + u**2) + difference, by=right_to_left(linearity)),
        equals(conditional_loss + difference, by=algebra),
        begin(Derivative(marginal_loss, theta), "So their gradients are equal"),
        equals(Derivative(conditional_loss + difference, theta), by=losses),
        equals(Derivative(conditional_loss, theta), by=constant_term),
    ),
    source="Lipman et al., Flow Matching for Generative Modeling (2023), theorem 2",
    evidence=(
        monte_carlo((3 * (start + end) / 2 - (end - start)) ** 2, Rational(9, 2) + 2),
        monte_carlo((3 * (start + end) / 2) ** 2, Rational(9, 2)),
    ),
)
