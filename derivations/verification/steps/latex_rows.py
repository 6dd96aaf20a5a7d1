r"""The rows of LaTeX text: blocks opened, `\\` and implication arrows taken as ends of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from symbolic.errors import ChainruleError
from symbolic.reading.latex.macros import expanded
from symbolic.reading.latex.rows import read_rows
from symbolic.reading.parse_source import Source

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
SIGNS = {"<=": r"\le", ">=": r"\ge", "~=": r"\approx", "propto": r"\propto", "->": r"\to",
         "<-": r"\leftarrow", "in": r"\in", "!=": r"\ne", "+": "", "succeq": r"\succeq",
         "preceq": r"\preceq", "succ": r"\succ", "prec": r"\prec"}  # fmt: skip
_CONTINUES = re.compile(
    r"[\s&]*(?::?=|<|>|\\(?:leq?|geq?|leqslant|geqslant|lt|gt|approx|simeq|propto|equiv|to|in"
    r"|succeq|preceq|succ|prec)(?![a-zA-Z]))"
)
_MARK = re.compile(
    r"\s*&?\s*(?:\\(?:text|mbox|textrm|mathrm)\s*\{\s*solve\s*:?\s*~?\s*\}|solve)\s*:?", re.I
)
_SUPPOSED = re.compile(
    r"\s*&?\s*\\(?:text|mbox|textrm)\s*\{\s*(?:suppose|assume|let|wlog|w\.\s*l\.\s*o\.\s*g\.)"
    r"(?:\s+(?:that|us))?[\s,:~]*\}",
    re.I,
)
_COMMENT = re.compile(
    r"(&?\s*)((?:\\(?:text|mbox|textrm|intertext)\s*\{[^{}]*[ ,:][^{}]*\}(?:\s|\\q?quad|\\[,;:! ]|~)*)+)(?=.)"
)
_CONDITIONAL = re.compile(
    r"\b(?:if|when|whenever|unless|provided|suppose|supposing|assume|assuming|otherwise|not|never|false"
    r"|wrong|where|with|for|except|only)\b",
    re.I,
)
_GOES_ON = re.compile(r"(&?)(?:\s|\\q?quad|\\[,;:! ]|\{\}|\\hspace\*?\{[^{}]*\})*([+-])")


@dataclass(frozen=True)
class Row:
    """One row as it is written, and whether it says that it is an equation to solve."""

    number: int
    text: str
    marked: bool = False

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements on the row; none when their structure cannot be made out."""
        return _statements(self.text)

    @property
    def continues(self) -> bool:
        """Whether the row begins with a relation."""
        if self.statements:
            return self.statements[0].relations[0] != ""
        return _CONTINUES.match(self.text) is not None


@dataclass(frozen=True)
class Statement:
    """The sides of one statement, each with the relation before it; "" before the one that opens it."""

    sides: tuple[str, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """What is read of a row: all of it, or a part of it and the relation before that."""

    row: Row
    text: str
    relation: str = ""

    @property
    def written(self) -> str:
        """The text with the relation before it."""
        return f"{SIGNS.get(self.relation, self.relation)} {self.text}".strip()

    @property
    def statements(self) -> int:
        """How many statements the text is."""
        whole = self.row.statements if self.text == self.row.text else _statements(self.text)
        return len(whole)


def _statements(text: str) -> tuple[Statement, ...]:
    try:
        source = Source(text)
        found = read_rows(source)
    except ChainruleError:
        return ()
    statements = []
    for row in found:
        sides = tuple(source.text[side[0].start : side[-1].end] for side in row.sides)
        opening = () if row.continues else ("",)
        statements.append(Statement(sides, (*opening, *row.relations)))
    return tuple(statements)


def pieces(row: Row) -> list[Piece]:
    """The sides of a row; the whole row when its structure cannot be made out."""
    if not row.statements or [each.relations for each in row.statements] == [("",)]:
        return [Piece(row, row.text)]
    return [
        Piece(row, side, relation)
        for statement in row.statements
        for side, relation in zip(statement.sides, statement.relations, strict=True)
    ]


def chains(found: Sequence[Row]) -> list[list[Row]]:
    """Rows with those that continue them."""
    grouped: list[list[Row]] = []
    for row in found:
        if row.continues and grouped:
            grouped[-1].append(row)
        else:
            grouped.append([row])
    return grouped


def rows(texts: Sequence[str]) -> list[Row]:
    r"""The rows of several texts, numbered from 1; a row that goes on with + or - joins the one before.

    >>> block = r"\begin{aligned} a &= b \\ &= c + d \\ &\quad + e \end{aligned}"
    >>> [(row.number, row.text) for row in rows([block])]
    [(1, 'a &= b'), (2, '&= c + d + e')]
    """
    found: list[Row] = []
    number = 0
    for text in _without_macros(texts):
        for piece, follows in _pieces(text):
            written = " ".join(piece.split())
            mark = _MARK.match(written) or _SUPPOSED.match(written)
            body = written[mark.end() :].strip() if mark else _without_comment(written)
            if not body.strip(" .,;&"):
                continue
            row = Row(number + 1, body, mark is not None)
            sign = _GOES_ON.match(body)
            if sign is not None and not follows and found and _goes_on(row, sign, found):
                joined = f"{found[-1].text} {body[sign.start(2) :]}"
                found[-1] = replace(found[-1], text=joined)
                number += 1
                continue
            if not _says_something(row):
                continue
            if not follows or not found:
                number += 1
            found.append(replace(row, number=number))
    return found


def _without_macros(texts: Sequence[str]) -> list[str]:
    """The texts with the macros that any of them defines written out."""
    try:
        return expanded(_BETWEEN.join(texts)).split(_BETWEEN)
    except ChainruleError:
        return list(texts)


_BETWEEN = "\n\0\n"


def _without_comment(text: str) -> str:
    """A row without the words at its beginning, unless they say when it holds."""
    found = _COMMENT.match(text)
    if found is None or _CONDITIONAL.search(found[2]):
        return text
    return found[1] + text[found.end() :]


def _goes_on(row: Row, sign: re.Match[str], before: Sequence[Row]) -> bool:
    """Whether a row that begins with a sign goes on with the sum above it."""
    related = any(len(each.relations) > 1 for each in row.statements)
    opening = next((each for each in reversed(before) if not each.continues), before[0])
    return sign[2] == "+" or not related or bool(sign[1] and not opening.text.startswith("&"))


def _says_something(row: Row) -> bool:
    """Whether a row is more than words."""
    return bool(row.statements) or _WORDS.sub("", row.text).strip(" .,;&") != ""


_WORDS = re.compile(r"\\(?:text|mbox|textrm|intertext)\s*\{[^{}]*\}")


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
            piece.append(token)
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
