"""The evidence lower bound (ELBO), and how far it is from the evidence.

The probability of an observation under a model with a latent variable is a sum that is too long to add
up. Any distribution q of the latent variable gives a lower bound that needs only samples from q; the gap
is the divergence of q from the posterior, so that raising the bound also improves the posterior.
"""

from sympy import Eq, Function, Lambda, Sum, Symbol, log

from derivations import (
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    inequality,
    lemma,
    right_to_left,
)
from derivations.evidence import identity_on_random_data
from derivations.information_theory import kl_divergence_nonnegative as gibbs
from symbolic import dims, vector
from symbolic import log as log_of
from symbolic import sum as total
from symbolic.scalars.elementary import definition_of, log_of_product
from symbolic.scalars.probability import expectation_under_law, linearity
from symbolic.scalars.random_variables import E, HasMass, RandomVariable

K = Symbol("K", integer=True, positive=True)  # number of values of the latent variable
Z = RandomVariable("Z", integer=True)  # latent variable, drawn from q
q = Function("q", positive=True)  # the distribution that approximates the posterior
posterior = Function("r", positive=True)  # p(z | x) for the observation x
joint = Function("p", positive=True)  # p(x, z) for the observation x
evidence = Symbol("c", real=True)  # p(x), the probability of the observation

z = Symbol("z", integer=True)
bound = E(log(joint(Z) / q(Z)))
divergence = E(log(q(Z) / posterior(Z)))
gap = Sum(q(z) * log(q(z) / posterior(z)), (z, 1, K))

decomposition = equation(log(evidence), bound + divergence)

(m,) = dims("m")
a = vector("a", m, domain="positive")  # p(x, z) for each z, so that p(x) is their sum
b = vector("b", m, domain="prob")  # q(z) for each z

derivation = Derivation(
    given=(
        K,
        Z,
        q,
        posterior,
        joint,
        evidence,
        HasMass(Z, Lambda(z, q(z)), 1, K),
        Eq(joint(z), posterior(z) * evidence),
        Eq(Sum(q(z), (z, 1, K)), 1),
        Eq(Sum(posterior(z), (z, 1, K)), 1),
    ),
    claim=(decomposition, inequality(bound, log(evidence))),
    steps=(
        begin(log(evidence), "The evidence is the bound plus a divergence"),
        equals(E(log(evidence)), by=right_to_left(linearity)),
        equals(E(log(joint(Z) / posterior(Z))), by=right_to_left(definition_of(joint))),
        equals(
            E(log(joint(Z) / q(Z)) + log(q(Z) / posterior(Z))),
            by=(log_of_product, right_to_left(log_of_product)),
        ),
        equals(bound + divergence, by=linearity),
        begin(bound, "So it is a bound"),
        at_most(bound + gap, by=lemma(gibbs.derivation, {gibbs.p: q, gibbs.q: posterior})),
        equals(bound + divergence, by=right_to_left(expectation_under_law)),
        equals(log(evidence), by=right_to_left(decomposition)),
    ),
    source="Kingma and Welling, Auto-Encoding Variational Bayes (2014), section 2.2",
    evidence=(
        identity_on_random_data(
            log_of(total(a)), total(b * log_of(a / b)) + total(b * log_of(b / (a / total(a))))
        ),
    ),
)
