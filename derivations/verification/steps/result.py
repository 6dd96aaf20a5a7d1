"""What the verification of a derivation found: one entry for each relation, and the first wrong one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from derivations.verification.result import Verification

CLAIMS = ("proved", "verified", "undecided", "refuted")  # from the best to the worst


@dataclass(frozen=True)
class LineVerification:
    """One relation of a derivation, checked.

    number        of the line it stands on, counted from 1
    text          the line as it was written; for a further relation on a line, from its sign on
    relation      "=", "<=", "<", ">=", ">", "~=", ...; "" for a line that only starts a chain
    reading       what the line was taken for: "definition", "equality", "derivative", "bound",
                  "equation", "solution", "implication", "start", or "unread"
    verdict       "proved", "verified", "refuted" or "undecided"; "stated" when there is nothing to
                  check (a definition, an equation to solve); "skipped" when it claims nothing exact
    reason        one sentence
    verification  values, points and slips behind the verdict; None when nothing was compared
    repaired      the right line where this one is wrong and the right one is known
    follows       the number of a wrong line from which this line follows
    """

    number: int
    text: str
    relation: str
    reading: str
    verdict: str
    reason: str
    verification: Verification | None = None
    repaired: str = ""
    follows: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the line is not wrong: right, or nothing that could be."""
        return self.verdict not in ("refuted", "undecided")

    def as_dict(self) -> dict[str, Any]:
        """Everything as strings, numbers, lists and mappings, as JSON has them."""
        return {
            "number": self.number,
            "text": self.text,
            "relation": self.relation,
            "reading": self.reading,
            "verdict": self.verdict,
            "reason": self.reason,
            "verification": None if self.verification is None else self.verification.as_dict(),
            "repaired": self.repaired,
            "follows": self.follows,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, repr=False)
class StepsVerification:
    """A derivation, checked line by line; prints itself with the verdicts at the right margin.

    `verdict` is the worst one of the lines that claim something; without any it is "undecided".
    """

    lines: tuple[LineVerification, ...]
    seed: int = 0

    @property
    def verdict(self) -> str:
        """The worst verdict of the lines that claim something."""
        claimed = [CLAIMS.index(line.verdict) for line in self.lines if line.verdict in CLAIMS]
        return CLAIMS[max(claimed)] if claimed else "undecided"

    @property
    def passed(self) -> bool:
        """Whether every line that claims something is proved or verified, and one does."""
        return self.verdict in ("proved", "verified")

    @property
    def first_wrong(self) -> LineVerification | None:
        """The first line that is refuted."""
        return next((line for line in self.lines if line.verdict == "refuted"), None)

    @property
    def summary(self) -> str:
        """One sentence: the verdict and where it comes from."""
        if not self.lines:
            return "undecided: there is no line"
        wrong = self.first_wrong
        if wrong is not None:
            return f"refuted: line {wrong.number} is wrong"
        counts = dict.fromkeys((*CLAIMS, "skipped"), 0)
        for line in self.lines:
            if line.verdict in counts:
                counts[line.verdict] += 1
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
        if not any(counts[each] for each in CLAIMS):
            return "undecided: no line claims anything" + (f" ({told})" if told else "")
        return f"{self.verdict}: {told}"

    def as_dict(self) -> dict[str, Any]:
        """Everything as strings, numbers, lists and mappings, as JSON has them."""
        wrong = self.first_wrong
        return {
            "verdict": self.verdict,
            "passed": self.passed,
            "summary": self.summary,
            "seed": self.seed,
            "first_wrong": None if wrong is None else wrong.number,
            "lines": [line.as_dict() for line in self.lines],
        }

    def to_json(self) -> str:
        """The answer as JSON."""
        return json.dumps(self.as_dict(), indent=2)

    def __str__(self) -> str:
        from derivations.verification.steps.rendering import as_text

        return as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from derivations.verification.steps.rendering import as_html

        return as_html(self)
