"""Sizes: the lengths of axes, each a positive integer or a SymPy symbol for one."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import sympy

from symbolic.errors import ShapeError

Size: TypeAlias = int | sympy.Expr
Shape: TypeAlias = tuple[Size, ...]


@cache
def size_symbol(letter: str) -> sympy.Symbol:
    """The size written `letter`: a positive integer symbol, the same one every time."""
    return sympy.Symbol(letter, positive=True, integer=True)


def as_size(value: object) -> Size:
    """`value` as a size: a positive int stays an int, a letter becomes a symbol."""
    if isinstance(value, sympy.Integer):
        value = int(value)
    if isinstance(value, bool) or (isinstance(value, int) and value < 1):
        raise ShapeError(f"size {value!r}", "not a positive integer", "give a size of 1 or more")
    if isinstance(value, (int, sympy.Expr)):
        return value
    if isinstance(value, str) and value.isidentifier():
        return size_symbol(value)
    raise ShapeError(f"size {value!r}", "not a size", "give a positive integer or a letter")


def dims(letters: str) -> tuple[sympy.Symbol, ...]:
    """Size symbols from their letters.

    >>> n, d = dims("n d")
    >>> n.is_positive and n.is_integer
    True
    """
    return tuple(size_symbol(letter) for letter in letters.split())


def shape_text(shape: Shape) -> str:
    """A shape as people write it.

    >>> shape_text((3, size_symbol("d")))
    '(3, d)'
    """
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def size_letters(shape: Shape) -> set[str]:
    """The letters that occur in the sizes of a shape."""
    return {
        symbol.name
        for size in shape
        if isinstance(size, sympy.Expr)
        for symbol in size.free_symbols
    }
