"""Points of many sizes, for expressions in which a size stands as a number.

A polynomial in n of degree k may vanish at k sizes, and a maximum with n may change its branch beyond a
constant: so each such size runs through many numbers, and past every constant of moderate size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from numeric.binding import shape_of
from numeric.errors import Undecided
from numeric.sampling import sample
from symbolic.errors import ShapeError
from symbolic.nodes import Contraction, Elementwise, Expression, Iverson, Variable
from symbolic.traverse import postorder, variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_RUN = 16  # the sizes from 1 on that are looked at
_LARGEST = 130  # a size beyond it takes too long
_MOST_ENTRIES = 4000  # of all variables together
_FREE = 12  # how often a size may stand as a number


def sizes_as_numbers(sides: Sequence[Expression]) -> dict[sympy.Symbol, int]:
    """The size letters that stand as numbers, and how often each does, powers counted.

    >>> from symbolic import parse
    >>> sizes_as_numbers([parse("sum(x)/n + n**2", {"x": "n"})])
    {n: 3}
    """
    found: dict[sympy.Symbol, int] = {}
    for node in postorder(sides):
        places = node.kernel.variables if isinstance(node, Elementwise) else ()
        for part in _scalars(node):
            for letter, count in _counts(part).items():
                if letter not in places:
                    found[letter] = found.get(letter, 0) + count
    return found


def points_of_sizes(
    sides: Sequence[Expression], known: Sizes, rng: np.random.Generator
) -> Iterator[tuple[Point, Sizes]]:
    """A point for each of many values of each size that stands as a number, the others as known."""
    given = variables(sides)
    constants = _constants(sides)
    for letter in dict.fromkeys((*sizes_as_numbers(sides), *_sizes_of_moves(sides))):
        for number in sorted({*range(1, _RUN + 1), *constants}):
            sizes = {**known, letter: number}
            try:
                entries = sum(int(np.prod(shape_of(each.shape, sizes))) for each in given)
                if entries <= _MOST_ENTRIES:
                    yield sample(given, sizes, rng), sizes
            except (ShapeError, Undecided):
                continue


def doubt_about_sizes(sides: Sequence[Expression]) -> str:
    """Why agreement at many sizes is not enough, or nothing."""
    often = [letter for letter, count in sizes_as_numbers(sides).items() if count > _FREE]
    if often:
        return f"The size {often[0]} stands as a number too often for the sizes that were tried."
    switched = any(
        isinstance(part, sympy.Integer) and abs(part) > _LARGEST
        for node in postorder(sides)
        for scalar in _scalars(node)
        for part in sympy.preorder_traversal(scalar)
    )
    if switched and sizes_as_numbers(sides):
        return f"A size stands as a number beside one beyond {_LARGEST}, the largest that is tried."
    return ""


def _scalars(node: Expression) -> Iterator[sympy.Basic]:
    if isinstance(node, Contraction):
        yield sympy.sympify(node.coefficient)
    elif isinstance(node, Elementwise):
        yield node.kernel.expr
    elif isinstance(node, Iverson):
        yield sympy.sympify(node.offset)


def _sizes_of_moves(sides: Sequence[Expression]) -> Iterator[sympy.Symbol]:
    """The sizes of axes along which entries are moved or cut by a number: tril(A, k=-10)."""
    for node in postorder(sides):
        if isinstance(node, Iverson) and abs(sympy.sympify(node.offset)).is_Integer:
            for size in node.shape:
                yield from sympy.sympify(size).free_symbols


def _counts(part: sympy.Basic) -> dict[sympy.Symbol, int]:
    """How often each symbol stands in an expression; a power counts as often as it is high."""
    found: dict[sympy.Symbol, int] = {}
    stack = [(part, 1)]
    while stack:
        node, times = stack.pop()
        if isinstance(node, sympy.Symbol):
            found[node] = found.get(node, 0) + times
        elif isinstance(node, sympy.Pow) and node.exp.is_Integer:
            stack.append((node.base, times * abs(int(node.exp))))
        else:
            stack.extend((each, times) for each in node.args)
    return found


def _constants(sides: Sequence[Expression]) -> set[int]:
    """Sizes around the constants of moderate size that stand in scalars."""
    found: set[int] = set()
    for node in postorder(sides):
        for scalar in _scalars(node):
            for part in sympy.preorder_traversal(scalar):
                if isinstance(part, sympy.Rational) and abs(part) <= _LARGEST:
                    middle = int(abs(part))
                    found |= {middle - 1, middle, middle + 1, middle + 7}
    return {number for number in found if number >= 1}
