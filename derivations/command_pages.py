"""Checking pages from the command line: with progress, and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from derivations.catalogue import catalogue
from derivations.render_text import WIDTH, styled_failure
from derivations.sheet import sheet
from derivations.verdicts import ORDER

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from derivations.render_text import Styled
    from derivations.verdicts import Evidence, Report


def checked(pages: list[str], seed: int, console: Console) -> Iterator[tuple[str, Report]]:
    """Each page with its report; a progress bar while there is a terminal to show it on."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    place = console if console.is_terminal else Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=place, transient=True, disable=not place.is_terminal) as bar:
        whole = bar.add_task("pages", total=len(pages))
        for page in pages:
            lines = bar.add_task(page.split("/")[-1][:40], total=None)

            def advance(done: int, total: int, lines: TaskID = lines) -> None:
                bar.update(lines, completed=done, total=total)

            report = catalogue[page].check(seed=seed, progress=advance)
            bar.remove_task(lines)
            bar.advance(whole)
            yield page, report


def failures(page: str, report: Report) -> list[Styled]:
    """The lines that do not pass, in full, each after the line it should follow from."""
    lines: list[Styled] = [[], [(page, "title")]]
    for chain in sheet(report.derivation, report).chains:
        for before, row in zip(chain.rows, chain.rows[1:], strict=False):
            if row.evidence is not None and row.evidence.verdict in ORDER[2:]:
                lines.extend(styled_failure(before, row))
    for place, found in enumerate(report.claims, start=1):
        if found.verdict in ORDER[2:]:
            text = f"  claim {place} {found}"
            wrapped = textwrap.wrap(text, WIDTH, subsequent_indent=" " * 4)
            lines.extend([(line, found.verdict)] for line in wrapped)
    return lines


def pages_as_dicts(reports: dict[str, Report]) -> list[dict[str, Any]]:
    """Every page as a mapping with its lines and its claims, each with its verdict."""
    return [{"page": page, **_page_as_dict(report)} for page, report in reports.items()]


def page_as_json(report: Report) -> str:
    """One checked derivation as JSON."""
    return json.dumps(_page_as_dict(report), indent=2)


def _page_as_dict(report: Report) -> dict[str, Any]:
    return {
        "title": report.derivation.title,
        "verdict": report.verdict,
        "passed": report.passed,
        "seed": report.seed,
        **({"accuracy": report.accuracy.errors} if report.accuracy is not None else {}),
        "counts": report.counts(),
        "lines": [
            {"number": row.number, "relation": row.relation, "line": str(row.line),
             "by": [reason.name for reason in row.by], **_as_dict(row.evidence)}
            for row in sheet(report.derivation, report).rows
            if row.evidence is not None
        ],
        "claims": [_as_dict(found) for found in report.claims],
    }  # fmt: skip


def _as_dict(found: Evidence) -> dict[str, object]:
    return {
        "verdict": found.verdict,
        "method": found.method,
        "reason": found.reason,
        "points": found.points,
        "counterexample": found.counterexample,
    }
