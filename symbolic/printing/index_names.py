r"""Indices: their names, and affine expressions of them as text.

An index is a SymPy expression in index symbols and sizes, counted from 1; most are one symbol.
Names are i and j for the first two sizes, then k, l, ...; none is a name of the expression.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TypeAlias

import sympy

from symbolic.nodes import Contraction, Expression, Iverson, Named, Unspecified, Variable
from symbolic.printing.latex_kernels import number_piece
from symbolic.printing.latex_pieces import BIG
from symbolic.printing.text_printer import postorder_shown
from symbolic.sizes import Size, size_letters
from symbolic.traverse import postorder

Index: TypeAlias = sympy.Expr

_LETTERS = "ijklpqrstuvabcdefgh"  # m and n look like sizes
FIRST: Index = sympy.Integer(1)


@cache
def index_symbol(letter: str) -> sympy.Symbol:
    """The index called `letter`; it is no size, even if one has its name."""
    return sympy.Symbol(letter, integer=True)


def is_index_symbol(symbol: sympy.Symbol) -> bool:
    """Whether a symbol is an index and no size."""
    return symbol.is_positive is None


class IndexNames:
    """Letters for indices, none of them a variable or a size of the expression, or of what it names.

    A compound size, as n - 1, takes the letter of the size that it is made of, if that is free.

    >>> from symbolic.variables import dims, matrix
    >>> n, d = dims("n d")
    >>> names = IndexNames(matrix("X", n, d))
    >>> names.fresh(d, ()), names.fresh(d, [names.fresh(d, ())]), names.fresh(n - 1, ())
    (j, k, i)
    """

    def __init__(self, expression: Expression) -> None:
        sizes: dict[Size, None] = {}
        taken: set[str] = set()
        for node in postorder_shown(expression):
            if isinstance(node, (Variable, Named)):
                sizes.update(dict.fromkeys(size for size in node.shape if size != 1))
        for node in postorder(expression):
            taken |= size_letters(node.shape)
            if isinstance(node, (Variable, Named, Unspecified)):
                taken.add(node.name)
            if isinstance(node, (Contraction, Iverson)):
                taken |= _letters_inside(node)
        self._letters = [letter for letter in _LETTERS if letter not in taken]
        self._preferred = dict(zip(list(sizes)[:2], self._letters, strict=False))

    def fresh(self, size: Size, scope: Iterable[Index]) -> Index:
        """An index over `size` that is not in scope; over a size of 1 it is the number 1."""
        if size == 1:
            return FIRST
        used = {str(index) for index in scope}
        wanted = self._wanted(size)
        if wanted is not None and wanted not in used:
            return index_symbol(wanted)
        others = set(self._preferred.values())
        free = [letter for letter in self._letters if letter not in used]
        unclaimed = [letter for letter in free if letter not in others]
        if unclaimed or free:
            return index_symbol((unclaimed or free)[0])
        number = 1
        while f"i_{{{number}}}" in used:
            number += 1
        return index_symbol(f"i_{{{number}}}")

    def _wanted(self, size: Size) -> str | None:
        if size in self._preferred or isinstance(size, int) or size.is_Symbol:
            return self._preferred.get(size)
        parts = (letter for each, letter in self._preferred.items() if each in size.free_symbols)
        return next(parts, None)


def _letters_inside(node: Contraction | Iverson) -> set[str]:
    """The letters of numbers that no shape need show, as that of `x[m]`."""
    if isinstance(node, Iverson):
        numbers = (*node.coefficients, node.offset)
        return {symbol.name for each in numbers for symbol in each.free_symbols}
    found = {symbol.name for symbol in node.coefficient.free_symbols}
    for operand in node.operands:
        if isinstance(operand, Iverson):
            found |= _letters_inside(operand)
    return found


def index_text(value: Index, *, spaced: bool = False) -> str:
    """An affine expression of indices as it stands in a subscript, or with spaces in a line.

    >>> i, k, n = index_symbol("i"), index_symbol("k"), sympy.Symbol("n", positive=True)
    >>> index_text(2 * i + k - 2), index_text(n * i + k - n)
    ('2i+k-2', 'n(i-1)+k')
    """
    terms = _terms(value, spaced=spaced)
    if not terms:
        return "0"
    plus, minus = (" + ", " - ") if spaced else ("+", "-")
    text = "".join((plus if sign > 0 else minus) + shown for sign, shown in terms)
    return text.removeprefix(plus) if terms[0][0] > 0 else "-" + text.removeprefix(minus)


def _terms(value: Index, *, spaced: bool) -> list[tuple[int, str]]:
    """The sign and the text of each term: those with a plus first, a number last."""
    rest = sympy.expand(value)
    symbols = sorted(filter(is_index_symbol, rest.free_symbols), key=lambda each: each.name)
    found = []
    for symbol in symbols:
        coefficient = rest.coeff(symbol)
        rest = sympy.expand(rest - coefficient * symbol)
        if not coefficient.is_Integer:  # a stride is written n(i - 1)
            rest = sympy.expand(rest + coefficient)
        sign, factor = _signed(coefficient)
        minus = " - " if spaced else "-"
        shown = symbol.name if coefficient.is_Integer else f"({symbol.name}{minus}1)"
        if factor != 1:
            front = str(number_piece(factor).at_least(BIG))
            shown = f"{front} {shown}" if spaced or "\\" in front else front + shown
        order = (coefficient.is_Integer, -factor if factor.is_Integer else 0, symbol.name)
        found.append((order, sign, shown))
    terms = [(sign, shown) for _, sign, shown in sorted(found)]
    number, sizes = rest.as_coeff_Add()
    for part in (*(sympy.Add.make_args(sizes) if sizes != 0 else ()), number):
        if part != 0:
            sign, size = _signed(part)
            terms.append((sign, str(number_piece(size).text)))
    last = terms[len(terms) - (number != 0) :]
    ordered = sorted(terms[: len(terms) - len(last)], key=lambda term: term[0] < 0)
    return [*last, *ordered] if ordered and ordered[0][0] < 0 < number else [*ordered, *last]


def _signed(number: sympy.Expr) -> tuple[int, sympy.Expr]:
    return (-1, -number) if number.could_extract_minus_sign() else (1, number)


def shown_indices(at: tuple[Index, ...]) -> str:
    """Indices beside each other, with commas where they would run together.

    >>> i, j = index_symbol("i"), index_symbol("j")
    >>> shown_indices((i, j)), shown_indices((i, j + 1)), shown_indices((FIRST, FIRST))
    ('ij', 'i,j+1', '1,1')
    """
    parts = [index_text(index) for index in at]
    single = all(len(part) == 1 and part.isalpha() for part in parts)
    return ("" if single else ",").join(parts)


def size_expression(size: Size) -> sympy.Expr:
    """A size as a SymPy expression."""
    return sympy.sympify(size)
