"""A smallest expression that still fails, and how a failure is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import symbolic as s
from symbolic import Expression, Variable
from symbolic.nodes import Contraction, Sum
from symbolic.traverse import postorder, substitute, variables


def smaller(expression: Expression) -> Iterator[Expression]:
    """Simpler expressions of the same shape: a part of it, or one node replaced by a part."""
    nodes = postorder(expression)
    for node in nodes:
        if node is expression:
            continue
        if node.shape == expression.shape:
            yield node
        elif not expression.shape:
            yield s.sum(node)
    for node in reversed(nodes):
        for part in postorder(node):
            if part is not node and part.shape == node.shape:
                yield substitute(expression, {node: part})
        if not isinstance(node, Variable):
            yield substitute(expression, {node: Variable("v", node.shape)})
        if isinstance(node, (Sum, Contraction)):
            yield from _with_less(expression, node)


def _with_less(expression: Expression, node: Sum | Contraction) -> Iterator[Expression]:
    if isinstance(node, Sum) and len(node.terms) > 1:
        for place in range(len(node.terms)):
            rest = Sum([*node.terms[:place], *node.terms[place + 1 :]])
            yield substitute(expression, {node: rest})
    if isinstance(node, Contraction) and node.coefficient != 1 and node.operands:
        sizes = dict(enumerate(node.sizes))
        yield substitute(
            expression, {node: Contraction(node.operands, node.labels, node.output, sizes)}
        )


def shrink(
    expression: Expression, fails: Callable[[Expression], bool], tries: int = 400
) -> Expression:
    """A smallest expression that still fails; an error in the check counts as a pass."""
    best = expression
    while tries > 0:
        for candidate in sorted(smaller(best), key=_size):
            if _size(candidate) >= _size(best):
                break
            tries -= 1
            if tries <= 0 or _still(fails, candidate):
                break
        else:
            return best
        if _size(candidate) >= _size(best) or tries <= 0:
            return best
        best = candidate
    return best


def _still(fails: Callable[[Expression], bool], candidate: Expression) -> bool:
    try:
        return fails(candidate)
    except Exception:
        return False


def _size(expression: Expression) -> tuple[int, int]:
    nodes = postorder(expression)
    return len(nodes), sum(len(node.children) for node in nodes)


def describe(seed: int, expression: Expression, fails: Callable[[Expression], bool]) -> str:
    """The message of a failure: the seed and the smallest expression that fails alike."""
    found = shrink(expression, fails)
    declared = {v.name: f"{' '.join(map(str, v.shape))}: {v.domain}" for v in variables(found)}
    return f"seed {seed}: {found}\n  given {declared}"
