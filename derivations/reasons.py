"""Reasons of a step in either language: read left to right, or right to left, and executed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from derivations.languages import Side, is_scalar, same
from symbolic import Expression
from symbolic.calculus import execution as tensors
from symbolic.errors import UnsupportedError
from symbolic.scalars import execution as scalars
from symbolic.scalars.facts import Facts

MOST_PAIRS = 2000  # pairs of lines compared where reasons lead both ways


@dataclass(frozen=True)
class RightToLeft:
    """A reason that is executed on the line after, and leads to the line before."""

    reason: Any

    @property
    def name(self) -> str:
        """The name of the reason."""
        name: str = self.reason.name  # it may be a phrase
        return name

    @property
    def statement(self) -> str:
        """What the reason says."""
        return str(self.reason.statement)

    @property
    def condition(self) -> str:
        """When the reason holds."""
        return str(getattr(self.reason, "condition", ""))

    @property
    def source(self) -> str:
        """Where the reason is from."""
        return str(getattr(self.reason, "source", ""))

    def renamed(self, replace: Callable[[Any], Any]) -> RightToLeft:
        """The same about other expressions."""
        return RightToLeft(self.reason.renamed(replace))

    def __repr__(self) -> str:
        return f"<right to left {self.reason!r}>"


def right_to_left(reason: Any) -> RightToLeft:
    """A rule, a claim or a page read from right to left: executed on the line after.

    >>> from symbolic import rules
    >>> right_to_left(rules.product_rule)
    <right to left <rule product rule: D(u v, x) = D(u, x) v + u D(v, x)>>
    """
    from derivations.derivation import as_reasons

    reasons = as_reasons(reason)
    if len(reasons) != 1:
        raise UnsupportedError(
            f"right_to_left({reason!r})",
            f"these are {len(reasons)} reasons",
            "read each of them from right to left",
        )
    return RightToLeft(reasons[0])


def leads_to(before: Side, after: Side, reasons: Sequence[Any], facts: Facts) -> bool:
    """Whether the reasons lead from one line to the next.

    Reasons read from right to left come last: they are executed on `after`, the last one first, and
    have to meet what the others make of `before`.
    """
    forward = [each for each in reasons if not isinstance(each, RightToLeft)]
    if any(isinstance(each, RightToLeft) for each in reasons[: len(forward)]):
        raise UnsupportedError(
            "a rule read from right to left before others",
            "it is executed on the line after",
            "give it last, or split the step",
        )
    backward = [each.reason for each in reversed(reasons[len(forward) :])]
    starts = reached(before, forward, facts)
    ends = reached(after, backward, facts)
    pairs = [(start, end) for start in starts for end in ends][:MOST_PAIRS]
    return before != after and any(same(start, end) for start, end in pairs)


def check_language(line: Side, reasons: Sequence[Any]) -> None:
    """Raise `UnsupportedError` unless every reason is one for lines of this language."""
    for reason in reasons:
        inner = reason.reason if isinstance(reason, RightToLeft) else reason
        wanted = ("results", "holds") if is_scalar(line) else ("exhausted", "holds")
        if not any(hasattr(inner, each) for each in wanted):
            raise UnsupportedError(
                f"by={reason!r}",
                "it is no rule for such lines",
                "use a rule of symbolic.scalars for SymPy, of symbolic.rules for tensors",
            )


def reached(line: Side, reasons: Sequence[Any], facts: Facts) -> list[Side]:
    """The lines to which reasons lead, applied in their order."""
    needed = "results" if is_scalar(line) else "exhausted"
    for reason in reasons:
        if not hasattr(reason, needed):
            raise UnsupportedError(
                f"by={reason!r}", "it rewrites nothing", "it is a reason for at_most or at_least"
            )
    if is_scalar(line):
        return list(scalars.reached(line, reasons, facts))
    assert isinstance(line, Expression)
    return list(tensors.reached(line, reasons))


__all__ = ["RightToLeft", "leads_to", "reached", "right_to_left"]
