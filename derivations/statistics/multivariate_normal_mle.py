"""Maximum likelihood (MLE) for the multivariate normal: the sample mean and the sample covariance.

Written with the precision L = inv(S), the log-likelihood is a logarithm of a determinant minus a trace.
Its gradients are linear in what is looked for, and where both are zero the model has the mean and
the covariance of the data. No other choice is better: the distance of the means counts against it, and so
does, the logarithm of a determinant being concave, the distance of the covariances.
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
from derivations.rules.equations import multiply_by_inverse, rearranging
from symbolic import (
    det,
    dims,
    einsum,
    exp,
    inv,
    log,
    logdet,
    matrix,
    mean,
    named,
    prod,
    rules,
    sqrt,
    sum,
    through,
    trace,
    vector,
)
from symbolic.calculus.logarithm_rules import log_of_determinant, log_of_product
from symbolic.calculus.trace_rules import trace_trick

n, d = dims("n d")
X = matrix("X", n, d)  # the sample, one observation a row
mu = vector("mu", d)  # mean
S = matrix("S", d, d, domain="spd")  # covariance

L = named("L", inv(S))  # precision
R = named("R", X - mu)  # deviations from the mean
q = named("q", sum((R @ L) * R, axis=1))  # squared Mahalanobis distances
p = named("p", exp(-q / 2) / sqrt((2 * pi) ** d * det(S)))  # densities
A = named("A", R.T @ R)  # scatter matrix
ell = named("ell", n / 2 * logdet(L) - trace(L @ A) / 2 - n * d / 2 * log(2 * pi))  # log-likelihood
m = named("m", mean(X, axis=0))  # mean of the sample
C = named("C", (X - m).T @ (X - m) / n)  # covariance of the sample
T = (X - m).T @ (X - m)
best = -n / 2 * logdet(C) - trace(inv(C) @ T) / 2 - n * d / 2 * log(2 * pi)  # ell at m, C
by_mean = L @ sum(R, axis=0)
of_log_determinant = lemma(gradient_of_log_determinant.derivation, claim=2)
by_precision = n / 2 * S - A / 2

derivation = Derivation(
    given=(X, mu, S),
    claim=(
        equation(log(prod(p)), ell),
        equation(D(ell, mu), by_mean),
        follows(equation(by_mean, 0), equation(mu, mean(X, axis=0))),
        equation(D(ell, L), by_precision),
        follows(equation(by_precision, 0), equation(S, A / n)),
        inequality(ell, best),
    ),
    steps=(
        begin(log(prod(p)), "The log-likelihood"),
        equals(-sum(q) / 2 - n / 2 * log(det(S)) - n * d / 2 * log(2 * pi), by=log_of_product),
        equals(-sum(q) / 2 - n / 2 * logdet(S) - n * d / 2 * log(2 * pi), by=log_of_determinant),
        equals(
            n / 2 * logdet(L) - sum(q) / 2 - n * d / 2 * log(2 * pi),
            by=right_to_left(rules.inverse),
        ),
        equals(ell, by=trace_trick),
        begin(D(ell, mu), "The gradient by the mean"),
        equals(einsum("ia,iab->b", D(ell, R), D(R, mu)), by=through(R)),
        equals(by_mean, by=(rules.linearity, rules.product_rule, rules.linear_map)),
        begin(equation(by_mean, 0), "Where it is zero, the mean is that of the sample"),
        implies(sum(R, axis=0), 0, by=multiply_by_inverse(L)),
        implies(mu, mean(X, axis=0), by=rearranging),
        begin(D(ell, L), "The gradient by the precision"),
        equals(
            n / 2 * inv(L) - A / 2,
            by=(rules.linearity, of_log_determinant, rules.linear_map),
        ),
        equals(by_precision, by=rules.inverse),
        begin(equation(by_precision, 0), "Where it is zero, the covariance is that of the sample"),
        implies(S, A / n, by=rearranging),
        begin(ell, "No other mean and covariance are better"),
        equals(
            -n / 2 * (logdet(S) + trace(L @ C) + (m - mu) @ L @ (m - mu) + d * log(2 * pi)),
            by=(rules.inverse, rules.algebra),
        ),
        at_most(-n / 2 * (logdet(S) + trace(L @ C) + d * log(2 * pi)), by=nonnegative_form),
        at_most(-n / 2 * (logdet(C) + d + d * log(2 * pi)), by=logdet_below_tangent),
        equals(
            -n / 2 * (logdet(C) + trace(inv(C) @ C) + d * log(2 * pi)),
            by=right_to_left(rules.inverse),
        ),
        equals(best, by=rules.algebra),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 2.3.4",
    evidence=(
        stationary_point(ell, mu, mean(X, axis=0), kind="maximum"),
        never_better(ell, S, A / n, kind="maximum", at={n: 5, d: 2}),
    ),
)
