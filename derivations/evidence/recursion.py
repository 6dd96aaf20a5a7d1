"""A recursion against its closed form."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from derivations.evidence.experiment import Statement
from derivations.evidence.iterations import BITS, distance, iterates
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
from numeric.errors import Undecided
from symbolic.errors import ChainruleError


@dataclass(frozen=True)
class Recursion:
    """k times x <- step gives the closed form."""

    step: Mathematics
    x: Unknown
    start: Any
    closed_form: Mathematics
    k: Unknown
    at: Fixed
    name: str = "recursion against closed form"

    @property
    def statement(self) -> Statement:
        """The recursion and its solution."""
        return (
            self.k,
            "times",
            self.x,
            "←",
            self.step,
            "from",
            self.start,
            "gives",
            self.closed_form,
            *where(self.at),
        )

    def run(self, seed: int) -> Evidence:
        """Iterate eight times at random data and compare each iterate with the closed form."""
        from flint import arb

        step, start, closed = (inserted(each, self.at)
                               for each in (self.step, self.start, self.closed_form))  # fmt: skip
        agreed, why = 0, "no point was found"
        for point in points([step, start, closed], self.at, seed, 3):
            try:
                for number, value in enumerate(iterates(step, self.x, start, point, 8, self.k)):
                    here = with_value(point, self.k, Fraction(number))
                    claimed = enclosed(closed, here, BITS)
                    gap, size = distance(value, claimed), distance(value, np.zeros_like(value))
                    small = (1 + size) * arb(2) ** -200
                    if not (gap <= small or gap > small):
                        raise Undecided(
                            f"step {number}", "no certain value", "choose another point"
                        )
                    if gap > small:
                        words = f"after {number} steps they are {shown(gap)} apart"
                        return Evidence("refuted", self.name, words, agreed + 1, str(point))
            except ChainruleError as error:
                why = str(error)
                continue
            agreed += 1
        if not agreed:
            return Evidence("undecided", self.name, why)
        words = f"8 steps agree to 60 digits, at {agreed} random points"
        return Evidence("verified", self.name, words, agreed)


def recursion(
    step: Mathematics,
    x: Unknown,
    start: object,
    closed_form: Mathematics,
    k: Unknown,
    at: At | None = None,
) -> Recursion:
    """K times x <- step from the start equals the closed form in k.

    >>> import sympy
    >>> m, g, b, k = sympy.symbols("m g b k", real=True)
    >>> recursion(b * m + (1 - b) * g, m, 0, (1 - b**k) * g, k).run(seed=0).verdict
    'verified'
    """
    return Recursion(step, x, formula(start, step), closed_form, k, fixed(at))
