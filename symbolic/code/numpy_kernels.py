"""Scalar kernels as NumPy code.

Numbers are written as Python numbers, which take the type of the arrays they meet, so float32 data
stay float32.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy

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
    "exp": "np.exp({})", "sqrt": "np.sqrt({})", "relu": "np.maximum({}, 0)",
    "maximum": "np.maximum({})", "minimum": "np.minimum({})", "half_step": "np.heaviside({}, 0.5)",
}  # fmt: skip


def kernel_code(expression: sympy.Expr, arguments: Arguments, call: Call) -> Piece:
    """A kernel as code, its symbols replaced by the code of the operands.

    >>> x = sympy.Symbol("x")
    >>> kernel_code(sympy.exp(-x**2 / 2), {x: Piece("z", ATOM)}, str).text
    'np.exp(-(z**2) / 2)'
    """
    terms = {symbol: Term(piece) for symbol, piece in arguments.items()}
    return _NumpyWriter(terms, call).term(expression).piece


@dataclass(frozen=True)
class _NumpyWriter(KernelWriter):
    """Every term may stand among arrays as it is."""

    call: Call

    module = "np"
    pi = "np.pi"
    missing = ("NumPy code for {}", "the function has no NumPy form in the table")
    products = _BY_PRODUCTS
    tight_numbers = True

    def called(self, name: str, inside: Sequence[Term]) -> Term:
        form = _OF_NUMPY.get(name) or self.call(name) + "({})"
        return Term(Piece(form.format(", ".join(map(self.argument, inside))), ATOM))

    def argument(self, term: Term) -> str:
        return term.piece.text
