"""EM never lowers the log-likelihood: it gains at least what the M-step gains.

The M-step raises Q, the expected log-likelihood under the responsibilities of the old parameters. What Q
leaves out is the relative entropy of the old responsibilities and the new ones, which is never negative.
With mean responsibilities as weights, nothing is left but to fit each component to its share of the data.
"""

from derivations import (
    Derivation,
    at_least,
    begin,
    equals,
    equation,
    inequality,
    lemma,
    right_to_left,
)
from derivations.evidence import descent, equality_case
from derivations.information_theory import cross_entropy
from derivations.rules.inequalities import scaled
from derivations.unsupervised import gaussian_mixture_em as em
from symbolic import (
    dims,
    log,
    logsumexp,
    matrix,
    mean,
    named,
    ones,
    rules,
    softmax,
    sum,
    vector,
    zeros,
)

n, k = dims("n k")
G = matrix("G", n, k)  # log densities of the k components at the n observations
H = matrix("H", n, k)  # and after the M-step
w = vector("w", k, domain="prob")  # weights of the components

Z = named("Z", log(w) + G)  # log of weight times density
R = named("R", softmax(Z, axis=1))  # responsibilities
u = named("u", mean(R, axis=0))  # weights after the M-step
Y = named("Y", log(u) + H)  # log of weight times density after the M-step
S = named("S", softmax(Y, axis=1))  # responsibilities after the M-step
ell = named("ell", sum(logsumexp(Z, axis=1)))  # log-likelihood
gain = named("gain", sum(logsumexp(Y, axis=1)) - ell)  # of the log-likelihood
expected_gain = named("gain_Q", sum(R * Y) - sum(R * Z))  # of the expected log-likelihood
gap = sum(R * (log(R) - log(S)))  # relative entropy of R and S
components = sum(R * H) - sum(R * G)  # what fitting the components gains

split = equation(gain, expected_gain + gap)
above_expected = inequality(gain, expected_gain, ">=")
above_components = inequality(expected_gain, components, ">=")

derivation = Derivation(
    given=(G, H, w),
    claim=(split, above_expected, above_components, inequality(gain, components, ">=")),
    steps=(
        begin(gain, "The gain of Q, and what it leaves out"),
        equals(
            sum(R * (Y - log(R))) + gap - sum(R * (Z - log(R))),
            by=(
                right_to_left(lemma(em.derivation, claim=2)),
                right_to_left(lemma(em.derivation, claim=4)),
            ),
        ),
        equals(expected_gain + gap, by=rules.algebra),
        begin(gain, "The log-likelihood gains at least as much as Q"),
        equals(expected_gain + gap, by=split),
        at_least(expected_gain, by=scaled(cross_entropy.derivation, claim=3)),
        begin(expected_gain, "Q gains at least as much as the components"),
        equals(n * sum(u * (log(u) - log(w))) + components, by=rules.algebra),
        at_least(components, by=scaled(cross_entropy.derivation, claim=2)),
        begin(
            gain,
            "So if no component fits its share worse than before, the log-likelihood does not fall",
        ),
        at_least(expected_gain, by=above_expected),
        at_least(components, by=above_components),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 9.4",
    evidence=(
        equality_case(expected_gain, gain, at={G: zeros(n, k), H: zeros(n, k)}),
        descent(-ell, w, u, ones(k) / k, at={n: 5, k: 3}),
    ),
)
