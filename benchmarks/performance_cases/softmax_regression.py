"""Softmax regression: value and gradient, and the Hessian."""

import numpy as np

from performance_cases.case import Loss, one_hot


def data(rng, n, d, C):
    """Rows, weights and one-hot labels."""
    return {
        "X": rng.normal(size=(n, d)),
        "W": rng.normal(size=(d, C)) / np.sqrt(d),
        "Y": one_hot(rng, n, C),
    }


def loss(o, X, W, Y):
    """In the words of a peer."""
    return -o.mean(o.sum(Y * o.log_softmax(X @ W, axis=1), axis=1))


def expert(X, W, Y):
    """Value and gradient share the exponentials."""
    z = X @ W
    z -= z.max(axis=1, keepdims=True)
    e = np.exp(z)
    s = e.sum(axis=1, keepdims=True)
    value = (np.log(s).sum() - np.vdot(Y, z)) / len(X)
    return value, X.T @ (e / s - Y) / len(X)


def expert_hessian(X, W, Y):
    """One product per pair of classes; a pair and its mirror image are the same matrix."""
    z = X @ W
    e = np.exp(z - z.max(axis=1, keepdims=True))
    P = e / e.sum(axis=1, keepdims=True)
    n, d = X.shape
    C = P.shape[1]
    H = np.empty((d, C, d, C))
    for a in range(C):
        for b in range(a + 1):
            weights = P[:, a] * ((a == b) - P[:, b]) / n
            H[:, a, :, b] = H[:, b, :, a] = X.T @ (weights[:, None] * X)
    return H


LOSS = Loss(
    text="-mean(sum(Y*log_softmax(X @ W, axis=1), axis=1))",
    given={"X": "n d", "W": "d C", "Y": "n C: onehot"},
    wrt=("W",),
    names=("X", "W", "Y"),
    data=data,
    expert=expert,
    loss=loss,
)

CASES = (
    LOSS.case("softmax v+g 10000x100 C=10", (10_000, 100, 10), target=0.55),
    LOSS.case("softmax v+g 100000x50 C=20", (100_000, 50, 20), target=0.55),
    LOSS.case(
        "softmax Hessian 2000x30 C=5",
        (2000, 30, 5),
        hessian=True,
        expert=expert_hessian,
        target=1.0,
    ),
    LOSS.case(
        "softmax Hessian 5000x50 C=10",
        (5000, 50, 10),
        hessian=True,
        expert=expert_hessian,
        target=1.0,
    ),
)
