"""The trapezoid rule: an error of second order.

Integrating by parts twice compares the area under f with the area of a trapezoid. What is left is an integral
of the second derivative; over n panels of one width the errors add up to a multiple of 1/n^2.
"""

from sympy import Abs, Function, Integral, Rational, Sum, Symbol, exp

from derivations import Derivation, at_most, begin, equals, equation, inequality
from derivations.evidence import measured_order
from symbolic.scalars import integrals, sums
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.throughout import Throughout, bounded_integrand

f = Function("f", real=True)  # what is integrated
x = Symbol("x", real=True)  # where the panel begins
h = Symbol("h", positive=True)  # its width
M = Symbol("M", real=True)  # bound on the second derivative
w = Symbol("w", real=True)  # width of the whole range
n = Symbol("n", integer=True, positive=True)  # number of panels
s, t, i = Symbol("s", real=True), Symbol("t", real=True), Symbol("i", integer=True)

area = h * Integral(f(x + s * h), (s, 0, 1))
trapezoid = h * (f(x) + f(x + h)) / 2
slope = derivative(f, x + s * h)
node = s * (1 - s)
left = Integral(node * derivative(f, x + s * h, 2), (s, 0, 1))
exact = equation(area, trapezoid - h**3 / 2 * left)
half = Rational(1, 2)

derivation = Derivation(
    given=(f, x, h, M, w, n, Throughout(Abs(derivative(f, t, 2)) <= M, t, x, x + h)),
    claim=(
        exact,
        inequality(Abs(area - trapezoid), M * h**3 / 12),
        equation(Sum(M * (w / n) ** 3 / 12, (i, 1, n)), M * w**3 / (12 * n**2)),
    ),
    steps=(
        begin(area, "One panel"),
        equals(
            trapezoid - h**2 * Integral((s - half) * slope, (s, 0, 1)),
            by=integrals.by_parts(f(x + s * h), s - half, s),
        ),
        equals(exact.right, by=integrals.by_parts(slope, -node / 2, s)),
        begin(Abs(area - trapezoid), "Its error is M h^3/12 at most"),
        equals(h**3 / 2 * Abs(left), by=exact),
        at_most(h**3 / 2 * Integral(node * M, (s, 0, 1)), by=bounded_integrand),
        equals(M * h**3 / 12, by=integrals.antiderivative(s**2 / 2 - s**3 / 3, s)),
        begin(Sum(M * (w / n) ** 3 / 12, (i, 1, n)), "The bounds of n panels together"),
        equals(M * w**3 / (12 * n**2), by=sums.sum_of_constant),
    ),
    evidence=(measured_order(exp(h) - 1 - h * (1 + exp(h)) / 2, h, order=3),),
    source="Burden and Faires, Numerical Analysis (2011), section 4.4",
)
