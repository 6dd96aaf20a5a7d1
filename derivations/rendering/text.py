"""A derivation as text of at most 80 columns, each part with a style that a terminal can colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from derivations.derivation import RELATIONS, Derivation
from derivations.evidence.experiment import in_words
from derivations.pages.links import linked_pages
from derivations.rendering.sheet import Row, Sheet, sampling, shape_words, sheet, summary
from derivations.rendering.wrapping import wrapped

if TYPE_CHECKING:
    from derivations.evidence.experiment import Experiment
    from derivations.verdicts import Evidence, Report

WIDTH = 80
_MARGIN = 10  # columns for the number and the relation
_VERDICT = 11  # columns for the verdict, where there is one
_SHORTEST_RIGHT = 24

Styled = list[tuple[str, str]]  # a line: its parts, each with the name of a style


def plain(derivation: Derivation, report: Report | None = None, *, shapes: bool = False) -> str:
    """The derivation as plain text, no line longer than 80 characters.

    Lines are numbered; the rule and, with a report, the verdict stand at the right margin. With
    `shapes` the shape of each line stands before its rule.
    """
    return as_plain(styled(derivation, report, shapes=shapes))


def report_text(report: Report) -> str:
    """What a check found: the verdict, the counts, and one line for each step."""
    return as_plain(styled_report(report))


def as_plain(lines: list[Styled]) -> str:
    """Styled lines without their styles."""
    return "\n".join("".join(part for part, _ in line).rstrip() for line in lines)


def styled(
    derivation: Derivation, report: Report | None = None, *, shapes: bool = False
) -> list[Styled]:
    """The derivation as styled lines."""
    page = sheet(derivation, report)
    lines: list[Styled] = [[(each, "title")] for each in textwrap.wrap(derivation.title, WIDTH)]
    lines.append([("=" * max(len(line[0][0]) for line in lines), "faint")])
    if derivation.id:
        lines.append([(derivation.id, "faint")])
    for paragraph in derivation.why.split("\n\n") if derivation.why else ():
        lines.append([])
        lines.extend([(each, "")] for each in textwrap.wrap(paragraph, WIDTH))
    lines.extend(_given(page))
    lines.extend(_where(page))
    lines.extend(_claims(page))
    longest = max((len(row.evidence.verdict) for row in page.rows if row.evidence), default=0)
    for chain in page.chains:
        lines.append([])
        heading = textwrap.wrap(chain.heading or "Steps", WIDTH)
        lines.extend([(each, "heading")] for each in heading)
        for row in chain.rows:
            lines.extend(_row(row, shapes, longest))
    lines.extend(_foot(page))
    return lines


def _given(page: Sheet) -> Iterator[Styled]:
    rows = [
        (each.name, each.shape, each.meaning, each.comment) for each in page.given if each.shape
    ]
    yield from _symbols(rows)
    conditions = [each for each in page.given if not each.shape]
    if conditions:
        yield from ([], [("Assumptions", "heading")])
    for each in conditions:
        *lines, last = wrapped(each.name, WIDTH - 2)
        yield from ([(f"  {line}", "")] for line in lines)
        yield from _beside("  ", [last], [(each.comment, "faint")] if each.comment else [])


def _symbols(rows: list[tuple[str, str, str, str]]) -> Iterator[Styled]:
    if not rows:
        return
    yield from ([], [("Given", "heading")])
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        left = "  " + "  ".join(cells) + "  "
        notes = textwrap.wrap(row[3], max(WIDTH - len(left), _SHORTEST_RIGHT)) or [""]
        if len(left) > WIDTH - _SHORTEST_RIGHT and row[3]:
            text = f"  {left.strip()}  {row[3]}"
            yield from ([(e, "")] for e in textwrap.wrap(text, WIDTH, subsequent_indent=" " * 6))
            continue
        yield [(left, ""), (notes[0], "faint")]
        yield from ([(" " * len(left), ""), (note, "faint")] for note in notes[1:])


def _where(page: Sheet) -> Iterator[Styled]:
    names = page.derivation.names
    if not names:
        return
    yield from ([], [("Where", "heading")])
    widest = max(len(node.name) for node in names)
    for node in names:
        head = f"  {node.name.ljust(widest)} = "
        note = page.comments.get(node.name, "")
        shape = shape_words(node.shape)
        right: Styled = [(f"{shape}  {note}" if note else shape, "faint")]
        yield from _beside(head, wrapped(str(node.meaning), WIDTH - len(head)), right)


def _claims(page: Sheet) -> Iterator[Styled]:
    yield from ([], [("Claim" if len(page.derivation.claims) == 1 else "Claims", "heading")])
    for place, claim in enumerate(page.derivation.claims):
        yield from ([(f"  {line}", "")] for line in wrapped(str(claim), WIDTH - 2))
        if page.report is not None and place < len(page.report.claims):
            yield from _explained(page.report.claims[place], "    ")
    if not page.differentiates:
        return
    note = f"D(u, x) is the derivative of u by x. {page.layout}."
    yield from ([(f"  {line}", "faint")] for line in textwrap.wrap(note, WIDTH - 2))


def _row(row: Row, shapes: bool, longest: int) -> Iterator[Styled]:
    number = f"({row.number})" if row.number else ""
    head = f"{number:>5} {RELATIONS[row.relation]:>2}  "
    right: Styled = []
    if shapes:
        right.append((shape_words(row.shape), "shape"))
    if row.by:
        right.append((", ".join(name for name, _ in row.reasons), "rule"))
    if row.evidence is not None:
        right.append((row.evidence.verdict.ljust(longest), row.evidence.verdict))
    yield from _beside(head, wrapped(row.text, WIDTH - _MARGIN), right)
    if row.evidence is not None:
        yield from _explained(row.evidence, " " * _MARGIN)


def styled_failure(before: Row, row: Row) -> Iterator[Styled]:
    """A line that does not pass, below the line it should follow from."""
    yield []
    yield from _row(Row(before.number, before.relation, before.line, (), None), False, 0)
    yield from _row(row, False, 0)


def _beside(head: str, lines: list[str], right: Styled) -> Iterator[Styled]:
    """Lines after a head; `right` at the right margin of the last, or below it for want of room."""
    indent = " " * len(head)
    for place, line in enumerate(lines[:-1]):
        yield [(head if place == 0 else indent, ""), (line, "")]
    left = (head if len(lines) == 1 else indent) + lines[-1]
    width = sum(len(part) for part, _ in right) + 2 * len(right)
    if len(left) + width <= WIDTH:
        yield [(left, ""), (" " * (WIDTH - len(left) - width), ""), *_spaced(right)]
        return
    yield [(left, "")]
    if width <= WIDTH - len(head):
        yield [(" " * (WIDTH - width), ""), *_spaced(right)]
        return
    for part, style in right:
        for line in textwrap.wrap(part, WIDTH - len(head)):
            yield [(" " * (WIDTH - len(line)), ""), (line, style)]


def _spaced(right: Styled) -> Styled:
    return [each for part in right for each in (("  ", ""), part)]


def _explained(evidence: Evidence, indent: str) -> Iterator[Styled]:
    """Why a line does not pass, in full; nothing for one that does."""
    if evidence.verdict in ("proved", "verified"):
        return
    said = [f"{evidence.verdict}: {evidence.reason}"]
    if evidence.counterexample:
        said += evidence.counterexample.splitlines()
    for text in said:
        for line in textwrap.wrap(
            text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  "
        ):
            yield [(line, evidence.verdict)]


def _foot(page: Sheet) -> Iterator[Styled]:
    if page.report is not None or page.experiments:
        yield from ([], [("Evidence", "heading")])
    if page.report is not None:
        yield [("  ", ""), (summary(page.report), page.report.verdict)]
        yield from _wrapped(f"{sampling(page.report)}.")
        for found in page.report.claims[len(page.derivation.claims) :]:
            yield from _explained(found, "  ")
    for experiment, outcome in page.experiments:
        yield from _experiment(experiment, outcome)
    if page.derivation.source:
        yield from ([], [("Source", "heading")])
        yield from _wrapped(page.derivation.source)
    for heading, pages in linked_pages(page.derivation.id):
        yield from ([], [(heading, "heading")])
        for each in pages:
            yield from _wrapped(f"{each.id}: {each.title}")


def _wrapped(text: str, style: str = "") -> Iterator[Styled]:
    lines = textwrap.wrap(text, WIDTH - 2, subsequent_indent="  ")
    yield from ([(f"  {line}", style)] for line in lines)


def _experiment(experiment: Experiment, found: Evidence | None) -> Iterator[Styled]:
    """What was checked, and below it what was found."""
    yield from _wrapped(as_ascii(f"{experiment.name}: {in_words(experiment.statement)}"))
    if found is not None:
        (first, *rest) = textwrap.wrap(as_ascii(str(found)), WIDTH - 6)
        verdict = found.verdict
        yield [("      ", ""), (verdict, verdict), (first.removeprefix(verdict), "faint")]
        yield from ([(f"      {line}", "faint")] for line in rest)
        if verdict != "verified":
            yield from ([(f"      {line}", verdict)]
                        for line in textwrap.wrap(found.counterexample, WIDTH - 6))  # fmt: skip


_ASCII = {"→": "->", "←": "<-", "≠": "!=", "±": "+-", "≤": "<="}


def as_ascii(text: str) -> str:
    """Text with arrows and signs in plain characters, for terminals that have no others.

    >>> as_ascii("h → 0")
    'h -> 0'
    """
    for sign, plainly in _ASCII.items():
        text = text.replace(sign, plainly)
    return text


def styled_report(report: Report) -> list[Styled]:
    """What a check found, as styled lines."""
    page = sheet(report.derivation, report)
    name = report.derivation.id or report.derivation.title
    lines: list[Styled] = [[(line, "title")] for line in textwrap.wrap(name, WIDTH)]
    lines.append([("  ", ""), (summary(report), report.verdict)])
    for label, found in page.findings:
        lines.extend(_finding(label, found))
    for experiment, outcome in page.experiments:
        lines.extend(_experiment(experiment, outcome))
    if needed := "; ".join(map(str, report.derivation.needed)):
        text = textwrap.wrap(f"  assumes {needed}", WIDTH, subsequent_indent=" " * 10)
        lines.extend([(line, "")] for line in text)
    lines.extend([(line, "faint")] for line in textwrap.wrap(f"  {sampling(report)}.", WIDTH))
    return lines


def _finding(label: str, evidence: Evidence) -> Iterator[Styled]:
    head = f"  {label:<8} {evidence.verdict:<{_VERDICT}}"
    text = evidence.reason + (f"; {evidence.counterexample}" if evidence.counterexample else "")
    for place, line in enumerate(textwrap.wrap(text, WIDTH - len(head)) or [""]):
        if place:
            yield [(" " * len(head), ""), (line, "")]
        else:
            yield [(head[:-_VERDICT], ""), (head[-_VERDICT:], evidence.verdict), (line, "")]
