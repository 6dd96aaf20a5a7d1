"""A derivation as Markdown, with mathematics between dollar signs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import starmap
from typing import TYPE_CHECKING

from derivations.derivation import Derivation
from derivations.evidence.experiment import joined
from derivations.languages import latex_of
from derivations.pages.links import linked_pages
from derivations.rendering.latex import align_block, align_lines
from derivations.rendering.sheet import (
    Sheet,
    claim_latex,
    line_latex,
    sampling,
    shape_words,
    sheet,
    summary,
)

if TYPE_CHECKING:
    from derivations.evidence.experiment import Experiment
    from derivations.verdicts import Evidence, Report

_SAFE = ((r"\{", r"\lbrace "), (r"\}", r"\rbrace "), (r"\|", r"\Vert "), ("|", r"\vert "))


def markdown(derivation: Derivation, report: Report | None = None, *, index: bool = False) -> str:
    """The derivation as Markdown: each chain one `align*` block, the evidence a table."""
    page = sheet(derivation, report)
    parts = [f"# {derivation.title}"]
    if derivation.why:
        parts.append(derivation.why)
    parts.extend(_given(page))
    if derivation.names:
        rows = (
            (_inline(f"{line_latex(node)} = {line_latex(node.meaning, index=index)}"),
             shape_words(node.shape), page.comments.get(node.name, ""))
            for node in derivation.names
        )  # fmt: skip
        parts += ["**Where**", _table(("definition", "shape", "meaning"), rows)]
    parts.append("**Claim**" if len(derivation.claims) == 1 else "**Claims**")
    claims = [claim_latex(claim, index=index) for claim in derivation.claims]
    parts.append(_display(align_lines(claims)))
    if page.differentiates:
        parts.append(f"{page.layout}.")
    for chain in page.chains:
        parts.append(f"## {chain.heading or 'Derivation'}")
        parts.append(_display(align_block((chain,), headings=False, index=index)))
    parts.extend(_evidence(page))
    if derivation.source:
        parts.append(f"Source: {derivation.source}")
    for heading, pages in linked_pages(derivation.id):
        parts.append(f"{heading}: " + "; ".join(f"{title} (`{id}`)" for id, title in pages))
    return "\n\n".join(parts) + "\n"


def _given(page: Sheet) -> Iterator[str]:
    rows = [(_inline(each.latex), each.shape, each.meaning, each.comment) for each in page.given]
    if rows:
        yield "**Given**"
        yield _table(("symbol", "shape", "domain", "meaning"), rows)


def _evidence(page: Sheet) -> Iterator[str]:
    if page.report is None and not page.experiments:
        return
    yield "## Evidence"
    if page.experiments:
        yield "\n".join(starmap(_experiment, page.experiments))
    if page.report is None:
        return
    yield f"{summary(page.report).capitalize()}. {sampling(page.report)}."
    rows = (
        (label, found.verdict,
         found.reason + (f"; `{found.counterexample}`" if found.counterexample else ""))
        for label, found in page.findings
    )  # fmt: skip
    yield _table(("line", "verdict", "evidence"), rows)


def _experiment(experiment: Experiment, found: Evidence | None) -> str:
    """One item of a list: what was checked and what was found."""
    said = joined(experiment.statement, str, lambda part: _inline(latex_of(part)))
    if found is None:
        return f"- *{experiment.name}*: {said}"
    more = f"; `{found.counterexample}`" if found.verdict == "refuted" else ""
    return f"- *{experiment.name}*: {said}  \n  **{found.verdict}**: {found.reason}{more}"


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
