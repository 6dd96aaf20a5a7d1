"""The product rule and the quotient rule, from the definition of the derivative.

Adding and subtracting u(x) v(x + h) turns the change of a product into the changes of its factors. The
quotient is the product whose second factor is 1 / v.
"""

from sympy import Derivative, Function, Limit, Ne, Symbol, cos, exp, sin

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import finite_difference
from symbolic.scalars import limits
from symbolic.scalars.elementary import algebra

u = Function("u", real=True)  # two functions that have a derivative
v = Function("v", real=True)  # two functions that have a derivative
x = Symbol("x", real=True)  # the point
h = Symbol("h", real=True)

change_of_u = (u(x + h) - u(x)) / h
change_of_v = (v(x + h) - v(x)) / h
du, dv = Derivative(u(x), x), Derivative(v(x), x)

derivation = Derivation(
    given=(u, v, x, Ne(v(x), 0)),
    claim=(
        equation(Derivative(u(x) * v(x), x), du * v(x) + u(x) * dv),
        equation(Derivative(u(x) / v(x), x), (du * v(x) - u(x) * dv) / v(x) ** 2),
    ),
    steps=(
        begin(Derivative(u(x) * v(x), x), "A product"),
        equals(
            Limit((u(x + h) * v(x + h) - u(x) * v(x)) / h, h, 0, "+-"),
            by=limits.definition_of_derivative,
        ),
        equals(Limit(change_of_u * v(x + h) + u(x) * change_of_v, h, 0, "+-"), by=algebra),
        equals(
            Limit(change_of_u, h, 0, "+-") * Limit(v(x + h), h, 0, "+-")
            + u(x) * Limit(change_of_v, h, 0, "+-"),
            by=(limits.limit_of_sum, limits.limit_of_product),
        ),
        equals(
            Limit(change_of_u, h, 0, "+-") * v(x) + u(x) * Limit(change_of_v, h, 0, "+-"),
            by=limits.continuity,
        ),
        equals(du * v(x) + u(x) * dv, by=right_to_left(limits.definition_of_derivative)),
        begin(Derivative(u(x) / v(x), x), "A quotient"),
        equals(
            Limit((u(x + h) / v(x + h) - u(x) / v(x)) / h, h, 0, "+-"),
            by=limits.definition_of_derivative,
        ),
        equals(
            Limit((change_of_u * v(x) - u(x) * change_of_v) * (1 / (v(x) * v(x + h))), h, 0, "+-"),
            by=algebra,
        ),
        equals(
            Limit(change_of_u * v(x) - u(x) * change_of_v, h, 0, "+-") / v(x) ** 2,
            by=(limits.limit_of_product, limits.continuity),
        ),
        equals(
            (Limit(change_of_u, h, 0, "+-") * v(x) - u(x) * Limit(change_of_v, h, 0, "+-"))
            / v(x) ** 2,
            by=(limits.limit_of_sum, limits.limit_of_product),
        ),
        equals(
            (du * v(x) - u(x) * dv) / v(x) ** 2,
            by=right_to_left(limits.definition_of_derivative),
        ),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 5.1",
    evidence=(
        finite_difference(sin(x) * exp(x), x, cos(x) * exp(x) + sin(x) * exp(x)),
        finite_difference(sin(x) / exp(x), x, (cos(x) * exp(x) - sin(x) * exp(x)) / exp(x) ** 2),
    ),
)
