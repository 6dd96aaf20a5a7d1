"""Where a function has no derivative, so that no claim about one is right or wrong there.

At a kink the slope is a convention (0 for abs, a share for ties), and another convention is no mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from numeric.branches import switches
from numeric.enclosure import balls_at
from numeric.errors import Undecided
from symbolic.nodes import Apply, Derivative, Expression, Variable
from symbolic.traverse import postorder, unfold, variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_TIED = ("max", "min", "hardmax")  # functions with a kink where their largest entries tie
_BITS = 256


@dataclass(frozen=True)
class Kinks:
    """Where the functions that a slope differentiates have kinks.

    functions  what is differentiated, without names; `places` are the variables inside of what by
    switches   the expressions that have a kink in the function where they are zero
    tied       largest entries, with a kink where some are equal
    """

    functions: tuple[Expression, ...]
    places: tuple[Variable, ...]
    switches: tuple[Expression, ...]
    tied: tuple[Apply, ...]

    @classmethod
    def of(cls, slope: Expression) -> Kinks:
        """The kinks of a slope with inert derivatives in it.

        >>> from fractions import Fraction
        >>> from symbolic import Derivative, abs, scalar
        >>> x = scalar("x")
        >>> kinks = Kinks.of(Derivative(abs(x), x))
        >>> kinks.at({x: Fraction(0)}, {}), kinks.at({x: Fraction(1)}, {})
        (True, False)
        """
        inert = [node for node in postorder(slope) if isinstance(node, Derivative)]
        places = variables([node.variable for node in inert])
        functions = [unfold(node.expression) for node in inert]
        moving = [each for each in switches(functions) if set(places) & set(variables(each))]
        tied = [each for each in _tied(functions) if set(places) & set(variables(each))]
        return cls(tuple(functions), tuple(places), tuple(moving), tuple(tied))

    def __bool__(self) -> bool:
        return bool(self.switches or self.tied)

    def at(self, point: Point, sizes: Sizes) -> bool:
        """Whether a point is on a kink, or cannot be told from it."""
        crossed = [each for each in self.switches if point.keys() >= set(variables(each))]
        shared = [each for each in self.tied if point.keys() >= set(variables(each))]
        if not crossed and not shared:
            return False
        try:
            balls, _ = balls_at([*crossed, *(each.operand for each in shared)], point, sizes, _BITS)
        except Undecided:
            return True
        zero = any(ball.contains(0) for array in balls[: len(crossed)] for ball in array.flat)
        ties = zip(shared, balls[len(crossed) :], strict=True)
        return zero or any(_has_tie(each, array) for each, array in ties)


def _tied(functions: list[Expression]) -> Iterator[Apply]:
    for node in postorder(functions):
        if isinstance(node, Apply) and node.function in _TIED:
            yield node


def _has_tie(node: Apply, entries: np.ndarray) -> bool:
    """Whether two entries along the axis may share the extreme value."""
    rows = entries.reshape(1, -1)
    if node.axis is not None:
        rows = np.moveaxis(entries, node.axis, -1).reshape(-1, entries.shape[node.axis])
    sign = -1 if node.function == "min" else 1
    for row in rows:
        signed = sorted((sign * ball for ball in row), key=lambda ball: float(ball.mid()))
        if len(signed) > 1 and not signed[-1] > signed[-2]:
            return True
    return False
