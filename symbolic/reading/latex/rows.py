r"""Rows: a block's lines as items, what is beside a formula told from it, several formulas in one row apart.

What separates: `\\\\`, columns, wide space, commas and words such as "where" between whole statements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from symbolic.errors import NotAllowedError, ParseError
from symbolic.reading.latex.fences import match_fences
from symbolic.reading.latex.marks import RELATIONS, is_wide, scripted, split_at
from symbolic.reading.latex.structure import Item, Items, read_structure
from symbolic.reading.parse_source import Source, shorten

_BLOCKS = frozenset(
    [
        "aligned",
        "align",
        "align*",
        "split",
        "equation",
        "equation*",
        "gather",
        "gather*",
        "gathered",
        "alignat*",
        "eqnarray",
        "eqnarray*",
        "multline",
        "multline*",
        "displaymath",
        "math",
        "flalign",
        "flalign*",
    ]
)
_LINKS = frozenset(("and", "so", "so that", "then", "thus", "hence", "therefore", "i.e.", "or"))
_BEFORE = frozenset(("where", "with"))  # what follows these is read first
_RANGES = frozenset(("for", "for all", "for each", "for every"))
_RANGE = re.compile(r"[\s;,]*[a-z](\s*,\s*[a-z])*\s*(=\s*[01]\s*(,|\\[lc]?dots).*|\\in\b.*)?")
_CONDITIONAL = frozenset(
    ("if", "when", "unless", "provided", "otherwise", "whenever", "else", "not", "only", "assuming")
)
_CONDITIONAL_FIRST = frozenset(("for", "where", "with", "as", "at", "given", "on", "near"))
_PUNCTUATION = frozenset((".", ",", ";", ":"))


@dataclass(frozen=True)
class Row:
    """The sides of one statement as items, the relations before and between them.

    It `continues` a statement above, `explains` one before it (and is read first), or hangs below one,
    behind a column's edge, without a relation.
    """

    sides: tuple[Items, ...]
    relations: tuple[str, ...]
    continues: bool
    explains: bool = False
    hangs: bool = False


def read_rows(source: Source) -> list[Row]:
    """The statements of a text, in the order in which they are written."""
    found: list[Row] = []
    for row in _row_items(match_fences(read_structure(source), source)):
        for items, explains in _statements(row, source):
            statement = _row(items, source)
            if statement is not None:
                found.append(replace(statement, explains=explains))
    if not found:
        raise ParseError(shorten(source.text), "no formula", "write an expression")
    return found


def _row_items(items: Items) -> list[Items]:
    """The rows of a block, blocks inside of it opened."""
    rows: list[Items] = []
    for written in split_at(trimmed(items), (r"\\",)):
        row = trimmed(_without_ampersands(written))
        opened = _opened(row[0]) if len(row) == 1 else None
        if opened is not None:
            rows += _row_items(opened)
        elif row and _is_block(row[-1]):
            inner = _row_items(row[-1].parts[0])
            rows += [(*row[:-1], *(inner[0] if inner else ())), *inner[1:]]
        elif row:
            rows += _columns(written)
    return rows


def _opened(item: Item) -> Items | None:
    """The inside of a block, a box or group, or a brace around a block."""
    if _is_block(item):
        return item.parts[0]
    if item.kind == "fence" and item.text == "{." and not scripted(item):
        inside = item.parts[0]
        return inside if len(inside) == 1 and _is_block(inside[0]) else None
    boxed = item.kind in ("font", "group") and item.text in ("boxed", "")
    return item.parts[0] if boxed and not scripted(item) else None


def _is_block(item: Item) -> bool:
    """Whether an item is an environment of rows; an array is one when it has relations in it."""
    if item.kind != "environment":
        return False
    related = any(_relation(item.parts[0], k)[0] for k in range(len(item.parts[0])))
    return item.text in _BLOCKS or (item.text == "array" and related and not scripted(item))


def _columns(row: Items) -> list[Items]:
    """The statements of a row in columns, as `a &= b & c &= d`; or the row."""
    cells = split_at(row, ("&",))
    pairs = [
        trimmed(tuple(each for cell in cells[k : k + 2] for each in cell))
        for k in range(0, len(cells), 2)
    ]
    filled = [pair for pair in pairs if pair]
    if len(filled) > 1 and all(_states(pair) for pair in filled):
        return filled
    return [trimmed(_without_ampersands(row))]


def _states(items: Items) -> bool:
    """Whether items have a relation with something on both sides."""
    return any(_relation(items, k)[0] for k in range(1, len(items) - 1))


def _statements(items: Items, source: Source) -> list[tuple[Items, bool]]:
    """The statements of one row, and whether each explains the one before it."""
    for place, item in enumerate(items):
        word = item.text.strip(" ,.;:").lower() if item.kind == "word" else ""
        if item.text == r"\forall":
            word = "for"
        before, after = items[:place], items[place + 1 :]
        if not place or not after or word not in _LINKS | _BEFORE | _RANGES:
            continue
        if word in _RANGES and _RANGE.fullmatch(source.text, after[0].start, after[-1].end):
            return _statements(before, source)
        if word in _RANGES or not _states(trimmed(after)):
            raise source.error_at(
                NotAllowedError,
                item.start,
                after[-1].end,
                f"words that may say when the formula holds: {item.text!r}",
                "declare what holds, or write a formula behind the words",
            )
        found = _statements(after, source)
        first, *rest = found
        return [*_statements(before, source), (first[0], word in _BEFORE), *rest]
    return [
        (part, False) for wide in _apart_by_space(items, source) for part in _apart_by_commas(wide)
    ]


def _apart_by_commas(items: Items) -> list[Items]:
    parts = split_at(items, (",", ";"))
    return parts if all(_states(part) for part in parts) else [items]


def _apart_by_space(items: Items, source: Source) -> list[Items]:
    """The statements that stand apart by wide space."""
    found: list[Items] = []
    start = 0
    for place in range(1, len(items)):
        if is_wide(items[place - 1], items[place], source) and _states(items[start:place]):
            rest = items[place:]
            if _states(rest) and not _relation(rest, 0)[0]:
                found.append(items[start:place])
                start = place
    return [*found, items[start:]]


def _without_ampersands(items: Items) -> Items:
    return tuple(item for item in items if not (item.kind == "break" and item.text == "&"))


def trimmed(items: Items) -> Items:
    """The items without punctuation and comments at the end of the line."""
    while items:
        last = items[-1]
        comment = _is_comment(last) and (
            " " in last.text
            or last.text[:1] == "("
            or len(items) == 1
            or items[-2].text in _PUNCTUATION
        )
        fenced = (
            len(items) > 1
            and last.kind == "fence"
            and not scripted(last)
            and all(_is_comment(each) for each in last.parts[0])
        )
        if (
            (last.kind == "char" and last.text in _PUNCTUATION and not scripted(last))
            or comment
            or fenced
        ):
            items = items[:-1]
        else:
            break
    return items


def _is_comment(item: Item) -> bool:
    """Whether an item is words that say nothing about when the formula holds."""
    if item.kind != "word" or not item.parts[0][0].text.startswith(
        (r"\text", r"\mbox", r"\intertext")
    ):
        return False
    words = re.findall(r"[a-z]+", item.text.lower())
    return not (_CONDITIONAL & set(words) or _CONDITIONAL_FIRST & set(words[:1]))


def _row(items: Items, source: Source) -> Row | None:
    items = trimmed(items)
    while items and _is_comment(items[0]) and items[0].parts[0][0].text == r"\intertext":
        items = items[1:]
    if not items or all(item.kind == "word" and " " in item.text for item in items):
        return None
    sides: list[Items] = []
    relations: list[str] = []
    start, place = 0, 0
    while place < len(items):
        relation, length = _relation(items, place)
        if relation:
            sides.append(items[start:place])
            relations.append(relation)
            place += length
            start = place
        else:
            place += 1
    sides.append(items[start:])
    if relations == ["in"] and sides[1] and sides[1][0].text == "mathbb":
        return None
    continues = bool(relations) and not sides[0]
    if continues:
        sides = sides[1:]
    for side in sides:
        if not side:
            raise source.error_at(
                ParseError,
                items[0].start,
                items[-1].end,
                "a relation with nothing on one side",
                "write both sides",
            )
    if not relations and items[0].text in ("+", "-") and items[0].kind == "char":
        return Row(tuple(sides), ("+",), True)
    before = source.text[: items[0].start].rstrip()
    hangs = not relations and before.endswith("&")
    return Row(tuple(sides), tuple(relations), continues, hangs=hangs)


def _relation(items: Items, place: int) -> tuple[str, int]:
    item = items[place]
    if item.kind not in ("char", "command") or scripted(item):
        if item.kind in ("char", "command") and item.text in RELATIONS:
            return RELATIONS[item.text], 1
        return "", 0
    following = items[place + 1] if place + 1 < len(items) else None
    if item.text == ":" and following is not None and following.text == "=":
        return ":=", 2
    return (RELATIONS[item.text], 1) if item.text in RELATIONS else ("", 0)
