"""The mean of many independent observations comes close to the expectation: the weak law.

This is why averages over data, minibatches and Monte Carlo draws may stand for expectations. The
variance of a mean of n observations is the n-th part of that of one; by Chebyshev's inequality large
deviations then become as rare as one likes.
"""

from sympy import Abs, Eq, Rational, Sum, Symbol, oo
from sympy.stats import Exponential

from derivations import (
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    inequality,
    right_to_left,
    tends,
    tends_to,
)
from derivations.evidence import monte_carlo
from derivations.rules.squeezing import squeezed
from symbolic import dims, mean, vector
from symbolic.scalars.given import as_given
from symbolic.scalars.probability import (
    definition_of_sample_mean,
    definition_of_variance,
    identical_distribution,
    indicator_below_ratio,
    linearity,
    probability_of_event,
    variance_of_independent_sum,
    variance_of_multiple,
)
from symbolic.scalars.random_variables import (
    E,
    IdenticallyDistributed,
    Independent,
    Indicator,
    P,
    RandomFamily,
    SampleMean,
    Var,
)
from symbolic.scalars.sums import sum_of_constant

X = RandomFamily("X")  # observations
n = Symbol("n", integer=True, positive=True)  # how many
mu = Symbol("mu", real=True)  # expectation of one observation
sigma = Symbol("sigma", real=True)  # its standard deviation
epsilon = Symbol("epsilon", positive=True)  # a distance that is still called close

i = Symbol("i", integer=True)
average = SampleMean(X, n)
(m,) = dims("m")
v = vector("v", m)
far = Abs(average - mu) >= epsilon

expectation = equation(E(average), mu)
variance = equation(Var(average), sigma**2 / n)
chebyshev = inequality(P(far), sigma**2 / (n * epsilon**2))

derivation = Derivation(
    given=(
        X,
        n,
        mu,
        sigma,
        epsilon,
        Independent(X),
        IdenticallyDistributed(X),
        Eq(E(X[1]), mu),
        Eq(Var(X[1]), sigma**2),
    ),
    claim=(expectation, variance, chebyshev, tends(P(far), 0, n, oo)),
    steps=(
        begin(E(average), "The expectation of the mean"),
        equals(E(Sum(X[i], (i, 1, n)) / n), by=definition_of_sample_mean),
        equals(Sum(E(X[i]), (i, 1, n)) / n, by=linearity),
        equals(Sum(mu, (i, 1, n)) / n, by=(identical_distribution, as_given)),
        equals(mu, by=sum_of_constant),
        begin(Var(average), "Its variance"),
        equals(Var(Sum(X[i], (i, 1, n)) / n), by=definition_of_sample_mean),
        equals(Var(Sum(X[i], (i, 1, n))) / n**2, by=variance_of_multiple),
        equals(Sum(Var(X[i]), (i, 1, n)) / n**2, by=variance_of_independent_sum),
        equals(Sum(sigma**2, (i, 1, n)) / n**2, by=(identical_distribution, as_given)),
        equals(sigma**2 / n, by=sum_of_constant),
        begin(P(far), "Chebyshev's inequality"),
        equals(E(Indicator(far)), by=probability_of_event),
        at_most(E((average - mu) ** 2 / epsilon**2), by=indicator_below_ratio),
        equals(E((average - mu) ** 2) / epsilon**2, by=linearity),
        equals(
            Var(average) / epsilon**2,
            by=(right_to_left(expectation), right_to_left(definition_of_variance)),
        ),
        equals(sigma**2 / (n * epsilon**2), by=variance),
        begin(P(far), "So large deviations become rare"),
        tends_to(0, n, oo, by=squeezed(chebyshev)),
    ),
    source="Grimmett and Stirzaker, Probability and Random Processes (2001), section 5.10",
    evidence=(
        monte_carlo((mean(v) - 1) ** 2, Rational(1, 8), {v: Exponential("x", 1)}, at={m: 8}),
        monte_carlo((mean(v) - 1) ** 2, Rational(1, 32), {v: Exponential("x", 1)}, at={m: 32}),
    ),
)
