"""Mean, variance and fourth moment of the normal distribution.

They are what its two parameters are named after, and the fourth moment is the yardstick for heavy tails:
a kurtosis above 3 means larger outliers than a normal distribution would give.
"""

from sympy import Integral, Symbol, exp, oo, pi, sqrt
from sympy.stats import Normal

from derivations import Derivation, begin, equals, equation
from derivations.evidence import monte_carlo, quadrature
from symbolic.scalars.integrals import (
    by_parts,
    constant_factor,
    gaussian_integral,
    linearity,
    odd_integrand,
    substitution,
)
from symbolic.scalars.probability import definition_of_variance, expectation_under_law
from symbolic.scalars.random_variables import (
    E,
    NormallyDistributed,
    RandomVariable,
    Var,
    normal_density,
)

mu = Symbol("mu", real=True)  # mean
sigma = Symbol("sigma", positive=True)  # standard deviation
X = RandomVariable("X")  # normal with these

x = Symbol("x", real=True)
z = Symbol("z", real=True)  # x in standard deviations from the mean
density = normal_density(x, mu, sigma)
bell = exp(-(z**2) / 2)

mass = equation(Integral(bell, (z, -oo, oo)), sqrt(2 * pi))
square = equation(Integral(z**2 * bell, (z, -oo, oo)), sqrt(2 * pi))
mean = equation(E(X), mu)

derivation = Derivation(
    given=(mu, sigma, X, NormallyDistributed(X, mu, sigma)),
    claim=(
        mass,
        square,
        mean,
        equation(Var(X), sigma**2),
        equation(E((X - mu) ** 4), 3 * sigma**4),
    ),
    steps=(
        begin(Integral(bell, (z, -oo, oo)), "The Gaussian integral"),
        equals(sqrt(2 * pi), by=gaussian_integral),
        begin(Integral(z**2 * bell, (z, -oo, oo)), "With z^2"),
        equals(Integral(bell, (z, -oo, oo)), by=by_parts(z, -bell, z)),
        equals(sqrt(2 * pi), by=mass),
        begin(E(X), "The mean"),
        equals(Integral(x * density, (x, -oo, oo)), by=expectation_under_law),
        equals(
            Integral((mu + sigma * z) * bell / sqrt(2 * pi), (z, -oo, oo)),
            by=substitution(x, mu + sigma * z, z),
        ),
        equals(
            (mu * Integral(bell, (z, -oo, oo)) + sigma * Integral(z * bell, (z, -oo, oo)))
            / sqrt(2 * pi),
            by=linearity,
        ),
        equals(mu * Integral(bell, (z, -oo, oo)) / sqrt(2 * pi), by=odd_integrand),
        equals(mu, by=mass),
        begin(Var(X), "The variance"),
        equals(E((X - mu) ** 2), by=(definition_of_variance, mean)),
        equals(Integral((x - mu) ** 2 * density, (x, -oo, oo)), by=expectation_under_law),
        equals(
            Integral(sigma**2 * z**2 * bell / sqrt(2 * pi), (z, -oo, oo)),
            by=substitution(x, mu + sigma * z, z),
        ),
        equals(sigma**2, by=(constant_factor, square)),
        begin(E((X - mu) ** 4), "The fourth moment"),
        equals(Integral((x - mu) ** 4 * density, (x, -oo, oo)), by=expectation_under_law),
        equals(
            Integral(sigma**4 * z**4 * bell / sqrt(2 * pi), (z, -oo, oo)),
            by=substitution(x, mu + sigma * z, z),
        ),
        equals(
            3 * sigma**4 * Integral(z**2 * bell, (z, -oo, oo)) / sqrt(2 * pi),
            by=(constant_factor, by_parts(z**3, -bell, z)),
        ),
        equals(3 * sigma**4, by=square),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 1.2.4",
    evidence=(
        quadrature(Integral(z**4 * bell, (z, -oo, oo)), 3 * sqrt(2 * pi)),
        monte_carlo((Normal("x", 1, 2) - 1) ** 2, 4),
    ),
)
