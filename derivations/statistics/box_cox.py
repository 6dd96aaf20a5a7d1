"""The Box-Cox transform tends to the logarithm, and what it adds to the log-likelihood.

Powers and the logarithm form one family, so that the data can choose the transform that makes them
normal. The density of what was observed needs the slope of the transform as a factor, one for each
observation; without it a power that shrinks the data would look better than it is.
"""

from sympy import Derivative, Function, Limit, Product, Rational, Subs, Sum, Symbol, exp, log, sinh

from derivations import Derivation, begin, equals, equation
from derivations.evidence import float_error, measured_order
from symbolic.scalars import derivatives, elementary, limits, products, sums

y = Symbol("y", positive=True)  # a positive observation
Y = Function("Y", positive=True)  # all observations, Y(1) to Y(n)
n = Symbol("n", integer=True, positive=True)  # how many
a = Symbol("lambda", real=True)  # power of the transform
p = Symbol("p", real=True, nonzero=True)  # a power other than 0
F = Function("F", real=True)  # distribution function of what is transformed
f = Function("f", positive=True)  # its density

i = Symbol("i", integer=True)
t = Symbol("t", real=True)
z = (y**p - 1) / p  # the transform
Z = (Y(i) ** p - 1) / p
likelihood = Product(f(Z) * Y(i) ** (p - 1), (i, 1, n))

slope = equation(Derivative(z, y), y ** (p - 1))

derivation = Derivation(
    given=(y, Y, n, p, F, f),
    claim=(
        equation(Limit((y**a - 1) / a, a, 0, "+-"), log(y)),
        slope,
        equation(Derivative(F(z), y), Subs(Derivative(F(t), t), t, z) * y ** (p - 1)),
        equation(log(likelihood), Sum(log(f(Z)), (i, 1, n)) + (p - 1) * Sum(log(Y(i)), (i, 1, n))),
    ),
    steps=(
        begin(Limit((y**a - 1) / a, a, 0, "+-"), "The logarithm as the power 0"),
        equals(Limit((exp(a * log(y)) - 1) / a, a, 0, "+-"), by=elementary.power_as_exponential),
        equals(log(y), by=limits.limit_of_exponential),
        begin(Derivative(z, y), "The slope of the transform"),
        equals(Derivative(y**p, y) / p, by=derivatives.linearity),
        equals(y ** (p - 1), by=derivatives.power_rule),
        begin(Derivative(F(z), y), "It is a factor of the density of an observation"),
        equals(
            Subs(Derivative(F(t), t), t, z) * Derivative(z, y),
            by=derivatives.chain_rule,
        ),
        equals(Subs(Derivative(F(t), t), t, z) * y ** (p - 1), by=slope),
        begin(log(likelihood), "So the log-likelihood has a term for the slopes"),
        equals(Sum(log(f(Z) * Y(i) ** (p - 1)), (i, 1, n)), by=products.log_of_finite_product),
        equals(
            Sum(log(f(Z)) + (p - 1) * log(Y(i)), (i, 1, n)),
            by=(elementary.log_of_product, elementary.log_of_power),
        ),
        equals(Sum(log(f(Z)), (i, 1, n)) + (p - 1) * Sum(log(Y(i)), (i, 1, n)), by=sums.linearity),
    ),
    source="Box and Cox, An analysis of transformations, Journal of the Royal Statistical"
    " Society B 26 (1964)",
    evidence=(
        measured_order((y**a - 1) / a - log(y), a, order=1, at={y: 3}),
        float_error(
            naive=(y**a - 1) / a,
            stable=2 * y ** (a / 2) * sinh(a * log(y) / 2) / a,
            at={a: Rational(1, 10**12), y: 3},
        ),
    ),
)
