"""How far a correct computation in floating point may be off: the running error of our own formulas.

A ball at p bits carries the running error bound of its evaluation: each operation passes on what came
in and adds what it rounds, with unit roundoff u = 2^-p. So the radius r of the balls of a formula at
the precision of the data bounds the rounding error of evaluating it. Where those balls are too wide
to bound anything, finer ones at P bits do, to first order: r = 2^(P - p) r_P. With several formulas
of one value (the derivative by jets, the symbolic one) the largest radius counts:

    bar = 8 (max r + u |value|) + 8 times the smallest float

The factor 8 is for libraries whose functions are off by a few units in the last place and for sums in
another order. It bounds formulas that are no worse than ours; a formula that cancels more is off by
more, which is seen by moving the point (`numeric.exact_check`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from numeric.enclosure import balls_at
from numeric.walker import Values
from symbolic.nodes import Expression

Array = Any

_FACTOR = 8
_FINEST = 32  # the largest P/p that is tried


def rounding_bars(
    formulas: Sequence[Expression],
    value: Array,
    values: Values,
    sizes: Mapping[sympy.Symbol, int],
    dtype: np.dtype[Any],
) -> Array:
    """The error that a float evaluation of a value may have, entry by entry.

    Shapes: all formulas have the shape of `value`, which is what they are worth in float64; so has
    the result. Infinite where no precision bounds it.

    >>> from symbolic import scalar
    >>> x = scalar("x")
    >>> bar = rounding_bars([(1 + x) - 1], np.array(1e-9), {x: 1e-9}, {}, np.dtype("float64"))
    >>> bool(1e-16 < bar < 1e-14)
    True
    """
    bits = np.finfo(dtype).nmant + 1
    radius = np.zeros(value.shape)
    for formula in formulas:
        radius = np.maximum(radius, _running_error(formula, values, sizes, bits))
    unit = 2.0**-bits
    smallest = float(np.finfo(dtype).smallest_subnormal)
    return _FACTOR * (radius + unit * np.abs(value) + smallest)


def _running_error(
    formula: Expression, values: Values, sizes: Mapping[sympy.Symbol, int], bits: int
) -> Array:
    found, finer = None, 1
    while finer <= _FINEST:
        (balls,) = balls_at([formula], values, sizes, finer * bits)[0]
        radius = np.array([_radius(ball, (finer - 1) * bits) for ball in balls.flat])
        radius = radius.reshape(balls.shape)
        found = radius if found is None else np.where(np.isfinite(found), found, radius)
        if np.all(np.isfinite(found)):
            break
        finer *= 2
    return found


def _radius(ball: Any, shift: int) -> float:
    if not ball.is_finite():
        return float("inf")
    return float(ball.rad() * type(ball)(2) ** shift)
