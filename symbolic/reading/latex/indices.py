r"""Indices: the letters and numbers of a script, and the entries or rows they choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbolic.errors import AmbiguousError, ShapeError
from symbolic.indexing import index
from symbolic.nodes import Contraction, Expression
from symbolic.reading.latex.marks import scripted
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.symbols import bare_symbol
from symbolic.reading.latex.values import Value

if TYPE_CHECKING:
    from symbolic.reading.latex.elaboration import Elaborator

SLICES = (":", r"\cdot", r"\bullet", "*")


def index_parts(items: Items | None) -> list[str | int] | None:
    """The indices of a script: letters, numbers, ":" for a whole axis; None for other scripts."""
    if items is None:
        return []
    found: list[str | int] = []
    digits, last = "", None
    for item in items:
        if scripted(item) or item.kind in ("word", "fraction", "root", "environment"):
            return None
        text = item.text
        if item.kind == "char" and text.isdigit():
            digits = digits + text
            last = item
            continue
        if digits:
            found.append(int(digits[:9]))
            digits = ""
        if item.kind == "group" or (item.kind == "font" and item.parts):
            inner = index_parts(item.parts[0])
            if inner is None:
                return None
            found += inner
        elif item.kind == "char" and text.isalpha():
            found.append(text)
        elif text in SLICES and item.kind in ("char", "command"):
            found.append(":")
        elif item.kind == "command" and (symbol := bare_symbol(item)) is not None:
            found.append(symbol.base)
        elif text != ",":
            return None
    if digits and last is not None:
        found.append(int(digits[:9]))
    return found


def checked_letter(el: Elaborator, letter: str, item: Item) -> str:
    scope = el.scope
    if letter in scope.bound:
        return letter
    if scope.is_taken(letter) or letter in scope.sizes:
        raise el.source.error_at(
            AmbiguousError,
            item.start,
            item.end,
            f"{letter} is declared, and also written as an index or label",
            "use another index letter, or declare the whole name by its LaTeX",
        )
    return letter


def entry(el: Elaborator, value: Value, parts: list[str | int], item: Item) -> Value:
    """The entry or row of a value at indices; its remaining axes stay."""
    if value.fitting or not value.rank:
        raise el.source.error_at(
            ShapeError,
            item.start,
            item.end,
            f"an index at {value.kind}",
            "index vectors and matrices, or declare the whole name",
        )
    if len(parts) == 1 and isinstance(parts[0], int) and value.rank == 2 and parts[0] > 9:
        parts = [int(digit) for digit in str(parts[0])]
    if len(parts) > value.rank:
        raise el.source.error_at(
            ShapeError,
            item.start,
            item.end,
            f"{len(parts)} indices at {value.kind}",
            "give one index an axis",
        )
    if len(parts) < value.rank and any(isinstance(part, int) for part in parts):
        raise el.source.error_at(
            AmbiguousError,
            item.start,
            item.end,
            "a row of the matrix, or another matrix with this label",
            "declare the whole name, or write the row as X_{1,:}",
        )
    if len(parts) < value.rank:
        refuse_square_row(el, value, parts, item)
    front = len(value.indices)
    places: list[object] = [slice(None)] * front
    letters: list[str] = []
    for axis, part in enumerate(parts):
        if isinstance(part, int):
            if part < 1:
                raise el.source.error_at(
                    ShapeError,
                    item.start,
                    item.end,
                    "the index 0, but indices count from 1",
                    "declare the whole name",
                )
            places.append(part - 1)
        else:
            places.append(slice(None))
            if part != ":":
                letter = checked_letter(el, part, item)
                _remember(el, letter, value.shape[axis])
                letters.append(letter)
            else:
                letters.append(":")
    array: Expression = value.array
    if any(isinstance(place, int) for place in places):
        array = index(array, tuple(places))
    own = array.rank - front - len(letters)
    labels: list[object] = [*value.indices]
    for axis, letter in enumerate([*letters, *[":"] * own]):
        labels.append(("own", axis) if letter == ":" else letter)
    names = tuple(dict.fromkeys([*value.indices, *(letter for letter in letters if letter != ":")]))
    output = [*names, *(label for label in labels if isinstance(label, tuple))]
    row = value.row and not names
    if labels != output:
        array = Contraction([array], [labels], output)
    return Value(array, names, row and array.rank - len(names) == 1)


def refuse_square_row(el: Elaborator, value: Value, parts: list[str | int], item: Item) -> None:
    """Refuse one index at a square matrix: nothing tells its rows from its columns."""
    if value.is_square and len(parts) == 1:
        raise el.source.error_at(
            AmbiguousError,
            item.start,
            item.end,
            "one index at a square matrix: a row or a column",
            "declare it, as in {'x_i': '= X[i]'}, or write X_{i,:}",
        )


def _remember(el: Elaborator, letter: str, size: object) -> None:
    known = el.scope.index_sizes
    if known.setdefault(letter, size) != size:
        known[letter] = None
