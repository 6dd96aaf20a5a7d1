"""The forward difference: an error of first order, and the best step.

The remainder of Taylor's theorem falls with the step h, what rounding adds grows with 1/h. Their sum is
least near the square root of the rounding error: half of the digits are lost, whatever the step.
"""

from sympy import Abs, Derivative, Function, Integral, Lambda, Limit, Symbol, exp, sqrt

from derivations import Derivation, at_most, begin, equals, equation, follows, implies, inequality
from derivations.calculus import taylor_theorem
from derivations.evidence import equality_case, measured_order
from derivations.lemma import lemma
from derivations.rules.scalar_equations import on_both_sides, rearranging
from symbolic.scalars import derivatives, integrals, limits
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.elementary import algebra
from symbolic.scalars.inequalities import bounded_by, square, triangle
from symbolic.scalars.series import taylor
from symbolic.scalars.throughout import Throughout, bounded_integrand

f = Function("f", real=True)  # the function to be differentiated
x = Symbol("x", real=True)  # the point
h = Symbol("h", positive=True)  # the step
delta = Symbol("delta", real=True)  # a step of either sign
M = Symbol("M", positive=True)  # bound on the second derivative
F = Symbol("F", positive=True)  # size of the values of f
e = Symbol("epsilon", positive=True)  # relative rounding error of each value
a = Symbol("a", real=True)  # rounding error of f(x + h)
b = Symbol("b", real=True)  # rounding error of f(x)
s, t, u = Symbol("s", real=True), Symbol("t", real=True), Symbol("u", real=True)

second = derivative(f, x + s * h, 2)
quotient = (f(x + h) - f(x)) / h
truncation = quotient - derivative(f, x)
remainder = Integral((1 - s) * second, (s, 0, 1))
of_any_sign = truncation.subs(h, delta) / delta
rounded = (f(x + h) + a - (f(x) + b)) / h  # the quotient of rounded values
total = M * h / 2 + 2 * e * F / h  # truncation and rounding together
best = 2 * sqrt(e * F / M)

exact = equation(quotient, derivative(f, x) + h * remainder)
bound = inequality(Abs(truncation), M * h / 2)

derivation = Derivation(
    given=(
        *(f, x, h, M, F, e, a, b),
        Throughout(Abs(derivative(f, t, 2)) <= M, t, x, x + h),
        Abs(a) <= e * F,
        Abs(b) <= e * F,
    ),
    claim=(
        exact,
        bound,
        equation(Limit(of_any_sign, delta, 0, "+-"), derivative(f, x, 2) / 2),
        inequality(Abs(rounded - derivative(f, x)), total),
        follows(equation(Derivative(total, h), 0), equation(h, best)),
        inequality(2 * sqrt(e * F * M), total),
    ),
    steps=(
        begin(quotient, "What the quotient misses"),
        equals(
            exact.right,
            by=lemma(taylor_theorem.derivation, {taylor_theorem.delta: h, taylor_theorem.M: M}),
        ),
        begin(Abs(truncation), "It is M h/2 at most"),
        equals(h * Abs(remainder), by=exact),
        at_most(h * Integral((1 - s) * M, (s, 0, 1)), by=bounded_integrand),
        equals(M * h / 2, by=integrals.antiderivative(s - s**2 / 2, s)),
        begin(
            Limit(of_any_sign, delta, 0, "+-"),
            "For small steps, of either sign, it goes as the step",
        ),
        equals(
            Limit(remainder.subs(h, delta), delta, 0, "+-"),
            by=taylor(f(x + delta), x, order=1, along=s),
        ),
        equals(
            Integral((1 - s) * derivative(f, x, 2), (s, 0, 1)), by=limits.limit_under_the_integral
        ),
        equals(derivative(f, x, 2) / 2, by=integrals.antiderivative(s - s**2 / 2, s)),
        begin(Abs(rounded - derivative(f, x)), "With rounded values"),
        equals(Abs(truncation + a / h - b / h), by=algebra),
        at_most(Abs(truncation) + Abs(a) / h + Abs(b) / h, by=triangle(truncation, a / h, -b / h)),
        at_most(M * h / 2 + Abs(a) / h + Abs(b) / h, by=bound),
        at_most(M * h / 2 + e * F / h + Abs(b) / h, by=bounded_by(Abs(a), e * F)),
        at_most(total, by=bounded_by(Abs(b), e * F)),
        begin(equation(Derivative(total, h), 0), "The best step for truncation and rounding"),
        implies(M / 2 - 2 * e * F / h**2, 0, by=(derivatives.linearity, derivatives.power_rule)),
        implies(h**2, 4 * e * F / M, by=rearranging),
        implies(h, best, by=on_both_sides(Lambda(u, sqrt(u)))),
        begin(2 * sqrt(e * F * M), "No step makes the error smaller"),
        at_most(total, by=square(sqrt(M * h / 2) - sqrt(2 * e * F / h))),
    ),
    evidence=(
        measured_order((exp(1 + delta) - exp(1)) / delta - exp(1), delta, order=1),
        equality_case(2 * sqrt(e * F * M), total, at={h: best}),
    ),
    source="Nocedal and Wright, Numerical Optimization (2006), section 8.1",
)
