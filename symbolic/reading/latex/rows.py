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
_INDICES = frozenset("ijklmn")
_DOTS = frozenset((r"\dots", r"\ldots", r"\cdots", r"\dotsc"))
_PUNCTUATION = frozenset((".", ",", ";", ":"))


@dataclass(frozen=True)
class Row:
    r"""The sides of one statement as items, the relations before and between them.

    It `continues` a statement above, `explains` one before it (and is read first), or hangs below one,
    behind a column's edge, without a relation.
    """

    sides: tuple[Items, ...]
    relations: tuple[str, ...]
    continues: bool
    explains: bool = False
    hangs: bool = False
    range: Items = ()  # `j = 1, \dots, d` behind the last side, which it is a part of


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
    said = [is_range(pair) or _is_condition(pair) for pair in filled[1:]]
    if len(filled) > 1 and all(_states(pair) for pair in filled) and not any(said):
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
    core, remark = _with_range(items, source)
    parts = [part for wide in _apart_by_space(core, source) for part in _apart_by_commas(wide)]
    if remark and len(parts) > 1:
        raise _range_of_several(remark, source)
    return [((*part, *remark), False) for part in parts]


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


def _with_range(items: Items, source: Source) -> tuple[Items, Items]:
    r"""A formula, and the range of its indices behind it, as `j = 1, \dots, d`."""
    items = trimmed(items)
    found: tuple[Items, Items] = (items, ())
    if len(items) > 1 and items[-1].kind == "fence" and is_range(items[-1:]):
        found = items[:-1], items[-1:]
    for place in range(1, len(found[0])):
        before = items[place - 1]
        apart = before.text in _PUNCTUATION or is_wide(before, items[place], source)
        if apart and is_range(items[place:]):
            found = items[:place], items[place:]
            break
        if apart and _is_condition(items[place:]):
            raise _of_some_entries(items[place:], source)
    first = range_parts(found[1])[1]
    if first and [each.text for each in first] != ["1"]:
        raise _of_some_entries(found[1], source)
    return found


def _is_condition(items: Items) -> bool:
    r"""Whether items relate indices, as `i \ne j`, `(i < j)` or `1 \le j \le d`."""
    if len(items) == 1 and items[0].text == "()" and not scripted(items[0]):
        items = items[0].parts[0]
    relations = [_relation(items, place)[0] for place in range(len(items))]
    if len(items) % 2 == 0 or not any(relations):
        return False
    sides, between = items[::2], relations[1::2]
    single = all(each.kind == "char" and each.text.isalnum() for each in sides)
    indices = any(each.text in _INDICES for each in sides)
    return all(between) and single and (indices or "!=" in between)


def is_range(items: Items) -> bool:
    """Whether items say what letters run over, and no more."""
    return bool(range_parts(items)[0])


def range_parts(items: Items) -> tuple[tuple[str, ...], Items, Items]:
    """The letters of a range, its first value and its last one; no letters for other items."""
    nothing: tuple[tuple[str, ...], Items, Items] = ((), (), ())
    if len(items) == 1 and items[0].text == "()" and not scripted(items[0]):
        items = items[0].parts[0]
    at = next((k for k, each in enumerate(items) if each.text in ("=", r"\in")), 0)
    letters, body = items[:at:2], items[at + 1 :]
    if at and items[at].text == r"\in":
        braced = len(body) == 1 and body[0].kind == "fence" and body[0].text == "{}"
        body = body[0].parts[0] if braced and not scripted(body[0]) else ()
    named = all(each.kind == "char" and each.text.isalpha() for each in letters)
    listed = all(each.text == "," for each in items[1:at:2]) and at % 2 == 1
    parts = split_at(body, (",",))
    if not named or not listed or any(scripted(each) for each in items[:at]) or len(parts) != 3:
        return nothing
    first, dots, last = parts
    dotted = len(dots) == 1 and dots[0].text in _DOTS and first and last
    return (tuple(each.text for each in letters), first, last) if dotted else nothing


def _of_some_entries(items: Items, source: Source) -> Exception:
    return source.error_at(
        NotAllowedError,
        items[0].start,
        items[-1].end,
        "a relation of indices, which says for which entries the formula holds",
        "write cases, or leave it out where the formula holds for all entries",
    )


def _range_of_several(remark: Items, source: Source) -> Exception:
    return source.error_at(
        NotAllowedError,
        remark[0].start,
        remark[-1].end,
        "a range behind several relations",
        "write it behind each, in rows of their own",
    )


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
    items, remark = _with_range(items, source)
    items = trimmed(items)
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
    if remark and len(relations) > 1:
        raise _range_of_several(remark, source)
    sides[-1] = (*sides[-1], *remark)
    if not relations and items[0].text in ("+", "-") and items[0].kind == "char":
        return Row(tuple(sides), ("+",), True, range=remark)
    before = source.text[: items[0].start].rstrip()
    hangs = not relations and before.endswith("&")
    return Row(tuple(sides), tuple(relations), continues, hangs=hangs, range=remark)


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
