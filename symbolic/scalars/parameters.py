"""What the makers of rules are given: expressions and variables, or a typed error."""

from __future__ import annotations

import sympy

from symbolic.errors import UnsupportedError


def as_expression(value: object, where: str) -> sympy.Expr:
    """A number or a SymPy expression; `UnsupportedError` for anything else.

    >>> as_expression(2, "shift")
    2
    """
    found = as_sympy(value, where)
    if not isinstance(found, sympy.Expr) or isinstance(found, sympy.Lambda):
        raise UnsupportedError(
            f"{where} of {value!r}", "it is no expression", "give a number or a SymPy expression"
        )
    return found


def as_sympy(value: object, where: str) -> sympy.Basic:
    """A number or anything of SymPy; `UnsupportedError` for text and for what SymPy does not know.

    >>> as_sympy(2, "E")
    2
    """
    if isinstance(value, sympy.Basic):
        return value
    try:
        return sympy.sympify(value, strict=True)
    except (sympy.SympifyError, TypeError, ValueError, UnsupportedError):
        raise UnsupportedError(
            f"{where} of {value!r}",
            f"a {type(value).__name__}, and not an expression",
            "give a number or a SymPy expression, its unknowns declared as symbols",
        ) from None


def as_variable(value: object, where: str) -> sympy.Symbol:
    """A SymPy symbol; `UnsupportedError` for anything else."""
    if not isinstance(value, sympy.Symbol):
        raise UnsupportedError(f"{where} of {value!r}", "it is no symbol", "give a SymPy symbol")
    return value


def is_any_real(value: object) -> bool:
    """Whether it is a symbol that stands for any real number.

    >>> is_any_real(sympy.Symbol("x", real=True)), is_any_real(sympy.Symbol("n", integer=True))
    (True, False)
    """
    plain = sympy.Symbol("x", real=True).assumptions0
    return isinstance(value, sympy.Symbol) and value.assumptions0 == plain
