"""Cross-entropy is entropy plus the Kullback-Leibler (KL) divergence, and least for the truth.

A prediction q is charged -log(q) for what comes out. On average that is the entropy of the true distribution
p, which nobody can avoid, and the divergence from it: a classifier that minimises cross-entropy is drawn to
the true probabilities. Of many examples at once each has a divergence of its own, one a row.
"""

from derivations import Derivation, at_most, begin, equals, equation, inequality, right_to_left
from derivations.evidence import equality_case, never_better
from derivations.rules.inequalities import log_below_tangent
from symbolic import constant, dims, log, matrix, named, rules, sum, vector
from symbolic.calculus.logarithm_rules import log_of_product

n, k = dims("n k")
p = vector("p", k, domain="prob")  # the true distribution
q = vector("q", k, domain="prob")  # the prediction
P = matrix("P", n, k, domain="prob")  # true distributions, one example a row
Q = matrix("Q", n, k, domain="prob")  # the predictions

cross_entropy = -sum(p * log(q))
entropy = named("H", -sum(p * log(p)))  # the least that can be reached
divergence = sum(p * (log(p) - log(q)))
never_negative = inequality(constant(0), divergence)

derivation = Derivation(
    given=(p, q, P, Q),
    claim=(
        equation(cross_entropy, entropy + sum(p * log(p / q))),
        never_negative,
        inequality(constant(0), sum(P * (log(P) - log(Q)))),
        inequality(entropy, cross_entropy),
    ),
    steps=(
        begin(cross_entropy, "Cross-entropy, split"),
        equals(entropy + divergence, by=rules.algebra),
        equals(entropy + sum(p * log(p / q)), by=right_to_left(log_of_product)),
        begin(constant(0), "The divergence is never negative"),
        equals(sum(p) - sum(q), by=right_to_left(rules.sums_to_one)),
        at_most(divergence, by=log_below_tangent),
        begin(constant(0), "Nor is the sum of those of all rows"),
        equals(sum(P) - sum(Q), by=right_to_left(rules.sums_to_one)),
        at_most(sum(P * (log(P) - log(Q))), by=log_below_tangent),
        begin(entropy, "So no prediction does better than the truth"),
        at_most(cross_entropy, by=never_negative),
    ),
    source="Cover and Thomas, Elements of Information Theory (2006), section 2.6",
    evidence=(
        equality_case(entropy, cross_entropy, at={q: p}),
        never_better(cross_entropy, q, p),
    ),
)
