r"""Declarations: what a comment `chainrule: X: n d; z = X w` says, item by item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derivations.verification.documents.pieces import Piece
from symbolic.errors import ChainruleError, ParseError
from symbolic.reading.declarations import declare

LONGEST_ITEM = 2_000
_MOST_ITEMS = 500


@dataclass(frozen=True)
class Declaration:
    """A name with what it is, as in `given`; `value` None takes the name back.

    `line` and `cell` say where; `spoken` that it is read from a sentence and not from a comment; `adds`
    that it is a domain alone, for a name whose sizes are said elsewhere.
    """

    name: str
    value: str | None
    line: int
    cell: int = 0
    spoken: bool = False
    adds: bool = False

    @property
    def is_definition(self) -> bool:
        """Whether the value is an expression, and not sizes and a domain."""
        return self.value is not None and self.value.startswith("=")


@dataclass(frozen=True)
class Mark:
    """What is said of the next display: "skip" leaves it unchecked, "solve" makes it an equation."""

    kind: str
    line: int


@dataclass(frozen=True)
class Hint:
    """Domains that the words of a sentence may give to a name, without declaring it."""

    name: str
    domains: tuple[str, ...]
    line: int
    cell: int = 0


@dataclass(frozen=True)
class Problem:
    """An item of a comment that is no declaration."""

    error: ParseError
    line: int


_SEPARATOR = re.compile(r"(?<!\\);|\n")
_DEFINES = re.compile(r"(?P<name>[^:=]+?)\s*:?=(?![=])\s*(?P<value>.+)", re.DOTALL)
_DECLARES = re.compile(r"(?P<name>[^:]+?)\s*:(?P<value>.*)", re.DOTALL)


def read_comment(piece: Piece) -> Iterator[Declaration | Mark | Problem]:
    """What a declaration comment says, item by item; what is none is an error to be told.

    >>> piece = Piece("declaration", " X: n d; y: n: unit; z = X @ w", 1)
    >>> [(each.name, each.value) for each in read_comment(piece)]
    [('X', 'n d'), ('y', 'n: unit'), ('z', '= X @ w')]
    """
    line, place = piece.line, 0
    said: dict[str, str | None] = {}
    for number, item in enumerate(_items(piece.text)):
        if number == _MOST_ITEMS:
            error = ParseError("declaration", f"more than {_MOST_ITEMS} items", "write several")
            yield Problem(error, line)
            return
        start, text = item
        line, place = line + piece.text.count("\n", place, start), start
        for found in _item(text, line, piece.cell):
            if (
                isinstance(found, Declaration)
                and said.setdefault(found.name, found.value) != found.value
            ):
                twice = ParseError(
                    f"{found.name} is declared twice", "with two meanings", "keep one of them"
                )
                yield Problem(twice, line)
            else:
                yield found


def _items(text: str) -> Iterator[tuple[int, str]]:
    place = 0
    for separator in [*_SEPARATOR.finditer(text), None]:
        end = separator.start() if separator else len(text)
        item = text[place:end]
        if item.strip():
            yield place + len(item) - len(item.lstrip()), item.strip()
        place = separator.end() if separator else end


def _item(text: str, line: int, cell: int) -> Iterator[Declaration | Mark | Problem]:
    if len(text) > LONGEST_ITEM:
        found = f"{len(text)} characters"
        yield Problem(ParseError(f"{text[:40]}...", found, "write shorter declarations"), line)
    elif text.lower() in ("skip", "solve"):
        yield Mark(text.lower(), line)
    elif text.startswith("forget "):
        for name in text.removeprefix("forget ").replace(",", " ").split():
            yield Declaration(name, None, line, cell)
    elif defines := _DEFINES.fullmatch(text):
        yield Declaration(defines["name"].strip(), "= " + defines["value"].strip(), line, cell)
    elif declares := _DECLARES.fullmatch(text):
        yield Declaration(declares["name"].strip(), declares["value"].strip(), line, cell)
    else:
        advice = "write 'name: sizes: domain', 'name = value', 'forget name', 'skip' or 'solve'"
        yield Problem(ParseError(repr(text), "no declaration", advice), line)


_STRONGER = {
    "onehot": ("binary", "unit", "prob", "nonnegative"),
    "prob": ("unit", "nonnegative", "positive"),
    "spd": ("symmetric", "psd"),
    "psd": ("symmetric",),
    "diagonal": ("symmetric",),
    "positive": ("nonnegative",),
}


def with_domain(value: str, domain: str | None) -> str:
    """Sizes with a domain that words give, where it fits them and the domain they have."""
    sizes, _, known = (part.strip() for part in value.partition(":"))
    if domain is None or (known and known not in _STRONGER.get(domain, ())):
        return value
    said = f"{sizes}: {domain}"
    try:
        declare({"it": said})
    except ChainruleError:
        return value
    return said
