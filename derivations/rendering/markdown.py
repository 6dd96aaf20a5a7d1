"""A derivation as Markdown, with mathematics between dollar signs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from derivations.derivation import Derivation
from derivations.pages.links import linked_pages
from derivations.rendering.latex import align_block, align_lines
from derivations.rendering.prose import prose
from derivations.rendering.sheet import (
    Sheet,
    claim_latex,
    line_latex,
    sampling,
    shape_words,
    sheet,
    summary,
)
from derivations.rendering.spans import spans, written

if TYPE_CHECKING:
    from collections.abc import Collection

    from derivations.evidence.experiment import Experiment
    from derivations.verdicts import Evidence, Report

_SAFE = ((r"\{", r"\lbrace "), (r"\}", r"\rbrace "), (r"\|", r"\Vert "), ("|", r"\vert "))


def markdown(derivation: Derivation, report: Report | None = None, *, index: bool = False) -> str:
    """The derivation as Markdown: each chain one `align*` block, the evidence a table."""
    page = sheet(derivation, report)
    parts = [f"# {_said(derivation.title, page.names)}"]
    if derivation.why:
        parts.append(_said(derivation.why, page.names))
    parts.extend(_given(page))
    if derivation.names:
        rows = (
            (_inline(f"{line_latex(node)} = {line_latex(node.meaning, index=index)}"),
             shape_words(node.shape), _said(page.comments.get(node.name, ""), page.names))
            for node in derivation.names
        )  # fmt: skip
        parts += ["**Where**", _table(("definition", "shape", "meaning"), rows)]
    parts.append("**Claim**" if len(derivation.claims) == 1 else "**Claims**")
    claims = [claim_latex(claim, index=index) for claim in derivation.claims]
    parts.append(_display(align_lines(claims)))
    if page.differentiates:
        parts.append(f"{page.layout}.")
    for chain in page.chains:
        parts.append(f"## {_said(chain.heading or 'Derivation', page.names)}")
        parts.append(_display(align_block((chain,), headings=False, index=index)))
    parts.extend(_evidence(page))
    if derivation.source:
        parts.append(f"Source: {derivation.source}")
    for heading, pages in linked_pages(derivation.id):
        parts.append(
            f"{heading}: "
            + "; ".join(f"{_said(each.title, each.names)} (`{each.id}`)" for each in pages)
        )
    return "\n\n".join(parts) + "\n"


def _given(page: Sheet) -> Iterator[str]:
    rows = [
        (_inline(each.latex), each.shape, each.meaning, _said(each.comment, page.names))
        for each in page.given
    ]
    if rows:
        yield "**Given**"
        yield _table(("symbol", "shape", "domain", "meaning"), rows)


def _evidence(page: Sheet) -> Iterator[str]:
    if page.report is None and not page.experiments:
        return
    yield "## Evidence"
    if page.experiments:
        yield "\n".join(_experiment(*each, page.names) for each in page.experiments)
    if page.report is None:
        return
    yield f"{summary(page.report).capitalize()}. {sampling(page.report)}."
    rows = (
        (label, found.verdict,
         found.reason + (f"; `{found.counterexample}`" if found.counterexample else ""))
        for label, found in page.findings
    )  # fmt: skip
    yield _table(("line", "verdict", "evidence"), rows)


def _experiment(experiment: Experiment, found: Evidence | None, names: Collection[str]) -> str:
    """One item of a list: what was checked and what was found."""
    said = written(spans(experiment.statement, names), str, _inline)
    if found is None:
        return f"- *{experiment.name}*: {said}"
    more = f"; `{found.counterexample}`" if found.verdict == "refuted" else ""
    return f"- *{experiment.name}*: {said}  \n  **{found.verdict}**: {_said(found.reason, names)}{more}"


def _said(text: str, names: Collection[str]) -> str:
    """Prose with its formulas between dollar signs."""
    return written(prose(text, names), str, _inline)


def _inline(formula: str) -> str:
    r"""A formula in a line of text; `\{` and `|` would be read as Markdown first."""
    for command, safe in _SAFE:
        formula = formula.replace(command, safe)
    return f"${formula}$"


def _display(formula: str) -> str:
    return f"$$\n{formula}\n$$"


def _table(head: tuple[str, ...], rows: object) -> str:
    lines = [head, tuple("---" for _ in head), *rows]  # type: ignore[misc]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    )
