"""The uniform distribution has the largest entropy.

Who knows nothing but the number of outcomes should call them equally likely: every other distribution
claims more than is known. The Lagrangian finds the candidate; that it is a maximum follows from the
divergence to the uniform distribution, which is never negative.
"""

from sympy import Derivative, Eq, Function, Lambda, Sum, Symbol, exp, log

from derivations import (
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    follows,
    implies,
    inequality,
    lemma,
    right_to_left,
)
from derivations.evidence import limit_value, never_better
from derivations.information_theory import kl_divergence_nonnegative as gibbs
from derivations.rules.scalar_equations import on_both_sides, rearranging
from symbolic import dims, ones, vector
from symbolic import log as log_of
from symbolic import sum as total
from symbolic.scalars.derivatives import known_derivative, power_rule, product_rule
from symbolic.scalars.derivatives import linearity as linearity_of_derivative
from symbolic.scalars.elementary import log_of_power, log_of_product
from symbolic.scalars.given import as_given
from symbolic.scalars.sums import linearity, sum_of_constant

K = Symbol("K", integer=True, positive=True)  # number of outcomes
p = Function("p", positive=True)  # a distribution: p(x) is the probability of x
t = Symbol("t", positive=True)  # the probability of one outcome
multiplier = Symbol("lambda", real=True)  # of the constraint that the probabilities sum to 1

x = Symbol("x", integer=True)
y = Symbol("y", real=True)
entropy = -Sum(p(x) * log(p(x)), (x, 1, K))
uniform = -Sum(log(1 / K) / K, (x, 1, K))
lagrangian = -t * log(t) + multiplier * t  # its terms with one probability

(n,) = dims("n")
a = vector("a", n, domain="prob")

derivation = Derivation(
    given=(K, p, Eq(Sum(p(x), (x, 1, K)), 1), t, multiplier),
    claim=(
        follows(equation(Derivative(lagrangian, t), 0), equation(t, exp(multiplier - 1))),
        equation(Sum(t, (x, 1, K)), K * t),
        follows(equation(K * t, 1), equation(t, 1 / K)),
        equation(uniform, log(K)),
        inequality(entropy, log(K)),
    ),
    steps=(
        begin(equation(Derivative(lagrangian, t), 0), "Where the Lagrangian is stationary"),
        implies(
            -log(t) - 1 + multiplier,
            0,
            by=(linearity_of_derivative, product_rule, known_derivative, power_rule),
        ),
        implies(log(t), multiplier - 1, by=rearranging),
        implies(t, exp(multiplier - 1), by=on_both_sides(Lambda(y, exp(y)))),
        begin(Sum(t, (x, 1, K)), "That is one t for all outcomes"),
        equals(K * t, by=sum_of_constant),
        begin(equation(K * t, 1), "They sum to 1"),
        implies(t, 1 / K, by=rearranging),
        begin(uniform, "With all probabilities 1 / K the entropy is"),
        equals(-log(1 / K), by=sum_of_constant),
        equals(log(K), by=log_of_power),
        begin(entropy, "No other distribution has more"),
        equals(
            -Sum(p(x) * log(K * p(x)) - p(x) * log(K), (x, 1, K)),
            by=right_to_left(log_of_product),
        ),
        equals(
            log(K) * Sum(p(x), (x, 1, K)) - Sum(p(x) * log(p(x) / (1 / K)), (x, 1, K)),
            by=linearity,
        ),
        equals(log(K) - Sum(p(x) * log(p(x) / (1 / K)), (x, 1, K)), by=as_given),
        at_most(log(K), by=lemma(gibbs.derivation, {p: p, gibbs.q: Lambda(x, 1 / K)})),
    ),
    source="Cover and Thomas, Elements of Information Theory (2006), section 2.6",
    evidence=(
        limit_value(t * log(t), t, 0),
        never_better(-total(a * log_of(a)), a, ones(n) / n, kind="maximum"),
    ),
)
