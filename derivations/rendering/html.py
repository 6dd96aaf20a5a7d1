"""A derivation as HTML that needs no network: formulas are MathML, which browsers typeset."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import sympy

from derivations.derivation import Derivation
from derivations.languages import latex_of
from derivations.pages.links import linked_pages
from derivations.rendering.breaking import pieces, width
from derivations.rendering.mathml import mathml
from derivations.rendering.prose import Formula, prose
from derivations.rendering.sheet import (
    RELATION_LATEX,
    Declared,
    Row,
    Sheet,
    claim_latex,
    line_latex,
    membership,
    row_latex,
    sampling,
    shape_words,
    sheet,
    summary,
)
from derivations.rendering.spans import Span, spans, spans_of
from derivations.rendering.style import PAGE_STYLE, STYLE

if TYPE_CHECKING:
    from derivations.evidence.experiment import Experiment
    from derivations.verdicts import Evidence, Report
    from symbolic import Named

_ROOM = 30.0  # em that a piece of a line may take before its brackets are opened
_CLAIM_ROOM = 46.0  # of a claim, which has no reason beside it
_NARROW_ROOM = 15.5  # em of a piece on a telephone
_SAID_BY_THE_SET = ("real", "whole number", "holds", "positive", "nonnegative", "greater than zero")
_UNBROKEN = 7.0  # em that a formula takes at most which stays on one line
_MARGIN_ROOM = 9.0  # em of a piece in the margin
_HYPHENED = re.compile(r"\b\w+-\w+\b(?!-)")
_PUNCTUATION = re.compile(r"[,.;:)!?]+")
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
    parts = ['<article class="chainrule">', f"<h2>{_said(derivation.title, page)}</h2>"]
    if derivation.id:
        parts.append(f'<div class="cr-id">{_breakable(derivation.id)}</div>')
    parts.extend(f"<p>{_said(each, page)}</p>" for each in derivation.why.split("\n\n") if each)
    parts.extend(_given(page))
    parts.extend(_where(page, index))
    parts.extend(_claims(page, index))
    for chain in page.chains:
        heading = chain.heading or ("Derivation" if chain is page.chains[0] else "")
        parts.append(f"<h3>{_said(heading, page)}</h3>" if heading else "")
        parts.append('<div class="cr-chain">')
        parts.extend(_row(row, page, index) for row in chain.rows)
        parts.append("</div>")
    parts.extend(_evidence(page))
    parts.extend(_rules(page))
    parts.extend(_foot(page))
    parts.append("</article>")
    return "\n".join(parts)


def _given(page: Sheet) -> Iterator[str]:
    defining = {latex_of(each) for each in page.derivation.given if _defines(each)}
    conditions = [each for each in page.given if not each.shape]
    where = [each for each in conditions if each.latex in defining]
    assumed = [each for each in conditions if each.latex not in defining]
    yield from _declarations("Given", [each for each in page.given if each.shape], page)
    yield from _declarations("Where", where, page)
    yield from _declarations("Assumptions", assumed, page)


def _defines(given: object) -> bool:
    """Whether a condition says what a symbol stands for."""
    return isinstance(given, sympy.Eq) and isinstance(given.lhs, sympy.Symbol)


def _declarations(heading: str, given: list[Declared], page: Sheet) -> Iterator[str]:
    if not given:
        return
    style = " cr-where" if heading == "Where" else ""
    yield f'<h3>{heading}</h3>\n<div class="cr-grid{style}">'
    for meaning, alike in groupby(given, lambda each: _meaning(each, page)):
        formulas = "".join(f"<div>{_formula(each)}</div>" for each in _joined(alike))
        yield f"<div>{formulas}</div><div>{meaning}</div>"
    yield "</div>"


def _joined(given: Iterable[Declared]) -> Iterator[str]:
    """What is given from one set as one formula; conditions each by itself."""
    for (place, shape), alike in groupby(given, lambda each: (each.place, each.shape)):
        symbols = [each.symbol for each in alike]
        yield from [membership(symbols, place)] if shape else symbols


def _meaning(declared: Declared, page: Sheet) -> str:
    """The comment beside a declaration, and what is known of it unless its set says that."""
    said = declared.meaning in _SAID_BY_THE_SET and declared.shape != "function"
    known = "" if said or declared.meaning == "real" else declared.meaning
    parts = [_said(declared.comment, page)] if declared.comment else []
    if known:
        parts.append(f'<span class="cr-faint">{escape(known)}</span>')
    return ", ".join(parts)


def _where(page: Sheet, index: bool) -> Iterator[str]:
    if not page.derivation.names:
        return
    yield '<h3>Where</h3>\n<div class="cr-grid cr-where">'
    for note, alike in groupby(page.derivation.names, lambda each: page.comments.get(each.name)):
        formulas = "".join(_definition(node, index) for node in alike)
        yield f"<div>{formulas}</div><div>{_said(note or '', page)}</div>"
    yield "</div>"


def _definition(node: Named, index: bool) -> str:
    formula = f"{line_latex(node)} = {line_latex(node.meaning, index=index)}"
    shape = escape(shape_words(node.shape))
    return f'<div class="cr-math" title="shape: {shape}">{_formula(formula)}</div>'


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


def _formula(source: str, room: float = _ROOM, *, tail: str = "") -> str:
    """A formula as pieces between which the browser may break the line.

    One with a piece that is too wide for a telephone is there twice, of which the style shows one.
    `tail` is punctuation that no break parts from it.
    """
    wide = _cut(source, room)
    if max(map(width, wide)) <= _NARROW_ROOM:
        return f"<span>{_pieces(wide, room, tail)}</span>"
    narrow = _pieces(_cut(source, _NARROW_ROOM), _NARROW_ROOM, tail)
    return (
        f'<span class="cr-wide">{_pieces(wide, room, tail)}</span>'
        f'<span class="cr-narrow" aria-hidden="true">{narrow}</span>'
    )


def _cut(source: str, room: float) -> list[str]:
    """A formula as pieces; a short one is never broken."""
    return [source] if width(source) <= _UNBROKEN else pieces(source, room)


def _pieces(parts: list[str], room: float, tail: str, *, display: bool = True) -> str:
    last = len(parts) - 1
    return "<wbr>".join(
        f'<span class="cr-piece"{_shrunk(part, room)}>'
        f"{mathml(part, display=display, continued=place > 0)}{tail * (place == last)}</span>"
        for place, part in enumerate(parts)
    )


def _small(source: str, room: float, tail: str, *, display: bool = False) -> str:
    """A formula in a line of words, as pieces between which the line may break."""
    parts = _cut(source, room)
    return f'<span class="cr-inline">{_pieces(parts, room, tail, display=display)}</span>'


def _woven(
    found: Iterable[Span], words: Callable[[str], str], formula: Callable[[str, str], str]
) -> str:
    """Words and formulas, punctuation behind a formula kept with it."""
    shown: list[str] = []
    waiting: Formula | None = None
    for span in found:
        text = span if isinstance(span, str) else ""
        tail = _PUNCTUATION.match(text)
        if waiting is not None:
            shown.append(formula(waiting.latex, tail.group() if tail else ""))
            text = text[tail.end() :] if tail else text
        shown.append(words(text))
        waiting = None if isinstance(span, str) else span
    return "".join(shown) + (formula(waiting.latex, "") if waiting is not None else "")


def _shrunk(piece: str, room: float) -> str:
    """A smaller size for a piece that is too wide and cannot be broken."""
    needed = width(piece)
    if needed <= room:
        return ""
    return f' style="font-size: {max(room / needed, _SMALLEST):.2f}em"'


def _row(row: Row, page: Sheet, index: bool) -> str:
    number = f"({row.number})" if row.number else ""
    relation = RELATION_LATEX[row.relation]
    last = len(row.reasons) - 1
    why = [
        f'<span title="{escape(_stated(reason))}">{_reason(name, page)}{"," * (place < last)}</span>'
        for place, (name, reason) in enumerate(row.reasons)
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
        f'<div class="cr-by"><div class="cr-why">{" ".join(why)}</div>'
        f'<div class="cr-seen">{verdict}</div></div>{explained}</div>'
    )


def _reason(name: str, page: Sheet) -> str:
    """The name of a rule or page, with its formulas small, broken where they are wide."""
    return _woven(
        spans_of(name, page.names),
        escape,
        lambda source, tail: _small(source, _MARGIN_ROOM, tail, display=True),
    )


def _said(text: str, page: Sheet) -> str:
    """Prose of the page with its formulas typeset."""
    return _prose(text, page.names)


def _prose(text: str, names: Collection[str]) -> str:
    """Prose with its formulas typeset, that of words with hyphens kept on one line."""
    return _woven(
        prose(text, names),
        _hyphened,
        lambda source, tail: _small(source, _NARROW_ROOM, tail),
    )


def _hyphened(words: str) -> str:
    return _HYPHENED.sub(r'<span class="cr-word">\g<0></span>', escape(words))


def _stated(reason: object) -> str:
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
        yield from (_experiment(*each, page) for each in page.experiments)
        yield "</ul>"
    if page.report is None:
        return
    opened = "" if page.report.passed else " open"
    yield f"<details{opened}><summary>Line by line</summary>\n<ul>"
    for label, found in page.findings:
        yield f"<li>{label} {_verdict(found.verdict)}: {_said(found.reason, page)}</li>"
    yield f'</ul>\n<p class="cr-faint">{escape(sampling(page.report))}.</p></details>'


def _experiment(experiment: Experiment, found: Evidence | None, page: Sheet) -> str:
    said = f'<div><span class="cr-kind">{escape(experiment.name)}</span>'
    said += f"{_stated_formulas(spans(experiment.statement, page.names))}</div>"
    if found is None:
        return f"<li>{said}</li>"
    outcome = f'<div class="cr-found">{_verdict(found.verdict)}: {_said(found.reason, page)}'
    if found.counterexample and found.verdict != "verified":
        outcome += f"<br><code>{escape(found.counterexample)}</code>"
    return f"<li>{said}{outcome}</div></li>"


def _stated_formulas(found: Iterable[Span]) -> str:
    """Words, and formulas of which each is one piece or several."""
    return _woven(found, escape, lambda source, tail: _formula(source, tail=tail))


def _breakable(page_id: str) -> str:
    """The id of a page: lines may break behind its parts."""
    return escape(page_id).replace("/", "/<wbr>").replace("_", "_<wbr>")


def _rules(page: Sheet) -> Iterator[str]:
    yield "<details><summary>Rules used, and their conditions</summary>\n<ul>"
    for reason in page.rules:
        yield f"<li><b>{_reason(reason.name, page)}</b>: {escape(_stated(reason))}</li>"
    yield "</ul></details>"


def _foot(page: Sheet) -> Iterator[str]:
    rows = [
        (
            heading,
            "<br>".join(
                f"{_prose(each.title, each.names)} <code>{_breakable(each.id)}</code>"
                for each in pages
            ),
        )
        for heading, pages in linked_pages(page.derivation.id)
    ]
    if page.derivation.source:
        rows.insert(0, ("Source", escape(page.derivation.source)))
    if rows:
        yield '<dl class="cr-foot">'
        yield from (f"<dt>{heading}</dt><dd>{said}</dd>" for heading, said in rows)
        yield "</dl>"
