r"""Sums, products and extremes over named axes: ranges, conditions, what does not hold the index."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from symbolic import operations, reductions
from symbolic.errors import AmbiguousError, NotAllowedError, ShapeError
from symbolic.nodes import Contraction, Expression, Iverson
from symbolic.reading import parse_constants
from symbolic.reading.latex import conditions
from symbolic.reading.latex.syntax import Big, Node
from symbolic.reading.latex.values import Value, multiply, number, summed

if TYPE_CHECKING:
    from symbolic.reading.latex.elaboration import Elaborator


def big(el: Elaborator, node: Big) -> Value:
    scope, found = el.scope, node.range
    outer = scope.bound
    for letter in found.indices:
        if letter in outer:
            scope.note(f"the inner index {letter} hides the outer one")
    scope.bound = (*outer, *found.indices)
    try:
        _check_conditions(el, node)
        body = el.value(node.body)
    finally:
        scope.bound = outer
    if body.fitting:
        raise ShapeError(body.kind, "under a sum", "write its size")
    for letter in found.indices:
        if letter not in body.indices:
            body = _repeated(el, body, letter, node)
    _check_bounds(el, node, body)
    if node.operator != "sum":
        return _extreme(el, node, body)
    for test in found.tests:
        body = multiply(conditions.where(el, test, number(1), number(0)), body)
    weight = _weight(el, node, body)
    if weight is None:
        return summed(body, found.indices)
    return summed(multiply(weight, body), found.indices)


def _check_conditions(el: Elaborator, node: Big) -> None:
    for left, _, right in node.range.conditions:
        for letter in (left, right):
            known = letter in el.scope.bound or letter in el.scope.outer_indices
            if not known:
                raise AmbiguousError(
                    f"a sum over {' and '.join(node.range.indices)} with a condition on {letter}",
                    f"{letter} may be fixed, or be summed over as well",
                    f"write \\sum_{{{left}, {right}: ...}} or \\sum_{{{left}: ...}} beside an index {letter}",
                )


def _repeated(el: Elaborator, body: Value, letter: str, node: Big) -> Value:
    """A body without the index, repeated over its range."""
    size: Any = el.scope.index_sizes.get(letter)
    if node.range.upper is not None:
        upper = parse_constants.constant_value(el.value(node.range.upper).array)
        size = upper if upper is not None else size
    if size is None or size == 0:
        raise ShapeError(
            f"a sum over {letter}",
            f"{letter} occurs in nothing it covers",
            "write its range, or brackets",
        )
    repeated = Contraction(
        [body.array],
        [list(range(body.array.rank))],
        [letter, *range(body.array.rank)],
        {letter: size},
    )
    return replace(body, array=repeated, indices=(letter, *body.indices))


def _check_bounds(el: Elaborator, node: Big, body: Value) -> None:
    """The range has to be that of the axis: 1 to n, or 0 to n - 1."""
    found = node.range
    if found.lower is None and found.upper is None:
        return
    lower = _bound(el, found.lower) if found.lower is not None else 1
    upper = _bound(el, found.upper) if found.upper is not None else None
    for letter in found.indices:
        size = body.array.shape[body.indices.index(letter)]
        if upper is None and lower in (0, 1):
            continue
        if (lower, upper) not in ((1, size), (0, size - 1)):
            shown = f"{lower} to {upper}"
            raise ShapeError(
                f"the index {letter} from {shown}",
                f"its axis has size {size}",
                "sum over the whole axis",
            )


def _bound(el: Elaborator, node: Node) -> Any:
    value = el.value(node)
    found = parse_constants.constant_value(value.array)
    if found is None:
        raise NotAllowedError("a bound of a sum", "no size and no number", "write a size")
    return int(found) if found.is_Integer else found


def _extreme(el: Elaborator, node: Big, body: Value) -> Value:
    if node.range.conditions:
        raise NotAllowedError(node.operator, "a condition on its indices", "write it out")
    build = {"prod": reductions.prod, "max": reductions.max, "min": reductions.min}[node.operator]
    axes = tuple(body.indices.index(letter) for letter in node.range.indices)
    kept = tuple(name for name in body.indices if name not in node.range.indices)
    return replace(body, array=build(body.array, axes), indices=kept)


def _weight(el: Elaborator, node: Big, body: Value) -> Value | None:
    weight: Value | None = None
    for left, relation, right in node.range.conditions:
        sizes = {
            body.array.shape[body.indices.index(each)]
            for each in (left, right)
            if each in body.indices
        } | {el.scope.index_sizes[each] for each in (left, right) if each in el.scope.index_sizes}
        if len(sizes) != 1:
            raise ShapeError(
                f"a condition on {left} and {right}",
                "ranges that differ or are not known",
                "write the range",
            )
        each = Value(_bracket(relation, sizes.pop()), (left, right))
        weight = each if weight is None else multiply(weight, each)
    return weight


def _bracket(relation: str, size: Any) -> Expression:
    if relation == "!=":
        return operations.subtract(operations.ones(size, size), operations.eye(size))
    coefficients = (-1, 1) if relation in ("<", "<=") else (1, -1)
    return Iverson((size, size), coefficients, -1 if relation in ("<", ">") else 0, ">=")
