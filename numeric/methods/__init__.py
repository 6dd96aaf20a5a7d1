"""Textbook numerical methods that measure their own error.

Each function answers with a result that prints at 80 columns, shows a table and a plot in notebooks,
and says how far it can be trusted: a condition number beside every error, so that the problem is not
blamed on the algorithm; an error bar and the measured order of convergence beside every value; a
status, with the reason in a sentence, where the method does not do what the textbook promises.

    condition_linear_system, least_squares, condition_eigenvalues    linear algebra, errors exact
    integrate, enclose_integral                                      quadrature, estimated and certain
    bisection, brent, secant, newton, fixed_point                    roots and fixed points
    step_curve                                                       the best step of a difference
"""

from __future__ import annotations

from numeric.methods.eigenvalue_problems import Eigenvalues, condition_eigenvalues
from numeric.methods.enclosed_quadrature import EnclosedIntegral, enclose_integral
from numeric.methods.least_squares_problems import Fit, LeastSquares, least_squares
from numeric.methods.linear_systems import LinearSystem, Solver, condition_linear_system
from numeric.methods.quadrature import Integral, integrate
from numeric.methods.roots import Root, bisection, brent, fixed_point, newton, secant
from numeric.methods.step_curves import StepCurve, step_curve

__all__ = [
    "LinearSystem", "Solver", "condition_linear_system",
    "Fit", "LeastSquares", "least_squares",
    "Eigenvalues", "condition_eigenvalues",
    "Integral", "integrate",
    "EnclosedIntegral", "enclose_integral",
    "Root", "bisection", "brent", "fixed_point", "newton", "secant",
    "StepCurve", "step_curve",
]  # fmt: skip
