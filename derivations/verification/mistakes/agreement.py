"""Whether a suspicion holds: by algebra, or by enclosures at rational points."""

from __future__ import annotations

from contextlib import suppress

from derivations.verification.equality.points import collect_evidence
from derivations.verification.mistakes.points import FAILURES
from symbolic.algebra.normal import equal_by_algebra
from symbolic.nodes import Expression
from symbolic.traverse import unfold

_POINTS = 3


def agree(first: Expression, second: Expression, seed: int) -> bool:
    """Whether equality is proved, or enclosures agree at all points; what cannot be decided is not.

    Corners of branches are not sought out, as they are for a verdict: float values of both sides
    have agreed before.
    """
    with suppress(*FAILURES):
        if equal_by_algebra(first, second):
            return True
        found = collect_evidence(unfold(first), unfold(second), seed, _POINTS)
        clear = found.refuted is None and not found.doubt and not found.one_sided
        return clear and found.agreed > 0
    return False
