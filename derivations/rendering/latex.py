r"""A derivation as LaTeX: an `align*` block, or a whole article, that needs amsmath alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from derivations.derivation import Derivation
from derivations.pages.links import linked_pages
from derivations.rendering.breaking import broken as broken_formula
from derivations.rendering.breaking import width
from derivations.rendering.latex_text import escaped
from derivations.rendering.latex_tree import Node, read_latex, words_touch
from derivations.rendering.prose import prose
from derivations.rendering.sheet import (
    RELATION_LATEX,
    Chain,
    Row,
    Sheet,
    claim_latex,
    line_latex,
    row_latex,
    sampling,
    sheet,
    summary,
)
from derivations.rendering.spans import Span, spans, spans_of, written

if TYPE_CHECKING:
    from derivations.evidence.experiment import Experiment
    from derivations.verdicts import Evidence, Report

_PAGE = 48.0  # em that a line of the article has
_LEAST_ROOM = 16.0
_NARROW = 8.0  # a start no wider than this stands before the first relation
_RULES = (56, 44, 32)  # characters of a rule's name on one line: the most that the lines leave
_GAP = 3.5  # em between the columns
_LETTER = 0.45  # em that a letter of a name takes, about

_PREAMBLE = r"""\documentclass{article}
\usepackage{amsmath}
\setlength{\textwidth}{17cm}
\setlength{\oddsidemargin}{-5mm}
\setlength{\topmargin}{-15mm}
\setlength{\textheight}{24cm}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\allowdisplaybreaks
\sloppy
\begin{document}
"""


def align(derivation: Derivation, report: Report | None = None, *, index: bool = False) -> str:
    r"""The lines as one `align*` block: relations aligned, the rule of each at the right margin.

    With a report the verdict follows the rule. `index` writes sums over indices instead of products
    of matrices.
    """
    page = sheet(derivation, report)
    return align_block(page.chains, index=index, names=page.names)


def align_block(
    chains: tuple[Chain, ...],
    *,
    headings: bool = True,
    index: bool = False,
    article: bool = False,
    names: Collection[str] = (),
) -> str:
    r"""Some chains as one `align*` block, each under its heading unless `headings` is false.

    In an article no page starts within a step (`\\*`), and a line too wide for its column reaches over
    the next one (`\rlap`); the renderers of Markdown know neither.
    """
    room, most = _measures(chains, index)
    within = r"\\*" if article else r"\\"
    parts = []
    for chain in chains:
        head = rf"\intertext{{{said(chain.heading, names)}}}" if chain.heading and headings else ""
        rows = " \\\\\n".join(
            f" {within}\n".join(_rows(step, room, article))
            for step in _chain(chain, room, most, index)
        )
        parts.append(f"{head}\n{rows}".strip())
    body = parts[0]
    for part in parts[1:]:
        body += "\n" + part if part.startswith(r"\intertext") else " \\\\[6pt]\n" + part
    return _mathbf("\\begin{align*}\n" + body + "\n\\end{align*}")


def document(derivation: Derivation, report: Report | None = None, *, index: bool = False) -> str:
    """A complete article: title, given, where, claim, the lines, evidence and source."""
    page = sheet(derivation, report)
    parts = [
        _PREAMBLE + rf"\section*{{{said(derivation.title, page.names)}}}",
        *(said(each, page.names) for each in derivation.why.split("\n\n") if each),
        *_given(page),
        *_where(page, index),
        rf"\subsection*{{{'Claim' if len(derivation.claims) == 1 else 'Claims'}}}",
        _sized(align_lines([claim_latex(claim, index=index) for claim in derivation.claims])),
        *([escaped(f"{page.layout}.")] if page.differentiates else []),
        r"\subsection*{Derivation}",
        align_block(page.chains, index=index, article=True, names=page.names),
        *_evidence(page),
    ]
    if derivation.source:
        parts.append(r"\subsection*{Source}" + "\n" + escaped(derivation.source))
    for heading, pages in linked_pages(derivation.id):
        titles = " \\\\\n".join(said(each.title, each.names) for each in pages)
        parts.append(rf"\subsection*{{{heading}}}" + "\n" + titles)
    return _mathbf("\n\n".join(parts) + "\n\\end{document}\n")


def _mathbf(source: str) -> str:
    r"""The source without \mathbb, which amsmath does not have."""
    return source.replace(r"\mathbb{", r"\mathbf{")


# --- the lines -----------------------------------------------------------------------------------


def _measures(chains: tuple[Chain, ...], index: bool) -> tuple[float, int]:
    """The em that a line may take, and the characters of a rule's name beside it."""
    rows = [row for chain in chains for row in chain.rows]
    starts = [width(line_latex(chain.rows[0].line, index=index)) for chain in chains]
    left = max([start for start in starts if start <= _NARROW], default=2.0)
    widest = max(width(row_latex(row, index=index)) for row in rows)
    for most in _RULES:
        rules = max((part.length for row in rows for part in _rule(row, most)), default=0)
        room = _PAGE - _GAP - left - _LETTER * rules
        if room >= widest:
            break
    return max(room, _LEAST_ROOM), most


