"""Ridge regression in kernel form: the weights are a combination of the examples.

The same predictions come from a system with one unknown for each feature, or with one for each example. The
second needs inner products of examples alone, so that a kernel can take their place.
"""

from derivations import Derivation, begin, equals, equation, follows, implies, right_to_left
from derivations.evidence import identity_on_random_data
from derivations.rules.equations import multiply_by_inverse, rearranging
from symbolic import dims, eye, inv, matrix, named, rules, scalar, vector

n, d = dims("n d")
X = matrix("X", n, d)  # inputs, one example a row
y = vector("y", n)  # targets
x = vector("x", d)  # a new input
v = vector("v", d)  # any weights
lam = scalar("lam", domain="positive")  # strength of the penalty

H = named("H", X.T @ X + lam * eye(d))  # one row for each feature
K = named("K", X @ X.T + lam * eye(n))  # one row for each example
w = named("w", inv(H) @ X.T @ y)  # the ridge weights
alpha = named("alpha", inv(K) @ y)  # one coefficient for each example

gradient = X.T @ (X @ v - y) + lam * v  # half of that of |X v - y|^2 + lam |v|^2
pushed = equation(X.T @ K, H @ X.T)
through = equation(inv(H) @ X.T, X.T @ inv(K))

derivation = Derivation(
    given=(X, y, x, v, lam),
    claim=(
        follows(equation(gradient, 0), equation(v, w)),
        pushed,
        through,
        equation(w, X.T @ alpha),
        equation(x @ w, (X @ x) @ alpha),
    ),
    steps=(
        begin(equation(gradient, 0), "The ridge weights"),
        implies(H @ v, X.T @ y, by=rearranging),
        implies(v, w, by=multiply_by_inverse(H)),
        begin(X.T @ K, "X.T moves through the sum"),
        equals(H @ X.T, by=rules.algebra),
        begin(inv(H) @ X.T, "And through the inverse"),
        equals(inv(H) @ (X.T @ K) @ inv(K), by=right_to_left(rules.inverse)),
        equals(inv(H) @ (H @ X.T) @ inv(K), by=pushed),
        equals(X.T @ inv(K), by=rules.inverse),
        begin(w, "So the weights are a combination of the examples"),
        equals(X.T @ inv(K) @ y, by=through),
        equals(X.T @ alpha, by=rules.algebra),
        begin(x @ w, "A prediction needs inner products with the examples alone"),
        equals(x @ X.T @ inv(K) @ y, by=through),
        equals((X @ x) @ alpha, by=rules.algebra),
    ),
    source="Murphy, Probabilistic Machine Learning: An Introduction (2022), section 17.3.9",
    evidence=(identity_on_random_data(w, X.T @ alpha),),
)
