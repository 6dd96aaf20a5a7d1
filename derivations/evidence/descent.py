"""A quantity that never increases along an iteration."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from derivations.evidence.experiment import Statement
from derivations.evidence.iterations import BITS, iterates
from derivations.evidence.points import (
    At,
    Fixed,
    Mathematics,
    Unknown,
    enclosed,
    fixed,
    formula,
    inserted,
    points,
    shown,
    with_value,
)
from derivations.evidence.stating import where
from derivations.verdicts import Evidence
from symbolic.errors import ChainruleError

_ROUNDING = 3500  # bits to which an iterate is known


@dataclass(frozen=True)
class Descent:
    """f never increases along x <- step."""

    f: Mathematics
    x: Unknown
    step: Mathematics
    start: Any
    at: Fixed
    name: str = "descent"

    @property
    def statement(self) -> Statement:
        """What never increases, along which iteration."""
        return (self.f, "never increases along", self.x, "←", self.step, *where(self.at))

    def run(self, seed: int) -> Evidence:
        """Enclose f along twelve steps at random data."""
        from flint import arb

        f, step = inserted(self.f, self.at), inserted(self.step, self.at)
        start = inserted(self.start, self.at)
        agreed, why = 0, "no point was found"
        for point in points([f, step, start], self.at, seed, 3):
            try:
                path = iterates(step, self.x, start, point, 12)
                values = [enclosed(f, with_value(point, self.x, x), BITS).item() for x in path]
            except ChainruleError as error:
                why = str(error)
                continue
            for number, (before, after) in enumerate(pairwise(values), start=1):
                if after > before + abs(before) * arb(2) ** -_ROUNDING:
                    words = f"step {number} raises it from {shown(before)} to {shown(after)}"
                    return Evidence("refuted", self.name, words, agreed + 1, str(point))
            agreed += 1
            fall = f"from {shown(values[0])} to {shown(values[-1])}"
        if not agreed:
            return Evidence("undecided", self.name, why)
        words = f"12 steps at {agreed} random points, the last {fall}"
        return Evidence("verified", self.name, words, agreed)


def descent(
    f: Mathematics, x: Unknown, step: Mathematics, start: object, at: At | None = None
) -> Descent:
    """F never increases along the iteration x <- step.

    >>> import sympy
    >>> x = sympy.Symbol("x", real=True)
    >>> descent(x**2, x, x / 2, start=3).run(seed=0).verdict
    'verified'
    """
    return Descent(f, x, step, formula(start, f), fixed(at))
