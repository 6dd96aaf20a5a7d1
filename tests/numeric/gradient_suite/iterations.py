"""Values that a loop computes, single precision, many variables, and points of zero slope."""

from __future__ import annotations

import numpy as np

from tests.numeric.gradient_suite.case import Case

rng = np.random.default_rng(4)


def array(*values):
    return np.array(values, dtype=float)


def newton_roots():
    def f(a, xp=np):
        y = a
        for _ in range(12):
            y = 0.5 * (y + a / y)
        return xp.sum(y)

    return Case(
        "square roots by Newton's loop",
        f,
        lambda a: 0.5 / np.sqrt(a),
        array(2, 0.3, 40),
        exact=lambda a, xp: xp.sum(xp.sqrt(a)),
    )


def kepler(tolerance):
    """The eccentric anomaly E = M + e sin E, by a fixed point that stops at a tolerance."""

    def solve(mean, e, tolerance):
        E = mean
        for _ in range(500):
            new = mean + e * np.sin(E)
            if abs(new - E) < tolerance:
                return new
            E = new
        return np.nan

    def exact(t, xp):
        E = t[0]
        for _ in range(300):
            E = t[0] + t[1] * xp.sin(E)
        return E

    def grad(t):
        E = solve(t[0], t[1], 1e-15)
        return array(1, np.sin(E)) / (1 - t[1] * np.cos(E))

    return Case(
        f"Kepler's equation, fixed point to {tolerance:g}",
        lambda t, xp=np: solve(t[0], t[1], tolerance),
        grad,
        array(0.8, 0.5),
        exact=exact,
    )


def euler():
    """A damped pendulum by 400 Euler steps; the gradient by its adjoint recursion."""
    steps, h = 400, 0.01

    def path(t, xp):
        q, v, states = t[0], t[1], []
        for _ in range(steps):
            states.append((q, v))
            q, v = q + h * v, v - h * (xp.sin(q) + t[2] * v)
        return q, v, states

    def grad(t):
        _, _, states = path(t, np)
        a, b, damping = 1.0, 0.0, 0.0
        for q, v in reversed(states):
            damping -= b * h * v
            a, b = a - b * h * np.cos(q), a * h + b * (1 - h * t[2])
        return array(a, b, damping)

    return Case(
        "pendulum by Euler steps", lambda t, xp=np: path(t, xp)[0], grad, array(1, 0.2, 0.3)
    )


def runge_kutta():
    """Logistic growth, y' = a y (1 - y), by 50 classical Runge-Kutta steps."""

    def f(t, xp=np):
        y, h = t[0], 0.04
        for _ in range(50):
            k1 = t[1] * y * (1 - y)
            k2 = t[1] * (y + h / 2 * k1) * (1 - y - h / 2 * k1)
            k3 = t[1] * (y + h / 2 * k2) * (1 - y - h / 2 * k2)
            k4 = t[1] * (y + h * k3) * (1 - y - h * k3)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return y

    def grad(t):
        """Complex steps: f is a polynomial."""
        step = 1e-30
        return array(*(f(t + 1j * step * axis).imag / step for axis in np.eye(2)))

    return Case("logistic growth by Runge-Kutta", f, grad, array(0.1, 1.5))


def chaotic_map():
    def orbit(t, xp):
        y, states = t[0], []
        for _ in range(25):
            states.append(y)
            y = t[1] * y * (1 - y)
        return y, states

    def grad(t):
        by_y, by_r = 1.0, 0.0
        for y in reversed(orbit(t, np)[1]):
            by_r += by_y * y * (1 - y)
            by_y *= t[1] * (1 - 2 * y)
        return array(by_y, by_r)

    return Case("logistic map, 25 turns", lambda t, xp=np: orbit(t, xp)[0], grad, array(0.3, 3.7))


def power_iteration():
    S = rng.normal(size=(4, 4))
    S = S @ S.T

    def f(D, xp=np):
        A, v = S + D * np.eye(4), xp.ones(4) / 2
        for _ in range(300):
            v = A @ v
            v = v / xp.sqrt(xp.sum(v * v))
        return v @ (A @ v)

    def grad(D):
        return np.linalg.eigh(S + np.diag(D))[1][:, -1] ** 2

    return Case(
        "eigenvalue by power iteration",
        f,
        grad,
        rng.normal(size=4) * 0.1,
        oracle="jax",
        exact=lambda D, xp: xp.linalg.eigvalsh(S + xp.diag(D))[-1],
    )


