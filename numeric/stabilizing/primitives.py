"""Functions that NumPy and SciPy lack; a rewritten formula carries those it needs in its source.

Each is complete in itself up to the primitives it calls, so that its text can be written out.
Points where a branch is not taken may give NaN there, which `np.where` then drops.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special


def log1pmx(x: Any) -> Any:
    """log(1 + x) - x, accurate near x = 0."""
    r = x / (2 + x)
    s = r * r
    tail = 1 / 21
    for k in (19, 17, 15, 13, 11, 9, 7, 5, 3):
        tail = 1 / k + s * tail
    return np.where(np.abs(x) < 0.4, r * (2 * s * tail - x), np.log1p(x) - x)


def expm1mx(x: Any) -> Any:
    """exp(x) - 1 - x, accurate near x = 0."""
    tail = 1.0
    for k in range(18, 2, -1):
        tail = 1 + x / k * tail
    return np.where(np.abs(x) < 1, x * x / 2 * tail, np.expm1(x) - x)


def log1mexp(x: Any) -> Any:
    """log(1 - exp(x)) for x < 0."""
    return np.where(x > -0.6931471805599453, np.log(-np.expm1(x)), np.log1p(-np.exp(x)))


def softplus(x: Any) -> Any:
    """log(1 + exp(x))."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def sigmoid(x: Any) -> Any:
    """1/(1 + exp(-x))."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def stirling(x: Any) -> Any:
    """lgamma(x) - (x - 1/2)*log(x) + x - log(2*pi)/2, for x > 0."""
    shift = np.zeros_like(x)
    for _ in range(10):  # upwards to x >= 10, where the series holds
        low = x < 10
        t = 1 / (2 * x + 1)
        s = t * t
        tail = 1 / 61
        for k in range(59, 1, -2):
            tail = 1 / k + s * tail
        series = s * tail  # (x + 1/2)*log(1 + 1/x) - 1, by artanh
        direct = (x + 0.5) * np.log1p(1 / x) - 1
        shift = shift + np.where(low, np.where(t < 0.5, series, direct), 0)
        x = np.where(low, x + 1, x)
    y = 1 / (x * x)
    tail = 43867 / 244188
    for c in (-3617 / 122400, 1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360):
        tail = c + y * tail
    return shift + (1 / 12 + y * tail) / x


def gaussian(x: Any) -> Any:
    """exp(-x*x); the square is split, so that its rounding is not magnified."""
    x = np.clip(x, -40, 40)
    high = np.round(x * 64) / 64
    return np.exp(-high * high) * np.exp(-(x - high) * (x + high))


def mean_gaussian(a: Any, b: Any) -> Any:
    """(erf(a) - erf(b))/(a - b) for near a and b: Gauss-Legendre quadrature from a to b."""
    nodes, weights = np.polynomial.legendre.leggauss(20)
    change = 0.0  # of the mean, against the slope at a
    for t, w in zip(nodes, weights, strict=True):
        step = (b - a) * float(1 + t) / 2
        change = change + float(w) / 2 * np.expm1(-step * (2 * a + step))
    return 1.1283791670955126 * gaussian(a) * (1 + change)


def mean_digamma(a: Any, b: Any) -> Any:
    """(lgamma(a) - lgamma(b))/(a - b) for near a and b: Gauss-Legendre quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(20)
    middle, half = (a + b) / 2, (a - b) / 2
    slopes = [special.digamma(middle + half * float(t)) for t in nodes]
    return sum(float(w) * slope for w, slope in zip(weights, slopes, strict=True)) / 2


# --- pairs: a number as an unevaluated sum (high, low) -------------------------------------------


def pair_sum(x: Any, y: Any) -> Any:
    """Add pairs: Knuth's two-sum of the high parts is exact."""
    s = x[0] + y[0]
    t = s - x[0]
    low = (x[0] - (s - t)) + (y[0] - t) + (x[1] + y[1])
    return s, np.where(np.isfinite(low), low, 0)


def pair_negative(x: Any) -> Any:
    """Negate a pair."""
    return -x[0], -x[1]


def pair_difference(x: Any, y: Any) -> Any:
    """Subtract pairs."""
    return pair_sum(x, (-y[0], -y[1]))


def pair_maximum(x: Any, y: Any) -> Any:
    """The larger of two pairs."""
    first = x[0] + (x[1] - y[1]) >= y[0]
    return np.where(first, x[0], y[0]), np.where(first, x[1], y[1])


def pair_minimum(x: Any, y: Any) -> Any:
    """The smaller of two pairs."""
    return pair_negative(pair_maximum(pair_negative(x), pair_negative(y)))


def pair_product(x: Any, y: Any) -> Any:
    """Multiply pairs: Dekker's two-product of the high parts is exact without overflow."""
    p = x[0] * y[0]
    (a, b), (c, d) = halves(x[0]), halves(y[0])
    low = ((a * c - p) + a * d + b * c) + b * d + (x[0] * y[1] + x[1] * y[0])
    return p, np.where(np.isfinite(low), low, 0)


def halves(x: Any) -> Any:
    """Split into two numbers of half the digits that add to x: Veltkamp's splitting."""
    x = np.asarray(x)
    factor = {2: 65, 4: 4097, 8: 134217729}[x.dtype.itemsize]
    c = x.dtype.type(factor) * x
    high = c - (c - x)
    return high, x - high


def pair_quotient(x: Any, y: Any) -> Any:
    """Divide pairs: one correction by the remainder."""
    q = x[0] / y[0]
    p, e = pair_product((q, 0), y)
    low = ((x[0] - p) - e + x[1]) / y[0]
    return q, np.where(np.isfinite(low), low, 0)


def pair_root(x: Any) -> Any:
    """sqrt(x) of a pair: one correction by the remainder."""
    r = np.sqrt(x[0])
    p, e = pair_product((r, 0), (r, 0))
    low = ((x[0] - p) - e + x[1]) / (2 * r)
    return r, np.where(np.isfinite(low), low, 0)


def pair_chain(value: Any, slope: Any, x: Any) -> Any:
    """f(x) of a pair to first order in its low part, from f and f' at the high part."""
    low = slope * x[1]
    return value, np.where(np.isfinite(low), low, 0)
