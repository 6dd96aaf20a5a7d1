"""The Box-Cox transform tends to the logarithm, and what it adds to the log-likelihood.

Powers and the logarithm form one family, so that the data can choose the transform that makes them
normal. The density of what was observed needs the derivative of the transform as a factor.
"""

from sympy import Derivative, Limit, Symbol, exp, log, sinh

from derivations import Derivation, begin, equals, equation
from derivations.evidence import float_error, limit_value
from symbolic.scalars import derivatives, elementary, limits

y = Symbol("y", positive=True)  # a positive observation
a = Symbol("lambda", real=True)  # power of the transform
p = Symbol("p", real=True)  # a power other than 0
u = p * log(y)  # y**p = exp(u), and exp(u) - 1 = 2 exp(u/2) sinh(u/2)

derivation = Derivation(
    given=(y, p),
    claim=(
        equation(Limit((y**a - 1) / a, a, 0, "+-"), log(y)),
        equation(log(Derivative((y**p - 1) / p, y)), (p - 1) * log(y)),
    ),
    steps=(
        begin(Limit((y**a - 1) / a, a, 0, "+-"), "The logarithm as the power 0"),
        equals(Limit((exp(a * log(y)) - 1) / a, a, 0, "+-"), by=elementary.power_as_exponential),
        equals(log(y), by=limits.limit_of_exponential),
        begin(log(Derivative((y**p - 1) / p, y)), "What it adds to the log-likelihood"),
        equals(log(Derivative(y**p, y) / p), by=derivatives.linearity),
        equals(log(y ** (p - 1)), by=derivatives.power_rule),
        equals((p - 1) * log(y), by=elementary.log_of_power),
    ),
    source="Box and Cox, An analysis of transformations, Journal of the Royal Statistical"
    " Society B 26 (1964)",
    evidence=(
        limit_value((y**p - 1) / p, p, log(y)),
        float_error((y**p - 1) / p, 2 * exp(u / 2) * sinh(u / 2) / p, at={y: 2, p: 1e-12}),
    ),
)
