"""Plain float64 values of an expression, node by node: the oracle of generated code.

Nothing is rearranged and nothing is optimised: a contraction is one `np.einsum`, a kernel is its
program run on arrays, a named function is the NumPy code of its table entry.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from typing import Any

import numpy as np
import sympy

from numeric import brackets
from numeric.binding import Sizes, shape_of
from numeric.data import check_data
from numeric.kernels import Operation, Program, compile_kernel, compile_scalar
from symbolic.errors import DomainError, UnsupportedError
from symbolic.functions import ELEMENTWISE
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Named,
    Sum,
    Unspecified,
    Variable,
)
from symbolic.structured import structured_function
from symbolic.traverse import postorder, variables

Array = Any
_Known = dict[Expression, Array]

_CONSTANTS = {"pi": np.pi, "e": np.e, "euler": np.euler_gamma, "catalan": float(sympy.Catalan)}
_RELATIONS: dict[str, Callable[[Array, Array], Array]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_PLAIN: dict[str, Callable[[Array], Array]] = {
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "heaviside": lambda x: np.heaviside(x, 0.5),
    "DiracDelta": lambda x: np.where(x == 0, np.inf, 0.0),
}


def evaluate(
    expression: Expression,
    values: Mapping[str | Variable, Any],
    sizes: Mapping[sympy.Symbol, int] | None = None,
) -> Array:
    """The value of an expression in float64.

    Shapes: `values[v]` has the shape of v; the result that of the expression. Conditions: those of
    `check_data`; derivatives and unspecified functions have no float value (`UnsupportedError`).
    Numerical error: that of the formula as it is written; see `enclose` for certain bounds.

    >>> from symbolic.operations import sum
    >>> from symbolic.variables import vector
    >>> x = vector("x", "n")
    >>> float(evaluate(sum(x * x), {"x": [3, 4]}))
    25.0
    """
    arrays, bound = check_data(variables(expression), values, sizes)
    known: _Known = {variable: array.astype(np.float64) for variable, array in arrays.items()}
    with np.errstate(all="ignore"):
        for node in postorder(expression):
            if node not in known:
                known[node] = rule_of(node)(node, known, bound)
    return np.array(known[expression], dtype=np.float64)


def rule_of(node: Expression) -> Callable[[Any, _Known, Sizes], Array]:
    rule = _RULES.get(type(node))
    if rule is None:
        what = "an unspecified function" if isinstance(node, Unspecified) else "a derivative"
        raise UnsupportedError(
            f"the value of {what}",
            "it is not worked out to a formula",
            "differentiate first, or use enclose, which takes it as it is",
        )
    return rule


def _named(node: Named, known: _Known, sizes: Sizes) -> Array:
    return known[node.meaning]


def _contraction(node: Contraction, known: _Known, sizes: Sizes) -> Array:
    lengths = shape_of(node.sizes, sizes)
    coefficient = run_program(compile_scalar(node.coefficient), [], sizes)
    placed, others = brackets.split(node)
    found = brackets.selections(placed, lengths, sizes)
    operands = [brackets.gathered(known[operand], at, found) for operand, at in others]
    labels = [brackets.gathered_labels(at, found) for _, at in others]
    output = list(dict.fromkeys(brackets.gathered_labels(node.output, found)))
    inner = [*lengths, *(each.count for each in found)]
    total = _product(operands, labels, output, inner)
    for each in found:
        if each.label not in {*output, *(label for at in labels for label in at)}:
            total = total * each.count
    return brackets.scattered(total, output, node.output, lengths, found, 0.0) * coefficient


def _product(
    operands: Sequence[Array],
    labels: Sequence[list[int]],
    output: list[int],
    lengths: Sequence[int],
) -> Array:
    """One `np.einsum`; output labels that no operand has repeat the value."""
    used = {label for at in labels for label in at}
    pairs: list[Any] = []
    for operand, at in zip(operands, labels, strict=True):
        pairs += [operand, at]
    for label in output:
        if label not in used:
            pairs += [np.ones(lengths[label]), [label]]
    return np.asarray(np.einsum(*pairs, output)) if pairs else np.array(1.0)


def _sum(node: Sum, known: _Known, sizes: Sizes) -> Array:
    return reduce(operator.add, [known[term] for term in node.terms])


def _elementwise(node: Elementwise, known: _Known, sizes: Sizes) -> Array:
    operands = [known[operand] for operand in node.operands]
    return np.broadcast_to(
        run_program(compile_kernel(node.kernel), operands, sizes), operands[0].shape
    )


def _iverson(node: Iverson, known: _Known, sizes: Sizes) -> Array:
    return brackets.mask(node, sizes).astype(np.float64)


def _apply(node: Apply, known: _Known, sizes: Sizes) -> Array:
    entry = structured_function(node.function)
    function = table_function(node.function, entry.numpy)
    operands = [known[operand] for operand in node.operands]
    if entry.keeps or entry.reduces:
        return function(*operands, node.axis)
    try:
        return function(*operands)
    except np.linalg.LinAlgError as error:
        raise DomainError(
            f"{node.function} of a matrix", str(error), f"give one where {entry.condition}"
        ) from None


@cache
def table_function(name: str, source: str) -> Callable[..., Array]:
    """A function of our own tables from its NumPy code."""
    if source.startswith("np."):
        return getattr(np, source.removeprefix("np."))
    namespace: dict[str, Any] = {"np": np}
    if "scipy." in source:
        import scipy.linalg

        namespace["scipy"] = scipy
    exec(source, namespace)
    return namespace[name]


def _function(name: str, order: int) -> Callable[..., Array]:
    if name == "polygamma":
        from scipy.special import polygamma

        return lambda x: polygamma(order, x)
    if name in ELEMENTWISE:
        return table_function(name, ELEMENTWISE[name].numpy)
    if name not in _PLAIN:
        raise UnsupportedError(
            f"the function {name}", "it has no NumPy code", "use functions of the table"
        )
    return _PLAIN[name]


def run_program(program: Program, operands: Sequence[Array], sizes: Sizes) -> Array:
    """The value of a kernel at arrays that are broadcast together."""
    found: list[Any] = []
    for operation in program:
        arguments = [found[place] for place in operation.arguments]
        found.append(_step(operation, arguments, operands, sizes))
    return found[-1]


def _step(
    operation: Operation, arguments: list[Any], operands: Sequence[Array], sizes: Sizes
) -> Any:
    parameter = operation.parameter
    match operation.name:
        case "number":
            return np.float64(parameter)
        case "constant":
            return np.float64(_CONSTANTS[parameter])
        case "size":
            return np.float64(sizes[parameter])
        case "operand":
            return operands[parameter]
        case "power":
            return np.power(arguments[0], float(parameter))
        case "apply":
            return _function(*parameter)(arguments[0])
        case "compare":
            return _RELATIONS[parameter](*arguments)
        case "not":
            return np.logical_not(arguments[0])
        case "truth":
            return np.bool_(parameter)
        case "select":
            pairs = list(zip(arguments[::2], arguments[1::2], strict=True))
            result: Array = np.nan
            for value, condition in reversed(pairs):
                result = np.where(condition, value, result)
            return result
        case name:
            return reduce(_FOLDED[name], arguments)


_FOLDED: dict[str, Callable[[Array, Array], Array]] = {
    "add": operator.add,
    "multiply": operator.mul,
    "general_power": np.power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "and": np.logical_and,
    "or": np.logical_or,
}

_RULES: dict[type[Expression], Callable[[Any, _Known, Sizes], Array]] = {
    Named: _named,
    Contraction: _contraction,
    Sum: _sum,
    Elementwise: _elementwise,
    Iverson: _iverson,
    Apply: _apply,
}
