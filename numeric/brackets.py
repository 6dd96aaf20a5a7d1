"""Iverson brackets at given sizes: where they hold, and products with them without a product.

A bracket selects: where it does not hold the product is 0 whatever the other factors are, also where
those have no value. So a contraction with brackets gathers the entries at which all of them hold,
contracts those, and puts the results in their places:

    sum_i [i == o + 1] x[i]   is   x[1], x[2], ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from numeric.binding import integer_of, shape_of
from symbolic.errors import ShapeError
from symbolic.nodes import Contraction, Expression, Iverson

Array = Any
Sizes = Mapping[sympy.Symbol, int]
Placed = tuple[Iverson, tuple[int, ...]]


@dataclass(frozen=True)
class Selection:
    """The index tuples at which brackets that share labels hold: `places[label]`, one entry a tuple.

    `label` is a fresh label that counts the tuples.
    """

    label: int
    places: Mapping[int, Array]
    count: int


def mask(node: Iverson, sizes: Sizes) -> Array:
    """Where a bracket holds, as an array of truth values of its shape.

    Conditions: those of `check_inside`.

    >>> mask(Iverson((3, 2), (1, -1), -1), {}).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1]]
    """
    check_inside(node, sizes)
    shape = shape_of(node.shape, sizes)
    total = np.full((1,) * len(shape), integer_of(node.offset, sizes))
    for coefficient, axis in zip(node.coefficients, np.indices(shape, sparse=True), strict=True):
        total = total + integer_of(coefficient, sizes) * axis
    return np.broadcast_to(total == 0 if node.relation == "==" else total >= 0, shape)


# --- bounds --------------------------------------------------------------------------------------


def check_inside(node: Iverson, sizes: Sizes) -> None:
    """Raise `ShapeError` where a bracket would select entries outside an axis, as `x[5]` of 3 entries.

    An equation between two indices (or of one index and a number) reads places of one axis, one for
    each place of the other. At these sizes, every place of one of the axes must find its partner; an
    equation that leaves places of both without one at all sizes, as a shift does, is meant so.
    """
    shape_of(node.shape, sizes)
    axes = [k for k, coefficient in enumerate(node.coefficients) if coefficient != 0]
    if node.relation != "==" or not 1 <= len(axes) <= 2:
        return
    pairs = [(axes[0], None)] if len(axes) == 1 else [(axes[0], axes[1]), (axes[1], axes[0])]
    doubtful: list[tuple[sympy.Expr, sympy.Expr]] = []
    for read, by in pairs:
        step = node.coefficients[read]
        if step not in (1, -1):
            continue
        slack = _slack(node, read, by)
        if all(integer_of(each, sizes) >= 0 for each in slack):
            return
        if not any(each.is_negative for each in slack):
            doubtful.append((node.shape[read], _last(node, read, by)))
    if doubtful:
        size, last = doubtful[0]
        raise ShapeError(
            f"an index of an axis of size {size}",
            f"it goes to {integer_of(last, sizes)}, outside 0 to {shape_of((size,), sizes)[0] - 1}",
            "use an index within the axis, or larger data",
        )


def _slack(node: Iverson, read: int, by: int | None) -> list[sympy.Expr]:
    """What must not be negative for every place of the axis `by` to read inside the axis `read`."""
    last_place = sympy.sympify(node.shape[read]) - 1
    ends = [_partner(node, read, sympy.S.Zero), _last(node, read, by)]
    return [sympy.expand(each) for end in ends for each in (end, last_place - end)]


def _last(node: Iverson, read: int, by: int | None) -> sympy.Expr:
    if by is None:
        return _partner(node, read, sympy.S.Zero)
    return _partner(node, read, node.coefficients[by] * (sympy.sympify(node.shape[by]) - 1))


def _partner(node: Iverson, read: int, rest: sympy.Expr) -> sympy.Expr:
    return sympy.expand(-(node.offset + rest) / node.coefficients[read])


# --- contractions --------------------------------------------------------------------------------


def split(node: Contraction) -> tuple[list[Placed], list[tuple[Expression, tuple[int, ...]]]]:
    """The brackets among the operands of a contraction with their labels, and the other operands."""
    pairs = list(zip(node.operands, node.labels, strict=True))
    brackets = [(operand, at) for operand, at in pairs if isinstance(operand, Iverson)]
    others = [(operand, at) for operand, at in pairs if not isinstance(operand, Iverson)]
    return brackets, others


def selections(brackets: Sequence[Placed], lengths: Sequence[int], sizes: Sizes) -> list[Selection]:
    """One selection for each group of brackets that are connected by labels.

    `lengths[label]` is the length of a label; fresh labels follow the last of them.

    >>> shifted = Iverson((3, 2), (1, -1), -1)
    >>> (found,) = selections([(shifted, (0, 1))], [3, 2], {})
    >>> found.label, found.places[0].tolist(), found.places[1].tolist()
    (2, [1, 2], [0, 1])
    """
    groups: list[list[Placed]] = []
    for placed in brackets:
        near = [group for group in groups if any(set(placed[1]) & set(at) for _, at in group)]
        groups = [group for group in groups if group not in near]
        groups.append([each for group in near for each in group] + [placed])
    found = []
    for number, group in enumerate(groups):
        found.append(Selection(len(lengths) + number, *_joined(group, lengths, sizes)))
    return found


def _joined(
    group: Sequence[Placed], lengths: Sequence[int], sizes: Sizes
) -> tuple[dict[int, Array], int]:
    """The index tuples at which all brackets of a group hold, one bracket after the other."""
    places: dict[int, Array] = {}
    count = 1
    for node, at in group:
        check_inside(node, sizes)
        factors: dict[int, int] = {}
        for label, coefficient in zip(at, node.coefficients, strict=True):
            factors[label] = factors.get(label, 0) + integer_of(coefficient, sizes)
        new = [label for label in factors if label not in places]
        solved = None
        if node.relation == "==":
            solved = next((label for label in new if abs(factors[label]) == 1), None)
        listed = [label for label in new if label != solved]
        grid = np.indices((count, *(lengths[label] for label in listed)))
        rows, *columns = (axis.ravel() for axis in grid)
        places = {label: place[rows] for label, place in places.items()}
        places.update(zip(listed, columns, strict=True))
        total = np.full(len(rows), integer_of(node.offset, sizes))
        for label, place in places.items():
            total = total + factors.get(label, 0) * place
        if solved is not None:
            places[solved] = -factors[solved] * total
            kept = (places[solved] >= 0) & (places[solved] < lengths[solved])
        else:
            kept = total == 0 if node.relation == "==" else total >= 0
        places = {label: place[kept] for label, place in places.items()}
        count = int(np.count_nonzero(kept))
    return places, count


def gathered(part: Array, labels: Sequence[int], found: Sequence[Selection]) -> Array:
    """The entries of an operand at the selected places; its labels are then `gathered_labels`.

    Axes behind those of the labels stay behind.
    """
    current = list(labels)
    for selection in found:
        axes = [k for k, label in enumerate(current) if label in selection.places]
        if axes:
            moved = np.moveaxis(part, axes, range(len(axes)))
            part = moved[tuple(selection.places[current[k]] for k in axes)]
            rest = [label for label in current if label not in selection.places]
            current = [selection.label, *rest]
    return part


def gathered_labels(labels: Sequence[int], found: Sequence[Selection]) -> list[int]:
    """The labels of an operand or of an output, each once, those of a selection as its fresh label."""
    current = list(labels)
    for selection in found:
        if any(label in selection.places for label in current):
            rest = [label for label in current if label not in selection.places]
            current = [selection.label, *rest]
    return current


def scattered(
    part: Array,
    labels: Sequence[int],
    output: Sequence[int],
    lengths: Sequence[int],
    found: Sequence[Selection],
    zero: Any,
) -> Array:
    """Entries with the given labels added up in their places of an array with labels `output`.

    Axes behind those of the labels stay behind. A label that `output` has twice makes a diagonal.
    """
    batch = part.shape[len(labels) :]
    result = np.full(tuple(lengths[label] for label in output) + batch, zero, dtype=part.dtype)
    index = []
    for label in output:
        selection = next((each for each in found if label in each.places), None)
        places = np.arange(lengths[label]) if selection is None else selection.places[label]
        axis = labels.index(label if selection is None else selection.label)
        index.append(places.reshape(-1, *(1,) * (len(labels) - axis - 1)))
    if not index:
        return part
    np.add.at(result, tuple(index), part)
    return result
