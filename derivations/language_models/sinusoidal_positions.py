"""Sinusoidal positions: moving by k places is a rotation.

Each frequency encodes a position by a sine and a cosine. The pair at t + k is the pair at t turned by
an angle that depends on k alone, so a linear layer can look k places away, and the dot product of two
encodings tells their distance and nothing else. With several frequencies the rotation is block diagonal.
"""

from sympy import Function, ImmutableMatrix, MatMul, Sum, Symbol, cos, diag, eye, sin

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import identity_on_random_data
from symbolic.scalars.elementary import algebra
from symbolic.scalars.trigonometry import angle_addition, pythagoras

omega = Symbol("omega", real=True)  # frequency of this pair of entries
t = Symbol("t", real=True)  # position
k = Symbol("k", real=True)  # how far to move
nu = Symbol("nu", real=True)  # a second frequency
w = Function("w", real=True)  # all frequencies w(1), ..., w(d)
d = Symbol("d", integer=True, positive=True)  # how many there are
f = Symbol("f", integer=True, positive=True)

here = ImmutableMatrix([sin(omega * t), cos(omega * t)])
there = ImmutableMatrix([sin(omega * (t + k)), cos(omega * (t + k))])
turn = ImmutableMatrix([[cos(omega * k), sin(omega * k)], [-sin(omega * k), cos(omega * k)]])
similarity = sin(omega * t) * sin(omega * (t + k)) + cos(omega * t) * cos(omega * (t + k))
expanded = ImmutableMatrix(
    [
        sin(omega * t) * cos(omega * k) + cos(omega * t) * sin(omega * k),
        cos(omega * t) * cos(omega * k) - sin(omega * t) * sin(omega * k),
    ]
)
both_here, both_there = here.col_join(here.subs(omega, nu)), there.col_join(there.subs(omega, nu))
both_turned = MatMul(ImmutableMatrix(diag(turn, turn.subs(omega, nu))), both_here)
whole = Sum(sin(w(f) * t) * sin(w(f) * (t + k)) + cos(w(f) * t) * cos(w(f) * (t + k)), (f, 1, d))

derivation = Derivation(
    given=(omega, nu, t, k, w, d),
    claim=(
        equation(there, MatMul(turn, here)),
        equation(MatMul(turn.T, turn), eye(2)),
        equation(similarity, cos(omega * k)),
        equation(both_there, both_turned),
        equation(whole, Sum(cos(w(f) * k), (f, 1, d))),
    ),
    steps=(
        begin(there, "A shift is linear"),
        equals(
            expanded,
            by=angle_addition,
        ),
        equals(MatMul(turn, here), by=algebra),
        begin(MatMul(turn.T, turn), "It keeps lengths and angles"),
        equals((sin(omega * k) ** 2 + cos(omega * k) ** 2) * eye(2), by=algebra),
        equals(eye(2), by=pythagoras),
        begin(similarity, "The dot product of two positions"),
        equals(cos(omega * (t + k) - omega * t), by=right_to_left(angle_addition)),
        equals(cos(omega * k), by=algebra),
        begin(both_there, "Two frequencies, each with a rotation of its own"),
        equals(expanded.col_join(expanded.subs(omega, nu)), by=angle_addition),
        equals(both_turned, by=algebra),
        begin(whole, "The dot product over all frequencies"),
        equals(Sum(cos(w(f) * (t + k) - w(f) * t), (f, 1, d)), by=right_to_left(angle_addition)),
        equals(Sum(cos(w(f) * k), (f, 1, d)), by=algebra),
    ),
    source="Vaswani et al., Attention Is All You Need (2017), section 3.5",
    evidence=(
        identity_on_random_data(there, MatMul(turn, here)),
        identity_on_random_data(similarity, cos(omega * k)),
    ),
)
