"""PCA: losing the least in reconstruction is keeping the most variance.

The squared error of projecting centred data on a direction is the total variance minus the variance
along it. The total does not depend on the direction, so both problems have one solution.
"""

from derivations import Derivation, equals, equation
from symbolic import dims, matrix, named, norm, outer, rules, sum, trace, vector

n, d = dims("n d")
X = matrix("X", n, d)  # centred data, one example a row
v = vector("v", d, domain="unit_norm")  # direction

S = named("S", X.T @ X / n)  # covariance
residual = X - outer(X @ v, v)  # what the projection loses
error = norm(residual) ** 2 / n
kept = trace(S) - v @ S @ v

derivation = Derivation(
    given=(X, v),
    claim=equation(error, kept),
    steps=(
        equals(sum(residual**2) / n, by=rules.squared_norm),
        equals(
            (sum(X**2) - 2 * (X @ v) @ (X @ v) + ((X @ v) @ (X @ v)) * (v @ v)) / n,
            by=rules.algebra,
        ),
        equals((sum(X**2) - (X @ v) @ (X @ v)) / n, by=rules.unit_length),
        equals(kept, by=rules.algebra),
    ),
    source="Deisenroth, Faisal, Ong, Mathematics for Machine Learning (2020), sections 10.2-10.3",
)
