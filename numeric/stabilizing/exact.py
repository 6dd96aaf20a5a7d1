"""Exact values of terms at points: balls whose precision is raised until one float is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import flint
import numpy as np
from flint import arb, fmpq
from numpy.typing import NDArray

from numeric.stabilizing.operations import OPERATIONS, UnclearError
from numeric.stabilizing.terms import Term, subterms

Floats = NDArray[np.float64]
Balls = list[arb]

PRECISIONS = (160, 600, 2200, 6600)  # bits
DEFINED_BY = 2200  # bits at which what still has no finite ball is taken to have no value
_UNDEFINED = arb.nan()


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Balls of this many bits inside the block."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def balls(term: Term, points: Mapping[str, Floats], bits: int) -> Balls:
    """The value of a term at every point; NaN where it is undefined or undecided."""
    count = len(next(iter(points.values()))) if points else 1
    found: dict[Term, Balls] = {}
    with precision(bits):
        for each in subterms([term]):
            found[each] = _values(each, [found[arg] for arg in each.args], points, count)
    return found[term]


def _values(term: Term, args: Sequence[Balls], points: Mapping[str, Floats], count: int) -> Balls:
    if term.op == "variable":
        return [arb(float(x)) for x in points[str(term.value)]]
    if count > 1 and not term.names:
        return _values(term, [each[:1] for each in args], points, 1) * count
    if term.number is not None:
        return [arb(fmpq(term.number.numerator, term.number.denominator))] * count
    if term.op == "pi":
        return [arb.pi()] * count
    ball = OPERATIONS[term.op].ball
    return [_value(ball, each) for each in zip(*args, strict=True)]


def _value(ball: object, args: tuple[arb, ...]) -> arb:
    try:
        return ball(*args)  # type: ignore[operator]
    except (UnclearError, ZeroDivisionError, ValueError):
        return _UNDEFINED


@dataclass(frozen=True)
class Truth:
    """Correctly rounded values, and at which points they are certain."""

    values: Floats
    known: NDArray[np.bool_]


def truth(term: Term, points: Mapping[str, Floats], dtype: np.dtype) -> Truth:
    """The correctly rounded values of a term; unknown where it has none or no precision decides."""
    count = len(next(iter(points.values()))) if points else 1
    values = np.full(count, np.nan)
    known = np.zeros(count, dtype=bool)
    open_points = np.arange(count)
    for bits in PRECISIONS:
        found = balls(term, {name: x[open_points] for name, x in points.items()}, bits)
        lost = []
        with precision(bits + 64):
            for place, ball in zip(open_points, found, strict=True):
                rounded = _rounded(ball, dtype, last=bits == PRECISIONS[-1])
                if rounded is not None:
                    values[place], known[place] = rounded, True
                elif bits >= DEFINED_BY and not ball.is_finite():
                    lost.append(place)
        open_points = np.setdiff1d(open_points, lost)
        open_points = open_points[~known[open_points]]
        if not open_points.size:
            break
    return Truth(values, known)


def _rounded(ball: arb, dtype: np.dtype, last: bool) -> float | None:
    """The one float that a ball rounds to, if there is only one."""
    if not ball.is_finite():
        return None
    low, high = (float(dtype.type(float(end))) for end in (ball.lower(), ball.upper()))
    if low == high:
        return low
    return 0.0 if last and abs(ball) < 1e-400 else None


def agree(left: Term, right: Term, points: Mapping[str, Floats]) -> bool:
    """Whether no ball shows two terms to differ by more than 2^-150 of their value.

    Points at which cancellation leaves too few bits are looked at again with more.
    """
    for bits in (400, 2200):
        first, second = balls(left, points, bits), balls(right, points, bits)
        with precision(bits):
            if any(_differ(a, b) for a, b in zip(first, second, strict=True)):
                return False
            few = [
                min(a.rel_accuracy_bits(), b.rel_accuracy_bits()) < 200
                for a, b in zip(first, second, strict=True)
            ]
        points = {name: x[few] for name, x in points.items()}
        if not any(few) or not points:
            return True
    return True


def _differ(a: arb, b: arb) -> bool:
    return a.is_finite() and b.is_finite() and abs(a - b) > abs(b) * arb(2) ** -150
