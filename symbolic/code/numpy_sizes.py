"""Sizes and coefficients in sizes as code whose value is a Python number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy

from symbolic.code.coefficients import number_code
from symbolic.code.numpy_kernels import kernel_code
from symbolic.printing.text_printer import ATOM, MULTIPLY, POWER, Piece

Letters = Mapping[sympy.Symbol, str]
Call = Callable[[str], str]

_WHOLE = (sympy.floor, sympy.Min, sympy.Max)  # functions whose value is an integer


def integer_code(value: sympy.Expr, letters: Letters) -> Piece:
    """A size or a place as code whose value is a Python integer.

    >>> n = sympy.Symbol("n", positive=True, integer=True)
    >>> integer_code(sympy.floor((n - 3) / 2) + 1, {n: "n"}).text
    '1 + (n - 3) // 2'
    """
    plain, pieces = _cut(sympy.sympify(value), letters)
    top, bottom = sympy.fraction(sympy.together(plain))
    whole = kernel_code(sympy.expand(top) if bottom == 1 else top, pieces, str)
    if bottom == 1:
        return whole
    below = kernel_code(bottom, pieces, str)
    return Piece(f"{whole.at_least(POWER)} // {below.at_least(POWER)}", MULTIPLY)


def size_code(value: sympy.Expr, letters: Letters, call: Call) -> Piece:
    """A size, or a coefficient in sizes, as code whose value is a Python number."""
    if not value.free_symbols:
        return number_code(value)
    plain, pieces = _cut(value, letters)
    if plain.has(sympy.Function, sympy.exp):
        return Piece(f"float({kernel_code(plain, pieces, call).text})", ATOM)
    return kernel_code(plain, pieces, call)


def is_rational(value: sympy.Expr) -> bool:
    """Whether a coefficient is a quotient of polynomials in sizes, floors and least sizes."""
    return bool(_cut(value, {})[0].is_rational_function())


def _cut(value: sympy.Expr, letters: Letters) -> tuple[sympy.Expr, dict[sympy.Symbol, Piece]]:
    """An expression with a symbol for each floor, Min, Max and root, and the code of all symbols."""
    pieces = {symbol: Piece(name, ATOM) for symbol, name in letters.items()}

    def cut(node: sympy.Expr) -> sympy.Expr:
        symbol = sympy.Dummy(f"part{len(pieces)}", positive=True)
        if node.is_Pow:
            pieces[symbol] = _root(node, pieces) if letters else Piece("", ATOM)
            return 1 / symbol if node.exp.is_negative else symbol
        pieces[symbol] = _whole(node, pieces) if letters else Piece("", ATOM)
        return symbol

    if value.has(*_WHOLE):
        value = value.replace(lambda node: isinstance(node, _WHOLE), cut)
    if value.has(sympy.Pow):
        value = value.replace(_is_root, cut)
    return value, pieces


def _is_root(node: sympy.Expr) -> bool:
    """Whether a node is a power of a size that is no integer power."""
    return bool(
        node.is_Pow and node.exp.is_Rational and not node.exp.is_Integer and node.free_symbols
    )


def _root(node: sympy.Pow, pieces: dict[sympy.Symbol, Piece]) -> Piece:
    """A power of a size as a Python number: it takes the type of the arrays that it meets."""
    base = kernel_code(node.base, pieces, str).at_least(ATOM)
    return Piece(f"{base}**{float(abs(node.exp))!r}", POWER)


def _whole(node: sympy.Expr, pieces: dict[sympy.Symbol, Piece]) -> Piece:
    if isinstance(node, sympy.floor):
        top, bottom = sympy.fraction(sympy.together(node.args[0]))
        above, below = (kernel_code(part, pieces, str) for part in (top, bottom))
        return Piece(f"{above.at_least(POWER)} // {below.at_least(POWER)}", MULTIPLY)
    name = "min" if isinstance(node, sympy.Min) else "max"
    numbers_first = sorted(node.args, key=lambda each: (not each.is_number, str(each)))
    inside = ", ".join(kernel_code(each, pieces, str).text for each in numbers_first)
    return Piece(f"{name}({inside})", ATOM)
