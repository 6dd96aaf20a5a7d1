r"""What a sum runs over: `i`, `i,j`, `i=1` to `n`, `i \ne j`, `i < j`, `1 \le i \le n`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from symbolic.errors import AmbiguousError, NotAllowedError
from symbolic.reading.latex.structure import Item, Items
from symbolic.reading.latex.symbols import whole_symbol
from symbolic.reading.latex.syntax import Node, Range, mentioned

if TYPE_CHECKING:
    from symbolic.reading.latex.phrases import Phrases

_CONDITIONS = {
    r"\neq": "!=", r"\ne": "!=", "<": "<", ">": ">", r"\le": "<=", r"\leq": "<=", r"\ge": ">=",
    r"\geq": ">=", "=": "=", r"\lt": "<", r"\gt": ">",
}  # fmt: skip


def read_range(item: Item, phrases: Phrases) -> Range:
    """The range of a big operator from its scripts."""
    assert item.sub is not None
    upper = phrases.inner(item.sup, item) if item.sup is not None else None
    letters: list[str] = []
    conditions: list[tuple[str, str, str]] = []
    lower: Node | None = None
    tests: list[Node] = []
    for place, clause in enumerate(_clauses(item.sub)):
        relations = [k for k, each in enumerate(clause) if _relation(each)]
        if not relations:
            letters += _indices(clause, item, phrases)
        elif len(relations) == 1 and place and letters and not _is_bare(clause):
            tests.append(phrases.condition(clause, item))
        elif len(relations) == 1:
            (at,) = relations
            relation = _relation(clause[at])
            left, right = clause[:at], clause[at + 1 :]
            if relation == "=":
                if lower is not None:
                    _refuse(item, phrases, "two lower bounds")
                letters += _indices(left, item, phrases)
                lower = phrases.inner(right, item)
            else:
                one, other = _indices(left, item, phrases), _indices(right, item, phrases)
                if len(one) != 1 or len(other) != 1:
                    _refuse(item, phrases, "a condition that is not between two indices")
                conditions.append((one[0], relation, other[0]))
        elif len(relations) == 2 and all(_relation(clause[k]) == "<=" for k in relations):
            first, second = relations
            lower = phrases.inner(clause[:first], item)
            letters += _indices(clause[first + 1 : second], item, phrases)
            upper = phrases.inner(clause[second + 1 :], item)
        else:
            _refuse(item, phrases, "a chain of relations")
    for left_letter, relation, right_letter in conditions:
        if not letters:
            letters.append(left_letter)
            if relation in ("<", "<=", ">", ">="):
                letters.append(right_letter)
    letters = list(dict.fromkeys(letters))
    for letter in letters:
        if phrases.names.is_taken(letter):
            raise phrases.error(
                AmbiguousError,
                item.start,
                item.end,
                f"{letter} is declared, and also the index of {item.text}",
                "use another letter for the index",
            )
    return Range(tuple(letters), lower, upper, tuple(conditions), tuple(tests))


def implied_range(item: Item, body: Node, phrases: Phrases) -> Range:
    """The range of a sum without an index: the one letter that its body uses as an index."""
    used = {
        letter
        for letter in mentioned(body)
        if not phrases.names.is_taken(letter) and letter not in phrases.names.outer_indices
    }
    if len(used) != 1:
        raise phrases.error(
            AmbiguousError,
            item.start,
            item.end,
            f"{item.text} without an index: it may run over any axis",
            "write the index below it",
        )
    (letter,) = used
    phrases.names.note(f"the {item.text[1:]} without an index runs over {letter}")
    return Range((letter,))


def _clauses(items: Items) -> list[Items]:
    """The parts of a subscript between commas and colons."""
    found: list[Items] = []
    start = 0
    for place, item in enumerate(items):
        if item.kind in ("char", "command") and item.text in (",", ":", ";", r"\colon", r"\mid"):
            found.append(items[start:place])
            start = place + 1
    return [clause for clause in (*found, items[start:]) if clause]


def _is_bare(clause: Items) -> bool:
    """Whether a clause only relates letters."""
    return len(clause) == 3 and all(each.sub is None and each.sup is None for each in clause)


def _relation(item: Item) -> str:
    return _CONDITIONS.get(item.text, "") if item.kind in ("char", "command") else ""


def _indices(items: Items, item: Item, phrases: Phrases) -> list[str]:
    found = []
    for each in items:
        symbol = whole_symbol(each)
        if symbol is None or each.kind not in ("char", "command", "group") or symbol.accents:
            _refuse(item, phrases, "something that is no index letter")
        found.append(symbol.key)
    return found


def _refuse(item: Item, phrases: Phrases, found: str) -> NoReturn:
    raise phrases.error(
        NotAllowedError,
        item.start,
        item.end,
        f"a range with {found}",
        r"write ranges as \sum_{i=1}^{n}, \sum_i, \sum_{i,j}, \sum_{i \ne j} or \sum_{i<j}",
    )
