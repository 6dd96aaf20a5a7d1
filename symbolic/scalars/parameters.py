"""What the makers of rules are given: expressions and variables, or a typed error."""

from __future__ import annotations

import sympy

from symbolic.errors import UnsupportedError


def as_expression(value: object, where: str) -> sympy.Expr:
    """A number or a SymPy expression; `UnsupportedError` for anything else.

    >>> as_expression(2, "shift")
    2
    """
    try:
        found = sympy.sympify(value, strict=True)
    except sympy.SympifyError:
        found = None
    if not isinstance(found, sympy.Expr):
        raise UnsupportedError(
            f"{where} of {value!r}", "it is no expression", "give a number or a SymPy expression"
        )
    return found


def as_variable(value: object, where: str) -> sympy.Symbol:
    """A SymPy symbol; `UnsupportedError` for anything else."""
    if not isinstance(value, sympy.Symbol):
        raise UnsupportedError(f"{where} of {value!r}", "it is no symbol", "give a SymPy symbol")
    return value
