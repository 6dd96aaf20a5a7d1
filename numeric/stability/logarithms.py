"""Logarithms of what is nearly 1, and products with a logarithm."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from numeric.stability.arguments import Floats, elementwise

_LOG_HALF = float(np.log(0.5))
_SERIES = (-0.6, 1.5)  # where log1pmx is a series: outside, log1p(x) and x differ enough
_TERMS = 22  # of the series; the first one left out is below 2^-53 of the result


def log1mexp(x: ArrayLike) -> Any:
    """The logarithm of 1 - exp(x), for x <= 0: of the probability of not, from a log-probability.

    Formula: log(-expm1(x)) for x > -log 2, log1p(-exp(x)) below.
    Shapes: any. Conditions: x <= 0, else NaN; -inf at 0.
    Numerical error: below 2 ulps. Source: Maechler, note of the R package Rmpfr (2012).

    >>> print(f"{log1mexp(-1e-20):.14g} {log1mexp(-50.0):.14g}")
    -46.051701859881 -1.9287498479639e-22
    """
    return elementwise(_log1mexp, x)


def log1mexp_derivative(x: ArrayLike) -> Any:
    """The slope of log1mexp, exp(x)/expm1(x)."""
    return elementwise(_log1mexp_derivative, x)


def log1pmx(x: ArrayLike) -> Any:
    """log(1 + x) - x without cancellation: the second-order part of the logarithm.

    Formula: with r = x/(2 + x), log(1 + x) = 2 artanh(r) and 2r - x = -r x, so that the result is
    -r (x - 2 (r^2/3 + r^4/5 + ...)), where both terms are accurate and do not cancel.
    Shapes: any. Conditions: x >= -1, else NaN; -inf at -1 and at infinity.
    Numerical error: below 3 ulps for 1e-150 <= |x| <= 1e300.

    >>> print(f"{log1pmx(1e-10):.14g}")
    -4.9999999996667e-21
    """
    return elementwise(log1pmx_core, x)


def log1pmx_derivative(x: ArrayLike) -> Any:
    """The slope of log1pmx, -x/(1 + x)."""
    return elementwise(_log1pmx_derivative, x)


def xlogy(x: ArrayLike, y: ArrayLike) -> Any:
    """X log(y), which is 0 where x is 0: the limit, although log(0) is -inf.

    Shapes: broadcast together. Conditions: y >= 0, else NaN; x = 0 gives 0 unless y is NaN.
    Numerical error: below 2 ulps (SciPy's function).

    >>> print(xlogy(0.0, 0.0))
    0.0
    """
    return elementwise(special.xlogy, x, y)


def xlogy_by_x(x: ArrayLike, y: ArrayLike) -> Any:
    """The slope of xlogy by x, log(y)."""
    return elementwise(lambda x, y: np.log(y), x, y)


def xlogy_by_y(x: ArrayLike, y: ArrayLike) -> Any:
    """The slope of xlogy by y, x/y, which is 0 where x is 0."""
    return elementwise(_xlogy_by_y, x, y)


def _log1mexp(x: Floats) -> Any:
    return np.where(x > _LOG_HALF, np.log(-np.expm1(x)), np.log1p(-np.exp(x)))


def _log1mexp_derivative(x: Floats) -> Any:
    return np.where(x < 0, np.exp(x) / np.expm1(x), np.where(x == 0, -np.inf, np.nan))


def log1pmx_core(x: Floats) -> Any:
    """log1pmx of float64 arrays."""
    low, high = _SERIES
    inside = (x > low) & (x < high)
    near = np.where(inside, x, 0.0)
    r = near / (2 + near)
    square = r * r
    series = np.zeros_like(square)
    for k in range(_TERMS, 0, -1):
        series = series * square + 1 / (2 * k + 1)
    outside = np.where(np.isposinf(x), -np.inf, np.log1p(x) - x)
    return np.where(inside, -r * (near - 2 * square * series), outside)


def _log1pmx_derivative(x: Floats) -> Any:
    found = np.where(np.isposinf(x), -1.0, -x / (1 + x))
    return np.where(x >= -1, found, np.nan)


def _xlogy_by_y(x: Floats, y: Floats) -> Any:
    return np.where(y >= 0, np.where(x == 0, 0.0, x / y), np.nan)
