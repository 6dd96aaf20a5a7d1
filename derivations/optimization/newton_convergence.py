"""Newton's method converges quadratically: the new error is a multiple of the square of the old one.

The step goes to the root of the tangent. What it misses is the remainder of Taylor's theorem, which is
of second order, so near a root each step doubles the number of correct digits. For a minimum, f is the
derivative of what is minimised and the step goes to the minimum of the parabola that touches it.
"""

from sympy import Function, Integral, Limit, Ne, Symbol, sqrt

from derivations import Derivation, begin, equals, equation, follows, implies
from derivations.evidence import measured_rate
from derivations.rules.scalar_equations import rearranging
from symbolic.scalars import integrals, limits
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.elementary import algebra
from symbolic.scalars.series import taylor

f = Function("f", real=True)  # the equation to be solved is f(x) = f(r)
r = Symbol("r", real=True)  # its solution; a root where f(r) = 0
x = Symbol("x", real=True)  # the point reached so far
p = Symbol("p", real=True)  # the point after the step
s = Symbol("s", real=True)

slope = derivative(f, x)
tangent = f(x) + slope * (p - x)
step = x - (f(x) - f(r)) / slope
curvature = Integral((1 - s) * derivative(f, x + s * (r - x), 2), (s, 0, 1))

derivation = Derivation(
    given=(f, r, x, p, Ne(derivative(f, r), 0), Ne(slope, 0)),
    claim=(
        follows(equation(tangent, f(r)), equation(p, step)),
        equation(step - r, (r - x) ** 2 * curvature / slope),
        equation(
            Limit((step - r) / (x - r) ** 2, x, r, "+-"),
            derivative(f, r, 2) / (2 * derivative(f, r)),
        ),
    ),
    steps=(
        begin(equation(tangent, f(r)), "The step goes to the root of the tangent"),
        implies(p, step, by=rearranging),
        begin(step - r, "The error after the step"),
        equals((f(r) - f(x) - slope * (r - x)) / slope, by=algebra),
        equals((r - x) ** 2 * curvature / slope, by=taylor(f(r), x, order=1, along=s)),
        begin(Limit((step - r) / (x - r) ** 2, x, r, "+-"), "Its ratio to the square of the error"),
        equals(Limit(curvature / slope, x, r, "+-"), by=taylor(f(r), x, order=1, along=s)),
        equals(
            Limit(curvature, x, r, "+-") / derivative(f, r),
            by=(limits.limit_of_product, limits.continuity),
        ),
        equals(
            Integral((1 - s) * derivative(f, r, 2), (s, 0, 1)) / derivative(f, r),
            by=limits.limit_under_the_integral,
        ),
        equals(
            derivative(f, r, 2) / (2 * derivative(f, r)),
            by=integrals.antiderivative(s - s**2 / 2, s),
        ),
    ),
    evidence=(
        measured_rate(
            (x + 2 / x) / 2, x, start=2, limit=sqrt(2), order=2, constant=1 / (2 * sqrt(2))
        ),
    ),
    source="Nocedal and Wright, Numerical Optimization (2006), chapter 11",
)
