"""Everything that the formula of a slope may be at a kink, whatever convention is taken there.

On the edge of a branch a step, a sign, a selection or the place of a largest entry may have any value
between those on its two sides. What can come out of the formula then is enclosed: the limits of slopes
beside the kink, what lies between them, and all that the chain rule makes of a choice at each function.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import sympy
from flint import arb

from numeric.balls import Balls
from numeric.enclosure import balls_at
from symbolic.nodes import Expression, Variable

Array = Any

_BITS = 256
_BETWEEN = {"sign": (-1, 1), "step": (0, 1), "heaviside": (0, 1)}


def slope_sets(
    formulas: Iterable[Expression],
    values: Mapping[Variable, Any],
    sizes: Mapping[sympy.Symbol, int],
) -> Array:
    """Balls that hold all values which formulas of one slope may have at a point.

    Shapes: all formulas have one, which is that of the result. An entry that may have no value is NaN.

    >>> from symbolic import relu, scalar, step
    >>> x = scalar("x")
    >>> ball = slope_sets([3 * step(x) - 1], {x: 0}, {}).item()
    >>> ball.contains(-1), ball.contains(2), ball.contains(7)
    (True, True, False)
    """
    found, _ = balls_at(formulas, values, sizes, _BITS, _Sets())
    whole = found[0]
    for each in found[1:]:
        for entry in np.ndindex(whole.shape):
            whole[entry] = whole[entry].union(each[entry])
    return whole


class _Sets(Balls):
    """Balls of which none decides on a branch when it holds 0, not even as an exact number."""

    def sign(self, scalar: arb) -> int | None:
        return super().sign(scalar) or None

    def either(self, first: arb, second: arb) -> arb:
        return first.union(second)

    def _coefficients(self, function: str, parameter: int, scalar: arb, order: int) -> list[arb]:
        ends = _BETWEEN.get(function)
        if ends is None or order or self.sign(scalar) is not None:
            return super()._coefficients(function, parameter, scalar, order)
        low, high = ends
        return [arb(low).union(arb(high))]
