"""Executing reasons on SymPy lines: what applying these rules to a line gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import sympy

from symbolic.scalars.elementary import algebra
from symbolic.scalars.facts import Facts

MOST_LINES = 400  # that several reasons may lead to


@runtime_checkable
class ScalarReason(Protocol):
    """What a step between SymPy lines may be justified by: something that rewrites a line."""

    @property
    def name(self) -> str:
        """A short name, shown beside the step."""

    @property
    def statement(self) -> str:
        """What it says."""

    def results(self, line: sympy.Basic, facts: Facts) -> tuple[sympy.Basic, ...]:
        """What it makes of a line; nothing where it does not apply."""


def reached(
    before: sympy.Basic, reasons: Sequence[ScalarReason], facts: Facts
) -> tuple[sympy.Basic, ...]:
    """The lines to which the reasons lead, applied in their order."""
    found: tuple[sympy.Basic, ...] = (before,)
    for reason in reasons:
        if reason is algebra:
            continue
        further = (each for line in found for each in reason.results(line, facts))
        found = tuple(dict.fromkeys(further))[:MOST_LINES]
    return found
