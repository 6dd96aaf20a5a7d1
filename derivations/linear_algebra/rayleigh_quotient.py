"""The Rayleigh quotient is stationary at the eigenvectors, where its value is the eigenvalue.

It weighs the eigenvalues by squared coefficients of x, so that no value is above the largest: power iteration
and principal components look for its maximum.
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
    lemma,
)
from derivations.calculus import gradient_of_quadratic_form
from derivations.evidence import eigen_residual
from derivations.rules.equations import multiply_both_sides, rearranging
from derivations.rules.inequalities import largest_entry
from symbolic import diag, dims, matrix, max, named, rules, sum, vector
from symbolic.calculus.matrix_rules import orthonormal_columns

(n,) = dims("n")
Q = matrix("Q", n, n, domain="orthogonal")  # eigenvectors, one a column
lam = vector("lam", n)  # eigenvalues
x = vector("x", n)  # any vector other than 0

A = named("A", Q @ diag(lam) @ Q.T)  # any symmetric matrix
R = named("R", x @ A @ x / (x @ x))  # the quotient
c = named("c", Q.T @ x)  # coefficients of x along the eigenvectors
gradient = 2 / (x @ x) * (A @ x - R * x)

derivation = Derivation(
    given=(Q, lam, x),
    claim=(
        equation(D(R, x), gradient),
        follows(equation(gradient, 0), equation(A @ x, R * x)),
        equation(A @ Q, Q @ diag(lam)),
        inequality(x @ A @ x, max(lam) * (x @ x)),
    ),
    steps=(
        begin(D(R, x), "The gradient"),
        equals(
            D(x @ A @ x, x) / (x @ x) - x @ A @ x * D(x @ x, x) / (x @ x) ** 2,
            by=(rules.product_rule, rules.power_rule),
        ),
        equals(
            2 * A @ x / (x @ x) - 2 * (x @ A @ x) * x / (x @ x) ** 2,
            by=(
                lemma(gradient_of_quadratic_form.derivation, claim=2),
                rules.product_rule,
                rules.linear_map,
            ),
        ),
        equals(gradient, by=rules.algebra),
        begin(equation(gradient, 0), "Where it is zero, x is an eigenvector"),
        implies(A @ x - R * x, 0, by=multiply_both_sides(x @ x / 2)),
        implies(A @ x, R * x, by=rearranging),
        begin(A @ Q, "The columns of Q are eigenvectors"),
        equals(Q @ diag(lam) @ Q.T @ Q, by=rules.algebra),
        equals(Q @ diag(lam), by=orthonormal_columns),
        begin(x @ A @ x, "So R is not above the largest eigenvalue"),
        equals(sum(lam * c**2), by=rules.algebra),
        at_most(max(lam) * sum(c**2), by=largest_entry),
        equals(max(lam) * (x @ x), by=orthonormal_columns),
    ),
    source="Trefethen, Bau, Numerical Linear Algebra (1997), lecture 27",
    evidence=(eigen_residual(A, Q[:, 0], lam[0], at={n: 4}),),
)
