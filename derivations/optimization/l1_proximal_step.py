"""The proximal step of the L1 norm is the soft threshold.

Minimising a squared distance plus lambda |x| moves v towards zero by lambda, at most to zero: this is why
the lasso sets coefficients to exactly zero. There are three cases; in each |x| is bounded from below by a
line, and a square is left that only one x makes zero.
"""

from sympy import Abs, Max, Rational, Symbol, sign

from derivations import Derivation, at_least, begin, equals, inequality, right_to_left
from derivations.evidence import never_better
from symbolic.scalars.elementary import algebra
from symbolic.scalars.inequalities import absolute_value, bounded_by, square

lam = Symbol("lambda", positive=True)  # strength of the penalty
x = Symbol("x", real=True)  # any point
a = Symbol("a", real=True)  # how far v is beyond: v = lambda + a, or -(lambda + a)
s = Symbol("s", real=True)  # in between: v = s lambda
v = Symbol("v", real=True)  # what is thresholded

half = Rational(1, 2)
above = (x - (lam + a)) ** 2 / 2 + lam * Abs(x)
below = (x + (lam + a)) ** 2 / 2 + lam * Abs(x)
between = (x - s * lam) ** 2 / 2 + lam * Abs(x)

derivation = Derivation(
    given=(lam, x, a, s, a >= 0, s >= -1, s <= 1),
    claim=(
        inequality(above, above.subs(x, a), ">="),
        inequality(below, below.subs(x, -a), ">="),
        inequality(between, between.subs(x, 0), ">="),
    ),
    steps=(
        begin(above, "Above lambda: the minimum is at x = v - lambda"),
        at_least((x - (lam + a)) ** 2 / 2 + lam * x, by=bounded_by(lam * x, lam * Abs(x))),
        equals((x - a) ** 2 / 2 + lam * a + lam**2 / 2, by=algebra),
        at_least(lam * a + lam**2 / 2, by=square(x - a, half)),
        equals(lam * Abs(a) + lam**2 / 2, by=right_to_left(absolute_value)),
        begin(below, "Below -lambda: the minimum is at x = v + lambda"),
        at_least((x + (lam + a)) ** 2 / 2 - lam * x, by=bounded_by(-lam * x, lam * Abs(x))),
        equals((x + a) ** 2 / 2 + lam * a + lam**2 / 2, by=algebra),
        at_least(lam * a + lam**2 / 2, by=square(x + a, half)),
        equals(lam * Abs(a) + lam**2 / 2, by=right_to_left(absolute_value)),
        begin(between, "In between: the minimum is at zero"),
        at_least((x - s * lam) ** 2 / 2 + lam * s * x, by=bounded_by(lam * s * x, lam * Abs(x))),
        equals(x**2 / 2 + s**2 * lam**2 / 2, by=algebra),
        at_least(s**2 * lam**2 / 2, by=square(x, half)),
    ),
    source="Parikh and Boyd, Proximal Algorithms (2014), section 6.5.2",
    evidence=(never_better((x - v) ** 2 / 2 + lam * Abs(x), x, sign(v) * Max(Abs(v) - lam, 0)),),
)
