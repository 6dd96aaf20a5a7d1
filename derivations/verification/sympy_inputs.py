"""SymPy's side of a question: its symbols for the text beside it, its columns, its lists of symbols."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from symbolic import Derivative, jacobian, simplify
from symbolic.errors import IndependentWarning, ShapeError, UnsupportedError
from symbolic.indexing import index, stack
from symbolic.nodes import Expression, Variable
from symbolic.reading.declarations import Given, declare, identifier
from symbolic.reading.parser import read
from symbolic.sizes import Shape, shape_text
from symbolic.sympy_border.names import place_name
from symbolic.traverse import variables

_SYMPY = (sympy.Basic, sympy.MatrixBase)


def is_sympy(*values: Any) -> bool:
    """Whether any of some values is SymPy's."""
    return any(isinstance(value, _SYMPY) for value in values)


def with_symbols(given: Given | None, *expressions: Expression) -> dict[Any, Any]:
    """Declarations, and the variables of expressions beside which others are read.

    So a symbol means the same on both sides, whatever each of them assumes of it.

    >>> from symbolic import from_sympy, parse
    >>> p = sympy.Symbol("p", positive=True)
    >>> parse("2*p", with_symbols(None, from_sympy(p)))
    2*p
    """
    declared: dict[Any, Any] = dict(given) if isinstance(given, Mapping) else declare(given)
    known = {identifier(key) if isinstance(key, str) else str(key) for key in declared}
    found = {variable.name: variable for variable in variables(expressions)}
    return {**declared, **{name: each for name, each in found.items() if name not in known}}


def with_symbols_of(given: Given | None, *sides: Any) -> Given | None:
    """Declarations with the variables of those sides of a question that are expressions."""
    for side in sides:
        if isinstance(side, Expression) or is_sympy(side):
            given = with_symbols(given, read(side, given))
    return given


def declared_variables(given: Given | None) -> dict[str, Variable]:
    """The variables that `given` declares, also by symbols of SymPy.

    >>> declared_variables({sympy.Symbol("x"): "n"})["x"].shape
    (n,)
    """
    if not isinstance(given, Mapping):
        return declare(given)
    found: dict[str, Variable] = {}
    for key, written in given.items():
        if isinstance(written, Variable):
            found[written.name] = written
        else:
            found |= declare({key if isinstance(key, str) else str(key): written})
    declare(found)
    return found


def aligned(expression: Expression, shape: Shape) -> Expression:
    """An expression in another shape that differs only by axes of length 1, else as it is.

    SymPy has matrices alone: its vectors are columns (n, 1) or rows, its numbers may be (1, 1).

    >>> from symbolic import vector
    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> aligned(vector("x", n)[:, None], (n,)).shape
    (n,)
    """
    if expression.shape == shape or _longer(expression.shape) != _longer(shape):
        return expression
    plain = index(expression, tuple(0 if size == 1 else slice(None) for size in expression.shape))
    return (
        index(plain, tuple(None if size == 1 else slice(None) for size in shape))
        if shape
        else plain
    )


def without_columns(expression: Expression) -> Expression:
    """An expression without its axes of length 1."""
    return aligned(expression, _longer(expression.shape))


def _longer(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)


@dataclass(frozen=True)
class SymbolDerivative:
    """The derivative by a list of symbols: its name, its value, and the same as inert nodes."""

    name: str
    correct: Expression
    inert: Expression


def is_symbols(wrt: Any) -> bool:
    """Whether something is differentiated by a matrix, list or tuple of SymPy's symbols."""
    if isinstance(wrt, (list, tuple)):
        return bool(wrt) and all(isinstance(each, sympy.Basic) for each in wrt)
    return isinstance(wrt, (sympy.MatrixBase, sympy.Tuple))


def by_symbols(kind: str, whole: Expression, wrt: Any) -> SymbolDerivative:
    """The gradient, Jacobian or Hessian of an expression by scalar symbols, stacked along axes.

    Shapes: a column, row or list of n symbols is one axis of length n, a matrix of them two; they
    come after those of the expression. Raises `UnsupportedError` for what is no list of symbols and
    `ShapeError` for a gradient or Hessian of an array.

    >>> from symbolic import from_sympy
    >>> x, y = sympy.symbols("x y")
    >>> by_symbols("gradient", from_sympy(x**2 * y), [x, y]).correct.shape
    (2,)
    """
    places, shape = _places(wrt, whole)
    if kind != "jacobian" and whole.rank:
        raise ShapeError(
            f"the {kind} of an array",
            f"shape {shape_text(whole.shape)}, not a scalar",
            "use verify_jacobian",
        )
    once = [(_slope(whole, each), Derivative(whole, each)) for each in places]
    if kind == "hessian":
        if len(shape) > 1:
            raise UnsupportedError(
                "a Hessian by a matrix of symbols",
                f"shape {shape_text(shape)}",
                "give a column or a list of them",
            )
        twice = [
            [(_slope(slope, each), Derivative(inert, each)) for each in places]
            for slope, inert in once
        ]
        parts = [pair for row in twice for pair in row]
        shape = shape * 2
    else:
        parts = once
    correct, inert = (_stacked([pair[k] for pair in parts], shape) for k in (0, 1))
    return SymbolDerivative(
        f"({', '.join(each.name for each in places)})", simplify(correct), inert
    )


def _slope(whole: Expression, place: Variable) -> Expression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IndependentWarning)
        return jacobian(whole, place)


def _places(wrt: Any, whole: Expression) -> tuple[list[Variable], tuple[int, ...]]:
    if isinstance(wrt, sympy.MatrixBase):
        symbols, shape = list(wrt.flat()), tuple(size for size in wrt.shape if size != 1)
    else:
        symbols, shape = list(wrt), (len(wrt),)
    inside = {variable.name: variable for variable in variables(whole)}
    names = [place_name(each, whole) for each in symbols]
    places = [inside.get(name, Variable(name, ())) for name in names]
    if not symbols or len(set(names)) < len(names) or any(place.rank for place in places):
        raise UnsupportedError(
            f"a derivative by {wrt}", "it is no list of different scalar symbols", "give each once"
        )
    return places, shape or (1,)


def _stacked(parts: Sequence[Expression], shape: tuple[int, ...]) -> Expression:
    """Expressions as an array of that shape, behind their own axes."""
    behind = parts[0].rank
    for length in reversed(shape):
        rows = [parts[k : k + length] for k in range(0, len(parts), length)]
        parts = [stack(*row, axis=behind) for row in rows]
    (whole,) = parts
    return whole
