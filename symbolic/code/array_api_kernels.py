"""Scalar kernels as code of the Python array API standard.

A term is an array or a Python number (constants and sizes). Functions of the standard take arrays,
so a number among their arguments becomes an array of the right type first; `math` does what is only
asked of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy

from symbolic.code.scalar_kernels import KernelWriter, Term, Terms
from symbolic.printing.text_printer import ATOM, Piece

Call = Callable[[str, str], str]  # a named function and its arguments -> code

_OF_NUMBERS = {
    "exp": "math.exp", "log": "math.log", "log1p": "math.log1p", "expm1": "math.expm1",
    "sin": "math.sin", "cos": "math.cos", "sinh": "math.sinh", "cosh": "math.cosh",
    "tanh": "math.tanh", "arctanh": "math.atanh", "sqrt": "math.sqrt", "abs": "abs",
    "erf": "math.erf", "erfc": "math.erfc", "gamma": "math.gamma", "lgamma": "math.lgamma",
    "maximum": "max", "minimum": "min", "hypot": "math.hypot",
}  # fmt: skip


def kernel_term(expression: sympy.Expr, terms: Terms, call: Call) -> Term:
    """A kernel as code, its symbols replaced by the terms of the operands.

    >>> x = sympy.Symbol("x")
    >>> names = {x: Term(Piece("z", ATOM))}
    >>> kernel_term(1 + sympy.exp(x), names, lambda name, inside: f"xp.{name}({inside})").piece.text
    '1 + xp.exp(z)'
    """
    return _PortableWriter(terms, call).term(expression)


def array_code(term: Term) -> str:
    """The code of an array."""
    text = term.piece.text
    return f"xp.asarray({text}, dtype=dtype, device=device)" if term.is_number else text


@dataclass(frozen=True)
class _PortableWriter(KernelWriter):
    """Numbers among arrays are arrays themselves."""

    call: Call

    module = "xp"
    pi = "math.pi"
    missing = ("{} for other array libraries", "the function has no form in the table")

    def called(self, name: str, inside: Sequence[Term]) -> Term:
        if name in _OF_NUMBERS and all(each.is_number for each in inside):
            written = ", ".join(each.piece.text for each in inside)
            return Term(Piece(f"{_OF_NUMBERS[name]}({written})", ATOM), is_number=True)
        return Term(Piece(self.call(name, ", ".join(map(self.argument, inside))), ATOM))

    def argument(self, term: Term) -> str:
        return array_code(term)
