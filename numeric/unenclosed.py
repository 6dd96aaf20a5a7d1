"""Digits without a guarantee, for the few functions that ball arithmetic lacks.

SymPy has functions that the language has not and that no ball encloses, as elliptic_k or besselj of two
arguments. Where an expression holds one, its value here is mpmath's at the midpoint of the argument, as if it
had no error: what comes out are digits, not an enclosure, and no comparison rests on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import factorial
from textwrap import fill
from typing import Any

import mpmath
import numpy as np
import sympy
from flint import arb, ctx

from numeric.balls import Balls
from numeric.enclosure import Sizes, Written, balls_at, enclose_to
from numeric.errors import Undecided
from numeric.jets import Array
from numeric.walker import Values
from symbolic.errors import UnsupportedError
from symbolic.nodes import Expression
from symbolic.reading.declarations import Given
from symbolic.reading.parser import read

_SPARE = 64  # bits beyond those that the digits need


@dataclass(frozen=True)
class Approximation:
    """Digits of an expression.

    value      an object array of `mpmath.mpf`, in the shape of the expression
    digits     how many were asked for
    enclosed   whether they are certain
    lacking    the functions that have no enclosure, by which they are not
    agreement  digits to which an evaluation with twice the precision agrees, which proves nothing
    """

    value: Array
    digits: int
    enclosed: bool
    lacking: tuple[str, ...]
    agreement: int

    def __str__(self) -> str:
        shown = ", ".join(mpmath.nstr(entry, min(self.digits, 30)) for entry in self.value.flat)
        lacking = ", ".join(self.lacking)
        words = f"not enclosed, for {lacking}; two precisions agree to {self.agreement} digits"
        if self.enclosed:
            words = f"certain to {self.digits} digits"
        return "\n".join(fill(line, 79, subsequent_indent="    ") for line in (shown, words))

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def approximate(
    expression: Written,
    values: Values,
    sizes: Sizes | None = None,
    *,
    digits: int = 30,
    given: Given | None = None,
) -> Approximation:
    """The digits of an expression, by mpmath where a function has no enclosure.

    Shapes: `values[v]` has the shape of v; the result's `value` that of the expression. Conditions: those
    of `enclose`; functions without enclosure have a real value that SymPy can evaluate. Raises
    `Undecided` where there is none, and `PrecisionTooLow` for a zero that is not known to be one.
    Numerical error: below the last digit where `enclosed` is true, unknown where it is false.

    >>> from symbolic.nodes import Elementwise, kernel_symbol
    >>> from symbolic.variables import scalar
    >>> x, u = scalar("x"), kernel_symbol(0)
    >>> found = approximate(Elementwise(sympy.Lambda(u, sympy.elliptic_k(u)), [x]), {x: 0.5}, digits=10)
    >>> print(found)
    1.854074677
    not enclosed, for elliptic_k; two precisions agree to 10 digits
    """
    if digits < 1:
        raise UnsupportedError(f"digits={digits}", "fewer than one digit", "ask for one or more")
    whole = read(expression, given)
    bits = int(digits * 3.33) + _SPARE
    over = _WithForeign()
    rough, fine = (
        _evaluated(whole, values, sizes, precision, over) for precision in (bits, 2 * bits)
    )
    if not over.lacking:
        balls = enclose_to(whole, values, sizes, digits=digits)
        value = _middles(balls, bits)
        return Approximation(value, digits, True, (), digits)
    agreement = min(
        (_agreement(a, b, digits) for a, b in zip(rough.flat, fine.flat, strict=True)), default=0
    )
    return Approximation(
        _middles(fine, 2 * bits), digits, False, tuple(sorted(over.lacking)), agreement
    )


class _WithForeign(Balls):
    """Balls that take SymPy's value of a function for exact where no ball encloses it."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign = self._by_mpmath
        self.lacking: set[str] = set()

    def _by_mpmath(self, head: Any, scalars: Sequence[arb], place: int, order: int) -> list[arb]:
        self.lacking.add(head.__name__)
        if not all(scalar.is_finite() for scalar in scalars):
            return [self.undefined] * (order + 1)
        digits = int(ctx.prec / 3.33) + 10
        u = sympy.Dummy(real=True)
        numbers = [
            sympy.Float(scalar.mid().str(digits, radius=False), digits) for scalar in scalars
        ]
        found: list[arb] = []
        try:
            slope = head(*(u if k == place else number for k, number in enumerate(numbers)))
            for j in range(order + 1):
                at = _number(slope, u, numbers[place], digits)
                found.append(arb(str(at)) / factorial(j))
                slope = slope.diff(u)
        except (ArithmeticError, ValueError, mpmath.libmp.NoConvergence):
            self.notes.add(f"{head.__name__} has no real value here, or SymPy no formula for it")
        return [*found, *[self.undefined] * (order + 1 - len(found))]


def _number(slope: sympy.Expr, u: sympy.Symbol, at: sympy.Float, digits: int) -> sympy.Number:
    """A formula at a number; `ValueError` where SymPy has none or it is not real."""
    if slope.has(sympy.Derivative, sympy.Subs):
        raise ValueError("no formula")
    found = slope.subs(u, at).evalf(digits)
    if not (found.is_Number and found.is_finite):
        raise ValueError("not a real number")
    return found


def _evaluated(
    whole: Expression, values: Values, sizes: Sizes | None, bits: int, over: Balls
) -> Array:
    (found,), why = balls_at([whole], values, sizes, bits, over)
    if not all(ball.is_finite() for ball in found.flat):
        raise Undecided(
            "the digits of an expression",
            why or "a value is not finite",
            "choose a point inside its domain",
        )
    return found


def _middles(balls: Array, bits: int) -> Array:
    result = np.empty(balls.size, dtype=object)
    with mpmath.workprec(bits):
        for place, ball in enumerate(balls.flat):
            mantissa, exponent = ball.mid().man_exp()
            result[place] = mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))
    return result.reshape(balls.shape)


def _agreement(rough: arb, fine: arb, digits: int) -> int:
    """The leading digits that two midpoints share, up to so many."""
    gap, size = abs(fine.mid() - rough.mid()), abs(fine.mid())
    shared = 0
    while shared < digits and gap * arb(10) ** (shared + 1) <= size:
        shared += 1
    return shared
