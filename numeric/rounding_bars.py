"""How far a correct computation in floating point may be off: the running error of a formula.

A ball at p bits carries the running error bound of its evaluation: each operation passes on what came
in and adds what it rounds, with unit roundoff u = 2^-p. So the radius r of the balls of a formula at
the precision of the data bounds the rounding error of evaluating it. Where those balls are so wide
that they bound nothing, finer ones at P bits do, to first order: r = 2^(P - p) r_P. Then

    bar = 8 (r + u |value|) + 8 times the smallest float

Inverses and exponentials of matrices are computed in floating point with an error that is small beside
their largest entry, not beside each; so n u |A| |A^-1| and n u (1 + |A|) of that are added to their balls.

The factor 8 is for libraries whose functions are off by a few units in the last place and for sums in
another order. It bounds formulas that are no worse than this one; one that cancels more is off by
more, which is seen by moving the point (`numeric.float_claims`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
import sympy
from flint import arb, ctx

from numeric.balls import Balls
from numeric.enclosure import balls_at
from numeric.walker import Values
from symbolic.nodes import Expression

Array = Any

_FACTOR = 8
_FINER = (0, 16, 32, 64, 128, 256, 512, 1024)  # P - p
_WIDE = 2.0**-10  # of the largest value: a wider ball bounds nothing


def rounding_bars(
    formula: Expression,
    value: Array,
    values: Values,
    sizes: Mapping[sympy.Symbol, int],
    dtype: np.dtype[Any],
) -> Array:
    """The error that a float evaluation of a formula may have, entry by entry.

    Shapes: the formula has the shape of `value`, which is what it is worth in float64; so has the
    result. Infinite where no precision bounds it.

    >>> from symbolic import scalar
    >>> x = scalar("x")
    >>> bar = rounding_bars((1 + x) - 1, np.array(1e-9), {x: 1e-9}, {}, np.dtype("float64"))
    >>> bool(1e-16 < bar < 1e-14)
    True
    """
    bits = np.finfo(dtype).nmant + 1
    typical = float(np.max(np.abs(value), initial=0.0, where=np.isfinite(value)))
    radius = _running_error(formula, values, sizes, bits, typical)
    unit = 2.0**-bits
    smallest = float(np.finfo(dtype).smallest_subnormal)
    return _FACTOR * (radius + unit * np.abs(value) + smallest)


def _running_error(
    formula: Expression,
    values: Values,
    sizes: Mapping[sympy.Symbol, int],
    bits: int,
    typical: float,
) -> Array:
    """The radius at so many bits, taken from finer balls where it is infinite or far too wide."""
    found: Array = np.float64(np.inf)
    for finer in _FINER:
        (balls,), _ = balls_at([formula], values, sizes, bits + finer, _InNorm())
        radius = np.array([_scaled(ball, finer) for ball in balls.flat]).reshape(balls.shape)
        open_ones = ~np.isfinite(found) | ((found > _WIDE * typical) & (typical > 0))
        found = np.where(open_ones, np.minimum(found, radius), found)
        narrow = np.isfinite(radius) & (radius * 2.0**-finer <= _WIDE * typical)
        if np.all(narrow | (np.isfinite(found) & (typical == 0))):
            break
    return found


class _InNorm(Balls):
    """Balls with the errors that matrix algorithms have in floating point."""

    def inverse(self, matrix: Array) -> Array:
        found = super().inverse(matrix)
        return _widened(found, _largest(matrix) * _largest(found))

    def exponential(self, matrix: Array) -> Array:
        return _widened(super().exponential(matrix), 1 + _largest(matrix))


def _largest(matrix: Array) -> arb:
    return reduce(arb.max, (abs(entry) for entry in matrix.flat)).abs_upper()


def _widened(matrix: Array, condition: arb) -> Array:
    """A matrix with an error of n u times its condition number, relative to its largest entry."""
    radius = len(matrix) * condition * _largest(matrix) * arb(2) ** -ctx.prec
    return matrix + arb(0, radius.abs_upper()) if radius.is_finite() else matrix


def _scaled(ball: Any, shift: int) -> float:
    if not ball.is_finite():
        return float("inf")
    return float(ball.rad() * type(ball)(2) ** shift)
