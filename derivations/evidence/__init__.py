"""Numeric experiments at the foot of a page, beside the steps that are carried out.

A page lists them in `evidence=(...)`; `check()` runs them, and one that is refuted or undecided fails the
page. Everything they take is data: expressions with shapes or plain SymPy, numbers, names; `at={...}` puts
values in, and expressions for expressions, such as `{C: sum(Y**2) / 2, Y_bar: Y}`. A page that claims
derivatives and has no `finite_difference` gets one experiment on all of them (`claimed_derivatives`).

    identity_on_random_data, order_on_random_data, equality_case, counterexample
    finite_difference, stationary_point, never_better, eigen_residual
    quadrature, limit_value, measured_order, measured_rate, recursion, descent
    finite_distribution, monte_carlo, float_error
"""

from derivations.evidence.counterexample import counterexample
from derivations.evidence.descent import descent
from derivations.evidence.eigen_residual import eigen_residual
from derivations.evidence.equality_case import equality_case
from derivations.evidence.experiment import Experiment
from derivations.evidence.finite_difference import finite_difference
from derivations.evidence.finite_distribution import finite_distribution
from derivations.evidence.float_error import float_error
from derivations.evidence.measured_order import limit_value, measured_order
from derivations.evidence.measured_rate import measured_rate
from derivations.evidence.monte_carlo import monte_carlo
from derivations.evidence.never_better import never_better
from derivations.evidence.quadrature import quadrature
from derivations.evidence.random_data import identity_on_random_data, order_on_random_data
from derivations.evidence.recursion import recursion
from derivations.evidence.stationary_point import stationary_point

__all__ = [
    "Experiment",
    "counterexample",
    "descent",
    "eigen_residual",
    "equality_case",
    "finite_difference",
    "finite_distribution",
    "float_error",
    "identity_on_random_data",
    "limit_value",
    "measured_order",
    "measured_rate",
    "monte_carlo",
    "never_better",
    "order_on_random_data",
    "quadrature",
    "recursion",
    "stationary_point",
]
