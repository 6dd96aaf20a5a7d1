"""Sinusoidal positions: moving by k places is a rotation.

Each frequency encodes a position by a sine and a cosine. The pair at t + k is the pair at t turned by
an angle that depends on k alone, so a linear layer can look k places away, and the dot product of two
encodings tells their distance and nothing else. Over all frequencies the rotation is block diagonal.
"""

from sympy import ImmutableMatrix, MatMul, Symbol, cos, eye, sin

from derivations import Derivation, begin, equals, equation, right_to_left
from derivations.evidence import identity_on_random_data
from symbolic.scalars.elementary import algebra
from symbolic.scalars.trigonometry import angle_addition, pythagoras

omega = Symbol("omega", real=True)  # frequency of this pair of entries
t = Symbol("t", real=True)  # position
k = Symbol("k", real=True)  # how far to move

here = ImmutableMatrix([sin(omega * t), cos(omega * t)])
there = ImmutableMatrix([sin(omega * (t + k)), cos(omega * (t + k))])
turn = ImmutableMatrix([[cos(omega * k), sin(omega * k)], [-sin(omega * k), cos(omega * k)]])
similarity = sin(omega * t) * sin(omega * (t + k)) + cos(omega * t) * cos(omega * (t + k))

derivation = Derivation(
    given=(omega, t, k),
    claim=(
        equation(there, MatMul(turn, here)),
        equation(MatMul(turn.T, turn), eye(2)),
        equation(similarity, cos(omega * k)),
    ),
    steps=(
        begin(there, "A shift is linear"),
        equals(
            ImmutableMatrix(
                [
                    sin(omega * t) * cos(omega * k) + cos(omega * t) * sin(omega * k),
                    cos(omega * t) * cos(omega * k) - sin(omega * t) * sin(omega * k),
                ]
            ),
            by=angle_addition,
        ),
        equals(MatMul(turn, here), by=algebra),
        begin(MatMul(turn.T, turn), "It keeps lengths and angles"),
        equals((sin(omega * k) ** 2 + cos(omega * k) ** 2) * eye(2), by=algebra),
        equals(eye(2), by=pythagoras),
        begin(similarity, "The dot product of two positions"),
        equals(cos(omega * (t + k) - omega * t), by=right_to_left(angle_addition)),
        equals(cos(omega * k), by=algebra),
    ),
    source="Vaswani et al., Attention Is All You Need (2017), section 3.5",
    evidence=(
        identity_on_random_data(there, MatMul(turn, here)),
        identity_on_random_data(similarity, cos(omega * k)),
    ),
)
