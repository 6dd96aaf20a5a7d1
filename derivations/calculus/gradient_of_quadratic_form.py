"""The gradients of linear and quadratic forms: constants, and both halves of a matrix.

Every least-squares problem is made of these. In a quadratic form the vector occurs twice, so that A and its
transpose both appear; for symmetric A they are the same, and a factor 2 is left.
"""

from derivations import D, Derivation, begin, equals, equation
from symbolic import dims, matrix, rules, vector

(n,) = dims("n")
A = matrix("A", n, n)  # any square matrix
S = matrix("S", n, n, domain="symmetric")  # a symmetric one
a = vector("a", n)  # coefficients of a linear form
x = vector("x", n)  # the point

gradient = equation(D(x @ A @ x, x), (A + A.T) @ x)

derivation = Derivation(
    given=(A, S, a, x),
    claim=(
        equation(D(a @ x, x), a),
        gradient,
        equation(D((A + A.T) @ x, x), A + A.T),
        equation(D(x @ S @ x, x), 2 * S @ x),
    ),
    steps=(
        begin(D(a @ x, x), "A linear form"),
        equals(a, by=rules.linear_map),
        begin(D(x @ A @ x, x), "A quadratic form"),
        equals(D(x @ A, x).T @ x + x @ A @ D(x, x), by=rules.product_rule),
        equals((A + A.T) @ x, by=rules.linear_map),
        begin(D((A + A.T) @ x, x), "Its Hessian"),
        equals(A + A.T, by=rules.linear_map),
        begin(D(x @ S @ x, x), "With a symmetric matrix"),
        equals(2 * S @ x, by=(rules.product_rule, rules.linear_map)),
    ),
    source="Petersen, Pedersen, The Matrix Cookbook (2012), section 2.4",
)
