"""The power rule, from the definition of the derivative.

The binomial theorem writes out (x + h)^n. All terms but two hold a second factor h, and vanish with it.
"""

from sympy import Derivative, Limit, Sum, Symbol, binomial

from derivations import Derivation, equals, equation
from derivations.evidence import measured_order
from symbolic.scalars import limits, sums

x = Symbol("x", real=True)  # the point
n = Symbol("n", integer=True, positive=True)  # the power
h = Symbol("h", real=True)
k = Symbol("k", integer=True, nonnegative=True)

term = binomial(n, k) * x ** (n - k) * h**k
divided = binomial(n, k) * x ** (n - k) * h ** (k - 1)

derivation = Derivation(
    given=(x, n),
    claim=equation(Derivative(x**n, x), n * x ** (n - 1)),
    steps=(
        equals(Limit(((x + h) ** n - x**n) / h, h, 0, "+-"), by=limits.definition_of_derivative),
        equals(Limit((Sum(term, (k, 0, n)) - x**n) / h, h, 0, "+-"), by=sums.binomial_theorem(k)),
        equals(Limit(Sum(term, (k, 1, n)) / h, h, 0, "+-"), by=sums.first_term),
        equals(Limit(Sum(divided, (k, 1, n)), h, 0, "+-"), by=sums.into_the_sum(1 / h)),
        equals(Limit(n * x ** (n - 1) + Sum(divided, (k, 2, n)), h, 0, "+-"), by=sums.first_term),
        equals(n * x ** (n - 1), by=limits.continuity),
    ),
    evidence=(
        measured_order(((x + h) ** n - x**n) / h - n * x ** (n - 1), h, order=1, at={x: 2, n: 5}),
    ),
)
