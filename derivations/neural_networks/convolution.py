"""Backpropagation through a convolution: kernel entries are used at every place, pixels in many windows.

A kernel entry's gradient adds up its uses, and is a correlation of the image with the errors. A pixel gets
back what each window that saw it has to say, through the kernel entry under which it lay.
"""

from derivations import D, Derivation, begin, equals, equation
from derivations.evidence import finite_difference
from symbolic import (
    conv2d,
    dims,
    einsum,
    iverson,
    named,
    rules,
    sum,
    tensor,
    through,
    unspecified,
    windows,
)
from symbolic.traverse import substitute

c, o, h, w, k = dims("c o h w k")
X = tensor("X", c, h, w)  # an image with c channels, padding applied
W = tensor("W", o, c, k, k)  # a kernel for each of o output channels

Y = named("Y", conv2d(X, W, stride=2))  # the output: a place for each window, every second pixel
C = unspecified("C", Y)  # the cost, a function of the output
Y_bar = named("Y_bar", D(C, Y))  # errors of the output
_, u, v = Y.shape  # how many windows there are
seen = windows(windows(X, k, axis=1, stride=2), k, axis=3, stride=2)  # what each window sees
rows, columns = iverson("i0 == 2*i1 + i2", h, u, k), iverson("i0 == 2*i1 + i2", w, v, k)
correlated = einsum("ouv,cukvl->ockl", Y_bar, seen)  # the image, with the errors
spread = einsum("ouv,ockl,auk,bvl->cab", Y_bar, W, rows, columns)  # the errors, over the windows

cost = sum(Y**2) / 2  # an example of a cost, for which the errors of Y are Y itself
errors = {Y_bar: Y}

derivation = Derivation(
    given=(X, W),
    claim=(
        equation(D(C, W), correlated),
        equation(D(C, X), spread),
    ),
    steps=(
        begin(D(C, W), "The kernels"),
        equals(einsum("ouv,ouvpqrs->pqrs", Y_bar, D(Y, W)), by=through(Y)),
        equals(correlated, by=rules.linear_map),
        begin(D(C, X), "The image"),
        equals(einsum("ouv,ouvpqr->pqr", Y_bar, D(Y, X)), by=through(Y)),
        equals(spread, by=(rules.linearity, rules.linear_map)),
    ),
    source="Dumoulin, Visin, A guide to convolution arithmetic for deep learning (2016), chapter 4",
    evidence=(
        finite_difference(cost, W, substitute(correlated, errors), at={h: 7, w: 6, k: 3}),
        finite_difference(cost, X, substitute(spread, errors), at={h: 7, w: 6, k: 3}),
    ),
)
