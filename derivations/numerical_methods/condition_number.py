"""The condition number bounds how far an error in the data moves the solution of A x = b.

An error in b of one part in a million is one of at most kappa parts in a million in x: up to log10(kappa)
digits are lost. The normal equations square kappa, so that twice as many may be lost.
"""

from derivations import Derivation, at_most, begin, equals, equation, inequality
from derivations.evidence import equality_case, order_on_random_data
from derivations.rules.inequalities import operator_norm
from symbolic import dims, eye, inv, matrix, named, norm, rules, spectral_norm, vector
from symbolic.calculus.matrix_rules import inverse_of_product
from symbolic.calculus.norm_rules import norm_of_gram

(n,) = dims("n")
A = matrix("A", n, n, domain="invertible")  # coefficients of the equations
x = vector("x", n)  # solution
delta_b = vector("delta_b", n)  # error in b

b = named("b", A @ x)  # data
delta_x = named("delta_x", inv(A) @ delta_b)  # error in the solution: A (x + delta_x) = b + delta_b
kappa = named("kappa", spectral_norm(A) * spectral_norm(inv(A)))  # condition number

hilbert = ((1, 1 / 2, 1 / 3), (1 / 2, 1 / 3, 1 / 4), (1 / 3, 1 / 4, 1 / 5))  # kappa is 524

derivation = Derivation(
    given=(A, x, delta_b),
    claim=(
        inequality(norm(delta_x) / norm(x), kappa * norm(delta_b) / norm(b)),
        equation(spectral_norm(A.T @ A) * spectral_norm(inv(A.T @ A)), kappa**2),
    ),
    steps=(
        begin(norm(delta_x) / norm(x), "Relative error of the solution"),
        at_most(spectral_norm(inv(A)) * norm(delta_b) / norm(x), by=operator_norm),
        at_most(kappa * norm(delta_b) / norm(b), by=operator_norm),
        begin(spectral_norm(A.T @ A) * spectral_norm(inv(A.T @ A)), "The normal equations"),
        equals(
            spectral_norm(A.T @ A) * spectral_norm(inv(A) @ inv(A).T),
            by=inverse_of_product,
        ),
        equals(spectral_norm(A) ** 2 * spectral_norm(inv(A)) ** 2, by=norm_of_gram),
        equals(kappa**2, by=rules.algebra),
    ),
    source="Trefethen, Bau, Numerical Linear Algebra (1997), lecture 12",
    evidence=(
        equality_case(norm(delta_x) / norm(x), kappa * norm(delta_b) / norm(b), at={A: eye(n)}),
        order_on_random_data(
            norm(delta_x) / norm(x), kappa * norm(delta_b) / norm(b), at={n: 3, A: hilbert}
        ),
    ),
)
