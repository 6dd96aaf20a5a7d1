"""Float64 values of expressions at many points at once: what a search for a smallest value needs.

The points are the last axis of every array, so that axes of the expression keep their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from numeric import brackets
from numeric.binding import Sizes, shape_of
from numeric.evaluation import run_program, table_function
from numeric.kernels import compile_kernel, compile_scalar
from symbolic.errors import UnsupportedError
from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Named,
    Sum,
    Variable,
)
from symbolic.structured import structured_function
from symbolic.traverse import postorder

Array = Any
Values = dict[Expression, Array]
_Step = Callable[[Values], Array]


class Batch:
    """Some expressions at given sizes, ready to be evaluated at many points.

    Shapes: `Batch(e, sizes)(values)` takes for each variable an array of its shape and one axis more,
    over points, and gives such an array for each expression. Conditions: derivatives and unspecified
    functions have no float value (`UnsupportedError`). Numerical error: that of the formula as it is
    written; NaN where there is no value.

    >>> from symbolic import vector
    >>> x = vector("x", "n")
    >>> (n,) = x.shape
    >>> Batch([x @ x], {n: 2})({x: np.array([[3.0, 1.0], [4.0, 1.0]])})[0].tolist()
    [25.0, 2.0]
    """

    def __init__(self, expressions: Sequence[Expression], sizes: Sizes) -> None:
        self.expressions = expressions
        self._steps: list[tuple[Expression, _Step]] = [
            (node, _prepared(node, sizes))
            for node in postorder(list(expressions))
            if not isinstance(node, Variable)
        ]

    def __call__(self, values: Mapping[Variable, Array]) -> list[Array]:
        known: Values = dict(values.items())
        points = max((array.shape[-1] for array in values.values()), default=1)
        with np.errstate(all="ignore"):
            for node, step in self._steps:
                known[node] = step(known)
        found = [known[each] for each in self.expressions]
        return [np.broadcast_to(each, (*each.shape[:-1], points)) for each in found]


def _prepared(node: Expression, sizes: Sizes) -> _Step:
    rule = _RULES.get(type(node))
    if rule is None:
        raise UnsupportedError(
            f"the value of a {type(node).__name__}", "it has no float value", "work it out first"
        )
    return rule(node, sizes)


def _named(node: Named, sizes: Sizes) -> _Step:
    return lambda known: known[node.meaning]


def _sum(node: Sum, sizes: Sizes) -> _Step:
    return lambda known: sum(known[term] for term in node.terms)


def _iverson(node: Iverson, sizes: Sizes) -> _Step:
    holds = brackets.mask(node, sizes).astype(np.float64)[..., None]
    return lambda known: holds


def _elementwise(node: Elementwise, sizes: Sizes) -> _Step:
    program, shape = compile_kernel(node.kernel), shape_of(node.shape, sizes)

    def step(known: Values) -> Array:
        operands = [known[operand] for operand in node.operands]
        points = max(each.shape[-1] for each in operands)
        return np.broadcast_to(run_program(program, operands, sizes), (*shape, points))

    return step


def _contraction(node: Contraction, sizes: Sizes) -> _Step:
    """One `np.einsum`; output labels that no operand has repeat the value."""
    lengths = shape_of(node.sizes, sizes)
    coefficient = float(run_program(compile_scalar(node.coefficient), [], sizes))
    placed, others = brackets.split(node)
    found = brackets.selections(placed, lengths, sizes)
    output = list(dict.fromkeys(brackets.gathered_labels(node.output, found)))
    inner = [*lengths, *(each.count for each in found)]
    labels = [brackets.gathered_labels(at, found) for _, at in others]
    used = {label for at in labels for label in at}
    for each in found:
        if each.label not in {*output, *used}:
            coefficient *= each.count
    point = len(inner)
    repeated = [(np.ones((inner[k], 1)), [k, point]) for k in output if k not in used]

    def step(known: Values) -> Array:
        pairs: list[Any] = [np.full(1, coefficient), [point]]
        for (operand, at), names in zip(others, labels, strict=True):
            pairs += [brackets.gathered(known[operand], at, found), [*names, point]]
        for ones, names in repeated:
            pairs += [ones, names]
        total = np.einsum(*pairs, [*output, point])
        return brackets.scattered(total, output, node.output, lengths, found, 0.0)

    return step


def _apply(node: Apply, sizes: Sizes) -> _Step:
    entry = structured_function(node.function)
    function = _STACKED.get(node.function) or table_function(node.function, entry.numpy)
    if entry.keeps or entry.reduces:
        return _along_axis(node, function, entry.keeps)

    if node.function in _ONE_BY_ONE:
        raise UnsupportedError(f"{node.function} of many matrices", "too slow", "use enclosures")

    def step(known: Values) -> Array:
        operands = [np.moveaxis(known[operand], -1, 0) for operand in node.operands]
        return np.moveaxis(_of_matrices(function, operands), 0, -1)

    return step


def _along_axis(node: Apply, function: Callable[..., Array], keeps: bool) -> _Step:
    axis = None if node.axis is None else node.axis % node.operand.rank

    def step(known: Values) -> Array:
        operands = [known[operand] for operand in node.operands]
        if axis is not None:
            return np.asarray(function(*operands, axis))
        flat = [each.reshape(-1, each.shape[-1]) for each in operands]
        result = np.asarray(function(*flat, 0))
        return result.reshape(operands[0].shape) if keeps else result

    return step


def _of_matrices(function: Callable[..., Array], operands: Sequence[Array]) -> Array:
    """A function of matrices at all points; one by one where it has no value at some of them."""
    finite = np.logical_and.reduce([np.isfinite(each).all(axis=(1, 2)) for each in operands])
    if not finite.all():
        operands = [np.where(finite[:, None, None], each, 1) for each in operands]
    try:
        found = np.asarray(function(*operands))
    except (np.linalg.LinAlgError, ValueError):
        found = _one_by_one(function, operands)
    return np.where(finite.reshape(-1, *(1,) * (found.ndim - 1)), found, np.nan)


def _one_by_one(function: Callable[..., Array], operands: Sequence[Array]) -> Array:
    rows = [_of_matrix(function, each) for each in zip(*operands, strict=True)]
    shape = next((row.shape for row in rows if row is not None), None)
    if shape is None:
        raise UnsupportedError("a function of matrices", "it has no value anywhere", "draw others")
    return np.stack([np.full(shape, np.nan) if row is None else row for row in rows])


def _of_matrix(function: Callable[..., Array], operands: Sequence[Array]) -> Array | None:
    try:
        return np.asarray(function(*operands))
    except (np.linalg.LinAlgError, ValueError):
        return None


def _inverses(matrices: Array) -> Array:
    """Inverses of matrices; NaN for a singular one."""
    singular = (np.linalg.det(matrices) == 0)[:, None, None]
    found = np.linalg.inv(np.where(singular, np.eye(matrices.shape[-1]), matrices))
    return np.where(singular, np.nan, found)


def _exponentials(matrices: Array) -> Array:
    """Exponentials of matrices: a Taylor polynomial of a small part, squared again and again."""
    sizes = np.abs(matrices).sum(axis=-1).max(axis=-1, initial=0.0)
    moderate = (sizes < _LARGEST)[:, None, None]
    part = np.where(moderate, matrices, 0) / 2.0**_HALVINGS
    total = term = np.broadcast_to(np.eye(matrices.shape[-1]), matrices.shape)
    for k in range(1, _TERMS):
        term = term @ part / k
        total = total + term
    for _ in range(_HALVINGS):
        total = total @ total
    return np.where(moderate, total, np.nan)


_HALVINGS, _TERMS = 6, 26
_LARGEST = 256.0  # of matrices whose exponential is taken; the part has size 4
_STACKED = {"expm": _exponentials, "inv": _inverses}  # as their code takes no such stack
_ONE_BY_ONE = ("expm_frechet",)  # functions whose code takes no stack of matrices
_RULES: dict[type[Expression], Callable[[Any, Sizes], _Step]] = {
    Named: _named,
    Contraction: _contraction,
    Sum: _sum,
    Elementwise: _elementwise,
    Iverson: _iverson,
    Apply: _apply,
}
