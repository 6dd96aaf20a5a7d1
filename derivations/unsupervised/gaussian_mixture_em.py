"""EM for a Gaussian mixture: a lower bound of the log-likelihood, raised in two ways in turn.

The E-step closes the gap: the best distributions over the components are the posterior ones. The
M-step moves the parameters to averages weighted by them. Neither lowers the bound, which touches the
log-likelihood after every E-step: so the log-likelihood never falls.
"""

from derivations import (
    D,
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    follows,
    implies,
    inequality,
    right_to_left,
)
from derivations.evidence import descent, float_error, never_better
from derivations.information_theory import cross_entropy
from derivations.rules.equations import multiply_both_sides, normalizing, rearranging
from derivations.rules.inequalities import scaled
from symbolic import (
    derivative_of,
    dims,
    exp,
    log,
    log_softmax,
    logsumexp,
    matrix,
    mean,
    named,
    ones,
    rules,
    scalar,
    softmax,
    sum,
    vector,
)
from symbolic.calculus.exponential_rules import exp_of_sum
from symbolic.calculus.logarithm_rules import definition_of_log_softmax

n, k = dims("n k")
G = matrix("G", n, k)  # log densities of the k components at the n observations
w = vector("w", k, domain="prob")  # weights of the components
Q = matrix("Q", n, k, domain="prob")  # any distributions over the components
lam = scalar("lam")  # Lagrange multiplier of sum(w) = 1

Z = named("Z", log(w) + G)  # log of weight times density
R = named("R", softmax(Z, axis=1))  # responsibilities
ell = named("ell", sum(logsumexp(Z, axis=1)))  # log-likelihood
bound = named("bound", sum(Q * (Z - log(Q))))  # evidence lower bound
gap = named("gap", sum(Q * (log(Q) - log(R))))  # relative entropy of Q and R
split = equation(bound + gap, ell)

J = named("J", sum(Q * log(w)) - lam * (sum(w) - 1))  # the bound in w, with its Lagrange term
by_weights = sum(Q, axis=0) / w - lam

a = vector("a", 2)  # log of weight times density, far from the data

derivation = Derivation(
    given=(G, w, Q, lam),
    claim=(
        equation(w * exp(G) / sum(w * exp(G), axis=1)[:, None], R),
        split,
        inequality(bound, ell),
        equation(sum(R * (Z - log(R))), ell),
        equation(D(J, w), by_weights),
        follows(equation(by_weights, 0), equation(w, mean(Q, axis=0))),
    ),
    steps=(
        begin(w * exp(G) / sum(w * exp(G), axis=1)[:, None], "The posterior, by Bayes"),
        equals(exp(Z) / sum(exp(Z), axis=1)[:, None], by=right_to_left(exp_of_sum)),
        equals(R, by=rules.definition_of_softmax),
        begin(bound + gap, "The bound and its gap"),
        equals(sum(Q * (Z - log_softmax(Z, axis=1))), by=rules.log_of_softmax),
        equals(sum(Q * logsumexp(Z, axis=1)[:, None]), by=definition_of_log_softmax),
        equals(ell, by=rules.sums_to_one),
        begin(bound, "It is a bound, because the gap is never negative"),
        at_most(bound + gap, by=scaled(cross_entropy.derivation, claim=3)),
        equals(ell, by=split),
        begin(sum(R * (Z - log(R))), "E-step: with the responsibilities it is tight"),
        equals(sum(R * (Z - log_softmax(Z, axis=1))), by=rules.log_of_softmax),
        equals(ell, by=(definition_of_log_softmax, rules.sums_to_one)),
        begin(D(J, w), "M-step: how the bound changes with the weights"),
        equals(by_weights, by=(rules.linearity, derivative_of(log), rules.linear_map)),
        begin(equation(by_weights, 0), "The best weights are mean responsibilities"),
        implies(sum(Q, axis=0), lam * w, by=(multiply_both_sides(w), rearranging)),
        implies(w, mean(Q, axis=0), by=(normalizing, rules.sums_to_one, rearranging)),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), sections 9.2-9.4",
    evidence=(
        never_better(sum(Q * log(w)), w, mean(Q, axis=0), kind="maximum", at={n: 5, k: 3}),
        float_error(naive=exp(a) / sum(exp(a)), stable=softmax(a), at={a: (-800, -801)}),
        descent(-ell, w, mean(R, axis=0), ones(k) / k, at={n: 5, k: 3}),
    ),
)
