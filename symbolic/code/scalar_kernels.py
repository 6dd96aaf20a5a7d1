"""Scalar kernels as code of a library of arrays: one small function per kind of SymPy node.

What every library writes in the same way is here; a library adds its calls, and how a number stands
among arrays.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import sympy

from symbolic.code.coefficients import number_code, scaled_code
from symbolic.code.hypotenuses import legs
from symbolic.errors import UnsupportedError
from symbolic.functions import (
    as_zeta,
    elementwise_function,
    function_argument,
    polygamma_order,
)
from symbolic.printing.text_printer import ADD, ATOM, MULTIPLY, NEGATE, POWER, Piece

_RELATION = {
    sympy.Eq: "==", sympy.Ne: "!=", sympy.Lt: "<", sympy.Le: "<=", sympy.Gt: ">", sympy.Ge: ">=",
}  # fmt: skip
_CONNECTIVE = {sympy.And: " & ", sympy.Or: " | "}


@dataclass(frozen=True)
class Term:
    """Code, and whether its value is known to be a Python number and no array."""

    piece: Piece
    is_number: bool = False


Terms = Mapping[sympy.Symbol, Term]


@dataclass(frozen=True)
class KernelWriter(ABC):
    """The code of kernels whose symbols are replaced by the terms of the operands.

    `module` is the name of the library, `pi` that of pi, `missing` what is said of a function without
    form. `products` has the powers of a name that are written as products, and how tightly these bind;
    with `tight_numbers` it is `2.0**x`, not `2.0 ** x`.
    """

    terms: Terms

    module: ClassVar[str]
    pi: ClassVar[str]
    missing: ClassVar[tuple[str, str]]
    products: ClassVar[Mapping[sympy.Expr, tuple[str, int]]] = {}
    tight_numbers: ClassVar[bool] = False

    @abstractmethod
    def called(self, name: str, inside: Sequence[Term]) -> Term:
        """A named function of terms."""

    def number(self, value: sympy.Expr) -> Piece:
        """A number among the terms."""
        return number_code(value, self.pi)

    @abstractmethod
    def argument(self, term: Term) -> str:
        """A term where the library takes an array."""

    def term(self, expression: sympy.Expr) -> Term:
        """A kernel as code."""
        if expression in self.terms:
            return self.terms[expression]
        if expression.is_number:
            return Term(self.number(expression), is_number=True)
        if expression.is_Add:
            return self._sum(expression)
        if expression.is_Mul:
            return self._product(expression)
        if isinstance(expression, sympy.exp):
            return self._function("exp", expression.args)
        if expression.is_Pow:
            return self._power(expression)
        if isinstance(expression, sympy.Piecewise):
            return self._where(expression)
        if isinstance(expression, (sympy.Max, sympy.Min)):
            return self._extreme(expression)
        if isinstance(expression, sympy.Heaviside):
            return self._function("half_step", expression.args[:1])
        if polygamma_order(expression) is not None:
            return self.term(as_zeta(expression))
        entry = elementwise_function(expression)
        if entry is None:
            what, found = self.missing
            raise UnsupportedError(
                what.format(expression.func.__name__),
                found,
                "write it with functions of the language",
            )
        return self._function(entry.name, function_argument(expression))

    def _function(self, name: str, values: Sequence[sympy.Expr]) -> Term:
        return self.called(name, [self.term(value) for value in values])

    def _sum(self, expression: sympy.Add) -> Term:
        out, numbers = "", True
        for part in sorted(expression.args, key=lambda each: each.could_extract_minus_sign()):
            negative = part.could_extract_minus_sign()
            term = self.term(-part if negative else part)
            numbers = numbers and term.is_number
            if negative:
                out += (" - " if out else "-") + term.piece.at_least(MULTIPLY)
            else:
                out += (" + " if out else "") + term.piece.at_least(ADD)
        return Term(Piece(out, ADD), numbers)

    def _product(self, expression: sympy.Mul) -> Term:
        coefficient, rest = _number_and_rest(expression)
        top, bottom = sympy.fraction(rest)
        head = Term(self.number(sympy.S.One), is_number=True)
        if top != 1:
            factors = [self.term(factor) for factor in sympy.Mul.make_args(top)]
            text = " * ".join(factor.piece.at_least(NEGATE) for factor in factors)
            piece = factors[0].piece if len(factors) == 1 else Piece(text, MULTIPLY)
            head = Term(piece, all(factor.is_number for factor in factors))
        alone = top == 1 and (coefficient.is_Integer or coefficient.is_Float)
        whole = (
            self.number(coefficient) if alone else scaled_code(coefficient, head.piece, self.number)
        )
        if bottom == 1:
            return Term(whole, head.is_number)
        below = self.term(bottom)
        text = f"{whole.at_least(MULTIPLY)} / {below.piece.at_least(NEGATE)}"
        return Term(Piece(text, MULTIPLY), head.is_number and below.is_number)

    def _power(self, expression: sympy.Pow) -> Term:
        base, exponent = expression.as_base_exp()
        if exponent.could_extract_minus_sign():
            below = self.term(base ** (-exponent))
            text = f"{self.number(sympy.S.One).text} / {below.piece.at_least(NEGATE)}"
            return Term(Piece(text, MULTIPLY), below.is_number)
        if exponent == sympy.S.Half:
            sides = legs(expression)
            if sides is not None:
                return self._function("hypot", sides)
            return self._function("sqrt", (base,))
        below = self.term(base)
        above = self.term(exponent)
        if exponent.is_Integer:  # not as a float, which may be slower
            above = Term(number_code(exponent), is_number=True)
        is_number = below.is_number and above.is_number
        text = below.piece.at_least(ATOM)
        if base.is_Integer:
            text = f"({base}.0)" if base.is_negative else f"{base}.0"
        if text.isidentifier() and exponent in self.products:
            form, binding = self.products[exponent]
            return Term(Piece(form.format(text), binding), is_number)
        simple = text.isidentifier() or (self.tight_numbers and text == f"{base}.0")
        close = simple and above.piece.text.replace(".", "").isalnum()
        operator = "**" if close else " ** "
        return Term(Piece(f"{text}{operator}{above.piece.at_least(ATOM)}", POWER), is_number)

    def _extreme(self, expression: sympy.Expr) -> Term:
        name = "maximum" if isinstance(expression, sympy.Max) else "minimum"
        first, *others = sorted(expression.args, key=lambda value: (value.is_number, str(value)))
        out = self.term(first)
        for other in others:
            out = self.called(name, [out, self.term(other)])
        return out

    def _where(self, expression: sympy.Piecewise) -> Term:
        *cases, (last, _) = expression.args
        out = self.term(last)
        for value, condition in reversed(cases):
            inside = ", ".join(self.argument(each) for each in (self.term(value), out))
            out = Term(Piece(f"{self.module}.where({self._condition(condition)}, {inside})", ATOM))
        return out

    def _condition(self, condition: sympy.Basic) -> str:
        if isinstance(condition, sympy.ITE):
            condition = condition.to_nnf()
        if type(condition) in _RELATION:
            left, right = (self.term(side) for side in condition.args)
            numbers = left.is_number and right.is_number  # a condition is an array
            first = self.argument(left) if numbers else left.piece.text
            return f"{first} {_RELATION[type(condition)]} {right.piece.text}"
        if type(condition) in _CONNECTIVE:
            parts = (f"({self._condition(part)})" for part in condition.args)
            return _CONNECTIVE[type(condition)].join(parts)
        if isinstance(condition, sympy.Not):
            return f"~({self._condition(condition.args[0])})"
        raise UnsupportedError(
            f"the condition {condition}",
            "not a comparison",
            "compare two expressions with <, <=, ==",
        )


def _number_and_rest(product: sympy.Mul) -> tuple[sympy.Expr, sympy.Expr]:
    """The rational number in front and the rest; roots of numbers are one number with it.

    >>> x = sympy.Symbol("x")
    >>> _number_and_rest(sympy.sqrt(2) * x / 2), _number_and_rest(2 * sympy.pi * x)
    ((0.70710678118654752, x), (2, pi*x))
    """
    number, rest = product.as_independent(*product.free_symbols, as_Add=False)
    irrational = number.as_coeff_Mul()[1]
    one = irrational.is_Pow and irrational == number and irrational.exp.is_positive
    if irrational.is_Atom or one:
        return product.as_coeff_Mul()
    return number.evalf(17), rest
