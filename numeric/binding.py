"""Sizes from data: each letter of a declared shape is bound to one number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import sympy

from symbolic.errors import ShapeError
from symbolic.nodes import Variable
from symbolic.sizes import Shape, Size, shape_text

Sizes = dict[sympy.Symbol, int]


def bind_sizes(
    shapes: Mapping[Variable, Sequence[int]], given: Mapping[sympy.Symbol, int] | None = None
) -> Sizes:
    """The value of every size letter, read off the shapes of data.

    Conditions: one value a letter, and every compound size such as n - 1 must come out.

    >>> from symbolic.variables import dims, matrix
    >>> n, d = dims("n d")
    >>> bind_sizes({matrix("X", n, d): (5, 2)}) == {n: 5, d: 2}
    True
    """
    sizes: Sizes = dict(given or {})
    owner: dict[sympy.Symbol, str] = dict.fromkeys(sizes, "the sizes given")
    for variable, shape in shapes.items():
        if len(shape) != variable.rank:
            raise ShapeError(
                f"the value of {variable.name}",
                f"it has {len(shape)} axes, shape {shape_text(tuple(shape))}",
                f"give an array of shape {shape_text(variable.shape)}",
            )
        for size, found in zip(variable.shape, shape, strict=True):
            if not isinstance(size, sympy.Symbol):
                continue
            if found < 1:
                raise ShapeError(
                    f"the value of {variable.name}",
                    f"size {size} is {found}",
                    "give arrays of at least one entry",
                )
            if sizes.setdefault(size, found) != found:
                raise ShapeError(
                    f"the value of {variable.name}",
                    f"size {size} is {found} here and {sizes[size]} in {owner[size]}",
                    f"give arrays that agree on {size}",
                )
            owner.setdefault(size, variable.name)
    for variable, shape in shapes.items():
        wanted = shape_of(variable.shape, sizes)
        if wanted != tuple(shape):
            raise ShapeError(
                f"the value of {variable.name}",
                f"shape {shape_text(tuple(shape))}, declared {shape_text(variable.shape)}",
                f"give an array of shape {shape_text(wanted)}",
            )
    return sizes


def shape_of(shape: Shape, sizes: Mapping[sympy.Symbol, int]) -> tuple[int, ...]:
    """A symbolic shape as numbers.

    Conditions: every letter has a value, and every size comes out as an integer of at least 1.

    >>> from symbolic.variables import dims
    >>> n, = dims("n")
    >>> shape_of((n, n + 1, 2), {n: 3})
    (3, 4, 2)
    """
    return tuple(_number(size, sizes) for size in shape)


def _number(size: Size, sizes: Mapping[sympy.Symbol, int]) -> int:
    if isinstance(size, int):
        return size
    if isinstance(size, sympy.Symbol) and size in sizes:
        return sizes[size]
    number = integer_of(size, sizes)
    if number < 1:
        raise ShapeError(
            f"size {size}", f"it comes out as {number}", "choose sizes that make it 1 or more"
        )
    return number


def integer_of(value: sympy.Expr, sizes: Mapping[sympy.Symbol, int]) -> int:
    """An expression in sizes as an integer, which may be negative.

    Conditions: every letter has a value, and the expression comes out whole.

    >>> from symbolic.variables import dims
    >>> n, = dims("n")
    >>> integer_of(1 - n, {n: 3})
    -2
    """
    letters = sorted(value.free_symbols, key=str)
    missing = [letter for letter in letters if letter not in sizes]
    if missing:
        raise ShapeError(
            f"size {value}",
            f"no data and no size say what {missing[0]} is",
            f"pass its value, as in sizes={{{missing[0]}: 3}}",
        )
    return _whole(value, tuple((letter, sizes[letter]) for letter in letters))


@lru_cache(maxsize=1024)
def _whole(value: sympy.Expr, numbers: tuple[tuple[sympy.Symbol, int], ...]) -> int:
    found = value.xreplace({letter: sympy.Integer(number) for letter, number in numbers})
    if not found.is_Integer:
        raise ShapeError(
            f"size {value}", f"it comes out as {found}", "choose sizes that make it whole"
        )
    return int(found)
