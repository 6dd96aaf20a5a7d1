"""Backpropagation through scaled dot-product attention: three matrix products and one softmax.

Queries, keys and values each get their gradient by one matrix product. The weights of a query sum to one,
so its scores cannot all rise together: the errors of the scores sum to zero in every row.
"""

from derivations import D, Derivation, begin, equals, equation, lemma
from derivations.calculus import matrix_product_vjp, softmax_jacobian
from derivations.evidence import finite_difference
from symbolic import (
    dims,
    einsum,
    matrix,
    named,
    rules,
    softmax,
    sqrt,
    sum,
    through,
    unspecified,
    zeros,
)
from symbolic.traverse import substitute

n, m, d, v = dims("n m d v")
Q = matrix("Q", n, d)  # queries, one a row
K = matrix("K", m, d)  # keys
V = matrix("V", m, v)  # values

S = named("S", Q @ K.T / sqrt(d))  # scores
P = named("P", softmax(S, axis=1))  # attention weights, those of one query a row
Y = named("Y", P @ V)  # the output
C = unspecified("C", Y)  # the cost, a function of the output

Y_bar = named("Y_bar", D(C, Y))  # errors of the output
P_bar = named("P_bar", Y_bar @ V.T)  # of the weights
S_bar = named("S_bar", P * (P_bar - sum(P_bar * P, axis=1)[:, None]))  # of the scores

weights = equation(D(C, P), P_bar)
scores = equation(D(C, S), S_bar)
by_queries, by_keys = S_bar @ K / sqrt(d), S_bar.T @ Q / sqrt(d)

cost = sum(Y**2) / 2  # an example of a cost, for which the errors of Y are Y itself
errors = {Y_bar: Y}

derivation = Derivation(
    given=(Q, K, V),
    claim=(
        equation(D(C, V), P.T @ Y_bar),
        weights,
        scores,
        equation(D(C, Q), by_queries),
        equation(D(C, K), by_keys),
        equation(sum(S_bar, axis=1), 0),
    ),
    steps=(
        begin(D(C, V), "The values"),
        equals(einsum("pq,pqij->ij", Y_bar, D(Y, V)), by=through(Y)),
        equals(P.T @ Y_bar, by=lemma(matrix_product_vjp.derivation, claim=2)),
        begin(D(C, P), "The weights"),
        equals(einsum("pq,pqij->ij", Y_bar, D(Y, P)), by=through(Y)),
        equals(P_bar, by=matrix_product_vjp.derivation),
        begin(D(C, S), "The scores"),
        equals(einsum("pq,pqij->ij", D(C, P), D(P, S)), by=through(P)),
        equals(einsum("pq,pqij->ij", P_bar, D(P, S)), by=weights),
        equals(S_bar, by=lemma(softmax_jacobian.derivation, claim=4)),
        begin(D(C, Q), "The queries"),
        equals(einsum("pq,pqij->ij", D(C, S), D(S, Q)), by=through(S)),
        equals(by_queries, by=(scores, rules.linearity, rules.linear_map)),
        begin(D(C, K), "The keys"),
        equals(einsum("pq,pqij->ij", D(C, S), D(S, K)), by=through(S)),
        equals(by_keys, by=(scores, rules.linearity, rules.linear_map)),
        begin(sum(S_bar, axis=1), "The errors of the scores sum to zero in every row"),
        equals(sum(P_bar * P, axis=1) - sum(P, axis=1) * sum(P_bar * P, axis=1), by=rules.algebra),
        equals(zeros(n), by=rules.sums_to_one),
    ),
    source="Vaswani et al., Attention Is All You Need (2017), section 3.2.1",
    evidence=(
        finite_difference(cost, Q, substitute(by_queries, errors)),
        finite_difference(cost, K, substitute(by_keys, errors)),
    ),
)
