"""The Cauchy-Schwarz inequality: an inner product is at most the product of the lengths.

It makes the cosine of the angle between two vectors, and every correlation, a number from -1 to 1. The
difference of the squares is itself a sum of squares, zero exactly when the vectors are parallel.
"""

from derivations import Derivation, at_most, begin, equals, inequality, right_to_left
from derivations.evidence import equality_case
from derivations.rules.inequalities import adding_nonnegative, comparing_squares
from symbolic import abs, dims, norm, outer, rules, vector

(n,) = dims("n")
a = vector("a", n)  # two vectors of one length
b = vector("b", n)  # two vectors of one length

wedge = outer(a, b) - outer(b, a)  # zero when a and b are parallel
squares = inequality((a @ b) ** 2, norm(a) ** 2 * norm(b) ** 2)

derivation = Derivation(
    given=(a, b),
    claim=(squares, inequality(abs(a @ b), norm(a) * norm(b))),
    steps=(
        begin((a @ b) ** 2, "Squared: Lagrange's identity"),
        at_most((a @ b) ** 2 + norm(wedge) ** 2 / 2, by=adding_nonnegative),
        equals((a @ a) * (b @ b), by=rules.squared_norm),
        equals(norm(a) ** 2 * norm(b) ** 2, by=right_to_left(rules.squared_norm)),
        begin(abs(a @ b), "The inequality"),
        at_most(norm(a) * norm(b), by=comparing_squares(squares)),
    ),
    source="Steele, The Cauchy-Schwarz Master Class (2004), chapter 3",
    evidence=(equality_case(abs(a @ b), norm(a) * norm(b), at={a: 2 * b}),),
)
