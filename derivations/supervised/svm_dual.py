"""The dual of the support vector machine (SVM): only inner products of examples are left.

Where the Lagrangian is stationary the weights are a combination of the examples, and what remains is
a quadratic function of the multipliers. It is never above the primal value, so its maximum is the best bound.
The data enter it through the Gram matrix alone, and a kernel can take its place.
"""

from derivations import (
    D,
    Derivation,
    at_most,
    begin,
    equals,
    equation,
    follows,
    implies,
    inequality,
)
from derivations.evidence import equality_case, stationary_point
from derivations.rules.equations import rearranging, substituting_in
from derivations.rules.inequalities import adding_nonnegative
from symbolic import constant, dims, matrix, named, rules, scalar, sum, vector

n, d = dims("n d")
X = matrix("X", n, d)  # one example a row
y = vector("y", n)  # labels, -1 or 1
w = vector("w", d)  # weights: the normal of the separating plane
b = scalar("b")  # its offset
xi = vector("xi", n, domain="nonnegative")  # slack: what each example lacks of the margin 1
C = scalar("C")  # price of slack
alpha = vector("alpha", n, domain="nonnegative")  # multipliers of y (X w + b) >= 1 - xi
beta = vector("beta", n, domain="nonnegative")  # multipliers of xi >= 0
s = vector("s", n, domain="nonnegative")  # any values of the margins that are not negative
e = vector("e", n, domain="onehot")  # picks one example

margins = named("m", y * (X @ w + b) - 1 + xi)  # not negative where w, b and xi are feasible
primal = named("primal", w @ w / 2 + C * sum(xi))  # what is minimised
L = named("L", primal - alpha @ margins - beta @ xi)  # the Lagrangian

K = named("K", X @ X.T)  # Gram matrix
v = named("v", X.T @ (alpha * y))  # the weights where L is stationary
there = v @ v / 2 + C * sum(xi) - alpha @ (y * (X @ v + b) - 1 + xi) - (C - alpha) @ xi
L_star = named("L_star", there)  # L where it is stationary in w and xi
dual = named("dual", sum(alpha) - v @ v / 2)  # what is maximised
gap = (w - v) @ (w - v) / 2 + alpha @ margins + (C - alpha) @ xi
feasible_gap = (w - v) @ (w - v) / 2 + alpha @ s + beta @ xi

derivation = Derivation(
    given=(X, y, w, b, xi, C, alpha, beta, s, e),
    claim=(
        follows(equation(D(L, w), 0), equation(w, v)),
        follows(equation(D(L, b), 0), equation(alpha @ y, 0)),
        follows(equation(D(L, xi), 0), equation(alpha, C - beta)),
        inequality(e @ (C - beta), C),
        equation(L_star, dual - b * (alpha @ y)),
        follows(equation(alpha @ y, 0), equation(L_star, dual)),
        equation(dual, sum(alpha) - (alpha * y) @ K @ (alpha * y) / 2),
        equation(primal, dual + gap - b * (alpha @ y)),
        follows(equation(alpha @ y, 0), equation(primal - dual, gap)),
        inequality(constant(0), feasible_gap),
    ),
    steps=(
        begin(equation(D(L, w), 0), "Stationary in the weights"),
        implies(w - v, 0, by=(rules.linearity, rules.product_rule, rules.linear_map)),
        implies(w, v, by=rearranging),
        begin(equation(D(L, b), 0), "Stationary in the offset"),
        implies(-alpha @ y, 0, by=(rules.linearity, rules.linear_map)),
        implies(alpha @ y, 0, by=rearranging),
        begin(equation(D(L, xi), 0), "Stationary in the slack"),
        implies(C - alpha - beta, 0, by=(rules.linearity, rules.linear_map)),
        implies(alpha, C - beta, by=rearranging),
        begin(e @ (C - beta), "So no entry of alpha is more than C"),
        equals(C * sum(e) - e @ beta, by=rules.algebra),
        equals(C - e @ beta, by=rules.sums_to_one),
        at_most(C, by=adding_nonnegative),
        begin(L_star, "With these weights and this beta the slack cancels"),
        equals(dual - b * (alpha @ y), by=rules.algebra),
        begin(equation(alpha @ y, 0), "With alpha and y orthogonal the offset vanishes, too"),
        implies(L_star, dual, by=substituting_in(dual - b * (alpha @ y))),
        begin(dual, "The data enter through inner products alone"),
        equals(sum(alpha) - (alpha * y) @ K @ (alpha * y) / 2, by=rules.algebra),
        begin(primal, "How far the primal value is from the dual one"),
        equals(dual + gap - b * (alpha @ y), by=rules.algebra),
        begin(equation(alpha @ y, 0), "The gap, for multipliers that are feasible"),
        implies(primal - dual, gap, by=substituting_in(gap - b * (alpha @ y))),
        begin(
            constant(0),
            "Weak duality: with margins s >= 0 and beta = C - alpha >= 0 the gap is not negative",
        ),
        at_most(feasible_gap, by=adding_nonnegative),
    ),
    source="Bishop, Pattern Recognition and Machine Learning (2006), section 7.1.1",
    evidence=(
        stationary_point(L, w, v),
        equality_case(constant(0), feasible_gap, at={w: v, s: 0 * s, xi: 0 * xi}),
    ),
)
