"""Kinks, jumps, noise, and points on the edge of a domain, each with a gradient that is right.

At a kink it is the conventional subgradient (relu'(0) = 0, the first of tied maxima); `also` holds
other ones. At a jump or under noise it is the gradient of what the function means.
"""

from __future__ import annotations

import numpy as np

from tests.numeric.gradient_suite.case import Case

rng = np.random.default_rng(5)
NO_ORACLE = "not differentiable at x"
draws = np.random.default_rng(6)  # never reset: noise differs from call to call


def array(*values):
    return np.array(values, dtype=float)


def relu(x, xp=np):
    return xp.maximum(x, 0)


def relu_network():
    """Every unit gets exactly 0; the output weights are positive, so that f is convex."""
    W, v = rng.normal(size=(4, 3)), rng.uniform(0.5, 2, 4)

    def f(x, xp=np):
        return xp.sum(v * relu(W @ x, xp))

    return Case(
        "relu network at the origin",
        f,
        lambda x: W.T @ (v * (W @ x > 0)),
        np.zeros(3),
        "kink",
        NO_ORACLE,
    )


KINKS = (
    Case(
        "relu at 0",
        lambda x, xp=np: xp.sum(relu(x, xp) * array(1, 2, -1, 1)),
        lambda x: (x > 0) * array(1, 2, -1, 1),
        array(0, 0, 0.7, -2),
        "kink",
        NO_ORACLE,
        also=(array(1, 2, -1, 0), array(0, 2, -1, 0), array(0.5, 0, -1, 0)),
    ),
    Case(
        "one relu at 0",
        lambda x, xp=np: relu(x[0], xp),
        lambda x: (x > 0) * 1.0,
        array(0),
        "kink",
        NO_ORACLE,
        also=(array(1), array(0.5)),
    ),
    Case(
        "absolute values at 0",
        lambda x, xp=np: xp.sum(xp.abs(x)),
        np.sign,
        array(0, 1.5, -2, 0),
        "kink",
        NO_ORACLE,
        also=(array(1, 1, -1, -1), array(-0.3, 1, -1, 0.9)),
    ),
    Case(
        "max with ties",
        lambda x, xp=np: xp.max(x),
        lambda x: array(0, 1, 0, 0),
        array(1, 3, 3, -2),
        "kink",
        NO_ORACLE,
        also=(array(0, 0, 1, 0), array(0, 0.5, 0.5, 0)),
    ),
    Case(
        "hinge at margin 1",
        lambda m, xp=np: xp.sum(relu(1 - m, xp)),
        lambda m: -1.0 * (m < 1),
        array(1, 0.3, 2, 1),
        "kink",
        NO_ORACLE,
        also=(array(-1, -1, 0, -1),),
    ),
    Case(
        "lasso with zero weights",
        lambda w, xp=np: 0.5 * xp.sum((w - array(1, 0.05, -2)) ** 2) + 0.1 * xp.sum(xp.abs(w)),
        lambda w: w - array(1, 0.05, -2) + 0.1 * np.sign(w),
        array(0.9, 0, -1.9),
        "kink",
        NO_ORACLE,
        also=(array(0, 0, 0),),
    ),
    Case(
        "clip at its bound",
        lambda x, xp=np: xp.sum(xp.clip(x, -1, 1) ** 2),
        lambda x: 2 * x * (np.abs(x) < 1),
        array(1, 0.5, -3),
        "kink",
        NO_ORACLE,
        also=(array(2, 1, 0),),
    ),
    Case(
        "L1 of 200 weights, 20 of them 0",
        lambda x, xp=np: xp.sum(xp.abs(x)),
        np.sign,
        np.where(np.arange(200) % 10 == 0, 0, rng.normal(size=200)),
        "kink",
        NO_ORACLE,
    ),
    Case(
        "norm at 0",
        lambda x, xp=np: xp.sqrt(xp.sum(x * x)),
        np.zeros_like,
        np.zeros(3),
        "kink",
        NO_ORACLE,
    ),
    relu_network(),
)

JUMPS = (
    Case(
        "floor at an integer",
        lambda x, xp=np: xp.sum(xp.floor(x)),
        np.zeros_like,
        array(2, 0.5),
        "jump",
        NO_ORACLE,
    ),
    Case(
        "step 1e-9 beside x",
        lambda x, xp=np: xp.sum(x * x) + 1.0 * (x[0] > 1 + 1e-9),
        lambda x: 2 * x,
        array(1, -2),
        "jump",
    ),
    Case(
        "step of 1e-3 at x",
        lambda x, xp=np: xp.sum(xp.sin(x)) + 1e-3 * (x[0] >= 0.5),
        np.cos,
        array(0.5, 1),
        "jump",
        NO_ORACLE,
    ),
    Case(
        "accuracy beside a loss",
        lambda w, xp=np: xp.sum(w * w) + xp.mean(1.0 * (DATA @ w > 0)),
        lambda w: 2 * w,
        array(1e-7, -1e-7),
        "jump",
    ),
    Case(
        "rounding to 1e-3",
        lambda x, xp=np: xp.sum(xp.round(1e3 * x) / 1e3),
        np.zeros_like,
        array(0.3141, -1.2, 0.0002),
        "jump",
        also=(np.ones(3),),  # what is meant by it in training
    ),
    Case(
        "rounding to 1e-8",
        lambda x, xp=np: xp.round(1e8 * xp.sum(xp.sin(x))) / 1e8,
        np.cos,
        rng.normal(size=3),
        "jump",
        exact=lambda x, xp: xp.sum(xp.sin(x)),
    ),
)
DATA = rng.normal(size=(11, 2))


