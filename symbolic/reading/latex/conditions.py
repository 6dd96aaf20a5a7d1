r"""Conditions: indicators, cases, deltas of indices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbolic import operations
from symbolic.errors import NotAllowedError, ShapeError
from symbolic.reading.latex.symbols import whole_symbol
from symbolic.reading.latex.syntax import Cases, Name, Node, Relation
from symbolic.reading.latex.values import Value, add, elementwise, multiply, number
from symbolic.reading.parse_source import Source

if TYPE_CHECKING:
    from symbolic.reading.latex.elaboration import Elaborator


def indicator(el: Elaborator, node: Relation) -> Value:
    """1 where a relation holds, else 0."""
    return where(el, node, number(1), number(0))


def where(el: Elaborator, condition: Node, yes: Value, no: Value) -> Value:
    if not isinstance(condition, Relation):
        raise NotAllowedError("a condition", "no comparison", "write one as y = 1")
    relation = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}.get(
        condition.relation
    )
    if relation is None:
        raise NotAllowedError("a condition", condition.relation, "use = < > \\le \\ge \\ne")
    one, other = _index_letter(el, condition.left), _index_letter(el, condition.right)
    if one and other and relation in ("==", "!="):
        same = delta(el, (one, other))
        if relation == "!=":
            same = add([(1, number(1)), (-1, same)], el.scope.note)
        difference = add([(1, yes), (-1, no)], el.scope.note)
        return add([(1, no), (1, multiply(same, difference))], el.scope.note)
    left, right = el.value(condition.left), el.value(condition.right)
    return elementwise(
        lambda a, b, c, d: operations.where(operations.compare(a, relation, b), c, d),
        left,
        right,
        yes,
        no,
    )


def _index_letter(el: Elaborator, node: Node) -> str:
    symbol = whole_symbol(node.item) if isinstance(node, Name) else None
    free = symbol is not None and symbol.key == symbol.base and not el.scope.is_taken(symbol.base)
    if symbol is not None and free and symbol.base not in el.scope.sizes:
        return symbol.base
    return ""


def delta(el: Elaborator, letters: tuple[str, str]) -> Value:
    """1 where two indices are equal, else 0."""
    sizes = [el.scope.index_sizes.get(letter) for letter in letters]
    size = sizes[0] if sizes[0] is not None else sizes[1]
    if size is None or any(each not in (None, size) for each in sizes):
        raise ShapeError(
            f"a delta of {letters[0]} and {letters[1]}",
            "the range of the indices is not said",
            "sum over it with its range",
        )
    if letters[0] == letters[1]:
        return Value(operations.ones(size), letters[:1])
    return Value(operations.eye(size), letters)


def cases(el: Elaborator, node: Cases) -> Value:
    *rows, (last, condition) = node.rows
    value = el.value(last)
    if condition is not None and not rows:
        raise NotAllowedError("cases", "one row with a condition", "say what holds otherwise")
    if condition is not None and not _complements([row[1] for row in rows], condition, el.source):
        raise NotAllowedError(
            "cases",
            "the last row has a condition, and nothing is said otherwise",
            "write 'otherwise' in the last row",
        )
    for each, test in reversed(rows):
        if test is None:
            raise NotAllowedError("cases", "otherwise before the last row", "order the rows")
        value = where(el, test, el.value(each), value)
    return value


def _complements(tests: list[Node | None], last: Node, source: Source) -> bool:
    """Whether the last condition of two is the opposite of the first."""
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}
    if len(tests) != 1 or not isinstance(tests[0], Relation) or not isinstance(last, Relation):
        return False
    first = tests[0]

    def text(node: Node) -> str:
        return "".join(source.text[node.start : node.end].split())

    same = text(first.left) == text(last.left) and text(first.right) == text(last.right)
    return same and opposite.get(first.relation) == last.relation
