"""Scalar kernels as NumPy code.

Numbers are written as Python numbers, which take the type of the arrays they meet, so float32 data
stay float32.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from symbolic.code.coefficients import as_float, number_code, real_code
from symbolic.code.scalar_kernels import KernelWriter, Term
from symbolic.printing.text_printer import ATOM, MULTIPLY, POWER, Piece

Arguments = Mapping[sympy.Symbol, Piece]
Call = Callable[[str], str]  # the code name of a table function; asking for it includes its helper

_BY_PRODUCTS = {  # NumPy multiplies for the square alone; other powers take 4 to 160 times as long
    sympy.Integer(3): ("{0}**2 * {0}", MULTIPLY),
    sympy.Integer(4): ("({0}**2) ** 2", POWER),
    sympy.Rational(3, 2): ("{0} * np.sqrt({0})", MULTIPLY),
}
_OF_NUMPY = {
    "exp": "np.exp({})", "sqrt": "np.sqrt({})", "relu": "np.maximum({}, 0.0)",
    "maximum": "np.maximum({})", "minimum": "np.minimum({})", "half_step": "np.heaviside({}, 0.5)",
}  # fmt: skip

_OF_PYTHON = {"maximum": "max({})", "minimum": "min({})"}


def kernel_code(
    expression: sympy.Expr,
    arguments: Arguments,
    call: Call,
    *,
    of_arrays: bool = False,
    of_numbers: bool = False,
) -> Piece:
    """A kernel as code, its symbols replaced by the code of the operands.

    With `of_numbers` a bound is written with Python's `min` and `max`, in a sixth of the time: the number
    first, because they return that if it is NaN. What they return may have another type than the number has.

    >>> x = sympy.Symbol("x")
    >>> kernel_code(sympy.exp(-x**2 / 2), {x: Piece("z", ATOM)}, str).text
    'np.exp(-(z**2) / 2)'
    >>> kernel_code(sympy.exp(-x**2 / 2), {x: Piece("z", ATOM)}, str, of_arrays=True).text
    'np.exp(-(z**2) / 2.0)'
    """
    terms = {symbol: Term(piece) for symbol, piece in arguments.items()}
    return _NumpyWriter(terms, call, of_arrays, of_numbers).term(expression).piece


@dataclass(frozen=True)
class _NumpyWriter(KernelWriter):
    """Every term may stand among arrays as it is."""

    call: Call
    of_arrays: bool
    of_numbers: bool

    module = "np"
    pi = "np.pi"
    missing = ("NumPy code for {}", "the function has no NumPy form in the table")
    products = _BY_PRODUCTS
    tight_numbers = True

    def called(self, name: str, inside: Sequence[Term]) -> Term:
        form = _OF_PYTHON.get(name) if self.of_numbers and inside[-1].is_number else None
        form = form or _OF_NUMPY.get(name) or self.call(name) + "({})"
        return Term(Piece(form.format(", ".join(map(self.argument, inside))), ATOM))

    def number(self, value: sympy.Expr) -> Piece:
        return real_code(value) if self.of_arrays else number_code(value)

    def argument(self, term: Term) -> str:
        return as_float(term.piece.text)
