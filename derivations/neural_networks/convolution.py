"""Backpropagation through a convolution: kernel entries are used at every place, pixels in many windows.

A kernel entry's gradient adds up its uses, and is a correlation of the image with the errors. A pixel gets
back what each window that saw it has to say, through the kernel entry under which it lay.
"""

from sympy import floor

from derivations import D, Derivation, begin, equals, equation
from symbolic import dims, einsum, iverson, named, rules, tensor, through, unspecified

c, o, h, w, k, s = dims("c o h w k s")  # channels in and out, pixels, kernel, stride
u, v = floor((h - k) / s) + 1, floor((w - k) / s) + 1  # how many windows there are each way
X = tensor("X", c, h, w)  # an image with c channels, padding applied
W = tensor("W", o, c, k, k)  # a kernel for each of o output channels

rows = iverson("i0 == s*i1 + i2", h, u, k)  # row i0 of pixels is row i2 of window i1
columns = iverson("i0 == s*i1 + i2", w, v, k)
seen = named("seen", einsum("cab,auk,bvl->cukvl", X, rows, columns))  # what each window sees
Y = named("Y", einsum("cukvl,ockl->ouv", seen, W))  # the output, a place for each window
C = unspecified("C", Y)  # the cost, a function of the output
Y_bar = named("Y_bar", D(C, Y))  # errors of the output

correlated = einsum("ouv,cukvl->ockl", Y_bar, seen)  # the image, with the errors
spread = einsum("ouv,ockl,auk,bvl->cab", Y_bar, W, rows, columns)  # the errors, over the windows

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
)
