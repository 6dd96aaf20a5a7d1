r"""Derivatives by the complex step, for functions that are coded analytically.

Formula: f'(x) = Im f(x + i h)/h + O(h^2), with h = 1e-30: nothing is subtracted, so the value has
working precision. It fails silently where f takes absolute values, compares, or drops imaginary
parts; so every value is held against a central difference with its bar, and is given only when the
two agree.
Source: Squire and Trapp, SIAM Review 40 (1998) 110.
"""

from __future__ import annotations

from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from numeric.ladder import Slope
from numeric.lines import OK, Line, Sampled, Trend
from symbolic.errors import UnsupportedError

Array = Any

_STEP = 1e-30
_REFUSALS = (TypeError, ValueError, ArithmeticError)


def complex_steps(sampled: Sampled, direction: Array) -> Array:
    """Im f(x + i h d)/h for every output, at x and at two neighbours that differ by rounding.

    Shapes: `(3, outputs)`. Errors: `UnsupportedError` when f does not take complex numbers.
    """
    x = sampled.x.astype(np.float64)
    if sampled.x.dtype != np.float64:
        raise UnsupportedError(
            "the complex step", f"x is {sampled.x.dtype}", "give x as float64, or another method"
        )
    rows = []
    for neighbour, h in ((0, _STEP), (1, 3 * _STEP), (-1, 5 * _STEP)):
        moved = x + neighbour * np.spacing(x)
        moved = moved + 1j * h * direction.reshape(x.shape)
        sampled.calls += 1
        try:
            with np.errstate(all="ignore"), catch_warnings():
                simplefilter("error", np.exceptions.ComplexWarning)
                value = np.asarray(sampled.f(moved if x.ndim else moved[()]))
            rows.append(np.imag(value).astype(np.float64).ravel() / h)
        except (*_REFUSALS, np.exceptions.ComplexWarning) as error:
            raise UnsupportedError(
                "the complex step",
                f"f does not take complex numbers ({error})",
                "use the default method, or write f with NumPy's analytic functions",
            ) from None
    return np.array(rows)


def complex_trend(line: Line, steps: Array, place: int) -> Trend:
    """The complex step's slope, where a central difference confirms that f is analytic.

    Numerical error: `bar`, three times the spread over the neighbours and 16 roundings.
    """
    trend = line.trend(place)
    value, spread = float(steps[0, place]), float(np.ptp(steps[:, place]))
    bar = 3 * spread + 16 * line.f.eps * abs(value)
    if abs(value - trend.slope.value) <= trend.slope.bar + bar and trend.status == OK:
        return Trend(Slope(value, bar, _STEP), bend=trend.bend)
    if trend.status == OK:
        reason = "f is not analytic in code: the complex step gives {right:.6g}; differences used"
        return Trend(trend.slope, OK, reason, right=Slope(value, bar, _STEP), bend=trend.bend)
    return trend
