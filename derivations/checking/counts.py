"""How the steps of the catalogue are known, counted by topic: proved, verified, sampled.

Sampled steps are the weakest that pass: random points do not contradict them, and nothing more. A test
keeps their number from growing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derivations.catalogue import TOPICS

if TYPE_CHECKING:
    from derivations.checking.results import PageResult
    from derivations.rendering.text import Styled

_HEAD = ("pages", "steps", "proved", "", "verified", "sampled", "failing")
_WIDTHS = (5, 6, 7, 7, 9, 8, 8)
_NAME = 24


@dataclass(frozen=True)
class Counts:
    """Steps by what is known of them; each step counts once."""

    pages: int = 0
    proved: int = 0
    verified: int = 0
    sampled: int = 0
    failing: int = 0

    @property
    def steps(self) -> int:
        """All steps."""
        return self.proved + self.verified + self.sampled + self.failing

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.pages + other.pages,
            self.proved + other.proved,
            self.verified + other.verified,
            self.sampled + other.sampled,
            self.failing + other.failing,
        )

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return {"pages": self.pages, "steps": self.steps, "proved": self.proved,
                "verified": self.verified, "sampled": self.sampled, "failing": self.failing}  # fmt: skip


def counts_of(result: PageResult) -> Counts:
    """The steps of one page; what fails beside its steps counts as one more that does."""
    found = result.counts
    steps, proved = sum(found.values()), found.get("proved", 0)
    verified = found.get("verified", 0) - result.sampled
    failing = steps - proved - verified - result.sampled or int(not result.passed)
    return Counts(1, proved, verified, result.sampled, failing)


def by_topic(results: Iterable[PageResult]) -> dict[str, Counts]:
    """The counts of each topic that has results, in the order of the topics."""
    found: dict[str, Counts] = {}
    for result in results:
        topic = result.page.rpartition("/")[0]
        found[topic] = found.get(topic, Counts()) + counts_of(result)
    return {topic: found[topic] for topic in [*TOPICS, *found] if topic in found}


def styled_counts(results: Iterable[PageResult]) -> list[Styled]:
    """A table with a row for each topic, and one for all."""
    topics = by_topic(results)
    whole = sum(topics.values(), Counts())
    rows = [_row(TOPICS.get(topic, topic), counts) for topic, counts in topics.items()]
    head = " " * _NAME + "".join(
        word.rjust(width) for word, width in zip(_HEAD, _WIDTHS, strict=True)
    )
    return [[(head, "faint")], *rows, [], *([_row("All topics", whole)] if len(rows) > 1 else [])]


def _row(name: str, counts: Counts) -> Styled:
    share = f"{100 * counts.proved / counts.steps:.0f} %" if counts.steps else "-"
    cells = (counts.pages, counts.steps, counts.proved, share, counts.verified, counts.sampled,
             counts.failing)  # fmt: skip
    styles = ("", "", "proved", "proved", "verified", "undecided", "refuted")
    row: Styled = [(f"{name[: _NAME - 1]:<{_NAME}}", "")]
    for cell, width, style in zip(cells, _WIDTHS, styles, strict=True):
        row.append((str(cell).rjust(width), style if cell else "faint"))
    return row
