"""The temperature of a softmax: the entropy grows with it, as fast as the logits vary.

A language model divides its logits by a temperature before it draws the next token. The derivative of the
entropy by the temperature is a variance over its third power, so that more heat never means less choice.
"""

from derivations import D, Derivation, at_least, begin, equals, equation, inequality, right_to_left
from derivations.calculus import gradient_of_log_sum_exp, softmax_jacobian
from derivations.evidence import equality_case, finite_difference
from derivations.rules.inequalities import adding_nonnegative
from symbolic import (
    constant,
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
    through,
    vector,
)
from symbolic.calculus.logarithm_rules import definition_of_log_softmax

(k,) = dims("k")
z = vector("z", k)  # logits
T = scalar("T", domain="positive")  # the temperature
a = scalar("a")  # one logit that all tokens have

u = named("u", z / T)  # logits at this temperature
p = named("p", softmax(u))  # probability of each token
H = named("H", -p @ log(p))  # entropy
mu = named("mu", p @ z)  # mean of the logits
variance = p @ (z - mu) ** 2

entropy = equation(H, logsumexp(u) - p @ u)
slope = equation(D(H, T), variance / T**3)

derivation = Derivation(
    given=(z, T),
    claim=(entropy, slope, inequality(D(H, T), 0, ">=")),
    steps=(
        begin(H, "The entropy"),
        equals(-p @ log_softmax(u), by=rules.log_of_softmax),
        equals(sum(p) * logsumexp(u) - p @ u, by=definition_of_log_softmax),
        equals(entropy.right, by=rules.sums_to_one),
        begin(D(H, T), "Its derivative"),
        equals(D(logsumexp(u) - p @ u, T), by=entropy),
        equals(
            D(logsumexp(u), u) @ D(u, T) - p @ D(u, T) - u @ D(p, u) @ D(u, T),
            by=(rules.linearity, rules.product_rule, through(u)),
        ),
        equals(-u @ D(p, u) @ D(u, T), by=gradient_of_log_sum_exp.derivation),
        equals(
            (p @ z**2 - mu**2) / T**3,
            by=(softmax_jacobian.derivation, rules.linearity, rules.power_rule, rules.linear_map),
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
