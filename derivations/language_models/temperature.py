"""The temperature of a softmax: the entropy grows with it, as fast as the logits vary.

A language model divides its logits by a temperature before it draws the next token. The derivative of the
entropy by the temperature is a variance over its third power, so that more heat never means less choice.
"""

from derivations import D, Derivation, at_least, begin, equals, equation, inequality, right_to_left
from derivations.evidence import equality_case, finite_difference
from derivations.rules.inequalities import adding_nonnegative
from symbolic import (
    constant,
    derivative_of,
    dims,
    log,
    log_softmax,
    logsumexp,
    named,
    ones,
    rules,
    scalar,
    softmax,
    sum,
    vector,
)
from symbolic.calculus.logarithm_rules import definition_of_log_softmax

(k,) = dims("k")
z = vector("z", k)  # logits
T = scalar("T", domain="positive")  # the temperature
a = scalar("a")  # one logit that all tokens have

p = named("p", softmax(z / T))  # probability of each token
H = named("H", -p @ log(p))  # entropy
mu = named("mu", p @ z)  # mean of the logits
variance = p @ (z - mu) ** 2

entropy = equation(H, logsumexp(z / T) - mu / T)
slope = equation(D(H, T), variance / T**3)

derivation = Derivation(
    given=(z, T),
    claim=(entropy, slope, inequality(D(H, T), 0, ">=")),
    steps=(
        begin(H, "The entropy"),
        equals(-p @ log_softmax(z / T), by=rules.log_of_softmax),
        equals(sum(p) * logsumexp(z / T) - mu / T, by=definition_of_log_softmax),
        equals(entropy.right, by=rules.sums_to_one),
        begin(D(H, T), "Its derivative"),
        equals(D(entropy.right, T), by=entropy),
        equals(
            -z @ D(p, T) / T,
            by=(
                rules.linearity,
                derivative_of(logsumexp),
                rules.product_rule,
                rules.linearity,
                rules.power_rule,
                rules.linear_map,
            ),
        ),
        equals(
            (p @ z**2 - mu**2) / T**3,
            by=(derivative_of(softmax), rules.linearity, rules.power_rule, rules.linear_map),
        ),
        equals(variance / T**3, by=right_to_left(rules.sums_to_one)),
        begin(D(H, T), "It is not negative"),
        equals(variance / T**3, by=slope),
        at_least(0, by=adding_nonnegative),
    ),
    source="Ackley, Hinton, Sejnowski, A Learning Algorithm for Boltzmann Machines (1985)",
    evidence=(
        finite_difference(H, T, slope.right),
        equality_case(constant(0), slope.right, at={z: a * ones(k)}),
    ),
)
