r"""The rows of LaTeX text: blocks opened, `\\` and implication arrows taken as ends of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

_BLOCKS = frozenset(
    ("aligned", "align", "split", "equation", "gather", "gathered", "alignat", "alignedat", "eqnarray",
     "multline", "displaymath", "math", "flalign", "document")
)  # fmt: skip
_TOKEN = re.compile(
    r"\\(?:begin|end)\s*\{[^{}]*\}|\\\\\*?(?:\s*\[[^\]]*\])?|\\[a-zA-Z]+\*?|\\.|\$\$?|%[^\n]*|.",
    re.DOTALL,
)
_ARROWS = frozenset(
    (r"\Rightarrow", r"\implies", r"\iff", r"\Leftrightarrow", r"\Longrightarrow", r"\therefore",
     r"\Longleftrightarrow")
)  # fmt: skip
_DELIMITERS = frozenset((r"\[", r"\]", r"\(", r"\)", "$", "$$"))
_RELATIONS = frozenset(
    ("=", "<", ">", r"\le", r"\leq", r"\leqslant", r"\ge", r"\geq", r"\geqslant", r"\approx",
     r"\propto", r"\equiv", r"\lt", r"\gt", r"\simeq", r"\triangleq", r"\coloneqq", r"\to", r"\in",
     r"\leftarrow", r"\gets", r"\sim", r"\succeq", r"\preceq")
)  # fmt: skip
_MARK = re.compile(
    r"\s*&?\s*(?:\\(?:text|mbox|textrm|mathrm)\s*\{\s*solve\s*:?\s*~?\s*\}|solve)\s*:?", re.I
)

_COMMENT = re.compile(
    r"^(?:\\(?:text|mbox|textrm|intertext)\s*\{[^{}]*[ ,:][^{}]*\}(?:\s|\\q?quad|\\[,;:! ]|~)*)+(?=.)"
)


@dataclass(frozen=True)
class Row:
    """One row: its text without `&`, and whether it says that it is an equation to solve.

    `cut` is the reason why the relation it began with was cut off: what it continues is not known.
    """

    number: int
    text: str
    marked: bool = False
    cut: str = ""

    @property
    def continues(self) -> bool:
        """Whether the row begins with a relation."""
        first = next((t for t in _tokens(self.text) if not t.isspace()), "")
        return first in _RELATIONS or self.text.startswith(":=")

    def without_relation(self, why: str) -> Row:
        """The row as one that starts a chain, since what it continues cannot be read."""
        text, place = self.text, 0
        for token in _tokens(text):
            place += len(token)
            if token in _RELATIONS:
                break
        return replace(self, text=text[place:].strip(), cut=why)

    @property
    def parts(self) -> tuple[str, str]:
        """The text before the first relation, and from there on; the second is empty without one."""
        depth, place = 0, 0
        for token in _tokens(self.text):
            depth += (token in _OPENING) - (token in _CLOSING)
            if depth == 0 and (token in _RELATIONS or token == ":"):
                return self.text[:place].strip(), self.text[place:].strip()
            place += len(token)
        return self.text, ""


_OPENING = frozenset(("{", "(", "[", r"\{", r"\left"))
_CLOSING = frozenset(("}", ")", "]", r"\}", r"\right"))


def rows(texts: Sequence[str]) -> list[Row]:
    r"""The rows of several texts, numbered from 1; a row that goes on with + or - joins the one before.

    >>> block = r"\begin{aligned} a &= b \\ &= c + d \\ &\quad + e \end{aligned}"
    >>> [(row.number, row.text) for row in rows([block])]
    [(1, 'a = b'), (2, '= c + d \\quad + e')]
    """
    found: list[Row] = []
    number = 0
    for text in texts:
        for piece, follows in _pieces(text):
            written = " ".join(piece.split())
            mark = _MARK.match(written)
            body = written[mark.end() :].strip() if mark else _COMMENT.sub("", written)
            if not body.strip(" .,;"):
                continue
            goes_on = re.match(r"(?:\\q?quad|\\[,;:! ]|\{\}|\s)*[+-]", body) is not None
            row = Row(number + 1, body, mark is not None)
            if goes_on and not row.parts[1] and found and not follows:
                found[-1] = replace(found[-1], text=f"{found[-1].text} {body}")
                number += 1
                continue
            if not follows or not found:
                number += 1
            found.append(replace(row, number=number))
    return found


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Pieces of text between ends of rows, and whether each follows an arrow on the same row."""
    piece: list[str] = []
    opaque, depth, follows = 0, 0, False
    for token in _tokens(text):
        environment = re.fullmatch(r"\\(begin|end)\s*\{([^{}]*)\}", token)
        if token.startswith("%"):
            continue
        if environment and environment[2].strip().rstrip("*") in _BLOCKS and not opaque:
            ends, arrow = True, False
        elif environment:
            opaque += 1 if environment[1] == "begin" else -1
            ends, arrow = False, False
        else:
            depth += (token == "{") - (token == "}")
            top = not opaque and depth == 0
            arrow = top and token in _ARROWS
            ends = arrow or (top and (token.startswith(r"\\") or token in _DELIMITERS))
        if not ends:
            piece.append("" if token == "&" and not opaque else token)
            continue
        written = "".join(piece)
        if written.strip():
            yield written, follows
            follows = False
        piece = []
        follows = follows or (arrow and bool(written.strip()))
    if "".join(piece).strip():
        yield "".join(piece), follows


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)
