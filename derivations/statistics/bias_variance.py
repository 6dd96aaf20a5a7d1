"""The expected squared error is squared bias plus variance plus noise.

No model predicts a noisy target better than the noise allows; what is left splits into how far the model
is off on average, and how much it moves with the training data. Flexible models trade the one for the
other.
"""

from sympy import Eq, Rational, Symbol
from sympy.stats import Normal

from derivations import Derivation, begin, equals, equation, lemma
from derivations.evidence import finite_distribution, monte_carlo
from derivations.probability import mean_squared_deviation as deviation
from symbolic.scalars.elementary import algebra
from symbolic.scalars.given import as_given
from symbolic.scalars.probability import independence, linearity
from symbolic.scalars.random_variables import E, Independent, RandomVariable, Var

f = Symbol("f", real=True)  # the true value at a new input
epsilon = RandomVariable("epsilon")  # noise of the target
prediction = RandomVariable("fhat")  # the fitted value there; random, as the training data are
sigma = Symbol("sigma", real=True)  # standard deviation of the noise

y = f + epsilon
bias = E(prediction) - f

e, e_1, e_2, e_3 = Normal("e", 0, 1), Normal("e_1", 0, 1), Normal("e_2", 0, 1), Normal("e_3", 0, 1)
y_1, y_2, y_3 = 1 + e_1, e_2, 1 + e_3  # noisy values of x^2 at -1, 0 and 1
line = (y_1 + y_2 + y_3) / 3 + (y_3 - y_1) / 2  # the least-squares line through them, at 1

noise = equation(E((y - prediction) ** 2), sigma**2 + E((prediction - f) ** 2))

derivation = Derivation(
    given=(
        f,
        epsilon,
        prediction,
        sigma,
        Independent(epsilon, prediction),
        Eq(E(epsilon), 0),
        Eq(E(epsilon**2), sigma**2),
    ),
    claim=(noise, equation(E((y - prediction) ** 2), bias**2 + Var(prediction) + sigma**2)),
    steps=(
        begin(E((y - prediction) ** 2), "The noise"),
        equals(
            E(epsilon**2 - 2 * epsilon * (prediction - f) + (prediction - f) ** 2),
            by=algebra,
        ),
        equals(
            E(epsilon**2) - 2 * E(epsilon * (prediction - f)) + E((prediction - f) ** 2),
            by=linearity,
        ),
        equals(
            E(epsilon**2) - 2 * E(epsilon) * E(prediction - f) + E((prediction - f) ** 2),
            by=independence,
        ),
        equals(sigma**2 + E((prediction - f) ** 2), by=as_given),
        begin(E((y - prediction) ** 2), "Bias, variance and noise"),
        equals(sigma**2 + E((prediction - f) ** 2), by=noise),
        equals(
            bias**2 + Var(prediction) + sigma**2,
            by=lemma(deviation.derivation, {deviation.X: prediction, deviation.c: f}),
        ),
    ),
    source="Hastie, Tibshirani, Friedman, The Elements of Statistical Learning (2009), section 7.3",
    evidence=(
        finite_distribution(
            E((y - prediction) ** 2),
            bias**2 + Var(prediction) + E(epsilon**2),
            on=(Independent(epsilon, prediction), Eq(E(epsilon), 0)),
        ),
        monte_carlo((1 + e - line) ** 2, Rational(1, 9) + Rational(5, 6) + 1),
    ),
)
