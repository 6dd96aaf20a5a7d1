"""The Kullback-Leibler divergence is never negative.

It measures how far a distribution q is from p, and is 0 only for q = p: the tangent of the logarithm at
1 lies above it everywhere else. The evidence lower bound, the convergence of EM and the maximum of
entropy all rest on this inequality, which is named after Gibbs.
"""

from sympy import Eq, Function, Sum, Symbol, log

from derivations import Derivation, at_least, equals, inequality, right_to_left
from derivations.evidence import equality_case
from symbolic import dims, vector
from symbolic import log as log_of
from symbolic import sum as total
from symbolic.scalars.elementary import algebra, log_of_product
from symbolic.scalars.given import as_given
from symbolic.scalars.probability import log_below_line
from symbolic.scalars.sums import linearity

K = Symbol("K", integer=True, positive=True)  # number of outcomes
p = Function("p", positive=True)  # a distribution: p(x) is the probability of x
q = Function("q", positive=True)  # another one

x = Symbol("x", integer=True)

(n,) = dims("n")
a = vector("a", n, domain="prob")
b = vector("b", n, domain="prob")

derivation = Derivation(
    given=(K, p, q, Eq(Sum(p(x), (x, 1, K)), 1), Eq(Sum(q(x), (x, 1, K)), 1)),
    claim=inequality(Sum(p(x) * log(p(x) / q(x)), (x, 1, K)), 0, ">="),
    steps=(
        equals(
            Sum(-p(x) * log(q(x) / p(x)), (x, 1, K)),
            by=(log_of_product, right_to_left(log_of_product)),
        ),
        at_least(Sum(-p(x) * (q(x) / p(x) - 1), (x, 1, K)), by=log_below_line),
        equals(Sum(p(x) - q(x), (x, 1, K)), by=algebra),
        equals(Sum(p(x), (x, 1, K)) - Sum(q(x), (x, 1, K)), by=linearity),
        equals(0, by=as_given),
    ),
    source="Cover and Thomas, Elements of Information Theory (2006), section 2.6",
    evidence=(equality_case(-total(a * log_of(a)), -total(a * log_of(b)), at={b: a}),),
)
