"""Laws of expectation, exact on small random finite distributions."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    At,
    Conditions,
    Fixed,
    compared,
    fixed,
    inserted,
    mathematics,
    points,
)
from derivations.evidence.random_data import at_points
from derivations.evidence.stating import conditions_stated, where
from derivations.verdicts import Evidence
from symbolic import Expression
from symbolic.errors import UnsupportedError
from symbolic.scalars.random_variables import is_random

_STREAM = 1  # of seeds, so that the distributions are not those of the steps


@dataclass(frozen=True)
class FiniteDistribution:
    """Two sides about random variables that agree exactly on finite probability spaces."""

    left: sympy.Expr
    right: sympy.Expr
    on: Conditions
    at: Fixed
    name: str = "finite distributions"

    @property
    def statement(self) -> Statement:
        """The law, and what is known of the random variables."""
        return (self.left, "=", self.right, *conditions_stated(self.on),
                *where(self.at, "and" if self.on else "where"))  # fmt: skip

    def run(self, seed: int) -> Evidence:
        """Enumerate the outcomes of six random tables of probabilities."""
        left, right = inserted(self.left, self.at), inserted(self.right, self.at)
        found = list(points([left, right], self.at, seed + _STREAM, 6, self.on))
        held = "both sides are equal, every outcome counted,"
        return at_points(left, right, found, lambda p: compared(left, right, p), self.name, held)


def finite_distribution(
    left: sympy.Expr, right: object, on: Conditions = (), at: At | None = None
) -> FiniteDistribution:
    """Left = right for random variables with finitely many values; `on` says what is known of them.

    >>> from symbolic.scalars.random_variables import E, RandomVariable, Variance
    >>> X = RandomVariable("X")
    >>> finite_distribution(Variance(X), E(X**2) - E(X) ** 2).run(seed=0).verdict
    'verified'
    """
    left, other = mathematics(left), mathematics(right)
    tensors = isinstance(left, Expression) or isinstance(other, Expression)
    if tensors or not any(map(is_random, sympy.preorder_traversal(left - other))):
        raise UnsupportedError(
            f"finite_distribution({left})",
            "no random variable in it",
            "use identity_on_random_data",
        )
    return FiniteDistribution(left, other, on, fixed(at))
