"""Newton's method converges quadratically: the new error is a multiple of the square of the old one.

The step goes to the root of the tangent. What it misses is the remainder of Taylor's theorem, which is
of second order, so near a root each step doubles the number of correct digits. For a minimum, f is the
derivative of what is minimised and the step goes to the minimum of the parabola that touches it.
"""

from sympy import Abs, Function, Integral, Limit, Ne, Rational, Symbol, exp, log, sqrt

from derivations import Derivation, at_most, begin, equals, equation, follows, implies, inequality
from derivations.calculus import taylor_theorem
from derivations.evidence import measured_rate
from derivations.lemma import lemma
from derivations.rules.induction import induction
from derivations.rules.scalar_equations import rearranging
from symbolic.scalars import integrals, limits
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.elementary import algebra
from symbolic.scalars.inequalities import absolute_value_of_product, bounded_by
from symbolic.scalars.recursion import Recursion
from symbolic.scalars.series import taylor
from symbolic.scalars.throughout import Throughout, bounded_integrand

f = Function("f", real=True)  # the equation to be solved is f(x) = f(r)
r = Symbol("r", real=True)  # its solution; a root where f(r) = 0
x = Symbol("x", real=True)  # the point reached so far
p = Symbol("p", real=True)  # the point after the step
M = Symbol("M", real=True)  # bound on the second derivative between x and r
m = Symbol("m", positive=True)  # least size of the slope
C = Symbol("C", real=True)  # the constant M/(2 m)
e_0 = Symbol("e_0", real=True)  # bound on the first error
n = Symbol("n", integer=True, positive=True)  # number of steps
e, k = Symbol("e", real=True), Symbol("k", integer=True, nonnegative=True)
s, t = Symbol("s", real=True), Symbol("t", real=True)

slope = derivative(f, x)
tangent = f(x) + slope * (p - x)
step = x - (f(x) - f(r)) / slope
curvature = Integral((1 - s) * derivative(f, x + s * (r - x), 2), (s, 0, 1))
error = equation(step - r, (r - x) ** 2 * curvature / slope)

bounds = Recursion(C * e**2, e, e_0, k, n)  # e_0, C e_0^2, ...: what bounds the errors
doubled = (C * e_0) ** (2**n) / C
p_1 = 1 / (1 + exp(-x))  # an example: logistic regression on labels of which 2 in 3 are 1
logistic = x - (p_1 - Rational(2, 3)) / (p_1 * (1 - p_1))
one_step = equation(doubled, C * ((C * e_0) ** (2 ** (n - 1)) / C) ** 2)

derivation = Derivation(
    given=(
        *(f, r, x, p, M, m, C, e_0, n),
        Ne(derivative(f, r), 0),
        Ne(slope, 0),
        Throughout(Abs(derivative(f, t, 2)) <= M, t, x, r),
        m <= Abs(slope),
    ),
    claim=(
        follows(equation(tangent, f(r)), equation(p, step)),
        error,
        inequality(Abs(step - r), M / (2 * m) * (r - x) ** 2),
        one_step,
        equation(bounds, doubled),
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
        equals(error.right, by=lemma(taylor_theorem.derivation, {taylor_theorem.delta: r - x})),
        begin(Abs(step - r), "With bounds on the curvature and on the slope"),
        equals((r - x) ** 2 * Abs(curvature) / Abs(slope), by=(error, absolute_value_of_product)),
        at_most((r - x) ** 2 * Abs(curvature) / m, by=bounded_by(1 / Abs(slope), 1 / m)),
        at_most((r - x) ** 2 * Integral((1 - s) * M, (s, 0, 1)) / m, by=bounded_integrand),
        equals(M / (2 * m) * (r - x) ** 2, by=integrals.antiderivative(s - s**2 / 2, s)),
        begin(doubled, "Errors of which each is C times the square of the one before"),
        equals(one_step.right, by=algebra),
        begin(bounds, "After n steps: a power of C e_0 whose exponent doubles with each step"),
        equals(doubled, by=induction(one_step, n)),
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
        measured_rate(logistic, x, start=1, limit=log(2), order=2, constant=Rational(1, 6)),
    ),
    source="Nocedal and Wright, Numerical Optimization (2006), chapter 11",
)
