"""A derivation as HTML that needs no network: formulas are MathML, which browsers typeset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

import sympy

from derivations.derivation import Derivation
from derivations.evidence.experiment import joined
from derivations.languages import latex_of
from derivations.pages.links import linked_pages
from derivations.rendering.breaking import pieces, width
from derivations.rendering.mathml import mathml
from derivations.rendering.sheet import (
    RELATION_LATEX,
    Declared,
    Row,
    Sheet,
    claim_latex,
    line_latex,
    row_latex,
    sampling,
    shape_words,
    sheet,
    summary,
)
from derivations.rendering.style import PAGE_STYLE, STYLE

if TYPE_CHECKING:
    from derivations.evidence.experiment import Experiment, Statement
    from derivations.verdicts import Evidence, Report

_ROOM = 30.0  # em that a piece of a line may take before its brackets are opened
_CLAIM_ROOM = 46.0  # of a claim, which has no reason beside it
_NARROW_ROOM = 15.5  # em of a piece on a telephone
_SAID_BY_THE_SET = ("real", "whole number", "holds", "positive", "nonnegative", "greater than zero")
_SMALLEST = 0.5  # of its size, to which a piece is set that cannot be broken


def fragment(derivation: Derivation, report: Report | None = None, *, index: bool = False) -> str:
    """The derivation as one `<article>` with its own style, for notebooks."""
    return f"<style>{STYLE}</style>\n{_body(sheet(derivation, report), index)}"


def page(derivation: Derivation, report: Report | None = None, *, index: bool = False) -> str:
    """The derivation as a complete HTML document."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(derivation.title)}</title>\n<style>{PAGE_STYLE}{STYLE}</style>\n</head>\n"
        f"<body>\n{_body(sheet(derivation, report), index)}\n</body>\n</html>\n"
    )


def _body(page: Sheet, index: bool) -> str:
    derivation = page.derivation
    parts = ['<article class="chainrule">', f"<h2>{escape(derivation.title)}</h2>"]
    if derivation.id:
        parts.append(f'<div class="cr-id">{escape(derivation.id)}</div>')
    parts.extend(f"<p>{escape(each)}</p>" for each in derivation.why.split("\n\n") if each)
    parts.extend(_given(page))
    parts.extend(_where(page, index))
    parts.extend(_claims(page, index))
    for chain in page.chains:
        heading = chain.heading or ("Derivation" if chain is page.chains[0] else "")
        parts.append(f"<h3>{escape(heading)}</h3>" if heading else "")
        parts.append('<div class="cr-chain">')
        parts.extend(_row(row, index) for row in chain.rows)
        parts.append("</div>")
    parts.extend(_evidence(page))
    parts.extend(_rules(page))
    parts.extend(_foot(page))
    parts.append("</article>")
    return "\n".join(parts)


def _given(page: Sheet) -> Iterator[str]:
    defining = {latex_of(each) for each in page.derivation.given if _defines(each)}
    conditions = [each for each in page.given if not each.shape]
    yield from _declarations("Given", (each for each in page.given if each.shape))
    yield from _declarations("Where", (each for each in conditions if each.latex in defining))
    yield from _declarations("Assumptions", (e for e in conditions if e.latex not in defining))


def _defines(given: object) -> bool:
    """Whether a condition says what a symbol stands for."""
    return isinstance(given, sympy.Eq) and isinstance(given.lhs, sympy.Symbol)


def _declarations(heading: str, given: Iterable[Declared]) -> Iterator[str]:
    rows = [
        f"<div>{mathml(each.latex)}</div><div>{_meaning(each)}</div>"
        for each in given
    ]  # fmt: skip
    if rows:
        style = " cr-where" if heading == "Where" else ""
        yield f'<h3>{heading}</h3>\n<div class="cr-grid{style}">'
        yield from rows
        yield "</div>"


def _meaning(declared: Declared) -> str:
    """The comment beside a declaration, and what is known of it unless its set says that."""
    said = declared.meaning in _SAID_BY_THE_SET and declared.shape != "function"
    known = "" if said or declared.meaning == "real" else declared.meaning
    parts = [escape(declared.comment)] if declared.comment else []
    if known:
        parts.append(f'<span class="cr-faint">{escape(known)}</span>')
    return ", ".join(parts)


def _where(page: Sheet, index: bool) -> Iterator[str]:
    if not page.derivation.names:
        return
    yield '<h3>Where</h3>\n<div class="cr-grid cr-where">'
    for node in page.derivation.names:
        formula = f"{line_latex(node)} = {line_latex(node.meaning, index=index)}"
        shape = shape_words(node.shape)
        note = page.comments.get(node.name) or shape
        yield (
            f'<div class="cr-math">{_formula(formula)}</div>'
            f'<div title="{escape(shape)}">{escape(note)}</div>'
        )
    yield "</div>"


def _claims(page: Sheet, index: bool) -> Iterator[str]:
    claims = page.derivation.claims
    yield f"<h3>{'Claim' if len(claims) == 1 else 'Claims'}</h3>"
    yield '<div class="cr-claims">'
    for place, claim in enumerate(claims):
        shown = claim_latex(claim, index=index)
        yield f'<div class="cr-math">{_formula(shown, _CLAIM_ROOM)}</div>'
        if page.report is not None and place < len(page.report.claims):
            yield from _explained(page.report.claims[place])
    yield "</div>"
    if page.differentiates:
        yield f'<p class="cr-note">{escape(page.layout)}.</p>'


# --- formulas -------------------------------------------------------------------------------------


