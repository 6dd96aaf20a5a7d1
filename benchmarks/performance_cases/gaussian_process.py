"""The negative log marginal likelihood of a Gaussian process, with its gradient by three parameters."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from performance_cases.case import Loss

KERNEL = "(s*exp(-D/(2*l**2)) + noise*eye(n))"


def data(rng, n):
    """Squared distances of points in three dimensions, and observations."""
    points = rng.normal(size=(n, 3))
    D = np.sum((points[:, None, :] - points[None, :, :]) ** 2, axis=2)
    y = np.sin(points.sum(axis=1)) + 0.3 * rng.normal(size=n)
    return {"D": D, "y": y, "s": 1.3, "l": 0.7, "noise": 0.2}


def loss(o, D, y, s, l, noise):  # noqa: E741 - the length scale
    """In the words of a peer, through its own Cholesky factor."""
    K = s * o.exp(-D / (2 * l**2)) + noise * o.eye(y.shape[0])
    quadratic, logdet = o.inverse_quadratic_and_logdet(K, y)
    return quadratic / 2 + logdet / 2


def expert(D, y, s, l, noise):  # noqa: E741
    """One factorisation for the value, the solve and the inverse; traces as sums of products."""
    n = len(y)
    E = np.exp(D / (-2 * l**2))
    K = s * E
    K.flat[:: n + 1] += noise
    factor = cho_factor(K, lower=True)
    a = cho_solve(factor, y)
    value = y @ a / 2 + np.sum(np.log(np.diagonal(factor[0])))
    Q = cho_solve(factor, np.eye(n)) - np.outer(a, a)
    QE = Q * E
    return value, np.sum(QE) / 2, s * np.sum(QE * D) / (2 * l**3), np.trace(Q) / 2


LOSS = Loss(
    text=f"y @ solve({KERNEL}, y)/2 + logdet({KERNEL})/2",
    given={
        "D": "n n: symmetric",
        "y": "n",
        "s": ": positive",
        "l": ": positive",
        "noise": ": positive",
    },
    wrt=("s", "l", "noise"),
    names=("D", "y", "s", "l", "noise"),
    data=data,
    expert=expert,
    loss=loss,
)

CASES = (
    LOSS.case("GP likelihood v+g n=200", (200,), target=0.75),
    LOSS.case("GP likelihood v+g n=1000", (1000,), target=0.55),
)
