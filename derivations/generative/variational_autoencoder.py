"""The Kullback-Leibler (KL) term of a variational autoencoder, and its gradients.

The encoder gives each latent variable a mean and a variance, and pays for how far they are from the standard
normal prior. In closed form this price needs no samples. Its gradient pulls the mean to 0 and the variance
to 1; with the logarithm of the variance as output, the network may give any number.
"""

from sympy import Derivative, Rational, Symbol, exp, log
from sympy.stats import Normal

from derivations import Derivation, begin, equals, equation, lemma
from derivations.evidence import finite_difference, monte_carlo
from derivations.information_theory import kl_divergence_gaussians as kl
from symbolic.scalars import derivatives
from symbolic.scalars.elementary import log_of_product
from symbolic.scalars.random_variables import (
    E,
    NormallyDistributed,
    RandomVariable,
    normal_density,
)

mu = Symbol("mu", real=True)  # mean that the encoder gives
sigma = Symbol("sigma", positive=True)  # standard deviation that it gives
Z = RandomVariable("Z")  # the latent variable, normal with these
s = Symbol("s", real=True)  # logarithm of the variance, so that sigma = exp(s/2)

ratio = normal_density(Z, mu, sigma) / normal_density(Z, 0, 1)
price = (mu**2 + sigma**2 - 1) / 2 - log(sigma)
by_output = (mu**2 + exp(s) - 1 - s) / 2  # the same, by what the network gives
standard = {kl.mu_0: mu, kl.sigma_0: sigma, kl.mu_1: 0, kl.sigma_1: 1, kl.X: Z}

z = Normal("z", 0, 1)  # for the price of N(1, 1/4): Z = 1 + z/2

derivation = Derivation(
    given=(mu, sigma, Z, s, NormallyDistributed(Z, mu, sigma)),
    claim=(
        equation(E(log(ratio)), price),
        equation(Derivative(by_output, mu), mu),
        equation(Derivative(by_output, s), (exp(s) - 1) / 2),
    ),
    steps=(
        begin(E(log(ratio)), "The divergence from the prior"),
        equals(
            log(1 / sigma) + (sigma**2 + mu**2) / 2 - Rational(1, 2),
            by=lemma(kl.derivation, standard, claim=2),
        ),
        equals(price, by=log_of_product),
        begin(Derivative(by_output, mu), "The mean is pulled to 0"),
        equals(mu, by=(derivatives.linearity, derivatives.power_rule)),
        begin(Derivative(by_output, s), "And the variance to 1"),
        equals(
            (exp(s) - 1) / 2,
            by=(derivatives.linearity, derivatives.known_derivative, derivatives.power_rule),
        ),
    ),
    source="Kingma and Welling, Auto-Encoding Variational Bayes (2014), appendix B",
    evidence=(
        monte_carlo(log(2) - z**2 / 2 + (1 + z / 2) ** 2 / 2, Rational(1, 8) + log(2)),
        finite_difference(by_output, s, (exp(s) - 1) / 2),
    ),
)
