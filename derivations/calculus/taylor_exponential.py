"""The Taylor polynomials of the exponential, and how far they are from it.

Integrating by parts splits off one term of the series after the other. What is left is an integral,
and small: (n + 1)! outgrows every power, so that the series gives exp(x) for every x. In floating
point it is no way to work it out where x < 0, since large terms of both signs cancel.
"""

from sympy import Abs, Integral, Sum, Symbol, exp, factorial

from derivations import Derivation, at_most, begin, equals, equation, inequality, right_to_left
from derivations.evidence import float_error, measured_order
from derivations.rules.induction import induction
from symbolic.scalars import integrals, sums
from symbolic.scalars.inequalities import absolute_value, bounded_by

x = Symbol("x", real=True)  # any point
n = Symbol("n", integer=True, nonnegative=True)  # degree of the polynomial
k = Symbol("k", integer=True, nonnegative=True)
s = Symbol("s", real=True)

term = x**k / factorial(k)
polynomial = Sum(term, (k, 0, n))
remainder = x ** (n + 1) / factorial(n) * Integral((1 - s) ** n * exp(s * x), (s, 0, 1))
next_polynomial = Sum(term, (k, 0, n + 1))
next_remainder = (
    x ** (n + 2) / factorial(n + 1) * Integral((1 - s) ** (n + 1) * exp(s * x), (s, 0, 1))
)
one_more = equation(polynomial + remainder, next_polynomial + next_remainder)
bound = Abs(x) ** (n + 1) / factorial(n)
by_parts = integrals.by_parts(exp(s * x), -((1 - s) ** (n + 1)) / (n + 1), s)

derivation = Derivation(
    given=(x, n),
    claim=(
        one_more,
        equation(exp(x), polynomial + remainder),
        inequality(Abs(remainder), Abs(x) ** (n + 1) / factorial(n + 1) * exp(Abs(x))),
    ),
    steps=(
        begin(one_more.left, "One more term"),
        equals(
            polynomial
            + x ** (n + 1)
            / factorial(n)
            * (1 + x * Integral((1 - s) ** (n + 1) * exp(s * x), (s, 0, 1)))
            / (n + 1),
            by=by_parts,
        ),
        equals(
            polynomial + x ** (n + 1) / factorial(n + 1) + next_remainder,
            by=right_to_left(sums.factorial),
        ),
        equals(one_more.right, by=right_to_left(sums.last_term)),
        begin(exp(x), "All terms up to degree n"),
        equals(
            1 + Integral(x * exp(s * x), (s, 0, 1)),
            by=right_to_left(integrals.antiderivative(exp(s * x), s)),
        ),
        equals(polynomial + remainder, by=(integrals.constant_factor, induction(one_more, n))),
        begin(Abs(remainder), "How much is left"),
        equals(bound * Integral((1 - s) ** n * exp(s * x), (s, 0, 1)), by=absolute_value),
        at_most(
            bound * Integral((1 - s) ** n * exp(Abs(x)), (s, 0, 1)),
            by=bounded_by(exp(s * x), exp(Abs(x))),
        ),
        equals(
            bound * exp(Abs(x)) / (n + 1),
            by=integrals.antiderivative(-((1 - s) ** (n + 1)) / (n + 1), s),
        ),
        equals(
            Abs(x) ** (n + 1) / factorial(n + 1) * exp(Abs(x)), by=right_to_left(sums.factorial)
        ),
    ),
    evidence=(
        measured_order(exp(x) - 1 - x - x**2 / 2, x, order=3),
        float_error(polynomial.subs(n, 165), 1 / polynomial.subs({n: 165, x: -x}), at={x: -20}),
    ),
)