def descent():
    """The loss after ten steps of gradient descent, as a function of start and log step size."""
    A, b = np.diag(array(1, 3, 0.5)), array(1, -1, 2)

    def path(t, xp):
        w, states = t[:3], []
        for _ in range(10):
            states.append(w)
            w = w - xp.exp(t[3]) * (A @ w - b)
        return w, states

    def f(t, xp=np):
        w = path(t, xp)[0]
        return 0.5 * w @ (A @ w) - xp.sum(b * w)

    def grad(t):
        w, states = path(t, np)
        g, rate = A @ w - b, 0.0
        for w in reversed(states):
            rate -= g @ (A @ w - b) * np.exp(t[3])
            g = g - np.exp(t[3]) * (A @ g)
        return np.append(g, rate)

    return Case("ten steps of gradient descent", f, grad, array(0.3, -0.2, 1, -2))


def quadrature():
    nodes = np.linspace(0, 1, 201)
    weights = np.array([1, *[4, 2] * 99, 4, 1]) / 600

    return Case(
        "integral by Simpson's rule",
        lambda a, xp=np: xp.sum(weights * xp.exp(-a[0] * nodes**2) * xp.cos(a[1] * nodes)),
        lambda a: array(
            -np.sum(weights * nodes**2 * np.exp(-a[0] * nodes**2) * np.cos(a[1] * nodes)),
            -np.sum(weights * nodes * np.exp(-a[0] * nodes**2) * np.sin(a[1] * nodes)),
        ),
        array(1.3, 4),
    )


LOOPS = (
    newton_roots(),
    kepler(1e-10),
    euler(),
    runge_kutta(),
    chaotic_map(),
    power_iteration(),
    descent(),
    quadrature(),
)


def single_least_squares():
    A, b = rng.normal(size=(2, 6, 4)).astype(np.float32)
    b = b[:, 0]

    return Case(
        "least squares in float32",
        lambda x, xp=np: 0.5 * xp.sum((A @ x - b) ** 2),
        lambda x: A.T @ (A @ x - b),
        rng.normal(size=4).astype(np.float32),
    )


def single_softmax():
    def f(z, xp=np):
        return xp.log(xp.sum(xp.exp(z)))

    def grad(z):
        e = np.exp(z)
        return e / e.sum()

    return Case("log-sum-exp in float32", f, grad, rng.normal(size=20).astype(np.float32))


def single_inside():
    """float64 in and out, float32 in between."""

    def exact(x, xp=np):
        return xp.sum(xp.tanh(x) * x)

    def f(x, xp=np):
        return float(exact(x.astype(np.float32)))

    return Case(
        "float32 inside a float64 function",
        f,
        lambda x: np.tanh(x) + x / np.cosh(x) ** 2,
        rng.normal(size=5),
        exact=exact,
    )


def single_quadratic_large():
    return Case(
        "log cosh in float32, 1000 variables",
        lambda x, xp=np: xp.mean(xp.log(xp.cosh(x))),
        lambda x: np.tanh(x) / np.float32(1000),
        rng.normal(size=1000).astype(np.float32),
    )


SINGLE = (single_least_squares(), single_softmax(), single_inside(), single_quadratic_large())

SIZES = (
    Case("one number", lambda x, xp=np: xp.cosh(x[0]), np.sinh, array(0.7)),
    Case(
        "no dimension",
        lambda x, xp=np: xp.exp(x) * x,
        lambda x: np.exp(x) * (1 + x),
        np.array(1.7),
    ),
    Case(
        "log cosh, 1000 variables",
        lambda x, xp=np: xp.sum(xp.log(xp.cosh(x))),
        np.tanh,
        rng.normal(size=1000),
    ),
    Case(
        "mean of squares, 10000 variables",
        lambda x, xp=np: xp.mean(x * x),
        lambda x: 2 * x / x.size,
        rng.normal(size=10_000),
        oracle="jax",
    ),
    Case(
        "mean of log cosh, 100000 variables",
        lambda x, xp=np: xp.mean(xp.log(xp.cosh(x))),
        lambda x: np.tanh(x) / x.size,
        rng.normal(size=100_000),
        oracle="jax",
    ),
    Case(
        "log-sum-exp, 100000 variables",
        lambda x, xp=np: xp.log(xp.sum(xp.exp(x))),
        lambda x: np.exp(x) / np.sum(np.exp(x)),
        rng.normal(size=100_000),
        oracle="jax",
    ),
    Case(
        "neighbours, 100 x 100",
        lambda X, xp=np: xp.sum((X[1:] - X[:-1]) ** 2) + xp.sum(xp.sin(X[:, 1:] * X[:, :-1])),
        lambda X: _neighbours(X),
        rng.normal(size=(100, 100)),
        oracle="jax",
    ),
    Case(
        "logs of 200 variables, 1e-4 to 1e4",
        lambda x, xp=np: xp.sum(xp.log(x)),
        lambda x: 1 / x,
        10.0 ** rng.uniform(-4, 4, 200),
    ),
)


def _neighbours(X):
    g = np.zeros_like(X)
    d = 2 * (X[1:] - X[:-1])
    g[1:] += d
    g[:-1] -= d
    c = np.cos(X[:, 1:] * X[:, :-1])
    g[:, 1:] += c * X[:, :-1]
    g[:, :-1] += c * X[:, 1:]
    return g


