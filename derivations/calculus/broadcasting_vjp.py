"""What is broadcast forwards is summed backwards.

A bias is repeated along the axes it does not have, so each of its entries is used many times, and its
gradient adds up the errors of all these uses. The commonest slip in a backward pass is to forget that sum.
"""

from derivations import D, Derivation, begin, equals, equation
from symbolic import dims, einsum, matrix, named, rules, scalar, sum, through, unspecified, vector

n, d = dims("n d")
X = matrix("X", n, d)  # what has both axes
a = vector("a", n)  # a column, one number for each row
b = vector("b", d)  # a row, one number for each column
s = scalar("s")  # one number for all entries
g = vector("g", d)  # a factor for each column

Y = named("Y", g * X + a[:, None] + b + s)  # all of them broadcast to one shape
C = unspecified("C", Y)  # any cost
Y_bar = named("Y_bar", D(C, Y))  # errors of the result

derivation = Derivation(
    given=(X, a, b, s, g),
    claim=(
        equation(D(C, b), sum(Y_bar, axis=0)),
        equation(D(C, a), sum(Y_bar, axis=1)),
        equation(D(C, s), sum(Y_bar)),
        equation(D(C, g), sum(Y_bar * X, axis=0)),
        equation(D(C, X), g * Y_bar),
    ),
    steps=(
        begin(D(C, b), "A row, repeated down the columns"),
        equals(einsum("ij,ijp->p", Y_bar, D(Y, b)), by=through(Y)),
        equals(sum(Y_bar, axis=0), by=(rules.linearity, rules.linear_map)),
        begin(D(C, a), "A column, repeated along the rows"),
        equals(einsum("ij,ijp->p", Y_bar, D(Y, a)), by=through(Y)),
        equals(sum(Y_bar, axis=1), by=(rules.linearity, rules.linear_map)),
        begin(D(C, s), "One number for all entries"),
        equals(einsum("ij,ij->", Y_bar, D(Y, s)), by=through(Y)),
        equals(sum(Y_bar), by=(rules.linearity, rules.linear_map)),
        begin(D(C, g), "A factor, repeated down the columns"),
        equals(einsum("ij,ijp->p", Y_bar, D(Y, g)), by=through(Y)),
        equals(sum(Y_bar * X, axis=0), by=(rules.linearity, rules.linear_map)),
        begin(D(C, X), "What is not repeated"),
        equals(einsum("ij,ijpq->pq", Y_bar, D(Y, X)), by=through(Y)),
        equals(g * Y_bar, by=(rules.linearity, rules.linear_map)),
    ),
)