_Parts = tuple[str, str, str]  # what stands before a line, the line, and the rule beside it


@dataclass(frozen=True)
class _Words:
    """Words with formulas as LaTeX, and how many characters wide they are."""

    latex: str = ""
    length: float = 0


def _chain(chain: Chain, room: float, most: int, index: bool) -> Iterator[list[_Parts]]:
    """The rows of each step."""
    first, *rest = chain.rows
    start = line_latex(first.line, index=index)
    joins = bool(rest) and rest[0].relation != "implies" and width(start) <= _NARROW
    if not joins:
        yield [(_head("&", place), line, "") for place, line in enumerate(broken(start, room))]
    for place, row in enumerate(rest):
        yield list(_row(row, start if joins and place == 0 else "", room, most, index))


def _row(row: Row, start: str, room: float, most: int, index: bool) -> Iterator[_Parts]:
    relation = RELATION_LATEX[row.relation]
    left = f"{relation}\\quad &" if row.relation == "implies" else f"{start} &{relation}".strip()
    lines = broken(row_latex(row, index=index), room)
    rules = _rule(row, most)
    if width(lines[-1]) > room and len(rules) < len(lines) + 1:
        rules = [_Words()] * (len(lines) + 1 - len(rules)) + rules
    beside = [rule.latex for rule in rules]
    for place, (line, rule) in enumerate(zip_longest(lines, beside, fillvalue="")):
        yield _head(left, place) if line else "&", line, rule


def _head(left: str, place: int) -> str:
    return left if place == 0 else "&\\qquad"


def _rows(step: list[_Parts], room: float, article: bool) -> Iterator[str]:
    for head, line, rule in step:
        lapped = article and width(line) > room
        shown = rf"\rlap{{$\displaystyle {line}$}}" if lapped else line
        tail = rf" && \text{{{rule}}}".replace(r"\text{}", "") if rule else ""
        yield f"{head} {shown}".rstrip() + tail


def _rule(row: Row, most: int) -> list[_Words]:
    """The number, the names of the rules and the verdict, in short lines."""
    if not row.number:
        return []
    text: list[Span] = [f"({row.number})"]
    for place, (name, _) in enumerate(row.reasons):
        text += [", " if place else " ", *spans_of(name)]
    if row.evidence is not None:
        text.append(f": {row.evidence.verdict}")
    lines = [_Words()]
    for word in _words(text):
        line = lines[-1]
        if line.latex and line.length + 1 + word.length > most:
            lines.append(word)
            continue
        blank = " " if line.latex else ""
        lines[-1] = _Words(line.latex + blank + word.latex, line.length + len(blank) + word.length)
    return lines


def _words(text: Iterable[Span]) -> Iterator[_Words]:
    """What a line may be broken between: words, and formulas with what follows without a blank."""
    waiting = _Words()
    for span in text:
        if not isinstance(span, str):
            size = width(span.latex) / _LETTER
            outside = rf"}}{spaced(span.latex)}\text{{"  # the words stand in \text{...}
            waiting = _Words(waiting.latex + outside, waiting.length + size)
            continue
        for place, word in enumerate(span.split(" ")):
            if place and waiting.latex:
                yield waiting
                waiting = _Words()
            waiting = _Words(waiting.latex + escaped(word), waiting.length + len(word))
    if waiting.latex:
        yield waiting


def said(text: str, names: Collection[str]) -> str:
    """Prose with its formulas between dollar signs."""
    return written(prose(text, names), escaped, inline)


def align_lines(formulas: list[str]) -> str:
    """Formulas below one another as an `align*` block, long ones broken."""
    rows: list[str] = []
    for formula in formulas:
        lines = broken(formula, _PAGE - 6)
        rows.extend(f"{_head('&', place)} {line}" for place, line in enumerate(lines))
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"


def _sized(block: str) -> str:
    """A block in smaller letters where a line of it is wider than the page."""
    widest = max(width(line.replace("&", " ")) for line in block.split("\n"))
    for size, factor in (("", 1.0), ("\\small", 0.9), ("\\footnotesize", 0.8)):
        if widest * factor <= _PAGE:
            return f"{{{size}\n{block}\n}}" if size else block
    return "{\\scriptsize\n" + block + "\n}"


