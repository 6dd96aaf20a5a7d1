"""The value of an expression entry by entry, as SymPy expressions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
import sympy

from symbolic import Expression, Variable
from symbolic.functions import ELEMENTWISE
from symbolic.nodes import Apply, Contraction, Elementwise, Named, Sum
from symbolic.traverse import postorder
from tests.symbolic.random_expressions.points import lengths

Array = Any


def entries(
    expression: Expression,
    values: Mapping[Variable, Array],
    sizes: Mapping[sympy.Symbol, int],
) -> Array:
    """The value as an object array of SymPy expressions, named functions by their definitions."""
    known: dict[Expression, Array] = {}
    for node in postorder(expression):
        match node:
            case Variable():
                known[node] = values[node]
            case Named():
                known[node] = known[node.meaning]
            case Sum():
                known[node] = reduce(np.add, [known[term] for term in node.terms])
            case Contraction():
                known[node] = _contracted_entries(node, known, sizes)
            case Elementwise():
                known[node] = _elementwise_entries(node, known, sizes)
            case Apply():
                known[node] = _applied_entries(node, known[node.operand])
        known[node] = np.asarray(known[node], dtype=object)
    return known[expression]


def _contracted_entries(
    node: Contraction, known: Mapping[Expression, Array], sizes: Mapping[sympy.Symbol, int]
) -> Array:
    size = lengths(node.sizes, sizes)
    result = np.zeros(tuple(size[label] for label in node.output), dtype=object)
    for place in np.ndindex(*size):
        factors = [
            known[operand][tuple(place[label] for label in labels)]
            for operand, labels in zip(node.operands, node.labels, strict=True)
        ]
        result[tuple(place[label] for label in node.output)] += sympy.Mul(*factors)
    return result * node.coefficient.xreplace(dict(sizes))


def _elementwise_entries(
    node: Elementwise, known: Mapping[Expression, Array], sizes: Mapping[sympy.Symbol, int]
) -> Array:
    result = np.empty(lengths(node.shape, sizes), dtype=object)
    for place in np.ndindex(result.shape):
        arguments = [known[operand][place] for operand in node.operands]
        kernel = node.kernel.expr.xreplace(dict(zip(node.kernel.variables, arguments, strict=True)))
        result[place] = _defined(kernel.xreplace(dict(sizes)))
    return result


def _defined(kernel: Any) -> Any:
    for entry in ELEMENTWISE.values():
        if isinstance(entry.head, type) and entry.head.__module__ == "symbolic.functions":
            kernel = kernel.replace(entry.head, entry.definition)
    return kernel


def _applied_entries(node: Apply, operand: Array) -> Array:
    exp = np.vectorize(sympy.exp, otypes=[object])
    total = np.sum(exp(operand), axis=node.axis, keepdims=True)
    match node.function:
        case "softmax":
            return exp(operand) / total
        case "log_softmax":
            return operand - np.vectorize(sympy.log, otypes=[object])(total)
        case "logsumexp":
            found = np.vectorize(sympy.log, otypes=[object])(total)
            return np.asarray(np.squeeze(found, axis=node.axis), dtype=object)
    squares = np.asarray(np.sum(operand * operand, axis=node.axis), dtype=object)
    return np.vectorize(sympy.sqrt, otypes=[object])(squares)
