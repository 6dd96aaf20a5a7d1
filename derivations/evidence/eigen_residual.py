"""An eigenvector: the residual of its equation is zero, and the vector is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    DIGITS,
    At,
    Conditions,
    Fixed,
    Mathematics,
    Point,
    compared,
    enclosed,
    fixed,
    inserted,
    mathematics,
    points,
)
from derivations.evidence.random_data import at_points
from derivations.evidence.stating import where
from derivations.verdicts import Evidence
from numeric.enclosure import Comparison
from symbolic import Expression


@dataclass(frozen=True)
class EigenResidual:
    """A v = lam v with v not zero, at random data."""

    A: Mathematics
    v: Mathematics
    lam: Mathematics
    on: Conditions
    at: Fixed
    name: str = "eigen-residual"

    @property
    def statement(self) -> Statement:
        """The eigenvector and its eigenvalue."""
        return (self.v, "is an eigenvector of", self.A, "with eigenvalue", self.lam,
                *where(self.at))  # fmt: skip

    def run(self, seed: int) -> Evidence:
        """Compare both sides of the equation, entry by entry."""
        A, v, lam = (inserted(each, self.at) for each in (self.A, self.v, self.lam))
        left, right = _sides(A, v, lam)
        found = list(points([*left, *right, *_entries(v)], self.at, seed, 6, self.on))

        def agrees(point: Point) -> Comparison:
            balls = [ball for entry in _entries(v) for ball in enclosed(entry, point, 128).flat]
            if not any(ball > 0 or ball < 0 for ball in balls):
                return Comparison("undecided", DIGITS, 128, reason="the vector may be zero")
            outcomes = [compared(a, b, point) for a, b in zip(left, right, strict=True)]
            return max(outcomes, key=lambda c: ("equal", "undecided", "different").index(c.outcome))

        held = f"the residual is zero to {DIGITS} digits"
        return at_points(left, right, found, agrees, self.name, held)


def _sides(A: Any, v: Any, lam: Any) -> tuple[list[Any], list[Any]]:
    if isinstance(A, Expression):
        return [A @ v], [lam * v]
    return list((A * v).flat()), list((lam * v).flat())


def _entries(v: Any) -> list[Any]:
    return [v] if isinstance(v, Expression) else list(v.flat())


def eigen_residual(
    A: Mathematics,
    v: Mathematics,
    lam: Mathematics,
    on: Conditions = (),
    at: At | None = None,
) -> EigenResidual:
    """A v = lam v, and v is not zero, at random data on which the equations `on` hold.

    >>> import sympy
    >>> a, b = sympy.symbols("a b", real=True)
    >>> A, v = sympy.ImmutableMatrix([[a, b], [b, a]]), sympy.ImmutableMatrix([1, 1])
    >>> eigen_residual(A, v, a + b).run(seed=0).verdict
    'verified'
    """
    return EigenResidual(A, v, mathematics(lam), on, fixed(at))
