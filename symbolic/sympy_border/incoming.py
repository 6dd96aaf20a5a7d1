"""SymPy's expressions as ours: scalars, explicit matrices, and matrices of symbolic size."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from symbolic.errors import ChainruleError, UnsupportedError
from symbolic.nodes import Expression
from symbolic.sympy_border.index_nodes import INDEX_NODES
from symbolic.sympy_border.matrix_nodes import MATRIX_NODES, explicit_matrix
from symbolic.sympy_border.names import Given, Names
from symbolic.sympy_border.scalar_nodes import SCALAR_NODES, function, number, undefined
from symbolic.sympy_border.values import Handler, Reading, Task, Value, unsupported

HANDLERS: dict[type, Handler] = {**SCALAR_NODES, **MATRIX_NODES, **INDEX_NODES}


def from_sympy(expr: Any, given: Given | None = None) -> Expression:
    """The expression that a SymPy expression or matrix is, entries and symbols taken as real.

    Symbols become scalar variables, positive, nonnegative or counts where they are assumed to be;
    positive integer symbols and those in shapes and ranges of sums are sizes. A `MatrixSymbol` of
    shape (n, m) becomes a matrix variable, one of shape (n, 1) a variable of that shape, or of shape
    (n,) when it is so declared. What SymPy gives the shape (1, 1), as `a.T*X*b`, is a scalar.
    `Matrix` and `BlockMatrix` are written out entry by entry, so they have to be small.

    `given` declares variables by name or by symbol: text such as `"n n: spd"`, or a variable.

    Raises `UnsupportedError` that names the node SymPy has and the language has not, `ShapeError`
    for entries that are not known to lie in their matrix, `NameUnknownError` for a name that two
    symbols share or that the language needs itself.

    >>> from symbolic import gradient
    >>> n = sympy.Symbol("n")
    >>> X = sympy.MatrixSymbol("X", n, n)
    >>> gradient(from_sympy(sympy.Trace(X) ** 2), X)
    2*trace(X)*eye(n)
    """
    if isinstance(expr, Expression):
        return expr
    try:
        root = sympy.sympify(expr, strict=True)
    except sympy.SympifyError:
        raise UnsupportedError(
            f"from_sympy of a {type(expr).__name__}",
            "no expression of SymPy",
            "give a SymPy expression or matrix; text is read by parse",
        ) from None
    names = Names(root, given)
    value = _read(Task(root), names)
    names.check()
    return value.expression


def _read(first: Task, names: Names) -> Value:
    """The value of a task; tasks wait on a list, and each is done once."""
    done: dict[Task, Value] = {}
    waiting: list[tuple[Task, Reading]] = [(first, _handle(first, names))]
    answer: Value | None = None
    while waiting:
        task, reading = waiting[-1]
        try:
            asked = next(reading) if answer is None else reading.send(answer)
        except StopIteration as stopped:
            done[task] = answer = stopped.value
            waiting.pop()
            continue
        answer = done.get(asked)
        if answer is None:
            waiting.append((asked, _handle(asked, names)))
    return done[first]


def _handle(task: Task, names: Names) -> Reading:
    node = task.node
    handler = HANDLERS.get(type(node))
    if handler is None:
        if isinstance(node, sympy.MatrixBase):
            handler = explicit_matrix
        elif isinstance(node, AppliedUndef):
            handler = undefined
        elif isinstance(node, sympy.Function):
            handler = function
        elif isinstance(node, (sympy.Number, sympy.NumberSymbol)):
            handler = number
        else:
            raise unsupported(
                node, "no such node here", "write it with matrices, traces and functions of entries"
            )
    return _located(handler(node, task.scope, names), node)


def _located(reading: Reading, node: object) -> Reading:
    """A reading whose errors say in which node of SymPy they happened."""
    try:
        return (yield from reading)
    except UnsupportedError:
        raise
    except ChainruleError as error:
        if "SymPy" in error.written:
            raise
        located = unsupported(node, "", "").written
        raise type(error)(f"{located}: {error.written}", error.found, error.advice) from None
