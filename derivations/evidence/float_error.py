"""What floating point loses in one way of writing a formula and keeps in another."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import log2
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    At,
    Fixed,
    Mathematics,
    Point,
    enclosed,
    fixed,
    inserted,
    points,
)
from derivations.evidence.stating import where
from derivations.verdicts import Evidence
from numeric.balls import precision
from numeric.evaluation import evaluate
from symbolic import Expression
from symbolic.errors import ChainruleError, UnsupportedError

if TYPE_CHECKING:
    from flint import arb

_BITS = 2048
_MANTISSA = {"float64": 53, "float32": 24}


@dataclass(frozen=True)
class FloatError:
    """The naive form loses bits where the stable form of the same value keeps them."""

    naive: Mathematics
    stable: Mathematics
    at: Fixed
    dtype: str
    lost: int
    kept: int
    name: str = "floating-point error"

    @property
    def statement(self) -> Statement:
        """The two forms, and where."""
        return (f"in {self.dtype}", self.naive, f"loses at least {self.lost} bits,",
                self.stable, f"at most {self.kept},", *where(self.at))  # fmt: skip

    def run(self, seed: int) -> Evidence:
        """Evaluate both as written and compare with an enclosure of the value."""
        naive, stable = (inserted(each, _formulas(self.at)) for each in (self.naive, self.stable))
        for point in points([naive, stable], self.at, seed, 1):
            try:
                point = _everything(point, self.at, naive, stable)
                truth = enclosed(stable, point, _BITS)
                same = enclosed(naive, point, _BITS)
                if not all(_close(a, b) for a, b in zip(truth.flat, same.flat, strict=True)):
                    words = "the two forms differ in exact arithmetic"
                    return Evidence("refuted", self.name, words, 1, str(point))
                lost = bits_lost(as_floats(naive, point, self.dtype), truth, self.dtype)
                kept = bits_lost(as_floats(stable, point, self.dtype), truth, self.dtype)
            except ChainruleError as why:
                return Evidence("undecided", self.name, str(why))
            words = (
                f"the naive form loses {_said(lost, self.dtype)}, the stable one {kept:.1f} bits"
            )
            good = lost >= self.lost and kept <= self.kept
            return Evidence("verified" if good else "refuted", self.name, words, 1,
                            "" if good else str(point))  # fmt: skip
        return Evidence("undecided", self.name, "no point was found")


def _formulas(at: Fixed) -> Fixed:
    """What is fixed by an expression: numbers stay arguments of the code, as in real use."""
    return tuple((u, v) for u, v in at if not isinstance(v, (Fraction, tuple)) and not _number(v))


def _number(value: object) -> bool:
    return isinstance(value, sympy.Rational)


def _everything(point: Point, at: Fixed, *formulas: Any) -> Point:
    """The point with the numbers of a SymPy formula, each rounded to a float, as it is given."""
    if isinstance(formulas[0], Expression):
        return point
    numbers = {u: v for u, v in at if isinstance(v, Fraction) or _number(v)}
    return Point({**point.values, **numbers}, point.sizes)


def as_floats(expression: Any, point: Point, dtype: str) -> Any:
    """The value in floating point, in the order in which the formula is written."""
    with np.errstate(all="ignore"):
        if isinstance(expression, Expression):
            if dtype != "float64":
                raise UnsupportedError(
                    f"dtype={dtype!r}", "array formulas are evaluated in float64", "use float64"
                )
            values = {u: np.asarray(v, dtype=np.float64) for u, v in point.values.items()}
            return np.asarray(evaluate(expression, values, point.sizes))
        symbols = sorted(expression.free_symbols, key=str)
        code = sympy.lambdify(symbols, expression, modules=["scipy", "numpy"])
        kind = np.dtype(dtype).type
        arguments = [kind(float(point.values[symbol])) for symbol in symbols]
        return np.asarray(code(*arguments), dtype=dtype)


def bits_lost(found: Any, truth: Any, dtype: str) -> float:
    """log2 of the largest error in units of the last place; the whole mantissa for NaN or 0 digits.

    >>> from flint import arb
    >>> bits_lost(np.array(1.0 + 2**-48), np.array(arb(1), dtype=object), "float64")
    4.0
    """
    return max(
        _lost(value, ball, dtype) for value, ball in zip(found.flat, truth.flat, strict=True)
    )


def _lost(value: Any, truth: arb, dtype: str) -> float:
    from flint import arb

    mantissa = _MANTISSA[dtype]
    if not np.isfinite(value):
        return float(mantissa)
    with precision(_BITS):
        error = abs(arb(float(value)) - truth)
        size = abs(truth)
        if error.contains(0) or error == 0:
            return 0.0
        if not size > 0:
            return float(mantissa)
        relative = float((error / size).mid())
    if relative == 0:  # below the smallest float
        return 0.0
    return max(0.0, min(float(mantissa), mantissa - 1 + log2(relative)))


def _close(a: arb, b: arb) -> bool:
    from flint import arb

    with precision(_BITS):
        return bool(abs(a - b) <= abs(a) * arb(2) ** -200) or bool((a - b).contains(0))


def _said(lost: float, dtype: str) -> str:
    if lost >= _MANTISSA[dtype]:
        return f"all {_MANTISSA[dtype]} bits"
    return f"{lost:.1f} of {_MANTISSA[dtype]} bits"


def float_error(
    naive: Mathematics,
    stable: Mathematics,
    at: At,
    dtype: str = "float64",
    lost: int = 20,
    kept: int = 4,
) -> FloatError:
    """`naive` loses at least `lost` bits at the point, `stable` (the same value) at most `kept`.

    >>> x = sympy.Symbol("x", real=True)
    >>> naive, stable = (1 - sympy.cos(x)) / x**2, 2 * sympy.sin(x / 2) ** 2 / x**2
    >>> float_error(naive, stable, at={x: 1e-8}).run(seed=0).verdict
    'verified'
    """
    if dtype not in _MANTISSA:
        raise UnsupportedError(
            f"dtype={dtype!r}", "no such precision", f"use {', '.join(_MANTISSA)}"
        )
    return FloatError(naive, stable, fixed(at), dtype, lost, kept)
