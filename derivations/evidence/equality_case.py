"""An inequality that is attained, so that no smaller bound holds."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    DIGITS,
    At,
    Fixed,
    Mathematics,
    both,
    compared,
    fixed,
    inserted,
    points,
    strictly_less,
)
from derivations.evidence.random_data import at_points
from derivations.evidence.stating import where
from derivations.verdicts import Evidence
from symbolic.errors import ChainruleError

_POINTS = 5


@dataclass(frozen=True)
class EqualityCase:
    """left <= right, equal where `at` says, and strictly less somewhere else."""

    left: Mathematics
    right: Mathematics
    at: Fixed
    name: str = "equality case"

    @property
    def statement(self) -> Statement:
        """The equality, and where it holds."""
        return (self.left, "=", self.right, *where(self.at))

    def run(self, seed: int) -> Evidence:
        """Compare the sides where they should be equal, then at random points."""
        left, right = (inserted(side, self.at) for side in (self.left, self.right))
        found = list(points([left, right], self.at, seed, _POINTS))
        attained = at_points(
            left,
            right,
            found,
            lambda p: compared(left, right, p),
            self.name,
            f"both sides agree to {DIGITS} digits",
        )
        if attained.verdict != "verified":
            return attained
        beyond = self._elsewhere(self.right, self.left, seed)
        if beyond:
            words = "the order does not hold everywhere: the left side is the larger one"
            return Evidence("refuted", self.name, words, attained.points, beyond)
        if not self._elsewhere(self.left, self.right, seed):
            words = "the sides are equal everywhere that was tried: this is an identity"
            return Evidence("undecided", self.name, words, attained.points)
        words = f"attained: {attained.reason}, and strict at others"
        return Evidence("verified", self.name, words, attained.points)

    def _elsewhere(self, small: Mathematics, large: Mathematics, seed: int) -> str:
        """A random point at which one side is strictly less; empty if there was none."""
        for point in points([self.left, self.right], (), seed, _POINTS):
            try:
                if strictly_less(small, large, point):
                    return str(point)
            except ChainruleError:
                continue
        return ""


def equality_case(left: Mathematics, right: Mathematics, at: At) -> EqualityCase:
    """Left = right where `at` says, in an inequality left <= right.

    >>> from symbolic import abs, norm, vector
    >>> a, b = vector("a", "n"), vector("b", "n")
    >>> equality_case(abs(a @ b), norm(a) * norm(b), at={a: 2 * b}).run(seed=0).verdict
    'verified'
    """
    return EqualityCase(*both(left, right), fixed(at))
