"""What users give to a measurement, checked once: numbers in arrays, counts, bounds."""

from __future__ import annotations

from math import isfinite
from typing import Any, SupportsFloat

import numpy as np

from numeric.accuracy.formats import Floats
from symbolic.errors import DataError, DomainError, ShapeError

_MOST = 10**9  # of anything that is counted


def real_values(what: str, values: Any) -> Floats:
    """Real numbers of any kind and shape as float64, those of an emulated format too.

    >>> real_values("x", [1, True, np.inf])
    array([ 1.,  1., inf])
    """
    try:
        array = np.asarray(getattr(values, "values", values))
        if array.dtype.kind == "O" and all(isinstance(each, SupportsFloat) for each in array.flat):
            return array.astype(np.float64)
    except ValueError:
        raise ShapeError(what, "its rows differ in length", "give a rectangular array") from None
    except TypeError:
        raise DataError(what, "not all are real numbers", "give real numbers") from None
    except OverflowError:
        raise DataError(what, "one lies beyond float64", "give numbers below 1.8e308") from None
    if array.dtype.kind not in "fiub":
        raise DataError(what, f"dtype {array.dtype}", "give real numbers")
    with np.errstate(over="ignore"):
        return array.astype(np.float64)


def together(what: str, *arrays: Floats) -> tuple[Floats, ...]:
    """Arrays broadcast to one shape.

    >>> [each.shape for each in together("a, b", np.zeros(2), np.zeros(()))]
    [(2,), (2,)]
    """
    try:
        return tuple(np.broadcast_arrays(*arrays))
    except ValueError:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise ShapeError(what, f"shapes {shapes}", "give shapes that broadcast") from None


def whole_count(what: str, value: Any, least: int) -> int:
    """A whole number of at least `least`.

    >>> whole_count("samples", np.int64(8), 1)
    8
    """
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or not least <= value <= _MOST:
        raise DataError(
            f"{what}={value!r:.40}", "no such count", f"give a whole number from {least} to 10^9"
        )
    return int(value)


def check_bounds(written: str, low: Any, high: Any) -> None:
    """Whether two bounds are finite float64 numbers in order. Errors: `DomainError`.

    >>> check_bounds("uniform(0, 1)", 0, 1)
    """
    advice = "give finite low <= high"
    if not all(isinstance(each, (int, float, np.integer, np.floating)) for each in (low, high)):
        raise DomainError(written, "the bounds are no numbers", advice)
    try:
        ordered = isfinite(low) and isfinite(high) and low <= high
    except OverflowError:
        raise DomainError(f"{written:.60}", "a bound lies beyond float64", advice) from None
    if not ordered:
        raise DomainError(written, "the bounds are no interval", advice)
