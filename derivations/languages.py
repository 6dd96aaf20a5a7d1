"""The two languages of a line, expressions with shapes and plain SymPy, behind one set of words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeGuard

import sympy
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.logic.boolalg import Boolean

from symbolic import Expression, Variable
from symbolic.algebra.normal import equal_by_algebra
from symbolic.scalars import normal, printing
from symbolic.scalars.substituting import put
from symbolic.sizes import Shape
from symbolic.traverse import substitute, variables

Side: TypeAlias = Expression | sympy.Basic
Unknown: TypeAlias = Variable | sympy.Symbol | UndefinedFunction | sympy.IndexedBase
Given: TypeAlias = Unknown | Boolean


def is_scalar(line: object) -> TypeGuard[sympy.Basic]:
    """Whether a line is plain SymPy."""
    return isinstance(line, (sympy.Basic, sympy.MatrixBase))


def is_condition(given: object) -> bool:
    """Whether what is given is a condition (SymPy's symbols are booleans, too)."""
    return isinstance(given, Boolean) and not isinstance(given, sympy.Symbol)


def shape_of(side: Side) -> Shape:
    """The shape of an expression; SymPy's are scalars or explicit matrices."""
    if isinstance(side, Expression):
        return side.shape
    return tuple(side.shape) if normal.is_matrix(side) else ()


def text_of(side: Side) -> str:
    """An expression as text."""
    return str(side) if isinstance(side, Expression) else printing.text(side)


def latex_of(side: Side, *, index: bool = False) -> str:
    """An expression as LaTeX."""
    if is_scalar(side):
        return printing.latex(side)
    from symbolic.printing.latex_printer import latex

    return latex(side, index=index)


def same(a: Side, b: Side) -> bool:
    """Whether two expressions of one language are one by arithmetic."""
    if isinstance(a, Expression) and isinstance(b, Expression):
        return a.shape == b.shape and equal_by_algebra(a, b)
    return is_scalar(a) and is_scalar(b) and normal.equal(a, b)


def unknowns_of(side: Side) -> tuple[Unknown, ...]:
    """The variables, or the free symbols and undefined functions, of an expression, in order."""
    if isinstance(side, Expression):
        return tuple(variables(side))
    functions = {each.func for each in side.atoms(AppliedUndef)}
    bases = side.atoms(sympy.IndexedBase)
    labels = {base.label for base in bases}
    free = {each for each in side.free_symbols if isinstance(each, sympy.Symbol)} - labels
    return tuple(sorted(free | functions | bases, key=str))


def replacing(mapping: Mapping[object, object]) -> Callable[[Side], Side]:
    """What puts other unknowns for the keys of the mapping, in both languages."""
    tensors = {old: new for old, new in mapping.items() if isinstance(old, Expression)}
    scalars = {old: new for old, new in mapping.items() if not isinstance(old, Expression)}

    def replace(side: Side) -> Side:
        if isinstance(side, Expression):
            return substitute(side, tensors) if tensors else side  # type: ignore[arg-type]
        return replaced(side, scalars)

    return replace


def replaced(side: sympy.Basic, mapping: Mapping[object, object]) -> sympy.Basic:
    """A SymPy expression with symbols and heads of functions replaced."""
    if isinstance(side, UndefinedFunction):
        return mapping.get(side, side)
    heads = {old: new for old, new in mapping.items() if isinstance(old, UndefinedFunction)}
    symbols = {old: new for old, new in mapping.items() if isinstance(old, sympy.Basic)}
    between = {old: sympy.Function(f"_{place}") for place, old in enumerate(heads)}
    for old, name in between.items():  # no page has such names: heads may be exchanged
        side = side.replace(old, name)
    for old, name in between.items():
        side = side.replace(name, heads[old])
    if not symbols or not isinstance(side, sympy.Basic):
        return side
    return put(side, symbols)
