"""The Kullback-Leibler (KL) divergence between two normal distributions.

It is the price of the wrong mean, in units of the wrong variance, plus the price of the wrong variance.
Variational autoencoders, natural gradients and trust regions use it in closed form; for vectors with
independent components the divergences of the components add up.
"""

from sympy import Integral, Rational, Symbol, log, oo
from sympy.stats import Normal

from derivations import Derivation, begin, equals, equation, lemma, right_to_left
from derivations.evidence import monte_carlo, quadrature
from derivations.probability import mean_squared_deviation as deviation
from derivations.probability import normal_moments as moments
from symbolic.scalars.elementary import log_of_product
from symbolic.scalars.probability import definition_of_variance, linearity
from symbolic.scalars.random_variables import (
    E,
    NormallyDistributed,
    RandomVariable,
    Var,
    normal_density,
)

mu_0 = Symbol("mu_0", real=True)  # mean of the first distribution
mu_1 = Symbol("mu_1", real=True)  # and of the second
sigma_0 = Symbol("sigma_0", positive=True)  # standard deviation of the first
sigma_1 = Symbol("sigma_1", positive=True)  # and of the second
X = RandomVariable("X")  # drawn from the first

ratio = normal_density(X, mu_0, sigma_0) / normal_density(X, mu_1, sigma_1)

z, Z = Symbol("z", real=True), Normal("z", 0, 1)  # against N(1, 4)

first_moments = {moments.mu: mu_0, moments.sigma: sigma_0}
mean = lemma(moments.derivation, first_moments, claim=3)
variance = lemma(moments.derivation, first_moments, claim=4)
about_the_other_mean = equation(E((X - mu_1) ** 2), sigma_0**2 + (mu_0 - mu_1) ** 2)

derivation = Derivation(
    given=(mu_0, mu_1, sigma_0, sigma_1, X, NormallyDistributed(X, mu_0, sigma_0)),
    claim=(
        about_the_other_mean,
        equation(
            E(log(ratio)),
            log(sigma_1 / sigma_0)
            + (sigma_0**2 + (mu_0 - mu_1) ** 2) / (2 * sigma_1**2)
            - Rational(1, 2),
        ),
    ),
    steps=(
        begin(E((X - mu_1) ** 2), "The second moment about the other mean"),
        equals(
            Var(X) + (E(X) - mu_1) ** 2,
            by=lemma(deviation.derivation, {deviation.X: X, deviation.c: mu_1}),
        ),
        equals(sigma_0**2 + (mu_0 - mu_1) ** 2, by=(mean, variance)),
        begin(E(log(ratio)), "The divergence"),
        equals(
            E(
                log(sigma_1 / sigma_0)
                + (X - mu_1) ** 2 / (2 * sigma_1**2)
                - (X - mu_0) ** 2 / (2 * sigma_0**2)
            ),
            by=(log_of_product, right_to_left(log_of_product)),
        ),
        equals(
            log(sigma_1 / sigma_0)
            + E((X - mu_1) ** 2) / (2 * sigma_1**2)
            - E((X - mu_0) ** 2) / (2 * sigma_0**2),
            by=linearity,
        ),
        equals(
            log(sigma_1 / sigma_0)
            + (sigma_0**2 + (mu_0 - mu_1) ** 2) / (2 * sigma_1**2)
            - Var(X) / (2 * sigma_0**2),
            by=(
                about_the_other_mean,
                right_to_left(mean),
                right_to_left(definition_of_variance),
            ),
        ),
        equals(
            log(sigma_1 / sigma_0)
            + (sigma_0**2 + (mu_0 - mu_1) ** 2) / (2 * sigma_1**2)
            - Rational(1, 2),
            by=variance,
        ),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), exercise 1.30",
    evidence=(
        monte_carlo(log(2) - Z**2 / 2 + (Z - 1) ** 2 / 8, log(2) - Rational(1, 4)),
        quadrature(
            Integral(
                normal_density(z, 0, 1) * (log(2) - z**2 / 2 + (z - 1) ** 2 / 8), (z, -oo, oo)
            ),
            log(2) - Rational(1, 4),
        ),
    ),
)
