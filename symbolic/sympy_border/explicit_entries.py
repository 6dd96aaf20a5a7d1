"""Expressions entry by entry, at given sizes: arrays of SymPy scalars, by the nodes' definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
import sympy

from symbolic.errors import NameUnknownError, ShapeError, UnsupportedError
from symbolic.nodes import (
    Apply,
    Contraction,
    Derivative,
    Elementwise,
    Expression,
    Iverson,
    Sum,
    Variable,
)
from symbolic.sizes import Shape
from symbolic.sympy_border.definitions import plain_kernel
from symbolic.sympy_border.matrix_expressions import assumptions
from symbolic.traverse import postorder

Array = Any  # a NumPy array of SymPy scalars
MOST_TERMS = 200_000  # of one contraction


class _Sizes:
    """Numbers for the size letters."""

    def __init__(self, sizes: Mapping[Any, int]) -> None:
        self.numbers = {str(letter): int(number) for letter, number in sizes.items()}
        for letter, number in self.numbers.items():
            if number < 1:
                raise ShapeError(f"size {letter} = {number}", "not positive", "give 1 or more")

    def value(self, expression: Any) -> sympy.Expr:
        """An expression in sizes with numbers for the letters."""
        whole = sympy.sympify(expression)
        missing = sorted({s.name for s in whole.free_symbols} - set(self.numbers))
        if missing:
            raise NameUnknownError(
                f"the size {missing[0]}", "no number for it", 'give one, as in sizes={"n": 2}'
            )
        return whole.xreplace(
            {s: sympy.Integer(self.numbers[s.name]) for s in whole.free_symbols}
        ).doit()

    def shape(self, shape: Shape) -> tuple[int, ...]:
        """A shape in numbers."""
        return tuple(int(self.value(size)) for size in shape)


def explicit(root: Expression, sizes: Mapping[Any, int]) -> Array:
    """The array of entries of an expression without named functions that have a definition."""
    known = _Sizes(sizes)
    found: dict[Expression, Array] = {}
    for node in postorder(root):
        found[node] = _entries(node, found, known)
    return found[root]


def _entries(node: Expression, found: dict[Expression, Array], sizes: _Sizes) -> Array:
    operands = [found[child] for child in node.children]
    match node:
        case Variable():
            return _variable(node, sizes)
        case Contraction():
            return _contraction(node, operands, sizes)
        case Sum():
            return _each(lambda *terms: sympy.Add(*terms), operands)
        case Elementwise():
            return _elementwise(node, operands, sizes)
        case Iverson():
            return _iverson(node, sizes)
        case Apply():
            return _apply(node, operands, sizes)
        case Derivative() if isinstance(node.variable, Variable):
            of, by = operands
            return _filled(
                of.shape + by.shape,
                lambda at: of[at[: of.ndim]].diff(by[at[of.ndim :]]),
            )
        case _:
            raise UnsupportedError(
                f"the node {type(node).__name__} at {node}",
                "it has no entries that SymPy could write",
                "replace it by an expression in variables",
            )


def _filled(shape: tuple[int, ...], entry: Callable[[tuple[int, ...]], object]) -> Array:
    out = np.empty(shape, dtype=object)
    for at in np.ndindex(shape):
        out[at] = entry(at)
    return out


def _each(function: Callable[..., object], operands: list[Array]) -> Array:
    return _filled(operands[0].shape, lambda at: function(*(each[at] for each in operands)))


def _variable(node: Variable, sizes: _Sizes) -> Array:
    known = assumptions(node)
    if not node.rank:
        return _filled((), lambda at: sympy.Symbol(node.name, **known))
    return _filled(
        sizes.shape(node.shape),
        lambda at: sympy.Symbol(f"{node.name}_{{{','.join(map(str, at))}}}", **known),
    )


def _iverson(node: Iverson, sizes: _Sizes) -> Array:
    coefficients = [sizes.value(each) for each in node.coefficients]
    offset = sizes.value(node.offset)

    def holds(at: tuple[int, ...]) -> sympy.Expr:
        value = offset + sum(c * i for c, i in zip(coefficients, at, strict=True))
        return sympy.Integer(int(bool(value == 0 if node.relation == "==" else value >= 0)))

    return _filled(sizes.shape(node.shape), holds)


def _elementwise(node: Elementwise, operands: list[Array], sizes: _Sizes) -> Array:
    symbols = node.kernel.variables
    kernel = plain_kernel(node.kernel.expr)
    letters = {s: sizes.value(s) for s in kernel.free_symbols.difference(symbols)}
    plain = kernel.xreplace(letters)
    return _each(lambda *each: plain.xreplace(dict(zip(symbols, each, strict=True))), operands)


def _contraction(node: Contraction, operands: list[Array], sizes: _Sizes) -> Array:
    lengths = sizes.shape(node.sizes)
    terms = int(np.prod(lengths, dtype=object))
    if terms > MOST_TERMS:
        raise UnsupportedError(
            f"the entries of {node}", f"{terms} terms, more than {MOST_TERMS}", "give smaller sizes"
        )
    sums: dict[tuple[int, ...], list[sympy.Expr]] = {}
    for at in product(*map(range, lengths)):
        factors = []
        for operand, labels in zip(operands, node.labels, strict=True):
            factors.append(operand[tuple(at[label] for label in labels)])
            if factors[-1] == 0:
                break
        else:
            sums.setdefault(tuple(at[label] for label in node.output), []).append(
                sympy.Mul(*factors)
            )
    coefficient = sizes.value(node.coefficient)
    return _filled(
        tuple(lengths[label] for label in node.output),
        lambda at: coefficient * sympy.Add(*sums.get(at, [])),
    )


# --- functions of whole arrays -------------------------------------------------------------------


def _apply(node: Apply, operands: list[Array], sizes: _Sizes) -> Array:
    function, operand = node.function, operands[0]
    if function in _ALONG_AXIS:
        reduce = _ALONG_AXIS[function]
        if node.axis is None:
            return _filled((), lambda at: reduce(list(operand.flat)))
        moved = np.moveaxis(operand, node.axis, -1)
        return _filled(moved.shape[:-1], lambda at: reduce(list(moved[at])))
    if function == "hardmax":
        return _hardmax(operand, node.axis)
    if function in _OF_MATRIX:
        of_matrix = _OF_MATRIX[function]
        out = np.empty(sizes.shape(node.shape), dtype=object)
        for batch in np.ndindex(operand.shape[:-2]):
            rows, columns = operand.shape[-2:]
            result = of_matrix(sympy.Matrix(rows, columns, list(operand[batch].flat)))
            if isinstance(result, sympy.MatrixBase):
                for i, j in np.ndindex(result.shape):
                    out[(*batch, i, j)] = result[i, j]
            else:
                out[batch] = result
        return out
    raise UnsupportedError(
        f"the function {function} in {node}",
        "SymPy has no closed form of its entries",
        "write the expression without it",
    )


def _hardmax(operand: Array, axis: int | None) -> Array:
    axes = tuple(range(operand.ndim)) if axis is None else (axis,)

    def entry(at: tuple[int, ...]) -> sympy.Expr:
        along = operand[tuple(slice(None) if k in axes else i for k, i in enumerate(at))]
        highest = sympy.Max(*along.flat)
        ties = [sympy.Piecewise((1, sympy.Eq(each, highest)), (0, True)) for each in along.flat]
        own = sympy.Piecewise((1, sympy.Eq(operand[at], highest)), (0, True))
        return own / sympy.Add(*ties)

    return _filled(operand.shape, entry)


_ALONG_AXIS: dict[str, Callable[[list[sympy.Expr]], sympy.Expr]] = {
    "max": lambda entries: sympy.Max(*entries),
    "min": lambda entries: sympy.Min(*entries),
    "prod": lambda entries: sympy.Mul(*entries),
}


def _inverse(a: sympy.Matrix) -> sympy.Matrix:
    """By cofactors: elimination could divide by an entry whose value is zero."""
    return a.adjugate() / a.det(method="berkowitz")


_OF_MATRIX: dict[str, Callable[[sympy.Matrix], Any]] = {
    "inv": _inverse,
    "det": lambda a: a.det(method="berkowitz"),
    "cholesky": lambda a: ((a + a.T) / 2).cholesky(hermitian=False),
}
