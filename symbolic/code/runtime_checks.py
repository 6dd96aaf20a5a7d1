"""Arguments of a generated function: names bound, shapes checked, and bad values told.

Nothing here is on the path of a call that is like an earlier one: it runs for new shapes and types,
and to say what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np
import sympy

from symbolic.code.data_domains import Array, outside
from symbolic.code.size_conditions import SizeConditions
from symbolic.domains import domain_of
from symbolic.errors import (
    DataError,
    DomainError,
    NameUnknownError,
    ShapeError,
    UnsupportedError,
)
from symbolic.nodes import Variable
from symbolic.sizes import Size, shape_text

Bound = dict[sympy.Basic, tuple[int, str, int]]  # size letter -> value, argument, axis
Sizes = dict[sympy.Basic, int]


def bind(
    names: Sequence[str], values: Sequence[object], named: Mapping[str, object], *, called: str
) -> list[object]:
    """The values in the order of the names."""
    signature = f"{called}({', '.join(names)})"
    if len(values) > len(names):
        raise NameUnknownError(
            f"a call with {len(values)} positional arguments",
            f"the function takes {len(names)}: {signature}",
            "leave out the others",
        )
    given = dict(zip(names, values, strict=False))
    for name, value in named.items():
        if name in given:
            raise NameUnknownError(
                f"the argument {name}", "given twice, by place and by name", "give it once"
            )
        if name not in names:
            raise NameUnknownError(
                f"the argument {name}",
                f"the function has no such argument: {signature}",
                f"use {', '.join(each for each in names if each not in given) or 'none'}",
            )
        given[name] = value
    missing = [name for name in names if name not in given]
    if missing:
        raise NameUnknownError(
            f"a call without {', '.join(missing)}",
            f"the function needs every argument of {signature}",
            f"pass {', '.join(f'{name}=...' for name in missing)}",
        )
    return [given[name] for name in names]


def options(
    names: Sequence[str], named: dict[str, Any], *, out: object, threads: int | None
) -> tuple[object, int | None]:
    """`out` and `threads` of a call; one that is called like an argument is added to `named`.

    >>> named = {"X": 1}
    >>> options(["X", "out"], named, out=2, threads=3), named
    ((None, 3), {'X': 1, 'out': 2})
    """
    if out is not None and "out" in names:
        named["out"] = out
        out = None
    if threads is not None and "threads" in names:
        named["threads"] = threads
        threads = None
    return out, threads


def check_threads(threads: Any) -> None:
    """Raise `UnsupportedError` for what is neither a number of threads nor None."""
    whole = isinstance(threads, Integral) and not isinstance(threads, bool)
    if threads is not None and not (whole and threads >= 1):
        raise UnsupportedError(f"threads={threads!r}", "not a number of threads", "pass 1 or more")


# --- shapes --------------------------------------------------------------------------------------


def check_shapes(
    arguments: Sequence[Variable],
    shapes: Sequence[tuple[int, ...]],
    conditions: SizeConditions,
) -> Sizes:
    """What each size letter is, or `ShapeError` for shapes that do not fit the declarations."""
    bound = bound_sizes(zip(arguments, shapes, strict=True))
    sizes = {letter: first[0] for letter, first in bound.items()}
    if conditions.conditions:
        conditions.check(sizes)
    return sizes


def bound_sizes(shaped: Iterable[tuple[Variable, tuple[int, ...]]]) -> Bound:
    """The size letters of some arguments, with the place where each was found first."""
    bound: Bound = {}
    given = list(shaped)
    for variable, shape in given:
        _check_shape(variable, shape, bound)
    for variable, shape in given:
        _check_compound_sizes(variable, shape, bound)
    return bound


def _check_shape(variable: Variable, shape: tuple[int, ...], bound: Bound) -> None:
    if len(shape) != len(variable.shape):
        raise ShapeError(
            f"{variable.name} with shape {shape}",
            f"it is declared with shape {shape_text(variable.shape)}",
            f"pass an array with {len(variable.shape)} axes"
            if variable.shape
            else "pass a single number",
        )
    for axis, (size, found) in enumerate(zip(variable.shape, shape, strict=True)):
        if isinstance(size, int):
            if size != found:
                raise ShapeError(
                    f"{variable.name} with shape {shape}",
                    f"axis {axis} has size {found}, declared {size}",
                    f"pass an array of shape {shape_text(variable.shape)}",
                )
        elif size.is_Symbol:
            first = bound.setdefault(size, (found, variable.name, axis))
            if first[0] != found:
                raise _disagreement(size, first, (found, variable.name, axis))


def _disagreement(
    size: sympy.Basic, first: tuple[int, str, int], second: tuple[int, str, int]
) -> ShapeError:
    if first[1] == second[1]:
        (one, name, axis), (other, _, other_axis) = first, second
        found = f"{name} has {size} = {one} on axis {axis} but {other} on axis {other_axis}"
    else:
        found = f"{first[1]} has {_count(size, first)} but {second[1]} has {size} = {second[0]}"
    return ShapeError(
        f"the size {size} bound to two values", found, f"pass data with one size {size}"
    )


def _count(size: sympy.Basic, place: tuple[int, str, int]) -> str:
    unit = {0: "rows", 1: "columns"}.get(place[2], f"entries along axis {place[2]}")
    return f"{size} = {place[0]} {unit}"


def _check_compound_sizes(variable: Variable, shape: tuple[int, ...], bound: Bound) -> None:
    """Sizes such as n + 1, where the letters are known."""
    for axis, size in enumerate(variable.shape):
        if isinstance(size, int) or size.is_Symbol or not size.free_symbols <= bound.keys():
            continue
        wanted = size_value(size, {letter: first[0] for letter, first in bound.items()})
        if wanted != shape[axis]:
            raise ShapeError(
                f"{variable.name} with shape {shape}",
                f"axis {axis} has size {shape[axis]}, but {size} = {wanted}",
                f"pass an array of shape {shape_text(variable.shape)}",
            )


def size_value(size: Size, sizes: Mapping[sympy.Basic, int]) -> int:
    """The number that a size is for these letters."""
    if isinstance(size, int):
        return size
    if size.is_Symbol:
        return sizes[size]
    return int(size.xreplace({each: sympy.Integer(sizes[each]) for each in size.free_symbols}))


# --- values --------------------------------------------------------------------------------------


def refuse_values(
    arguments: Sequence[Variable], values: Sequence[Any], precisions: Sequence[float]
) -> None:
    """Raise `DataError` or `DomainError` for the first bad entry; do nothing if there is none."""
    for variable, value, precision in zip(arguments, values, precisions, strict=True):
        array = np.asarray(value)
        _check_finite(variable, array)
        _check_domain(variable, array, precision)


def _check_finite(variable: Variable, array: Array) -> None:
    bad = ~np.isfinite(array)
    if bad.any():
        place = _first(bad)
        raise DataError(
            f"{variable.name}{_index(place)} = {array[place]}",
            f"{np.count_nonzero(bad)} of {array.size} entries are NaN or infinite",
            "remove or fill them, or use lambdify(..., check=False) to let them through",
        )


def _check_domain(variable: Variable, array: Array, precision: float) -> None:
    if variable.domain == "real":
        return
    mask = outside(variable.domain, array, precision)
    if mask is not None:
        place = _first(mask)
        raise DomainError(
            f"{variable.name}{_index(place)} = {array[place]}",
            f"{variable.name} is declared {variable.domain}: {domain_of(variable.domain).meaning}",
            "correct the data, declare another domain, or use lambdify(..., check=False)",
        )


def _first(mask: Array) -> tuple[int, ...]:
    return tuple(int(each) for each in np.unravel_index(int(mask.argmax()), mask.shape))


def _index(place: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, place))}]" if place else ""