def _formula(source: str, room: float = _ROOM) -> str:
    """A formula as pieces between which the browser may break the line.

    One with a piece that is too wide for a telephone is there twice, of which the style shows one.
    """
    wide = pieces(source, room)
    if max(map(width, wide)) <= _NARROW_ROOM:
        return f"<span>{_pieces(wide, room)}</span>"
    narrow = _pieces(pieces(source, _NARROW_ROOM), _NARROW_ROOM)
    return (
        f'<span class="cr-wide">{_pieces(wide, room)}</span>'
        f'<span class="cr-narrow" aria-hidden="true">{narrow}</span>'
    )


def _pieces(parts: list[str], room: float) -> str:
    return "<wbr>".join(
        f'<span class="cr-piece"{_shrunk(part, room)}>{mathml(part, continued=place > 0)}</span>'
        for place, part in enumerate(parts)
    )


def _shrunk(piece: str, room: float) -> str:
    """A smaller size for a piece that is too wide and cannot be broken."""
    needed = width(piece)
    if needed <= room:
        return ""
    return f' style="font-size: {max(room / needed, _SMALLEST):.2f}em"'


def _row(row: Row, index: bool) -> str:
    number = f"({row.number})" if row.number else ""
    relation = RELATION_LATEX[row.relation]
    reasons = {reason.name: reason for reason in row.by}
    why = [
        f'<span title="{escape(_said(reason))}">{_breakable(name)}</span>'
        for name, reason in reasons.items()
    ]
    verdict = explained = ""
    if row.evidence is not None:
        verdict = _verdict(row.evidence.verdict)
        explained = "".join(_explained(row.evidence))
    return (
        f'<div class="cr-line{"" if row.number else " cr-first"}">'
        f'<div class="cr-number">{number}</div>'
        f'<div class="cr-relation">{mathml(relation) if relation else ""}</div>'
        f'<div class="cr-math" title="shape: {escape(shape_words(row.shape))}">'
        f"{_formula(row_latex(row, index=index))}</div>"
        f'<div class="cr-by"><div class="cr-why">{", ".join(why)}</div>'
        f'<div class="cr-seen">{verdict}</div></div>{explained}</div>'
    )


def _breakable(name: str) -> str:
    """A name that may be the path of a page: lines may break behind its parts."""
    return escape(name).replace("/", "/<wbr>").replace("_", "_<wbr>")


def _said(reason: object) -> str:
    """What a reason says, and on which condition."""
    statement = getattr(reason, "statement", "")
    condition = getattr(reason, "condition", "none")
    return statement if condition in ("", "none") else f"{statement}; condition: {condition}"


def _verdict(verdict: str) -> str:
    return f'<span class="cr-verdict cr-{verdict}">{verdict}</span>'


def _explained(evidence: Evidence) -> Iterator[str]:
    """Why a line does not pass, with the counterexample; nothing for one that does."""
    if evidence.verdict in ("proved", "verified"):
        return
    yield f'<div class="cr-explained cr-{evidence.verdict}">{escape(str(evidence))}'
    if evidence.counterexample:
        yield f"<br><code>{escape(evidence.counterexample)}</code>"
    yield "</div>"


# --- the foot -------------------------------------------------------------------------------------


def _evidence(page: Sheet) -> Iterator[str]:
    if page.report is None and not page.experiments:
        return
    yield "<h3>Evidence</h3>"
    if page.report is not None:
        said = summary(page.report)
        failed = "" if page.report.passed else f"{_verdict(page.report.verdict)}: "
        yield f"<p>{failed}{escape(said[0].upper() + said[1:])}.</p>"
    if page.experiments:
        yield '<ul class="cr-experiments">'
        yield from (_experiment(experiment, found) for experiment, found in page.experiments)
        yield "</ul>"
    if page.report is None:
        return
    opened = "" if page.report.passed else " open"
    yield f"<details{opened}><summary>Line by line</summary>\n<ul>"
    for label, found in page.findings:
        yield f"<li>{label} {_verdict(found.verdict)}: {escape(found.reason)}</li>"
    yield f'</ul>\n<p class="cr-faint">{escape(sampling(page.report))}.</p></details>'


def _experiment(experiment: Experiment, found: Evidence | None) -> str:
    said = f'<div><span class="cr-kind">{escape(experiment.name)}</span>'
    said += f"{_statement(experiment.statement)}</div>"
    if found is None:
        return f"<li>{said}</li>"
    outcome = f'<div class="cr-found">{_verdict(found.verdict)}: {escape(found.reason)}'
    if found.counterexample and found.verdict != "verified":
        outcome += f"<br><code>{escape(found.counterexample)}</code>"
    return f"<li>{said}{outcome}</div></li>"


def _statement(statement: Statement) -> str:
    """Words, and formulas of which each is one piece or several."""
    return joined(statement, escape, lambda part: _formula(latex_of(part)))


def _rules(page: Sheet) -> Iterator[str]:
    yield "<details><summary>Rules used, and their conditions</summary>\n<ul>"
    for reason in page.rules:
        yield f"<li><b>{escape(reason.name)}</b>: {escape(_said(reason))}</li>"
    yield "</ul></details>"


def _foot(page: Sheet) -> Iterator[str]:
    rows = [
        (heading, "<br>".join(f"{escape(title)} <code>{escape(id)}</code>" for id, title in pages))
        for heading, pages in linked_pages(page.derivation.id)
    ]
    if page.derivation.source:
        rows.insert(0, ("Source", escape(page.derivation.source)))
    if rows:
        yield '<dl class="cr-foot">'
        yield from (f"<dt>{heading}</dt><dd>{said}</dd>" for heading, said in rows)
        yield "</dl>"
