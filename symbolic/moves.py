"""How a product with Iverson brackets is spelt: a slice, padding, windows, reshape, vec, kron, a triangle.

Each reader below recognises what the function of the same name in `symbolic.indexing` or
`symbolic.windows` builds; what none recognises is written with `iverson`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy

from symbolic.nodes import Contraction, Expression, Iverson, Sum
from symbolic.sizes import Size, surely_nonnegative

Move = tuple[str, tuple[Expression, ...], Any]  # operation, operands, detail
Bracket = tuple[Iverson, tuple[int, ...]]


def spell_move(node: Contraction) -> Move | None:
    """The move that a contraction is, if it is one."""
    brackets = [
        (operand, labels)
        for operand, labels in zip(node.operands, node.labels, strict=True)
        if isinstance(operand, Iverson)
    ]
    if not brackets or node.coefficient != 1 or len(set(node.output)) < len(node.output):
        return None
    others = [
        (operand, labels)
        for operand, labels in zip(node.operands, node.labels, strict=True)
        if not isinstance(operand, Iverson)
    ]
    if any(len(set(labels)) < len(labels) for _, labels in [*others, *brackets]):
        return None
    if len(others) == 2:
        return _kron(node, others, brackets)
    if len(others) != 1:
        return None
    ((operand, labels),) = others
    for reader in (_triangle, _index, _pad, _windows, _vec, _reshape):
        found = reader(node, operand, labels, brackets)
        if found is not None:
            return found
    return None


def triangle_of(bracket: Iverson) -> tuple[str, int] | None:
    """("tril", k) or ("triu", k) for the bracket of a triangle."""
    if bracket.relation != ">=" or not bracket.offset.is_Integer:
        return None
    if bracket.coefficients == (1, -1):
        return "tril", int(bracket.offset)
    if bracket.coefficients == (-1, 1):
        return "triu", -int(bracket.offset)
    return None


def _triangle(
    node: Contraction, operand: Expression, labels: tuple[int, ...], brackets: list[Bracket]
) -> Move | None:
    if len(brackets) != 1 or len(labels) < 2 or node.output != labels:
        return None
    bracket, at = brackets[0]
    found = triangle_of(bracket)
    if found is None or at != labels[-2:]:
        return None
    return found[0], (operand,), found[1]


def _index(
    node: Contraction, operand: Expression, labels: tuple[int, ...], brackets: list[Bracket]
) -> Move | None:
    parts: dict[int, object] = {}
    became: dict[int, int] = {}
    for bracket, at in brackets:
        if not at or bracket.relation != "==" or at[0] not in labels or at[0] in node.output:
            return None
        if at[0] in parts or bracket.coefficients[0] != 1:
            return None
        size = bracket.shape[0]
        if len(at) == 1:
            parts[at[0]] = _counted(-bracket.offset, size)
        elif len(at) == 2 and at[1] not in labels:
            part = _slice(bracket, size)
            if part is None:
                return None
            parts[at[0]], became[at[0]] = part, at[1]
        else:
            return None
    wanted = [became.get(x, x) for x in labels if x not in parts or x in became]
    if list(node.output) != wanted:
        return None
    return "index", (operand,), tuple(parts.get(x, slice(None)) for x in labels)


def _slice(bracket: Iverson, size: Size) -> slice | None:
    """[i == start + step*o] as a slice that the function `index` reads back as the same bracket."""
    step, start = -bracket.coefficients[1], -bracket.offset
    if not step.is_Integer or step == 0:
        return None
    count = bracket.shape[1]
    if step == 1:
        stop = sympy.expand(start + count)
        if not _within(start, size) or not _within(stop - 1, size):
            return None
        first = None if start == 0 else _counted(start, size)
        last = None if sympy.expand(stop - size) == 0 else _counted(stop, size)
        return slice(first, last, None)
    if step == -1:
        last = sympy.expand(start - count + 1)
        if not _within(start, size) or not _within(last, size):
            return None
        first = None if sympy.expand(start - size + 1) == 0 else start
        return slice(first, None if last == 0 else last - 1, -1)
    ahead = step > 0
    end = sympy.sympify(size) if ahead else sympy.Integer(-1)
    span = end - start if ahead else start - end
    whole = sympy.expand(sympy.floor((span + abs(step) - 1) / abs(step)))
    at_edge = start == 0 if ahead else sympy.expand(start - size + 1) == 0
    if sympy.expand(whole - count) != 0 or not _within(start, size):
        return None
    return slice(None if at_edge else start, None, int(step))


def _counted(place: sympy.Expr, size: Size) -> sympy.Expr:
    """An index as it is, or counted from the end of an axis of symbolic size."""
    back = sympy.expand(place - size)
    counted = back.is_Integer and back < 0 and not isinstance(size, int)
    return back if counted else place


def _within(place: sympy.Expr, size: Size) -> bool:
    """Whether an index lies within an axis: surely, or as a number in an axis of symbolic size."""
    if place.is_Integer and not isinstance(size, int):
        return bool(place >= 0)
    low, high = sympy.expand(place), sympy.expand(size - 1 - place)
    if surely_nonnegative(low) and surely_nonnegative(high):
        return True
    back = sympy.expand(place - size)
    return bool(back.is_Integer and back < 0)


def _pad(
    node: Contraction, operand: Expression, labels: tuple[int, ...], brackets: list[Bracket]
) -> Move | None:
    if len(brackets) != 1:
        return None
    bracket, at = brackets[0]
    if len(at) != 2 or bracket.relation != "==" or bracket.coefficients != (1, -1):
        return None
    new, old, before = at[0], at[1], -bracket.offset
    sizes = bracket.shape
    if old not in labels:  # written the other way round: [old == new - before]
        new, old, before, sizes = at[1], at[0], bracket.offset, sizes[::-1]
    if old not in labels or new in labels or old in node.output:
        return None
    after = sympy.expand(sizes[0] - sizes[1] - before)
    cut_at_number = isinstance(sizes[1], int) and not isinstance(sizes[0], int)
    if not surely_nonnegative(before) and not cut_at_number:
        return None
    if not surely_nonnegative(after) and not cut_at_number:
        return None
    if before.is_negative or after.is_negative:
        return None
    if list(node.output) != [new if label == old else label for label in labels]:
        return None
    return "pad", (operand,), (before, after, labels.index(old))


def _windows(
    node: Contraction, operand: Expression, labels: tuple[int, ...], brackets: list[Bracket]
) -> Move | None:
    if len(brackets) != 1:
        return None
    bracket, at = brackets[0]
    if len(at) != 3 or bracket.relation != "==" or bracket.coefficients[0] != 1:
        return None
    old, window, place = at
    stride, dilation, padding = (-c for c in (*bracket.coefficients[1:], -bracket.offset))
    if old not in labels or {window, place} & set(labels) or old in node.output:
        return None
    if not all(each.is_Integer for each in (stride, dilation, padding)):
        return None
    if stride < 1 or dilation < 1 or padding < 0:
        return None
    length, count, width = bracket.shape
    span = length + 2 * padding - dilation * (width - 1) - 1
    wanted = sympy.expand(span if stride == 1 else sympy.floor(sympy.expand(span) / stride)) + 1
    if sympy.expand(wanted - count) != 0:
        return None
    axis = labels.index(old)
    if list(node.output) != [*labels[:axis], window, place, *labels[axis + 1 :]]:
        return None
    return "windows", (operand,), (width, axis, int(stride), int(dilation), int(padding))


def _merges(bracket: Iverson, *, first_fastest: bool = False) -> bool:
    from symbolic.indexing import merging

    if len(bracket.shape) < 3 or bracket.relation != "==":
        return False
    whole, *sizes = bracket.shape
    if sympy.expand(sympy.Mul(*sizes) - whole) != 0:
        return False
    return bracket is merging(whole, sizes, first_fastest=first_fastest)


def _vec(
    node: Contraction, operand: Expression, labels: tuple[int, ...], brackets: list[Bracket]
) -> Move | None:
    if len(brackets) != 1 or len(labels) != 2:
        return None
    bracket, at = brackets[0]
    if at[1:] == labels and node.output == at[:1] and _merges(bracket, first_fastest=True):
        return "vec", (operand,), None
    return None


def _reshape(
    node: Contraction, operand: Expression, labels: tuple[int, ...], brackets: list[Bracket]
) -> Move | None:
    order = list(labels)
    splits = []
    for bracket, at in brackets:
        if not _merges(bracket):
            return None
        run = list(at[1:])
        start = order.index(run[0]) if run[0] in order else -1
        if start >= 0 and order[start : start + len(run)] == run:
            order[start : start + len(run)] = [at[0]]
        else:
            splits.append(at)
    for at in splits:
        if at[0] not in order:
            return None
        place = order.index(at[0])
        order[place : place + 1] = at[1:]
    if tuple(order) != node.output or len(set(order)) < len(order):
        return None
    shape = [node.sizes[label] for label in order]
    from symbolic.indexing import reshape

    return ("reshape", (operand,), tuple(shape)) if reshape(operand, *shape) is node else None


def _kron(
    node: Contraction,
    others: list[tuple[Expression, tuple[int, ...]]],
    brackets: list[Bracket],
) -> Move | None:
    (left, _), (right, _) = others
    if left.rank != right.rank or left.rank != len(brackets) or left.rank not in (1, 2):
        return None
    from symbolic.indexing import kron

    return ("kron", (left, right), None) if kron(left, right) is node else None


def spell_concatenation(node: Sum) -> tuple[tuple[Expression, ...], int] | None:
    """The parts and the axis of a sum of arrays that are padded to stand one behind the other."""
    parts: list[tuple[Expression, sympy.Expr, int]] = []
    for term in node.terms:
        move = spell_move(term) if isinstance(term, Contraction) else None
        if move is None or move[0] != "pad":
            return None
        before, _, axis = move[2]
        parts.append((move[1][0], before, axis))
    place = sympy.Integer(0)
    axis = parts[0][2]
    for operand, before, along in parts:
        if along != axis or sympy.expand(before - place) != 0:
            return None
        place = place + operand.shape[axis]
    return (
        (tuple(operand for operand, _, _ in parts), axis)
        if sympy.expand(place - node.shape[axis]) == 0 and len(parts) > 1
        else None
    )


def spell_stack(parts: Iterable[Expression], axis: int) -> tuple[Expression, ...] | None:
    """The arrays that stand one behind the other along a new axis, if all of the parts are such."""
    inside = [_without_axis(part, axis) for part in parts]
    return tuple(each for each in inside if each is not None) if None not in inside else None


def _without_axis(part: Expression, axis: int) -> Expression | None:
    """The array that an axis of size 1 was put into."""
    if not isinstance(part, Contraction) or len(part.operands) != 1 or part.coefficient != 1:
        return None
    rest = part.output[:axis] + part.output[axis + 1 :]
    alone = part.labels[0] == rest and len(set(part.output)) == part.rank and not part.summed
    return part.operands[0] if alone and part.shape[axis] == 1 else None
