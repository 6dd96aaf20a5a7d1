"""Points and values of any array library, as NumPy arrays and back.

NumPy, PyTorch, JAX and every other library of the Python array API standard are told by the type of
the point; none of them is imported here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj, is_numpy_array

from symbolic.errors import DataError

Array = Any

__all__ = ["Point", "plain_array", "real_array", "real_point", "resolution"]


@dataclass(frozen=True)
class Point:
    """A point as NumPy floats, what to say of its promotion, and the way back to its library."""

    values: Array
    note: str
    native: Callable[[Array], Any]


def real_point(x: object) -> Point:
    """A point as floating-point numbers. Errors: `DataError`.

    >>> point = real_point([1, 2])
    >>> point.values, point.note
    (array([1., 2.]), 'integers were promoted to float64')
    """
    array = np.array(plain_array(x, "the point x"))
    note = ""
    if array.dtype.kind in "iu":
        array, note = array.astype(np.float64), "integers were promoted to float64"
    if array.dtype.kind != "f":
        raise DataError("the point x", f"dtype {array.dtype}", "give real numbers, as float64")
    if not np.all(np.isfinite(array)):
        place = [int(k) for k in np.argwhere(~np.isfinite(array))[0]]
        raise DataError("the point x", f"entry {place} is not finite", "give finite numbers")
    if resolution(x) > np.finfo(np.float32).eps:
        array, note = array.astype(np.float32), "the point was promoted to float32"
    if not is_array_api_obj(x) or is_numpy_array(x):
        return Point(array, note, np.array)
    library, where = array_namespace(x), device(x)
    kind = getattr(library, str(array.dtype))

    def native(values: Array) -> Any:
        own = np.array(values)  # the library may share memory with it, and f may write into it
        return library.asarray(own, dtype=kind, device=where)

    return Point(array, note, native)


def real_array(value: object, what: str) -> Array:
    """A value of f as a NumPy array of real numbers. Errors: `DataError`.

    >>> real_array(True, "f(x)")
    array(1.)
    """
    array = plain_array(value, what)
    if array.dtype.kind in "biu":
        array = array.astype(np.float64)
    if array.dtype.kind == "c":
        raise DataError(what, "complex numbers", "give a function with real values")
    if array.dtype.kind != "f":
        kind = f"{type(value).__name__}, dtype {array.dtype}"
        raise DataError(what, kind, "give real numbers")
    return array


def resolution(value: Any) -> float:
    """The spacing of floating-point numbers at 1, in the dtype of a value; that of float64 if none.

    >>> resolution(np.float32(3)) == 2.0**-23, resolution(3) == 2.0**-52
    (True, True)
    """
    if is_array_api_obj(value) and not is_numpy_array(value):
        library = array_namespace(value)
        if library.isdtype(value.dtype, "real floating"):
            return float(library.finfo(value.dtype).eps)
    kind = np.asarray(value).dtype
    return float(np.finfo(kind if kind.kind == "f" else np.float64).eps)


def plain_array(value: Any, what: str) -> Array:
    """A value as a NumPy array of whatever kind it is. Errors: `DataError` for ragged lists and masks.

    >>> plain_array([1, 2], "x").dtype.kind
    'i'
    """
    if np.ma.is_masked(value):
        raise DataError(what, "masked entries", "fill them, or leave them out")
    try:
        if is_array_api_obj(value) and not is_numpy_array(value):
            value = _detached(value)
        return np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise DataError(what, str(error).splitlines()[0], "give an array of real numbers") from None


def _detached(value: Any) -> Any:
    """A PyTorch tensor without its graph, on the CPU; any other array as it is."""
    if type(value).__module__.partition(".")[0] != "torch":
        return value
    value = value.detach().cpu()
    return value if value.dtype.itemsize > 2 or not value.is_floating_point() else value.float()
