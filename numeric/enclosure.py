"""Enclosures: certain bounds on the value of an expression, by ball arithmetic.

Two precisions that agree prove nothing (`log(1 + exp(-500))` is 0 at 15, 50 and 200 digits alike);
a ball that excludes zero does. So "different" is certain, "equal" states to how many digits, and
everything that cannot be told is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from numbers import Integral
from textwrap import fill
from typing import Literal

import numpy as np
import sympy
from flint import arb

from numeric.balls import Balls, precision
from numeric.errors import PrecisionTooLow, Undecided
from numeric.jets import Array
from numeric.walker import Values, walk
from symbolic.errors import ShapeError, UnsupportedError
from symbolic.nodes import Expression
from symbolic.reading.declarations import Given
from symbolic.reading.parser import read
from symbolic.sizes import shape_text

Sizes = Mapping[sympy.Symbol, int]
Written = Expression | str

_LEAST, _MOST = 8, 10_000_000  # bits
_SPARE = 32  # bits beyond those that the digits asked for need


@dataclass(frozen=True)
class Comparison:
    """What comparing two expressions at one point has shown.

    outcome    "equal": every entry agrees to `digits` digits. "different": certain, `entry` is one
               where the enclosures exclude each other, `left` and `right` its values. "undecided":
               `reason` says why.
    precision  bits of the last evaluation
    """

    outcome: Literal["equal", "different", "undecided"]
    digits: int
    precision: int
    entry: tuple[int, ...] = ()
    left: str = ""
    right: str = ""
    reason: str = ""

    def __str__(self) -> str:
        at = f" in entry {list(self.entry)}" if self.entry else ""
        words = {
            "equal": f"equal to {self.digits} digits, at {self.precision} bits",
            "different": f"different{at}: {self.left} and {self.right}",
            "undecided": f"undecided: {self.reason}",
        }[self.outcome]
        return fill(words, 79, subsequent_indent="    ")

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def enclose(
    expression: Written,
    values: Values,
    sizes: Sizes | None = None,
    bits: int = 128,
    *,
    given: Given | None = None,
) -> Array:
    """Balls that certainly contain the value of an expression at a rational point.

    Shapes: `values[v]` has the shape of v (a variable or its name); the result, an object array of
    `flint.arb`, that of the expression, which may be text when `given` declares it. Conditions: the
    point lies in the expression's domain, else `PrecisionTooLow` (more bits may help) or `Undecided`;
    `DataError` for what is no finite number. Numerical error: the radius of each ball bounds it.
    Source: Johansson, Arb, IEEE Transactions on Computers 66 (2017).

    >>> from fractions import Fraction
    >>> tiny = enclose("log(1 + exp(x))", {"x": Fraction(-500)}, bits=1000, given={"x": ""})
    >>> tiny.item().str(5, radius=False)
    '7.1246e-218'
    """
    return enclose_all([read(expression, given)], values, sizes, bits)[0]


def enclose_to(
    expression: Written,
    values: Values,
    sizes: Sizes | None = None,
    *,
    digits: int = 30,
    limit: int = 16384,
    given: Given | None = None,
) -> Array:
    """Balls of so many certain digits: precision is raised until each ball has them.

    Formula: radius <= 10^-digits |value|, entry by entry; an exact zero has every digit. Shapes,
    conditions, source: those of `enclose`. Raises `PrecisionTooLow` when `limit` bits do not
    suffice, as for a value that is zero without being known to be; it says what was reached.
    Numerical error: certainly below the last digit asked for.

    >>> enclose_to("log(1 + exp(x))", {"x": -500}, digits=5, given={"x": ""}).item().str(4, radius=False)
    '7.125e-218'
    >>> enclose_to("exp(x) - exp(x)", {"x": 1}, given={"x": ""})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    numeric.errors.PrecisionTooLow: entry () to 30 digits: at 16384 bits it is [+/- ...
    """
    check_bits("limit", limit)
    if digits < 1:
        raise UnsupportedError(f"digits={digits}", "fewer than one digit", "ask for one or more")
    whole = read(expression, given)
    bits = min(limit, max(64, int(digits * 3.33) + _SPARE))
    while True:
        (found,), why = balls_at([whole], values, sizes, bits)
        with precision(bits):
            width = arb(10) ** -digits
            open_ones = [
                entry for entry in np.ndindex(found.shape) if not _has(found[entry], width)
            ]
        if not open_ones:
            return found
        if bits >= limit:
            ball = found[open_ones[0]]
            raise PrecisionTooLow(
                f"entry {open_ones[0]} to {digits} digits",
                f"at {bits} bits it is {ball}" if ball.is_finite() else why or "it is not finite",
                "compare it with 0, raise the limit, or choose a point inside the domain",
            )
        bits = min(2 * bits, limit)


def _has(ball: arb, width: arb) -> bool:
    return bool(ball.is_finite() and ball.rad() <= width * ball.abs_lower())


def enclose_all(
    expressions: Iterable[Expression], values: Values, sizes: Sizes | None = None, bits: int = 128
) -> list[Array]:
    """Enclosures of several expressions at one point, sharing their work.

    >>> from symbolic.variables import scalar
    >>> x = scalar("x")
    >>> [str(ball.item()) for ball in enclose_all([x, x * x], {x: 3})]
    ['3.00000000000000', '9.00000000000000']
    """
    results, notes = balls_at(expressions, values, sizes, bits)
    for result in results:
        for entry in np.ndindex(result.shape):
            if not result[entry].is_finite():
                raise PrecisionTooLow(
                    f"entry {entry} of an enclosure",
                    notes or "its ball is not finite",
                    "use more bits, or a point inside the domain",
                )
    return results


def balls_at(
    expressions: Iterable[Expression],
    values: Values,
    sizes: Sizes | None,
    bits: int,
    over: Balls | None = None,
) -> tuple[list[Array], str]:
    """The balls of several expressions, and why some are not finite, where some are not.

    >>> from symbolic import log, scalar
    >>> x = scalar("x")
    >>> (balls,), why = balls_at([log(x)], {x: -1}, None, 64)
    >>> balls.item().is_finite(), why
    (False, 'the argument of log is not certainly inside its domain')
    """
    check_bits("bits", bits)
    balls = over or Balls()
    with precision(bits):
        results = walk(expressions, values, sizes, balls)
    return results, "; ".join(sorted(balls.notes))


def check_bits(what: str, bits: int) -> None:
    """Raise `UnsupportedError` for a precision that balls cannot have."""
    if not isinstance(bits, Integral) or not _LEAST <= bits <= _MOST:
        raise UnsupportedError(
            f"{what}={bits!r}", "no precision in bits", f"use {_LEAST} to {_MOST}, as in {what}=256"
        )


def compare(
    left: Written,
    right: Written,
    values: Values,
    sizes: Sizes | None = None,
    *,
    digits: int = 50,
    limit: int = 4096,
    given: Given | None = None,
) -> Comparison:
    """Whether two expressions agree at a rational point.

    An entry agrees when abs(left - right) <= 10^-digits min(abs(left), abs(right)), certainly; when
    both balls are the same number; or, for a value that no precision tells from zero, when at the last
    precision the difference is below 10^-digits and 2^(-limit/2), and no number on the way is so small
    (below 2^(-limit/4)) that a sum may have swallowed it.
    Shapes: those of the two sides are equal. Numerical error: "different" has none; "equal" claims
    the stated digits and no more. Precision is raised from about twice `digits` up to `limit` bits;
    an agreement is confirmed at 1024 bits, so that a relative difference of 1e-280 still shows.

    >>> given = {"x": ""}
    >>> compare("sin(x)**2 + cos(x)**2", "1", {"x": 2}, given=given).outcome
    'equal'
    >>> compare("sin(x)", "cos(x)", {"x": 2}, given=given).outcome
    'different'
    """
    one, other = read(left, given), read(right, given)
    if one.shape != other.shape:
        raise ShapeError(
            "a comparison of two expressions",
            f"shapes {shape_text(one.shape)} and {shape_text(other.shape)}",
            "compare expressions of one shape",
        )
    check_bits("limit", limit)
    if digits < 1:
        raise UnsupportedError(f"digits={digits}", "fewer than one digit", "ask for one or more")
    try:
        return _climb(one, other, values, sizes, digits, limit)
    except Undecided as error:
        return Comparison("undecided", digits, 0, reason=str(error))


def _climb(
    left: Expression,
    right: Expression,
    values: Values,
    sizes: Sizes | None,
    digits: int,
    limit: int,
) -> Comparison:
    bits = min(limit, max(128, 1 << int(digits * 3.33 + 40).bit_length()))
    while True:
        found = _compare_at(left, right, values, sizes, digits, bits, bits >= limit)
        certain = found.outcome == "different" or (found.outcome == "equal" and bits >= _CONFIRMING)
        if certain or bits >= limit:
            return found
        if found.outcome == "equal":
            bits = min(_CONFIRMING, limit)
        else:
            bits = limit if found.reason == _NEAR_ZERO else min(2 * bits, limit)


_CONFIRMING = 1024  # bits
_NEAR_ZERO = "a difference is too close to zero to be told from it"


_NEVER_ZERO = {"exp", "sigmoid", "softplus", "erfc", "gamma", "cosh", "sec", "csc", "sech", "csch"}
_ZERO_AT_ZERO = {
    "gelu", "silu", "expm1", "log1p", "sinh", "tanh", "erf", "erfi", "asinh", "arctanh", "atan",
}  # fmt: skip


class _Remembering(Balls):
    """Balls that remember the smallest number on the way that is certainly not zero.

    It is 0 where a ball around zero stands for a number that is not zero.
    """

    def __init__(self) -> None:
        super().__init__()
        self.smallest = arb(1)

    def number(self, value: Fraction) -> arb:
        return self._kept([super().number(value)], False)[0]

    def power(self, scalar: arb, exponent: Fraction, order: int) -> list[arb]:
        nonzero = exponent < 0 or not scalar.contains(0)
        return self._kept(super().power(scalar, exponent, order), nonzero)

    def taylor(self, function: str, parameter: int, scalar: arb, order: int) -> list[arb]:
        nonzero = function in _NEVER_ZERO
        nonzero |= function in _ZERO_AT_ZERO and not scalar.contains(0)
        return self._kept(super().taylor(function, parameter, scalar, order), nonzero)

    def _kept(self, scalars: list[arb], nonzero: bool) -> list[arb]:
        if nonzero and scalars[0].contains(0):
            self.smallest = arb(0)
        for scalar in scalars:
            size = scalar.abs_lower()
            if 0 < size < self.smallest:
                self.smallest = size
        return scalars


def _compare_at(
    left: Expression,
    right: Expression,
    values: Values,
    sizes: Sizes | None,
    digits: int,
    bits: int,
    last: bool,
) -> Comparison:
    over = _Remembering()
    (first, second), why = balls_at([left, right], values, sizes, bits, over)
    if not all(ball.is_finite() for ball in (*first.flat, *second.flat)):
        return Comparison("undecided", digits, bits, reason=why or "a ball is not finite")
    reason = ""
    with precision(bits):
        small = arb(10) ** -digits
        for entry in np.ndindex(first.shape):
            a, b = first[entry], second[entry]
            difference = a - b
            if difference > 0 or difference < 0:
                return Comparison("different", digits, bits, entry, _shown(a), _shown(b))
            gap = difference.abs_upper()
            if gap == 0 or gap <= small * min(a.abs_lower(), b.abs_lower()):
                continue
            if last and gap <= small and gap <= arb(2) ** -(bits // 2):
                if over.smallest > arb(2) ** -(bits // 4):
                    continue
                reason = "a tiny number may be lost in a sum, or too small to tell from 0"
                continue
            near = not (a > 0 or a < 0) or not (b > 0 or b < 0)
            reason = _NEAR_ZERO if near and not last else reason or "the balls are too wide"
    return Comparison("undecided" if reason else "equal", digits, bits, reason=reason)


def _shown(ball: arb) -> str:
    return str(ball.str(20, radius=False))
