"""The size of the output of a convolution: how many places its window has.

A window of k pixels that moves by s lies inside an image of i pixels, with p zeros at each end, as long as
its last pixel does. Counting the moves that are possible gives the size of the output, along each axis.
"""

from sympy import Piecewise, Sum, Symbol, floor

from derivations import Derivation, equals, equation
from derivations.evidence import identity_on_random_data
from symbolic.scalars import sums
from symbolic.scalars.counting import at_most_whole_part, sum_where

i = Symbol("i", integer=True, positive=True)  # size of the input along one axis
p = Symbol("p", integer=True, nonnegative=True)  # zeros put before it, and as many behind
k = Symbol("k", integer=True, positive=True)  # size of the window
s = Symbol("s", integer=True, positive=True)  # stride
t = Symbol("t", integer=True)  # how often the window has moved

room = i + 2 * p - k  # how far it can move in all
fits = Sum(Piecewise((1, s * t + k <= i + 2 * p), (0, True)), (t, 0, room))
o = floor(room / s) + 1

derivation = Derivation(
    given=(i, p, k, s, k <= i + 2 * p),
    claim=equation(fits, o),
    steps=(
        equals(
            Sum(Piecewise((1, t <= floor(room / s)), (0, True)), (t, 0, room)),
            by=at_most_whole_part(t),
        ),
        equals(Sum(1, (t, 0, floor(room / s))), by=sum_where),
        equals(o, by=sums.sum_of_constant),
    ),
    source="Dumoulin, Visin, A guide to convolution arithmetic for deep learning (2016), section 2.4",
    evidence=(
        identity_on_random_data(fits, 112, at={i: 224, p: 3, k: 7, s: 2}),
        identity_on_random_data(fits, i, at={p: 2, k: 5, s: 1}),
    ),
)
