"""The gradient through an inverse: minus the inverse on both sides.

Gaussian likelihoods, ridge regression and implicit layers are differentiated with it. No inverse has to be
formed: two systems are solved, one with the matrix and one with its transpose.
"""

from derivations import D, Derivation, begin, equals, equation, follows, implies
from derivations.rules.equations import multiply_left, rearranging
from symbolic import derivative_of, dims, inv, matrix, named, outer, rules, scalar, vector

(n,) = dims("n")
X = matrix("X", n, n)  # a matrix with an inverse
E = matrix("E", n, n)  # a direction in which it changes
t = scalar("t")  # how far
a = vector("a", n)  # left vector of a bilinear form
b = vector("b", n)  # right vector

Y = named("Y", X + t * E)  # the matrix on its way
change = D(inv(Y), t)

derivation = Derivation(
    given=(X, E, t, a, b),
    claim=(
        equation(D(Y @ inv(Y), t), E @ inv(Y) + Y @ change),
        follows(equation(E @ inv(Y) + Y @ change, 0), equation(change, -inv(Y) @ E @ inv(Y))),
        equation(D(a @ inv(X) @ b, X), -outer(inv(X).T @ a, inv(X) @ b)),
    ),
    steps=(
        begin(D(Y @ inv(Y), t), "The change of Y inv(Y), which is I and does not change"),
        equals(D(Y, t) @ inv(Y) + Y @ change, by=rules.product_rule),
        equals(E @ inv(Y) + Y @ change, by=(rules.linearity, rules.linear_map)),
        begin(equation(E @ inv(Y) + Y @ change, 0), "So the inverse changes by"),
        implies(Y @ change, -E @ inv(Y), by=rearranging),
        implies(change, -inv(Y) @ E @ inv(Y), by=(multiply_left(inv(Y)), rules.inverse)),
        begin(D(a @ inv(X) @ b, X), "The gradient of a bilinear form"),
        equals(
            -outer(inv(X).T @ a, inv(X) @ b),
            by=(rules.linearity, derivative_of(inv), rules.linear_map),
        ),
    ),
    source="Petersen, Pedersen, The Matrix Cookbook (2012), section 2.2",
)
