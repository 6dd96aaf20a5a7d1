"""The best step size of gradient descent on a quadratic, and the rate it reaches.

A step size suits either the flat or the steep directions of a quadratic. No choice makes both ends of
the spectrum shrink faster than (kappa - 1)/(kappa + 1), with kappa the ratio of the largest to the
smallest eigenvalue, and one choice reaches this: so the condition number decides how hard a problem is.
Beyond 2/L the descent diverges.
"""

from sympy import Abs, Max, Rational, Sum, Symbol, binomial

from derivations import (
    Derivation,
    at_least,
    at_most,
    begin,
    equals,
    equation,
    inequality,
    right_to_left,
)
from derivations.evidence import equality_case, measured_rate
from derivations.rules.induction import induction
from symbolic.scalars import sums
from symbolic.scalars.elementary import algebra, product_of_powers
from symbolic.scalars.inequalities import bounded_by, nonnegative_term
from symbolic.scalars.recursion import Recursion

mu = Symbol("mu", positive=True)  # smallest eigenvalue
L = Symbol("L", positive=True)  # largest eigenvalue
lam = Symbol("lambda", real=True)  # any eigenvalue
eta = Symbol("eta", positive=True)  # step size
rho = Symbol("rho", real=True)  # a rate at which both ends shrink
a = Symbol("a", positive=True)  # how far a step size (2 + a)/L is beyond 2/L
e_0 = Symbol("e_0", real=True)  # first error along the direction of an eigenvector
t = Symbol("t", integer=True, positive=True)  # number of steps
e, k = Symbol("e", real=True), Symbol("k", integer=True, nonnegative=True)

flat = 1 - eta * mu <= rho  # along the flattest direction
steep = eta * L - 1 <= rho  # along the steepest direction
after = (1 - eta * lam) ** t * e_0  # the error after t steps
one_step = equation(after, (1 - eta * lam) * ((1 - eta * lam) ** (t - 1) * e_0))
descent = Recursion((1 - eta * lam) * e, e, e_0, k, t)
best_rate = (L - mu) / (L + mu)
best_step = 2 / (mu + L)
kappa = L / mu  # the condition number
growing = (1 + a) ** t * Abs(e_0)  # |1 - eta L|^t |e_0| for eta = (2 + a)/L

derivation = Derivation(
    given=(mu, L, lam, eta, rho, a, e_0, t, lam >= mu, lam <= L, flat, steep),
    claim=(
        one_step,
        equation(descent, after),
        inequality(Abs(descent), rho**t * Abs(e_0)),
        inequality(best_rate, rho),
        equation(1 - best_step * mu, best_rate),
        equation(best_step * L - 1, best_rate),
        inequality(Abs(1 - best_step * lam), best_rate),
        equation(best_rate, (kappa - 1) / (kappa + 1)),
        inequality(growing, (1 + a * t) * Abs(e_0), ">="),
    ),
    steps=(
        begin(after, "One step"),
        equals(one_step.right, by=right_to_left(product_of_powers)),
        begin(descent, "All steps: the error is multiplied by one factor again and again"),
        equals(after, by=induction(one_step, t)),
        begin(Abs(descent), "Whatever the eigenvalue, it shrinks as fast as at the worse end"),
        equals(Abs(after), by=equation(descent, after)),
        at_most(rho**t * Abs(e_0), by=bounded_by(Abs(1 - eta * lam) ** t, rho**t)),
        begin(best_rate, "No step size does better at both ends"),
        equals((L * (1 - eta * mu) + mu * (eta * L - 1)) / (L + mu), by=algebra),
        at_most((L * rho + mu * (eta * L - 1)) / (L + mu), by=bounded_by(1 - eta * mu, rho)),
        at_most((L * rho + mu * rho) / (L + mu), by=bounded_by(eta * L - 1, rho)),
        equals(rho, by=algebra),
        begin(1 - best_step * mu, "The step size 2/(mu + L) reaches it at the flat end"),
        equals(best_rate, by=algebra),
        begin(best_step * L - 1, "And at the steep end"),
        equals(best_rate, by=algebra),
        begin(Abs(1 - best_step * lam), "And in between"),
        at_most(best_rate, by=bounded_by(Abs(1 - best_step * lam), best_rate)),
        begin(best_rate, "In terms of the condition number"),
        equals((kappa - 1) / (kappa + 1), by=algebra),
        begin(growing, "Beyond 2/L the error along the steepest direction grows without bound"),
        equals(
            Sum(binomial(t, k) * a ** (t - k), (k, 0, t)) * Abs(e_0), by=sums.binomial_theorem(k)
        ),
        equals(
            (1 + a * t + Sum(binomial(t, k) * a ** (t - k), (k, 0, t - 2))) * Abs(e_0),
            by=(sums.last_term, sums.last_term),
        ),
        at_least((1 + a * t) * Abs(e_0), by=nonnegative_term),
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
