"""The gradient of softmax cross-entropy is prediction minus target.

The exponentials cancel, because log-sum-exp has the softmax as its own gradient: this is why the
last layer of a classifier starts backpropagation with such a simple error.
"""

from derivations import D, Derivation, equals, equation, lemma
from derivations.calculus import gradient_of_log_sum_exp
from derivations.evidence import finite_difference, float_error
from symbolic import dims, log, log_softmax, logsumexp, matrix, mean, named, rules, softmax, sum
from symbolic.calculus.logarithm_rules import definition_of_log_softmax

m, k = dims("m k")
Z = matrix("Z", m, k)  # logits, one example a row
Y = matrix("Y", m, k, domain="prob")  # target distributions; one-hot rows for class labels

P = named("P", softmax(Z, axis=1))  # predicted probabilities
loss = -mean(sum(Y * log(P), axis=1))
gradient = (P - Y) / m
stable = -sum(Y * log_softmax(Z, axis=1)) / m  # the same, without a logarithm of a probability

derivation = Derivation(
    given=(Z, Y),
    claim=equation(D(loss, Z), gradient),
    steps=(
        equals(D(stable, Z), by=rules.log_of_softmax),
        equals(
            D(sum(Y, axis=1) @ logsumexp(Z, axis=1) / m - sum(Y * Z) / m, Z),
            by=definition_of_log_softmax,
        ),
        equals(
            D(sum(logsumexp(Z, axis=1)) / m - sum(Y * Z) / m, Z),
            by=rules.sums_to_one,
        ),
        equals(
            gradient,
            by=(
                rules.linearity,
                lemma(gradient_of_log_sum_exp.derivation, claim=5),
                rules.linear_map,
            ),
        ),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.4",
    evidence=(
        finite_difference(loss, Z, gradient),
        float_error(loss, stable, at={Z: ((0, 800, 799),), Y: ((1, 0, 0),)}),
    ),
)
