"""How much work it is to evaluate expressions at a point of given sizes, counted, not timed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import sympy

from numeric.binding import shape_of
from symbolic.errors import ShapeError
from symbolic.nodes import Apply, Contraction, Expression
from symbolic.structured import structured_function
from symbolic.traverse import postorder

_TOO_MUCH = 10**12


def work_at(sides: Sequence[Expression], sizes: Mapping[sympy.Symbol, int]) -> int:
    """About how many operations on numbers an evaluation takes.

    >>> from symbolic import parse
    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> work_at([parse("A @ x", {"A": "n n", "x": "n"})], {n: 10})
    220
    """
    total = 0
    for node in postorder(sides):
        try:
            total += prod(shape_of(node.shape, sizes))
            if isinstance(node, Contraction):
                total += prod(shape_of(node.sizes, sizes))
            elif isinstance(node, Apply) and not _along_axis(node):
                total += max(shape_of(node.operand.shape, sizes), default=1) ** 3
        except ShapeError:
            return _TOO_MUCH
    return total


def _along_axis(node: Apply) -> bool:
    entry = structured_function(node.function)
    return entry.keeps or entry.reduces
