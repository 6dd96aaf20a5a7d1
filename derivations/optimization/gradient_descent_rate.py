"""The best step size of gradient descent on a quadratic, and the rate it reaches.

A step size suits either the flat or the steep directions of a quadratic. No choice makes both ends of
the spectrum shrink faster than (kappa - 1)/(kappa + 1), with kappa the ratio of the largest to the
smallest eigenvalue, and one choice reaches this: so the condition number decides how hard a problem is.
"""

from sympy import Abs, Max, Rational, Symbol

from derivations import Derivation, at_most, begin, equals, equation, inequality
from derivations.evidence import equality_case, measured_rate
from symbolic.scalars.elementary import algebra
from symbolic.scalars.inequalities import bounded_by

mu = Symbol("mu", positive=True)  # smallest eigenvalue
L = Symbol("L", positive=True)  # largest eigenvalue
eta = Symbol("eta", real=True)  # step size
rho = Symbol("rho", real=True)  # a rate at which both ends shrink
e = Symbol("e", real=True)  # error along the steepest direction

flat = 1 - eta * mu <= rho  # along the flattest direction
steep = eta * L - 1 <= rho  # along the steepest direction
best_rate = (L - mu) / (L + mu)
best_step = 2 / (mu + L)
kappa = L / mu  # the condition number

derivation = Derivation(
    given=(mu, L, eta, rho, flat, steep),
    claim=(
        inequality(best_rate, rho),
        equation(1 - best_step * mu, best_rate),
        equation(best_step * L - 1, best_rate),
        equation(best_rate, (kappa - 1) / (kappa + 1)),
    ),
    steps=(
        begin(best_rate, "No step size does better at both ends"),
        equals((L * (1 - eta * mu) + mu * (eta * L - 1)) / (L + mu), by=algebra),
        at_most((L * rho + mu * (eta * L - 1)) / (L + mu), by=bounded_by(1 - eta * mu, rho)),
        at_most((L * rho + mu * rho) / (L + mu), by=bounded_by(eta * L - 1, rho)),
        equals(rho, by=algebra),
        begin(1 - best_step * mu, "The step size 2/(mu + L) reaches it at the flat end"),
        equals(best_rate, by=algebra),
        begin(best_step * L - 1, "And at the steep end"),
        equals(best_rate, by=algebra),
        begin(best_rate, "In terms of the condition number"),
        equals((kappa - 1) / (kappa + 1), by=algebra),
    ),
    source="Nesterov, Lectures on Convex Optimization (2018), section 2.1.5",
    evidence=(
        equality_case(
            best_rate,
            Max(Abs(1 - eta * mu), Abs(1 - eta * L)),
            at={eta: Rational(1, 5), mu: 1, L: 9},
        ),
        measured_rate(
            e - best_step * L * e, e, 1, 0, order=1, constant=best_rate, at={mu: 1, L: 3}
        ),
    ),
)
