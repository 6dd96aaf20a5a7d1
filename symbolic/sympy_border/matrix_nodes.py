"""Matrix nodes of SymPy: products, inverses, traces, entrywise functions, blocks, explicit entries."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import sympy
from sympy.matrices import expressions as nodes
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.determinant import Determinant
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.slice import MatrixSlice
from sympy.matrices.expressions.special import OneMatrix

from symbolic import indexing, matrices, operations
from symbolic.nodes import Contraction, Expression, Iverson, Sum
from symbolic.operations import constant
from symbolic.sizes import shape_text
from symbolic.sympy_border.index_nodes import as_matrix
from symbolic.sympy_border.names import Names
from symbolic.sympy_border.scalar_nodes import power, times
from symbolic.sympy_border.values import (
    Handler,
    Index,
    Reading,
    Scope,
    Task,
    Value,
    entrywise,
    matrix,
    matrix_of,
    scalar_of,
    unsupported,
)

MOST_ENTRIES = 256  # of an explicit matrix, zeros not counted


def matrices_below(node: Any, arguments: Any, scope: Scope) -> Any:
    """The matrices of several nodes below `node`, in order."""
    found = []
    for argument in arguments:
        found.append(matrix_of((yield Task(argument, scope)), node))
    return found


# --- leaves --------------------------------------------------------------------------------------


def symbol(node: Any, scope: Scope, names: Names) -> Reading:
    """A matrix variable."""
    yield from ()
    return matrix(names.array(node, node.name, node.shape))


def identity(node: Any, scope: Scope, names: Names) -> Reading:
    """The identity."""
    yield from ()
    return matrix(operations.eye(names.size(node.shape[0])))


def _filled(function: Callable[..., Expression]) -> Handler:
    def handler(node: Any, scope: Scope, names: Names) -> Reading:
        yield from ()
        return matrix(function(*(names.size(size) for size in node.shape)))

    return handler


def explicit_matrix(node: Any, scope: Scope, names: Names) -> Reading:
    """A matrix of numbers and scalar expressions: a sum over its entries that are not zero."""
    rows, columns = node.shape
    places = [(i, j) for i in range(rows) for j in range(columns) if node[i, j] != 0]
    if len(places) > MOST_ENTRIES or not rows or not columns:
        raise unsupported(
            node,
            f"{rows} by {columns} entries",
            f"at most {MOST_ENTRIES} may differ from zero; declare a MatrixSymbol for data",
        )
    terms = []
    for i, j in places:
        value = scalar_of((yield Task(node[i, j], scope)), node)
        if value.indices:
            raise unsupported(node, "a summation index inside a matrix", "use a MatrixSymbol")
        terms.append(_at(value.expression, i, j, rows, columns))
    if not terms:
        return matrix(operations.zeros(rows, columns))
    return matrix(terms[0] if len(terms) == 1 else Sum(terms))


def _at(entry: Expression, i: int, j: int, rows: int, columns: int) -> Expression:
    """The matrix with one entry, zeros elsewhere."""
    row, column = Iverson((rows,), (1,), -i), Iverson((columns,), (1,), -j)
    value = operations.constant_value(entry)
    if value is not None:
        return Contraction([row, column], [(0,), (1,)], (0, 1), coefficient=value)
    return Contraction([entry, row, column], [(), (0,), (1,)], (0, 1))


# --- arithmetic ----------------------------------------------------------------------------------


def total(node: Any, scope: Scope, names: Names) -> Reading:
    """A sum of matrices."""
    terms = yield from matrices_below(node, node.args, scope)
    return matrix(Sum(terms))


def product(node: Any, scope: Scope, names: Names) -> Reading:
    """A product of scalars and matrices."""
    scalars, factors = [], []
    for argument in node.args:
        value = yield Task(argument, scope)
        if value.is_matrix:
            factors.append(value.expression)
        else:
            scalars.append(value)
    number = reduce(times, scalars) if scalars else Value(constant(1))
    if not factors:
        return number
    chain = matrix(reduce(operations.matmul, factors))
    if not chain.is_matrix:
        return times(number, chain)
    matrix_of(number, node)  # has no summation index
    return matrix(operations.multiply(number.expression, chain.expression))


def matrix_power(node: Any, scope: Scope, names: Names) -> Reading:
    """A whole power of a matrix, or any power of a matrix of shape (1, 1)."""
    base = yield Task(node.args[0], scope)
    if not base.is_matrix:
        return (yield from power(node, scope, names))
    exponent = node.args[1]
    if not exponent.is_Integer:
        raise unsupported(
            node, f"the exponent {exponent} of a matrix", "use an integer, or HadamardPower"
        )
    return matrix(matrices.matrix_power(base.expression, int(exponent)))


def inverse(node: Any, scope: Scope, names: Names) -> Reading:
    """The inverse."""
    value = yield Task(node.args[0], scope)
    if not value.is_matrix:
        return entrywise(operations.power, value, Value(constant(-1)))
    return matrix(matrices.inv(value.expression))


def transpose(node: Any, scope: Scope, names: Names) -> Reading:
    """The transpose, or the adjoint of a real matrix."""
    value = yield Task(node.args[0], scope)
    return matrix(operations.transpose(value.expression)) if value.is_matrix else value


def kron(node: Any, scope: Scope, names: Names) -> Reading:
    """The Kronecker product."""
    factors = yield from matrices_below(node, node.args, scope)
    return matrix(reduce(indexing.kron, factors))


def dot(node: Any, scope: Scope, names: Names) -> Reading:
    """The inner product of two vectors, each a row or a column."""
    left, right = yield from matrices_below(node, node.args, scope)
    left, right = (each if each.shape[1] == 1 else operations.transpose(each)
                   for each in (left, right))  # fmt: skip
    return matrix(operations.matmul(operations.transpose(left), right))


# --- scalars of matrices -------------------------------------------------------------------------


def _scalar_of_matrix(function: Callable[[Expression], Expression]) -> Handler:
    def handler(node: Any, scope: Scope, names: Names) -> Reading:
        value = yield Task(node.args[0], scope)
        return Value(function(value.expression)) if value.is_matrix else value

    return handler


# --- entrywise -----------------------------------------------------------------------------------


def hadamard_product(node: Any, scope: Scope, names: Names) -> Reading:
    """The entrywise product."""
    factors = yield from matrices_below(node, node.args, scope)
    return matrix(reduce(operations.multiply, factors))


def hadamard_power(node: Any, scope: Scope, names: Names) -> Reading:
    """Entrywise power; base or exponent may be a scalar."""
    base = yield Task(node.args[0], scope)
    exponent = yield Task(node.args[1], scope)
    if not base.is_matrix and not exponent.is_matrix:
        return entrywise(operations.power, base, exponent)
    for each in (base, exponent):
        matrix_of(each, node)  # has no summation index
    return matrix(operations.power(base.expression, exponent.expression))


def applied(node: Any, scope: Scope, names: Names) -> Reading:
    """A function applied to each entry."""
    value = yield Task(node.expr, scope)
    function = node.function
    if not isinstance(function, sympy.Lambda) or len(function.variables) != 1:
        raise unsupported(node, "no function of one argument", "use applyfunc(Lambda(x, ...))")
    (argument,) = function.variables
    if not value.is_matrix:
        return (yield Task(function.expr, (*scope, (argument, value))))
    row, column = (Index(sympy.Dummy(), sympy.Integer(0), size) for size in value.expression.shape)
    entry = Value(value.expression, (row, column))
    found = scalar_of((yield Task(function.expr, (*scope, (argument, entry)))), node)
    return as_matrix(found, row, column)


# --- diagonals, slices, blocks -------------------------------------------------------------------


def diagonal_matrix_of_vector(node: Any, scope: Scope, names: Names) -> Reading:
    """The diagonal matrix of a row or a column."""
    value = yield Task(node.args[0], scope)
    if not value.is_matrix:
        return value
    vector = value.expression
    if 1 not in vector.shape:
        raise unsupported(node, f"shape {shape_text(vector.shape)}", "give a row or a column")
    kept = 1 if vector.shape[0] == 1 else 0
    return matrix(Contraction([vector], [(0, 1)], (kept, kept)))


def diagonal_part(node: Any, scope: Scope, names: Names) -> Reading:
    """The matrix with all entries off the diagonal replaced by zero."""
    whole = matrix_of((yield Task(node.args[0], scope)), node)
    if whole.shape[0] == whole.shape[1]:
        return matrix(Contraction([whole], [(0, 0)], (0, 0)))
    return matrix(operations.multiply(whole, Iverson(whole.shape, (1, -1))))


def diagonal_column(node: Any, scope: Scope, names: Names) -> Reading:
    """The diagonal of a square matrix as a column."""
    whole = matrix_of((yield Task(node.args[0], scope)), node)
    if whole.shape[0] != whole.shape[1]:
        raise unsupported(node, f"shape {shape_text(whole.shape)}", "give a square matrix")
    return matrix(Contraction([whole], [(0, 0)], (0, "column"), {"column": 1}))


def sliced(node: Any, scope: Scope, names: Names) -> Reading:
    """Rows and columns from start to stop with a step."""
    whole = matrix_of((yield Task(node.parent, scope)), node)
    parts = []
    for (start, stop, step), size in zip((node.rowslice, node.colslice), whole.shape, strict=True):
        first, span = names.whole(start), names.whole(stop - start)
        count = sympy.floor(span / step)  # SymPy leaves out what does not fill a step
        if step < 1 or count.has(sympy.floor):
            raise unsupported(node, f"a slice with step {step}", "use a step that divides the span")
        end = first + step * count
        everything = (first, end, step) == (0, size, 1)
        parts.append(slice(None) if everything else slice(first, end, int(step)))
    return matrix(indexing.index(whole, tuple(parts)))


def blocks(node: Any, scope: Scope, names: Names) -> Reading:
    """Blocks beside and below each other."""
    rows = []
    for i in range(node.blocks.rows):
        parts = yield from matrices_below(node, node.blocks[i, :], scope)
        rows.append(indexing.concatenate(*parts, axis=1))
    return matrix(indexing.concatenate(*rows, axis=0))


MATRIX_NODES: dict[type, Handler] = {
    nodes.MatrixSymbol: symbol,
    nodes.Identity: identity,
    nodes.ZeroMatrix: _filled(operations.zeros),
    OneMatrix: _filled(operations.ones),
    nodes.MatAdd: total,
    nodes.MatMul: product,
    nodes.MatPow: matrix_power,
    nodes.Inverse: inverse,
    nodes.Transpose: transpose,
    nodes.Adjoint: transpose,
    nodes.KroneckerProduct: kron,
    nodes.DotProduct: dot,
    nodes.Trace: _scalar_of_matrix(operations.trace),
    Determinant: _scalar_of_matrix(matrices.det),
    nodes.HadamardProduct: hadamard_product,
    nodes.HadamardPower: hadamard_power,
    ElementwiseApplyFunction: applied,
    DiagMatrix: diagonal_matrix_of_vector,
    DiagonalMatrix: diagonal_part,
    DiagonalOf: diagonal_column,
    MatrixSlice: sliced,
    nodes.BlockMatrix: blocks,
    nodes.BlockDiagMatrix: blocks,
}
