"""Layer and batch normalisation: the value and the vector-Jacobian products by input, gain and bias."""

import numpy as np

from performance_cases.case import Loss

EPS = 1e-5


def data(rng, n, d):
    """A batch, gain, bias and the vector that the output is paired with."""
    return {
        "X": 2 + 3 * rng.normal(size=(n, d)),
        "gain": 1 + 0.1 * rng.normal(size=d),
        "bias": rng.normal(size=d),
        "G": rng.normal(size=(n, d)),
    }


def expert(axis):
    """The closed backward form of textbooks; statistics run along `axis`."""

    def value_and_products(X, gain, bias, G):
        centred = X - X.mean(axis=axis, keepdims=True)
        inverse = 1 / np.sqrt(np.mean(centred**2, axis=axis, keepdims=True) + EPS)
        normal = centred * inverse
        value = np.sum(G * (normal * gain + bias))
        Gn = G * normal
        slope = G * gain
        along = np.mean(slope * normal, axis=axis, keepdims=True)
        dX = inverse * (slope - slope.mean(axis=axis, keepdims=True) - normal * along)
        return value, dX, Gn.sum(axis=0), G.sum(axis=0)

    return value_and_products


def text(axis):
    """The definition, written out."""
    centred = f"(X - mean(X, axis={axis}, keepdims=True))"
    variance = f"mean({centred}**2, axis={axis}, keepdims=True)"
    return f"sum(G*({centred}/sqrt({variance} + {EPS})*gain + bias))"


def normalisation(axis, name):
    """The loss of one of the two layers."""
    return Loss(
        text=text(axis),
        given={"X": "n d", "gain": "d", "bias": "d", "G": "n d"},
        wrt=("X", "gain", "bias"),
        names=("X", "gain", "bias", "G"),
        data=data,
        expert=expert(axis),
        loss=lambda o, X, gain, bias, G: o.sum(G * getattr(o, name)(X, gain, bias)),
    )


LAYER = normalisation(1, "layer_norm")
BATCH = normalisation(0, "batch_norm")

CASES = (
    LAYER.case("layernorm v+vjp 4096x512", (4096, 512), target=0.50),
    BATCH.case("batchnorm v+vjp 4096x512", (4096, 512), target=0.50),
    LAYER.case("layernorm v+vjp 64x128", (64, 128), target=0.70),
    BATCH.case("batchnorm v+vjp 64x128", (64, 128)),
)
