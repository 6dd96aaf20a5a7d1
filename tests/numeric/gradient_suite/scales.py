"""Smooth functions that are hard to difference: ill-scaled, oscillating, flat, near an edge."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from tests.numeric.gradient_suite.case import Case

rng = np.random.default_rng(3)
DECADES = 10.0 ** np.arange(-8, 9, 2)


def array(*values):
    return np.array(values, dtype=float)


def rosenbrock(name, x):
    def f(x, xp=np):
        return xp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def grad(x):
        d = x[1:] - x[:-1] ** 2
        g = np.zeros_like(x)
        g[1:] += 200 * d
        g[:-1] -= 400 * x[:-1] * d + 2 * (1 - x[:-1])
        return g

    return Case(name, f, grad, x, oracle="mpmath" if x.size < 100 else "jax")


ILL_SCALED = (
    rosenbrock("Rosenbrock", array(-1.2, 1)),
    rosenbrock("Rosenbrock, 10 variables", rng.normal(size=10)),
    rosenbrock("Rosenbrock, 10000 variables", rng.normal(size=10_000)),
    Case(
        "squares, x from 1e-8 to 1e8",
        lambda x, xp=np: xp.sum(x * x),
        lambda x: 2 * x,
        DECADES * array(1, -2, 3, 1, -1, 2, -3, 1, 1),
    ),
    Case(
        "logs, x from 1e-8 to 1e8",
        lambda x, xp=np: xp.sum(xp.log(x)),
        lambda x: 1 / x,
        DECADES,
    ),
    Case(
        "logs, x from 1e-7 to 1e-1",
        lambda x, xp=np: xp.sum(xp.log(x)),
        lambda x: 1 / x,
        10.0 ** np.arange(-7, 0),
    ),
    Case(
        "entropy, x from 1e-8 to 1e8",
        lambda x, xp=np: xp.sum(x * xp.log(x)),
        lambda x: np.log(x) + 1,
        DECADES,
    ),
    Case(
        "exponentials of 1e8 x at 1e-8",
        lambda x, xp=np: xp.sum(xp.exp(1e8 * x)),
        lambda x: 1e8 * np.exp(1e8 * x),
        1e-8 * rng.normal(size=5),
    ),
    Case(
        "sines of x/1e8 at 1e8",
        lambda x, xp=np: xp.sum(xp.sin(1e-8 * x)),
        lambda x: 1e-8 * np.cos(1e-8 * x),
        1e8 * rng.normal(size=5),
    ),
    Case(
        "units mixed inside a norm",
        lambda x, xp=np: xp.log1p(xp.sum((x * DECADES[::-1]) ** 2)),
        lambda x: 2 * x * DECADES[::-1] ** 2 / (1 + np.sum((x * DECADES[::-1]) ** 2)),
        DECADES * rng.normal(size=9),
    ),
    Case(
        "values of 1e8",
        lambda x, xp=np: 1e8 * xp.sum(xp.sin(x)),
        lambda x: 1e8 * np.cos(x),
        rng.normal(size=4),
    ),
    Case(
        "values of 1e-8",
        lambda x, xp=np: 1e-8 * xp.sum(xp.sin(x) * x),
        lambda x: 1e-8 * (np.cos(x) * x + np.sin(x)),
        rng.normal(size=4),
    ),
    Case(
        "values of 1e-12",
        lambda x, xp=np: 1e-12 * xp.sum(xp.exp(x)),
        lambda x: 1e-12 * np.exp(x),
        rng.normal(size=4),
    ),
    Case(
        "values of 1e-100",
        lambda x, xp=np: 1e-100 * xp.sum(xp.cosh(x)),
        lambda x: 1e-100 * np.sinh(x),
        rng.normal(size=3),
    ),
    Case(
        "offset 1e6",
        lambda x, xp=np: 1e6 + xp.sum(xp.sin(3 * x)),
        lambda x: 3 * np.cos(3 * x),
        rng.normal(size=4),
    ),
    Case(
        "offset 1e8",
        lambda x, xp=np: 1e8 + 0.5 * xp.sum(x * x),
        lambda x: x,
        rng.normal(size=4),
    ),
    Case(
        "offset 1 beside slopes of 1e-9",
        lambda x, xp=np: 1 + 1e-9 * xp.sum(xp.sin(x)),
        lambda x: 1e-9 * np.cos(x),
        rng.normal(size=4),
    ),
    Case(
        "time stamps, varying over 1 at 1e8",
        lambda x, xp=np: xp.sum(xp.tanh(x - 1e8)),
        lambda x: 1 / np.cosh(x - 1e8) ** 2,
        1e8 + array(0.25, -0.5, 1),
    ),
    Case(
        "a bump of width 1e-5 at 1",
        lambda x, xp=np: xp.sum(xp.exp(-((1e5 * (x - 1)) ** 2))),
        lambda x: -2e10 * (x - 1) * np.exp(-((1e5 * (x - 1)) ** 2)),
        1 + 1e-5 * array(0.3, -0.7, 1.1),
    ),
    Case(
        "a step of width 1e-6 at 0",
        lambda x, xp=np: xp.sum(xp.tanh(1e6 * x)),
        lambda x: 1e6 / np.cosh(1e6 * x) ** 2,
        array(0, 3e-7, -1e-6),
    ),
    Case(
        "Lennard-Jones energy",
        lambda x, xp=np: xp.sum(4 * (x**-12.0 - x**-6.0)),
        lambda x: 4 * (-12 * x**-13.0 + 6 * x**-7.0),
        array(0.5, 0.9, 1.1, 2.5, 10),
    ),
    Case(
        "softmax of temperature 1e-3",
        lambda x, xp=np: xp.exp(1e3 * x[0]) / xp.sum(xp.exp(1e3 * x)),
        lambda x: (
            1e3
            * (np.exp(1e3 * x[0]) / np.sum(np.exp(1e3 * x)))
            * (np.eye(1, 3)[0] - np.exp(1e3 * x) / np.sum(np.exp(1e3 * x)))
        ),
        array(0.1, 0.1005, 0.0992),
    ),
    Case(
        "power 20",
        lambda x, xp=np: xp.sum(x**20),
        lambda x: 20 * x**19,
        array(0.3, -1, 1.5, 3),
    ),
    Case(
        "product of 12 factors",
        lambda x, xp=np: xp.prod(x),
        lambda x: np.prod(x) / x,
        rng.uniform(0.2, 3, 12),
    ),
    Case(
        "exp(50 x)",
        lambda x, xp=np: xp.sum(xp.exp(50 * x)),
        lambda x: 50 * np.exp(50 * x),
        array(-1, 0.5, 1),
    ),
)

NEAR_AN_EDGE = (
    Case(
        "1/x near 0", lambda x, xp=np: xp.sum(1 / x), lambda x: -1 / x**2, array(1e-6, -1e-4, 0.1)
    ),
    Case(
        "square roots near 0",
        lambda x, xp=np: xp.sum(xp.sqrt(x)),
        lambda x: 0.5 / np.sqrt(x),
        array(1e-10, 1e-5, 0.3),
    ),
    Case(
        "arcsin near 1",
        lambda x, xp=np: xp.sum(xp.arcsin(x)),
        lambda x: 1 / np.sqrt((1 - x) * (1 + x)),
        1 - array(1e-8, 1e-4, 0.5),
    ),
    Case(
        "artanh near 1",
        lambda x, xp=np: xp.sum(xp.arctanh(x)),
        lambda x: 1 / ((1 - x) * (1 + x)),
        array(1 - 1e-7, -1 + 1e-4, 0.5),
    ),
    Case(
        "logit near 0 and 1",
        lambda p, xp=np: xp.sum(xp.log(p / (1 - p))),
        lambda p: 1 / (p * (1 - p)),
        array(1e-6, 1 - 1e-6, 1 - 1e-9, 0.5),
    ),
    Case(
        "log(1 - x) near 1",
        lambda x, xp=np: xp.sum(xp.log(1 - x)),
        lambda x: -1 / (1 - x),
        1 - array(1e-7, 1e-3, 0.3),
    ),
    Case(
        "barrier of a box, slack 1e-6",
        lambda x, xp=np: -xp.sum(xp.log(2 - x) + xp.log(x + 2)),
        lambda x: 1 / (2 - x) - 1 / (x + 2),
        array(2 - 1e-6, 1.9, -2 + 1e-5),
    ),
    Case(
        "square root near the unit sphere",
        lambda x, xp=np: xp.sqrt(1 - xp.sum(x * x)),
        lambda x: -x / np.sqrt(1 - np.sum(x * x)),
        array(0.6, 0.79999, 0.001),
    ),
    Case(
        "tan near its pole",
        lambda x, xp=np: xp.sum(xp.tan(x)),
        lambda x: 1 / np.cos(x) ** 2,
        array(np.pi / 2 - 1e-5, 1.5, 0.2),
    ),
    Case(
        "log gamma near 0",
        lambda x, xp=np: xp.sum((special.gammaln if xp is np else xp.loggamma)(x)),
        special.digamma,
        array(1e-6, 0.1, 30),
    ),
    Case(
        "powers 1.5 near 0",
        lambda x, xp=np: xp.sum(x * xp.sqrt(x)),
        lambda x: 1.5 * np.sqrt(x),
        array(1e-9, 1e-4, 1),
    ),
)

OSCILLATING = (
    Case(
        "sin(1e3 x)",
        lambda x, xp=np: xp.sum(xp.sin(1e3 * x)),
        lambda x: 1e3 * np.cos(1e3 * x),
        rng.normal(size=4),
    ),
    Case(
        "sin(1e4 x)",
        lambda x, xp=np: xp.sum(xp.sin(1e4 * x)),
        lambda x: 1e4 * np.cos(1e4 * x),
        rng.normal(size=3),
    ),
    Case(
        "a ripple of 1e-5 on a parabola",
        lambda x, xp=np: xp.sum(x * x + 1e-5 * xp.sin(1e3 * x)),
        lambda x: 2 * x + 1e-2 * np.cos(1e3 * x),
        rng.normal(size=4),
    ),
    Case(
        "sin(1/x) at 0.01",
        lambda x, xp=np: xp.sum(xp.sin(1 / x)),
        lambda x: -np.cos(1 / x) / x**2,
        array(0.01, -0.02, 0.3),
    ),
    Case(
        "product of waves",
        lambda x, xp=np: xp.prod(xp.cos(40 * x)),
        lambda x: -40 * np.tan(40 * x) * np.prod(np.cos(40 * x)),
        rng.normal(size=4),
    ),
    Case(
        "random Fourier features",
        lambda x, xp=np: xp.sum(xp.cos(FREQUENCIES @ x)),
        lambda x: -FREQUENCIES.T @ np.sin(FREQUENCIES @ x),
        rng.normal(size=6),
    ),
)
FREQUENCIES = 30 * rng.normal(size=(50, 6))

FLAT = (
    Case(
        "exp(-x^2) at 10",
        lambda x, xp=np: xp.sum(xp.exp(-x * x)),
        lambda x: -2 * x * np.exp(-x * x),
        array(10, -9, 10.5),
    ),
    Case(
        "tanh, saturated",
        lambda x, xp=np: xp.sum(xp.tanh(x)),
        lambda x: 1 / np.cosh(x) ** 2,
        array(20, -25, 19.5),
    ),
    Case(
        "sigmoid, deep left tail",
        lambda x, xp=np: xp.sum(1 / (1 + xp.exp(-x))),
        lambda x: np.exp(x) / (1 + np.exp(x)) ** 2,
        array(-40, -50, -35),
    ),
    Case("constant", lambda x, xp=np: 3.5 + 0 * xp.sum(x), np.zeros_like, rng.normal(size=5)),
    Case(
        "linear",
        lambda x, xp=np: xp.sum(array(1, -2, 0.5, 0, 7) * x) - 2,
        lambda x: array(1, -2, 0.5, 0, 7),
        rng.normal(size=5),
    ),
    Case(
        "linear, slopes 1e-9 to 1e6",
        lambda x, xp=np: xp.sum(10.0 ** np.arange(-9, 7, 3) * x),
        lambda x: 10.0 ** np.arange(-9, 7, 3),
        rng.normal(size=6),
    ),
    Case(
        "one variable without influence",
        lambda x, xp=np: xp.sin(x[0]) * x[2] ** 2,
        lambda x: array(np.cos(x[0]) * x[2] ** 2, 0, 2 * x[2] * np.sin(x[0])),
        array(0.4, 1.3, -2),
    ),
)

CANCELLING = (
    Case(
        "(exp(x) - 1)/x near 0, naive",
        lambda x, xp=np: xp.sum((xp.exp(x) - 1) / x),
        lambda x: sum(k * x ** (k - 1) / math.factorial(k + 1) for k in range(1, 20)),
        array(1e-4, -1e-2, 0.5),
    ),
    Case(
        "(1 - cos x)/x^2 near 0, naive",
        lambda x, xp=np: xp.sum((1 - xp.cos(x)) / x**2),
        lambda x: -x / 12 + x**3 / 180 - x**5 / 6720 + x**7 / 453600,
        array(1e-2, 0.05, -0.1),
    ),
    Case(
        "log(1 + x) at 1e-8, naive",
        lambda x, xp=np: xp.sum(xp.log(1 + x)),
        lambda x: 1 / (1 + x),
        array(1e-8, -3e-7, 1e-3),
    ),
    Case(
        "sqrt(x + 1) - sqrt(x) at 1e6, naive",
        lambda x, xp=np: xp.sum(xp.sqrt(x + 1) - xp.sqrt(x)),
        lambda x: -0.5 / (np.sqrt(x * (x + 1)) * (np.sqrt(x + 1) + np.sqrt(x))),
        array(1e6, 1e4, 50),
    ),
    Case(
        "variance in one pass, offset 1e4",
        lambda x, xp=np: xp.mean(x * x) - xp.mean(x) ** 2,
        lambda x: 2 * (x - x.mean()) / 8,
        1e4 + rng.normal(size=8),
    ),
    Case(
        "expanded cube, (x - 1)^3 at 1.01",
        lambda x, xp=np: xp.sum(x**3 - 3 * x**2 + 3 * x - 1),
        lambda x: 3 * (x - 1) ** 2,
        array(1.01, 0.9, 1.5),
    ),
)

SCALES = ILL_SCALED + NEAR_AN_EDGE + OSCILLATING + FLAT + CANCELLING
