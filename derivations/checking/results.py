"""What is known of a checked page: data without live objects, so that it can be kept and sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from derivations.verdicts import PASSING

if TYPE_CHECKING:
    from derivations.rendering.text import Styled
    from derivations.verdicts import Report


@dataclass(frozen=True)
class PageResult:
    """The verdicts of a page, and the text that shows what does not pass."""

    page: str
    details: dict[str, Any]  # every line and claim with its verdict, as `--json` prints it
    failures: list[Styled] = field(default_factory=list)
    cached: bool = False

    @property
    def verdict(self) -> str:
        """The verdict of the report."""
        return str(self.details["verdict"])

    @property
    def passed(self) -> bool:
        """Whether nothing is refuted or undecided."""
        return self.verdict in PASSING

    @property
    def counts(self) -> dict[str, int]:
        """How many steps have each verdict."""
        return dict(self.details["counts"])

    @property
    def sampled(self) -> int:
        """How many steps pass only because values at random points do not contradict them."""
        return sum(
            line["verdict"] == "verified" and line["method"] == "sampled"
            for line in self.details["lines"]
        )

    def as_data(self) -> dict[str, Any]:
        """The result as JSON can hold it."""
        return {"page": self.page, "details": self.details, "failures": self.failures}


def from_data(data: dict[str, Any], *, cached: bool = False) -> PageResult:
    """The result that `as_data` wrote."""
    failures = [[(text, style) for text, style in line] for line in data["failures"]]
    return PageResult(data["page"], data["details"], failures, cached)


def result_of(page: str, report: Report) -> PageResult:
    """What a report says of a page."""
    from derivations.commands.checked_pages import failures, page_as_dict

    return PageResult(page, page_as_dict(report), failures(page, report))


def broken(page: str, why: str, seed: int) -> PageResult:
    """The result of a page that could not be checked: undecided, with the reason."""
    import textwrap

    reason = {"verdict": "undecided", "method": "page", "reason": why, "points": 0,
              "counterexample": ""}  # fmt: skip
    details = {"title": page, "verdict": "undecided", "passed": False, "seed": seed,
               "counts": {}, "lines": [], "claims": [reason]}  # fmt: skip
    text = textwrap.wrap(f"undecided: {why}", 78, break_on_hyphens=False)
    lines: list[Styled] = [[(f"  {line}", "undecided")] for line in text]
    return PageResult(page, details, [[], [(page, "title")], *lines])
