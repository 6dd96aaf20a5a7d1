"""Ridge regression: value and gradient, and the Hessian."""

import numpy as np

from performance_cases.case import Loss


def data(rng, n, d):
    """Rows, weights, targets and the strength of the penalty."""
    return {
        "X": rng.normal(size=(n, d)),
        "w": rng.normal(size=d),
        "y": rng.normal(size=n),
        "lam": 0.1,
    }


def loss(o, X, w, y, lam):
    """In the words of a peer."""
    r = X @ w - y
    return o.dot(r, r) / 2 + lam / 2 * o.dot(w, w)


def expert(X, w, y, lam):
    """Value and gradient share the residual."""
    r = X @ w - y
    return r @ r / 2 + lam / 2 * (w @ w), X.T @ r + lam * w


def expert_hessian(X, w, y, lam):
    """NumPy sees that both operands are one array, and fills one triangle only."""
    return X.T @ X + lam * np.eye(X.shape[1])


LOSS = Loss(
    text="norm(X @ w - y)**2/2 + lam/2*norm(w)**2",
    given={"X": "n d", "w": "d", "y": "n", "lam": ": positive"},
    wrt=("w",),
    names=("X", "w", "y", "lam"),
    data=data,
    expert=expert,
    loss=loss,
)

CASES = (
    LOSS.case("ridge v+g 1e5x100", (100_000, 100), target=0.55),
    LOSS.case("ridge v+g 1000x20", (1000, 20)),
    LOSS.case(
        "ridge Hessian 10000x200", (10_000, 200), hessian=True, expert=expert_hessian, target=1.05
    ),
)
