"""Taylor's theorem: near a point a function is its tangent, up to a bounded multiple of the squared distance.

The remainder is an integral, which is exact; a bound on the second derivative bounds it. Error estimates of
difference quotients, of Newton's method and of gradient descent begin here.
"""

from sympy import Abs, Function, Integral, Symbol, exp

from derivations import Derivation, at_most, begin, equals, equation, inequality, right_to_left
from derivations.evidence import measured_order
from symbolic.scalars import integrals
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.throughout import Throughout, bounded_integrand

f = Function("f", real=True)  # a smooth function
x = Symbol("x", real=True)  # the point
delta = Symbol("delta", real=True)  # how far from it
M = Symbol("M", real=True)  # bound on the second derivative
s, t = Symbol("s", real=True), Symbol("t", real=True)

slope = derivative(f, x + s * delta)
remainder = Integral((1 - s) * derivative(f, x + s * delta, 2), (s, 0, 1))
tangent = f(x) + delta * derivative(f, x)

first = equation(f(x + delta), f(x) + Integral(delta * slope, (s, 0, 1)))
second = equation(f(x + delta), tangent + delta**2 * remainder)

derivation = Derivation(
    given=(f, x, delta, M, Throughout(Abs(derivative(f, t, 2)) <= M, t, x, x + delta)),
    claim=(
        second,
        inequality(Abs(f(x + delta) - tangent), M * delta**2 / 2),
    ),
    steps=(
        begin(f(x + delta), "The remainder as an integral"),
        equals(first.right, by=right_to_left(integrals.antiderivative(f(x + s * delta), s))),
        equals(
            second.right,
            by=(
                integrals.by_parts(slope, -(1 - s), s),
                integrals.linearity,
                right_to_left(integrals.linearity),
            ),
        ),
        begin(Abs(f(x + delta) - tangent), "Its size"),
        equals(delta**2 * Abs(remainder), by=second),
        at_most(delta**2 * Integral((1 - s) * M, (s, 0, 1)), by=bounded_integrand),
        equals(M * delta**2 / 2, by=integrals.antiderivative(s - s**2 / 2, s)),
    ),
    evidence=(measured_order(exp(delta) - 1 - delta, delta, order=2),),
    source="Nocedal and Wright, Numerical Optimization (2006), section 2.1",
)
