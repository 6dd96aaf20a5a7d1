"""Points at which expressions may jump: where the argument of a sign or of a condition is zero.

Such points are looked for on purpose. Where none is found there remains a doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import sympy

from numeric.enclosure import balls_at
from numeric.errors import Undecided
from numeric.jumps import difference_at_zero, is_discrete, jumps, points_at_zeros, systems
from symbolic.nodes import Expression, Variable
from symbolic.traverse import variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]
Located = tuple[Point, Sizes]
Outcome = Callable[[Located], str]  # "agree", "differ", "avoided", or "" where it is not told

_MOST_JUMPS = 12
_MOST_POINTS = 8  # for each way in which an argument is zero
_BITS = 128


class JumpSearch:
    """Looks at two sides at the zeros of their jumps.

    `outcome` compares them at a point, and leaves out those that are `avoided`. `differs` is a point at which
    they certainly differ, with `values` where `outcome` does not tell them, and `doubt` what is not seen.
    """

    def __init__(
        self,
        left: Expression,
        right: Expression,
        outcome: Outcome,
        avoided: Callable[[Located], bool],
    ) -> None:
        self.left, self.right, self.outcome, self.avoided = left, right, outcome, avoided
        self.given = variables([left, right])
        self.differs: Located | None = None
        self.values: tuple[tuple[int, ...], str, str] | None = None
        self.doubt = ""

    def run(self, generic: Sequence[Located], rng: np.random.Generator) -> None:
        """Look at all jumps, until one refutes."""
        if not generic:
            return
        for argument in islice(jumps([self.left, self.right]), _MOST_JUMPS):
            for system in systems(argument):
                seen = False
                for point, sizes, exact in self._points(system, generic, rng):
                    seen |= self._seen((point, sizes), exact, argument)
                    if self.differs is not None:
                        return
                if not seen and not self.doubt and not is_discrete(system):
                    zero = " and ".join(f"{each} = 0" for each in system)
                    self.doubt = f"Both sides agree at {len(generic)} points, but where {zero} was not tried."

    def _points(
        self, system: tuple[Expression, ...], generic: Sequence[Located], rng: np.random.Generator
    ) -> Iterator[tuple[Point, Sizes, bool]]:
        count = 0
        for point, sizes in generic[:2]:
            if self._is_zero(system, point, sizes):  # as it is for all points of a discrete domain
                yield point, sizes, True
            for found, exact in points_at_zeros(system, self.given, sizes, rng):
                yield found, sizes, exact
                count += 1
                if count == _MOST_POINTS:
                    return

    def _is_zero(self, system: tuple[Expression, ...], point: Point, sizes: Sizes) -> bool:
        try:
            found, _ = balls_at(system, point, sizes, _BITS)
        except Undecided:
            return False
        return all(any(ball == 0 for ball in balls.flat) for balls in found)

    def _seen(self, located: Located, exact: bool, argument: Expression) -> bool:
        """Whether it is told what holds at a zero, or as close to it as is wanted."""
        outcome = self.outcome(located) if exact or self.avoided(located) else ""
        if outcome == "differ":
            self.differs = located
        if outcome:
            return True
        found = difference_at_zero(self.left, self.right, *located)
        if isinstance(found, tuple) and exact:
            self.differs, self.values = located, found
        elif isinstance(found, tuple):
            near = ", ".join(f"{v.name} = {_decimal(x)}" for v, x in located[0].items())
            self.doubt = f"The two sides seem to differ where {argument} = 0, near {near}."
        return found is not None


def _decimal(value: Any) -> str:
    entries = [f"{float(Fraction(x)):.6g}" for x in np.ravel(np.asarray(value, dtype=object))]
    return entries[0] if np.ndim(value) == 0 else f"[{', '.join(entries)}]"
