"""Logistic regression: value and gradient, and the Hessian."""

import numpy as np
from scipy.special import expit

from performance_cases.case import Loss


def data(rng, n, d):
    """Rows, weights of a scale that keeps the scores moderate, and labels."""
    return {
        "X": rng.normal(size=(n, d)),
        "w": rng.normal(size=d) / np.sqrt(d),
        "y": rng.integers(0, 2, n).astype(float),
    }


def loss(o, X, w, y):
    """In the words of a peer."""
    z = X @ w
    return o.mean(o.softplus(z) - y * z)


def expert(X, w, y):
    """Value and gradient."""
    z = X @ w
    value = (np.logaddexp(0, z).sum() - y @ z) / len(y)
    return value, X.T @ (expit(z) - y) / len(y)


def expert_hessian(X, w, y):
    """One product of weighted rows."""
    p = expit(X @ w)
    return X.T @ ((p * (1 - p))[:, None] * X) / len(y)


LOSS = Loss(
    text="mean(softplus(X @ w) - y*(X @ w))",
    given={"X": "n d", "w": "d", "y": "n: unit"},
    wrt=("w",),
    names=("X", "w", "y"),
    data=data,
    expert=expert,
    loss=loss,
)

CASES = (
    LOSS.case("logistic v+g 1e5x100", (100_000, 100), target=0.45),
    LOSS.case("logistic v+g 1e6x50", (1_000_000, 50), target=0.50),
    LOSS.case("logistic v+g 1000x10", (1000, 10)),
    LOSS.case(
        "logistic Hessian 10000x100",
        (10_000, 100),
        hessian=True,
        expert=expert_hessian,
        target=0.70,
    ),
    LOSS.case(
        "logistic Hessian 5000x500",
        (5_000, 500),
        hessian=True,
        expert=expert_hessian,
        target=0.60,
    ),
    LOSS.case("tiny logistic 20x5 called", (20, 5), small=True, target=1.0),
    LOSS.case("tiny logistic 20x5 bound", (20, 5), small=True, form="bound", target=0.55),
)
