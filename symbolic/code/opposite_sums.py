"""Sums that are each other's negative, as one sum with a minus sign: m - x beside x - m is -(x - m).

Stable forms compare the arguments of functions. `exp(m - x)` and `sigmoid(x - m)` are functions of one.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from symbolic.code.cancellation import factor_and_core, scaled
from symbolic.nodes import Expression, Sum
from symbolic.traverse import postorder, with_children

MOST_TERMS = 12

_Terms = frozenset[tuple[sympy.Expr, Expression | None]]


def with_one_of_opposites(roots: Sequence[Expression]) -> dict[Expression, Expression]:
    """Every node below the roots, the later of two opposite sums as minus the first.

    >>> from symbolic import exp, vector
    >>> x, y = vector("x", "n"), vector("y", "n")
    >>> print(with_one_of_opposites([x - y, exp(y - x)])[exp(y - x)])
    exp(-(x - y))
    """
    new: dict[Expression, Expression] = {}
    met: dict[_Terms, Sum] = {}
    for node in postorder(roots):
        built = with_children(node, tuple(new[child] for child in node.children))
        new[node] = _oriented(built, met) if isinstance(built, Sum) else built
    return new


def _oriented(total: Sum, met: dict[_Terms, Sum]) -> Expression:
    if len(total.terms) > MOST_TERMS:
        return total
    parts = [factor_and_core(term) for term in total.terms]
    opposite = met.get(frozenset((-factor, core) for factor, core in parts))
    if opposite is not None and opposite.shape == total.shape:
        return scaled(sympy.S.NegativeOne, opposite)
    met[frozenset(parts)] = total
    return total