def noisy(relative):
    """Noise that differs from call to call."""

    def exact(x, xp=np):
        return xp.sum(xp.exp(x)) + xp.sum(x) ** 2

    return Case(
        f"random noise, relative {relative:g}",
        lambda x, xp=np: exact(x) * (1 + relative * draws.normal()),
        lambda x: np.exp(x) + 2 * np.sum(x),
        array(0.4, -0.7, 1.1),
        "noise",
        exact=exact,
    )


def noisy_many():
    def exact(x, xp=np):
        return xp.mean(x * x)

    return Case(
        "random noise, relative 1e-8, 1000 variables",
        lambda x, xp=np: exact(x) * (1 + 1e-8 * draws.normal()),
        lambda x: 2 * x / x.size,
        rng.normal(size=1000),
        "noise",
        exact=exact,
    )


def dropout():
    """A new mask at every call: f is random, its mean is not."""
    c = rng.normal(size=6)

    def exact(x, xp=np):
        return xp.sum(c * x) ** 2

    def f(x, xp=np):
        return float(np.sum(c * x * (draws.random(6) < 0.8) / 0.8)) ** 2

    return Case("dropout", f, lambda x: 2 * c * (c @ x), rng.normal(size=6), "noise", exact=exact)


def monte_carlo():
    """A mean over 200 fresh samples."""

    def exact(x, xp=np):
        return xp.sum(x * x) + 3

    return Case(
        "Monte Carlo mean",
        lambda x, xp=np: float(np.mean(np.sum((x + draws.normal(size=(200, 3))) ** 2, axis=1))),
        lambda x: 2 * x,
        array(1, -0.5, 2),
        "noise",
        exact=exact,
    )


def hashed():
    """Noise of 1e-10 that is a function of x: the same at every call."""

    def exact(x, xp=np):
        return xp.sum(xp.cos(x))

    return Case(
        "repeatable noise of 1e-10",
        lambda x, xp=np: exact(x) + 1e-10 * np.sin(np.sum(x) * 1e17 % 6.28),
        lambda x: -np.sin(x),
        array(0.3, 1.2, -0.8),
        "noise",
        exact=exact,
    )


def bisected():
    """The root of y^3 + y = x by bisection down to 1e-9: a staircase."""

    def root(a):
        low, high = -10.0, 10.0
        while high - low > 1e-9:
            middle = (low + high) / 2
            low, high = (middle, high) if middle**3 + middle < a else (low, middle)
        return (low + high) / 2

    def grad(x):
        y = np.array([root(a) for a in x])
        return 1 / (3 * y**2 + 1)

    return Case(
        "root by bisection to 1e-9",
        lambda x, xp=np: sum(map(root, x)),
        grad,
        array(0.7, -2),
        "noise",
        "its gradient is that of the root, up to 1e-9",
    )


NOISE = (
    noisy(1e-9),
    noisy(1e-7),
    noisy(1e-5),
    noisy_many(),
    dropout(),
    monte_carlo(),
    hashed(),
    bisected(),
)

EDGES = (
    Case(
        "square root at 0",
        lambda x, xp=np: xp.sum(xp.sqrt(x)),
        lambda x: 0.5 / np.sqrt(np.maximum(x, 1e-300)) if x.all() else array(np.inf, 0.25),
        array(0, 4),
        "edge",
        NO_ORACLE,
    ),
    Case(
        "power 1.5 at 0",
        lambda x, xp=np: xp.sum(x * xp.sqrt(x)),
        lambda x: 1.5 * np.sqrt(x),
        array(0, 4),
        "edge",
        NO_ORACLE,
    ),
    Case(
        "power 2.5 at 0, five times",
        lambda x, xp=np: xp.sum(x**2.5) + xp.sum(x),
        lambda x: 2.5 * x**1.5 + 1,
        array(0, 0, 1, 2, 0),
        "edge",
        NO_ORACLE,
    ),
    Case(
        "log of a probability that is 1 at most",
        lambda p, xp=np: xp.sum(xp.log(p)) if xp.all(p <= 1) else np.nan,
        lambda p: 1 / p,
        array(1, 0.5),
        "edge",
        NO_ORACLE,
    ),
    Case(
        "log 1e-200 above 0",
        lambda x, xp=np: xp.sum(xp.log(x)),
        lambda x: 1 / x,
        array(1e-200, 1),
        "edge",
    ),
    Case(
        "a domain error raised outside",
        lambda x, xp=np: _strict(x, xp),
        lambda x: array(1, 1 / x[1]),
        array(0, 2),
        "edge",
        NO_ORACLE,
    ),
)


def _strict(x, xp):
    if x[0] < 0:
        raise ValueError("x[0] must not be negative")
    return x[0] + xp.log(x[1])


NON_SMOOTH = KINKS + JUMPS + NOISE + EDGES
