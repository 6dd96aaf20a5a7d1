"""The Kullback-Leibler (KL) divergence between two multivariate normal distributions.

It is the price of the wrong mean, measured by the wrong precision, plus that of the wrong covariance. Only
the means and covariances enter, because the logarithm of a normal density is quadratic. Variational
inference, natural gradients and the M-step of a Gaussian mixture rest on it.
"""

from sympy import pi
from sympy.stats import Normal

from derivations import Derivation, at_least, begin, equals, equation, inequality
from derivations.evidence import equality_case, monte_carlo
from derivations.rules.definite_matrices import logdet_below_tangent, nonnegative_form
from symbolic import (
    Expectation,
    det,
    dims,
    exp,
    eye,
    inv,
    log,
    logdet,
    matrix,
    named,
    rules,
    sqrt,
    trace,
    vector,
    zeros,
)
from symbolic.calculus.expectation_rules import linearity_of_expectation, mean_and_covariance
from symbolic.calculus.logarithm_rules import log_of_determinant, log_of_product

(d,) = dims("d")
mu_0 = vector("mu_0", d)  # mean of the first distribution
mu_1 = vector("mu_1", d)  # and of the second
S_0 = matrix("S_0", d, d, domain="spd")  # covariance of the first
S_1 = matrix("S_1", d, d, domain="spd")  # and of the second
x = vector("x", d)  # drawn from the first

q_0 = named(
    "q_0", (x - mu_0) @ inv(S_0) @ (x - mu_0)
)  # squared Mahalanobis distance to the first mean
q_1 = named("q_1", (x - mu_1) @ inv(S_1) @ (x - mu_1))  # and to the second mean
p_0 = named(
    "p_0", exp(-q_0 / 2) / sqrt((2 * pi) ** d * det(S_0))
)  # density of the first distribution
p_1 = named(
    "p_1", exp(-q_1 / 2) / sqrt((2 * pi) ** d * det(S_1))
)  # density of the second distribution
cross = (x - mu_0) @ inv(S_1) @ (mu_0 - mu_1)
shift = named("shift", (mu_0 - mu_1) @ inv(S_1) @ (mu_0 - mu_1))  # squared distance of the means

ratio = equation(log(p_0 / p_1), (logdet(S_1) - logdet(S_0) + q_1 - q_0) / 2)
own = equation(Expectation(q_0, x, mu_0, S_0), trace(eye(d)))
other = equation(Expectation(q_1, x, mu_0, S_0), trace(inv(S_1) @ S_0) + shift)
divergence = (trace(inv(S_1) @ S_0) + shift - d + logdet(S_1) - logdet(S_0)) / 2

derivation = Derivation(
    given=(mu_0, mu_1, S_0, S_1, x),
    claim=(
        ratio,
        own,
        other,
        equation(Expectation(log(p_0 / p_1), x, mu_0, S_0), divergence),
        inequality(divergence, 0, ">="),
    ),
    steps=(
        begin(log(p_0 / p_1), "The logarithm of the ratio of the densities"),
        equals((q_1 - q_0 + log(det(S_1)) - log(det(S_0))) / 2, by=log_of_product),
        equals((logdet(S_1) - logdet(S_0) + q_1 - q_0) / 2, by=log_of_determinant),
        begin(Expectation(q_0, x, mu_0, S_0), "The expected distance from the own mean"),
        equals(trace(inv(S_0) @ S_0), by=mean_and_covariance),
        equals(trace(eye(d)), by=rules.inverse),
        begin(Expectation(q_1, x, mu_0, S_0), "The expected distance from the other mean"),
        equals(
            Expectation((x - mu_0) @ inv(S_1) @ (x - mu_0) + 2 * cross + shift, x, mu_0, S_0),
            by=rules.algebra,
        ),
        equals(
            Expectation((x - mu_0) @ inv(S_1) @ (x - mu_0), x, mu_0, S_0)
            + 2 * Expectation(cross, x, mu_0, S_0)
            + shift,
            by=linearity_of_expectation,
        ),
        equals(trace(inv(S_1) @ S_0) + shift, by=mean_and_covariance),
        begin(Expectation(log(p_0 / p_1), x, mu_0, S_0), "The divergence"),
        equals(Expectation((logdet(S_1) - logdet(S_0) + q_1 - q_0) / 2, x, mu_0, S_0), by=ratio),
        equals(
            (
                logdet(S_1)
                - logdet(S_0)
                + Expectation(q_1, x, mu_0, S_0)
                - Expectation(q_0, x, mu_0, S_0)
            )
            / 2,
            by=linearity_of_expectation,
        ),
        equals(divergence, by=(own, other)),
        begin(divergence, "It is never negative"),
        at_least(shift / 2, by=logdet_below_tangent),
        at_least(0, by=nonnegative_form),
    ),
    evidence=(
        equality_case(zeros(), divergence, at={mu_1: mu_0, S_1: S_0}),
        monte_carlo(
            (logdet(S_1) - logdet(S_0) + q_1 - q_0) / 2,
            divergence,
            {x: Normal("z", 0, 1)},
            at={d: 3, mu_0: zeros(d), S_0: eye(d)},
        ),
    ),
)
