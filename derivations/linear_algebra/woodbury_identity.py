"""The Woodbury identity: the inverse after a change of low rank costs one small inverse.

With A inverted already, a change of rank k needs the inverse of a k by k matrix alone. Kalman filters,
Gaussian processes and Bayesian regression trade a system of one size for one of another in this way.
"""

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import identity_on_random_data
from symbolic import dims, eye, inv, matrix, named, outer, rules, vector

n, k = dims("n k")
A = matrix("A", n, n)  # what has been inverted
U = matrix("U", n, k)  # the change: its columns,
C = matrix("C", k, k)  # how they are mixed, with an inverse
V = matrix("V", k, n)  # and its rows
u = vector("u", n)  # the same for a change of rank one
v = vector("v", n)  # and its row

M = named("M", A + U @ C @ V)  # the changed matrix
S = named("S", inv(C) + V @ inv(A) @ U)  # small: one row for each column of U; with an inverse
W = named("W", inv(A) - inv(A) @ U @ inv(S) @ V @ inv(A))  # the inverse of M
M_1 = named("M_1", A + outer(u, v))  # a change of rank one
W_1 = named("W_1", inv(A) - outer(inv(A) @ u, v @ inv(A)) / (1 + v @ inv(A) @ u))

right = equation(U @ C @ S, U + U @ C @ V @ inv(A) @ U)
left = equation(S @ C @ V, V + V @ inv(A) @ U @ C @ V)

derivation = Derivation(
    given=(A, U, C, V, u, v),
    claim=(
        right,
        left,
        equation(M @ W, eye(n)),
        equation(W @ M, eye(n)),
        equation(M_1 @ W_1, eye(n)),
    ),
    steps=(
        begin(U @ C @ S, "The small matrix from the right"),
        equals(right.right, by=rules.inverse),
        begin(S @ C @ V, "And from the left"),
        equals(left.right, by=rules.inverse),
        begin(M @ W, "M times W"),
        equals(
            eye(n) + U @ C @ V @ inv(A) - (U + U @ C @ V @ inv(A) @ U) @ inv(S) @ V @ inv(A),
            by=rules.inverse,
        ),
        equals(
            eye(n) + U @ C @ V @ inv(A) - U @ C @ S @ inv(S) @ V @ inv(A),
            by=right_to_left(right),
        ),
        equals(eye(n), by=rules.inverse),
        begin(W @ M, "W times M"),
        equals(
            eye(n) + inv(A) @ U @ C @ V - inv(A) @ U @ inv(S) @ (V + V @ inv(A) @ U @ C @ V),
            by=rules.inverse,
        ),
        equals(
            eye(n) + inv(A) @ U @ C @ V - inv(A) @ U @ inv(S) @ (S @ C @ V),
            by=right_to_left(left),
        ),
        equals(eye(n), by=rules.inverse),
        begin(M_1 @ W_1, "Rank one: the formula of Sherman and Morrison"),
        equals(
            eye(n)
            + outer(u, v @ inv(A))
            - (1 + v @ inv(A) @ u) * outer(u, v @ inv(A)) / (1 + v @ inv(A) @ u),
            by=rules.inverse,
        ),
        equals(eye(n), by=rules.algebra),
    ),
    source="Petersen, Pedersen, The Matrix Cookbook (2012), section 3.2",
    evidence=(identity_on_random_data(M @ W, eye(n), at={n: 4, k: 2}),),
)
