"""Rules for inequalities: why one scalar is at most another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symbolic import Expression
from symbolic.algebra.signs import nonnegative
from symbolic.operations import subtract


@dataclass(frozen=True)
class InequalityRule:
    """A reason for `before <= after`: its name, what it says, and the proof it carries out."""

    name: str
    statement: str
    condition: str
    source: str
    holds: Callable[[Expression, Expression], bool]

    def exhausted(self, expression: Expression) -> Expression:
        """An inequality rule rewrites nothing."""
        return expression

    once = exhausted

    def renamed(self, replace: Callable[[Expression], Expression]) -> InequalityRule:
        """An inequality rule is about no expression in particular."""
        return self

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.statement}>"


adding_nonnegative = InequalityRule(
    "adding a nonnegative term",
    "a <= a + b when b >= 0",
    "b is a sum of products of squares and nonnegative factors",
    "the laws of arithmetic",
    lambda before, after: nonnegative(subtract(after, before)),
)
