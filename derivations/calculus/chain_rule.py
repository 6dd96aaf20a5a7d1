"""The chain rule, from the definition of the derivative.

The change of f is the change of g times the mean of f' between both values of g. Nothing is divided by the
change of g, which may be zero; and as the step goes to zero, the mean goes to f' at g(x).
"""

from sympy import Derivative, Function, Integral, Limit, Symbol, cos, exp, sin

from derivations import Derivation, equals, equation, right_to_left
from derivations.evidence import finite_difference
from symbolic.scalars import integrals, limits
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.series import taylor

f = Function("f", real=True)  # the outer function; its derivative is continuous
g = Function("g", real=True)  # the inner function
x = Symbol("x", real=True)  # the point
h = Symbol("h", real=True)
s = Symbol("s", real=True)

change_of_g = g(x + h) - g(x)
mean_slope = Integral(derivative(f, g(x) + s * change_of_g), (s, 0, 1))

derivation = Derivation(
    given=(f, g, x),
    claim=equation(Derivative(f(g(x)), x), derivative(f, g(x)) * derivative(g, x)),
    steps=(
        equals(Limit((f(g(x + h)) - f(g(x))) / h, h, 0, "+-"), by=limits.definition_of_derivative),
        equals(
            Limit(change_of_g / h * mean_slope, h, 0, "+-"),
            by=taylor(f(g(x + h)), g(x), order=0, along=s),
        ),
        equals(
            Limit(change_of_g / h, h, 0, "+-") * Limit(mean_slope, h, 0, "+-"),
            by=limits.limit_of_product,
        ),
        equals(
            Limit(change_of_g / h, h, 0, "+-") * Integral(derivative(f, g(x)), (s, 0, 1)),
            by=limits.limit_under_the_integral,
        ),
        equals(
            Limit(change_of_g / h, h, 0, "+-") * derivative(f, g(x)),
            by=integrals.integral_of_constant,
        ),
        equals(
            derivative(g, x) * derivative(f, g(x)),
            by=right_to_left(limits.definition_of_derivative),
        ),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 5.1",
    evidence=(finite_difference(sin(exp(x)), x, cos(exp(x)) * exp(x)),),
)
