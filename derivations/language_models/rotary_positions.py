"""Rotary positions: the score of a query and a key depends on their distance alone.

A query at position m and a key at position n are turned by angles in proportion to m and n. Their dot
product then is that of the query with the key turned by n - m, and lengths stay as they are. So a model
learns what is k places away, wherever it stands. In single precision, though, far positions have coarse
angles.
"""

from sympy import ImmutableMatrix, MatMul, Symbol, cos, sin

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import float_error
from symbolic.scalars.elementary import algebra
from symbolic.scalars.trigonometry import angle_addition, pythagoras

theta = Symbol("theta", real=True)  # frequency of this pair of entries
m, n = Symbol("m", real=True), Symbol("n", real=True)  # positions of the query and of the key
q1, q2 = Symbol("q1", real=True), Symbol("q2", real=True)  # entries of the query
k1, k2 = Symbol("k1", real=True), Symbol("k2", real=True)  # entries of the key

at_m = ImmutableMatrix([[cos(m * theta), -sin(m * theta)], [sin(m * theta), cos(m * theta)]])
at_n = ImmutableMatrix([[cos(n * theta), -sin(n * theta)], [sin(n * theta), cos(n * theta)]])
apart = at_n.subs(n, n - m)
query, key = ImmutableMatrix([q1, q2]), ImmutableMatrix([k1, k2])
c = cos(m * theta) * cos(n * theta) + sin(m * theta) * sin(n * theta)
s = sin(n * theta) * cos(m * theta) - cos(n * theta) * sin(m * theta)

relative = equation(MatMul(at_m.T, at_n), apart)

derivation = Derivation(
    given=(theta, m, n, q1, q2, k1, k2),
    claim=(
        relative,
        equation(MatMul(query.T, at_m.T, at_n, key), MatMul(query.T, apart, key)),
        equation(MatMul(query.T, at_m.T, at_m, query), MatMul(query.T, query)),
    ),
    steps=(
        begin(relative.left, "Two rotations, one of them undone"),
        equals(ImmutableMatrix([[c, -s], [s, c]]), by=algebra),
        equals(
            ImmutableMatrix(
                [
                    [cos(n * theta - m * theta), -sin(n * theta - m * theta)],
                    [sin(n * theta - m * theta), cos(n * theta - m * theta)],
                ]
            ),
            by=right_to_left(angle_addition),
        ),
        equals(apart, by=algebra),
        begin(MatMul(query.T, at_m.T, at_n, key), "The score"),
        equals(MatMul(query.T, apart, key), by=relative),
        begin(MatMul(query.T, at_m.T, at_m, query), "The length"),
        equals((sin(m * theta) ** 2 + cos(m * theta) ** 2) * MatMul(query.T, query), by=algebra),
        equals(MatMul(query.T, query), by=pythagoras),
    ),
    source="Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding (2021), section 3.2",
    evidence=(
        float_error(
            c,
            cos((n - m) * theta),
            at={m: 5000000, n: 5000001, theta: 0.1},
            dtype="float32",
            lost=8,
        ),
    ),
)
