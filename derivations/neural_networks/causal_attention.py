"""Causal attention: what is masked has weight zero, and its score gets no error.

A language model must not look at what comes later. A mask that is added to the scores multiplies their
exponentials: by 1 where it is 0, and by 0 where it is minus infinity. The errors of the scores keep the form
that they have without a mask. They are products with the weights, so none reaches what was not seen.
"""

from derivations import D, Derivation, begin, equals, equation, right_to_left
from derivations.calculus import matrix_product_vjp
from derivations.evidence import finite_difference
from symbolic import (
    derivative_of,
    dims,
    einsum,
    exp,
    matrix,
    named,
    ones,
    rules,
    softmax,
    sqrt,
    sum,
    through,
    tril,
    triu,
    unspecified,
    zeros,
)
from symbolic.calculus.exponential_rules import exp_of_sum
from symbolic.traverse import substitute

n, d, v = dims("n d v")
Q = matrix("Q", n, d)  # queries, one a row
K = matrix("K", n, d)  # keys
V = matrix("V", n, v)  # values
M = matrix("M", n, n)  # a mask with finite entries, added to the scores

S = named("S", Q @ K.T / sqrt(d))  # scores
F = named("F", exp(S) * exp(M))  # exponentials of the scores, each times a factor of the mask
E = named("E", tril(exp(S)))  # with the factor 0 for what comes later, 1 for the rest
N = named("N", sum(E, axis=1))  # their sum for each query
P = named("P", einsum("pq,p->pq", E, 1 / N))  # attention weights, those of one query a row
Y = named("Y", P @ V)  # the output
C = unspecified("C", Y)  # the cost, a function of the output

Y_bar = named("Y_bar", D(C, Y))  # errors of the output
P_bar = named("P_bar", Y_bar @ V.T)  # of the weights
S_bar = named("S_bar", P * (P_bar - sum(P_bar * P, axis=1)[:, None]))  # of the scores

unseen = equation(triu(P, 1), 0)
shares = equation(sum(P, axis=1), ones(n))
weights = equation(D(C, P), P_bar)

cost = sum(Y**2) / 2  # an example of a cost, for which the errors of Y are Y itself
by_queries = substitute(S_bar @ K / sqrt(d), {Y_bar: Y})

derivation = Derivation(
    given=(Q, K, V, M),
    claim=(
        equation(softmax(S + M, axis=1), F / sum(F, axis=1)[:, None]),
        unseen,
        shares,
        weights,
        equation(D(C, S), S_bar),
        equation(triu(S_bar, 1), 0),
        equation(sum(S_bar, axis=1), 0),
    ),
    steps=(
        begin(softmax(S + M, axis=1), "A mask that is added multiplies the exponentials"),
        equals(
            exp(S + M) / sum(exp(S + M), axis=1)[:, None],
            by=right_to_left(rules.definition_of_softmax),
        ),
        equals(F / sum(F, axis=1)[:, None], by=exp_of_sum),
        begin(triu(P, 1), "What comes later has no weight"),
        equals(zeros(n, n), by=rules.algebra),
        begin(sum(P, axis=1), "The other weights sum to one"),
        equals(ones(n), by=rules.algebra),
        begin(D(C, P), "The errors of the weights"),
        equals(einsum("pq,pqij->ij", Y_bar, D(Y, P)), by=through(Y)),
        equals(P_bar, by=matrix_product_vjp.derivation),
        begin(D(C, S), "The errors of the scores"),
        equals(einsum("pq,pqij->ij", D(C, P), D(P, S)), by=through(P)),
        equals(einsum("pq,pqij->ij", P_bar, D(P, S)), by=weights),
        equals(
            einsum("pq,pqij->ij", P_bar / N[:, None], D(E, S))
            - einsum("pq,pij->ij", P_bar * E / N[:, None] ** 2, D(N, S)),
            by=(rules.product_rule, rules.power_rule),
        ),
        equals(S_bar, by=(rules.linearity, derivative_of(exp), rules.linear_map)),
        begin(triu(S_bar, 1), "What comes later gets no error"),
        equals(triu(P, 1) * (P_bar - sum(P_bar * P, axis=1)[:, None]), by=rules.algebra),
        equals(zeros(n, n), by=unseen),
        begin(sum(S_bar, axis=1), "The errors sum to zero in every row"),
        equals(sum(P_bar * P, axis=1) - sum(P, axis=1) * sum(P_bar * P, axis=1), by=rules.algebra),
        equals(zeros(n), by=shares),
    ),
    source="Vaswani et al., Attention Is All You Need (2017), section 3.2.3",
    evidence=(finite_difference(cost, Q, by_queries),),
)
