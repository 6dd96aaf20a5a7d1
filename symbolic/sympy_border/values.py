"""What a SymPy node becomes while it is read: an expression, and the indices it still has.

A scalar inside `Sum(..., (i, 0, n - 1))` has one value for each i. It is kept as an array with one axis
for each such index, and the sum is a sum over that axis. An array of shape (1, 1) is a scalar at once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

import sympy

from symbolic import operations
from symbolic.errors import ShapeError, UnsupportedError
from symbolic.nodes import Contraction, Expression
from symbolic.sizes import Size, shape_text


@dataclass(frozen=True)
class Index:
    """A summation index: its symbol runs through `length` values from `first`."""

    symbol: sympy.Symbol
    first: sympy.Expr
    length: Size


@dataclass(frozen=True)
class Value:
    """A scalar with one axis for each of its `indices`, or else a matrix."""

    expression: Expression
    indices: tuple[Index, ...] = ()
    is_matrix: bool = False


Scope: TypeAlias = tuple[tuple[sympy.Basic, "Index | Value"], ...]  # what bound symbols stand for


@dataclass(frozen=True)
class Task:
    """A SymPy node to be read, with what the symbols bound around it stand for."""

    node: Any
    scope: Scope = ()


Reading = Generator[Task, Value, Value]
Handler = Callable[..., Reading]


def bound(symbol: object, scope: Scope) -> Index | Value | None:
    """What a symbol stands for in a scope; the innermost binding counts."""
    return next((meaning for each, meaning in reversed(scope) if each == symbol), None)


def matrix(expression: Expression) -> Value:
    """The value of a matrix; one of shape (1, 1) is the scalar in it."""
    if expression.shape == (1, 1):
        return Value(operations.trace(expression))
    return Value(expression, is_matrix=True)


def scalar_of(value: Value, node: object) -> Value:
    """The value where a scalar is needed, or an error that names the node."""
    if value.is_matrix:
        raise UnsupportedError(
            f"the SymPy node {type(node).__name__} in {short(node)}",
            f"a matrix of shape {shape_text(value.expression.shape)} where a number is expected",
            "use applyfunc, HadamardPower or HadamardProduct to work entry by entry",
        )
    return value


def matrix_of(value: Value, node: object) -> Expression:
    """The expression of rank 2 where a matrix is needed; a scalar is one of shape (1, 1)."""
    if value.indices:
        raise unsupported(
            node, "a summation index inside a matrix", "sum over entries of matrices instead"
        )
    if value.is_matrix:
        return value.expression
    return Contraction([value.expression], [()], ("row", "column"), {"row": 1, "column": 1})


def all_indices(values: list[Value]) -> tuple[Index, ...]:
    """The indices of several scalars, each once."""
    return tuple(dict.fromkeys(index for value in values for index in value.indices))


def align(value: Value, indices: tuple[Index, ...]) -> Expression:
    """A scalar with exactly these axes; one without indices stays, as NumPy repeats it."""
    if value.indices == indices or not value.indices:
        return value.expression
    return spread(value, indices)


def spread(value: Value, indices: tuple[Index, ...]) -> Expression:
    """A scalar with exactly these axes, repeated along those that it lacks."""
    sizes = {index: index.length for index in indices}
    return Contraction([value.expression], [value.indices], indices, sizes)


def entrywise(function: Callable[..., Expression], *values: Value) -> Value:
    """A function of scalars, for each value of their indices."""
    indices = all_indices(list(values))
    return Value(function(*(align(value, indices) for value in values)), indices)


def unsupported(node: object, found: str, advice: str) -> UnsupportedError:
    """An error that names a SymPy node."""
    return UnsupportedError(f"the SymPy node {type(node).__name__} in {short(node)}", found, advice)


def outside(node: object, place: object, size: Size) -> ShapeError:
    """An error for an entry that is not known to lie within its axis."""
    return ShapeError(
        f"the SymPy node {type(node).__name__} in {short(node)}",
        f"index {place} is not known to lie within an axis of size {size}",
        "sum over indices that stay within the matrix",
    )


def short(node: object) -> str:
    """A SymPy object as text of moderate length."""
    shown = str(node)
    return shown if len(shown) <= 60 else shown[:57] + "..."
