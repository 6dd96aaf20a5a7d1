"""The area under the ROC curve (AUC) is the probability that a positive is ranked above a negative.

The area sums the true positive rate over the false positive rate, as the threshold moves. Seen for one
positive and one negative, it is the chance that the positive has the higher score: AUC measures how well
scores are ordered, and not how well they are calibrated.
"""

from sympy import Derivative, Function, Integral, Rational, Symbol

from derivations import Derivation, begin, equals, equation
from derivations.evidence import quadrature
from symbolic.scalars import integrals

p = Function("p", real=True)  # density of the scores of positives, on 0..1
q = Function("q", real=True)  # density of the scores of negatives, on 0..1
t = Symbol("t", real=True)  # threshold
s = Symbol("s", real=True)

true_positive_rate = Integral(p(s), (s, t, 1))
false_positive_rate = Integral(q(s), (s, t, 1))  # falls from 1 to 0 as the threshold rises
area = -Integral(true_positive_rate * Derivative(false_positive_rate, t), (t, 0, 1))

ordered_pairs = Integral(p(s) * q(t), (s, t, 1), (t, 0, 1))  # the chance that s > t
by_threshold = equation(area, ordered_pairs)

derivation = Derivation(
    given=(p, q),
    claim=(
        by_threshold,
        equation(area, Integral(p(s) * Integral(q(t), (t, 0, s)), (s, 0, 1))),
    ),
    steps=(
        begin(area, "Threshold by threshold: the chance that the positive scores higher"),
        equals(
            Integral(q(t) * true_positive_rate, (t, 0, 1)),
            by=(integrals.fundamental_theorem, integrals.constant_factor),
        ),
        equals(ordered_pairs, by=integrals.iterated_integral),
        begin(area, "Positive by positive: the share of negatives that it beats"),
        equals(ordered_pairs, by=by_threshold),
        equals(Integral(p(s) * q(t), (t, 0, s), (s, 0, 1)), by=integrals.order_of_integration),
        equals(Integral(p(s) * Integral(q(t), (t, 0, s)), (s, 0, 1)), by=integrals.constant_factor),
    ),
    source="Hanley and McNeil, The meaning and use of the area under a receiver operating"
    " characteristic (ROC) curve, Radiology 143 (1982)",
    evidence=(  # with p(s) = 2 s and q(t) = 2 (1 - t)
        quadrature(Integral((1 - t**2) * 2 * (1 - t), (t, 0, 1)), Rational(5, 6)),
        quadrature(Integral(2 * s * 2 * (1 - t), (s, t, 1), (t, 0, 1)), Rational(5, 6)),
    ),
)
