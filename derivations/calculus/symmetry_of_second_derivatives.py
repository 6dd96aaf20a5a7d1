"""Second derivatives do not depend on the order in which they are taken.

Both differences, by x and by y, are taken over one rectangle. Their quotient by its area is the mean of the
second derivative over the rectangle, in the other order; as the sides go to zero, the mean goes to the value
at the corner. So the Hessian is symmetric. The second derivative has to be continuous.
"""

from sympy import Derivative, Function, Integral, Limit, Symbol, UnevaluatedExpr

from derivations import Derivation, equals, equation, right_to_left
from derivations.evidence import counterexample
from symbolic.scalars import derivatives, integrals, limits
from symbolic.scalars.difference_rules import change_as_integral

f = Function("f", real=True)  # a smooth function of two variables
x, y = Symbol("x", real=True), Symbol("y", real=True)  # the point
h, k = Symbol("h", real=True), Symbol("k", real=True)  # the sides of the rectangle
s, t = Symbol("s", real=True), Symbol("t", real=True)  # the place on each side

by_x, by_y = Derivative(f(x, y), x), Derivative(f(x, y), y)
x_then_y = Derivative(UnevaluatedExpr(by_x), y)
y_then_x = Derivative(UnevaluatedExpr(by_y), x)

along_x = f(x + h, y) - f(x, y)  # the lower side
difference = f(x + h, y + k) - f(x, y + k) - along_x
slope = Derivative(f(x, y + t * k), y)
mixed = Derivative(UnevaluatedExpr(slope.subs(x, x + s * h)), x)
saddle = h * k * (h**2 - k**2) / (h**2 + k**2)  # its second difference at 0: it is 0 on both axes

derivation = Derivation(
    given=(f, x, y),
    claim=equation(x_then_y, y_then_x),
    steps=(
        equals(
            Limit((by_x.subs(y, y + k) - by_x) / k, k, 0, "+-"),
            by=limits.definition_of_derivative,
        ),
        equals(
            Limit(
                Limit((f(x + h, y + k) - f(x, y + k)) / h - along_x / h, h, 0, "+-") / k,
                k,
                0,
                "+-",
            ),
            by=(limits.definition_of_derivative, right_to_left(limits.limit_of_sum)),
        ),
        equals(
            Limit(Limit(difference / (h * k), h, 0, "+-"), k, 0, "+-"),
            by=right_to_left(limits.limit_of_product),
        ),
        equals(
            Limit(
                Limit(Integral(slope.subs(x, x + h) - slope, (t, 0, 1)) / h, h, 0, "+-"), k, 0, "+-"
            ),
            by=(change_as_integral(along_x, y, k, along=t), derivatives.linearity),
        ),
        equals(
            Limit(Limit(Integral(mixed, (s, 0, 1), (t, 0, 1)), h, 0, "+-"), k, 0, "+-"),
            by=(change_as_integral(slope, x, h, along=s), integrals.constant_factor),
        ),
        equals(Integral(y_then_x, (s, 0, 1), (t, 0, 1)), by=limits.limit_under_the_integral),
        equals(y_then_x, by=integrals.integral_of_constant),
    ),
    evidence=(
        counterexample(
            Limit(Limit(saddle / (h * k), h, 0, "+-"), k, 0, "+-"),
            Limit(Limit(saddle / (h * k), k, 0, "+-"), h, 0, "+-"),
            without="continuity of the second derivatives",
        ),
    ),
)
