"""Limits and orders, measured: how fast an expression falls as h goes to 0, or n to infinity."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    At,
    Fixed,
    Mathematics,
    Point,
    Unknown,
    enclosed,
    exponent,
    fixed,
    inserted,
    mathematics,
    points,
    with_value,
)
from derivations.evidence.stating import where
from derivations.verdicts import Evidence
from numeric.balls import precision
from numeric.errors import Undecided
from symbolic.errors import ChainruleError

_BITS = 4096
_FAR = (20, 40, 80, 160)  # h = 2^-k
_NEAR = (3, 5, 7, 9)  # for expressions that take as many steps as 1/h
_TOLERANCES: dict[tuple[int, ...], float] = {_FAR: 1e-3, _NEAR: 0.05}  # of a slope
_EXACT = 1e-9  # rounding of a slope
_CLEAR = 0.25  # beyond which a slope is another one
_POINTS = 2


@dataclass(frozen=True)
class MeasuredOrder:
    """The slope of log |error| against log h is the order, as h goes to `to`."""

    error: Mathematics
    h: Unknown
    order: Fraction
    to: sympy.Expr
    at: Fixed
    name: str = "measured order"

    @property
    def statement(self) -> Statement:
        """The error and the power of h that it falls as."""
        power = sympy.Rational(self.order) * (-1 if self.to == sympy.oo else 1)
        symbol = sympy.Symbol(self.h.name)
        return ("the size of", self.error, "goes as", symbol**power, "for", self.h, "→", self.to,
                *where(self.at))  # fmt: skip

    def run(self, seed: int) -> Evidence:
        """Enclose the error at falling h and take slopes, at random values of all else."""
        error = inserted(self.error, self.at)
        found = [self._at(error, point) for point in points([error], self.at, seed, _POINTS)]
        worst = [each for each in found if each.verdict != "verified"]
        return (worst or found or [Evidence("undecided", self.name, "no point was found")])[0]

    def _at(self, error: Any, point: Point) -> Evidence:
        try:
            sizes, used = errors_along(error, self.h, self.to, point)
        except ChainruleError as why:
            return Evidence("undecided", self.name, str(why))
        known = [size for size in sizes if size is not None]
        if len(known) < len(sizes):
            return Evidence(
                "undecided", self.name, f"the error is too small to tell from 0: {point}"
            )
        slopes = [
            (first - second) / (b - a)
            for (first, second), (a, b) in zip(pairwise(known), pairwise(used), strict=True)
        ]
        slope, before = slopes[-1], slopes[-2]
        where = f"between {_step(self.to, used[-2])} and {_step(self.to, used[-1])}"
        off = abs(slope - float(self.order))
        if off <= _TOLERANCES[used] and off <= abs(before - float(self.order)) + _EXACT:
            factor = _constant(known[-1] + used[-1] * float(self.order))
            words = f"the slope is {slope:.4f} {where}, the factor {factor}"
            return Evidence("verified", self.name, words, 1)
        if off > _CLEAR and abs(slope - before) <= _CLEAR / 2:
            words = f"the slope is {slope:.4f} {where}, not {self.order}"
            return Evidence("refuted", self.name, words, 1, str(point))
        return Evidence("undecided", self.name, f"the slope is still {slope:.4f} {where}")


def errors_along(
    error: Any, h: Unknown, to: sympy.Expr, point: Point
) -> tuple[list[float | None], tuple[int, ...]]:
    """log2 |error| at h = to + 2^-k (or 2^k), and the k; None where it is not told from 0."""
    try:
        return [_size(error, h, to, point, k) for k in _FAR], _FAR
    except (ChainruleError, OverflowError):
        return [_size(error, h, to, point, k) for k in _NEAR], _NEAR


def _size(error: Any, h: Unknown, to: sympy.Expr, point: Point, k: int) -> float | None:
    from flint import arb

    value = Fraction(2) ** k if to == sympy.oo else Fraction(sympy.Rational(to)) + Fraction(1, 2**k)
    ball = enclosed(error, with_value(point, h, value), _BITS).item()
    if not ball.is_finite():
        raise Undecided(f"the error at {_step(to, k)}", "no certain value", "choose other values")
    with precision(_BITS):
        size = abs(ball)
        return float((size.log() / arb(2).log()).mid()) if size > 0 else None


def _step(to: sympy.Expr, k: int) -> str:
    return f"2^{k}" if to == sympy.oo else f"2^-{k}"


def _constant(log2: float) -> str:
    return f"{2.0**log2:.4g}" if abs(log2) < 900 else f"2^{log2:.1f}"


def measured_order(
    error: Mathematics,
    h: Unknown,
    order: int | Fraction | sympy.Rational,
    at: At | None = None,
    to: object = 0,
) -> MeasuredOrder:
    """|error| ~ c h^order as h falls to `to`; with to=oo, |error| ~ c h^-order as h grows.

    >>> h = sympy.Symbol("h", positive=True)
    >>> error = (sympy.exp(h) - sympy.exp(-h)) / (2 * h) - 1
    >>> measured_order(error, h, order=2).run(seed=0).reason
    'the slope is 2.0000 between 2^-80 and 2^-160, the factor 0.1667'
    """
    return MeasuredOrder(error, h, exponent(order), mathematics(to), fixed(at))


@dataclass(frozen=True)
class LimitValue:
    """The expression comes as close to the value as one likes."""

    expression: Mathematics
    h: Unknown
    value: Mathematics
    to: sympy.Expr
    at: Fixed
    name: str = "limit"

    @property
    def statement(self) -> Statement:
        """The expression, and where it tends."""
        return (self.expression, "→", self.value, "as", self.h, "→", self.to, *where(self.at))

    def run(self, seed: int) -> Evidence:
        """Enclose the distance from the value at falling h, at random values of all else."""
        error = inserted(self.expression - self.value, self.at)
        agreed = 0
        for point in points([error], self.at, seed, _POINTS):
            try:
                sizes, used = errors_along(error, self.h, self.to, point)
            except ChainruleError as why:
                return Evidence("undecided", self.name, str(why))
            if all(size is None for size in sizes):
                agreed += 1
                continue
            known = [-_BITS / 2.0 if size is None else size for size in sizes]
            falls = [before - after for before, after in pairwise(known)]
            last = f"{_constant(known[-1])} at {_step(self.to, used[-1])}"
            if min(falls) > (used[1] - used[0]) / 8:
                agreed += 1
            elif max(abs(fall) for fall in falls[1:]) < 2**-10:
                words = f"the distance stays at {last}"
                return Evidence("refuted", self.name, words, agreed + 1, str(point))
            else:
                return Evidence("undecided", self.name, f"the distance is still {last}")
        if not agreed:
            return Evidence("undecided", self.name, "no point was found")
        words = f"the distance falls with every step, at {agreed} random points"
        return Evidence("verified", self.name, words, agreed)


def limit_value(
    expression: Mathematics, h: Unknown, value: object, to: object = 0, at: At | None = None
) -> LimitValue:
    """The expression tends to the value as h falls to `to` (or grows, with to=oo).

    >>> h = sympy.Symbol("h", positive=True)
    >>> limit_value(sympy.sin(h) / h, h, 1).run(seed=0).verdict
    'verified'
    """
    return LimitValue(expression, h, mathematics(value), mathematics(to), fixed(at))
