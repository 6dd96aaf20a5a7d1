"""The types of numbers: what a call is computed in, and what its results come back in.

| arguments                        | computed in | results  |
|----------------------------------|-------------|----------|
| float64, integers, booleans      | float64     | float64  |
| float32                          | float32     | float32  |
| float16                          | float32     | float16  |
| bfloat16                         | float32     | bfloat16 |
| different ones of these          | the widest (float32 for float16 with bfloat16) | the same |

Python numbers take the type of the arrays. Half precision is computed in float32, because sums of
its numbers overflow at 65504; it is never wider than that. Extended precision is refused: linear
algebra and constants are float64 at most, so its further digits would be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic.errors import DataError

_DOUBLE = np.dtype(np.float64)
_SINGLE = np.dtype(np.float32)
_LARGEST_SINGLE = float(np.finfo(np.float32).max)
_PRECISION_OF_BFLOAT16 = 2.0**-7


def plain(name: str, value: object) -> Any:
    """A value as an `ndarray`, a `float64` or a Python float; `DataError` if it is none.

    >>> plain("w", [1, 2]), plain("w", 3)
    (array([1, 2]), 3.0)
    """
    kind = type(value)
    if kind is np.ndarray or kind is np.float64 or kind is float:
        return value
    try:
        if kind is int or kind is bool:
            return float(value)  # type: ignore[arg-type]
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError) as problem:
        raise DataError(
            f"{name} = {short(value)}", f"no array ({problem})", "pass an array of numbers"
        ) from None
    if isinstance(value, np.ndarray) and isinstance(value, np.ma.MaskedArray):
        raise DataError(
            f"{name}, a masked array",
            "its mask would be lost",
            f"pass {name}.filled(...), or {name}.compressed() without the masked entries",
        )
    _floating(name, array, value)
    return array


def short(value: object) -> str:
    """A value as text of at most 50 characters."""
    written = " ".join(repr(value).split())
    return written if len(written) <= 50 else written[:47] + "..."


@dataclass(frozen=True)
class Number:
    """The types of one call: `working` is computed in, `returned` is what results have."""

    working: np.dtype[Any]
    returned: np.dtype[Any]

    @property
    def finish(self) -> Callable[[Any], Any] | None:
        """What turns results into those that are returned, where they differ."""
        if self.working == self.returned:
            return None
        return self._returned

    def _returned(self, results: Any) -> Any:
        if isinstance(results, tuple):
            return tuple(each.astype(self.returned) for each in results)
        return results.astype(self.returned)


def number_of(names: Sequence[str], values: Sequence[Any]) -> Number:
    """The types of a call with these plain values.

    >>> number_of(["a", "b"], [np.ones(2, np.float32), 0.5]).working
    dtype('float32')
    """
    kinds = {
        _floating(name, value, value) for name, value in zip(names, values, strict=True)
        if type(value) is not float
    }  # fmt: skip
    if not kinds or _DOUBLE in kinds:
        return Number(_DOUBLE, _DOUBLE)
    return Number(_SINGLE, kinds.pop() if len(kinds) == 1 else _SINGLE)


def precision_of(value: Any, working: np.dtype[Any]) -> float:
    """The relative precision of the numbers that a plain value holds."""
    if type(value) is not float:
        if value.dtype.name == "bfloat16":
            return _PRECISION_OF_BFLOAT16
        if value.dtype.kind == "f":
            return float(np.finfo(value.dtype).eps)
    return float(np.finfo(working).eps)


def conversion(name: str, value: Any, working: np.dtype[Any]) -> Callable[[Any], Any] | None:
    """How values of this kind become what the generated function takes, if they are not that."""
    if type(value) is float:
        if working == _DOUBLE:
            return np.float64
        return lambda number: _as_single(name, number)
    if not value.shape:
        unchanged = isinstance(value, np.generic) and value.dtype == working
        return None if unchanged else lambda number: working.type(number)
    if value.dtype == working and value.dtype.isnative:
        return None
    return lambda array: array.astype(working)


def _as_single(name: str, number: float) -> Any:
    if _LARGEST_SINGLE < abs(number) < math.inf:
        raise DataError(
            f"{name} = {number!r}",
            "it is too large for float32, the type of the arrays",
            "pass float64 arrays, or rescale",
        )
    return np.float32(number)


def _floating(name: str, array: Any, written: object) -> np.dtype[Any]:
    """The floating-point type that an array's numbers become, in the byte order of the machine."""
    dtype = array.dtype
    if dtype.kind in "iub":
        return _DOUBLE
    if dtype.kind == "f" and dtype.itemsize <= 8:
        return np.dtype(f"f{dtype.itemsize}")
    if dtype.name == "bfloat16":
        return dtype
    if dtype.kind == "f":
        raise DataError(
            f"{name}, an array of dtype {dtype}",
            "generated code computes in float64 at most, further digits would be wrong",
            f"convert it first, as in {name}.astype(np.float64)",
        )
    raise DataError(
        f"{name} = {short(written)}",
        f"an array of dtype {dtype}, not of real numbers",
        f"convert it first, as in np.asarray({name}, dtype=float)",
    )
