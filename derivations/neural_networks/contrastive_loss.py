"""The gradient of a contrastive loss: each vector is pulled to its partner and pushed off the others.

Among all second halves of a batch of pairs, each first half has to find its partner: this is softmax
cross-entropy with the partner as label. At a low temperature the push is on the nearest wrong ones alone.
"""

from derivations import D, Derivation, begin, equals, equation
from derivations.evidence import finite_difference
from derivations.neural_networks import softmax_cross_entropy
from symbolic import dims, einsum, log, matrix, mean, named, rules, scalar, softmax, sum, through

n, m, d = dims("n m d")
A = matrix("A", n, d)  # first halves of the pairs, one a row
B = matrix("B", m, d)  # second halves, among which the partners are found
Y = matrix("Y", n, m, domain="onehot")  # the partner of each: the identity for pairs in one order
tau = scalar("tau")  # the temperature

S = named("S", A @ B.T / tau)  # score of each pair
P = named("P", softmax(S, axis=1))  # which second half each first one picks
loss = named("loss", -mean(sum(Y * log(P), axis=1)))  # cross-entropy of the partners

scores = equation(D(loss, S), (P - Y) / n)

derivation = Derivation(
    given=(A, B, Y, tau),
    claim=(
        scores,
        equation(D(loss, A), (P - Y) @ B / (n * tau)),
        equation(D(loss, B), (P - Y).T @ A / (n * tau)),
    ),
    steps=(
        begin(D(loss, S), "The scores"),
        equals((P - Y) / n, by=softmax_cross_entropy.derivation),
        begin(D(loss, A), "The first halves"),
        equals(einsum("pq,pqij->ij", D(loss, S), D(S, A)), by=through(S)),
        equals(einsum("pq,pqij->ij", (P - Y) / n, D(S, A)), by=scores),
        equals((P - Y) @ B / (n * tau), by=(rules.linearity, rules.linear_map)),
        begin(D(loss, B), "The second halves"),
        equals(einsum("pq,pqij->ij", D(loss, S), D(S, B)), by=through(S)),
        equals(einsum("pq,pqij->ij", (P - Y) / n, D(S, B)), by=scores),
        equals((P - Y).T @ A / (n * tau), by=(rules.linearity, rules.linear_map)),
    ),
    source="van den Oord et al., Representation Learning with Contrastive Predictive Coding (2018)",
    evidence=(finite_difference(loss, A, (P - Y) @ B / (n * tau)),),
)
