"""The Kullback-Leibler (KL) divergence is never negative.

It measures how far a distribution q is from p, and is 0 only for q = p: the tangent of the logarithm at
1 lies above it everywhere else. The evidence lower bound, the convergence of EM and the maximum of
entropy all rest on this inequality, which is named after Gibbs.
"""

from sympy import Eq, Function, Rational, Sum, Symbol, log, sqrt

from derivations import Derivation, at_least, begin, equals, inequality, right_to_left
from derivations.evidence import counterexample, equality_case
from symbolic import dims, vector
from symbolic import log as log_of
from symbolic import sum as total
from symbolic.scalars.elementary import algebra, log_of_power, log_of_product
from symbolic.scalars.given import as_given
from symbolic.scalars.probability import log_below_line
from symbolic.scalars.sums import linearity

K = Symbol("K", integer=True, positive=True)  # number of outcomes
p = Function("p", positive=True)  # a distribution: p(x) is the probability of x
q = Function("q", positive=True)  # another one

x = Symbol("x", integer=True)

divergence = Sum(p(x) * log(p(x) / q(x)), (x, 1, K))
distance = Sum((sqrt(p(x)) - sqrt(q(x))) ** 2, (x, 1, K))

(n,) = dims("n")
a = vector("a", n, domain="prob")
b = vector("b", n, domain="prob")
even, uneven = (Rational(1, 2), Rational(1, 2)), (Rational(1, 4), Rational(3, 4))

derivation = Derivation(
    given=(K, p, q, Eq(Sum(p(x), (x, 1, K)), 1), Eq(Sum(q(x), (x, 1, K)), 1)),
    claim=(inequality(divergence, 0, ">="), inequality(divergence, distance, ">=")),
    steps=(
        begin(divergence, "It is never negative"),
        equals(
            Sum(-p(x) * log(q(x) / p(x)), (x, 1, K)),
            by=(log_of_product, right_to_left(log_of_product)),
        ),
        at_least(Sum(-p(x) * (q(x) / p(x) - 1), (x, 1, K)), by=log_below_line),
        equals(Sum(p(x) - q(x), (x, 1, K)), by=algebra),
        equals(Sum(p(x), (x, 1, K)) - Sum(q(x), (x, 1, K)), by=linearity),
        equals(0, by=as_given),
        begin(divergence, "And it is 0 only where all square roots, and so p and q, are the same"),
        equals(
            Sum(-2 * p(x) * log(sqrt(q(x) / p(x))), (x, 1, K)),
            by=(log_of_product, right_to_left(log_of_power), right_to_left(log_of_product)),
        ),
        at_least(Sum(-2 * p(x) * (sqrt(q(x) / p(x)) - 1), (x, 1, K)), by=log_below_line),
        equals(
            2 * Sum(p(x), (x, 1, K)) - 2 * Sum(sqrt(p(x)) * sqrt(q(x)), (x, 1, K)),
            by=(algebra, linearity),
        ),
        equals(2 - 2 * Sum(sqrt(p(x)) * sqrt(q(x)), (x, 1, K)), by=as_given),
        equals(
            Sum(p(x) - 2 * sqrt(p(x)) * sqrt(q(x)) + q(x), (x, 1, K)),
            by=(right_to_left(as_given), right_to_left(linearity)),
        ),
        equals(distance, by=algebra),
    ),
    source="Cover and Thomas, Elements of Information Theory (2006), section 2.6",
    evidence=(
        equality_case(-total(a * log_of(a)), -total(a * log_of(b)), at={b: a}),
        counterexample(
            total(a * log_of(a / b)), total(b * log_of(b / a)), at={n: 2, a: even, b: uneven}
        ),
    ),
)
