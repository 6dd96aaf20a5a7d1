"""Parts of statements that several kinds of experiment share."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import sympy

from derivations.evidence.experiment import Statement
from derivations.evidence.points import Fixed


def assignments(at: Fixed) -> Statement:
    """What is fixed, as formulas: x = 1, y = 2.

    >>> import sympy
    >>> assignments(((sympy.Symbol("n"), Fraction(5)),))
    (n, '=', '5')
    """
    parts: list[Any] = []
    for unknown, value in at:
        parts += [unknown, "=", written(value), ","]
    return tuple(parts[:-1])


def where(at: Fixed, word: str = "where") -> Statement:
    """What is fixed, after a word; nothing where nothing is.

    >>> where(())
    ()
    """
    return (word, *assignments(at)) if at else ()


def conditions_stated(on: tuple[Any, ...]) -> Statement:
    """The conditions under which something holds: where a = b."""
    parts: list[Any] = []
    for each in on:
        parts += ["where" if not parts else "and"]
        parts += [each[0], "=", each[1]] if isinstance(each, tuple) else [each]
    return tuple(parts)


def written(value: object) -> Any:
    """A fixed value: an expression as it is, a table of numbers as a matrix, numbers as text."""
    if _is_table(value):
        assert isinstance(value, tuple)
        return sympy.ImmutableMatrix([[_number(each) for each in row] for row in value])
    if isinstance(value, tuple):
        return f"({', '.join(str(written(each)) for each in value)})"
    if not isinstance(value, Fraction):
        return value
    if value.denominator == 1 or value.denominator < 10_000:
        return str(value)
    return f"{float(value):.6g}"


def _is_table(value: object) -> bool:
    rows = value if isinstance(value, tuple) else ()
    return bool(rows) and all(
        isinstance(row, tuple) and not any(isinstance(each, tuple) for each in row) for row in rows
    )


def _number(value: Any) -> Any:
    """A number of a table, such as 1/1000000 in few digits."""
    text = written(value)
    if (power := re.fullmatch(r"1e([-+]\d+)", text)) is not None:
        return sympy.Pow(10, int(power.group(1)), evaluate=False)
    return sympy.Rational(text) if "e" not in text and "." not in text else sympy.Float(text, 6)


def few_digits(number: str) -> str:
    """A decimal number in at most 12 digits; a fraction as it is.

    >>> few_digits("-42.200000000000000000"), few_digits("1/3")
    ('-42.2', '1/3')
    """
    try:
        return f"{float(number):.12g}"
    except ValueError:
        return number
