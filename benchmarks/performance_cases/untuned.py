"""Five losses that nobody tuned the generator for, each at a large and a small size."""

import numpy as np

from performance_cases.case import Loss


def poisson_data(rng, n, d):
    """Counts with a moderate rate."""
    X, w = rng.normal(size=(n, d)), rng.normal(size=d) / np.sqrt(d)
    return {"X": X, "w": w, "y": rng.poisson(np.exp(X @ w)).astype(float)}


def poisson_loss(o, X, w, y):
    """In the words of a peer."""
    z = X @ w
    return o.mean(o.exp(z) - y * z)


def poisson_expert(X, w, y):
    """Value and gradient share the rate."""
    z = X @ w
    rate = np.exp(z)
    return (rate.sum() - y @ z) / len(y), X.T @ (rate - y) / len(y)


def huber_data(rng, n, d):
    """Residuals on both sides of the kink."""
    return {"X": rng.normal(size=(n, d)), "w": rng.normal(size=d), "y": rng.normal(size=n)}


def huber_loss(o, X, w, y):
    """In the words of a peer."""
    r = X @ w - y
    size = o.abs(r)
    return o.mean(o.where(size <= 1, r**2 / 2, size - 0.5))


def huber_expert(X, w, y):
    """The slope is the clipped residual c, and the value c*(r - c/2)."""
    r = X @ w - y
    c = np.clip(r, -1, 1)
    return c @ (r - c / 2) / len(y), X.T @ c / len(y)


def mixture_data(rng, n, d, k):
    """Points of overlapping clusters, centres and log weights."""
    M = rng.normal(size=(k, d))
    X = M[rng.integers(0, k, n)] + rng.normal(size=(n, d))
    return {"X": X, "M": M + 0.1 * rng.normal(size=(k, d)), "a": np.log(rng.dirichlet(np.ones(k)))}


def mixture_loss(o, X, M, a):
    """In the words of a peer."""
    squares = o.sum(X**2, axis=1)[:, None] - 2 * X @ M.T + o.sum(M**2, axis=1)
    return -o.mean(o.logsumexp(a - squares / 2, axis=1))


def mixture_expert(X, M, a):
    """The squares of X drop out of the responsibilities, so they enter the value alone."""
    s = X @ M.T + (a - np.sum(M**2, axis=1) / 2)
    top = s.max(axis=1, keepdims=True)
    e = np.exp(s - top)
    total = e.sum(axis=1, keepdims=True)
    value = (np.vdot(X, X) / 2 - np.log(total).sum() - top.sum()) / len(X)
    R = e / total
    return value, (R.sum(axis=0)[:, None] * M - R.T @ X) / len(X)


def triplet_data(rng, n, d, k):
    """Anchors, near and far points, and an embedding."""
    A = rng.normal(size=(n, d))
    return {
        "A": A,
        "P": A + rng.normal(size=(n, d)),
        "N": A + 1.2 * rng.normal(size=(n, d)),
        "W": rng.normal(size=(d, k)) / np.sqrt(d * k),
    }


def triplet_loss(o, A, P, N, W):
    """In the words of a peer."""
    near = o.sum(((A - P) @ W) ** 2, axis=1)
    far = o.sum(((A - N) @ W) ** 2, axis=1)
    return o.mean(o.relu(near - far + 1))


def triplet_expert(A, P, N, W):
    """Differences and their embeddings serve value and gradient."""
    near, far = A - P, A - N
    U, V = near @ W, far @ W
    margin = np.sum(U * U, axis=1) - np.sum(V * V, axis=1) + 1
    active = (margin > 0)[:, None] * (2 / len(A))
    return np.maximum(margin, 0).sum() / len(A), near.T @ (active * U) - far.T @ (active * V)


def cox_data(rng, n, d):
    """Subjects in the order of time; two thirds of the times are observed."""
    return {
        "X": rng.normal(size=(n, d)),
        "w": rng.normal(size=d) / np.sqrt(d),
        "e": (rng.random(n) < 2 / 3).astype(float),
    }


def cox_loss(o, X, w, e):
    """In the words of a peer: the risk set of a subject is everyone who comes later."""
    z = X @ w
    return -o.mean(e * (z - o.log(o.sums_from_here(o.exp(z)))))


def cox_expert(X, w, e):
    """Risk sets are running sums from the end, and the slope needs one from the start."""
    z = X @ w
    hazard = np.exp(z)
    risk = np.cumsum(hazard[::-1])[::-1]
    value = e @ (np.log(risk) - z) / len(e)
    return value, X.T @ (hazard * np.cumsum(e / risk) - e) / len(e)


POISSON = Loss(
    text="mean(exp(X @ w) - y*(X @ w))",
    given={"X": "n d", "w": "d", "y": "n: nonnegative"},
    wrt=("w",),
    names=("X", "w", "y"),
    data=poisson_data,
    expert=poisson_expert,
    loss=poisson_loss,
    options={"tuned": False},
)
HUBER = Loss(
    text="mean(where(abs(X @ w - y) <= 1, (X @ w - y)**2/2, abs(X @ w - y) - 1/2))",
    given={"X": "n d", "w": "d", "y": "n"},
    wrt=("w",),
    names=("X", "w", "y"),
    data=huber_data,
    expert=huber_expert,
    loss=huber_loss,
    options={"tuned": False},
)
MIXTURE = Loss(
    text="-mean(logsumexp(a - (sum(X**2, axis=1, keepdims=True) - 2*X @ M.T"
    " + sum(M**2, axis=1))/2, axis=1))",
    given={"X": "n d", "M": "k d", "a": "k"},
    wrt=("M",),
    names=("X", "M", "a"),
    data=mixture_data,
    expert=mixture_expert,
    loss=mixture_loss,
    options={"tuned": False},
)
TRIPLET = Loss(
    text="mean(relu(sum(((A - P) @ W)**2, axis=1) - sum(((A - N) @ W)**2, axis=1) + 1))",
    given={"A": "n d", "P": "n d", "N": "n d", "W": "d k"},
    wrt=("W",),
    names=("A", "P", "N", "W"),
    data=triplet_data,
    expert=triplet_expert,
    loss=triplet_loss,
    options={"tuned": False},
)
COX = Loss(
    text="-mean(e*(X @ w - log(triu(ones(n, n)) @ exp(X @ w))))",
    given={"X": "n d", "w": "d", "e": "n: unit"},
    wrt=("w",),
    names=("X", "w", "e"),
    data=cox_data,
    expert=cox_expert,
    loss=cox_loss,
    options={"tuned": False},
)

CASES = (
    POISSON.case("Poisson regression 200000x50", (200_000, 50)),
    POISSON.case("Poisson regression 200x10", (200, 10)),
    HUBER.case("Huber regression 200000x50", (200_000, 50)),
    HUBER.case("Huber regression 200x10", (200, 10)),
    MIXTURE.case("Gaussian mixture 50000x20 k=10", (50_000, 20, 10)),
    MIXTURE.case("Gaussian mixture 200x5 k=3", (200, 5, 3)),
    TRIPLET.case("triplet loss 20000x64 k=16", (20_000, 64, 16)),
    TRIPLET.case("triplet loss 100x16 k=4", (100, 16, 4)),
    COX.case("Cox likelihood 100000x20", (100_000, 20)),
    COX.case("Cox likelihood 200x5", (200, 5)),
)
