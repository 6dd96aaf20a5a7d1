"""A claim that fails where an assumption is dropped: so the assumption matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    At,
    Fixed,
    Mathematics,
    Point,
    both,
    compared,
    fixed,
    inserted,
    ordered,
    points,
)
from derivations.evidence.stating import few_digits, where
from derivations.verdicts import Evidence
from numeric.enclosure import Comparison
from symbolic.errors import ChainruleError, UnsupportedError


@dataclass(frozen=True)
class Counterexample:
    """Two sides that certainly differ, or are certainly out of order, where `at` says."""

    left: Mathematics
    right: Mathematics
    at: Fixed
    relation: str
    without: str
    name: str = "counterexample"

    @property
    def statement(self) -> Statement:
        """What fails, and without which assumption."""
        why = (f"without {self.without}:",) if self.without else ()
        return (*why, self.left, {"=": "≠", "<=": ">"}[self.relation], self.right, *where(self.at))

    def run(self, seed: int) -> Evidence:
        """Enclose both sides; only a certain difference is a counterexample."""
        left, right = (inserted(side, self.at) for side in (self.left, self.right))
        for point in points([left, right], self.at, seed, 3):
            try:
                found = self._compared(left, right, point)
            except ChainruleError as error:
                return Evidence("undecided", self.name, str(error))
            if found.outcome == "different":
                words = f"the left side is {few_digits(found.left)}, the right side {few_digits(found.right)}"
                return Evidence("verified", self.name, words, 1)
            if found.outcome == "undecided":
                return Evidence("undecided", self.name, found.reason)
            words = "the claim holds here: this is no counterexample"
            return Evidence("refuted", self.name, words, 1, str(point))
        return Evidence("undecided", self.name, "no point was found")

    def _compared(self, left: Any, right: Any, point: Point) -> Comparison:
        return (ordered if self.relation == "<=" else compared)(left, right, point)


def counterexample(
    left: Mathematics,
    right: Mathematics,
    at: At | None = None,
    relation: str = "=",
    without: str = "",
) -> Counterexample:
    """Left = right (or left <= right) fails where `at` says, `without` an assumption.

    >>> from symbolic import matrix
    >>> A, B = matrix("A", 2, 2), matrix("B", 2, 2)
    >>> at = {A: ((0, 1), (0, 0)), B: ((0, 0), (1, 0))}
    >>> counterexample(A @ B, B @ A, at).run(seed=0).verdict
    'verified'
    """
    if relation not in ("=", "<="):
        raise UnsupportedError(f"relation={relation!r}", "no such relation", "use '=' or '<='")
    return Counterexample(*both(left, right), fixed(at), relation, without)
