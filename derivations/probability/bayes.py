"""Bayes' theorem: from the probability of the data to that of the hypothesis.

A model says how probable the data are under each hypothesis; what we want is how probable each hypothesis
is after the data were seen. Rare hypotheses stay improbable even after data that speak for them, because
the prior counts as well. The denominator adds up all the ways in which the data can come about.
"""

from sympy import Eq, Sum, Symbol, exp, symbols

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import finite_distribution, float_error
from symbolic.scalars.probability import conditional_probability, product_rule, sum_rule
from symbolic.scalars.random_variables import P, RandomVariable, TakesValues

K = Symbol("K", integer=True, positive=True)  # number of hypotheses
H = RandomVariable("H")  # the hypothesis that is true
D = RandomVariable("D")  # the data
h = Symbol("h", integer=True, positive=True)  # one hypothesis
d = Symbol("d", real=True)  # the data seen

j = Symbol("j", integer=True)
total = Sum(P(Eq(D, d), Eq(H, j)) * P(Eq(H, j)), (j, 1, K))

a, b = symbols("a b", real=True)  # log likelihoods of many observations under two hypotheses

total_probability = equation(P(Eq(D, d)), total)

derivation = Derivation(
    given=(K, H, D, h, d, TakesValues(H, 1, K), P(Eq(D, d)) > 0),
    claim=(
        total_probability,
        equation(P(Eq(H, h), Eq(D, d)), P(Eq(D, d), Eq(H, h)) * P(Eq(H, h)) / total),
    ),
    steps=(
        begin(P(Eq(D, d)), "Total probability"),
        equals(Sum(P(Eq(D, d) & Eq(H, j)), (j, 1, K)), by=right_to_left(sum_rule(H))),
        equals(total, by=right_to_left(product_rule)),
        begin(P(Eq(H, h), Eq(D, d)), "Bayes' theorem"),
        equals(P(Eq(D, d) & Eq(H, h)) / P(Eq(D, d)), by=conditional_probability),
        equals(
            P(Eq(D, d), Eq(H, h)) * P(Eq(H, h)) / P(Eq(D, d)),
            by=right_to_left(product_rule),
        ),
        equals(P(Eq(D, d), Eq(H, h)) * P(Eq(H, h)) / total, by=total_probability),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 6.3",
    evidence=(
        finite_distribution(
            P(Eq(H, h), Eq(D, d)),
            P(Eq(D, d), Eq(H, h)) * P(Eq(H, h)) / total,
            on=(TakesValues(H, 1, K), P(Eq(D, d)) > 0),
        ),
        float_error(
            naive=exp(a) / (exp(a) + exp(b)),
            stable=1 / (1 + exp(b - a)),
            at={a: -800, b: -801},
        ),
    ),
)
