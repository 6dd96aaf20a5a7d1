"""The types of numbers: what a call is computed in, and what its results come back in.

| arguments                        | computed in | results  |
|----------------------------------|-------------|----------|
| float64, integers, booleans      | float64     | float64  |
| float32                          | float32     | float32  |
| float16                          | float32     | float16  |
| bfloat16                         | float32     | bfloat16 |
| different ones of these          | the widest (float32 for float16 with bfloat16) | the same |

Python numbers take the type of the arrays. Half precision is computed in float32, because sums of
its numbers overflow at 65504. What would be computed in float32 is computed in float64 where the
expression holds a number that float32 has not, as in `log(p + 1e-60)`: such a number would be 0 or
infinite; results are rounded at the end. Extended precision is refused: linear algebra and
constants are float64 at most, so its further digits would be wrong.

Arrays of other libraries are computed in the same types. Where a library has no float64, as JAX before
`jax.config.update("jax_enable_x64", True)`, the first row is float32, and such a number is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from symbolic.errors import DataError

_DOUBLE = np.dtype(np.float64)
_SINGLE = np.dtype(np.float32)
_SMALLEST_SINGLE = 2.0**-126  # below it digits are lost
_BEYOND_SINGLE = 2.0**128 - 2.0**103  # from here on numbers round to infinity
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

    def finish(self, results: Any) -> Callable[[Any], Any] | None:
        """What makes results that are returned of results like these, if they are not that already.

        A scalar is returned as a NumPy number: code gives a Python number for a constant, and an
        array without axes for a choice. An array can be written: code gives a view that cannot for
        the diagonal of an intermediate.
        """
        if isinstance(results, tuple):
            wrong = [place for place, each in enumerate(results) if not self._is_returned(each)]
            return partial(self._all_returned, wrong) if wrong else None
        return None if self._is_returned(results) else self._returned

    def _is_returned(self, result: Any) -> bool:
        if isinstance(result, np.ndarray):
            right = result.ndim > 0 and result.flags.writeable
        else:
            right = isinstance(result, np.generic)
        return right and result.dtype == self.returned

    def _returned(self, result: Any) -> Any:
        return np.asarray(result).astype(self.returned)[()]

    def _all_returned(self, wrong: Sequence[int], results: tuple[Any, ...]) -> tuple[Any, ...]:
        changed = list(results)
        for place in wrong:
            changed[place] = self._returned(results[place])
        return tuple(changed)


def number_of(
    names: Sequence[str], values: Sequence[Any], *, fits_single: Callable[[], bool] = lambda: True
) -> Number:
    """The types of a call with these plain values.

    `fits_single` says whether the numbers of the expression are numbers of float32.

    >>> number_of(["a", "b"], [np.ones(2, np.float32), 0.5]).working
    dtype('float32')
    """
    kinds = {
        _floating(name, value, value) for name, value in zip(names, values, strict=True)
        if type(value) is not float
    }  # fmt: skip
    if not kinds or _DOUBLE in kinds:
        return Number(_DOUBLE, _DOUBLE)
    returned = kinds.pop() if len(kinds) == 1 else _SINGLE
    return Number(_SINGLE if fits_single() else _DOUBLE, returned)


def is_single(number: float) -> bool:
    """Whether a number keeps its size and its digits, to rounding, as float32.

    >>> is_single(0.1), is_single(1e-60), is_single(1e39), is_single(0)
    (True, False, False, True)
    """
    return number == 0 or _SMALLEST_SINGLE <= abs(number) < _BEYOND_SINGLE


def check_single(name: str, number: float) -> None:
    """Refuse a finite number that loses its size or its digits as float32. Errors: `DataError`."""
    if not is_single(number) and math.isfinite(number):
        size = "small" if abs(number) < 1 else "large"
        raise DataError(
            f"{name} = {number!r}",
            f"it is too {size} for float32, which the arrays are computed in",
            "pass float64 arrays, or rescale",
        )


def holds_single(function: Callable[..., Any]) -> bool:
    """Whether all numbers in the code of a module's functions are numbers of float32."""
    module: dict[str, Any] = function.__globals__
    stack: list[object] = [
        each.__code__
        for each in module.values()
        if isinstance(each, FunctionType) and each.__globals__ is module
    ]
    while stack:
        part = stack.pop()
        if isinstance(part, CodeType):
            stack.extend(part.co_consts)
        elif isinstance(part, tuple):
            stack.extend(part)
        elif isinstance(part, (int, float)) and not is_single(part):
            return False
    return True


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
    check_single(name, number)
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
        raise too_long(name, dtype)
    raise DataError(
        f"{name} = {short(written)}",
        f"an array of dtype {dtype}, not of real numbers",
        f"pass what is meant of it, as np.real({name})"
        if dtype.kind == "c"
        else f"convert it first, as in np.asarray({name}, dtype=float)",
    )


def too_long(name: str, dtype: object) -> DataError:
    """The error for extended precision."""
    return DataError(
        f"{name}, an array of dtype {dtype}",
        "generated code computes in float64 at most, further digits would be wrong",
        f"convert it first, as in {name}.astype(np.float64)",
    )
