"""Numbers with square roots, written as people write them: 1/sqrt(2*pi), sqrt(2/pi), 2*sqrt(3)."""

from __future__ import annotations

from functools import lru_cache
from math import isqrt

import sympy


@lru_cache(maxsize=1024)
def fraction_of(number: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Numerator and denominator, with the square roots of a number together on one side.

    >>> fraction_of(sympy.sqrt(2) / (2 * sympy.sqrt(sympy.pi)))
    (1, sqrt(2)*sqrt(pi))
    """
    constant, rest = number.as_independent(*number.free_symbols, as_Add=False)
    if not constant.is_number or constant == 0:
        return sympy.fraction(number)
    parts = _root_parts(constant)
    if parts is None:
        return sympy.fraction(number)
    top, bottom = sympy.fraction(rest)
    above, below = parts
    sign = -1 if constant.is_negative else 1
    if _root(below) is not None:
        return sympy.fraction(number)
    numerator = _root(above)
    if numerator is None:
        return sign * sympy.sqrt(above / below) * top, bottom
    return sign * numerator * top, sympy.sqrt(below) * bottom


def root_text(number: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr] | None:
    """P and q of a number sqrt(p/q), up to its sign, that is no plain root of one integer; or None."""
    if number.is_Pow or not number.is_real:
        return None
    parts = _root_parts(number)
    if parts is None or (_root(parts[1]) is not None and not parts[0].has(sympy.pi)):
        return None
    return parts


def _root_parts(number: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr] | None:
    """P and q with number**2 = p/q, products of integers and pi; None where the number has no root."""
    roots = [p for p in number.atoms(sympy.Pow) if p.exp.is_Rational and p.exp.q == 2]
    if not roots or (not number.is_Mul and not number.is_Pow):
        return None
    above, below = sympy.fraction(number**2)
    return (above, below) if _is_plain(above) and _is_plain(below) else None


def _is_plain(value: sympy.Expr) -> bool:
    return all(f.is_Integer or f == sympy.pi for f in sympy.Mul.make_args(value))


def _root(value: sympy.Expr) -> sympy.Expr | None:
    """The square root of a square integer."""
    if value.is_Integer and isqrt(int(value)) ** 2 == int(value):
        return sympy.Integer(isqrt(int(value)))
    return None
