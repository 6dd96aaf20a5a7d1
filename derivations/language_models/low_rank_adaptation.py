"""Low-rank adaptation: a frozen matrix learns through two thin factors.

Only B and A are trained, r (d + k) numbers in place of d k. Each factor gets the gradient of the whole
matrix, seen through the other. B starts at zero, so that the model starts unchanged; then the gradient of A
is zero as well, and B has to move first.
"""

from derivations import D, Derivation, begin, equals, equation, lemma
from derivations.calculus import matrix_product_vjp
from symbolic import dims, einsum, matrix, named, rules, scalar, through, unspecified

n, d, r, k = dims("n d r k")
X = matrix("X", n, d)  # inputs, one a row
W = matrix("W", d, k)  # weights that are frozen
B = matrix("B", d, r)  # first factor, zero at the start
A = matrix("A", r, k)  # second factor
alpha = scalar("alpha")  # how much the change counts, for rank r

M = named("M", B @ A)  # a matrix of rank r or less
Y = named("Y", X @ (W + alpha / r * M))  # the output
C = unspecified("C", Y)  # the cost, a function of the output
Y_bar = named("Y_bar", D(C, Y))  # errors of the output
by_first = alpha / r * X.T @ Y_bar @ A.T
by_second = alpha / r * B.T @ X.T @ Y_bar

derivation = Derivation(
    given=(X, W, B, A, alpha),
    claim=(equation(D(C, B), by_first), equation(D(C, A), by_second)),
    steps=(
        begin(D(C, B), "The first factor"),
        equals(einsum("pq,pqij->ij", Y_bar, D(Y, B)), by=through(Y)),
        equals(alpha / r * einsum("pq,pqij->ij", X.T @ Y_bar, D(M, B)), by=rules.linearity),
        equals(by_first, by=matrix_product_vjp.derivation),
        begin(D(C, A), "The second factor"),
        equals(einsum("pq,pqij->ij", Y_bar, D(Y, A)), by=through(Y)),
        equals(alpha / r * einsum("pq,pqij->ij", X.T @ Y_bar, D(M, A)), by=rules.linearity),
        equals(by_second, by=lemma(matrix_product_vjp.derivation, claim=2)),
    ),
    source="Hu et al., LoRA: Low-Rank Adaptation of Large Language Models (2021), section 4.1",
)
