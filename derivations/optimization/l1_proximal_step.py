"""The proximal step of the L1 norm is the soft threshold.

Minimising a squared distance plus lambda |x| moves v towards zero by lambda, at most to zero: this is why
the lasso sets coefficients to exactly zero. There are three cases, and sign(v) max(|v| - lambda, 0) is the
minimum in each: |x| is bounded from below by a line, and a square is left that only one x makes zero.
"""

from sympy import Abs, Max, Rational, Symbol, sign

from derivations import Derivation, at_least, begin, equals, equation, inequality, right_to_left
from derivations.evidence import never_better
from symbolic.scalars.elementary import algebra
from symbolic.scalars.inequalities import absolute_value, bounded_by, sign_and_maximum, square

lam = Symbol("lambda", positive=True)  # strength of the penalty
x = Symbol("x", real=True)  # any point
d = Symbol("delta", real=True)  # how far v is beyond: v = lambda + delta, or -(lambda + delta)
w = Symbol("w", real=True)  # v in between, from -lambda to lambda
v = Symbol("v", real=True)  # what is thresholded

half = Rational(1, 2)
cost = (x - v) ** 2 / 2 + lam * Abs(x)  # what is minimised
threshold = sign(v) * Max(Abs(v) - lam, 0)  # where it is least

above, below, between = cost.subs(v, lam + d), cost.subs(v, -(lam + d)), cost.subs(v, w)

derivation = Derivation(
    given=(lam, x, d, w, d >= 0, w >= -lam, w <= lam),
    claim=(
        equation(threshold.subs(v, lam + d), d),
        inequality(above, above.subs(x, d), ">="),
        equation(threshold.subs(v, -(lam + d)), -d),
        inequality(below, below.subs(x, -d), ">="),
        equation(threshold.subs(v, w), 0),
        inequality(between, between.subs(x, 0), ">="),
    ),
    steps=(
        begin(threshold.subs(v, lam + d), "Above lambda the formula takes lambda away"),
        equals(Abs(lam + d) - lam, by=sign_and_maximum),
        equals(d, by=absolute_value),
        begin(above, "And that is the minimum"),
        at_least((x - (lam + d)) ** 2 / 2 + lam * x, by=bounded_by(lam * x, lam * Abs(x))),
        equals((x - d) ** 2 / 2 + lam * d + lam**2 / 2, by=algebra),
        at_least(lam * d + lam**2 / 2, by=square(x - d, half)),
        equals(lam * Abs(d) + lam**2 / 2, by=right_to_left(absolute_value)),
        begin(threshold.subs(v, -(lam + d)), "Below -lambda it adds lambda"),
        equals(lam - Abs(lam + d), by=sign_and_maximum),
        equals(-d, by=absolute_value),
        begin(below, "And that is the minimum"),
        at_least((x + (lam + d)) ** 2 / 2 - lam * x, by=bounded_by(-lam * x, lam * Abs(x))),
        equals((x + d) ** 2 / 2 + lam * d + lam**2 / 2, by=algebra),
        at_least(lam * d + lam**2 / 2, by=square(x + d, half)),
        equals(lam * Abs(d) + lam**2 / 2, by=right_to_left(absolute_value)),
        begin(threshold.subs(v, w), "In between it gives zero"),
        equals(0, by=sign_and_maximum),
        begin(between, "And that is the minimum"),
        at_least((x - w) ** 2 / 2 + w * x, by=bounded_by(w * x, lam * Abs(x))),
        equals(x**2 / 2 + w**2 / 2, by=algebra),
        at_least(w**2 / 2, by=square(x, half)),
    ),
    source="Parikh and Boyd, Proximal Algorithms (2014), section 6.5.2",
    evidence=(never_better(cost, x, threshold),),
)
