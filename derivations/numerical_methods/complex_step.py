"""The complex step: a derivative without a subtraction, and so without cancellation.

The imaginary part of f(x + i h) is the central difference with an imaginary step. It is of second order
too, but no two nearly equal numbers are subtracted: the step may be as small as 1e-100, where nothing is
left of the truncation error, and the derivative is right to the last digit.
"""

from sympy import I, Integral, Limit, Symbol, cos, exp, im, sin

from derivations import Derivation, begin, equals, equation
from derivations.evidence import float_error, measured_order
from symbolic.scalars import integrals, limits
from symbolic.scalars.analytic import analytic_function, reflection
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.series import taylor

f = analytic_function("f")  # real at real points
x = Symbol("x", real=True)  # the point
h = Symbol("h", real=True)  # the step
s = Symbol("s", real=True)

central = (f(x + I * h) - f(x - I * h)) / (2 * I * h)
above = Integral((1 - s) ** 2 * derivative(f, x + s * I * h, 3), (s, 0, 1))
below = Integral((1 - s) ** 2 * derivative(f, x - s * I * h, 3), (s, 0, 1))
third = Integral((1 - s) ** 2 * derivative(f, x, 3), (s, 0, 1))
both = (taylor(f(x + I * h), x, order=2, along=s), taylor(f(x - I * h), x, order=2, along=s))

derivation = Derivation(
    given=(f, x, h),
    claim=(
        equation(im(f(x + I * h)) / h, derivative(f, x) - h**2 / 4 * (above + below)),
        equation(Limit((central - derivative(f, x)) / h**2, h, 0, "+-"), -derivative(f, x, 3) / 6),
    ),
    steps=(
        begin(im(f(x + I * h)) / h, "The imaginary part, without a subtraction"),
        equals(central, by=reflection),
        equals(derivative(f, x) - h**2 / 4 * (above + below), by=both),
        begin(
            Limit((central - derivative(f, x)) / h**2, h, 0, "+-"), "What it misses for small steps"
        ),
        equals(Limit(-(above + below) / 4, h, 0, "+-"), by=both),
        equals(
            -Limit(above, h, 0, "+-") / 4 - Limit(below, h, 0, "+-") / 4,
            by=limits.limit_of_sum,
        ),
        equals(-third / 4 - third / 4, by=limits.limit_under_the_integral),
        equals(-derivative(f, x, 3) / 6, by=integrals.antiderivative(-((1 - s) ** 3) / 3, s)),
    ),
    evidence=(
        measured_order(exp(1) * sin(h) / h - exp(1), h, order=2),
        float_error((sin(x + h) - sin(x - h)) / (2 * h), cos(x) * sin(h) / h, at={x: 1, h: 1e-30}),
    ),
    source="Squire and Trapp, Using complex variables to estimate derivatives of real functions,"
    " SIAM Review 40 (1998)",
)
