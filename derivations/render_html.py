"""A derivation as HTML that needs no network: formulas are MathML, which browsers typeset."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from derivations.breaking import pieces
from derivations.derivation import Derivation
from derivations.mathml import mathml
from derivations.page_style import PAGE_STYLE, STYLE
from derivations.render_latex import function_latex
from derivations.sheet import (
    RELATION_LATEX,
    Row,
    Sheet,
    claim_latex,
    line_latex,
    membership_latex,
    sampling,
    shape_of,
    sheet,
    summary,
)
from symbolic.domains import domain_of

if TYPE_CHECKING:
    from derivations.verdicts import Evidence, Report

_ROOM = 30.0  # em that a piece of a line may take before its brackets are opened


def fragment(derivation: Derivation, report: Report | None = None, *, index: bool = False) -> str:
    """The derivation as one `<div>` with its own style, for notebooks."""
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
    parts = ['<div class="chainrule">', f"<h2>{escape(derivation.title)}</h2>"]
    if derivation.id:
        parts.append(f'<div class="cr-id">{escape(derivation.id)}</div>')
    parts.extend(f"<p>{escape(each)}</p>" for each in derivation.why.split("\n\n") if each)
    parts.extend(_given(page))
    parts.extend(_where(page, index))
    parts.append(f"<h3>{'Claim' if len(derivation.claims) == 1 else 'Claims'}</h3>")
    parts.append('<div class="cr-claims">')
    for place, claim in enumerate(derivation.claims):
        parts.append(f'<div class="cr-math">{_formula(claim_latex(claim, index=index))}</div>')
        if page.report is not None and place < len(page.report.claims):
            parts.extend(_explained(page.report.claims[place]))
    parts.append(f'</div>\n<p class="cr-faint">{escape(page.layout)}.</p>')
    for chain in page.chains:
        parts.append(f"<h3>{escape(chain.heading or 'Derivation')}</h3>")
        parts.extend(_row(row, index) for row in chain.rows)
    parts.extend(_evidence(page))
    parts.extend(_rules(page))
    if derivation.source:
        parts.append(f'<p class="cr-faint">Source: {escape(derivation.source)}</p>')
    parts.append("</div>")
    return "\n".join(parts)


def _given(page: Sheet) -> Iterator[str]:
    rows = [
        (membership_latex(variable), domain_of(variable.domain).meaning, variable.name)
        for variable in page.derivation.given
    ] + [(function_latex(name), "any differentiable function", name) for name in page.functions]
    if not rows:
        return
    yield '<h3>Given</h3>\n<div class="cr-grid cr-given">'
    for formula, domain, name in rows:
        yield (
            f"<div>{mathml(formula)}</div><div>{escape(domain)}</div>"
            f'<div class="cr-faint">{escape(page.comments.get(name, ""))}</div>'
        )
    yield "</div>"


def _where(page: Sheet, index: bool) -> Iterator[str]:
    if not page.derivation.names:
        return
    yield '<h3>Where</h3>\n<div class="cr-grid cr-where">'
    for node in page.derivation.names:
        formula = f"{line_latex(node)} = {line_latex(node.meaning, index=index)}"
        note = page.comments.get(node.name) or shape_of(node.shape)
        yield (
            f'<div class="cr-math">{_formula(formula)}</div>'
            f'<div class="cr-faint" title="{escape(shape_of(node.shape))}">{escape(note)}</div>'
        )
    yield "</div>"


def _formula(source: str) -> str:
    """A formula as pieces between which the browser may break the line."""
    return " ".join(
        f'<span class="cr-piece">{mathml(piece, continued=place > 0)}</span>'
        for place, piece in enumerate(pieces(source, _ROOM))
    )


def _row(row: Row, index: bool) -> str:
    number = f"({row.number})" if row.number else ""
    relation = RELATION_LATEX[row.relation]
    why = [
        f'<span title="{escape(_said(reason))}">{escape(reason.name)}</span>' for reason in row.by
    ]
    explained = ""
    verdict = ""
    if row.evidence is not None:
        verdict = f" {_verdict(row.evidence.verdict)}"
        explained = "".join(_explained(row.evidence))
    return (
        f'<div class="cr-line{"" if row.number else " cr-first"}">'
        f'<div class="cr-number">{number}</div>'
        f'<div class="cr-relation">{mathml(relation) if relation else ""}</div>'
        f'<div class="cr-math" title="shape: {escape(shape_of(row.shape))}">'
        f"{_formula(line_latex(row.line, index=index))}</div>"
        f'<div class="cr-why">{", ".join(why)}{verdict}</div>{explained}</div>'
    )


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


def _evidence(page: Sheet) -> Iterator[str]:
    if page.report is None:
        return
    opened = "" if page.report.passed else " open"
    yield f"<details{opened}><summary>Evidence: {_verdict(page.report.verdict)}, "
    yield f"{escape(summary(page.report))}</summary>\n<ul>"
    for label, found in page.findings:
        yield f"<li>{label} {_verdict(found.verdict)}: {escape(found.reason)}</li>"
    yield f'</ul>\n<p class="cr-faint">{escape(sampling(page.report))}.</p></details>'


def _rules(page: Sheet) -> Iterator[str]:
    yield "<details><summary>Rules used, and their conditions</summary>\n<ul>"
    for reason in page.rules:
        yield f"<li><b>{escape(reason.name)}</b>: {escape(_said(reason))}</li>"
    yield "</ul></details>"
