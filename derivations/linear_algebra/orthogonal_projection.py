"""The orthogonal projection onto a column space: what is left is orthogonal to every column.

P b is the point of the column space closest to b, so that least squares is a projection; projecting
twice changes nothing. The columns of A have to be linearly independent, for A.T @ A to have an inverse.
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
    right_to_left,
)
from derivations.evidence import equality_case
from derivations.rules.equations import multiply_left, rearranging
from derivations.rules.inequalities import adding_nonnegative
from symbolic import dims, inv, matrix, named, norm, rules, vector, zeros

n, q = dims("n q")  # columns, and how many more rows there are
A = matrix("A", n + q, n)  # columns that span the space
b = vector("b", n + q)  # what is projected
x = vector("x", n)  # coefficients of a point of the space

P = named("P", A @ inv(A.T @ A) @ A.T)  # projector
distance = named("distance", (b - A @ x) @ (b - A @ x))  # squared, from b to a point of the space
closest = inv(A.T @ A) @ A.T @ b

derivation = Derivation(
    given=(A, b, x),
    claim=(
        follows(equation(D(distance, x), 0), equation(A @ x, P @ b)),
        equation(A.T @ (b - P @ b), 0),
        equation(P @ P, P),
        equation(P.T, P),
        inequality(norm(b - P @ b) ** 2, norm(b - A @ x) ** 2),
    ),
    steps=(
        begin(equation(D(distance, x), 0), "Least squares leads to P b"),
        implies(
            2 * A.T @ (A @ x - b), 0, by=(rules.product_rule, rules.linearity, rules.linear_map)
        ),
        implies(A.T @ A @ x, A.T @ b, by=rearranging),
        implies(x, closest, by=(multiply_left(inv(A.T @ A)), rules.inverse)),
        implies(A @ x, P @ b, by=multiply_left(A)),
        begin(A.T @ (b - P @ b), "The residual is orthogonal to the columns"),
        equals(A.T @ b - A.T @ A @ inv(A.T @ A) @ A.T @ b, by=rules.algebra),
        equals(zeros(n), by=rules.inverse),
        begin(P @ P, "Projecting twice"),
        equals(A @ inv(A.T @ A) @ A.T @ A @ inv(A.T @ A) @ A.T, by=rules.algebra),
        equals(P, by=rules.inverse),
        begin(P.T, "The projector is symmetric"),
        equals(P, by=rules.algebra),
        begin(norm(b - P @ b) ** 2, "No point of the space is closer"),
        at_most(norm(b - P @ b) ** 2 + norm(P @ b - A @ x) ** 2, by=adding_nonnegative),
        equals(
            norm(b - A @ x) ** 2,
            by=(rules.squared_norm, rules.inverse, right_to_left(rules.squared_norm)),
        ),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), section 3.8",
    evidence=(equality_case(norm(b - P @ b) ** 2, norm(b - A @ x) ** 2, at={x: closest}),),
)
