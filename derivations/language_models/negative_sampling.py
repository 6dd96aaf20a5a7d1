"""Skip-gram with negative sampling: one logistic regression for each word, in place of a softmax.

The softmax over a whole vocabulary is expensive. Instead, the word that came is told apart from a few words
drawn at random. The vector that predicts moves towards the one and away from the others, by how wrong each
guess is.
"""

from derivations import D, Derivation, begin, equals, equation
from derivations.evidence import finite_difference
from symbolic import (
    derivative_of,
    dims,
    log,
    matrix,
    named,
    outer,
    rules,
    sigmoid,
    softplus,
    sum,
    vector,
)

k, d = dims("k d")
u = vector("u", d)  # output vector of the word that came
N = matrix(
    "N", k, d
)  # output vectors of k words drawn at random, a word that is drawn twice in two rows
v = vector("v", d)  # vector of the word that predicts

loss = named("loss", -log(sigmoid(u @ v)) - sum(log(sigmoid(-(N @ v)))))
stable = softplus(-(u @ v)) + sum(softplus(N @ v))  # the same, without a logarithm of a probability
turned = softplus(u @ v) - u @ v + sum(softplus(N @ v))  # the same, with one sign

by_word = (sigmoid(u @ v) - 1) * u + N.T @ sigmoid(N @ v)
by_output = (sigmoid(u @ v) - 1) * v
by_drawn = outer(sigmoid(N @ v), v)

derivation = Derivation(
    given=(u, N, v),
    claim=(
        equation(D(loss, v), by_word),
        equation(D(loss, u), by_output),
        equation(D(loss, N), by_drawn),
    ),
    steps=(
        begin(D(loss, v), "The vector of the word that predicts"),
        equals(D(stable, v), by=rules.log_of_sigmoid),
        equals(D(turned, v), by=rules.reflection_of_softplus),
        equals(by_word, by=(rules.linearity, derivative_of(softplus), rules.linear_map)),
        begin(D(loss, u), "The output vector of the word that came"),
        equals(D(stable, u), by=rules.log_of_sigmoid),
        equals(D(turned, u), by=rules.reflection_of_softplus),
        equals(by_output, by=(rules.linearity, derivative_of(softplus), rules.linear_map)),
        begin(D(loss, N), "Those of the words drawn"),
        equals(D(stable, N), by=rules.log_of_sigmoid),
        equals(by_drawn, by=(rules.linearity, derivative_of(softplus), rules.linear_map)),
    ),
    source="Mikolov et al., Distributed Representations of Words and Phrases (2013), section 2.2",
    evidence=(
        finite_difference(loss, v, by_word),
        finite_difference(loss, N, by_drawn),
    ),
)
