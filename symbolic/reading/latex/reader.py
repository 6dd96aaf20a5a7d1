r"""Reading LaTeX: blocks become rows, rows become formulas, sides become expressions or heads.

>>> (formula,) = read_latex(r"\nabla_w L = X^\top (X w - y)", {"X": "n d", "w": "d", "y": "n"})
>>> formula.sides[0].head.kind, formula.sides[1].expression
('derivative', X.T @ (X @ w - y))
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace

from symbolic.errors import (
    AmbiguousError,
    ChainruleError,
    NameUnknownError,
    NotAllowedError,
    ParseError,
    UnsupportedError,
)
from symbolic.nodes import Expression
from symbolic.reading.declarations import Given
from symbolic.reading.latex import heads
from symbolic.reading.latex.elaboration import Elaborator
from symbolic.reading.latex.fences import match_fences
from symbolic.reading.latex.formulas import Formula, Head, Side
from symbolic.reading.latex.function_names import CONVENTIONAL
from symbolic.reading.latex.iterations import find_step
from symbolic.reading.latex.macros import expanded
from symbolic.reading.latex.marks import occurs, scripted
from symbolic.reading.latex.phrases import Phrases
from symbolic.reading.latex.rows import Row, range_parts, read_rows, trimmed
from symbolic.reading.latex.scope import Scope
from symbolic.reading.latex.structure import Items, read_structure
from symbolic.reading.latex.symbols import bare_symbol
from symbolic.reading.latex.syntax import Big, Name, Node, children
from symbolic.reading.latex.values import Value, reordered
from symbolic.reading.parse_constants import constant_value
from symbolic.reading.parse_source import MAX_LENGTH, Source, shorten

_WRAPPED = (("$$", "$$"), (r"\[", r"\]"), (r"\(", r"\)"), ("$", "$"))


def read_latex(text: str, given: Given | None = None) -> tuple[Formula, ...]:
    """The formulas of a LaTeX text: one formula, or a block of rows.

    Raises `ParseError` (and its kind `AmbiguousError` where two readings remain), `NameUnknownError`,
    `ShapeError` and `NotAllowedError`, each with the place.

    >>> (formula,) = read_latex(r"z = Xw", {"X": "n d", "w": "d"})
    >>> formula.sides[0].head.name, formula.relations, formula.sides[1].expression
    ('z', ('=',), X @ w)
    """
    source = _source(text)
    try:
        scope = Scope(given, read_value)
        rows = read_rows(source)
        return tuple(_formulas(rows, source, scope))
    except RecursionError:
        raise ParseError(shorten(source.text), "nested too deeply", "split the formula") from None


def parse_latex(text: str, given: Given | None = None) -> Expression:
    r"""The expression of a LaTeX text; of a statement with only a head on the left, its right side.

    >>> parse_latex(r"L = \tfrac12 \|x\|^2", {"x": "n"})
    norm(x)**2/2
    """
    formulas = read_latex(text, given)
    if len(formulas) == 1:
        (formula,) = formulas
        sides = formula.sides
        if len(sides) == 1 and sides[0].expression is not None:
            return sides[0].expression
        defines = len(sides) == 2 and formula.relations[0] in ("=", ":=")
        if defines and sides[0].head is not None and sides[1].expression is not None:
            return sides[1].expression
        if len(sides) == 1 and sides[0].head is not None:
            raise NameUnknownError(
                shorten(sides[0].text),
                "it only names something",
                "declare it in given, or write what it is",
            )
    raise NotAllowedError(
        shorten(text),
        "a statement with relations, not one expression",
        "use verify_steps or equivalent",
    )


def declared_names(given: Given | None) -> dict[str, Expression]:
    """What the names of the text language stand for, definitions among them."""
    try:
        scope = Scope(given, read_value)
    except RecursionError:
        raise ParseError("given", "definitions nested too deeply", "write them in steps") from None
    for name in scope.sizes.keys() & scope.names.keys():
        raise NameUnknownError(
            f"{name!r} defined in given",
            "a size has the same letter",
            "give the definition or the size another letter",
        )
    return {**scope.sizes, **scope.names}


def read_value(text: str, scope: Scope) -> Value:
    """The value of a piece of LaTeX in a scope: the body of a definition."""
    source = _source(text)
    node = Phrases(trimmed(match_fences(read_structure(source), source)), source, scope).whole()
    return Elaborator(source, scope).value(node)


def _source(text: object) -> Source:
    if not isinstance(text, str):
        raise UnsupportedError(
            f"a {type(text).__name__} where LaTeX is expected", "not a str", "give the text"
        )
    if len(text) > MAX_LENGTH:
        raise ParseError(
            shorten(text),
            f"{len(text)} characters of text, at most {MAX_LENGTH} are read",
            "split it",
        )
    plain = expanded(str(text))
    stripped = plain.strip()
    for opening, closing in _WRAPPED:
        if (
            len(stripped) > len(opening) + len(closing)
            and stripped.startswith(opening)
            and stripped.endswith(closing)
        ):
            stripped = stripped[len(opening) : -len(closing)].strip()
    if not stripped:
        raise ParseError(
            repr(shorten(text)), "an empty text", r"write a formula, as in r'X^\top y'"
        )
    return Source(re.sub(r"[\n\r\t\f\v]", " ", re.sub(r"(?<!\\)%[^\n]*", "", stripped)))


# --- formulas --------------------------------------------------------------------------------------


def _formulas(rows: list[Row], source: Source, scope: Scope) -> list[Formula]:
    groups: list[list[tuple[int, Row]]] = []
    for number, row in enumerate(rows):
        if row.relations[:1] == ("+",) and row.continues:
            if not groups:
                groups.append([(number, replace(row, relations=(), continues=False))])
                continue
            before, last = groups[-1][-1]
            joined = (*last.sides[:-1], (*last.sides[-1], *row.sides[0]))
            groups[-1][-1] = (before, replace(last, sides=joined, range=row.range))
        elif row.continues and groups:
            groups[-1].append((number, row))
        elif row.continues:
            first = row.sides[0][0]
            raise source.error_at(
                ParseError,
                first.start,
                first.end,
                "a relation without a left side",
                "write what it continues",
            )
        elif row.hangs and groups:
            raise source.error_at(
                AmbiguousError,
                row.sides[0][0].start,
                row.sides[0][-1].end,
                "a row without a relation: a formula of its own, or factors of the row above",
                "begin it with a sign or \\cdot, or write it in the row above",
            )
        else:
            groups.append([(number, row)])
    order = list(range(len(groups)))
    for place in range(1, len(groups)):
        if groups[place][0][1].explains:
            order[place - 1 : place + 1] = [order[place], order[place - 1]]
    order = _constants_first(order, groups, scope)
    found = {place: _formula(groups[place], source, scope) for place in order}
    return [found[place] for place in range(len(groups))]


def _constants_first(
    order: list[int], groups: list[list[tuple[int, Row]]], scope: Scope
) -> list[int]:
    """The order of reading, a row that defines e or pi before the first one that uses it."""
    found = list(order)
    for place in order:
        _, row = groups[place][0]
        named = row.sides[0][0]
        if named.text not in ("e", r"\pi") or len(row.sides[0]) > 1 or row.relations[:1] != ("=",):
            continue
        users = [
            each
            for each in found[: found.index(place)]
            if any(occurs(named.text, side) for _, other in groups[each] for side in other.sides)
        ]
        if users and not scripted(named) and not scope.is_taken(named.text.lstrip("\\")):
            found.remove(place)
            found.insert(found.index(users[0]), place)
    return found


def _formula(group: list[tuple[int, Row]], source: Source, scope: Scope) -> Formula:
    parts = [(number, side) for number, row in group for side in _without_range(row)]
    relations = tuple(relation for _, row in group for relation in row.relations)
    if "!=" in relations:
        side = parts[0][1]
        raise source.error_at(
            NotAllowedError,
            side[0].start,
            side[-1].end,
            "a statement that two sides differ",
            "state what is equal",
        )
    scope.notes = []
    scope.outer_indices = frozenset()
    scope.step, scope.times = find_step([side for _, side in parts], scope), {}
    scope.new = _new_function(parts[0][1], relations, source, scope)
    scope.differentials = len(parts) > 1 and heads.is_differential(parts[0][1], scope)
    constants = set(scope.constants)
    first = Phrases(parts[0][1], source, scope).whole()
    el = Elaborator(source, scope)
    head = heads.read_head(el, first, has_right=len(parts) > 1)
    scope.outer_indices = heads.index_candidates(first)
    nodes = [first, *(Phrases(side, source, scope).whole() for _, side in parts[1:])]
    _gather_sizes(el, nodes)
    named = [head, *(heads.is_middle_head(el, node) for node in nodes[1:])]
    outer, scope.outer_indices = scope.outer_indices, frozenset()
    values = [el.value(first) if head is None else None]
    scope.outer_indices = outer
    later = zip(named[1:], nodes[1:], strict=True)
    values += [el.value(node) if each is None else None for each, node in later]
    if head is None and len(nodes) > 1 and relations[0] in ("=", ":="):
        scope.constants, used = constants, scope.constants
        head = named[0] = heads.constant_head(scope, first, nodes[1], values[1])
        scope.constants = constants if head is not None else used
        values[0] = None if head is not None else values[0]
    known = [value for value in values if value is not None]
    if head is not None:
        head = named[0] = heads.with_indices(head, first, known[0] if known else None, scope)
    _check_indices(head, values, parts, source)
    if head is not None and head.kind == "name" and not head.indices:
        _check_bound_head(first, nodes[1:], source)
    order = head.indices if head is not None else values[0].indices if values[0] is not None else ()
    for _, row in group:
        _check_range(el, row.range, order)
    values = [None if value is None else reordered(value, order) for value in values]
    sides = tuple(
        _side(source, number, items, value, each)
        for (number, items), value, each in zip(parts, values, named, strict=True)
    )
    if head is not None and len(sides) > 1 and relations[0] in ("=", ":=") and known:
        heads.define(scope, head, first, reordered(known[0], head.indices))
    return Formula(sides, relations, tuple(scope.notes))


def _new_function(left: Items, relations: tuple[str, ...], source: Source, scope: Scope) -> str:
    r"""The letter of a function that a formula defines, as in `\psi(x) = x^2`; "" for other formulas."""
    if len(left) != 2 or relations[:1] not in (("=",), (":=",)) or left[1].text != "()":
        return ""
    symbol = bare_symbol(left[0])
    if symbol is None or not all(bare_symbol(x) or x.text == "," for x in left[1].parts[0]):
        return ""
    if symbol.key in scope.assumed:
        raise source.error_at(
            AmbiguousError,
            left[0].start,
            left[1].end,
            f"a definition, or a claim about the {CONVENTIONAL[symbol.key]} function as it was read before",
            "define it first, or declare it",
        )
    return symbol.key


def _without_range(row: Row) -> tuple[Items, ...]:
    """The sides of a row without the range behind the last one, and its comma."""
    if not row.range:
        return row.sides
    *first, last = row.sides
    return (*first, trimmed(last[: len(last) - len(row.range)]))


def _check_range(el: Elaborator, written: Items, indices: tuple[str, ...]) -> None:
    """Refuse a range that may leave entries out: one that does not end at the size of the axis."""
    letters, _, last = range_parts(written)
    for letter in letters:
        size = None
        with contextlib.suppress(ChainruleError):
            size = constant_value(el.value(el.phrase(last, last[0])).array)
        whole = size is not None and el.scope.index_sizes.get(letter) == size
        if letter not in indices or not whole:
            raise el.source.error_at(
                AmbiguousError,
                written[0].start,
                written[-1].end,
                f"a range of {letter} that is not known to be that of the formula",
                "leave it out where the formula holds for all entries",
            )
        el.scope.note(f"{letter} runs over its whole axis, as in every formula with an index")


def _check_bound_head(first: Node, later: list[Node], source: Source) -> None:
    r"""Refuse `s_i = \sum_i x_i`: an index on the left that is summed over on the right."""
    stack, bound = list(later), set[str]()
    while stack:
        node = stack.pop()
        bound |= set(node.range.indices) if isinstance(node, Big) else set()
        stack.extend(children(node))
    letters = sorted(bound & heads.index_candidates(first))
    if letters:
        raise source.error_at(
            AmbiguousError,
            first.start,
            first.end,
            f"{letters[0]} is on the left, and summed over on the right",
            "use another letter for the sum, or leave it out on the left",
        )


def _gather_sizes(el: Elaborator, nodes: list[Node]) -> None:
    """Learn the sizes of index letters from the names that carry them."""
    scope = el.scope
    notes, taken, bound = list(scope.notes), dict(scope.taken), scope.bound
    scope.index_sizes = {}
    stack = list(nodes)
    ranges: list[tuple[str, Node]] = []
    letters: set[str] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, Big):
            letters |= set(node.range.indices)
            if node.range.upper is not None:
                ranges += [(letter, node.range.upper) for letter in node.range.indices]
        stack.extend(children(node))
    scope.bound = tuple(letters)
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, Name):
            with contextlib.suppress(ChainruleError):
                el.value(node)
        stack.extend(children(node))
    for letter, upper in ranges:
        try:
            value = el.value(upper)
        except ChainruleError:
            continue
        size = constant_value(value.array)
        if size is not None and scope.index_sizes.get(letter, size) is not None:
            scope.index_sizes.setdefault(letter, size)
    scope.notes, scope.taken, scope.bound = notes, taken, bound


def _check_indices(
    head: Head | None, values: list[Value | None], parts: list[tuple[int, Items]], source: Source
) -> None:
    """A free index of a later side has to be free on the left: no sum is implied."""
    first = values[0]
    left = head.indices if head is not None else first.indices if first is not None else ()
    if head is not None and not head.name and not head.by:
        return
    for (_, items), value in list(zip(parts, values, strict=True))[1:]:
        if value is None:
            continue
        if first is not None and first.indices and not first.rank and value.rank:
            raise source.error_at(
                AmbiguousError,
                items[0].start,
                items[-1].end,
                "a vector or matrix here, and an entry on the left, unless its index is a label",
                "declare the whole name on the left, or write the entry here",
            )
        extra = [letter for letter in value.indices[::-1] if letter not in left]
        if extra:
            raise source.error_at(
                AmbiguousError,
                items[0].start,
                items[-1].end,
                f"the index {extra[0]} is free here and not on the left: a sum left out, or a slip",
                rf"write the sum, as in \sum_{extra[0]}, or the index on the left",
            )


def _side(source: Source, row: int, items: Items, value: Value | None, head: Head | None) -> Side:
    text = " ".join(source.text[items[0].start : items[-1].end].split())
    if value is None:
        return Side(text, row, None, head.indices if head else (), False, head)
    if value.fitting:
        raise source.error_at(
            NotAllowedError,
            items[0].start,
            items[-1].end,
            f"{value.kind}",
            r"write its size, as in I_n or \mathbf{1}_n",
        )
    return Side(text, row, value.array, value.indices, value.row and value.rank == 1)