# --- the rest of the article ----------------------------------------------------------------------


def _given(page: Sheet) -> Iterator[str]:
    rows = [
        f"${each.latex}$ & {escaped(each.meaning)} & {said(each.comment, page.names)}"
        for each in page.given
        if each.shape
    ]
    if rows:
        yield r"\subsection*{Given}"
        table = " \\\\\n".join(rows)
        yield "\\begin{tabular}{@{}lp{4.2cm}p{7.2cm}@{}}\n" + table + "\n\\end{tabular}"
    conditions = [each for each in page.given if not each.shape]
    if conditions:
        yield r"\subsection*{Assumptions}"
    for each in conditions:
        shown = " ".join(f"$\\displaystyle {part}$" for part in broken(each.latex, _PAGE))
        comment = rf" \qquad {said(each.comment, page.names)}" if each.comment else ""
        yield shown + comment


def _where(page: Sheet, index: bool) -> Iterator[str]:
    if not page.derivation.names:
        return
    yield r"\subsection*{Where}"
    rows = []
    for node in page.derivation.names:
        first, *rest = broken(line_latex(node.meaning, index=index), _PAGE - 20)
        note = page.comments.get(node.name, "")
        words = rf"\text{{{said(note, page.names)}}}"
        beside = note and max(map(width, (first, *rest))) <= _PAGE - 20
        rows.append(f"{line_latex(node)} &= {first}" + (f" && {words}" if beside else ""))
        rows.extend(rf"&\qquad {line}" for line in rest)
        if note and not beside:
            rows.append(rf"&\qquad \rlap{{{words}}}")
    yield _sized("\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}")


def _evidence(page: Sheet) -> Iterator[str]:
    if page.report is None and not page.experiments:
        return
    yield r"\subsection*{Evidence}"
    yield from (_experiment(*each, page) for each in page.experiments)
    if page.report is None:
        return
    yield escaped(f"{summary(page.report).capitalize()}. {sampling(page.report)}.")
    items = []
    for label, found in page.findings:
        more = f"; {found.counterexample}" if found.counterexample else ""
        items.append(rf"\item[{escaped(label)}] {escaped(str(found) + more)}")
    if items:
        yield (
            "\\begin{itemize}\n\\setlength{\\itemsep}{0pt}\n"
            + "\n".join(items)
            + "\n\\end{itemize}"
        )


def _experiment(experiment: Experiment, found: Evidence | None, page: Sheet) -> str:
    """What was checked and what was found, as one paragraph."""
    stated = statement_latex(spans(experiment.statement, page.names))
    words = rf"\textit{{{escaped(experiment.name)}}}: {stated}"
    if found is None:
        return rf"{{\raggedright {words}\par}}"
    outcome = f"{found}; {found.counterexample}" if found.verdict == "refuted" else str(found)
    return rf"{{\raggedright {words} \\ {said(outcome, page.names)}\par}}"


def statement_latex(found: Iterable[Span]) -> str:
    """Words, and formulas between dollar signs, of which LaTeX may break each.

    >>> import sympy
    >>> statement_latex(spans(("goes as", sympy.Symbol("h") ** 2)))
    'goes as $h^{2}$'
    """
    return written(
        found, escaped, lambda formula: " ".join(map(inline, broken(formula, _PAGE / 2)))
    )


def inline(formula: str) -> str:
    """A formula in a paragraph; one with sums is set as in display, which is narrower."""
    formula = spaced(formula)
    return rf"$\displaystyle {formula}$" if r"\sum" in formula else f"${formula}$"


def broken(source: str, room: float) -> list[str]:
    """A formula in lines, names of several letters apart from what stands beside them."""
    return [spaced(line) for line in broken_formula(source, room)]


def spaced(formula: str) -> str:
    r"""A formula with a thin space where a name of several letters stands beside a factor.

    >>> spaced(r"\beta \mathrm{margin}")
    '\\beta \\, \\mathrm{margin}'
    """
    for place in sorted(_touching(read_latex(formula)), reverse=True):
        formula = rf"{formula[:place]}\, {formula[place:]}"
    return formula


def _touching(nodes: tuple[Node, ...]) -> Iterator[int]:
    """Where in the source a factor begins that a name of several letters would touch."""
    for before, node in pairwise(nodes):
        if words_touch(before, node):
            yield node.start
    for node in nodes:
        side_by_side = node.kind in ("row", "fence")
        for parts in (node.parts,) if side_by_side else ((part,) for part in node.parts):
            yield from _touching(parts)
