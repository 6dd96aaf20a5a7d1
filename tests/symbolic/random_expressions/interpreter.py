"""The value of an expression in complex128, node by node, from definitions of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import mpmath
import numpy as np
import sympy
from scipy import special

from symbolic import Expression, Variable
from symbolic.nodes import Apply, Contraction, Elementwise, Named, Sum
from symbolic.traverse import postorder
from tests.symbolic.random_expressions.points import lengths

Array = Any


def evaluate_complex(
    expression: Expression, values: Mapping[Variable, Array], sizes: Mapping[sympy.Symbol, int]
) -> Array:
    """The value in complex128, node by node; functions with a kink look at the real part."""
    known: dict[Expression, Array] = {}
    with np.errstate(all="ignore"):
        for node in postorder(expression):
            known[node] = _node_value(node, known, values, sizes)
    return known[expression]


def evaluate_real(
    expression: Expression, values: Mapping[Variable, Array], sizes: Mapping[sympy.Symbol, int]
) -> Array:
    """The value in float64."""
    return np.real(evaluate_complex(expression, values, sizes))


def _node_value(
    node: Expression,
    known: Mapping[Expression, Array],
    values: Mapping[Variable, Array],
    sizes: Mapping[sympy.Symbol, int],
) -> Array:
    match node:
        case Variable():
            return np.asarray(values[node], dtype=complex)
        case Named():
            return known[node.meaning]
        case Sum():
            return reduce(np.add, [known[term] for term in node.terms])
        case Contraction():
            return _contracted(node, [known[operand] for operand in node.operands], sizes)
        case Elementwise():
            operands = [known[operand] for operand in node.operands]
            place: dict[Any, Array] = dict(zip(node.kernel.variables, operands, strict=True))
            place |= {letter: complex(number) for letter, number in sizes.items()}
            return np.broadcast_to(kernel_value(node.kernel.expr, place), operands[0].shape)
        case Apply():
            return _STRUCTURED[node.function](known[node.operand], node.axis)
    raise NotImplementedError(type(node).__name__)


def _contracted(
    node: Contraction, operands: list[Array], sizes: Mapping[sympy.Symbol, int]
) -> Array:
    """An explicit loop over the grid of all labels would be clearest; this is its array form."""
    size = lengths(node.sizes, sizes)
    grid = np.indices(size, sparse=True) if size else ()
    whole = np.ones(size, dtype=complex)
    for operand, labels in zip(operands, node.labels, strict=True):
        whole = whole * operand[tuple(grid[label] for label in labels)]
    summed = whole.sum(axis=node.summed) if node.summed else whole
    kept = [label for label in range(len(size)) if label in node.output]
    result = np.zeros(tuple(size[label] for label in node.output), dtype=complex)
    places = np.indices(tuple(size[label] for label in kept))
    result[tuple(places[kept.index(label)] for label in node.output)] = summed
    return result * complex(node.coefficient.xreplace(dict(sizes)))


def _power(base: Array, exponent: sympy.Expr, place: Mapping[Any, Array]) -> Array:
    if exponent.is_Integer:
        whole = reduce(np.multiply, [base] * abs(int(exponent)), np.ones_like(base))
        return whole if exponent > 0 else 1 / whole
    return np.exp(kernel_value(exponent, place) * np.log(base))


def kernel_value(expression: Any, place: Mapping[Any, Array]) -> Array:
    """The value of a SymPy kernel with arrays for its symbols."""
    if expression in place:
        return place[expression]
    if isinstance(expression, sympy.Piecewise):
        *cases, (last, _) = expression.args
        found = kernel_value(last, place)
        for value, condition in reversed(cases):
            found = np.where(_holds(condition, place), kernel_value(value, place), found)
        return found
    if expression.is_number:
        return np.complex128(sympy.N(expression, 30))
    if expression.is_Pow and expression.base != sympy.E:
        return _power(np.asarray(kernel_value(expression.base, place)), expression.exp, place)
    arguments = [kernel_value(argument, place) for argument in expression.args]
    return _FUNCTIONS[type(expression).__name__](*arguments)


def _holds(condition: Any, place: Mapping[Any, Array]) -> Array:
    if condition in (sympy.true, sympy.false):
        return bool(condition)
    left, right = (np.real(kernel_value(side, place)) for side in condition.args)
    return _RELATIONS[type(condition).__name__](left, right)


_RELATIONS: dict[str, Callable[[Array, Array], Array]] = {
    "Equality": np.equal,
    "Unequality": np.not_equal,
    "StrictLessThan": np.less,
    "LessThan": np.less_equal,
    "StrictGreaterThan": np.greater,
    "GreaterThan": np.greater_equal,
}


def _sigmoid(x: Array) -> Array:
    return np.where(np.real(x) >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def _softplus(x: Array) -> Array:
    positive = np.real(x) >= 0
    return np.where(positive, x, 0) + np.log1p(np.exp(np.where(positive, -x, x)))


def _polygamma(order: complex, x: complex) -> complex:
    return complex(mpmath.polygamma(int(order.real), x))


_FUNCTIONS: dict[str, Callable[..., Array]] = {
    "Add": lambda *terms: reduce(np.add, terms),
    "Mul": lambda *factors: reduce(np.multiply, factors),
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "atanh": np.arctanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "silu": lambda x: x * _sigmoid(x),
    "gelu": lambda x: x * special.erfc(-x / np.sqrt(2)) / 2,
    "erf": special.erf,
    "erfc": special.erfc,
    "gamma": special.gamma,
    "loggamma": special.loggamma,
    "relu": lambda x: np.where(np.real(x) > 0, x, 0),
    "step": lambda x: np.where(np.real(x) > 0, 1.0, 0.0),
    "Abs": lambda x: np.where(np.real(x) < 0, -x, x),
    "sign": lambda x: np.sign(np.real(x)),
    "Max": lambda *x: reduce(lambda a, b: np.where(np.real(a) >= np.real(b), a, b), x),
    "Min": lambda *x: reduce(lambda a, b: np.where(np.real(a) <= np.real(b), a, b), x),
    "polygamma": np.vectorize(_polygamma, otypes=[complex]),
}


def _logsumexp(x: Array, axis: int | None) -> Array:
    top = np.max(np.real(x), axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(x - top), axis=axis)) + np.squeeze(top, axis=axis)


def _softmax(x: Array, axis: int | None) -> Array:
    e = np.exp(x - np.max(np.real(x), axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _log_softmax(x: Array, axis: int | None) -> Array:
    shifted = x - np.max(np.real(x), axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


_STRUCTURED: dict[str, Callable[[Array, int | None], Array]] = {
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "norm": lambda x, axis: np.sqrt(np.sum(x * x, axis=axis)),
}
