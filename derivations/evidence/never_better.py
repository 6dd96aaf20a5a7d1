"""An optimum that no random competitor of its own domain beats."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    At,
    Fixed,
    Mathematics,
    Unknown,
    fixed,
    inserted,
    mathematics,
    ordered,
    points,
)
from derivations.evidence.random_data import at_points
from derivations.evidence.stating import assignments, where
from derivations.verdicts import Evidence
from symbolic import Expression
from symbolic.errors import UnsupportedError
from symbolic.traverse import substitute, variables

_COMPETITORS = 40


@dataclass(frozen=True)
class NeverBetter:
    """f at x = point is at most (or at least) f at any other x of its domain."""

    f: Mathematics
    x: Unknown
    point: Mathematics
    kind: str
    at: Fixed
    name: str = "random competitors"

    @property
    def statement(self) -> Statement:
        """What is never better."""
        better = "below" if self.kind == "minimum" else "above"
        reached = assignments(((self.x, self.point),))
        return ("no other", self.x, "takes", self.f, better, "its value at", *reached,
                *where(self.at))  # fmt: skip

    def run(self, seed: int) -> Evidence:
        """Enclose both values for random competitors and data."""
        f = inserted(self.f, self.at)
        best_x = inserted(self.point, self.at)
        best = (
            substitute(f, {self.x: best_x}) if isinstance(f, Expression) else f.subs(self.x, best_x)
        )
        low, high = (best, f) if self.kind == "minimum" else (f, best)
        found = list(points([f, best], self.at, seed, _COMPETITORS))
        held = "none of the competitors is better"
        return at_points(low, high, found, lambda p: ordered(low, high, p), self.name, held)


def never_better(
    f: Mathematics,
    x: Unknown,
    point: Mathematics,
    kind: str = "minimum",
    at: At | None = None,
) -> NeverBetter:
    """No random x of its own domain gives a better f than x = point.

    >>> from symbolic import log, ones, sum, vector
    >>> p = vector("p", 4, domain="prob")
    >>> never_better(-sum(p * log(p)), p, ones(4) / 4, kind="maximum").run(seed=0).verdict
    'verified'
    """
    if kind not in ("minimum", "maximum"):
        raise UnsupportedError(f"kind={kind!r}", "no such kind", "use 'minimum' or 'maximum'")
    f = mathematics(f)
    inside = variables(f) if isinstance(f, Expression) else f.free_symbols
    if x not in inside:
        raise UnsupportedError(f"never_better({f}, {x})", "it does not depend on it", "give f of x")
    return NeverBetter(f, x, mathematics(point), kind, fixed(at))
