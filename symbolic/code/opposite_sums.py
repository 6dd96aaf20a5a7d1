"""Arguments of functions that are each other's negative, as one sum with a minus sign.

Stable forms compare the arguments of exponentials: `exp(m - x)` beside `sigmoid(x - m)` is exp(-(x - m)).
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from symbolic.code.cancellation import factor_and_core, scaled
from symbolic.functions import sigmoid, softplus
from symbolic.nodes import Elementwise, Expression, Sum
from symbolic.traverse import entrywise, postorder, with_children

_EXPONENTIALS = (sympy.exp, sympy.erf, sympy.erfc, sympy.tanh, sigmoid, softplus)

MOST_TERMS = 12

_Terms = frozenset[tuple[sympy.Expr, Expression | None]]


def with_one_of_opposites(roots: Sequence[Expression]) -> dict[Expression, Expression]:
    """Every node below the roots, the later of two opposite arguments as minus the first.

    >>> from symbolic import exp, sigmoid, vector
    >>> x, y = vector("x", "n"), vector("y", "n")
    >>> e = sigmoid(x - y) * exp(y - x)
    >>> print(with_one_of_opposites([e])[e])
    sigmoid(x - y)*exp(-(x - y))
    """
    order = postorder(roots)
    arguments = _arguments(order)
    new: dict[Expression, Expression] = {}
    met: dict[_Terms, Sum] = {}
    for node in order:
        built = with_children(node, tuple(new[child] for child in node.children))
        new[node] = _oriented(built, met) if node in arguments else built
    return new


def _arguments(order: Sequence[Expression]) -> set[Expression]:
    """What stands entry by entry inside of an exponential or a function made of such."""
    exponentials = [node for node in order if _is_exponential(node)]
    return set(entrywise(child for node in exponentials for child in node.children))


def _is_exponential(node: Expression) -> bool:
    return isinstance(node, Elementwise) and node.kernel.expr.has(*_EXPONENTIALS)


def _oriented(total: Expression, met: dict[_Terms, Sum]) -> Expression:
    if not isinstance(total, Sum) or len(total.terms) > MOST_TERMS:
        return total
    parts = [factor_and_core(term) for term in total.terms]
    opposite = met.get(frozenset((-factor, core) for factor, core in parts))
    if opposite is not None and opposite.shape == total.shape:
        return scaled(sympy.S.NegativeOne, opposite)
    met[frozenset(parts)] = total
    return total
