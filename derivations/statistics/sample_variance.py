"""Dividing by n - 1 makes the sample variance unbiased.

Deviations from the sample mean are a little smaller than those from the unknown expectation, because the
mean is itself fitted to the sample. Their sum of squares has expectation (n - 1) sigma^2, not n sigma^2.
"""

from sympy import Eq, Rational, Sum, Symbol, symbols
from sympy.stats import Normal

import symbolic as sy
from derivations import Derivation, begin, equals, equation, lemma, right_to_left
from derivations.evidence import float_error, monte_carlo
from derivations.probability import weak_law_of_large_numbers as law
from symbolic.scalars.elementary import algebra
from symbolic.scalars.given import as_given
from symbolic.scalars.probability import (
    definition_of_sample_mean,
    definition_of_variance,
    identical_distribution,
    linearity,
)
from symbolic.scalars.random_variables import (
    E,
    IdenticallyDistributed,
    Independent,
    RandomFamily,
    SampleMean,
    Var,
)
from symbolic.scalars.sums import linearity as linearity_of_sum
from symbolic.scalars.sums import sum_of_constant

X = RandomFamily("X")  # observations
n = Symbol("n", integer=True, positive=True)  # how many
mu = Symbol("mu", real=True)  # expectation of one observation
sigma = Symbol("sigma", real=True)  # its standard deviation

i = Symbol("i", integer=True)
a, b = symbols("a b", real=True)  # a sample of two
m = sy.dims("m")[0]
v = sy.vector("v", m)
mean = SampleMean(X, n)
too_small = Rational(16, 5)  # four fifths of the variance 4
squares = Sum((X[i] - mean) ** 2, (i, 1, n))

around_the_mean = equation(squares, Sum((X[i] - mu) ** 2, (i, 1, n)) - n * (mean - mu) ** 2)

derivation = Derivation(
    given=(
        X,
        n,
        n > 1,
        mu,
        sigma,
        Independent(X),
        IdenticallyDistributed(X),
        Eq(E(X[1]), mu),
        Eq(Var(X[1]), sigma**2),
    ),
    claim=(around_the_mean, equation(E(squares / (n - 1)), sigma**2)),
    steps=(
        begin(squares, "The sum of squares about the mean"),
        equals(
            Sum((X[i] - mu) ** 2 - 2 * (mean - mu) * (X[i] - mu) + (mean - mu) ** 2, (i, 1, n)),
            by=algebra,
        ),
        equals(
            Sum((X[i] - mu) ** 2, (i, 1, n))
            - 2 * (mean - mu) * Sum(X[i] - mu, (i, 1, n))
            + n * (mean - mu) ** 2,
            by=(linearity_of_sum, sum_of_constant),
        ),
        equals(
            Sum((X[i] - mu) ** 2, (i, 1, n))
            - 2 * (mean - mu) * (n * mean - n * mu)
            + n * (mean - mu) ** 2,
            by=(linearity_of_sum, sum_of_constant, right_to_left(definition_of_sample_mean)),
        ),
        equals(Sum((X[i] - mu) ** 2, (i, 1, n)) - n * (mean - mu) ** 2, by=algebra),
        begin(E(squares / (n - 1)), "Its expectation"),
        equals(
            E(Sum((X[i] - mu) ** 2, (i, 1, n)) - n * (mean - mu) ** 2) / (n - 1),
            by=(around_the_mean, linearity),
        ),
        equals(
            (Sum(E((X[i] - mu) ** 2), (i, 1, n)) - n * E((mean - mu) ** 2)) / (n - 1),
            by=linearity,
        ),
        equals(
            (n * E((X[1] - mu) ** 2) - n * E((mean - mu) ** 2)) / (n - 1),
            by=(identical_distribution, sum_of_constant),
        ),
        equals(
            (n * Var(X[1]) - n * Var(mean)) / (n - 1),
            by=(
                right_to_left(lemma(law.derivation, claim=1)),
                right_to_left(as_given),
                right_to_left(definition_of_variance),
            ),
        ),
        equals(
            (n * sigma**2 - n * sigma**2 / n) / (n - 1),
            by=(as_given, lemma(law.derivation, claim=2)),
        ),
        equals(sigma**2, by=algebra),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 1.2.4",
    evidence=(
        monte_carlo(sy.sum((v - sy.mean(v)) ** 2) / (m - 1), 4, {v: Normal("x", 1, 2)}, at={m: 5}),
        monte_carlo(
            sy.sum((v - sy.mean(v)) ** 2) / m, too_small, {v: Normal("x", 1, 2)}, at={m: 5}
        ),
        float_error(
            naive=a**2 + b**2 - (a + b) ** 2 / 2,
            stable=(a - b) ** 2 / 2,
            at={a: 100_000_000, b: 100_000_001},
        ),
    ),
)
