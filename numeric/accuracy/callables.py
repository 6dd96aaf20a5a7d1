"""Python functions as references: called with numbers of a precision, one point at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
from flint import arb, fmpq
from numpy.typing import NDArray

from numeric.accuracy.columns import NOWHERE, Column
from numeric.balls import precision
from symbolic.errors import DataError

_FIRST = 512  # bits of mpmath's first evaluation
_GUARD = 100  # bits to which two evaluations agree
_STEP, _STEP_BITS = 2.0**-100, 1024  # of the differences behind a condition number
_KINDS: tuple[Callable[[float], Any], ...] = (mpmath.mpf, arb, Fraction)


class FunctionValues:
    """A function at points; what it returns decides whether its values are enclosures.

    An arb is an enclosure and a Fraction exact. A number of mpmath is evaluated at two precisions,
    the second four times the first, and taken for true where they agree to 100 bits.
    """

    def __init__(self, function: Callable[..., Any], columns: Mapping[str, list[float]]) -> None:
        self.function, self.columns = function, columns
        self.count = len(next(iter(columns.values())))
        self.kind = self._kind_that_works()
        self.certain = True

    def _point(self, place: int, kind: Callable[[float], Any]) -> dict[str, Any]:
        return {name: kind(column[place]) for name, column in self.columns.items()}

    def _kind_that_works(self) -> Callable[[float], Any]:
        """Numbers of mpmath, flint's or fractions: the first that the function takes."""
        problem: Exception | None = None
        for kind in _KINDS:
            try:
                self.function(**self._point(0, kind))
            except (TypeError, AttributeError) as error:
                problem = error
            except (ValueError, ArithmeticError):
                return kind
            else:
                return kind
        raise DataError(
            "the reference function",
            f"it takes neither mpmath numbers, nor arb, nor Fraction ({problem})",
            "use functions of mpmath, methods of flint.arb, or rational arithmetic",
        )

    def at(self, places: NDArray[np.intp]) -> Column:
        """Balls at some of the points, at the precision of flint's context."""
        return [self._ball(int(place)) for place in places]

    def _ball(self, place: int) -> Any:
        bits = max(flint.ctx.prec, _FIRST)
        value = self._value(place, bits)
        if value is NOWHERE or isinstance(value, arb):
            return value
        if isinstance(value, Fraction):
            return arb(fmpq(value.numerator, value.denominator))
        self.certain = False
        finer = self._value(place, 4 * bits)
        if finer is NOWHERE:
            return NOWHERE
        agreed = value == finer or abs(value - finer) <= abs(finer) * mpmath.mpf(2) ** -_GUARD
        if not agreed:
            return arb.nan()
        return arb(_dyadic(finer)) if mpmath.isfinite(finer) else arb(float(finer))

    def condition(self, place: int) -> float:
        """The condition number at a point, by central differences of relative step 2^-100.

        sum_i |f(x_i (1 + h)) - f(x_i (1 - h))| / (2 h |f(x)|)
        """
        point = self._point(place, self.kind)
        with precision(_STEP_BITS), mpmath.workprec(_STEP_BITS):
            step = self.kind(_STEP)
            moved = [
                self._called({**point, name: x * (1 + side * step)})
                for name, x in point.items()
                for side in (1, -1)
            ]
            values = [self._called(point), *moved]
            if any(value is NOWHERE for value in values):
                return float("nan")
            middle, *pairs = map(self._of_one_kind, values)
            total = sum(abs(a - b) for a, b in zip(pairs[::2], pairs[1::2], strict=True))
            if middle == 0:
                return float("inf") if total > 0 else float("nan")
            return float(abs(total / (2 * self._of_one_kind(step) * middle)))

    def _of_one_kind(self, value: Any) -> Any:
        """A value as a number of the kind that the function takes, fractions as balls."""
        if not isinstance(value, Fraction):
            return value
        kind = mpmath.mpf if self.kind is mpmath.mpf else arb
        return kind(value.numerator) / kind(value.denominator)

    def _value(self, place: int, bits: int) -> Any:
        with mpmath.workprec(bits):
            return self._called(self._point(place, self.kind))

    def _called(self, point: Mapping[str, Any]) -> Any:
        """The value at a point as an arb, a Fraction or an mpf; NOWHERE where there is none."""
        try:
            value = self.function(**point)
        except (ValueError, ArithmeticError):
            return NOWHERE
        if isinstance(value, fmpq):
            return Fraction(int(value.p), int(value.q))
        if isinstance(value, int):
            return Fraction(value)
        if isinstance(value, (arb, Fraction)):
            return value
        if isinstance(value, mpmath.mpc):
            return NOWHERE if value.imag else value.real
        if isinstance(value, mpmath.mpf):
            return NOWHERE if mpmath.isnan(value) else value
        raise DataError(
            "the reference function",
            f"it returned a {type(value).__name__}, which has only its own precision",
            "return an mpmath number, an arb or a Fraction",
        )

    def exactly(self, place: int) -> Fraction | None:
        """No value: a function is evaluated in its own arithmetic only."""
        return None


def values_of(function: Callable[..., Any], columns: Mapping[str, list[float]]) -> FunctionValues:
    """A function at columns of points, as a source of balls."""
    return FunctionValues(function, columns)


def _dyadic(number: mpmath.mpf) -> tuple[int, int]:
    sign, mantissa, exponent, _ = number._mpf_
    return (-int(mantissa) if sign else int(mantissa)), exponent
