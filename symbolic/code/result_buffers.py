"""Arrays of the caller that results are written into: `out=` of generated functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symbolic.code.admission import Accepted
from symbolic.code.data_domains import Array
from symbolic.code.runtime_checks import size_value
from symbolic.errors import DataError, ShapeError
from symbolic.nodes import Expression

_HARDEST = 1000  # how much work may go into telling whether two arrays share memory

Buffers = tuple[Array | None, ...]


def check_buffers(
    out: object,
    roots: Sequence[Expression],
    accepted: Accepted,
    values: Sequence[Any],
    names: Sequence[str],
    *,
    several: bool,
) -> Buffers:
    """The buffers, one a result or None, that fit the results and touch no argument."""
    buffers = _one_each(out, len(roots), several=several)
    for place, (root, buffer) in enumerate(zip(roots, buffers, strict=True)):
        if buffer is not None:
            shape = tuple(size_value(size, accepted.sizes) for size in root.shape)
            _check_fits(_called(place, several), buffer, shape, accepted.number.returned)
            others = [_called(other, several) for other in range(place)]
            check_apart((*[None] * place, buffer), others, buffers[:place], several=several)
    check_apart(buffers, names, values, several=several)
    return buffers


def check_apart(
    buffers: Buffers, names: Sequence[str], values: Sequence[Any], *, several: bool
) -> None:
    """Raise `DataError` for a buffer that shares memory with one of some values."""
    for place, buffer in enumerate(buffers):
        if buffer is None:
            continue
        for name, value in zip(names, values, strict=True):
            if isinstance(value, np.ndarray) and _overlap(buffer, value):
                raise DataError(
                    f"{_called(place, several)}, an array that shares memory with {name}",
                    "it would be overwritten while it is read",
                    "pass an array of its own, as from np.empty",
                )


def _called(place: int, several: bool) -> str:
    return f"out[{place}]" if several else "out"


def _one_each(out: object, count: int, *, several: bool) -> Buffers:
    given = out if several else (out,)
    if not isinstance(given, (tuple, list)) or len(given) != count:
        raise DataError(
            "out=...",
            f"the function has {count} results, out is a {type(out).__name__}"
            + (f" of {len(given)}" if isinstance(given, (tuple, list)) else ""),
            "pass a tuple with an array or None for each result",
        )
    for place, each in enumerate(given):
        if each is not None and type(each) not in (np.ndarray, np.memmap):
            raise DataError(
                _called(place, several),
                f"a {type(each).__name__}, not a NumPy array",
                "pass an array, as from np.empty; for a single number one of shape ()",
            )
    return tuple(given)


def _check_fits(called: str, buffer: Array, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    if buffer.shape != shape:
        raise ShapeError(
            f"{called} with shape {buffer.shape}",
            f"the result has shape {shape}",
            "pass an array of that shape",
        )
    if buffer.dtype != dtype:
        raise DataError(
            f"{called}, an array of dtype {buffer.dtype}",
            f"the result has dtype {dtype}",
            f"pass an array of dtype {dtype}",
        )
    if not buffer.flags.writeable:
        raise DataError(f"{called}, a read-only array", "nothing can be written", "pass another")
    if buffer.size > 1 and _may_overlap_itself(buffer):
        raise DataError(
            f"{called}, an array whose entries share memory",
            "each result would overwrite another",
            "pass an array of its own, as from np.empty",
        )


def _may_overlap_itself(buffer: Array) -> bool:
    """Whether two entries may share memory: each axis has to step over all that smaller ones reach."""
    reach = buffer.itemsize
    for step, size in sorted(
        (abs(s), n) for s, n in zip(buffer.strides, buffer.shape, strict=True)
    ):
        if size > 1 and step < reach:
            return True
        reach += step * (size - 1)
    return False


def _overlap(one: Array, other: Array) -> bool:
    return np.may_share_memory(one, other, _HARDEST)  # type: ignore[arg-type] # any int is taken


def fill(results: Any, buffers: Buffers, *, several: bool) -> Any:
    """The results, those with a buffer written into it."""
    if not several:
        return _filled(results, buffers[0])
    return tuple(map(_filled, results, buffers))


def _filled(result: Any, buffer: Array | None) -> Any:
    if buffer is None:
        return result
    np.copyto(buffer, result)
    return buffer
