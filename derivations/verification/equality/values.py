"""Two expressions at one rational point: certainly different, or equal to more digits than they hide.

A number of size 10^-k on the way may be lost in a sum, so an agreement is looked for to k + 50 digits.
Before it counts as verified it is confirmed to as many as the expressions can hide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import log
from typing import Any

import numpy as np
import sympy

from derivations.verification.equality.digits import hidden_digits
from numeric.balls import Balls, precision
from numeric.enclosure import balls_at
from numeric.errors import Undecided
from symbolic.errors import ShapeError
from symbolic.nodes import Expression, Variable

Ball = Any  # flint.arb
Array = Any  # an object array of balls

_SPARE_DIGITS = 50  # beyond those that the smallest number on the way asks for
_MOST_DIGITS = 4000  # a point that asks for more is not told
_START = 1024  # bits: a relative difference of 1e-280 shows
_LIMIT = 16384  # bits
NO_VALUE = "a value does not exist there"
_TOO_SMALL = "a number on the way is too small for its effect to be seen"
_ATTEMPTS = 3  # precisions at which an agreement is confirmed
_SHOWN = 12  # digits of a value


@dataclass(frozen=True)
class Difference:
    """An entry in which the values certainly differ, and both values as decimal digits."""

    entry: tuple[int, ...]
    left: str
    right: str


@dataclass(frozen=True)
class Agreement:
    """Whether the values agree, to how many digits, and why not where that cannot be told."""

    agreed: bool
    digits: int = 0
    reason: str = ""
    one_sided: bool = False


_SATURATING = {"tanh": 1, "sigmoid": 1, "softplus": 1, "erf": 2, "erfc": 2, "gelu": 2, "silu": 1}
# functions that come close to a limit, and the power of the argument that tells how close


class _Observing(Balls):
    """Balls that remember the smallest number on the way that is certainly not zero.

    What a function of a large argument is away from its limit, as 1 - tanh(x), is such a number too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.smallest: Ball = super().number(Fraction(1))
        self.saturated = 0.0  # digits

    def number(self, value: Fraction) -> Ball:
        return self._kept([super().number(value)])[0]

    def power(self, scalar: Ball, exponent: Fraction, order: int) -> list[Ball]:
        return self._kept(super().power(scalar, exponent, order))

    def taylor(self, function: str, parameter: int, scalar: Ball, order: int) -> list[Ball]:
        power = _SATURATING.get(function)
        if power is not None and scalar.is_finite():
            self.saturated = max(self.saturated, float(abs(scalar).mid()) ** power)
        return self._kept(super().taylor(function, parameter, scalar, order))

    def _kept(self, scalars: list[Ball]) -> list[Ball]:
        for scalar in scalars:
            size = scalar.abs_lower()
            if 0 < size < self.smallest:
                self.smallest = size
        return scalars


def compare_closely(
    left: Expression,
    right: Expression,
    point: Mapping[Variable, Any],
    sizes: Mapping[sympy.Symbol, int],
) -> Difference | Agreement:
    """Compare two expressions of one shape, with precision raised until they are told."""
    bits = _START
    while True:
        over = _Observing()
        try:
            (first, second), _ = balls_at([left, right], point, sizes, bits, over)
        except (Undecided, ShapeError) as error:
            return Agreement(False, reason=str(error))
        with precision(bits):
            found = _told(first, second, _SPARE_DIGITS + _digits_of(over))
        if isinstance(found, Difference) or found.agreed or bits >= _LIMIT:
            return found
        if found.digits > _MOST_DIGITS:
            return found
        wanted = max(2 * bits, int(3.4 * found.digits) + 64)
        bits = min(wanted, _LIMIT)


def confirm_closely(
    left: Expression,
    right: Expression,
    point: Mapping[Variable, Any],
    sizes: Mapping[sympy.Symbol, int],
) -> Difference | Agreement:
    """Compare two expressions to more digits than they can hide at a point where they agree."""
    over = _Observing()
    balls_at([left, right], point, sizes, _START, over)
    seen = _digits_of(over)
    digits = _SPARE_DIGITS + hidden_digits([left, right], point, sizes, seen)
    if digits > _MOST_DIGITS:
        return Agreement(False, reason=_TOO_SMALL)
    bits = max(_START, int(3.4 * digits) + 256)
    for _ in range(_ATTEMPTS):
        (first, second), _ = balls_at([left, right], point, sizes, bits)
        with precision(bits):
            found = _told(first, second, int(digits) + 1)
        if isinstance(found, Difference) or found.agreed:
            return found
        bits *= 2
    return found


def _digits_of(over: _Observing) -> int:
    """The k of the smallest number 10^-k on the way, or more than any that is told."""
    exponent = -float(over.smallest.log().mid()) / log(10)
    return int(min(max(exponent, over.saturated), _MOST_DIGITS)) + 1


def _told(first: Array, second: Array, digits: int) -> Difference | Agreement:
    width = Balls().number(Fraction(1, 10 ** min(digits, _MOST_DIGITS)))
    finite = [ball.is_finite() for ball in first.flat], [ball.is_finite() for ball in second.flat]
    if not all(finite[0]) or not all(finite[1]):
        one_sided = all(finite[0]) != all(finite[1])
        return Agreement(False, digits, NO_VALUE, one_sided)
    reason = _TOO_SMALL if digits > _MOST_DIGITS else ""
    for entry in np.ndindex(first.shape):
        a, b = first[entry], second[entry]
        gap = a - b
        if gap > 0 or gap < 0:
            return Difference(entry, *_shown(a, b, gap))
        if not reason and not gap.abs_upper() <= width:
            reason = f"the difference is not told from zero to {digits} digits"
    return Agreement(not reason, digits, reason)


def _shown(a: Ball, b: Ball, gap: Ball) -> tuple[str, str]:
    """Two values with enough digits that they read differently."""
    digits = _SHOWN
    while digits < _MOST_DIGITS:
        left, right = (_decimal(x, digits) for x in (a, b))
        if left != right:
            return left, right
        digits *= 2
    return "0", str((-gap).str(_SHOWN, radius=False))


def _decimal(ball: Ball, digits: int) -> str:
    """The middle of a ball without zeros at its end; 0 where the ball holds 0."""
    if ball.contains(0):
        return "0"
    text = str(ball.str(digits, radius=False))
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
