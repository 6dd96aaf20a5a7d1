"""Sizes: the lengths of axes, each a positive integer or a SymPy symbol for one."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TypeAlias

import sympy

from symbolic.errors import ShapeError

Size: TypeAlias = int | sympy.Expr
Shape: TypeAlias = tuple[Size, ...]
MAX_TEXT = 60  # characters of one size


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
    if isinstance(value, str):
        found = size_from_text(value)
        if found is not None:
            return found
    raise ShapeError(f"size {value!r}", "not a size", "give a positive integer or a letter")


def size_from_text(text: str) -> Size | None:
    """A size written as a number, a letter, or a sum or product of them; None for other text.

    >>> size_from_text("4*h"), size_from_text("n+1"), size_from_text("n-n")
    (4*h, n + 1, None)
    """
    if text.isidentifier():
        return size_symbol(text)
    if len(text) > MAX_TEXT or not text.isascii():
        return None
    try:
        found = _arithmetic(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return None
    if found is None or found.is_nonpositive:
        return None
    expanded = sympy.expand(found)
    return int(expanded) if expanded.is_Integer else expanded


def _arithmetic(node: ast.expr) -> sympy.Expr | None:
    match node:
        case ast.Name():
            return size_symbol(node.id)
        case ast.Constant() if type(node.value) is int:
            return sympy.Integer(node.value)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult()):
            left, right = _arithmetic(node.left), _arithmetic(node.right)
            if left is None or right is None:
                return None
            if isinstance(node.op, ast.Mult):
                return left * right
            return left + right if isinstance(node.op, ast.Add) else left - right
    return None


def surely_nonnegative(value: sympy.Expr, known: Iterable[sympy.Expr] = ()) -> bool:
    """Whether a form in sizes is provably zero or greater.

    Sizes are at least 1, and the forms in `known` at least 0.
    """
    lowest = sympy.expand(_without_floor(sympy.expand(value)))
    return any(_has_no_negative(sympy.expand(lowest - least)) for least in (sympy.S.Zero, *known))


def _without_floor(value: sympy.Expr) -> sympy.Expr:
    """A lower bound with floor(u) replaced by u or u - 1, by the sign of its coefficient."""
    for part in value.atoms(sympy.floor):
        coefficient = value.coeff(part)
        (inner,) = part.args
        if coefficient.is_nonpositive:
            value = value.xreplace({part: inner})
        elif coefficient.is_nonnegative:
            value = value.xreplace({part: inner - 1})
    return value


@lru_cache(maxsize=1 << 14)
def _has_no_negative(value: sympy.Expr) -> bool:
    """Whether a polynomial in sizes has only nonnegative coefficients in (size - 1)."""
    letters = sorted(value.free_symbols, key=lambda s: s.name)
    if not letters:
        return bool(value.is_nonnegative)
    if not value.is_polynomial(*letters):
        return False
    shifted = sympy.Poly(value.subs({s: s + 1 for s in letters}, simultaneous=True), *letters)
    return all(coefficient.is_nonnegative for coefficient in shifted.coeffs())


def dims(letters: str) -> tuple[sympy.Symbol, ...]:
    """Size symbols from their letters.

    >>> n, d = dims("n d")
    >>> n.is_positive and n.is_integer
    True
    """
    if not isinstance(letters, str):
        raise ShapeError(f"dims({letters!r})", "not text", "write the letters, as in dims('n d')")
    found = letters.replace(",", " ").split()
    for letter in found:
        if not letter.isidentifier():
            raise ShapeError(f"dims({letters!r})", f"{letter!r} is no letter", "as in dims('n d')")
    return tuple(size_symbol(letter) for letter in found)


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
