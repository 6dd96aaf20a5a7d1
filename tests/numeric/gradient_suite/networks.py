"""Layers of networks and functions of matrices."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from tests.numeric.gradient_suite.case import Case
from tests.numeric.gradient_suite.losses import sigmoid, softmax

rng = np.random.default_rng(2)


def attention():
    Q0, K, V, C = rng.normal(size=(4, 3, 4))

    def f(Q, xp=np):
        E = xp.exp(Q @ K.T / 2)
        return xp.sum(C * ((E / xp.sum(E, axis=-1, keepdims=True)) @ V))

    def grad(Q):
        A, dA = softmax(Q @ K.T / 2), C @ V.T
        return A * (dA - np.sum(A * dA, axis=1, keepdims=True)) @ K / 2

    return Case("attention, queries", f, grad, Q0)


def attention_batch():
    """Self-attention of a 3-D array with itself as keys and values."""
    X0, C = rng.normal(size=(2, 2, 3, 4))

    def f(X, xp=np):
        E = xp.exp(X @ xp.swapaxes(X, 1, 2) / 2)
        return xp.sum(C * ((E / xp.sum(E, axis=-1, keepdims=True)) @ X))

    def grad(X):
        A = softmax(X @ X.swapaxes(1, 2) / 2)
        dA = C @ X.swapaxes(1, 2)
        dS = A * (dA - np.sum(A * dA, axis=2, keepdims=True)) / 2
        return A.swapaxes(1, 2) @ C + (dS + dS.swapaxes(1, 2)) @ X

    return Case("self-attention, 3-D", f, grad, X0)


def layer_norm():
    c = rng.normal(size=8)

    def f(x, xp=np):
        centred = x - xp.mean(x)
        return xp.sum(c * centred) / xp.sqrt(xp.mean(centred * centred) + 1e-5)

    def grad(x):
        d = x - x.mean()
        s = np.sqrt(np.mean(d * d) + 1e-5)
        return (c - c.mean()) / s - (c @ d) * d / (8 * s**3)

    return Case("layer norm", f, grad, rng.normal(size=8))


def layer_norm_nearly_constant():
    case = layer_norm()
    return Case("layer norm of a nearly constant row", case.f, case.grad, 1 + 1e-3 * case.x)


def rms_norm():
    C = rng.normal(size=(2, 3, 5))

    def f(X, xp=np):
        return xp.sum(C * X / xp.sqrt(xp.mean(X * X, axis=-1, keepdims=True)))

    def grad(X):
        r = np.sqrt(np.mean(X * X, axis=-1, keepdims=True))
        return C / r - X * np.sum(C * X, axis=-1, keepdims=True) / (5 * r**3)

    return Case("RMS norm, 3-D", f, grad, rng.normal(size=(2, 3, 5)))


def batch_norm():
    C = rng.normal(size=(8, 3))

    def f(X, xp=np):
        D = X - xp.mean(X, axis=0)
        return xp.sum(C * xp.tanh(D / xp.sqrt(xp.mean(D * D, axis=0) + 1e-5)))

    def grad(X):
        D = X - X.mean(0)
        s = np.sqrt(np.mean(D * D, axis=0) + 1e-5)
        N = D / s
        G = C * (1 - np.tanh(N) ** 2)
        return (G - G.mean(0) - D * np.mean(G * D, axis=0) / s**2) / s

    return Case("batch norm and tanh", f, grad, rng.normal(size=(8, 3)))


def recurrent():
    U, h0, c = rng.normal(size=(6, 3)), rng.normal(size=3), rng.normal(size=3)

    def states(W, xp):
        found = [h0]
        for u in U:
            found.append(xp.tanh(W @ found[-1] + u))
        return found

    def f(W, xp=np):
        return xp.sum(c * states(W, xp)[-1])

    def grad(W):
        h = states(W, np)
        total, upstream = np.zeros((3, 3)), c
        for before, after in zip(h[-2::-1], h[:0:-1], strict=True):
            inner = upstream * (1 - after**2)
            total += np.outer(inner, before)
            upstream = W.T @ inner
        return total

    return Case("recurrent network", f, grad, rng.normal(size=(3, 3)))


def convolution():
    s, t = rng.normal(size=20), rng.normal(size=16)

    def windows(k):
        return np.array([s[i : i + k] for i in range(16)])

    return Case(
        "1-D convolution",
        lambda w, xp=np: 0.5 * xp.sum((windows(5) @ w - t) ** 2),
        lambda w: windows(5).T @ (windows(5) @ w - t),
        rng.normal(size=5),
    )


def convolution_images():
    image, T = rng.normal(size=(2, 6, 6)), rng.normal(size=(4, 4))

    def response(W):
        return sum(
            W[c, i, j] * image[c, i : i + 4, j : j + 4]
            for c in range(2) for i in range(3) for j in range(3)
        )  # fmt: skip

    def grad(W):
        error = np.tanh(response(W) - T)
        return np.array([
            [[np.sum(error * image[c, i : i + 4, j : j + 4]) for j in range(3)] for i in range(3)]
            for c in range(2)
        ])  # fmt: skip

    def f(W, xp=np):
        R = response(W) - T
        return xp.sum(xp.log(xp.cosh(R)))

    return Case("2-D convolution, 3-D kernel", f, grad, rng.normal(size=(2, 3, 3)))


def perceptron():
    X, y = rng.normal(size=(10, 4)), rng.normal(size=10)
    sizes = (12, 3, 3, 1)

    def split(t):
        A, b, v, c = (t[i:j] for i, j in zip((0, 12, 15, 18), (12, 15, 18, 19), strict=True))
        return A.reshape(4, 3), b, v, c[0]

    def f(t, xp=np):
        A, b, v, c = split(t)
        r = xp.tanh(X @ A + b) @ v + c - y
        return xp.sum(r * r) / 20

    def grad(t):
        A, b, v, c = split(t)
        H = np.tanh(X @ A + b)
        r = (H @ v + c - y) / 10
        Z = np.outer(r, v) * (1 - H**2)
        return np.concatenate([(X.T @ Z).ravel(), Z.sum(0), H.T @ r, [r.sum()]])

    return Case("two-layer perceptron", f, grad, rng.normal(size=sum(sizes)))


def gelu():
    k = 0.7978845608028654

    def f(x, xp=np):
        return xp.sum(0.5 * x * (1 + xp.tanh(k * (x + 0.044715 * x**3))))

    def grad(x):
        t = np.tanh(k * (x + 0.044715 * x**3))
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * k * (1 + 3 * 0.044715 * x * x)

    return Case("GELU", f, grad, np.array([-6.0, -3.0, -1.0, 0.0, 0.5, 4.0]))


def gate():
    W, c = rng.normal(size=(4, 4)), rng.normal(size=4)

    def f(x, xp=np):
        return xp.sum(c * xp.tanh(x) / (1 + xp.exp(-(W @ x))))

    def grad(x):
        s, t = sigmoid(W @ x), np.tanh(x)
        return c * s * (1 - t * t) + W.T @ (c * t * s * (1 - s))

    return Case("gated unit", f, grad, rng.normal(size=4))


def factorisation():
    R, V = rng.normal(size=(5, 4)), rng.normal(size=(4, 2))
    return Case(
        "matrix factorisation",
        lambda U, xp=np: 0.5 * xp.sum((U @ V.T - R) ** 2),
        lambda U: (U @ V.T - R) @ V,
        rng.normal(size=(5, 2)),
    )


def log_determinant():
    return Case(
        "log det",
        lambda X, xp=np: xp.linalg.slogdet(X)[1],
        lambda X: np.linalg.inv(X).T,
        rng.normal(size=(4, 4)),
        oracle="jax",
    )


def gaussian_precision():
    S = np.cov(rng.normal(size=(3, 9)))
    L = np.eye(3) + 0.3 * np.tril(rng.normal(size=(3, 3)))

    def f(X, xp=np):
        P = X @ X.T + 1e-3 * np.eye(3)
        return xp.sum(S * P) - xp.linalg.slogdet(P)[1]

    def grad(X):
        return 2 * (S - np.linalg.inv(X @ X.T + 1e-3 * np.eye(3))) @ X

    return Case("Gaussian precision factor", f, grad, L, oracle="jax")


def trace_of_square():
    B = rng.normal(size=(3, 3))
    return Case(
        "trace B X X",
        lambda X, xp=np: xp.sum(xp.diagonal(B @ X @ X)),
        lambda X: (B @ X + X @ B).T,
        rng.normal(size=(3, 3)),
    )


def trace_of_inverse():
    A = np.eye(4) + 0.4 * rng.normal(size=(4, 4))

    def grad(X):
        inverse = np.linalg.inv(X)
        return -(inverse @ inverse).T

    return Case(
        "trace of inverse", lambda X, xp=np: xp.trace(xp.linalg.inv(X)), grad, A, oracle="jax"
    )


def determinant():
    return Case(
        "determinant",
        lambda X, xp=np: xp.linalg.det(X),
        lambda X: np.linalg.det(X) * np.linalg.inv(X).T,
        rng.normal(size=(5, 5)),
        oracle="jax",
    )


def matrix_exponential():
    A, C = 0.5 * rng.normal(size=(2, 3, 3))

    def f(X, xp=np):
        exponential = linalg.expm if xp is np else xp.expm
        return xp.sum(C * exponential(X))

    return Case(
        "matrix exponential",
        f,
        lambda X: linalg.expm_frechet(X.T, C, compute_expm=False),
        A,
        oracle="jax",
    )


def hilbert():
    H = linalg.hilbert(6)
    c = rng.normal(size=6)
    return Case(
        "quadratic form of a Hilbert matrix",
        lambda x, xp=np: 0.5 * x @ H @ x - c @ x,
        lambda x: H @ x - c,
        rng.normal(size=6),
    )


def rayleigh():
    A = np.diag([1e-6, 1.0, 2.0, 1e3])

    def f(x, xp=np):
        return (x @ (A @ x)) / xp.sum(x * x)

    return Case(
        "Rayleigh quotient",
        f,
        lambda x: 2 * (A @ x - x * (x @ A @ x) / (x @ x)) / (x @ x),
        rng.normal(size=4),
    )


def eigenvalue():
    S = rng.normal(size=(4, 4))

    def grad(X):
        v = np.linalg.eigh(X + X.T)[1][:, -1]
        return 2 * np.outer(v, v)

    return Case(
        "largest eigenvalue",
        lambda X, xp=np: xp.linalg.eigvalsh(X + X.T)[-1],
        grad,
        S,
        oracle="jax",
    )


def frobenius():
    return Case(
        "Frobenius norm",
        lambda X, xp=np: xp.sqrt(xp.sum(X * X)),
        lambda X: X / np.linalg.norm(X),
        rng.normal(size=(3, 2)),
    )


NETWORKS = (
    attention(),
    attention_batch(),
    layer_norm(),
    layer_norm_nearly_constant(),
    rms_norm(),
    batch_norm(),
    recurrent(),
    convolution(),
    convolution_images(),
    perceptron(),
    gelu(),
    gate(),
    factorisation(),
    log_determinant(),
    gaussian_precision(),
    trace_of_square(),
    trace_of_inverse(),
    determinant(),
    matrix_exponential(),
    hilbert(),
    rayleigh(),
    eigenvalue(),
    frobenius(),
)
