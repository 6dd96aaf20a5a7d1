"""The Box-Cox transform tends to the logarithm, and what it adds to the log-likelihood.

Powers and the logarithm form one family, so that the data can choose the transform that makes them
normal. The density of what was observed needs the slope of the transform as a factor, one for each
observation.
"""

from sympy import Derivative, Function, Limit, Product, Sum, Symbol, exp, log

from derivations import Derivation, begin, equals, equation
from symbolic.scalars import derivatives, elementary, limits, products, sums

y = Symbol("y", positive=True)  # a positive observation
Y = Function("Y", positive=True)  # all observations, Y(1) to Y(n)
n = Symbol("n", integer=True, positive=True)
i = Symbol("i", integer=True)
a = Symbol("lambda", real=True)  # power of the transform
p = Symbol("p", real=True)  # a power other than 0

derivation = Derivation(
    given=(y, Y, n, p),
    claim=(
        equation(Limit((y**a - 1) / a, a, 0, "+-"), log(y)),
        equation(Derivative((y**p - 1) / p, y), y ** (p - 1)),
        equation(log(Product(Y(i) ** (p - 1), (i, 1, n))), (p - 1) * Sum(log(Y(i)), (i, 1, n))),
    ),
    steps=(
        begin(Limit((y**a - 1) / a, a, 0, "+-"), "The logarithm as the power 0"),
        equals(Limit((exp(a * log(y)) - 1) / a, a, 0, "+-"), by=elementary.power_as_exponential),
        equals(log(y), by=limits.limit_of_exponential),
        begin(Derivative((y**p - 1) / p, y), "The slope of the transform"),
        equals(Derivative(y**p, y) / p, by=derivatives.linearity),
        equals(y ** (p - 1), by=derivatives.power_rule),
        begin(
            log(Product(Y(i) ** (p - 1), (i, 1, n))),
            "What the slopes at the observations add to the log-likelihood",
        ),
        equals(Sum(log(Y(i) ** (p - 1)), (i, 1, n)), by=products.log_of_finite_product),
        equals(Sum((p - 1) * log(Y(i)), (i, 1, n)), by=elementary.log_of_power),
        equals((p - 1) * Sum(log(Y(i)), (i, 1, n)), by=sums.constant_factor),
    ),
    source="Box and Cox, An analysis of transformations, Journal of the Royal Statistical"
    " Society B 26 (1964)",
)
