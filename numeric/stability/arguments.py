"""Arguments in, results out: one format, one axis, no warnings.

Every primitive computes in float64 and rounds once at the end to the format of its input, so float32
in gives float32 out, correctly rounded but for one case in many millions. Integers and booleans
count as float64. Infinity and NaN are values: what they give is part of each function's statement,
and no warning is raised on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numeric.arrays import plain_array
from symbolic.errors import DataError, ShapeError

Floats = NDArray[np.float64]
Core = Callable[..., Any]

_NARROW = (np.dtype(np.float16), np.dtype(np.float32))


def elementwise(core: Core, *arguments: ArrayLike) -> Any:
    """A core function of float64 arrays, applied entry by entry to arguments that broadcast.

    >>> elementwise(lambda x, y: x + y, np.float32(1), [2, 3]).dtype
    dtype('float64')
    """
    arrays, kind = floats(*arguments)
    with np.errstate(all="ignore"):
        return _rounded(core(*broadcast(arrays)), kind)


def reducing(core: Core, axis: int | None, *arguments: ArrayLike) -> Any:
    """A core function that reduces the first axis, applied to one axis of the arguments, or to all.

    >>> reducing(lambda x: x[0], 1, [[1.0, 2.0], [3.0, 4.0]]).tolist()
    [1.0, 3.0]
    """
    return _along(core, axis, arguments, back=False)


def keeping(core: Core, axis: int | None, *arguments: ArrayLike) -> Any:
    """As `reducing`, for a core function whose result has the shape of its arguments.

    >>> keeping(lambda x: x - x[0], 1, [[1.0, 2.0], [3.0, 5.0]]).tolist()
    [[0.0, 1.0], [0.0, 2.0]]
    """
    return _along(core, axis, arguments, back=True)


def _along(core: Core, axis: int | None, arguments: tuple[ArrayLike, ...], back: bool) -> Any:
    arrays, kind = floats(*arguments)
    arrays = broadcast(arrays)
    shape = arrays[0].shape
    if axis is None:
        first = [each.reshape(-1) for each in arrays]
    elif not isinstance(axis, (int, np.integer)) or not -len(shape) <= axis < len(shape):
        raise ShapeError(
            f"axis={axis!r}", f"an array of {len(shape)} axes", "name one of them, or None for all"
        )
    else:
        first = [np.moveaxis(each, axis, 0) for each in arrays]
    with np.errstate(all="ignore"):
        found = core(*first)
        if back:
            found = found.reshape(shape) if axis is None else np.moveaxis(found, 0, axis)
        return _rounded(found, kind)


def matrices(core: Core, argument: ArrayLike) -> Any:
    """A core function of square matrices in the last two axes."""
    (array,), kind = floats(argument)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        raise ShapeError("a matrix", f"shape {array.shape}", "give a square matrix")
    with np.errstate(all="ignore"):
        return _rounded(core(array), kind)


def floats(*arguments: ArrayLike) -> tuple[list[Floats], np.dtype[Any]]:
    """Arguments as float64 arrays, and the format of the result."""
    given = [
        each if isinstance(each, (int, float)) else plain_array(each, "an argument")
        for each in arguments
    ]
    for each in given:
        found = np.asarray(each).dtype
        if not (found.kind in "biu" or found in (*_NARROW, np.dtype(np.float64))):
            raise DataError(
                "an argument", f"its dtype is {found}", "give float64 or float32 numbers"
            )
    kind = np.result_type(*given)
    arrays = [np.asarray(each, dtype=np.float64) for each in given]
    return arrays, kind if kind in _NARROW else np.dtype(np.float64)


def broadcast(arrays: list[Floats]) -> list[Floats]:
    """Arrays of one shape, by NumPy's rules."""
    try:
        return list(np.broadcast_arrays(*arrays))
    except ValueError:
        shapes = " and ".join(str(each.shape) for each in arrays)
        raise ShapeError(
            "the arguments", f"shapes {shapes}", "give shapes that broadcast together"
        ) from None


def _rounded(found: Any, kind: np.dtype[Any]) -> Any:
    return np.asarray(found, dtype=np.float64).astype(kind)[()]
