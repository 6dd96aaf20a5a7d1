"""Scalar kernels as code of the Python array API standard.

A term is an array or a Python number (constants and sizes). Functions of the standard take arrays,
so a number among their arguments becomes an array of the right type first; `math` does what is only
asked of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy

from symbolic.code.coefficients import as_float, number_code
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

_BEYOND_INTEGERS = 2**31  # of 32 bits, which those of JAX are
_LIKELY_SIZE = 2**20


def kernel_term(expression: sympy.Expr, terms: Terms, call: Call) -> Term:
    """A kernel as code, its symbols replaced by the terms of the operands.

    >>> x = sympy.Symbol("x")
    >>> names = {x: Term(Piece("z", ATOM))}
    >>> kernel_term(1 + sympy.exp(x), names, lambda name, inside: f"xp.{name}({inside})").piece.text
    '1 + xp.exp(z)'
    >>> kernel_term(2**31 * x, names, lambda name, inside: inside).piece.text
    '2147483648.0 * z'
    """
    return _PortableWriter(terms, call).term(expression)


def may_be_large(value: sympy.Expr) -> bool:
    """Whether an expression in sizes may be an integer that an integer type lacks.

    >>> n = sympy.Symbol("n", positive=True, integer=True)
    >>> may_be_large(2 * n), may_be_large(n**2)
    (False, True)
    """
    letters = sorted(value.free_symbols, key=str)
    sizes = {letter: sympy.Integer(_LIKELY_SIZE * (k + 1)) for k, letter in enumerate(letters)}
    return bool(abs(value.xreplace(sizes)) >= _BEYOND_INTEGERS)


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

    def number(self, value: sympy.Expr) -> Piece:
        piece = number_code(value, self.pi)
        large = value.is_Integer and abs(value) >= _BEYOND_INTEGERS
        return Piece(as_float(piece.text), piece.binding) if large else piece

    def called(self, name: str, inside: Sequence[Term]) -> Term:
        if name in _OF_NUMBERS and all(each.is_number for each in inside):
            written = ", ".join(each.piece.text for each in inside)
            return Term(Piece(f"{_OF_NUMBERS[name]}({written})", ATOM), is_number=True)
        return Term(Piece(self.call(name, ", ".join(map(self.argument, inside))), ATOM))

    def argument(self, term: Term) -> str:
        return array_code(term)
