"""Expressions that differ in one place, and the same ones in another order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy

from symbolic import Expression, Variable
from symbolic.nodes import Apply, Contraction, Elementwise, Named, Sum
from symbolic.traverse import postorder, substitute, variables, with_children
from tests.symbolic.random_expressions.writer import D, N


def mutations(expression: Expression, random: np.random.Generator) -> Iterator[Expression]:
    """Expressions that differ from this one in one place; most of them have another value."""
    nodes = [node for node in postorder(expression) if not isinstance(node, Named)]
    for i in random.permutation(len(nodes)):
        node = nodes[i]
        for other in _mutated(node, expression, random):
            if other.shape == node.shape and other is not node:
                yield substitute(expression, {node: other})


def _mutated(
    node: Expression, root: Expression, random: np.random.Generator
) -> Iterator[Expression]:
    if isinstance(node, Variable):
        others = [v for v in variables(root) if v.shape == node.shape and v is not node]
        yield from others
        yield Variable(node.name + "_", node.shape, node.domain)
    if node.rank == 2 and node.shape[0] == node.shape[1]:
        yield node.T
    match node:
        case Contraction():
            yield from _mutated_product(node, random)
        case Sum():
            first, *others = node.terms
            yield Sum([first, *(-term for term in others)])
            yield Sum([*node.terms, node.terms[-1]])
            if others:
                yield Sum(others)
        case Apply() if node.operand.rank > 1:
            for axis in (None, *range(node.operand.rank)):
                other = Apply(node.function, node.operand, axis)
                if axis != node.axis and other.shape == node.shape:
                    yield other
        case Elementwise():
            if len(node.operands) == 1:
                yield Elementwise(node.kernel, [-node.operands[0]])
                yield node.operands[0]
            else:
                yield Elementwise(node.kernel, node.operands[::-1])
        case _:
            yield -node


def _mutated_product(node: Contraction, random: np.random.Generator) -> Iterator[Expression]:
    sizes = dict(enumerate(node.sizes))
    for factor in (2, -1, sympy.Rational(1, 2), N, 1 / D):
        yield Contraction(node.operands, node.labels, node.output, sizes, node.coefficient * factor)
    if len(node.operands) > 1:
        yield from _reordered(node, sizes)
    for place, labels in enumerate(node.labels):
        for i in range(len(labels)):
            for label in range(len(node.sizes)):
                changed = (*labels[:i], label, *labels[i + 1 :])
                if changed != labels and sizes[label] == sizes[labels[i]]:
                    all_labels = (*node.labels[:place], changed, *node.labels[place + 1 :])
                    yield Contraction(
                        node.operands, all_labels, node.output, sizes, node.coefficient
                    )


def _reordered(node: Contraction, sizes: dict[int, Any]) -> Iterator[Expression]:
    operands = node.operands[::-1]
    if [each.shape for each in operands] == [each.shape for each in node.operands]:
        yield Contraction(operands, node.labels, node.output, sizes, node.coefficient)


def shuffled(expression: Expression, random: np.random.Generator) -> Expression:
    """The same sums and products with their terms and factors in another order."""
    new: dict[Expression, Expression] = {}
    for node in postorder(expression):
        rebuilt = with_children(node, tuple(new[child] for child in node.children))
        if isinstance(rebuilt, Sum):
            rebuilt = Sum([rebuilt.terms[i] for i in random.permutation(len(rebuilt.terms))])
        elif isinstance(rebuilt, Contraction) and len(rebuilt.operands) > 1:
            order = random.permutation(len(rebuilt.operands))
            rebuilt = Contraction(
                [rebuilt.operands[i] for i in order],
                [rebuilt.labels[i] for i in order],
                rebuilt.output,
                dict(enumerate(rebuilt.sizes)),
                rebuilt.coefficient,
            )
        new[node] = rebuilt
    return new[expression]
