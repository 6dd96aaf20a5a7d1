"""Word vectors by skip-gram: the errors of a softmax pull the vectors of words together and apart.

A word predicts the words around it by the dot products of its vector with the output vectors of all words.
The output vector of the word that came is pulled towards that vector; those of the others are pushed away,
each as strongly as its word was expected.
"""

from derivations import D, Derivation, begin, equals, equation
from derivations.calculus import matrix_product_vjp
from derivations.evidence import finite_difference
from derivations.neural_networks import softmax_cross_entropy
from symbolic import dims, einsum, log, matrix, mean, named, rules, softmax, sum, through

m, n, d = dims("m n d")
V = matrix("V", m, d)  # vectors of the words that predict, that of one pair of words a row
U = matrix("U", n, d)  # output vectors, one word of the vocabulary a row
Y = matrix("Y", m, n, domain="onehot")  # the word that came in each pair

Z = named("Z", V @ U.T)  # score of each word in each pair
P = named("P", softmax(Z, axis=1))  # its probability
loss = named("loss", -mean(sum(Y * log(P), axis=1)))  # mean surprise at the words that came

scores = equation(D(loss, Z), (P - Y) / m)

derivation = Derivation(
    given=(V, U, Y),
    claim=(
        scores,
        equation(D(loss, V), (P - Y) @ U / m),
        equation(D(loss, U), (P - Y).T @ V / m),
    ),
    steps=(
        begin(D(loss, Z), "The scores"),
        equals((P - Y) / m, by=softmax_cross_entropy.derivation),
        begin(D(loss, V), "The vectors of the words that predict"),
        equals(einsum("pq,pqij->ij", D(loss, Z), D(Z, V)), by=through(Z)),
        equals(einsum("pq,pqij->ij", (P - Y) / m, D(Z, V)), by=scores),
        equals((P - Y) @ U / m, by=matrix_product_vjp.derivation),
        begin(D(loss, U), "The output vectors"),
        equals(einsum("pq,pqij->ij", D(loss, Z), D(Z, U)), by=through(Z)),
        equals(einsum("pq,pqij->ij", (P - Y) / m, D(Z, U)), by=scores),
        equals((P - Y).T @ V / m, by=(rules.linearity, rules.linear_map)),
    ),
    source="Mikolov et al., Distributed Representations of Words and Phrases (2013), section 2",
    evidence=(
        finite_difference(loss, V, (P - Y) @ U / m),
        finite_difference(loss, U, (P - Y).T @ V / m),
    ),
)
