"""Arithmetic on exact rationals as long as they last, and on complex balls from there on.

A value is a `flint.fmpq`, which is exact, or a `flint.acb`, a ball that contains the number; a ball
with an imaginary part of exactly 0 is real. What has no certain value comes out as a ball that is not
finite, and a note says why. With `analytic` a value is only given where it is that of one analytic
function on the whole ball, which is what rigorous quadrature asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from typing import Any

from flint import acb, arb, fmpq

from numeric.balls import FUNCTIONS, Balls
from numeric.methods.complex_balls import ComplexBalls

Value = Any  # flint.fmpq or flint.acb
Met = tuple[arb, frozenset[str]]  # the smallest number met on the way, and the notes

_MOST_EXACT_BITS = 20_000  # of a numerator or denominator; larger ones become balls
_MOST_EXACT_POWER = 5_000
_NEVER_ZERO = {"exp", "sigmoid", "softplus", "erfc", "gamma", "cosh", "sec", "csc", "sech", "csch"}
_ZERO_AT_ZERO = {
    "gelu", "silu", "expm1", "log1p", "sinh", "tanh", "erf", "erfi", "asinh", "arctanh", "atan",
}  # fmt: skip
_INVERSES = {"sec": "cos", "csc": "sin", "sech": "cosh", "csch": "sinh"}
_QUOTIENTS = {"cot": ("cos", "sin"), "coth": ("cosh", "sinh")}
_CUT_BUT_KNOWN = {"log", "sqrt"}  # the principal values on the cut are those of SymPy
_EXACT: dict[tuple[str, fmpq], fmpq] = {
    ("exp", fmpq(0)): fmpq(1),
    ("log", fmpq(1)): fmpq(0),
    ("cos", fmpq(0)): fmpq(1),
    ("cosh", fmpq(0)): fmpq(1),
    ("erfc", fmpq(0)): fmpq(1),
    ("sigmoid", fmpq(0)): fmpq(1, 2),
    **{
        (name, fmpq(0)): fmpq(0)
        for name in ("sin", "tan", "sinh", "tanh", "asin", "atan", "asinh", "arctanh", "erf", "log1p",
                     "expm1", "silu", "gelu")
    },
}  # fmt: skip


def ball(value: Value) -> acb:
    """A value as a complex ball.

    >>> ball(fmpq(1, 2)).real
    0.500000000000000
    """
    return acb(arb(value)) if isinstance(value, fmpq) else value


def is_real(value: Value) -> bool:
    """Whether a value is certainly real. (`!=` of balls asks whether they certainly differ.)

    >>> is_real(fmpq(1, 2)), is_real(acb(1, arb(0, 1)))
    (True, False)
    """
    return isinstance(value, fmpq) or bool(value.imag == 0)


def real_part_if_real(value: Value) -> arb | None:
    """A value as a real ball, None for one that is not certainly real."""
    if isinstance(value, fmpq):
        return arb(value)
    return value.real if is_real(value) else None


def sign_of(value: Value) -> int | None:
    """The sign of a value that is certainly real, None where it is not certain.

    >>> sign_of(fmpq(-1, 3)), sign_of(acb(arb(1, 2)))
    (-1, None)
    """
    if isinstance(value, fmpq):
        return (value > 0) - (value < 0)
    real = real_part_if_real(value)
    if real is None or not real.is_finite():
        return None
    return Balls().sign(real)


def integer_of(value: Value) -> int | None:
    """The integer that a value certainly is, else None."""
    if isinstance(value, fmpq):
        return int(value.p) if value.q == 1 else None
    real = real_part_if_real(value)
    return None if real is None or not real.is_finite() else Balls().integer(real)


def is_finite(value: Value) -> bool:
    """Whether a value is known at all."""
    return isinstance(value, fmpq) or bool(value.is_finite())


class Arithmetic:
    """The operations of this module; `smallest` bounds from below every number met on the way.

    It is 0 where a ball around zero stands for a number that is not zero, so that a sum may have lost
    it without a trace.
    """

    def __init__(self, analytic: bool = False) -> None:
        self.analytic = analytic
        self.notes: set[str] = set()
        self.smallest = arb(1)
        self._real = Balls()
        self._complex = ComplexBalls(acb(0), analytic)

    def begin(self) -> Met:
        """Start afresh, and say what was met so far."""
        met = self.smallest, frozenset(self.notes)
        self.smallest, self.notes = arb(1), set()
        return met

    def meet(self, met: Met) -> None:
        """Take up what was met elsewhere."""
        smallest, notes = met
        self.notes |= notes
        if smallest < self.smallest:
            self.smallest = smallest

    def undefined(self, note: str) -> acb:
        """The value of what has none that is certain."""
        self.notes.add(note)
        return acb(arb.nan(), arb.nan())

    def add(self, values: Sequence[Value]) -> Value:
        """The sum."""
        total: Value = fmpq(0)
        for value in values:
            total = total + value
        return _moderate(total)

    def multiply(self, values: Sequence[Value]) -> Value:
        """The product."""
        product: Value = fmpq(1)
        for value in values:
            product = product * value
        return _moderate(product)

    def power(self, base: Value, exponent: Value) -> Value:
        """The principal power; an exact one where the rationals are closed under it."""
        if not is_finite(base) or not is_finite(exponent):
            return self.undefined("the power of a number without a value")
        whole = integer_of(exponent)
        if isinstance(base, fmpq) and isinstance(exponent, fmpq):
            exact = _exact_power(base, exponent)
            if exact is not None:
                return self._kept(exact, exact != 0)
        if base == 0:
            return self._power_of_zero(exponent)
        if isinstance(exponent, fmpq) or whole is not None:
            rational = Fraction(whole) if whole is not None else _fraction(exponent)
            found = self._rational_power(ball(base), rational)
        else:
            logarithm = self.apply("log", base)
            found = self.apply("exp", logarithm * exponent)
        nonzero = not ball(base).contains(0)
        return self._kept(found, nonzero)

    def _power_of_zero(self, exponent: Value) -> Value:
        sign = sign_of(exponent)
        if sign == 1:
            return fmpq(0)
        if sign == 0:
            return fmpq(1)
        return self.undefined("a power of zero")

    def _rational_power(self, base: acb, exponent: Fraction) -> acb:
        if base.imag == 0 and not (self.analytic and exponent.denominator > 1):
            real = self._real.power(base.real, exponent, 0)[0]
            if real.is_finite():
                return acb(real)
        found = self._complex.power(base, exponent, 0)[0]
        return found if found.is_finite() else self.undefined("a divisor or root may be of zero")

    def apply(self, name: str, value: Value, parameter: int = 0) -> Value:
        """The value of a function of the tables of `numeric.balls` and `numeric.methods`."""
        if not is_finite(value):
            return self.undefined(f"{name} of a number without a value")
        if isinstance(value, fmpq) and (name, value) in _EXACT and not parameter:
            return _EXACT[name, value]
        found = self._applied(name, ball(value), parameter)
        if not found.is_finite():
            return self.undefined(f"the argument of {name} is not certainly inside its domain")
        nonzero = name in _NEVER_ZERO or (name in _ZERO_AT_ZERO and not ball(value).contains(0))
        return self._kept(found, nonzero)

    def _applied(self, name: str, z: acb, parameter: int) -> acb:
        if z.imag == 0 and not self.analytic:
            found = self._real.taylor(name, parameter, z.real, 0)[0]
            if found.is_finite():
                return acb(found)
        if name in _INVERSES:
            return self.power(self.apply(_INVERSES[name], z), fmpq(-1))
        if name in _QUOTIENTS:
            top, bottom = (self.apply(part, z) for part in _QUOTIENTS[name])
            return top * self.power(bottom, fmpq(-1))
        if not self.analytic and name not in _CUT_BUT_KNOWN:
            return ComplexBalls(acb(0), True).taylor(name, parameter, z, 0)[0]
        return self._complex.taylor(name, parameter, z, 0)[0]

    def either(self, values: Sequence[Value]) -> Value:
        """A ball that contains all of several values: one of them is meant, not certain which."""
        if self.analytic or not all(map(is_finite, values)):
            return self.undefined("a case is not certain")
        total = ball(values[0])
        for value in values[1:]:
            other = ball(value)
            total = acb(total.real.union(other.real), total.imag.union(other.imag))
        return total

    def _kept(self, value: Value, nonzero: bool) -> Value:
        whole = ball(value)
        if whole.is_finite():
            if nonzero and whole.contains(0):
                self.smallest = arb(0)
            size = whole.abs_lower()
            if 0 < size < self.smallest:
                self.smallest = size
        return value


def _moderate(value: Value) -> Value:
    """A rational number that has grown beyond reason as a ball."""
    if isinstance(value, fmpq) and value.height_bits() > _MOST_EXACT_BITS:
        return ball(value)
    return value


def _exact_power(base: fmpq, exponent: fmpq) -> fmpq | None:
    if exponent.q == 1:
        whole = int(exponent.p)
        if base == 0 and whole < 0:
            return None
        if abs(whole) <= _MOST_EXACT_POWER and abs(whole) * base.height_bits() <= _MOST_EXACT_BITS:
            return base**whole
        return None
    if exponent.q == 2 and base >= 0:
        top, bottom = int(base.p), int(base.q)
        if isqrt(top) ** 2 == top and isqrt(bottom) ** 2 == bottom:
            return _exact_power(fmpq(isqrt(top), isqrt(bottom)), fmpq(exponent.p))
    return None


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


KNOWN: frozenset[str] = frozenset({*FUNCTIONS, "lgamma", "digamma", "polygamma"})
