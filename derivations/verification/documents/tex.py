"""TeX: formulas and declaration comments, outside comments and verbatim text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derivations.verification.documents.markdown import MARK
from derivations.verification.documents.mathematics import find_mathematics
from derivations.verification.documents.pieces import Lines, Piece, blanked, few

_VERBATIM = (
    "verbatim|Verbatim|BVerbatim|LVerbatim|lstlisting|minted|comment|alltt|filecontents|tikzpicture"
)
_TOKEN = re.compile(
    r"\\begin[ \t]*\{(?P<environment>" + _VERBATIM + r")(?P<star>\*?)\}"
    r"|\\(?:verb|lstinline)\*?(?P<bar>[^a-zA-Z\s*{])"
    r"|\\(?P<stop>iffalse|fi|end[ \t]*\{document\})(?![a-zA-Z])"
    r"|\\(?:sub)*(?P<heading>section|chapter|part|paragraph)\*?[ \t]*(?=\{)"
    r"|\\.|(?P<comment>%[^\n]*)",
    re.DOTALL,
)


def find_in_tex(text: str) -> list[Piece]:
    r"""The pieces of a TeX file, in order.

    >>> found = find_in_tex("% chainrule: x: n\n%   y: n\n\\[ y = x \\] % or so: $$\n")
    >>> [(piece.kind, piece.text, piece.line) for piece in found]
    [('declaration', ' x: n\n   y: n', 1), ('display', ' y = x ', 3)]
    """
    lines = Lines(text)
    pieces: list[Piece] = []
    text = blanked(text, list(_spans(text, lines, pieces)))
    pieces.extend(few(find_mathematics(text, lines, markdown=False)))
    return sorted(pieces, key=lambda piece: piece.start)


def _spans(text: str, lines: Lines, pieces: list[Piece]) -> Iterator[tuple[int, int]]:
    """Spans of comments and verbatim text; declarations and headings are pieces."""
    place = 0
    while (found := _TOKEN.search(text, place)) is not None:
        place = found.end()
        if found["heading"]:
            line = lines.number(found.start())
            pieces.append(Piece("heading", found["heading"], line, found.start()))
        elif found["environment"]:
            place = _end(text, place, f"\\end{{{found['environment']}{found['star']}}}")
            yield found.start(), place
        elif found["bar"]:
            line_end = text.find("\n", place)
            line_end = len(text) if line_end < 0 else line_end
            end = text.find(found["bar"], place, line_end)
            place = end + 1 if end >= 0 else line_end
            yield found.start(), place
        elif found["stop"] == "iffalse":
            place = _end(text, place, "\\fi")
            yield found.start(), place
        elif found["stop"] and found["stop"] != "fi":
            yield found.start(), len(text)
            return
        elif found["comment"]:
            mark = MARK.match(text, found.start() + 1, found.end())
            if mark:
                place = _end_of_block(text, found.end())
                said, begin = _without_marks(text[mark.end() : place]), mark.end()
                pieces.append(Piece("declaration", said, lines.number(begin), begin))
            for comment in _COMMENT.finditer(text, found.start(), place):
                yield comment.start() + 1, comment.end()  # its mark stays: the line is not empty


_COMMENT = re.compile(r"%[^\n]*")


def _end(text: str, place: int, closing: str) -> int:
    end = text.find(closing, place)
    return end + len(closing) if end >= 0 else len(text)


_FOLLOWING = re.compile(r"\n[ \t]*%(?:[ \t]*chainrule[ \t]*:|[ \t]{2})[^\n]*", re.IGNORECASE)


def _end_of_block(text: str, place: int) -> int:
    """Where a declaration ends: comment lines that are indented, or marked again, continue it."""
    while (found := _FOLLOWING.match(text, place)) is not None:
        place = found.end()
    return place


def _without_marks(body: str) -> str:
    return re.sub(r"\n[ \t]*%(?:[ \t]*chainrule[ \t]*:)?", "\n", body, flags=re.IGNORECASE)
