"""The forward difference: an error of first order, and the step at which rounding is as large.

The remainder of Taylor's theorem falls with the step h, what rounding adds grows with 1/h. Their sum is
least near the square root of the rounding error, and half of the digits are lost whatever the step.
"""

from sympy import Abs, Function, Integral, Limit, Symbol, exp, sqrt

from derivations import (
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    follows,
    implies,
    inequality,
)
from derivations.evidence import measured_order, stationary_point
from derivations.scalar_equations import rearranging
from symbolic.scalars import derivatives, integrals, limits
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.inequalities import square
from symbolic.scalars.series import taylor

f = Function("f", real=True)
x = Symbol("x", real=True)
h = Symbol("h", positive=True)  # the step
M = Symbol("M", positive=True)  # size of the second derivative
F = Symbol("F", positive=True)  # size of the values of f
e = Symbol("epsilon", positive=True)  # relative rounding error of a value
s, d = Symbol("s", real=True), Symbol("d", real=True)

quotient = (f(x + h) - f(x)) / h
remainder = Integral((1 - s) * derivative(f, x + s * h, 2), (s, 0, 1))
remainder_d = Integral((1 - s) * derivative(f, x + s * d, 2), (s, 0, 1))
total = M * h / 2 + 2 * e * F / h

derivation = Derivation(
    given=(f, x, h, M, F, e),
    claim=(
        equation(quotient, derivative(f, x) + h * remainder),
        equation(
            Limit(((f(x + d) - f(x)) / d - derivative(f, x)) / d, d, 0, "+-"),
            derivative(f, x, 2) / 2,
        ),
        equation(total.diff(h), M / 2 - 2 * e * F / h**2),
    ),
    steps=(
        begin(quotient, "The error of the quotient"),
        equals(derivative(f, x) + h * remainder, by=taylor(f(x + h), x, order=1, along=s)),
    ),
)
