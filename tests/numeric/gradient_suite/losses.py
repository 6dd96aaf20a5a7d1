"""Losses and likelihoods of machine learning, at random data."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.numeric.gradient_suite.case import Case

rng = np.random.default_rng(1)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log1pexp(z, xp):
    """log(1 + exp(z)) in a form that every oracle knows."""
    return xp.maximum(z, 0) + xp.log1p(xp.exp(-xp.abs(z)))


def logsumexp(z, xp):
    return xp.log(xp.sum(xp.exp(z), axis=-1))


def logistic(name, m, n, ridge=0.0, features=1.0, oracle="mpmath", scale=1.0):
    X = rng.normal(size=(m, n)) * features
    y = rng.integers(0, 2, m).astype(float)

    def f(w, xp=np):
        z = X @ w
        return xp.sum(log1pexp(z, xp) - y * z) / m + 0.5 * ridge * xp.sum(w * w)

    def grad(w):
        return X.T @ (sigmoid(X @ w) - y) / m + ridge * w

    return Case(
        name, f, grad, scale * rng.normal(size=n) / np.broadcast_to(features, n), oracle=oracle
    )


def least_squares():
    A, b = rng.normal(size=(6, 4)), rng.normal(size=6)
    return Case(
        "least squares",
        lambda x, xp=np: 0.5 * xp.sum((A @ x - b) ** 2),
        lambda x: A.T @ (A @ x - b),
        rng.normal(size=4),
    )


def ridge_regression():
    A, b = rng.normal(size=(20, 8)), rng.normal(size=20)
    return Case(
        "ridge 1e-6",
        lambda x, xp=np: xp.sum((A @ x - b) ** 2) / 40 + 0.5e-6 * xp.sum(x * x),
        lambda x: A.T @ (A @ x - b) / 20 + 1e-6 * x,
        rng.normal(size=8),
    )


def softmax_regression():
    X, y = rng.normal(size=(12, 5)), rng.integers(0, 3, 12)
    Y = np.eye(3)[y]

    def f(W, xp=np):
        Z = X @ W
        return xp.sum(logsumexp(Z, xp) - xp.sum(Y * Z, axis=-1)) / 12

    return Case(
        "softmax regression",
        f,
        lambda W: X.T @ (softmax(X @ W) - Y) / 12,
        0.5 * rng.normal(size=(5, 3)),
    )


def poisson_regression():
    X, y = rng.normal(size=(10, 3)), rng.poisson(2.0, 10).astype(float)
    return Case(
        "Poisson regression",
        lambda w, xp=np: xp.sum(xp.exp(X @ w) - y * (X @ w)),
        lambda w: X.T @ (np.exp(X @ w) - y),
        rng.normal(size=3),
    )


def student_t():
    y = rng.standard_t(3, 15)

    def f(t, xp=np):
        location, log_scale = t[0], t[1]
        r = (y - location) / xp.exp(log_scale)
        return xp.sum(2.5 * xp.log1p(r * r / 4)) + 15 * log_scale

    def grad(t):
        r = (y - t[0]) * np.exp(-t[1])
        weight = 5 * r / (4 + r * r)
        return np.array([-np.sum(weight) * np.exp(-t[1]), 15 - np.sum(weight * r)])

    return Case("Student-t likelihood", f, grad, np.array([0.3, -0.4]))


def gaussian_mixture():
    Y = rng.normal(size=(20, 2)) + 3 * rng.integers(0, 3, 20)[:, None]

    def f(M, xp=np):
        D = Y[:, None, :] - M[None, :, :]
        return -xp.sum(logsumexp(-0.5 * xp.sum(D * D, axis=-1), xp))

    def grad(M):
        D = Y[:, None, :] - M[None]
        R = softmax(-0.5 * np.sum(D * D, axis=-1))
        return -np.einsum("ik,ikd->kd", R, D)

    return Case("Gaussian mixture means", f, grad, rng.normal(size=(3, 2)))


def vae_kl():
    def f(t, xp=np):
        mean, log_var = t[0], t[1]
        return 0.5 * xp.sum(xp.exp(log_var) + mean * mean - 1 - log_var)

    return Case(
        "VAE KL term",
        f,
        lambda t: np.stack([t[0], 0.5 * (np.exp(t[1]) - 1)]),
        rng.normal(size=(2, 6)),
    )


def vae_kl_at_optimum():
    def f(t, xp=np):
        return 0.5 * xp.sum(xp.exp(t[1]) + t[0] * t[0] - 1 - t[1])

    return Case(
        "VAE KL term near its optimum",
        f,
        lambda t: np.stack([t[0], 0.5 * np.expm1(t[1])]),
        1e-4 * rng.normal(size=(2, 4)),
    )


def gaussian_process():
    t = np.sort(rng.uniform(0, 3, 8))
    y = np.sin(2 * t) + 0.1 * rng.normal(size=8)
    D = (t[:, None] - t[None, :]) ** 2

    def parts(theta, xp):
        E = xp.exp(2 * theta[0] - 0.5 * D * xp.exp(-2 * theta[1]))
        return E, E + xp.exp(2 * theta[2]) * np.eye(8)

    def f(theta, xp=np):
        _, K = parts(theta, xp)
        return 0.5 * y @ xp.linalg.solve(K, y) + 0.5 * xp.linalg.slogdet(K)[1]

    def grad(theta):
        E, K = parts(theta, np)
        inverse = np.linalg.inv(K)
        a = inverse @ y
        outer = 0.5 * (inverse - np.outer(a, a))
        slopes = [2 * E, E * D * np.exp(-2 * theta[1]), 2 * np.exp(2 * theta[2]) * np.eye(8)]
        return np.array([np.sum(outer * slope) for slope in slopes])

    return Case("Gaussian process likelihood", f, grad, np.array([0.1, -0.3, -1.5]), oracle="jax")


def focal_loss():
    y = rng.integers(0, 2, 6) * 2.0 - 1

    def f(z, xp=np):
        p = 1 / (1 + xp.exp(-y * z))
        return -xp.sum((1 - p) ** 2 * xp.log(p))

    def grad(z):
        p = sigmoid(y * z)
        return y * (2 * (1 - p) ** 2 * p * np.log(p) - (1 - p) ** 3)

    return Case("focal loss", f, grad, rng.normal(size=6))


def contrastive():
    V = rng.normal(size=(5, 4))

    def f(U, xp=np):
        S = U @ V.T / 0.2
        return xp.sum(logsumexp(S, xp) - xp.sum(S * np.eye(5), axis=-1)) / 5

    return Case(
        "contrastive loss",
        f,
        lambda U: (softmax(U @ V.T / 0.2) - np.eye(5)) @ V / 1.0,
        0.5 * rng.normal(size=(5, 4)),
    )


def cosine_loss():
    b = rng.normal(size=7)

    def f(x, xp=np):
        return 1 - (b @ x) / (xp.sqrt(xp.sum(x * x)) * xp.sqrt(xp.sum(b * b + 0 * x)))

    def grad(x):
        norm = np.linalg.norm(x)
        return -(b - (b @ x) * x / norm**2) / (norm * np.linalg.norm(b))

    return Case("cosine distance", f, grad, rng.normal(size=7))


def cox():
    X = rng.normal(size=(9, 3))

    def f(w, xp=np):
        z = X @ w
        return sum(xp.log(xp.sum(xp.exp(z[i:]))) - z[i] for i in range(9))

    def grad(w):
        z = X @ w
        return sum(X[i:].T @ softmax(z[i:]) - X[i] for i in range(9))

    return Case("Cox partial likelihood", f, grad, rng.normal(size=3))


def kl_of_softmaxes():
    q = softmax(rng.normal(size=6))

    def f(z, xp=np):
        log_p = z - xp.log(xp.sum(xp.exp(z)))
        return xp.sum(xp.exp(log_p) * (log_p - xp.log(q + 0 * z)))

    def grad(z):
        p = softmax(z)
        d = np.log(p) - np.log(q)
        return p * (d - p @ d)

    return Case("KL of softmax", f, grad, rng.normal(size=6))


def dirichlet():
    counts = np.array([3.0, 0.0, 7.0, 1.0])

    def f(a, xp=np):
        lgamma = special.gammaln if xp is np else xp.loggamma
        return (
            xp.sum(lgamma(a))
            - lgamma(xp.sum(a))
            + lgamma(xp.sum(a + counts))
            - xp.sum(lgamma(a + counts))
        )

    def grad(a):
        psi = special.digamma
        return psi(a) - psi(a.sum()) + psi(np.sum(a + counts)) - psi(a + counts)

    return Case("Dirichlet-multinomial", f, grad, np.array([0.5, 0.01, 2.0, 1.0]))


def entropy():
    p = softmax(3 * rng.normal(size=8))
    return Case("entropy", lambda p, xp=np: -xp.sum(p * xp.log(p)), lambda p: -np.log(p) - 1, p)


def log_sum_exp():
    def f(z, xp=np):
        return xp.log(xp.sum(xp.exp(z)))

    return Case("log-sum-exp", f, softmax, 4 * rng.normal(size=10))


def log_softmax_confident():
    def f(z, xp=np):
        return xp.log1p(xp.exp(z[1] - z[0]) + xp.exp(z[2] - z[0]))

    def grad(z):
        p = softmax(z)
        return np.array([-(p[1] + p[2]), p[1], p[2]])

    return Case("cross-entropy of a confident class", f, grad, np.array([30.0, 1.0, -2.0]))


def negative_binomial():
    y = np.array([0.0, 4.0, 2.0, 9.0])

    def f(t, xp=np):
        r, mean = xp.exp(t[0]), xp.exp(t[1])
        lgamma = special.gammaln if xp is np else xp.loggamma
        return -xp.sum(
            lgamma(y + r) - lgamma(r) + r * xp.log(r / (r + mean)) + y * xp.log(mean / (r + mean))
        )

    def grad(t):
        r, mean = np.exp(t)
        psi = special.digamma
        by_r = psi(y + r) - psi(r) + np.log(r / (r + mean)) + 1 - (r + y) / (r + mean)
        by_mean = y / mean - (r + y) / (r + mean)
        return -np.array([r * np.sum(by_r), mean * np.sum(by_mean)])

    return Case("negative binomial", f, grad, np.array([0.7, 1.1]))


LOSSES = (
    least_squares(),
    ridge_regression(),
    logistic("logistic, ridge 1e-6", 20, 4, ridge=1e-6),
    logistic("logistic, saturated", 20, 4, scale=30.0),
    logistic("logistic, features 1e-4 to 1e4", 30, 5, features=10.0 ** np.arange(-4, 5, 2)),
    logistic("logistic, 100 weights", 50, 100, ridge=1e-6),
    logistic("logistic, 10000 weights", 30, 10_000, ridge=1e-6, oracle="jax", scale=0.01),
    softmax_regression(),
    poisson_regression(),
    student_t(),
    gaussian_mixture(),
    vae_kl(),
    vae_kl_at_optimum(),
    gaussian_process(),
    focal_loss(),
    contrastive(),
    cosine_loss(),
    cox(),
    kl_of_softmaxes(),
    dirichlet(),
    entropy(),
    log_sum_exp(),
    log_softmax_confident(),
    negative_binomial(),
)
