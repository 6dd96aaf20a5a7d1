"""Expressions with shapes, each with one thing changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from symbolic import Expression
from symbolic.algebra.normal import is_zero
from symbolic.nodes import Contraction, Named, Sum
from symbolic.operations import transpose
from symbolic.traverse import postorder, with_children

Change = tuple[str, Expression]  # what kind of change, and the line with it


def changed(line: Expression) -> Iterator[Change]:
    """The line with a sign, a factor, a summand, a transposition or an index changed."""
    if is_zero(line):
        yield "summand", line + 1
        return
    yield "sign", -line
    yield "factor", 2 * line
    yield "summand", line + 1
    if line.rank == 2 and line.shape[0] == line.shape[1]:
        yield "transposition", transpose(line)
    for node in postorder(line, _names(line)):
        if isinstance(node, Sum):
            yield from _terms(line, node)
        elif isinstance(node, Contraction):
            yield from _indices(line, node)
            if node is not line:
                yield "factor", _with(line, node, node * 2)


def _terms(line: Expression, node: Sum) -> Iterator[Change]:
    for place, term in enumerate(node.terms):
        terms = list(node.terms)
        terms[place] = -term
        yield "sign", _with(line, node, Sum(terms))


def _indices(line: Expression, node: Contraction) -> Iterator[Change]:
    """Two indices of equal size exchanged in one operand: a transposition when it has just two."""
    sizes = dict(enumerate(node.sizes))
    for place, labels in enumerate(node.labels):
        for i, j in combinations(range(len(labels)), 2):
            if labels[i] == labels[j] or sizes[labels[i]] != sizes[labels[j]]:
                continue
            exchanged = list(labels)
            exchanged[i], exchanged[j] = labels[j], labels[i]
            every = [*node.labels[:place], tuple(exchanged), *node.labels[place + 1 :]]
            new = Contraction(node.operands, every, node.output, sizes, node.coefficient)
            yield ("transposition" if len(labels) == 2 else "index"), _with(line, node, new)


def _with(line: Expression, old: Expression, new: Expression) -> Expression:
    """The line with one node exchanged, outside the meanings of names."""
    found: dict[Expression, Expression] = {}
    for node in postorder(line, _names(line)):
        rebuilt = with_children(node, tuple(found.get(each, each) for each in node.children))
        found[node] = new if node is old else rebuilt
    return found[line]


def _names(line: Expression) -> set[Expression]:
    return {node for node in postorder(line) if isinstance(node, Named)}


__all__ = ["Change", "changed"]
