"""Checked pages for a person and for a program: what does not pass in full, and everything as JSON."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from derivations.evidence.experiment import in_words
from derivations.languages import text_of
from derivations.rendering.sheet import sheet
from derivations.rendering.text import WIDTH, styled_failure
from derivations.rendering.wrapping import wrapped
from derivations.rules.table import given_by, suggestions
from derivations.statements import Equation
from derivations.verdicts import ORDER

if TYPE_CHECKING:
    from derivations.derivation import Derivation
    from derivations.rendering.sheet import Row
    from derivations.rendering.text import Styled
    from derivations.verdicts import Evidence, Report

_FAILS = ORDER[2:]
_INDENT = " " * 10


def failures(page: str, report: Report) -> list[Styled]:
    """The lines that do not pass, in full, each after the line it should follow from."""
    lines: list[Styled] = [[], [(page, "title")]]
    laid_out = sheet(report.derivation, report)
    for chain in laid_out.chains:
        for before, row in zip(chain.rows, chain.rows[1:], strict=False):
            if row.evidence is not None and row.evidence.verdict in _FAILS:
                lines.extend(styled_failure(before, row))
                lines.extend(_hint(before, row, report.derivation))
    for place, claim in enumerate(report.claims, start=1):
        lines.extend(_failing(f"claim {place}", claim))
    for experiment, found in laid_out.experiments:
        if found is not None:
            lines.extend(_failing(experiment.name, found))
    return lines if len(lines) > 2 else []


def _hint(before: Row, row: Row, derivation: Derivation) -> list[Styled]:
    """By what an undecided line would follow; else what the reasons make of the line before."""
    asked = (
        row.evidence is not None
        and row.evidence.verdict == "undecided"
        and row.relation == "equals"
    )
    if not asked or isinstance(before.line, Equation) or isinstance(row.line, Equation):
        return []
    found = suggestions(before.line, row.line, row.by, derivation.facts)
    if found:
        return [[(f"{_INDENT}it follows by={each}", "proved")] for each in found]
    gives = given_by(before.line, row.by, derivation.facts)
    if gives is None:
        return []
    names = ", ".join(reason.name for reason in row.by)
    head, *lines = [f"{_INDENT}{names} gives", *wrapped(text_of(gives), WIDTH - len(_INDENT) - 2)]
    return [[(head, "faint")], *([(f"{_INDENT}  {line}", "faint")] for line in lines)]


def _failing(what: str, found: Evidence) -> list[Styled]:
    if found.verdict not in _FAILS:
        return []
    text = [f"  {what} {found}", *(f"    {line}" for line in found.counterexample.splitlines())]
    return [
        [(line, found.verdict)]
        for part in text
        for line in textwrap.wrap(part, WIDTH, subsequent_indent=" " * 4)
    ]


def page_as_json(report: Report) -> str:
    """One checked derivation as JSON."""
    return json.dumps(page_as_dict(report), indent=2)


def page_as_dict(report: Report) -> dict[str, Any]:
    """A checked page as a mapping with its lines, claims and experiments, each with its verdict."""
    laid_out = sheet(report.derivation, report)
    return {
        "title": report.derivation.title,
        "verdict": report.verdict,
        "passed": report.passed,
        "seed": report.seed,
        **({"accuracy": report.accuracy.errors} if report.accuracy is not None else {}),
        "counts": report.counts(),
        "lines": [
            {"number": row.number, "relation": row.relation, "line": row.text,
             "by": [reason.name for reason in row.by], **_as_dict(row.evidence)}
            for row in laid_out.rows
            if row.evidence is not None
        ],
        "claims": [_as_dict(found) for found in report.claims],
        "experiments": [
            {"name": experiment.name, "statement": in_words(experiment.statement), **_as_dict(found)}
            for experiment, found in laid_out.experiments
            if found is not None
        ],
    }  # fmt: skip


def _as_dict(found: Evidence) -> dict[str, object]:
    return {
        "verdict": found.verdict,
        "method": found.method,
        "reason": found.reason,
        "points": found.points,
        "counterexample": found.counterexample,
    }
