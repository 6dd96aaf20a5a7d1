"""What one relation turned out to be, before it is shown as a line."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.verification.result import Verification
from symbolic import Derivative, Expression


@dataclass(frozen=True)
class Outcome:
    """How a relation was read and judged.

    slope   the inert derivative that is claimed
    value   what the chain stands at afterwards; None leaves it where it was
    mended  whether the line is right although the one before it is wrong
    """

    reading: str
    verdict: str
    reason: str
    found: Verification | None = None
    repaired: Expression | None = None
    value: Expression | None = None
    notes: tuple[str, ...] = ()
    follows: int | None = None
    mended: bool = False
    slope: Derivative | None = None

    @property
    def passed(self) -> bool:
        """Whether the line is right."""
        return self.verdict in ("proved", "verified")


def stated(reading: str, reason: str) -> Outcome:
    """A line of which nothing can be checked."""
    return Outcome(reading, "stated", reason)


def undecided(reading: str, reason: str) -> Outcome:
    """A line of which nothing is known, and why."""
    return Outcome(reading, "undecided", reason)
