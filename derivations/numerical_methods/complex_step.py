"""The complex step: a derivative without a subtraction, and so without cancellation.

A small imaginary step leaves the value of f in the real part, and the derivative in the imaginary part.
Nothing is subtracted, so the step may be as small as 1e-200 and the derivative is right to the last digit.
"""

from sympy import I, Integral, Limit, Symbol, cos, exp, im, re, sin, sinh

from derivations import Derivation, begin, equals, equation
from derivations.evidence import float_error, measured_order
from symbolic.scalars import integrals, limits
from symbolic.scalars.analytic import analytic_function, real_at_real_points
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.series import taylor

f = analytic_function("f")  # real at real points
x = Symbol("x", real=True)
h = Symbol("h", real=True)  # the step
s = Symbol("s", real=True)

quotient = im(f(x + I * h)) / h
remainder = Integral((1 - s) ** 2 * derivative(f, x + s * I * h, 3), (s, 0, 1))
expansion = taylor(f(x + I * h), x, order=2, along=s)
error = equation(quotient, derivative(f, x) - h**2 / 2 * re(remainder))

derivation = Derivation(
    given=(f, x, h),
    claim=(
        error,
        equation(
            Limit((quotient - derivative(f, x)) / h**2, h, 0, "+-"), -derivative(f, x, 3) / 6
        ),
    ),
    steps=(
        begin(quotient, "The imaginary part"),
        equals(
            re(derivative(f, x)) - h / 2 * im(derivative(f, x, 2)) - h**2 / 2 * re(remainder),
            by=expansion,
        ),
        equals(error.right, by=real_at_real_points),
        begin(Limit((quotient - derivative(f, x)) / h**2, h, 0, "+-"), "What it misses"),
        equals(Limit(-re(remainder) / 2, h, 0, "+-"), by=error),
        equals(-re(Limit(remainder, h, 0, "+-")) / 2,
               by=(limits.limit_of_product, limits.limit_of_real_part)),
        equals(
            -re(Integral((1 - s) ** 2 * derivative(f, x, 3), (s, 0, 1))) / 2,
            by=limits.limit_under_the_integral,
        ),
        equals(-re(derivative(f, x, 3)) / 6, by=integrals.antiderivative(-((1 - s) ** 3) / 3, s)),
        equals(-derivative(f, x, 3) / 6, by=real_at_real_points),
    ),
    evidence=(
        measured_order(exp(1) * sin(h) / h - exp(1), h, order=2),
        float_error((sin(x + h) - sin(x)) / h, cos(x) * sinh(h) / h, at={x: 1, h: 1e-12}),
    ),
    source="Squire and Trapp, Using complex variables to estimate derivatives of real functions,"
    " SIAM Review 40 (1998)",
)
