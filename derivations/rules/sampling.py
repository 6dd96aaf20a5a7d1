"""The reason of an inequality that no rule proves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derivations.languages import Side
from symbolic import Expression


@dataclass(frozen=True)
class Sampling:
    """The reason of an inequality that no rule proves: it is seen to hold at random points."""

    name: str = "sampling"
    statement: str = "the order holds at random points of the domains"
    condition: str = "none; the step is not proved"
    source: str = "ball arithmetic"

    def once(self, expression: Expression) -> Expression:
        """Sampling rewrites nothing."""
        return expression

    exhausted = once

    def renamed(self, replace: Callable[[Side], Side]) -> Sampling:
        """Sampling is about no expression in particular."""
        return self


sampling = Sampling()
