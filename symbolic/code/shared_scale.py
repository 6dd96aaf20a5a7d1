"""A coefficient of many results, multiplied once where they come from.

The gradients of a network are all linear in the error of its output, so `1/n` scales that error and not
every gradient.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import prod

import sympy

from symbolic.code.product_order import assumed_size
from symbolic.nodes import Contraction, Elementwise, Expression, Named, Sum
from symbolic.traverse import postorder, substitute

FEWEST = 3  # results with one coefficient
BIGGER = 100  # times: an array of many rows is scaled while it is in the cache


def scale_once(outputs: Sequence[Expression]) -> list[Expression]:
    """Outputs of the same values, with common coefficients moved to what they are linear in.

    >>> from symbolic.operations import exp
    >>> from symbolic.variables import dims, matrix, vector
    >>> n, d = dims("n d")
    >>> X, A, B, y = matrix("X", n, d), matrix("A", n, d), matrix("B", n, d), vector("y", n)
    >>> error = exp(y) - y
    >>> times = Contraction([error], ["i"], "i", coefficient=1 / n)
    >>> scale_once([M.T @ error / n for M in (X, A, B)]) == [M.T @ times for M in (X, A, B)]
    True
    """
    groups: dict[sympy.Expr, list[int]] = defaultdict(list)
    for place, output in enumerate(outputs):
        if isinstance(output, Contraction) and output.rank and output.coefficient not in (1, -1):
            groups[output.coefficient].append(place)
    scaled = list(outputs)
    for coefficient, places in groups.items():
        inside = [_without_coefficient(scaled[place]) for place in places]
        source = _common(inside) if len(places) >= FEWEST else None
        if source is None:
            continue
        axes = tuple(range(source.rank))
        times = Contraction([source], [axes], axes, coefficient=coefficient)
        for place, node in zip(places, inside, strict=True):
            scaled[place] = substitute(node, {source: times})
    return scaled


def _without_coefficient(node: Expression) -> Expression:
    assert isinstance(node, Contraction)
    if node.labels == (node.output,) and len(set(node.output)) == len(node.output):
        return node.operands[0]
    return Contraction(node.operands, node.labels, node.output, dict(enumerate(node.sizes)))


def _common(nodes: Sequence[Expression]) -> Expression | None:
    """The last sum, kernel or name that all are linear in, unless it is much larger than they are."""
    order = postorder(nodes)
    most = sum(map(_entries, nodes))
    for source in reversed(order):
        made = isinstance(source, (Sum, Elementwise, Named)) and source.rank > 0
        if made and source not in nodes and _entries(source) <= BIGGER * most:
            degree = _degrees(order, source)
            if all(degree[node] == 1 for node in nodes):
                return source
    return None


def _entries(node: Expression) -> int:
    return prod(map(assumed_size, node.shape))


def _degrees(order: Sequence[Expression], source: Expression) -> dict[Expression, int | None]:
    """How often each node has the source as a factor; None where it is not homogeneous in it."""
    degree: dict[Expression, int | None] = {}
    for node in order:
        below = [degree[child] for child in node.children]
        if node is source:
            degree[node] = 1
        elif isinstance(node, Contraction) and None not in below:
            degree[node] = sum(each for each in below if each is not None)
        elif isinstance(node, Named) or (isinstance(node, Sum) and len(set(below)) == 1):
            degree[node] = below[0]
        else:
            degree[node] = 0 if all(each == 0 for each in below) else None
    return degree
