"""The forward difference: an error of first order, and the best step.

The remainder of Taylor's theorem falls with the step h, what rounding adds grows with 1/h. Their sum is
least near the square root of the rounding error: half of the digits are lost, whatever the step.
"""

from sympy import Derivative, Function, Integral, Lambda, Limit, Symbol, exp, sqrt

from derivations import Derivation, at_most, begin, equals, equation, follows, implies, inequality
from derivations.evidence import equality_case, measured_order
from derivations.rules.scalar_equations import on_both_sides, rearranging
from symbolic.scalars import derivatives, integrals, limits
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.inequalities import square
from symbolic.scalars.series import taylor

f = Function("f", real=True)  # the function to be differentiated
x = Symbol("x", real=True)  # the point
d = Symbol("d", real=True)  # a step of either sign
h = Symbol("h", positive=True)  # a step
M = Symbol("M", positive=True)  # size of the second derivative
F = Symbol("F", positive=True)  # size of the values of f
e = Symbol("epsilon", positive=True)  # relative rounding error of each value
s, u = Symbol("s", real=True), Symbol("u", real=True)

quotient = (f(x + d) - f(x)) / d
remainder = Integral((1 - s) * derivative(f, x + s * d, 2), (s, 0, 1))
total = M * h / 2 + 2 * e * F / h  # truncation and rounding together
best = 2 * sqrt(e * F / M)

derivation = Derivation(
    given=(f, x, d, h, M, F, e),
    claim=(
        equation(quotient, derivative(f, x) + d * remainder),
        equation(Limit((quotient - derivative(f, x)) / d, d, 0, "+-"), derivative(f, x, 2) / 2),
        follows(equation(Derivative(total, h), 0), equation(h, best)),
        inequality(2 * sqrt(e * F * M), total),
    ),
    steps=(
        begin(quotient, "What the quotient misses"),
        equals(derivative(f, x) + d * remainder, by=taylor(f(x + d), x, order=1, along=s)),
        begin(Limit((quotient - derivative(f, x)) / d, d, 0, "+-"), "Its size for small steps"),
        equals(Limit(remainder, d, 0, "+-"), by=taylor(f(x + d), x, order=1, along=s)),
        equals(
            Integral((1 - s) * derivative(f, x, 2), (s, 0, 1)), by=limits.limit_under_the_integral
        ),
        equals(derivative(f, x, 2) / 2, by=integrals.antiderivative(s - s**2 / 2, s)),
        begin(equation(Derivative(total, h), 0), "The best step for truncation and rounding"),
        implies(M / 2 - 2 * e * F / h**2, 0, by=(derivatives.linearity, derivatives.power_rule)),
        implies(h**2, 4 * e * F / M, by=rearranging),
        implies(h, best, by=on_both_sides(Lambda(u, sqrt(u)))),
        begin(2 * sqrt(e * F * M), "No step makes the error smaller"),
        at_most(total, by=square(sqrt(M * h / 2) - sqrt(2 * e * F / h))),
    ),
    evidence=(
        measured_order((exp(1 + d) - exp(1)) / d - exp(1), d, order=1),
        equality_case(2 * sqrt(e * F * M), total, at={h: best}),
    ),
    source="Nocedal and Wright, Numerical Optimization (2006), section 8.1",
)
