"""Scalar kernels as code of the Python array API standard: one small function per kind of node.

A term is an array or a Python number (constants and sizes). Functions of the standard take arrays,
so a number among their arguments becomes an array of the right type first; `math` does what is only
asked of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from symbolic.code.hypotenuses import legs
from symbolic.code.numpy_kernels import number_code, scaled_code
from symbolic.errors import UnsupportedError
from symbolic.functions import elementwise_function, function_argument
from symbolic.printing.text_printer import ADD, ATOM, MULTIPLY, NEGATE, POWER, Piece

Call = Callable[[str, str], str]  # a named function and its arguments -> code

_RELATION = {
    sympy.Eq: "==", sympy.Ne: "!=", sympy.Lt: "<", sympy.Le: "<=", sympy.Gt: ">", sympy.Ge: ">=",
}  # fmt: skip
_CONNECTIVE = {sympy.And: " & ", sympy.Or: " | "}
_OF_NUMBERS = {
    "exp": "math.exp", "log": "math.log", "log1p": "math.log1p", "expm1": "math.expm1",
    "sin": "math.sin", "cos": "math.cos", "sinh": "math.sinh", "cosh": "math.cosh",
    "tanh": "math.tanh", "arctanh": "math.atanh", "sqrt": "math.sqrt", "abs": "abs",
    "erf": "math.erf", "erfc": "math.erfc", "gamma": "math.gamma", "lgamma": "math.lgamma",
    "maximum": "max", "minimum": "min", "hypot": "math.hypot",
}  # fmt: skip


@dataclass(frozen=True)
class Term:
    """Code, and whether its value is a Python number and no array."""

    piece: Piece
    is_number: bool = False

    def array(self) -> str:
        """The code of an array."""
        text = self.piece.text
        return f"xp.asarray({text}, dtype=dtype, device=device)" if self.is_number else text


Terms = Mapping[sympy.Symbol, Term]


def number(value: sympy.Expr) -> Term:
    """A number without sizes.

    >>> number(sympy.Rational(1, 2)).piece.text, number(sympy.pi).piece.text
    ('0.5', 'math.pi')
    """
    return Term(Piece("math.pi", ATOM) if value is sympy.pi else number_code(value), True)


def kernel_term(expression: sympy.Expr, terms: Terms, call: Call) -> Term:
    """A kernel as code, its symbols replaced by the terms of the operands.

    >>> x = sympy.Symbol("x")
    >>> names = {x: Term(Piece("z", ATOM))}
    >>> kernel_term(1 + sympy.exp(x), names, lambda name, inside: f"xp.{name}({inside})").piece.text
    '1 + xp.exp(z)'
    """
    if expression in terms:
        return terms[expression]
    if expression.is_number:
        return number(expression)
    if expression.is_Add:
        return _sum(expression, terms, call)
    if expression.is_Mul:
        return _product(expression, terms, call)
    if isinstance(expression, sympy.exp):
        return _called("exp", expression.args, terms, call)
    if expression.is_Pow:
        return _power(expression, terms, call)
    if isinstance(expression, sympy.Piecewise):
        return _where(expression, terms, call)
    if isinstance(expression, (sympy.Max, sympy.Min)):
        return _extreme(expression, terms, call)
    if isinstance(expression, sympy.Heaviside):
        return _called("half_step", expression.args[:1], terms, call)
    entry = elementwise_function(expression)
    if entry is None:
        raise UnsupportedError(
            f"{expression.func.__name__} for other array libraries",
            "the function has no form in the table",
            "write it with functions of the language",
        )
    return _called(entry.name, function_argument(expression), terms, call)


def _called(name: str, values: Sequence[sympy.Expr], terms: Terms, call: Call) -> Term:
    return applied(name, [kernel_term(value, terms, call) for value in values], call)


def applied(name: str, inside: Sequence[Term], call: Call) -> Term:
    """A named function of terms."""
    if name in _OF_NUMBERS and all(each.is_number for each in inside):
        written = ", ".join(each.piece.text for each in inside)
        return Term(Piece(f"{_OF_NUMBERS[name]}({written})", ATOM), True)
    return Term(Piece(call(name, ", ".join(each.array() for each in inside)), ATOM))


def _sum(expression: sympy.Add, terms: Terms, call: Call) -> Term:
    out, numbers = "", True
    for part in sorted(expression.args, key=lambda each: each.could_extract_minus_sign()):
        negative = part.could_extract_minus_sign()
        term = kernel_term(-part if negative else part, terms, call)
        numbers = numbers and term.is_number
        if negative:
            out += (" - " if out else "-") + term.piece.at_least(MULTIPLY)
        else:
            out += (" + " if out else "") + term.piece.at_least(ADD)
    return Term(Piece(out, ADD), numbers)


def _product(expression: sympy.Mul, terms: Terms, call: Call) -> Term:
    coefficient, rest = expression.as_coeff_Mul()
    top, bottom = sympy.fraction(rest)
    head = Term(Piece("1", ATOM), True)
    if top != 1:
        factors = [kernel_term(factor, terms, call) for factor in sympy.Mul.make_args(top)]
        text = " * ".join(factor.piece.at_least(NEGATE) for factor in factors)
        piece = factors[0].piece if len(factors) == 1 else Piece(text, MULTIPLY)
        head = Term(piece, all(factor.is_number for factor in factors))
    whole = scaled_code(coefficient, head.piece, lambda value: number(value).piece)
    if bottom == 1:
        return Term(whole, head.is_number)
    below = kernel_term(bottom, terms, call)
    text = f"{whole.at_least(MULTIPLY)} / {below.piece.at_least(NEGATE)}"
    return Term(Piece(text, MULTIPLY), head.is_number and below.is_number)


def _power(expression: sympy.Pow, terms: Terms, call: Call) -> Term:
    base, exponent = expression.as_base_exp()
    if exponent.could_extract_minus_sign():
        below = kernel_term(base ** (-exponent), terms, call)
        return Term(Piece(f"1 / {below.piece.at_least(NEGATE)}", MULTIPLY), below.is_number)
    if exponent == sympy.S.Half:
        sides = legs(expression)
        return (
            _called("sqrt", (base,), terms, call)
            if sides is None
            else _called("hypot", sides, terms, call)
        )
    below, above = kernel_term(base, terms, call), kernel_term(exponent, terms, call)
    text = f"{base}.0" if base.is_Integer else below.piece.at_least(ATOM)
    simple = text.isidentifier() and above.piece.text.replace(".", "").isalnum()
    operator = "**" if simple else " ** "
    piece = Piece(f"{text}{operator}{above.piece.at_least(ATOM)}", POWER)
    return Term(piece, below.is_number and above.is_number)


def _extreme(expression: sympy.Expr, terms: Terms, call: Call) -> Term:
    name = "maximum" if isinstance(expression, sympy.Max) else "minimum"
    first, *others = sorted(expression.args, key=lambda value: (value.is_number, str(value)))
    out = kernel_term(first, terms, call)
    for other in others:
        out = applied(name, [out, kernel_term(other, terms, call)], call)
    return out


def _where(expression: sympy.Piecewise, terms: Terms, call: Call) -> Term:
    *cases, (last, _) = expression.args
    out = kernel_term(last, terms, call)
    for value, condition in reversed(cases):
        found = kernel_term(value, terms, call)
        text = f"xp.where({_condition(condition, terms, call)}, {found.array()}, {out.array()})"
        out = Term(Piece(text, ATOM))
    return out


def _condition(condition: sympy.Basic, terms: Terms, call: Call) -> str:
    if type(condition) in _RELATION:
        left, right = (kernel_term(side, terms, call) for side in condition.args)
        first = left.array() if left.is_number and right.is_number else left.piece.at_least(ADD)
        return f"{first} {_RELATION[type(condition)]} {right.piece.at_least(ADD)}"
    if type(condition) in _CONNECTIVE:
        parts = (f"({_condition(part, terms, call)})" for part in condition.args)
        return _CONNECTIVE[type(condition)].join(parts)
    if isinstance(condition, sympy.Not):
        return f"~({_condition(condition.args[0], terms, call)})"
    raise UnsupportedError(
        f"the condition {condition}", "not a comparison", "compare two expressions with <, <=, =="
    )
