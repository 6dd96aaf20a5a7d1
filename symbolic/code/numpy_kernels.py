"""Scalar kernels and coefficients as NumPy code: one small function per kind of SymPy node.

Numbers are written as Python numbers, which take the type of the arrays they meet, so float32 data
stay float32.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import sympy

from symbolic.code.hypotenuses import legs
from symbolic.errors import UnsupportedError
from symbolic.functions import elementwise_function, function_argument, relu
from symbolic.printing.text_printer import ADD, ATOM, MULTIPLY, NEGATE, POWER, Piece

Arguments = Mapping[sympy.Symbol, Piece]
Call = Callable[[str], str]  # the code name of a table function; asking for it includes its helper

_LARGEST_EXACT = 2**53

_LEADING_POWER = re.compile(r"^\w+\*\*[\w.]+(?= )")

_RELATION = {
    sympy.Eq: "==", sympy.Ne: "!=", sympy.Lt: "<", sympy.Le: "<=", sympy.Gt: ">", sympy.Ge: ">=",
}  # fmt: skip
_BY_PRODUCTS = {  # NumPy multiplies for the square alone; other powers take 4 to 160 times as long
    sympy.Integer(3): ("{0}**2 * {0}", MULTIPLY),
    sympy.Integer(4): ("({0}**2) ** 2", POWER),
    sympy.Rational(3, 2): ("{0} * np.sqrt({0})", MULTIPLY),
}
_CONNECTIVE = {sympy.And: " & ", sympy.Or: " | "}


def kernel_code(expression: sympy.Expr, arguments: Arguments, call: Call) -> Piece:
    """A kernel as code, its symbols replaced by the code of the operands.

    >>> x = sympy.Symbol("x")
    >>> kernel_code(sympy.exp(-x**2 / 2), {x: Piece("z", ATOM)}, str).text
    'np.exp(-(z**2) / 2)'
    """
    if expression in arguments:
        return arguments[expression]
    if expression.is_number:
        return number_code(expression)
    if expression.is_Add:
        return _sum(expression, arguments, call)
    if expression.is_Mul:
        return _product(expression, arguments, call)
    if isinstance(expression, sympy.exp):
        return _call("np.exp", expression.args, arguments, call)
    if expression.is_Pow:
        return _power(expression, arguments, call)
    if isinstance(expression, sympy.Piecewise):
        return _where(expression, arguments, call)
    if isinstance(expression, relu):
        inside = kernel_code(expression.args[0], arguments, call).text
        return Piece(f"np.maximum({inside}, 0)", ATOM)
    if isinstance(expression, (sympy.Max, sympy.Min)):
        return _extreme(expression, arguments, call)
    if isinstance(expression, sympy.Heaviside):
        step = kernel_code(expression.args[0], arguments, call).text
        return Piece(f"np.heaviside({step}, 0.5)", ATOM)
    entry = elementwise_function(expression)
    if entry is None:
        raise UnsupportedError(
            f"NumPy code for {expression.func.__name__}",
            "the function has no NumPy form in the table",
            "write it with functions of the language",
        )
    return _call(call(entry.name), function_argument(expression), arguments, call)


def number_code(value: sympy.Expr) -> Piece:
    """A number without sizes as a Python literal.

    >>> number_code(sympy.Rational(1, 2)).text, number_code(sympy.Rational(-1, 3)).text
    ('0.5', '-1 / 3')
    """
    if value.is_Integer and abs(value) < _LARGEST_EXACT:
        return Piece(str(value), ATOM if value >= 0 else NEGATE)
    if value is sympy.pi:
        return Piece("np.pi", ATOM)
    if value.is_Rational and not _is_decimal(value) and abs(value.p * value.q) < _LARGEST_EXACT:
        return Piece(f"{value.p} / {value.q}", MULTIPLY)
    try:
        number = float(value)
    except (TypeError, OverflowError):
        number = float("inf")
    if number - number != 0:
        raise UnsupportedError(
            f"the number {str(value)[:40]} in NumPy code",
            "no floating-point number is near it",
            "rescale the expression",
        )
    return Piece(repr(number), ATOM if number >= 0 else NEGATE)


def scaled_code(coefficient: sympy.Expr, piece: Piece, size: Callable[..., Piece]) -> Piece:
    """A coefficient times a piece: `2 * x`, `x / n`, `-x`, `0.3 * x`."""
    number, rest = coefficient.as_coeff_Mul()
    top, bottom = sympy.fraction(rest)
    if number.is_Rational and (abs(number.p) == 1 or not _is_decimal(number)):
        bottom, number = bottom * number.q, sympy.Integer(number.p)
    top = number * top
    head = piece
    if top == -1:
        head = _negated(piece)
    elif top != 1 and bottom.free_symbols:  # one number, so that an array is read once
        number_first = f"{size(top).at_least(MULTIPLY)} / {size(bottom).at_least(NEGATE)}"
        return Piece(f"{number_first} * {piece.at_least(NEGATE)}", MULTIPLY)
    elif top != 1:
        head = Piece(f"{size(top).at_least(MULTIPLY)} * {piece.at_least(NEGATE)}", MULTIPLY)
    if bottom == 1:
        return head
    return Piece(f"{head.at_least(MULTIPLY)} / {size(bottom).at_least(NEGATE)}", MULTIPLY)


def _negated(piece: Piece) -> Piece:
    """`-a * b` for a product; `-(a**2)`; `-(A @ b)`, because `-A @ b` would negate the matrix."""
    if piece.text.startswith("-") and piece.binding == NEGATE:
        return Piece(piece.text[1:], NEGATE)
    if piece.binding == POWER:
        return Piece(f"-({piece.text})", NEGATE)
    if piece.binding == MULTIPLY and " @ " not in piece.text:
        return Piece("-" + _LEADING_POWER.sub(r"(\g<0>)", piece.text), MULTIPLY)
    return Piece("-" + piece.at_least(NEGATE), NEGATE)


def _is_decimal(value: sympy.Rational) -> bool:
    """Whether a few decimal digits write the number exactly."""
    return value.is_Rational and 10**6 % value.q == 0


def _call(name: str, values: tuple[sympy.Expr, ...], arguments: Arguments, call: Call) -> Piece:
    inside = ", ".join(kernel_code(value, arguments, call).text for value in values)
    return Piece(f"{name}({inside})", ATOM)


def _sum(expression: sympy.Add, arguments: Arguments, call: Call) -> Piece:
    terms = sorted(expression.args, key=lambda term: term.could_extract_minus_sign())
    out = ""
    for term in terms:
        negative = term.could_extract_minus_sign()
        piece = kernel_code(-term if negative else term, arguments, call)
        if negative:
            out += (" - " if out else "-") + piece.at_least(MULTIPLY)
        else:
            out += (" + " if out else "") + piece.at_least(ADD)
    return Piece(out, ADD)


def _product(expression: sympy.Mul, arguments: Arguments, call: Call) -> Piece:
    number, rest = expression.as_coeff_Mul()
    top, bottom = sympy.fraction(rest)
    head = Piece("1", ATOM)
    if top != 1:
        factors = [kernel_code(factor, arguments, call) for factor in sympy.Mul.make_args(top)]
        text = " * ".join(factor.at_least(NEGATE) for factor in factors)
        head = factors[0] if len(factors) == 1 else Piece(text, MULTIPLY)
    whole = scaled_code(number, head, lambda value: kernel_code(value, arguments, call))
    if bottom == 1:
        return whole
    below = kernel_code(bottom, arguments, call).at_least(NEGATE)
    return Piece(f"{whole.at_least(MULTIPLY)} / {below}", MULTIPLY)


def _power(expression: sympy.Pow, arguments: Arguments, call: Call) -> Piece:
    base, exponent = expression.as_base_exp()
    if exponent.could_extract_minus_sign():
        below = kernel_code(base ** (-exponent), arguments, call)
        return Piece(f"1 / {below.at_least(NEGATE)}", MULTIPLY)
    if exponent == sympy.S.Half:
        sides = legs(expression)
        if sides is not None:
            return _call(call("hypot"), sides, arguments, call)
        return _call("np.sqrt", (base,), arguments, call)
    below = kernel_code(base, arguments, call)
    above = kernel_code(exponent, arguments, call)
    if base.is_Integer:
        below = Piece(f"{base}.0", ATOM)
    if below.text.isidentifier() and exponent in _BY_PRODUCTS:
        form, binding = _BY_PRODUCTS[exponent]
        return Piece(form.format(below.text), binding)
    plain = below.text.isidentifier() or base.is_Integer
    simple = plain and above.text.replace(".", "").isalnum()
    operator = "**" if simple else " ** "
    return Piece(f"{below.at_least(ATOM)}{operator}{above.at_least(ATOM)}", POWER)


def _extreme(expression: sympy.Expr, arguments: Arguments, call: Call) -> Piece:
    name = "np.maximum" if isinstance(expression, sympy.Max) else "np.minimum"
    first, *others = sorted(expression.args, key=lambda value: (value.is_number, str(value)))
    out = kernel_code(first, arguments, call).text
    for other in others:
        out = f"{name}({out}, {kernel_code(other, arguments, call).text})"
    return Piece(out, ATOM)


def _where(expression: sympy.Piecewise, arguments: Arguments, call: Call) -> Piece:
    *cases, (last, _) = expression.args
    out = kernel_code(last, arguments, call).text
    for value, condition in reversed(cases):
        found = kernel_code(value, arguments, call).text
        out = f"np.where({_condition(condition, arguments, call)}, {found}, {out})"
    return Piece(out, ATOM)


def _condition(condition: sympy.Basic, arguments: Arguments, call: Call) -> str:
    if isinstance(condition, sympy.ITE):
        condition = condition.to_nnf()
    if type(condition) in _RELATION:
        left, right = (kernel_code(side, arguments, call).at_least(ADD) for side in condition.args)
        return f"{left} {_RELATION[type(condition)]} {right}"
    if type(condition) in _CONNECTIVE:
        parts = (f"({_condition(part, arguments, call)})" for part in condition.args)
        return _CONNECTIVE[type(condition)].join(parts)
    if isinstance(condition, sympy.Not):
        return f"~({_condition(condition.args[0], arguments, call)})"
    raise UnsupportedError(
        f"the condition {condition}", "not a comparison", "compare two expressions with <, <=, =="
    )
