"""Entries of matrices, and sums and products over an index: SymPy's index form."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.matrices.expressions.matexpr import MatrixElement

from symbolic import operations
from symbolic.nodes import Apply, Contraction, Expression, Iverson
from symbolic.operations import constant
from symbolic.sizes import Size
from symbolic.sympy_border.names import Names
from symbolic.sympy_border.scalar_nodes import times
from symbolic.sympy_border.values import (
    Handler,
    Index,
    Reading,
    Scope,
    Task,
    Value,
    bound,
    entrywise,
    matrix,
    matrix_of,
    outside,
    scalar_of,
    short,
    spread,
    unsupported,
)


def entry(node: Any, scope: Scope, names: Names) -> Reading:
    """An entry X[i, j], its indices whole multiples of summation indices plus integers or sizes."""
    parent, *places = node.args
    whole = matrix_of((yield Task(parent, scope)), node)
    return _entry(whole, places, node, scope, names)


def indexed(node: Any, scope: Scope, names: Names) -> Reading:
    """An entry x[i] of an indexed array that has a shape."""
    yield from ()
    if node.base.shape is None or bound(node.base, scope) is not None:
        raise unsupported(
            node, "an indexed array without a shape", 'declare it: IndexedBase("x", shape=(n,))'
        )
    whole = names.array(node.base, str(node.base.label), node.base.shape)
    return _entry(whole, node.indices, node, scope, names)


def _entry(whole: Expression, places: Any, node: Any, scope: Scope, names: Names) -> Value:
    operands, labels = [whole], [list[object](range(whole.rank))]
    indices: dict[Index, None] = {}
    for axis, (place, size) in enumerate(zip(places, whole.shape, strict=True)):
        steps, rest = _affine(place, node, scope, names)
        indices.update(dict.fromkeys(steps))
        index = next(iter(steps), None)
        if len(steps) == 1 and index and _runs_along(index, steps[index], rest, size):
            labels[0][axis] = index
            continue
        offset = _inside(steps, rest, size, place, node)
        if size == 1:
            continue  # the sum over the axis is its only entry
        sizes = [size, *(each.length for each in steps)]
        operands.append(Iverson(sizes, [1, *(-step for step in steps.values())], -offset))
        labels.append([axis, *steps])
    kept = tuple(indices)
    return Value(Contraction(operands, labels, kept), kept)


def _affine(
    place: Any, node: Any, scope: Scope, names: Names
) -> tuple[dict[Index, sympy.Expr], sympy.Expr]:
    """The whole coefficient of each summation index in a place, and what is left."""
    rest = sympy.expand(place)
    steps: dict[Index, sympy.Expr] = {}
    for symbol in sorted(rest.free_symbols, key=str):
        meaning = bound(symbol, scope)
        if isinstance(meaning, Index):
            step = rest.coeff(symbol)
            rest = sympy.expand(rest - step * symbol)
            if not step.is_Integer or rest.has(symbol):
                raise unsupported(
                    node, f"the index {short(place)}", "use sums of whole multiples of indices"
                )
            steps[meaning] = step
        elif meaning is not None:
            raise unsupported(node, f"the index {short(place)}", "use indices of sums and sizes")
    return steps, names.whole(rest)


def _runs_along(index: Index, step: sympy.Expr, rest: sympy.Expr, size: Size) -> bool:
    """Whether an index takes each place of an axis once, in order."""
    return bool(step == 1 and rest == 0 and index.first == 0 and index.length == size)


def _inside(
    steps: dict[Index, sympy.Expr], rest: sympy.Expr, size: Size, place: Any, node: Any
) -> sympy.Expr:
    """The place where all indices have their first value.

    All places have to lie in the axis; numbers count as lying in an axis of symbolic size.
    """
    first = low = high = rest
    for index, step in steps.items():
        first += step * index.first
        ends = [step * index.first, step * (index.first + index.length - 1)]
        low += ends[0] if step > 0 else ends[1]
        high += ends[1] if step > 0 else ends[0]
    after = sympy.expand(size - 1 - high)
    fits = after.is_nonnegative or (high.is_Integer and after.is_negative is not True)
    if not (sympy.expand(low).is_nonnegative and fits):
        raise outside(node, place, size)
    return sympy.expand(first)


def kronecker_delta(node: Any, scope: Scope, names: Names) -> Reading:
    """1 where two expressions in summation indices are equal, else 0."""
    yield from ()
    if len(node.args) != 2:
        raise unsupported(node, "a delta with a range", "use KroneckerDelta(i, j)")
    steps, rest = _affine(node.args[0] - node.args[1], node, scope, names)
    offset = rest + sympy.Add(*(step * index.first for index, step in steps.items()))
    indices = tuple(steps)
    bracket = Iverson([index.length for index in indices], list(steps.values()), offset)
    return Value(bracket, indices)


def _opened(node: Any, scope: Scope, names: Names) -> tuple[list[Index], Scope]:
    """The indices of a sum or a product, outermost first, and the scope below them."""
    indices: list[Index] = []
    for limit in reversed(node.limits):
        if len(limit) != 3:
            raise unsupported(node, "a sum without a range", "write Sum(f, (i, 0, n - 1))")
        symbol, low, high = limit
        if any(isinstance(bound(s, scope), Index) for s in (high - low).free_symbols):
            raise unsupported(node, "a range that depends on another index", "use constant ranges")
        index = Index(symbol, names.whole(low), names.size(high - low + 1))
        indices.append(index)
        scope = (*scope, (symbol, index))
    return indices, scope


def summation(node: Any, scope: Scope, names: Names) -> Reading:
    """A sum over summation indices."""
    indices, within = _opened(node, scope, names)
    body = scalar_of((yield Task(node.function, within)), node)
    kept = tuple(index for index in body.indices if index not in indices)
    count = sympy.Mul(*(index.length for index in indices if index not in body.indices))
    summed = Value(Contraction([body.expression], [body.indices], kept), kept)
    return summed if count == 1 else times(Value(constant(count)), summed)


def multiplication(node: Any, scope: Scope, names: Names) -> Reading:
    """A product over summation indices."""
    indices, within = _opened(node, scope, names)
    value = scalar_of((yield Task(node.function, within)), node)
    for index in indices:
        if index in value.indices:
            axis = value.indices.index(index)
            kept = value.indices[:axis] + value.indices[axis + 1 :]
            value = Value(Apply("prod", value.expression, axis if kept else None), kept)
        else:
            value = entrywise(operations.power, value, Value(constant(index.length)))
    return value


def as_matrix(value: Value, row: Index, column: Index) -> Value:
    """The matrix whose entry at two indices is a scalar."""
    return matrix(spread(value, (row, column)))


def function_matrix(node: Any, scope: Scope, names: Names) -> Reading:
    """The matrix whose entries are a function of row and column."""
    symbols = node.lamda.variables
    zero = sympy.Integer(0)
    row, column = (
        Index(symbol, zero, names.size(size))
        for symbol, size in zip(symbols, node.shape, strict=True)
    )
    within = (*scope, (symbols[0], row), (symbols[1], column))
    value = scalar_of((yield Task(node.lamda.expr, within)), node)
    return as_matrix(value, row, column)


INDEX_NODES: dict[type, Handler] = {
    MatrixElement: entry,
    sympy.Indexed: indexed,
    sympy.KroneckerDelta: kronecker_delta,
    sympy.Sum: summation,
    sympy.Product: multiplication,
    sympy.FunctionMatrix: function_matrix,
}
