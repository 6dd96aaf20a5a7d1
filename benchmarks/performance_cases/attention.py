"""One head of attention: the value and all three vector-Jacobian products."""

import numpy as np

from performance_cases.case import Loss


def data(rng, n, d):
    """Queries, keys, values and the vector that the output is paired with."""
    return {name: rng.normal(size=(n, d)) for name in "QKVG"}


def loss(o, Q, K, V, G):
    """In the words of a peer."""
    return o.sum(G * o.attention(Q, K, V))


def expert(Q, K, V, G):
    """The row sums of dP*P are those of O*G, which are smaller."""
    scale = 1 / np.sqrt(Q.shape[1])
    S = (Q * scale) @ K.T
    S -= S.max(axis=1, keepdims=True)
    P = np.exp(S)
    P /= P.sum(axis=1, keepdims=True)
    GO = G * (P @ V)
    dS = G @ V.T
    dS -= GO.sum(axis=1, keepdims=True)
    dS *= P
    return np.sum(GO), dS @ K * scale, dS.T @ Q * scale, P.T @ G


LOSS = Loss(
    text="sum(G*(softmax(Q @ K.T/sqrt(d), axis=1) @ V))",
    given={"Q": "n d", "K": "m d", "V": "m k", "G": "n k"},
    wrt=("Q", "K", "V"),
    names=("Q", "K", "V", "G"),
    data=data,
    expert=expert,
    loss=loss,
)

CASES = (
    LOSS.case("attention v+vjp n=128 d=64", (128, 64), target=1.0),
    LOSS.case("attention v+vjp n=1024 d=64", (1024, 64), target=1.0),
)
