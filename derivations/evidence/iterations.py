"""Iterations x <- step(x), each iterate rounded to thousands of bits so that it stays a number."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from derivations.evidence.points import Point, Unknown, enclosed, with_value
from numeric.balls import precision
from numeric.binding import shape_of
from symbolic import Variable

if TYPE_CHECKING:
    from flint import arb

BITS = 4096


def iterates(
    step: Any, x: Unknown, start: Any, point: Point, count: int, k: Unknown | None = None
) -> Iterator[Any]:
    """The start and `count` further values, exact fractions.

    In `step` the unknown k stands for the number of the step, from 1.
    """
    current = rounded(enclosed(start, point, BITS))
    if isinstance(x, Variable):
        current = np.broadcast_to(current, shape_of(x.shape, point.sizes))
    yield current
    for number in range(1, count + 1):
        here = with_value(point, x, current)
        if k is not None:
            here = with_value(here, k, Fraction(number))
        current = rounded(enclosed(step, here, BITS))
        yield current


def rounded(balls: Any) -> Any:
    """The midpoints of balls as exact fractions, an array of the same shape."""
    flat = [_midpoint(ball) for ball in balls.flat]
    array = np.empty(len(flat), dtype=object)
    array[:] = flat
    return array.reshape(balls.shape)


def _midpoint(ball: arb) -> Fraction:
    mantissa, exponent = ball.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def distance(values: Any, others: Any) -> arb:
    """The Euclidean distance of two arrays of exact numbers or balls."""
    from flint import arb

    with precision(BITS):
        total = arb(0)
        for a, b in zip(np.asarray(values).flat, np.asarray(others).flat, strict=True):
            gap = _ball(a) - _ball(b)
            total += gap * gap
        return total.sqrt() if total > 0 else arb(0).union(total.abs_upper().sqrt())


def _ball(value: Any) -> arb:
    from flint import arb

    if isinstance(value, Fraction):
        return arb(value.numerator) / arb(value.denominator)
    return value if isinstance(value, arb) else arb(int(value))
