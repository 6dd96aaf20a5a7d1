"""What users give to the methods, checked once: numbers, matrices, intervals, functions."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, nan
from numbers import Real
from typing import Any

import numpy as np

from symbolic.errors import DataError, ShapeError, UnsupportedError

Array = Any
Function = Callable[[float], Any]
EPS = float(np.finfo(np.float64).eps)
TINY = 5e-324  # the smallest positive float: what is not 0 is not rounded to 0


def real_array(what: str, value: object, rank: int) -> Array:
    """A finite float64 array with `rank` axes, none of them empty.

    >>> real_array("A", [[1, 2]], 2)
    array([[1., 2.]])
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ShapeError(what, "its rows differ in length", "give a rectangular array") from None
    if array.dtype.kind == "O":
        array = _from_objects(what, array)
    if array.dtype.kind not in "iufb":
        raise DataError(what, f"dtype {array.dtype}", "give real numbers")
    if array.ndim != rank or array.size == 0:
        raise ShapeError(
            what, f"it has shape {array.shape}", f"give an array of {rank} axes, none empty"
        )
    with np.errstate(over="ignore"):
        array = array.astype(np.float64)
    if not np.all(np.isfinite(array)):
        place = [int(k) for k in np.argwhere(~np.isfinite(array))[0]]
        raise DataError(what, f"entry {place} is not finite", "give finite numbers")
    return array


def _from_objects(what: str, array: Array) -> Array:
    if not all(isinstance(entry, Real) for entry in array.flat):
        raise DataError(
            what, "its entries are not all real numbers", "give a rectangular array of numbers"
        )
    try:
        return array.astype(np.float64)
    except OverflowError:
        raise DataError(what, "an entry lies beyond float64", "give smaller numbers") from None


def square_matrix(what: str, value: object) -> Array:
    """A finite float64 matrix with as many rows as columns.

    >>> square_matrix("A", [[2.0]]).shape
    (1, 1)
    """
    matrix = real_array(what, value, 2)
    if matrix.shape[0] != matrix.shape[1]:
        raise ShapeError(what, f"it has shape {matrix.shape}", "give a square matrix")
    return matrix


def real_number(what: str, value: object) -> float:
    """A finite float from a real number of any kind.

    >>> real_number("x", 2)
    2.0
    """
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise DataError(what, f"{type(value).__name__} {value!r:.40}", "give a real number")
    try:
        number = float(value)
    except OverflowError:
        raise DataError(what, "it lies beyond float64", "give a smaller number") from None
    if not isfinite(number):
        raise DataError(what, f"it is {number}", "give a finite number")
    return number


def interval(a: object, b: object) -> tuple[float, float]:
    """The ends of an interval of positive, finite length.

    >>> interval(0, 1)
    (0.0, 1.0)
    """
    low, high = real_number("the end a", a), real_number("the end b", b)
    if not low < high:
        raise DataError(
            f"the interval from {low:g} to {high:g}",
            "the first end is not below the second",
            "exchange the ends (an integral then changes its sign)",
        )
    if not isfinite(high - low):
        raise DataError(
            f"the interval from {low:g} to {high:g}", "its length overflows", "use a shorter one"
        )
    return low, high


def positive_count(what: str, value: object, least: int = 1) -> int:
    """An integer of at least `least`.

    >>> positive_count("n", 8)
    8
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise DataError(what, f"{value!r:.40}", f"give an integer of at least {least}")
    return int(value)


class Counted:
    """A real function of one number that counts its calls; NaN where it has no value.

    >>> f = Counted("f", lambda x: 1 / x)
    >>> f(4.0), f(0.0), f.calls
    (0.25, nan, 2)
    """

    def __init__(self, what: str, function: object) -> None:
        if not callable(function):
            raise UnsupportedError(
                what, f"{type(function).__name__} cannot be called", "give a function of one number"
            )
        self.what, self.function, self.calls = what, function, 0

    def __call__(self, x: float) -> float:
        self.calls += 1
        try:
            with np.errstate(all="ignore"):
                value = self.function(x)
        except (ValueError, ArithmeticError) as error:
            if isinstance(error, (DataError, ShapeError, UnsupportedError)):
                raise
            return nan
        return self._number(x, value)

    def _number(self, x: float, value: Any) -> float:
        shape = np.shape(value)
        if shape != ():
            raise ShapeError(
                f"{self.what}({x:g})", f"it has shape {shape}", "give a function with one value"
            )
        if isinstance(value, (complex, np.complexfloating)):
            raise DataError(
                f"{self.what}({x:g})", f"it is complex, {value}", "give a function with real values"
            )
        try:
            return float(value)
        except OverflowError:
            return nan
        except (TypeError, ValueError):
            raise DataError(
                f"{self.what}({x:g})",
                f"it is {type(value).__name__}, no number",
                "give a function with real values",
            ) from None
