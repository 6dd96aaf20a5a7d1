"""The M-step of a Gaussian mixture: each component gets the weighted mean and covariance of the data.

An observation counts for a component as much as the component is responsible for it, and no other mean
and covariance fit its share better. With all responsibilities 1 these are the maximum likelihood estimates
of a single normal distribution.
"""

from sympy import pi

from derivations import (
    D,
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    follows,
    implies,
    inequality,
    lemma,
)
from derivations.calculus import gradient_of_log_determinant
from derivations.evidence import never_better, stationary_point
from derivations.reasons import right_to_left
from derivations.rules.definite_matrices import logdet_below_tangent, nonnegative_form
from derivations.rules.equations import divide_both_sides, multiply_by_inverse, rearranging
from symbolic import (
    diag,
    dims,
    einsum,
    inv,
    log,
    logdet,
    matrix,
    named,
    rules,
    sum,
    through,
    trace,
    vector,
)

n, d = dims("n d")
X = matrix("X", n, d)  # observations, one a row
r = vector("r", n, domain="positive")  # responsibilities of one component
mu = vector("mu", d)  # its mean
S = matrix("S", d, d, domain="spd")  # its covariance

E = named("E", X - mu)  # deviations from the mean
A = named("A", E.T @ diag(r) @ E)  # weighted scatter matrix
L = named("L", inv(S))  # precision
g = named("g", (logdet(L) - sum((E @ L) * E, axis=1) - d * log(2 * pi)) / 2)  # log densities
F = named("F", r @ g)  # the part of the expected log-likelihood with mu and S
m = named("m", X.T @ r / sum(r))  # weighted mean of the observations
C = named("C", (X - m).T @ diag(r) @ (X - m) / sum(r))  # and their weighted covariance
V = sum(((X - m) @ inv(C)) * (X - m), axis=1)
best = -r @ (logdet(C) + V + d * log(2 * pi)) / 2  # F with these
by_mean = L @ (E.T @ r)
by_precision = (sum(r) * S - A) / 2

derivation = Derivation(
    given=(X, r, mu, S),
    claim=(
        equation(D(F, mu), by_mean),
        follows(equation(by_mean, 0), equation(mu, X.T @ r / sum(r))),
        equation(D(F, L), by_precision),
        follows(equation(by_precision, 0), equation(S, A / sum(r))),
        inequality(F, best),
    ),
    steps=(
        begin(D(F, mu), "The gradient by the mean"),
        equals(einsum("ia,iab->b", D(F, E), D(E, mu)), by=through(E)),
        equals(by_mean, by=(rules.linearity, rules.product_rule, rules.linear_map)),
        begin(equation(by_mean, 0), "Where it is zero"),
        implies(E.T @ r, 0, by=multiply_by_inverse(L)),
        implies(sum(r) * mu, X.T @ r, by=rearranging),
        implies(mu, X.T @ r / sum(r), by=divide_both_sides(sum(r))),
        begin(D(F, L), "The gradient by the precision"),
        equals(
            (sum(r) * inv(L) - A) / 2,
            by=(
                rules.linearity,
                lemma(gradient_of_log_determinant.derivation, claim=2),
                rules.linear_map,
            ),
        ),
        equals(by_precision, by=rules.inverse),
        begin(equation(by_precision, 0), "Where it is zero"),
        implies(sum(r) * S, A, by=rearranging),
        implies(S, A / sum(r), by=divide_both_sides(sum(r))),
        begin(F, "No other mean and covariance are better"),
        equals(
            -sum(r) * (logdet(S) + trace(L @ C) + (m - mu) @ L @ (m - mu) + d * log(2 * pi)) / 2,
            by=(rules.inverse, rules.algebra),
        ),
        at_most(-sum(r) * (logdet(S) + trace(L @ C) + d * log(2 * pi)) / 2, by=nonnegative_form),
        at_most(-sum(r) * (logdet(C) + d + d * log(2 * pi)) / 2, by=logdet_below_tangent),
        equals(
            -sum(r) * (logdet(C) + trace(inv(C) @ C) + d * log(2 * pi)) / 2,
            by=right_to_left(rules.inverse),
        ),
        equals(best, by=rules.algebra),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 9.2.2",
    evidence=(
        stationary_point(F, mu, X.T @ r / sum(r), kind="maximum"),
        never_better(F, S, A / sum(r), kind="maximum", at={n: 5, d: 2}),
    ),
)
