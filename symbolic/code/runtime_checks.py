"""Arguments of a generated function, checked once a call: names, types, shapes, values.

Integers and booleans become float64. Python numbers take the type of the arrays, so that float32
data give float32 results.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from symbolic.code.data_domains import Array, outside
from symbolic.code.size_conditions import SizeConditions
from symbolic.domains import domain_of
from symbolic.errors import DataError, DomainError, NameUnknownError, ShapeError
from symbolic.nodes import Variable
from symbolic.sizes import Size, shape_text

Bound = dict[sympy.Basic, tuple[int, str, int]]  # size letter -> value, argument, axis


def bind(
    arguments: Sequence[Variable], values: tuple[object, ...], named: Mapping[str, object]
) -> list[object]:
    """The values in the order of the arguments."""
    if len(values) == len(arguments) and not named:
        return list(values)
    names = [variable.name for variable in arguments]
    signature = f"f({', '.join(names)})"
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


def prepare(
    arguments: Sequence[Variable],
    values: Sequence[object],
    conditions: SizeConditions,
    *,
    check: bool,
) -> list[Any]:
    """The values as floating-point arrays of the declared shapes, with values that are checked."""
    bound: Bound = {}
    arrays = []
    for variable, value in zip(arguments, values, strict=True):
        array = _floating(variable, value)
        _check_shape(variable, array, bound)
        if check:
            _check_finite(variable, array)
            _check_domain(variable, array)
        arrays.append(array)
    _check_compound_sizes(arguments, arrays, bound)
    if conditions.conditions:
        conditions.check({letter: first[0] for letter, first in bound.items()})
    weak = [isinstance(value, (int, float)) for value in values]
    strong = [each.dtype for each, is_weak in zip(arrays, weak, strict=True) if not is_weak]
    common = np.result_type(*strong) if strong else np.dtype(float)
    return [
        each[()] if each.ndim or not is_weak else common.type(each)
        for each, is_weak in zip(arrays, weak, strict=True)
    ]


def _floating(variable: Variable, value: object) -> Array:
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as problem:
        raise DataError(
            f"{variable.name} = {_short(value)}",
            f"no array ({problem})",
            "pass an array of numbers",
        ) from None
    kind = array.dtype.kind
    if kind == "f":
        return array
    if kind in "iub":
        return array.astype(np.float64)
    raise DataError(
        f"{variable.name} = {_short(value)}",
        f"an array of dtype {array.dtype}, not of real numbers",
        f"convert it first, as in np.asarray({variable.name}, dtype=float)",
    )


def _short(value: object) -> str:
    written = " ".join(repr(value).split())
    return written if len(written) <= 50 else written[:47] + "..."


# --- shapes --------------------------------------------------------------------------------------


def _check_shape(variable: Variable, array: Array, bound: Bound) -> None:
    if array.ndim != len(variable.shape):
        raise ShapeError(
            f"{variable.name} with shape {array.shape}",
            f"it is declared with shape {shape_text(variable.shape)}",
            f"pass an array with {len(variable.shape)} axes"
            if variable.shape
            else "pass a single number",
        )
    for axis, (size, found) in enumerate(zip(variable.shape, array.shape, strict=True)):
        if isinstance(size, int):
            if size != found:
                raise ShapeError(
                    f"{variable.name} with shape {array.shape}",
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


def _check_compound_sizes(
    arguments: Sequence[Variable], arrays: Sequence[Array], bound: Bound
) -> None:
    """Sizes such as n + 1, where the letters are known."""
    for variable, array in zip(arguments, arrays, strict=True):
        for axis, size in enumerate(variable.shape):
            if isinstance(size, int) or size.is_Symbol or not size.free_symbols <= bound.keys():
                continue
            wanted = _value(size, bound)
            if wanted != array.shape[axis]:
                raise ShapeError(
                    f"{variable.name} with shape {array.shape}",
                    f"axis {axis} has size {array.shape[axis]}, but {size} = {wanted}",
                    f"pass an array of shape {shape_text(variable.shape)}",
                )


def _value(size: Size, bound: Bound) -> int:
    assert isinstance(size, sympy.Expr)
    return int(size.xreplace({each: sympy.Integer(bound[each][0]) for each in size.free_symbols}))


# --- values --------------------------------------------------------------------------------------


def _check_finite(variable: Variable, array: Array) -> None:
    with np.errstate(all="ignore"):
        total = float(np.add.reduce(array, axis=None))
    if math.isfinite(total):
        return
    bad = ~np.isfinite(array)
    if bad.any():
        place = _first(bad)
        raise DataError(
            f"{variable.name}{_index(place)} = {array[place]}",
            f"{np.count_nonzero(bad)} of {array.size} entries are NaN or infinite",
            "remove or fill them, or use lambdify(..., check=False) to let them through",
        )


def _check_domain(variable: Variable, array: Array) -> None:
    if variable.domain == "real":
        return
    mask = outside(variable.domain, array)
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
