"""PCA: the direction of largest variance is an eigenvector of the covariance matrix.

Maximising v^T S v over vectors of length one leads, through its Lagrangian, to S v = lambda v. The value
reached is the eigenvalue itself, so the best direction belongs to the largest one.
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
    right_to_left,
)
from derivations.calculus import gradient_of_quadratic_form
from derivations.evidence import eigen_residual, equality_case
from derivations.linear_algebra import rayleigh_quotient
from derivations.rules.equations import multiply_left, rearranging
from symbolic import diag, dims, eigvalsh, eigvecsh, matrix, max, named, rules, scalar, vector
from symbolic.calculus.matrix_rules import spectral_theorem

(d,) = dims("d")
S = matrix("S", d, d, domain="symmetric")  # covariance of the data
v = vector("v", d, domain="unit_norm")  # direction
lam = scalar("lam")  # Lagrange multiplier of v @ v = 1

L = named("L", v @ S @ v - lam * (v @ v - 1))  # the Lagrangian
Q = named("Q", eigvecsh(S))  # all eigenvectors as columns
mu = named("mu", eigvalsh(S))  # their eigenvalues
largest = max(mu)
gradient = equation(D(L, v), 2 * S @ v - 2 * lam * v)

derivation = Derivation(
    given=(S, v, lam),
    claim=(
        gradient,
        follows(equation(D(L, v), 0), equation(S @ v, lam * v)),
        follows(equation(S @ v, lam * v), equation(v @ S @ v, lam)),
        inequality(v @ S @ v, largest),
    ),
    steps=(
        begin(D(L, v), "The gradient of the Lagrangian"),
        equals(D(v @ S @ v, v) - lam * D(v @ v, v), by=rules.linearity),
        equals(
            2 * S @ v - 2 * lam * v,
            by=(
                lemma(gradient_of_quadratic_form.derivation, claim=4),
                rules.product_rule,
                rules.linear_map,
            ),
        ),
        begin(equation(D(L, v), 0), "A stationary point is an eigenvector"),
        implies(2 * S @ v - 2 * lam * v, 0, by=gradient),
        implies(S @ v, lam * v, by=rearranging),
        begin(equation(S @ v, lam * v), "The variance along it is the eigenvalue"),
        implies(v @ S @ v, lam * v @ v, by=multiply_left(v)),
        implies(v @ S @ v, lam, by=rules.unit_length),
        begin(v @ S @ v, "No direction has more variance than the largest eigenvalue"),
        equals(v @ (Q @ diag(mu) @ Q.T) @ v, by=right_to_left(spectral_theorem)),
        at_most(largest * (v @ v), by=lemma(rayleigh_quotient.derivation, claim=4)),
        equals(largest, by=rules.unit_length),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), sections 10.2-10.3",
    evidence=(
        eigen_residual(S, Q[:, -1], largest, at={d: 4}),
        equality_case(v @ S @ v, largest, at={d: 4, v: Q[:, -1]}),
    ),
)