def at_optimum():
    A = rng.normal(size=(4, 3))
    x = rng.normal(size=3)
    b = A @ x
    return Case(
        "least squares at its minimum",
        lambda x, xp=np: xp.sum((A @ x - b) ** 2),
        lambda x: 2 * A.T @ (A @ x - b),
        x,
        rounding=1e-14,
    )


def orthogonality():
    W = np.linalg.qr(rng.normal(size=(4, 3)))[0]
    return Case(
        "orthogonality penalty of an orthogonal matrix",
        lambda W, xp=np: xp.sum((W.T @ W - np.eye(3)) ** 2),
        lambda W: 4 * W @ (W.T @ W - np.eye(3)),
        W,
        rounding=1e-14,
    )


STATIONARY = (
    at_optimum(),
    orthogonality(),
    Case("cosh at 0", lambda x, xp=np: xp.sum(xp.cosh(x)), np.sinh, np.zeros(4)),
    Case(
        "quartic at 0 and near",
        lambda x, xp=np: xp.sum(x**4),
        lambda x: 4 * x**3,
        array(0, 1e-3, -1e-2),
    ),
    Case(
        "cubic at 0",
        lambda x, xp=np: xp.sum(x**3),
        lambda x: 3 * x**2,
        np.zeros(3),
        rounding=1e-40,  # of the oracle
    ),
    Case(
        "saddle",
        lambda x, xp=np: 5 + x[0] * x[1] - x[1] * x[2],
        lambda x: array(x[1], x[0] - x[2], -x[1]),
        np.zeros(3),
    ),
    Case(
        "Rosenbrock at its minimum",
        lambda x, xp=np: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2,
        lambda x: array(
            -400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)
        ),
        np.ones(2),
        rounding=1e-40,  # of the oracle
    ),
)


def _positive(x, xp):
    return xp.maximum(x, 0)


BENT = (  # continuously differentiable, but not twice
    Case(
        "ELU at 0",
        lambda x, xp=np: xp.sum(_positive(x, xp) + xp.expm1(xp.minimum(x, 0))),
        lambda x: np.exp(np.minimum(x, 0)),
        array(0, 0.5, -0.5, 0),
    ),
    Case(
        "relu squared at 0",
        lambda x, xp=np: xp.sum(_positive(x, xp) ** 2),
        lambda x: 2 * np.maximum(x, 0),
        array(0, 1, -1),
    ),
    Case(
        "x |x| at 0",
        lambda x, xp=np: xp.sum(x * xp.abs(x)),
        lambda x: 2 * np.abs(x),
        array(0, 2, -1),
    ),
    Case(
        "Huber loss at its joint",
        lambda x, xp=np: xp.sum(0.5 * xp.minimum(xp.abs(x), 1) ** 2 + xp.maximum(xp.abs(x) - 1, 0)),
        lambda x: np.clip(x, -1, 1),
        array(1, -1, 0.3, 2),
    ),
    Case(
        "cubed norm at 0",
        lambda x, xp=np: xp.sqrt(xp.sum(x * x)) ** 3,
        lambda x: 3 * np.linalg.norm(x) * x,
        np.zeros(3),
    ),
    Case(
        "squared hinge at margin 1",
        lambda m, xp=np: xp.sum(_positive(1 - m, xp) ** 2),
        lambda m: -2 * np.maximum(1 - m, 0),
        array(1, 0.2, 3),
    ),
)

NEAR_A_KINK = (  # smooth at x, with a kink close by
    Case(
        "relu network, 1e-5 from its kinks",
        lambda x, xp=np: xp.sum(_positive(x, xp) * array(1, 2, -1, 3)),
        lambda x: (x > 0) * array(1, 2, -1, 3),
        array(1e-5, -1e-5, 0.4, 1e-4),
    ),
    Case(
        "max of three, 1e-6 from a tie",
        lambda x, xp=np: xp.maximum(xp.maximum(x[0] ** 2, x[1]), x[2]),
        lambda x: array(2 * x[0], 0, 0),
        array(1.000001, 1, 0.5),
    ),
    Case(
        "smoothed absolute values, width 1e-4",
        lambda x, xp=np: xp.sum(xp.sqrt(x * x + 1e-8)),
        lambda x: x / np.sqrt(x * x + 1e-8),
        array(0, 5e-5, -1e-4, 1),
    ),
    Case(
        "norm of a tiny vector",
        lambda x, xp=np: xp.sqrt(xp.sum(x * x)),
        lambda x: x / np.linalg.norm(x),
        1e-9 * array(3, -4, 12),
    ),
)

ITERATIONS = LOOPS + SINGLE + SIZES + STATIONARY + BENT + NEAR_A_KINK
