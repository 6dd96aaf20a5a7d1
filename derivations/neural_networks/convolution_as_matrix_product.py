"""The convolution of a batch is one matrix product: each window is a row, each kernel another.

So a library needs no more for it than a good matrix product. The gradient of the kernels is that of the
weights of a dense layer, errors times inputs, and adds up over all examples and all places of a window.
"""

from derivations import Derivation, begin, equals, equation
from derivations.evidence import identity_on_random_data
from symbolic import dims, einsum, iverson, named, reshape, rules, tensor

n, c, o, h, k, s, u = dims("n c o h k s u")
X = tensor("X", n, c, h, h)  # images with c channels, padding applied
W = tensor("W", o, c, k, k)  # a kernel for each of o output channels
G = tensor("G", n, u, u, o)  # errors of the output

sees = iverson("i0 == s*i1 + i2", h, u, k)  # pixel i0 lies at place i2 of window i1
seen = named("seen", einsum("ncab,auk,bvl->nuvckl", X, sees, sees))  # the windows, s pixels apart
Y = named("Y", einsum("nuvckl,ockl->nuvo", seen, W))  # the output, its channels last
P = named("P", reshape(seen, n * u * u, c * k * k))  # one window a row
K = named("K", reshape(W, o, c * k * k))  # one kernel a row
E = named("E", reshape(G, n * u * u, o))  # the errors, those at one window a row

by_kernels = named("by_kernels", einsum("nuvo,nuvckl->ockl", G, seen))  # windows times errors

derivation = Derivation(
    given=(X, W, G),
    claim=(
        equation(P @ K.T, reshape(Y, n * u * u, o)),
        equation(E.T @ P, reshape(by_kernels, o, c * k * k)),
    ),
    steps=(
        begin(P @ K.T, "The output"),
        equals(reshape(Y, n * u * u, o), by=rules.algebra),
        begin(E.T @ P, "The gradient of the kernels"),
        equals(reshape(by_kernels, o, c * k * k), by=rules.algebra),
    ),
    evidence=(
        identity_on_random_data(
            P @ K.T, reshape(Y, n * u * u, o), at={n: 2, c: 2, o: 2, h: 5, k: 3, u: 2, s: 2}
        ),
    ),
    source="Chetlur et al., cuDNN: Efficient Primitives for Deep Learning (2014)",
)
