"""With tied scores the area under the ROC curve (AUC) counts each tie as half a win.

At a score that positives and negatives share, the ROC curve moves up and to the right at once. A straight
line between its corners, as in the trapezoid rule, gives each tie one half, as tossing a coin would.
Without ties only the chance is left that a positive is ranked above a negative.
"""

from sympy import Eq, Rational, Sum, Symbol

from derivations import Derivation, equals, equation, right_to_left
from derivations.evidence import finite_distribution
from symbolic.scalars.probability import independent_events, sum_rule, ties_apart, value_in_event
from symbolic.scalars.random_variables import Independent, P, RandomVariable, TakesValues
from symbolic.scalars.sums import linearity

K = Symbol("K", integer=True, positive=True)  # number of different scores
s = RandomVariable("s", integer=True)  # score of a positive
r = RandomVariable("r", integer=True)  # score of a negative

t = Symbol("t", integer=True)  # threshold; what reaches it is called positive
half = Rational(1, 2)
width = P(r >= t) - P(r > t)  # false positive rate with t, less the one beyond t
height = (P(s >= t) + P(s > t)) / 2  # mean true positive rate on this stretch
area = Sum(width * height, (t, 1, K))

derivation = Derivation(
    given=(K, s, r, TakesValues(r, 1, K), Independent(s, r)),
    claim=equation(area, P(s > r) + half * P(Eq(s, r))),
    steps=(
        equals(Sum(P(Eq(r, t)) * (2 * P(s > t) + P(Eq(s, t))) / 2, (t, 1, K)), by=ties_apart),
        equals(
            Sum(P(s > t) * P(Eq(r, t)), (t, 1, K))
            + half * Sum(P(Eq(s, t)) * P(Eq(r, t)), (t, 1, K)),
            by=linearity,
        ),
        equals(
            Sum(P((s > t) & Eq(r, t)), (t, 1, K)) + half * Sum(P(Eq(s, t) & Eq(r, t)), (t, 1, K)),
            by=right_to_left(independent_events),
        ),
        equals(
            Sum(P((s > r) & Eq(r, t)), (t, 1, K)) + half * Sum(P(Eq(s, r) & Eq(r, t)), (t, 1, K)),
            by=right_to_left(value_in_event),
        ),
        equals(P(s > r) + half * P(Eq(s, r)), by=sum_rule(r)),
    ),
    source="Hanley and McNeil, The meaning and use of the area under a receiver operating"
    " characteristic (ROC) curve, Radiology 143 (1982)",
    evidence=(
        finite_distribution(
            area,
            P(s > r) + half * P(Eq(s, r)),
            on=(TakesValues(s, 1, K), TakesValues(r, 1, K), Independent(s, r)),
        ),
    ),
)
