"""What is found in a document: formulas, declarations and headings, each with its place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from symbolic.errors import DataError

MAX_PIECES = 20_000  # of one file or cell
Kind = Literal["display", "inline", "declaration", "heading", "unclosed"]


@dataclass(frozen=True)
class Piece:
    """One piece of a document that matters for checking.

    kind    "display" and "inline" formulas, "declaration" comments, "heading", "unclosed" formulas
    text    its text, without what marks it; of an environment, the whole of it
    line    where it begins, counted from 1; in a notebook, within its cell
    start   the position at which it begins, which orders the pieces of one text
    cell    the number of its cell in a notebook, counted from 1; 0 in a plain file
    before  the words of the sentence that come before an inline formula
    after   those that come after it, with a dollar sign for each other formula
    """

    kind: Kind
    text: str
    line: int
    start: int = 0
    cell: int = 0
    before: str = ""
    after: str = ""


class Lines:
    """The numbers of lines of a text, by position."""

    def __init__(self, text: str, first: int = 1) -> None:
        self._first = first
        self._starts = [0]
        place = text.find("\n")
        while place >= 0:
            self._starts.append(place + 1)
            place = text.find("\n", place + 1)

    def number(self, position: int) -> int:
        """The number of the line that a position is in."""
        return self._first + bisect_right(self._starts, position) - 1


def few(pieces: Iterator[Piece]) -> list[Piece]:
    """All pieces. Raises `DataError` when there are too many of them."""
    found = list(islice(pieces, MAX_PIECES + 1))
    if len(found) > MAX_PIECES:
        raise DataError("formulas", f"more than {MAX_PIECES:,}", "split the document")
    return found


def blanked(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with the characters of each span, but for line ends, made spaces.

    Spans are in order and do not overlap, so positions and lines stay as they are.

    >>> blanked("a `b` c", [(2, 5)])
    'a     c'
    """
    parts, done = [], 0
    for start, end in spans:
        parts.append(text[done:start])
        parts.append("\n".join(" " * len(line) for line in text[start:end].split("\n")))
        done = end
    return "".join([*parts, text[done:]])
