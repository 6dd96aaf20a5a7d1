"""Ridge regression is the most probable fit under a normal prior.

Normal noise turns the likelihood into a sum of squares, a normal prior adds the squared length of the
weights. The penalty is the variance of the noise over that of the prior, and makes the fit unique.
"""

from sympy import pi

from derivations import (
    D,
    Derivation,
    at_least,
    begin,
    equals,
    equation,
    follows,
    implies,
    inequality,
)
from derivations.evidence import finite_difference, stationary_point
from derivations.rules.equations import multiply_both_sides, multiply_by_inverse, rearranging
from derivations.rules.inequalities import adding_nonnegative
from symbolic import (
    dims,
    exp,
    eye,
    inv,
    log,
    matrix,
    named,
    norm,
    rules,
    scalar,
    sum,
    through,
    vector,
)
from symbolic.calculus.logarithm_rules import log_of_product

n, d = dims("n d")
X = matrix("X", n, d)  # inputs, one example a row
y = vector("y", n)  # targets
w = vector("w", d)  # weights
sigma = scalar("sigma", domain="positive")  # standard deviation of the noise
tau = scalar("tau", domain="positive")  # standard deviation of the prior
u = vector("u", d)  # any direction

r = named("r", X @ w - y)  # residuals
noise = exp(-(norm(r) ** 2) / (2 * sigma**2)) / (2 * pi * sigma**2) ** (n / 2)
likelihood = named("likelihood", noise)  # density of the targets
prior = named(
    "prior", exp(-(norm(w) ** 2) / (2 * tau**2)) / (2 * pi * tau**2) ** (d / 2)
)  # of weights
loss = named(
    "loss", norm(r) ** 2 / (2 * sigma**2) + norm(w) ** 2 / (2 * tau**2)
)  # what is minimised
rest = n * log(sigma) + d * log(tau) + (n + d) / 2 * log(2 * pi)  # without w

gradient = X.T @ r / sigma**2 + w / tau**2
H = named("H", X.T @ X + sigma**2 / tau**2 * eye(d))  # with the penalty on its diagonal

derivation = Derivation(
    given=(X, y, w, sigma, tau, u),
    claim=(
        equation(-log(likelihood * prior), loss + rest),
        equation(D(loss, w), gradient),
        follows(equation(gradient, 0), equation(w, inv(H) @ X.T @ y)),
        inequality(u @ D(gradient, w) @ u, u @ u / tau**2, ">="),
    ),
    steps=(
        begin(
            -log(likelihood * prior), "The negative logarithm of the posterior, up to a constant"
        ),
        equals(loss + rest, by=log_of_product),
        begin(D(loss, w), "The gradient"),
        equals(D(sum(r**2) / (2 * sigma**2) + sum(w**2) / (2 * tau**2), w), by=rules.squared_norm),
        equals(
            D(r, w).T @ D(sum(r**2) / (2 * sigma**2), r) + D(sum(w**2) / (2 * tau**2), w),
            by=(rules.linearity, through(r)),
        ),
        equals(gradient, by=(rules.linearity, rules.power_rule, rules.linear_map)),
        begin(equation(gradient, 0), "Where it is zero"),
        implies(X.T @ r + sigma**2 / tau**2 * w, 0, by=multiply_both_sides(sigma**2)),
        implies(H @ w, X.T @ y, by=rearranging),
        implies(w, inv(H) @ X.T @ y, by=multiply_by_inverse(H)),
        begin(u @ D(gradient, w) @ u, "The curvature is positive in every direction"),
        equals(
            sum((X @ u) ** 2) / sigma**2 + u @ u / tau**2, by=(rules.linearity, rules.linear_map)
        ),
        at_least(u @ u / tau**2, by=adding_nonnegative),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 9.2",
    evidence=(
        finite_difference(loss, w, gradient),
        stationary_point(loss, w, inv(H) @ X.T @ y),
    ),
)
