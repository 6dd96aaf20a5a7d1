"""Markdown: formulas and declaration comments, outside code.

Blocks come first, line by line: fences, indented code, front matter and quotes. Then what stands within
lines: code, HTML comments and elements whose content is no prose.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from derivations.verification.documents.mathematics import find_mathematics
from derivations.verification.documents.pieces import Lines, Piece, blanked, few

MARK = re.compile(
    r"\s*chainrule\s*(?::|(?=\s(?:skip|solve|forget)\b)|(?=\s\S{1,40}\s*[:=]))", re.IGNORECASE
)

_FENCE = re.compile(
    r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<marks>`{3,}|~{3,})(?P<info>[^\n]*)"
)
_MATH_FENCE = re.compile(r"\s*\{?math\}?\s*$")
_LIST_ITEM = re.compile(r"[ \t]{0,3}(?:[-*+]|\d{1,9}[.)])[ \t]")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]")
_QUOTE = re.compile(r"[ \t]{0,3}(?:>[ \t]?)+")
_WITHIN = re.compile(r"(?P<ticks>`+)|<!--|<(?P<element>pre|code|script|style)\b", re.IGNORECASE)


def find_in_markdown(text: str) -> list[Piece]:
    r"""The pieces of a Markdown text, in order.

    >>> found = find_in_markdown("<!-- chainrule: x: n -->\n```\n$$ a $$\n```\n$$ b $$\n")
    >>> [(piece.kind, piece.text, piece.line) for piece in found]
    [('declaration', ' x: n ', 1), ('display', ' b ', 5)]
    """
    lines = Lines(text)
    pieces: list[Piece] = []
    spans = list(_block_spans(text, lines, pieces))
    text = blanked(text, spans)
    text = blanked(text, list(_spans_within(text, lines, pieces)))
    pieces.extend(few(find_mathematics(text, lines, markdown=True)))
    return sorted(pieces, key=lambda piece: piece.start)


def _block_spans(text: str, lines: Lines, pieces: list[Piece]) -> Iterator[tuple[int, int]]:
    """Spans of code blocks, front matter and the marks of quotes; fences of mathematics are pieces."""
    start, empty_before, in_list, in_code, quoted = 0, True, False, False, False
    skip_to = _end_of_front_matter(text)
    if skip_to:
        yield 0, skip_to
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        begin, start = start, start + len(line)
        if begin < skip_to:
            continue
        fence = _FENCE.match(line)
        if fence and "`" not in fence["info"].strip("`"):
            skip_to = _end_of_fence(text, start, fence["marks"])
            if _MATH_FENCE.match(fence["info"]):
                pieces.append(_fenced(text, begin, start, skip_to, lines))
            yield begin, skip_to
            empty_before, in_code, quoted = False, False, ">" in line[: fence.start("marks")]
            continue
        if not line.strip():
            empty_before, quoted = True, False
            continue
        indented = line.startswith(("    ", "\t"))
        if indented and not in_list and (in_code or empty_before):
            in_code = True
            yield begin, start
            continue
        in_code = False
        if not indented:
            in_list = bool(_LIST_ITEM.match(line)) or (in_list and not empty_before)
        if _HEADING.match(line):
            pieces.append(Piece("heading", line.strip(" #\n"), lines.number(begin), begin))
        mark = _QUOTE.match(line) if quoted or empty_before else None
        if mark:
            yield begin, begin + mark.end()
        elif "<!--" in line and "-->" not in line[line.rfind("<!--") :]:
            end = text.find("-->", begin)
            skip_to = end if end >= 0 else len(text)
        empty_before, quoted = False, bool(mark)


def _end_of_front_matter(text: str) -> int:
    if not text.startswith("---\n"):
        return 0
    end = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE).search(text, 4)
    return end.end() if end else 0


def _end_of_fence(text: str, start: int, marks: str) -> int:
    closing = re.compile(rf"^[ \t>]*{re.escape(marks[0])}{{{len(marks)},}}[ \t]*$", re.MULTILINE)
    end = closing.search(text, start)
    return end.end() if end else len(text)


def _fenced(text: str, begin: int, inside: int, end: int, lines: Lines) -> Piece:
    last = max(text.rfind("\n", inside, end), inside)
    return Piece("display", "\n" + text[inside:last], lines.number(begin), begin)


def _spans_within(text: str, lines: Lines, pieces: list[Piece]) -> Iterator[tuple[int, int]]:
    """Spans of inline code, HTML comments and elements without prose; declarations are pieces."""
    closings = _Closings(text)
    place = 0
    while (found := _WITHIN.search(text, place)) is not None:
        place = found.end()
        if found["ticks"]:
            if text[found.start() - 1 : found.start()] == "\\":
                continue
            end = closings.after_ticks(found["ticks"], found.end())
        elif found["element"]:
            end = closings.after(f"</{found['element'].lower()}", found.end())
        else:
            end = closings.after("-->", found.end())
            end = len(text) if end is None else end
            body = text[found.end() : end].removesuffix("-->")
            mark = MARK.match(body)
            if mark:
                pieces.append(_declaration(body, mark.end(), found.end(), lines))
        if end is not None:
            yield found.start(), end
            place = end


def _declaration(body: str, begins: int, offset: int, lines: Lines) -> Piece:
    place = offset + begins
    return Piece("declaration", body[begins:], lines.number(place), place)


class _Closings:
    """Where something closes, found in time linear in the text however often it is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._missing: set[str] = set()
        self._runs: dict[str, list[int]] = {}
        for run in re.finditer("`+", text):
            self._runs.setdefault(run.group(), []).append(run.start())
        self._paragraphs = [each.start() for each in re.finditer(r"\n[ \t]*(?=\n)", text)]

    def after(self, closing: str, place: int) -> int | None:
        """The position behind the next closing, in any case of letters."""
        if closing in self._missing:
            return None
        found = re.compile(re.escape(closing), re.IGNORECASE | re.ASCII).search(self._text, place)
        if found is None:
            self._missing.add(closing)
            return None
        return found.end()

    def after_ticks(self, ticks: str, place: int) -> int | None:
        """The position behind the next run of as many backticks in the same paragraph."""
        runs = self._runs[ticks]
        number = bisect_left(runs, place)
        paragraph = bisect_left(self._paragraphs, place)
        if number == len(runs):
            return None
        if paragraph < len(self._paragraphs) and self._paragraphs[paragraph] < runs[number]:
            return None
        return runs[number] + len(ticks)
