"""The central difference: an error of second order, and the best step.

The even terms of both Taylor expansions cancel, so that the error falls with the square of the step. The
best step is the cube root of the rounding error, and a third of the digits is lost.
"""

from sympy import Derivative, Function, Integral, Lambda, Limit, Rational, Symbol, exp

from derivations import Derivation, begin, equals, equation, follows, implies
from derivations.evidence import measured_order, stationary_point
from derivations.rules.scalar_equations import on_both_sides, rearranging
from symbolic.scalars import derivatives, integrals, limits
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.series import taylor

f = Function("f", real=True)  # the function to be differentiated
x = Symbol("x", real=True)  # the point
d = Symbol("d", real=True)  # a step of either sign
h = Symbol("h", positive=True)  # a step
M = Symbol("M", positive=True)  # size of the third derivative
F = Symbol("F", positive=True)  # size of the values of f
e = Symbol("epsilon", positive=True)  # relative rounding error of each value
s, u = Symbol("s", real=True), Symbol("u", positive=True)

quotient = (f(x + d) - f(x - d)) / (2 * d)
ahead = Integral((1 - s) ** 2 * derivative(f, x + s * d, 3), (s, 0, 1))
behind = Integral((1 - s) ** 2 * derivative(f, x - s * d, 3), (s, 0, 1))
both_sides = (taylor(f(x + d), x, order=2, along=s), taylor(f(x - d), x, order=2, along=s))
third = Integral((1 - s) ** 2 * derivative(f, x, 3), (s, 0, 1))
total = M * h**2 / 6 + e * F / h  # truncation and rounding together
best = (3 * e * F / M) ** Rational(1, 3)

derivation = Derivation(
    given=(f, x, d, h, M, F, e),
    claim=(
        equation(quotient, derivative(f, x) + d**2 / 4 * (ahead + behind)),
        equation(Limit((quotient - derivative(f, x)) / d**2, d, 0, "+-"), derivative(f, x, 3) / 6),
        follows(equation(Derivative(total, h), 0), equation(h, best)),
    ),
    steps=(
        begin(quotient, "The even terms cancel"),
        equals(derivative(f, x) + d**2 / 4 * (ahead + behind), by=both_sides),
        begin(Limit((quotient - derivative(f, x)) / d**2, d, 0, "+-"), "Its size for small steps"),
        equals(Limit((ahead + behind) / 4, d, 0, "+-"), by=both_sides),
        equals(
            Limit(ahead, d, 0, "+-") / 4 + Limit(behind, d, 0, "+-") / 4,
            by=limits.limit_of_sum,
        ),
        equals(third / 4 + third / 4, by=limits.limit_under_the_integral),
        equals(derivative(f, x, 3) / 6, by=integrals.antiderivative(-((1 - s) ** 3) / 3, s)),
        begin(equation(Derivative(total, h), 0), "The best step for truncation and rounding"),
        implies(M * h / 3 - e * F / h**2, 0, by=(derivatives.linearity, derivatives.power_rule)),
        implies(h**3, 3 * e * F / M, by=rearranging),
        implies(h, best, by=on_both_sides(Lambda(u, u ** Rational(1, 3)))),
    ),
    evidence=(
        measured_order((exp(1 + d) - exp(1 - d)) / (2 * d) - exp(1), d, order=2),
        stationary_point(total, h, best),
    ),
    source="Nocedal and Wright, Numerical Optimization (2006), section 8.1",
)
