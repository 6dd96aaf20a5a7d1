"""Executing reasons: does applying these rules to this line give that line?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from symbolic.algebra.normal import equal_by_algebra
from symbolic.calculus.rules import algebra
from symbolic.nodes import Expression


@runtime_checkable
class Reason(Protocol):
    """What a step may be justified by: something that rewrites an expression."""

    @property
    def name(self) -> str:
        """A short name, shown beside the step."""

    @property
    def statement(self) -> str:
        """What it says."""

    def once(self, expression: Expression) -> Expression:
        """Applied wherever it applies, in one pass."""

    def exhausted(self, expression: Expression) -> Expression:
        """Applied until it applies nowhere."""

    def renamed(self, replace: Callable[[Expression], Expression]) -> Reason:
        """The same reason about other expressions."""


def leads_to(before: Expression, after: Expression, reasons: Sequence[Reason]) -> bool:
    """Whether the reasons, applied to `before` in their order, give `after`.

    Every reason must change the expression. Results are compared by algebra, names written out, so
    that only the step itself needs a reason and not the bookkeeping around it.
    """
    if before is after or before.shape != after.shape:
        return False
    return any(equal_by_algebra(each, after) for each in reached(before, reasons))


def reached(before: Expression, reasons: Sequence[Reason]) -> list[Expression]:
    """The expressions to which the reasons lead, applied in their order."""
    found = [before]
    for reason in reasons:
        if reason is not algebra:
            found = list(dict.fromkeys(each for line in found for each in applied(reason, line)))
    return found


def applied(reason: Reason, line: Expression) -> list[Expression]:
    """What a reason makes of a line, exhausted and in one pass; nothing where it does not apply."""
    results = (reason.exhausted(line), reason.once(line))
    return [result for result in dict.fromkeys(results) if result is not line]
