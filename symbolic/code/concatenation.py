"""Sums of padded arrays that stand one behind the other."""

from __future__ import annotations

import sympy

from symbolic.moves import spell_concatenation, spell_move
from symbolic.nodes import Contraction, Expression, Sum


def concatenated(node: Expression) -> tuple[tuple[Expression, ...], int] | None:
    """The parts and the axis of a concatenation, whatever the order of its terms.

    >>> from symbolic.indexing import concatenate
    >>> from symbolic.variables import vector
    >>> concatenated(Sum(concatenate(vector("x", "n"), vector("y", "m")).terms[::-1]))
    ((x, y), 0)
    """
    if not isinstance(node, Sum) or len(node.terms) < 2:
        return None
    at: dict[sympy.Expr, Expression] = {}
    ends: dict[sympy.Expr, sympy.Expr] = {}
    for term in node.terms:
        move = spell_move(term) if isinstance(term, Contraction) else None
        if move is None or move[0] != "pad":
            return None
        (operand,), (before, _, axis) = move[1:]
        start = sympy.expand(before)
        at[start] = term
        ends[start] = sympy.expand(start + operand.shape[axis])
    ordered: list[Expression] = []
    place = sympy.S.Zero
    while place in at:
        ordered.append(at.pop(place))
        place = ends[place]
    if at or len(ordered) < len(node.terms):
        return None
    return spell_concatenation(Sum(ordered))
