"""The reason of an inequality that no rule proves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derivations.languages import Side
from symbolic import Expression


@dataclass(frozen=True)
class Sampling:
    """The reason of an inequality that no rule proves: no violation of it was found."""

    name: str = "sampling"
    statement: str = "the order holds at many points, and at the lowest that walks downhill reach"
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
