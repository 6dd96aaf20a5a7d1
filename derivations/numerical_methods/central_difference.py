"""The central difference: an error of second order, and the best step.

The even terms of both Taylor expansions cancel, so that the error falls with the square of the step. The
best step is the cube root of the rounding error, and a third of the digits is lost.
"""

from sympy import Abs, Derivative, Function, Integral, Lambda, Limit, Rational, Symbol, exp

from derivations import Derivation, at_most, begin, equals, equation, follows, implies, inequality
from derivations.evidence import measured_order, stationary_point
from derivations.rules.scalar_equations import on_both_sides, rearranging
from symbolic.scalars import derivatives, integrals, limits
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.elementary import algebra
from symbolic.scalars.inequalities import bounded_by, triangle
from symbolic.scalars.series import taylor
from symbolic.scalars.throughout import Throughout, bounded_integrand

f = Function("f", real=True)  # the function to be differentiated
x = Symbol("x", real=True)  # the point
h = Symbol("h", positive=True)  # the step
delta = Symbol("delta", real=True)  # a step of either sign
M = Symbol("M", positive=True)  # bound on the third derivative
F = Symbol("F", positive=True)  # size of the values of f
e = Symbol("epsilon", positive=True)  # relative rounding error of each value
a = Symbol("a", real=True)  # rounding error of f(x + h)
b = Symbol("b", real=True)  # rounding error of f(x - h)
s, t, u = Symbol("s", real=True), Symbol("t", real=True), Symbol("u", positive=True)

quotient = (f(x + h) - f(x - h)) / (2 * h)
truncation = quotient - derivative(f, x)
rounded = (f(x + h) + a - (f(x - h) + b)) / (2 * h)  # the quotient of rounded values
ahead = Integral((1 - s) ** 2 * derivative(f, x + s * h, 3), (s, 0, 1))
behind = Integral((1 - s) ** 2 * derivative(f, x - s * h, 3), (s, 0, 1))
at_bound = Integral((1 - s) ** 2 * M, (s, 0, 1))
both_sides = (taylor(f(x + h), x, order=2, along=s), taylor(f(x - h), x, order=2, along=s))
of_any_sign = truncation.subs(h, delta) / delta**2
ahead_d, behind_d = ahead.subs(h, delta), behind.subs(h, delta)
both_sides_d = (
    taylor(f(x + delta), x, order=2, along=s),
    taylor(f(x - delta), x, order=2, along=s),
)
third = Integral((1 - s) ** 2 * derivative(f, x, 3), (s, 0, 1))
total = M * h**2 / 6 + e * F / h  # truncation and rounding together
best = (3 * e * F / M) ** Rational(1, 3)

exact = equation(quotient, derivative(f, x) + h**2 / 4 * (ahead + behind))
bound = inequality(Abs(truncation), M * h**2 / 6)

derivation = Derivation(
    given=(
        *(f, x, h, M, F, e, a, b),
        Throughout(Abs(derivative(f, t, 3)) <= M, t, x - h, x + h),
        Abs(a) <= e * F,
        Abs(b) <= e * F,
    ),
    claim=(
        exact,
        bound,
        equation(Limit(of_any_sign, delta, 0, "+-"), derivative(f, x, 3) / 6),
        inequality(Abs(rounded - derivative(f, x)), total),
        follows(equation(Derivative(total, h), 0), equation(h, best)),
    ),
    steps=(
        begin(quotient, "The even terms cancel"),
        equals(exact.right, by=both_sides),
        begin(Abs(truncation), "What is left is M h^2/6 at most"),
        equals(h**2 / 4 * Abs(ahead + behind), by=exact),
        at_most(h**2 / 4 * (Abs(ahead) + Abs(behind)), by=triangle(ahead, behind)),
        at_most(h**2 / 4 * (at_bound + at_bound), by=bounded_integrand),
        equals(M * h**2 / 6, by=integrals.antiderivative(-((1 - s) ** 3) / 3, s)),
        begin(Limit(of_any_sign, delta, 0, "+-"), "Its size for small steps"),
        equals(Limit((ahead_d + behind_d) / 4, delta, 0, "+-"), by=both_sides_d),
        equals(
            Limit(ahead_d, delta, 0, "+-") / 4 + Limit(behind_d, delta, 0, "+-") / 4,
            by=limits.limit_of_sum,
        ),
        equals(third / 4 + third / 4, by=limits.limit_under_the_integral),
        equals(derivative(f, x, 3) / 6, by=integrals.antiderivative(-((1 - s) ** 3) / 3, s)),
        begin(Abs(rounded - derivative(f, x)), "With rounded values"),
        equals(Abs(truncation + a / (2 * h) - b / (2 * h)), by=algebra),
        at_most(
            Abs(truncation) + Abs(a) / (2 * h) + Abs(b) / (2 * h),
            by=triangle(truncation, a / (2 * h), -b / (2 * h)),
        ),
        at_most(M * h**2 / 6 + Abs(a) / (2 * h) + Abs(b) / (2 * h), by=bound),
        at_most(M * h**2 / 6 + e * F / (2 * h) + Abs(b) / (2 * h), by=bounded_by(Abs(a), e * F)),
        at_most(total, by=bounded_by(Abs(b), e * F)),
        begin(equation(Derivative(total, h), 0), "The best step for truncation and rounding"),
        implies(M * h / 3 - e * F / h**2, 0, by=(derivatives.linearity, derivatives.power_rule)),
        implies(h**3, 3 * e * F / M, by=rearranging),
        implies(h, best, by=on_both_sides(Lambda(u, u ** Rational(1, 3)))),
    ),
    evidence=(
        measured_order((exp(1 + delta) - exp(1 - delta)) / (2 * delta) - exp(1), delta, order=2),
        stationary_point(total, h, best),
    ),
    source="Nocedal and Wright, Numerical Optimization (2006), section 8.1",
)
