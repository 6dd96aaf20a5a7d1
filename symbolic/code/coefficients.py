"""Numbers and coefficients as code: Python numbers, which take the type of the arrays they meet.

So float32 data stay float32.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sympy

from symbolic.errors import UnsupportedError
from symbolic.printing.text_printer import ATOM, MULTIPLY, NEGATE, POWER, Piece

_LARGEST_EXACT = 2**53

_LEADING_POWER = re.compile(r"^\w+\*\*[\w.]+(?= )")


def number_code(value: sympy.Expr, pi: str = "np.pi") -> Piece:
    """A number without sizes as a Python literal.

    >>> number_code(sympy.Rational(1, 2)).text, number_code(sympy.Rational(-1, 3)).text
    ('0.5', '-1 / 3')
    """
    if value.is_Integer and abs(value) < _LARGEST_EXACT:
        return Piece(str(value), ATOM if value >= 0 else NEGATE)
    if value is sympy.pi:
        return Piece(pi, ATOM)
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


def real_code(value: sympy.Expr, pi: str = "np.pi") -> Piece:
    """A number as a float: NumPy combines arrays with floats in less time than with integers.

    >>> real_code(sympy.Integer(-2)).text, real_code(sympy.Rational(1, 2)).text
    ('-2.0', '0.5')
    """
    piece = number_code(value, pi)
    return Piece(as_float(piece.text), piece.binding)


def as_float(text: str) -> str:
    """Code, with a point where it is an integer.

    >>> as_float("2"), as_float("-1"), as_float("1 / 3"), as_float("t1")
    ('2.0', '-1.0', '1 / 3', 't1')
    """
    return f"{text}.0" if text.removeprefix("-").isdigit() else text


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
