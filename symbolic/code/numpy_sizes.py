"""Sizes and coefficients in sizes as code whose value is a Python number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy

from symbolic.code.numpy_kernels import kernel_code, number_code
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
    if plain.has(sympy.Function, sympy.exp, sympy.Pow) and not plain.is_rational_function():
        return Piece(f"float({kernel_code(plain, pieces, call).text})", ATOM)
    return kernel_code(plain, pieces, call)


def is_rational(value: sympy.Expr) -> bool:
    """Whether a coefficient is a quotient of polynomials in sizes, floors and least sizes."""
    return bool(_cut(value, {})[0].is_rational_function())


def _cut(value: sympy.Expr, letters: Letters) -> tuple[sympy.Expr, dict[sympy.Symbol, Piece]]:
    """An expression with a symbol for each floor, Min and Max, and the code of all symbols."""
    pieces = {symbol: Piece(name, ATOM) for symbol, name in letters.items()}
    if not value.has(*_WHOLE):
        return value, pieces

    def cut(node: sympy.Expr) -> sympy.Symbol:
        symbol = sympy.Dummy(f"whole{len(pieces)}", integer=True)
        pieces[symbol] = _whole(node, pieces) if letters else Piece("", ATOM)
        return symbol

    return value.replace(lambda node: isinstance(node, _WHOLE), cut), pieces


def _whole(node: sympy.Expr, pieces: dict[sympy.Symbol, Piece]) -> Piece:
    if isinstance(node, sympy.floor):
        top, bottom = sympy.fraction(sympy.together(node.args[0]))
        above, below = (kernel_code(part, pieces, str) for part in (top, bottom))
        return Piece(f"{above.at_least(POWER)} // {below.at_least(POWER)}", MULTIPLY)
    name = "min" if isinstance(node, sympy.Min) else "max"
    numbers_first = sorted(node.args, key=lambda each: (not each.is_number, str(each)))
    inside = ", ".join(kernel_code(each, pieces, str).text for each in numbers_first)
    return Piece(f"{name}({inside})", ATOM)
