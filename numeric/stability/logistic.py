"""The logistic family: sigmoid, its logarithm, softplus, and logit, which undoes sigmoid.

All of them are functions of e = exp(-|x|), which lies in (0, 1] and never overflows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numeric.stability.arguments import Floats, elementwise


def sigmoid(x: ArrayLike) -> Any:
    """The logistic function.

    Formula: 1/(1 + exp(-x)) = e/(1 + e) for x < 0, with e = exp(-|x|).
    Shapes: any. Conditions: none; 0 and 1 at the infinities.
    Numerical error: below 3 ulps, down to the smallest subnormal.

    >>> print(sigmoid(-740.0) > 0)
    True
    """
    return elementwise(_sigmoid, x)


def sigmoid_derivative(x: ArrayLike) -> Any:
    """The slope of sigmoid, e/(1 + e)^2 with e = exp(-|x|)."""
    return elementwise(_sigmoid_derivative, x)


def log_sigmoid(x: ArrayLike) -> Any:
    """The logarithm of the logistic function.

    Formula: log(1/(1 + exp(-x))) = -softplus(-x). Shapes: any. Conditions: none.
    Numerical error: below 2 ulps.

    >>> print(log_sigmoid(-1000.0))
    -1000.0
    """
    return elementwise(lambda x: -_softplus(-x), x)


def log_sigmoid_derivative(x: ArrayLike) -> Any:
    """The slope of log_sigmoid, sigmoid(-x): never as 1 - sigmoid(x), which is 0 from x = 37 on."""
    return elementwise(lambda x: _sigmoid(-x), x)


def softplus(x: ArrayLike) -> Any:
    """The smooth maximum of x and 0.

    Formula: log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|)). Shapes: any. Conditions: none.
    Numerical error: below 2 ulps.

    >>> print(f"{softplus(-50.0):.14g} {softplus(800.0):.14g}")
    1.9287498479639e-22 800
    """
    return elementwise(_softplus, x)


def log1pexp(x: ArrayLike) -> Any:
    """Softplus, under the name that it has beside log1mexp.

    Formula: log(1 + exp(x)). Shapes: any. Conditions: none. Numerical error: below 2 ulps.

    >>> print(log1pexp(800.0))
    800.0
    """
    return elementwise(_softplus, x)


def logit(p: ArrayLike) -> Any:
    """The log-odds of a probability, the inverse of sigmoid.

    Formula: log(p/(1 - p)); for 1/4 < p < 3/4 it is 2 artanh(2p - 1), whose argument is exact.
    Shapes: any. Conditions: 0 <= p <= 1, else NaN; the infinities at the ends.
    Numerical error: below 1.5 ulps, from p = 1e-300 to both sides of 1/2.

    >>> print(f"{logit(0.5 + 1e-15):.14g} {logit(1e-300):.14g}")
    3.9968028886506e-15 -690.77552789821
    """
    return elementwise(_logit, p)


def logit_derivative(p: ArrayLike) -> Any:
    """The slope of logit, 1/(p (1 - p))."""
    return elementwise(_logit_derivative, p)


def _sigmoid(x: Floats) -> Any:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def _sigmoid_derivative(x: Floats) -> Any:
    e = np.exp(-np.abs(x))
    return e / (1.0 + e) ** 2


def _softplus(x: Floats) -> Any:
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def _logit(p: Floats) -> Any:
    middle = (p > 0.25) & (p < 0.75)
    return np.where(middle, 2 * np.arctanh(np.where(middle, 2 * p - 1, 0.0)), np.log(p / (1 - p)))


def _logit_derivative(p: Floats) -> Any:
    return np.where((p >= 0) & (p <= 1), 1 / (p * (1 - p)), np.nan)
