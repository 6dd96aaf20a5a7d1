"""Activations whose left tail is a product with a tiny factor: GELU, SiLU, Mish.

Each derivative has one zero at x0 < 0. Around it the derivative is written as a difference from
its value 0 at x0, in d = x - x0, with x0 known to twice the precision: then nothing cancels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from numeric.stability.arguments import Floats, elementwise
from numeric.stability.pairs import Pair, two_product

# where the derivatives are 0, as pairs
GELU_ZERO = (-0.7517915246935645, 1.4956759177009883e-17)
SILU_ZERO = (-1.2784645427610737, -1.0946994183093437e-16)
MISH_ZERO = (-1.1924312145154952, -4.8484829848031044e-17)

_GELU_TAIL = -0.9  # left of it, by erfcx
_GELU_END = -40.0  # left of it GELU is below the smallest subnormal number
_EXP_END = -800.0  # left of it x exp(x) is
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(14)


def gelu(x: ArrayLike) -> Any:
    """The Gaussian error linear unit.

    Formula: x Phi(x) = x (1 + erf(x/sqrt 2))/2; in the left tail x/2 exp(-x^2/2) erfcx(-x/sqrt 2),
    with the rounding error of x^2 carried along.
    Shapes: any. Conditions: none; -0 and inf at the infinities.
    Numerical error: below 8 ulps, also at x = -38.
    Source: Hendrycks and Gimpel, Gaussian Error Linear Units (2016).

    >>> print(f"{gelu(-10.0):.14g}")
    -7.6198530241605e-23
    """
    return elementwise(_gelu, x)


def gelu_derivative(x: ArrayLike) -> Any:
    """The slope of gelu, Phi(x) + x phi(x) with phi the normal density.

    In the left tail phi(x) (x + erfcx(-x/sqrt 2) sqrt(pi/2)). Around its zero x0 the integral of
    phi(t) (2 - t^2) from x0 to x, whose integrand has one sign, by Gauss's rule.
    """
    return elementwise(_gelu_derivative, x)


def silu(x: ArrayLike) -> Any:
    """The sigmoid linear unit, also called swish.

    Formula: x/(1 + exp(-x)); for x < 0 it is (x h)(h/(1 + h^2)) with h = exp(x/2), so that it is
    not lost before it is below the smallest subnormal number.
    Shapes: any. Conditions: none; -0 and inf at the infinities. Numerical error: below 5 ulps.

    >>> print(f"{silu(-740.0):.4g}")
    -3.1e-319
    """
    return elementwise(_silu, x)


def silu_derivative(x: ArrayLike) -> Any:
    """The slope of silu, e (e + 1 + x)/(1 + e)^2 with e = exp(x)."""
    return elementwise(_silu_derivative, x)


def mish(x: ArrayLike) -> Any:
    """Mish, x tanh(softplus(x)).

    Formula: with e = exp(x) it is x e (e + 2)/(e (e + 2) + 2), without any tanh or logarithm; for
    x > 0 the fraction is extended by exp(-2x).
    Shapes: any. Conditions: none; -0 and inf at the infinities. Numerical error: below 7 ulps.
    Source: Misra, Mish (2019).

    >>> print(f"{mish(-740.0):.4g}")
    -3.1e-319
    """
    return elementwise(_mish, x)


def mish_derivative(x: ArrayLike) -> Any:
    """The slope of mish, e (4(x + 1) + (4x + 6) e + 4e^2 + e^3)/(e^2 + 2e + 2)^2 with e = exp(x)."""
    return elementwise(_mish_derivative, x)


# --- GELU ----------------------------------------------------------------------------------------


def _times_gauss(factor: Any, x: Floats) -> Any:
    """Factor exp(-x^2/2), with the rounding error of x^2 taken into account.

    The exponential is multiplied in by halves, so that it is not rounded as a subnormal number.
    """
    high, low = two_product(x, x)
    half = np.exp(-high / 4)
    return (factor * half) * (half * (1 - low / 2))


def _gelu(x: Floats) -> Any:
    tail = np.clip(x, _GELU_END, 0.0)
    left = _times_gauss(tail / 2 * special.erfcx(-tail * np.sqrt(0.5)), tail)
    return np.where(x < _GELU_TAIL, left, x / 2 * (1 + special.erf(x * np.sqrt(0.5))))


def _gelu_derivative(x: Floats) -> Any:
    tail = np.clip(x, _GELU_END, 40.0)
    ratio = np.sqrt(np.pi / 2) * special.erfcx(-np.minimum(tail, 0.0) * np.sqrt(0.5))
    left = _times_gauss((tail + ratio) / np.sqrt(2 * np.pi), tail)
    right = special.ndtr(x) + _times_gauss(tail / np.sqrt(2 * np.pi), tail)
    distance = np.clip(_distance(x, GELU_ZERO), -0.6, 0.6)
    middle = np.zeros_like(x)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        t = GELU_ZERO[0] + distance * (1 + node) / 2
        middle += weight / 2 * np.exp(-t * t / 2) * (2 - t * t)
    middle *= distance / np.sqrt(2 * np.pi)
    found = np.where(np.abs(_distance(x, GELU_ZERO)) < 0.6, middle, right)
    return np.where(x < GELU_ZERO[0] - 0.6, left, found)


def _distance(x: Floats, zero: Pair) -> Any:
    return (x - zero[0]) - zero[1]


# --- SiLU and Mish -------------------------------------------------------------------------------


def _silu(x: Floats) -> Any:
    h = np.exp(-np.abs(x) / 2)
    e = h * h
    left = (np.maximum(x, _EXP_END) * h) * (h / (1 + e))
    return np.where(x < 0, left, x / (1 + e))


def _silu_derivative(x: Floats) -> Any:
    h = np.exp(-np.abs(x) / 2)
    e = h * h
    d = _distance(x, SILU_ZERO)
    near = d + np.exp(SILU_ZERO[0]) * np.expm1(np.minimum(d, 2.0))
    factor = np.where(np.abs(d) < 1.25, near, (1 + np.maximum(x, _EXP_END)) + e)
    right = (1 + (1 + np.minimum(x, -_EXP_END)) * e) / (1 + e) ** 2
    return np.where(x < 0, (factor * h) * (h / (1 + e) ** 2), right)


def _mish(x: Floats) -> Any:
    h = np.exp(-np.abs(x) / 2)
    e = h * h
    left = (np.maximum(x, _EXP_END) * h) * (h * (e + 2) / (e * (e + 2) + 2))
    return np.where(x < 0, left, x * ((1 + 2 * e) / (1 + 2 * e * (1 + e))))


def _mish_derivative(x: Floats) -> Any:
    h = np.exp(-np.abs(x) / 2)
    e = h * h
    d = _distance(x, MISH_ZERO)
    at_zero = np.exp(MISH_ZERO[0])
    grown = np.expm1(np.minimum(d, 2.0) * np.array([1.0, 2.0, 3.0]).reshape(3, *[1] * x.ndim))
    near = (
        at_zero * (4 * MISH_ZERO[0] + 6) * grown[0] + 4 * at_zero**2 * grown[1]
        + at_zero**3 * grown[2] + 4 * d * (1 + e)
    )  # fmt: skip
    far = 4 * (np.maximum(x, _EXP_END) + 1) + e * (4 * np.maximum(x, _EXP_END) + 6 + e * (4 + e))
    factor = np.where(np.abs(d) < 1.1, near, far)
    left = (factor * h) * (h / (e * (e + 2) + 2) ** 2)
    y = np.minimum(x, -_EXP_END)
    right = (1 + e * (4 + e * (4 * y + 6 + 4 * (y + 1) * e))) / (1 + 2 * e * (1 + e)) ** 2
    return np.where(x < 0, left, right)
