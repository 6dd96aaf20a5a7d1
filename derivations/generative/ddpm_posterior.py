"""Diffusion (DDPM): the step back, knowing the start, is a Gaussian.

A diffusion model adds noise step by step. Going back from x_t is hard, unless the clean x_0 is known:
then the product of two Gaussians in x_{t-1} is again one, by completing the square. Its mean is what the
network learns to predict, its variance what the sampler adds.
"""

from sympy import Eq, Integral, Rational, Symbol, exp, oo, pi, sqrt

from derivations import Derivation, at_most, begin, equals, equation, inequality, right_to_left
from derivations.evidence import quadrature
from symbolic.scalars.elementary import algebra, definition_of, power_of_product
from symbolic.scalars.inequalities import nonnegative_term

alpha = Symbol("alpha", positive=True)  # share of the variance kept in step t
alphabar = Symbol("alphabar", positive=True)  # share kept in all steps before it
x_0 = Symbol("x_0", real=True)  # the clean value
x_t = Symbol("x_t", real=True)  # the noisy value after step t
x = Symbol("x", real=True)  # the value before it, x_{t-1}
mu = Symbol("mu", real=True)  # mean of the step back
v = Symbol("v", positive=True)  # its variance

step = (x_t - sqrt(alpha) * x) ** 2 / (1 - alpha)
before = (x - sqrt(alphabar) * x_0) ** 2 / (1 - alphabar)
back = (x - mu) ** 2 / v
whole = (x_t - sqrt(alpha * alphabar) * x_0) ** 2 / (1 - alpha * alphabar)
constant = x_t**2 / (1 - alpha) + alphabar * x_0**2 / (1 - alphabar)

likelihood = exp(-step / 2) / sqrt(2 * pi * (1 - alpha))  # of x_t after x
prior = exp(-before / 2) / sqrt(2 * pi * (1 - alphabar))  # of x after x_0
posterior = exp(-back / 2) / sqrt(2 * pi * v)  # of x, knowing x_t and x_0
marginal = exp(-whole / 2) / sqrt(2 * pi * (1 - alpha * alphabar))  # of x_t after x_0

exponents = equation(step + before, back + whole)

derivation = Derivation(
    given=(
        alpha,
        alpha < 1,
        alphabar,
        alphabar < 1,
        x_0,
        x_t,
        x,
        Eq(v, (1 - alphabar) * (1 - alpha) / (1 - alpha * alphabar)),
        Eq(
            mu,
            (sqrt(alphabar) * (1 - alpha) * x_0 + sqrt(alpha) * (1 - alphabar) * x_t)
            / (1 - alpha * alphabar),
        ),
    ),
    claim=(
        exponents,
        equation(likelihood * prior, posterior * marginal),
        inequality(v, 1 - alpha),
        inequality(v, 1 - alphabar),
    ),
    steps=(
        begin(step + before, "The exponents"),
        equals(
            (alpha / (1 - alpha) + 1 / (1 - alphabar)) * x**2
            - 2 * (sqrt(alpha) * x_t / (1 - alpha) + sqrt(alphabar) * x_0 / (1 - alphabar)) * x
            + constant,
            by=algebra,
        ),
        equals(
            x**2 / v - 2 * mu / v * x + constant,
            by=(right_to_left(definition_of(mu)), right_to_left(definition_of(v))),
        ),
        equals(back - mu**2 / v + constant, by=algebra),
        equals(back + whole, by=(definition_of(mu), definition_of(v))),
        begin(
            likelihood * prior, "Bayes' rule: likelihood times prior is posterior times marginal"
        ),
        equals(
            exp(-(step + before) / 2) / sqrt(2 * pi * (1 - alpha)) / sqrt(2 * pi * (1 - alphabar)),
            by=algebra,
        ),
        equals(
            exp(-(back + whole) / 2) / sqrt(2 * pi * (1 - alpha)) / sqrt(2 * pi * (1 - alphabar)),
            by=exponents,
        ),
        equals(
            posterior * marginal,
            by=(right_to_left(power_of_product), right_to_left(definition_of(v))),
        ),
        begin(v, "Knowing both ends leaves less variance than the step added"),
        equals(
            1 - alpha - alphabar * (1 - alpha) ** 2 / (1 - alpha * alphabar), by=definition_of(v)
        ),
        at_most(1 - alpha, by=nonnegative_term),
        begin(v, "And less than all the steps before it"),
        equals(
            1 - alphabar - alpha * (1 - alphabar) ** 2 / (1 - alpha * alphabar),
            by=definition_of(v),
        ),
        at_most(1 - alphabar, by=nonnegative_term),
    ),
    source="Ho, Jain, Abbeel, Denoising Diffusion Probabilistic Models (2020), section 2",
    evidence=(
        quadrature(
            Integral(likelihood * prior, (x, -oo, oo)),
            marginal,
            at={alpha: Rational(9, 10), alphabar: Rational(1, 2)},
        ),
        quadrature(
            Integral(likelihood * prior, (x, -oo, oo)),
            marginal,
            at={alpha: Rational(99, 100), alphabar: Rational(1, 20)},
        ),
    ),
)
