"""Distillation: the student's logits move by the difference of softened probabilities, times T.

The probabilities of a confident teacher say little beyond the label. Divided by a temperature T, its logits
tell how alike the wrong answers are. The gradient is small for large T, as each of both factors 1 / T says;
the cross-entropy is multiplied by T^2 to undo them.
"""

from derivations import D, Derivation, equals, equation
from derivations.calculus import gradient_of_log_sum_exp
from derivations.evidence import finite_difference
from symbolic import (
    dims,
    log,
    log_softmax,
    logsumexp,
    named,
    rules,
    scalar,
    softmax,
    sum,
    through,
    vector,
)
from symbolic.calculus.logarithm_rules import definition_of_log_softmax

(k,) = dims("k")
z = vector("z", k)  # logits of the student
t = vector("t", k)  # logits of the teacher
T = scalar("T")  # the temperature

u = named("u", z / T)  # the student's logits, softened
p = named("p", softmax(u))  # the student's probabilities
q = named("q", softmax(t / T))  # the teacher's
loss = named("loss", -(T**2) * q @ log(p))  # cross-entropy, times T^2

derivation = Derivation(
    given=(z, t, T),
    claim=equation(D(loss, z), T * (p - q)),
    steps=(
        equals(D(-(T**2) * q @ log_softmax(u), z), by=rules.log_of_softmax),
        equals(D(-(T**2) * q @ (u - logsumexp(u)), z), by=definition_of_log_softmax),
        equals(
            T**2 * sum(q) * D(logsumexp(u), u) @ D(u, z) - T * q,
            by=(rules.linearity, rules.linear_map, through(u)),
        ),
        equals(
            T * (sum(q) * p - q),
            by=(gradient_of_log_sum_exp.derivation, rules.linearity, rules.linear_map),
        ),
        equals(T * (p - q), by=rules.sums_to_one),
    ),
    source="Hinton, Vinyals, Dean, Distilling the Knowledge in a Neural Network (2015), section 2",
    evidence=(finite_difference(loss, z, T * (p - q)),),
)
