"""Direct preference optimization: a policy is its own reward model.

Maximising reward with a penalty for leaving the reference has an exact solution: the reference
reweighed by exp(r / beta). Solved for the reward, the unknown normaliser cancels in a comparison of two
answers, so the Bradley-Terry model of preferences trains the policy without a reward model.
"""

from derivations import (
    D,
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    inequality,
    right_to_left,
)
from derivations.evidence import finite_difference, float_error, never_better
from derivations.information_theory import cross_entropy
from derivations.rules.inequalities import scaled
from symbolic import (
    derivative_of,
    dims,
    log,
    logsumexp,
    named,
    rules,
    scalar,
    sigmoid,
    softmax,
    softplus,
    sum,
    vector,
)
from symbolic.calculus.logarithm_rules import definition_of_log_softmax, log_of_product

(k,) = dims("k")
r = vector("r", k)  # reward of each answer
rho = vector("rho", k, domain="positive")  # the reference policy
p = vector("p", k, domain="prob")  # any policy
a = vector("a", k, domain="onehot")  # the answer preferred
b = vector("b", k, domain="onehot")  # the other one
beta = scalar("beta", domain="positive")  # price of leaving the reference
margin = scalar("margin")  # log-ratio of the preferred answer less that of the other

score = log(rho) + r / beta
best = named("best", softmax(score))  # the reference reweighed by the reward
normaliser = named("log_Z", logsumexp(score))  # log of its normaliser
J = named("J", p @ r - beta * sum(p * log(p / rho)))  # reward less penalty
divergence = sum(p * log(p / best))  # KL divergence from the best policy

exact = equation(J, beta * normaliser - beta * divergence)
reward = equation(beta * log(best / rho) + beta * normaliser, r)
loss = named("loss", -log(sigmoid(beta * margin)))  # of a preference, by Bradley and Terry

derivation = Derivation(
    given=(r, rho, p, a, b, beta, margin),
    claim=(
        exact,
        inequality(J, beta * normaliser),
        reward,
        equation(beta * a @ log(best / rho) - beta * b @ log(best / rho), a @ r - b @ r),
        equation(D(loss, margin), -beta * sigmoid(-beta * margin)),
    ),
    steps=(
        begin(J, "Reward less penalty"),
        equals(beta * p @ score - beta * sum(p * log(p)), by=log_of_product),
        equals(
            beta * p @ (log(best) + normaliser) - beta * sum(p * log(p)),
            by=(right_to_left(definition_of_log_softmax), right_to_left(rules.log_of_softmax)),
        ),
        equals(beta * normaliser - beta * sum(p * (log(p) - log(best))), by=rules.sums_to_one),
        equals(beta * normaliser - beta * divergence, by=right_to_left(log_of_product)),
        begin(J, "So the best policy is the one without divergence"),
        equals(beta * normaliser - beta * divergence, by=exact),
        equals(beta * normaliser - beta * sum(p * (log(p) - log(best))), by=log_of_product),
        at_most(beta * normaliser, by=scaled(cross_entropy.derivation, claim=2)),
        begin(reward.left, "The reward that a policy is best for"),
        equals(beta * log(best) - beta * log(rho) + beta * normaliser, by=log_of_product),
        equals(r, by=(rules.log_of_softmax, definition_of_log_softmax)),
        begin(
            beta * a @ log(best / rho) - beta * b @ log(best / rho),
            "In a comparison the normaliser cancels",
        ),
        equals(a @ reward.left - b @ reward.left, by=right_to_left(rules.sums_to_one)),
        equals(a @ r - b @ r, by=reward),
        begin(D(loss, margin), "The gradient of the loss"),
        equals(D(softplus(-beta * margin), margin), by=rules.log_of_sigmoid),
        equals(-beta * sigmoid(-beta * margin), by=(derivative_of(softplus), rules.linear_map)),
    ),
    source="Rafailov et al., Direct Preference Optimization (2023), section 4",
    evidence=(
        never_better(J, p, best, kind="maximum"),
        finite_difference(loss, margin, -beta * sigmoid(-beta * margin)),
        float_error(loss, softplus(-beta * margin), at={beta: 1, margin: -800}),
    ),
)
