"""What checking a document found, for a person and for a program."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derivations.rendering.text import Styled
    from derivations.verification.documents.scope import Definition

WIDTH = 80
VERDICTS = ("refuted", "undecided", "verified", "proved", "stated", "skipped")
_SHORTEST = 24  # columns of a reason beside a long path; else it begins below
_LABEL = 14  # columns
_ENTRIES = 12  # numbers of one variable that are shown
_STARTS = 50  # characters of a formula that is right


@dataclass(frozen=True)
class Finding:
    """One formula, or one declaration that cannot be read.

    verdict  the worst of its lines: "refuted", "undecided", "verified", "proved"; "stated" when it
             only defines or poses; "skipped" when it has no meaning that can be checked
    reason   one sentence
    line     of the document, or of cell number `cell` of a notebook; of the first wrong line
    lines    what was found for each relation, with its line of the document as "line"
    given    what was declared for it
    notes    readings that were taken
    uses     the definitions of earlier displays and sentences that it rests on
    """

    verdict: str
    reason: str
    text: str
    line: int
    cell: int = 0
    lines: tuple[dict[str, Any], ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    uses: tuple[Definition, ...] = ()

    @property
    def place(self) -> str:
        """The line, and the cell before it in a notebook."""
        return f"cell {self.cell}:{self.line}" if self.cell else str(self.line)

    def as_dict(self) -> dict[str, Any]:
        """Everything as strings, numbers, lists and mappings, as JSON has them."""
        return {
            "line": self.line,
            "cell": self.cell or None,
            "verdict": self.verdict,
            "reason": self.reason,
            "text": self.text,
            "given": dict(self.given),
            "notes": list(self.notes),
            "uses": [{"name": each.name, "line": each.place} for each in self.uses],
            "lines": list(self.lines),
        }


@dataclass(frozen=True)
class DocumentReport:
    """All findings in a document."""

    path: Path
    findings: tuple[Finding, ...]
    seed: int = 0

    def counts(self) -> dict[str, int]:
        """How many formulas have each verdict, those without any left out."""
        found = [finding.verdict for finding in self.findings]
        return {each: found.count(each) for each in VERDICTS if each in found}

    @property
    def passed(self) -> bool:
        """Whether nothing is refuted or undecided."""
        return self.passes()

    def passes(self, *, undecided: bool = False, skipped: bool = True) -> bool:
        """Whether nothing is refuted; undecided and skipped formulas pass as the arguments say."""
        for finding in self.findings:
            if finding.verdict == "refuted" or (finding.verdict == "undecided" and not undecided):
                return False
            if not skipped and finding.verdict == "skipped":
                return False
        return True

    def as_dict(self) -> dict[str, Any]:
        """Everything as strings, numbers, lists and mappings, as JSON has them."""
        return {
            "path": str(self.path),
            "passed": self.passed,
            "seed": self.seed,
            "counts": self.counts(),
            "formulas": [finding.as_dict() for finding in self.findings],
        }

    def __str__(self) -> str:
        from derivations.rendering.text import as_plain

        lines = [line for each in self.findings for line in styled_finding(self.path, each)]
        return as_plain([*lines, *styled_summary([self], True)])


def styled_finding(path: Path, finding: Finding) -> Iterator[Styled]:
    """A finding in lines of at most 80 columns, but for a long path."""
    head = printable(f"{path}:{finding.place}: ")
    if finding.verdict in ("proved", "verified"):
        yield [(head, "title"), (finding.verdict, finding.verdict), (_start(finding.text), "faint")]
        return
    reason = printable(_short_reason(finding))
    taken = len(head) + len(finding.verdict) + 2
    below = WIDTH - taken < _SHORTEST
    start = " " * (4 if below else taken)
    lines = textwrap.wrap(
        reason, WIDTH, initial_indent=start, subsequent_indent=" " * 4, break_on_hyphens=False
    )
    beside = "" if below else " " + lines.pop(0).strip()
    yield [(head, "title"), (finding.verdict, finding.verdict), (":" + beside, "")]
    yield from ([(line, "")] for line in lines)
    if finding.verdict in ("refuted", "undecided"):
        for label, text, is_formula in _details(finding):
            said = printable(" ".join(text.split()))
            room = WIDTH - _LABEL
            parts = _formula_lines(said, room) if is_formula else textwrap.wrap(said, room)
            for number, part in enumerate(parts):
                yield [(f"    {label if not number else '':<{_LABEL - 4}}", "faint"), (part, "")]


def _start(text: str) -> str:
    """How a formula begins, for a line that says no more of it."""
    plain = printable(" ".join(re.sub(r"\\(?:begin|end|label)\s*\{[^{}]*\}|&", " ", text).split()))
    return "  " + (plain if len(plain) <= _STARTS else plain[: _STARTS - 3] + "...")


def _short_reason(finding: Finding) -> str:
    """The reason, where the values below do not say the same."""
    line = _first(finding)
    found = (line["verification"] or {}) if line is not None else {}
    compared = line is not None and line["reading"] in ("equality", "derivative")
    if finding.verdict == "refuted" and compared and found.get("counterexample"):
        return "its sides differ"
    return finding.reason


def _first(finding: Finding) -> dict[str, Any] | None:
    """The first line that does not pass; of an undecided formula, perhaps one that is not read."""
    return next((each for each in finding.lines if each["verdict"] == finding.verdict), None)


def _formula_lines(text: str, room: int) -> list[str]:
    """A formula in lines, broken at spaces; before a command where a piece without spaces is too long."""
    pieces = [
        part
        for word in text.split()
        for part in ([word] if len(word) <= room else re.findall(r"\\?[^\\]+|\\+", word))
    ]
    return textwrap.wrap(" ".join(pieces), room, break_on_hyphens=False, subsequent_indent="  ")


def printable(text: str) -> str:
    """The text with what a terminal could obey made question marks."""
    return "".join(each if each.isprintable() else "?" for each in text)


def _details(finding: Finding) -> Iterator[tuple[str, str, bool]]:
    """Labels and texts of the first line that does not pass, and whether a text is a formula."""
    line = _first(finding)
    if line is None and finding.text:
        yield "formula", finding.text[:300], True
    elif line is not None:
        yield "written", line["text"], True
        found = line["verification"] or {}
        for mistake in found.get("mistakes", ()):
            yield "slip", f"{mistake['kind']}: {mistake['detail']}", False
        if line["repaired"]:
            yield "repaired", line["repaired"], True
        for assumption in found.get("right_if", ()):
            yield "right if", assumption, False
        if found.get("counterexample"):
            yield from _counterexample(found["counterexample"])
        for note in dict.fromkeys(line["notes"]):
            yield "note", note, False
    for note in finding.notes:
        yield "note", note, False
    if finding.uses:
        yield (
            "uses",
            ", ".join(f"{each.name} ({each.where})" for each in finding.uses),
            False,
        )


def _counterexample(found: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    values = [f"{letter} = {number}" for letter, number in found["sizes"].items()]
    values += [f"{name} = {_shown(value)}" for name, value in found["point"].items()]
    yield "at", ", ".join(values) or "every point", False
    where = f"in entry {found['entry']}: " if found["entry"] else ""
    yield "values", f"{where}written {found['claimed']}, right {found['correct']}", False


def _shown(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    parts = [_shown(each) for each in value[:_ENTRIES]]
    return "[" + ", ".join(parts) + ", ..." * (len(value) > _ENTRIES) + "]"


def styled_summary(reports: Sequence[DocumentReport], verbose: bool) -> Iterator[Styled]:
    """The counts of each document, in one line each."""
    for report in reports:
        counts = report.counts()
        total = sum(counts.values())
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        hint = "" if verbose or not counts.get("skipped") else " (--verbose tells why)"
        text = f"{printable(str(report.path))}: {total} formula{'s' * (total != 1)}"
        text += f": {told}{hint}" if told else ""
        worst = next((each for each in VERDICTS if each in counts), "")
        yield from (
            [(line, worst)] for line in textwrap.wrap(text, WIDTH, subsequent_indent="    ")
        )
