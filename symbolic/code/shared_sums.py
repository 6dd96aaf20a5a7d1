"""Sums that are multiples of each other, computed once.

`mean - X` is minus `X - mean`, and `d + 100000*sum(u)` is `100000*d` times `1/100000 + mean(u)`: one of
them is an array, the other a multiple of it.
"""

from __future__ import annotations

import sympy

from symbolic.code.cancellation import factor_and_core, scaled, without_coefficient
from symbolic.code.concatenation import concatenated
from symbolic.nodes import Contraction, Expression, Sum
from symbolic.traverse import with_children

Key = tuple[tuple[bytes, sympy.Expr], ...]

MOST_TERMS = 64  # of a sum that is compared with others


class SharedSums:
    """The sums met so far."""

    def __init__(self) -> None:
        self._known: dict[Key, tuple[sympy.Expr, Sum]] = {}

    def one(self, node: Expression) -> Expression:
        """A sum as the one met before, times a number; a repeated sum likewise.

        >>> from symbolic.variables import vector
        >>> x, y = vector("x", "n"), vector("y", "n")
        >>> known = SharedSums()
        >>> known.one(x - y), known.one(2 * y - 2 * x)
        (x - y, -2*(x - y))
        """
        if isinstance(node, Contraction) and len(node.operands) == 1:
            (operand,) = node.operands
            repeated = isinstance(operand, Sum) and not node.summed
            return with_children(node, (self.one(operand),)) if repeated else node
        if not isinstance(node, Sum) or len(node.terms) > MOST_TERMS or concatenated(node):
            return node
        parts = sorted(map(_split, node.terms), key=lambda part: part[0])
        lead = parts[0][1]
        if lead == 0:
            return node
        key = tuple((core, sympy.cancel(factor / lead)) for core, factor in parts)
        first, known = self._known.setdefault(key, (lead, node))
        return known if known is node else scaled(sympy.cancel(lead / first), known)


def _split(term: Expression) -> tuple[bytes, sympy.Expr]:
    """What tells a term from others but for its factor, and the factor."""
    factor, core = factor_and_core(term)
    if core is None:
        return b"", factor
    if isinstance(core, Contraction) and len(core.operands) == 1 and not core.summed:
        inside, array = factor_and_core(core.operands[0])
        if array is not None:
            more, array = without_coefficient(array)
            factor, core = factor * inside * more, with_children(core, (array,))
    outside, core = without_coefficient(core)
    return core.key, factor * outside
