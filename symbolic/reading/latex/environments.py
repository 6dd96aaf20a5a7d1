"""Matrices written out, and cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbolic.errors import NotAllowedError, ParseError
from symbolic.reading.latex.marks import sign_of, split_at
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.syntax import Cases, Fenced, Node, Table

if TYPE_CHECKING:
    from symbolic.reading.latex.phrases import Phrases

_TABLES = frozenset(("matrix", "pmatrix", "bmatrix", "array", "vmatrix", "Bmatrix", "smallmatrix"))


_LARGEST_TABLE = 100  # entries of a matrix that is written out


def environment(phrases: Phrases, item: Item) -> Node:
    """A matrix or cases."""
    rows = [split_at(row, ("&",)) for row in split_at(item.parts[0], (r"\\",)) if row]
    if item.text == "cases":
        return Cases(item.start, item.end, tuple(case(phrases, row, item) for row in rows))
    if sum(map(len, rows)) > _LARGEST_TABLE:
        raise phrases.error(
            NotAllowedError,
            item.start,
            item.end,
            f"more than {_LARGEST_TABLE} entries",
            "declare a name for it",
        )
    if item.text in _TABLES:
        table = Table(
            item.start,
            item.end,
            tuple(tuple(phrases.inner(each, item) for each in row) for row in rows),
        )
        if len({len(row) for row in table.rows}) != 1:
            raise phrases.error(
                ParseError, item.start, item.end, "rows of different lengths", "complete them"
            )
        if item.text == "vmatrix":
            return Fenced(item.start, item.end, "||", (table,))
        return table
    raise phrases.error(
        NotAllowedError,
        item.start,
        item.end,
        f"the environment {item.text!r} is not read inside a formula",
        "use pmatrix, bmatrix or cases",
    )


def case(phrases: Phrases, row: list[Items], within: Item) -> tuple[Node, Node | None]:
    """A value and its condition."""
    value = tuple(row[0])
    while value and sign_of(value[-1]) in (",", "."):
        value = value[:-1]
    condition = tuple(each for part in row[1:] for each in part)
    while condition and (
        condition[0].kind == "word" and condition[0].text in ("if", "for", "when", "where")
    ):
        condition = condition[1:]
    while condition and sign_of(condition[-1]) in (",", ".", ";"):
        condition = condition[:-1]
    if not condition or (
        condition[0].kind == "word" and condition[0].text.strip(".,; ") in ("otherwise", "else")
    ):
        return phrases.inner(value, within), None
    return phrases.inner(value, within), phrases.condition(condition, within)
