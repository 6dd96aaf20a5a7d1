r"""Formulas in text: `$$..$$`, `\[..\]`, environments such as `align`, and inline `$..$` and `\(..\)`.

One pass over the delimiters, in time linear in the text. No formula goes on past an empty line, as in
TeX, so that a delimiter that is never closed spoils its own paragraph only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derivations.verification.documents.pieces import Lines, Piece

_DISPLAYED = re.compile(
    r"(?:equation|displaymath|align|aligned|alignat|alignedat|flalign|split|gather|gathered"
    r"|multline|eqnarray)\*?"
)

_TOKEN = re.compile(
    r"\\(?P<which>begin|end)[ \t]*\{(?P<name>[a-zA-Z]{1,20}\*?)\}"
    r"|(?P<escaped>\\\\[\[\]()])|\\.|\$\$|\$|(?P<empty>\n[ \t]*(?=\n))",
    re.DOTALL,
)
_CLOSING = {"$$": "$$", "\\[": "\\]", "\\\\[": "\\\\]", "$": "$", "\\(": "\\)", "\\\\(": "\\\\)"}
_INLINE = ("$", "\\(", "\\\\(")
_SENTENCE = 300  # characters around an inline formula that are looked at
_SENTENCE_END = re.compile(r"\n[ \t]*\n|[.;:!?]\s")
_RANGE = re.compile(r"\bfor\s+(?:all\s+|each\s+|every\s+)?\$[^$]*\\[lc]?dots[^$]*\$", re.IGNORECASE)
_INLINE_FORMULA = re.compile(r"\${1,2}[^$]*\${0,2}|\\\(.*?(?:\\\)|$)", re.DOTALL)


@dataclass
class _Open:
    """A formula that has begun: its delimiter, what closes it, and where its text starts."""

    delimiter: str
    closing: str
    start: int
    inside: int
    depth: int = 1


def find_mathematics(text: str, lines: Lines, *, markdown: bool) -> Iterator[Piece]:
    r"""The formulas of a text in which code and comments are blanked.

    In Markdown, `\\[` is a display as well, and a dollar sign is one of money where a space follows it.

    >>> text = "Let $x > 0$.\n$$\ny = x\n$$\n"
    >>> for piece in find_mathematics(text, Lines(text), markdown=True):
    ...     print(piece.line, piece.kind, piece.text.strip())
    1 inline x > 0
    2 display y = x
    """
    opened: _Open | None = None
    for found in _tokens(text, markdown):
        token = found.group()
        if opened is None:
            opened = _opening(text, found, markdown)
        elif found["empty"] is not None:
            yield from _unclosed(opened, lines)
            opened = None
        elif opened.delimiter == "$" and token == "$$":
            opened = _opening(text, found, markdown)
        elif _closes(opened, found):
            if opened.delimiter == "$" and markdown and not _closes_dollar(text, found.start()):
                opened = _opening(text, found, markdown)
                continue
            yield _formula(text, opened, found, lines)
            opened = None
    if opened is not None:
        yield from _unclosed(opened, lines)


def _tokens(text: str, markdown: bool) -> Iterator[re.Match[str]]:
    """The delimiters; a doubled backslash before a bracket is one in Markdown only."""
    place = 0
    while (found := _TOKEN.search(text, place)) is not None:
        place = found.end()
        if found["escaped"] is not None and not markdown:
            place -= 1
            continue
        yield found


def _opening(text: str, found: re.Match[str], markdown: bool) -> _Open | None:
    token = found.group()
    if found["which"] == "begin" and _DISPLAYED.fullmatch(found["name"]):
        return _Open(token, found["name"], found.start(), found.start())
    if token == "$" and markdown and text[found.end() : found.end() + 1].isspace():
        return None
    if token in _CLOSING:
        return _Open(token, _CLOSING[token], found.start(), found.end())
    return None


def _closes(opened: _Open, found: re.Match[str]) -> bool:
    if found["which"] is None or found["name"] != opened.closing:
        return found.group() == opened.closing
    if found.start() != opened.start:
        opened.depth += 1 if found["which"] == "begin" else -1
    return opened.depth == 0


def _closes_dollar(text: str, place: int) -> bool:
    return not text[place - 1].isspace() and not text[place + 1 : place + 2].isdigit()


def _formula(text: str, opened: _Open, found: re.Match[str], lines: Lines) -> Piece:
    is_environment = opened.delimiter.startswith("\\begin")
    end = found.end() if is_environment else found.start()
    body = text[opened.inside : end]
    line = lines.number(opened.start)
    if opened.delimiter in _INLINE:
        before, after = _words_before(text, opened.start), _words_after(text, found.end())
        return Piece("inline", body, line, opened.start, before=before, after=after)
    return Piece("display", body, line, opened.start)


def _unclosed(opened: _Open, lines: Lines) -> Iterator[Piece]:
    """A display without an end; inline, it was a dollar sign and no formula."""
    if opened.delimiter not in _INLINE:
        yield Piece("unclosed", opened.delimiter, lines.number(opened.start), opened.start)


def _words_before(text: str, place: int) -> str:
    sentence = _SENTENCE_END.split(text[max(0, place - _SENTENCE) : place])[-1]
    return " ".join(re.sub(r"\$[^$]*\$", " ", _RANGE.sub(" ", sentence)).split())


def _words_after(text: str, place: int) -> str:
    """To the end of the sentence, with a dollar sign for each formula."""
    plain = _INLINE_FORMULA.sub(" $ ", text[place : place + _SENTENCE])
    sentence = _SENTENCE_END.split(plain, maxsplit=1)[0]
    return " ".join(sentence.split())
