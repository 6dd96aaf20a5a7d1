"""The dual of the soft-margin support vector machine: only inner products of examples are left.

Where the Lagrangian is stationary the weights are a combination of the examples, and what remains is
a quadratic function of the multipliers. The data enter it through the Gram matrix alone, and a
kernel can take its place.
"""

from derivations import D, Derivation, begin, equals, equation, follows, implies
from derivations.evidence import identity_on_random_data, stationary_point
from derivations.rules.equations import rearranging, substituting_in
from symbolic import dims, matrix, named, rules, scalar, sum, vector

n, d = dims("n d")
X = matrix("X", n, d)  # one example a row
y = vector("y", n)  # labels, -1 or 1
w = vector("w", d)  # weights: the normal of the separating plane
b = scalar("b")  # its offset
xi = vector("xi", n)  # slack: what each example lacks of the margin 1
C = scalar("C")  # price of slack
alpha = vector("alpha", n)  # multipliers of y (X w + b) >= 1 - xi, not negative
beta = vector("beta", n)  # multipliers of xi >= 0, not negative

margins = y * (X @ w + b) - 1 + xi
L = named("L", w @ w / 2 + C * sum(xi) - alpha @ margins - beta @ xi)  # the Lagrangian

K = named("K", X @ X.T)  # Gram matrix
v = named("v", X.T @ (alpha * y))  # the weights where L is stationary
there = v @ v / 2 + C * sum(xi) - alpha @ (y * (X @ v + b) - 1 + xi) - (C - alpha) @ xi
L_star = named("L_star", there)  # L where it is stationary in w and xi
dual = sum(alpha) - v @ v / 2

derivation = Derivation(
    given=(X, y, w, b, xi, C, alpha, beta),
    claim=(
        follows(equation(D(L, w), 0), equation(w, v)),
        follows(equation(D(L, b), 0), equation(alpha @ y, 0)),
        follows(equation(D(L, xi), 0), equation(beta, C - alpha)),
        equation(L_star, dual - b * (alpha @ y)),
        follows(equation(alpha @ y, 0), equation(L_star, dual)),
        equation(dual, sum(alpha) - (alpha * y) @ K @ (alpha * y) / 2),
    ),
    steps=(
        begin(equation(D(L, w), 0), "Stationary in the weights"),
        implies(w - v, 0, by=(rules.linearity, rules.product_rule, rules.linear_map)),
        implies(w, v, by=rearranging),
        begin(equation(D(L, b), 0), "Stationary in the offset"),
        implies(-alpha @ y, 0, by=(rules.linearity, rules.linear_map)),
        implies(alpha @ y, 0, by=rearranging),
        begin(equation(D(L, xi), 0), "Stationary in the slack, so alpha is at most C"),
        implies(C - alpha - beta, 0, by=(rules.linearity, rules.linear_map)),
        implies(beta, C - alpha, by=rearranging),
        begin(L_star, "With these weights and this beta the slack cancels"),
        equals(dual - b * (alpha @ y), by=rules.algebra),
        begin(equation(alpha @ y, 0), "With alpha and y orthogonal the offset vanishes, too"),
        implies(L_star, dual, by=substituting_in(dual - b * (alpha @ y))),
        begin(dual, "The data enter through inner products alone"),
        equals(sum(alpha) - (alpha * y) @ K @ (alpha * y) / 2, by=rules.algebra),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 7.1.1",
    evidence=(
        stationary_point(L, w, v),
        identity_on_random_data(L, L_star, on=((w, v), (beta, C - alpha))),
    ),
)
