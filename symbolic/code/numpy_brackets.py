"""Products with Iverson brackets as NumPy code: entries are moved, and no bracket is built.

A bracket [c_s*s + c_k*k + ... + b == 0] that is summed over s says where the entries along s are read;
one that is summed over several axes adds entries up. What is neither is written with the bracket as
an array of zeros and ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import sympy

from symbolic.code.numpy_moves import (
    Array,
    Sizes,
    Steps,
    digits,
    padded,
    permuted,
    places_text,
    read_axis,
    reshaped,
)
from symbolic.code.product_order import Labels, assumed_size
from symbolic.nodes import Contraction, Expression, Iverson
from symbolic.printing.text_printer import ATOM, Piece
from symbolic.sizes import Size

SPREAD = (
    "def spread(x, step, axis):\n"
    "    shape = list(x.shape)\n"
    "    shape[axis] = step * (shape[axis] - 1) + 1\n"
    "    out = np.zeros(shape, x.dtype)\n"
    "    out[(slice(None),) * axis + (slice(None, None, step),)] = x\n"
    "    return out\n"
)
ADD_WINDOWS = (
    "def add_windows(x, stride, dilation):\n"
    "    count, width = x.shape[-2:]\n"
    "    span = stride * (count - 1) + 1\n"
    "    out = np.zeros((*x.shape[:-2], span + dilation * (width - 1)), x.dtype)\n"
    "    for k in range(width):\n"
    "        out[..., dilation * k : dilation * k + span : stride] += x[..., k]\n"
    "    return out\n"
)


class Writer(Sizes, Protocol):
    """What the code of a bracket may ask for."""

    def value(self, node: Expression) -> Piece:
        """The code of a node below."""

    def helper(self, name: str, source: str) -> str:
        """The name of a helper function, its source included."""

    def stays_inside(self, bracket: Iverson, axis: int) -> bool:
        """Whether the places that a bracket reads along an axis are checked to lie within it."""

    def dtype(self) -> str:
        """The code of the floating-point type of the arguments."""


# --- an array and a bracket ----------------------------------------------------------------------


def has_bracket(node: Contraction) -> bool:
    """Whether an operand is a bracket."""
    return any(isinstance(operand, Iverson) for operand in node.operands)


def bracketed(node: Contraction, writer: Writer) -> Array | None:
    """The product of an array and a bracket without the bracket, where there is a move for it.

    The result may have its axes in another order than the node, and further ones to be summed.
    """
    for place, bracket in enumerate(node.operands):
        operand, at = node.operands[1 - place], node.labels[1 - place]
        if isinstance(bracket, Iverson) and not isinstance(operand, Iverson):
            relation = Relation(bracket, node.labels[place])
            array = Array(Piece("", ATOM), at, operand.shape)
            found = _Reader(node, relation, writer, operand).read(array)
            if found is not None:
                return found
    return None


class Relation:
    """A bracket as a relation between labels: sum of coefficient * label + offset == (>=) 0."""

    def __init__(self, bracket: Iverson, at: Labels) -> None:
        self.bracket = bracket
        self.at = at
        self.coefficients: dict[int, sympy.Expr] = dict(zip(at, bracket.coefficients, strict=True))
        self.sizes: dict[int, Size] = dict(zip(at, bracket.shape, strict=True))
        self.offset = bracket.offset

    def solved_for(self, label: int, others: Mapping[int, int]) -> tuple[sympy.Expr, list[Steps]]:
        """The place along a label in terms of the others, renamed.

        Where the label's coefficient is c and not 1 or -1, the place is that along the axis spread by |c|.
        """
        turn = -sympy.sign(self.coefficients[label])
        steps = [
            Steps(others[each], sympy.expand(c * turn), self.sizes[each])
            for each, c in self.coefficients.items()
            if each != label
        ]
        return sympy.expand(self.offset * turn), steps


class _Reader:
    """One array and one bracket, read as a move of the array."""

    def __init__(
        self, node: Contraction, relation: Relation, writer: Writer, operand: Expression
    ) -> None:
        self.node = node
        self.relation = relation
        self.writer = writer
        self.operand = operand
        self.output = set(node.output)

    def read(self, array: Array) -> Array | None:
        """The array after the move; None where there is no move."""
        relation = self.relation
        inside = [label for label in relation.at if label in array.labels]
        summed = [label for label in inside if label not in self.output]
        new = [label for label in relation.at if label not in array.labels]
        if not set(new) <= self.output or not all(relation.coefficients.values()):
            return None
        if relation.bracket.relation == ">=":
            return self._cumulative(array, summed, new)
        if not inside and len(new) == 1:
            return self._put(array, new[0])
        if not summed:
            return None
        if len(summed) > 1 and len(new) == 1 and set(inside) == set(summed):
            found = self._gathered(array, new[0])
            if found is not None:
                return found
        return self._read_along(array, summed)

    def _array(self, array: Array) -> Array:
        return replace(array, piece=self.writer.value(self.operand))

    # --- reading along one axis ---

    def _read_along(self, array: Array, summed: list[int]) -> Array | None:
        """The entries along one summed axis, read where the other indices say."""
        relation = self.relation
        chosen = min(summed, key=lambda each: abs(relation.coefficients[each]) != 1)
        coefficient = relation.coefficients[chosen]
        others = {label: label for label in relation.at if label != chosen}
        twice = [label for label in others if label in array.labels]
        for label in twice:
            others[label] = len(self.node.sizes) + label
        if not (coefficient.is_positive or coefficient.is_negative):
            return None
        start, steps = relation.solved_for(chosen, others)
        if not all(each.step.is_positive or each.step.is_negative for each in steps):
            return None
        array, axis = self._array(array), array.labels.index(chosen)
        if abs(coefficient) != 1:
            array = self._spread(array, axis, abs(coefficient))
        inside = self.writer.stays_inside(relation.bracket, relation.at.index(chosen))
        array = read_axis(array, axis, start, steps, self.writer, inside=inside)
        return self._on_diagonal(array, {others[label]: label for label in twice})

    def _spread(self, array: Array, axis: int, step: sympy.Expr) -> Array:
        """An array with zeros between its entries along an axis."""
        name = self.writer.helper("spread", SPREAD)
        text = f"{name}({array.piece.text}, {self.writer.integer(step).text}, axis={axis})"
        length = sympy.expand(step * (array.shape[axis] - 1) + 1)
        return array.with_axis(axis, Piece(text, ATOM), (array.labels[axis],), (length,))

    def _on_diagonal(self, array: Array, same: Mapping[int, int]) -> Array:
        """An array with some axes read at the same index as others."""
        if not same:
            return array
        labels = tuple(same.get(label, label) for label in array.labels)
        letter = dict(zip(dict.fromkeys(labels), "ijklmnopqrstuvwxyz", strict=False))
        kept = tuple(label for label in letter if labels.count(label) == 1 or label in self.output)
        given, wanted = ("".join(letter[label] for label in each) for each in (labels, kept))
        shape = tuple(array.shape[labels.index(label)] for label in kept)
        return Array(
            Piece(f'np.einsum("{given}->{wanted}", {array.piece.text})', ATOM), kept, shape
        )

    # --- several axes that make one ---

    def _gathered(self, array: Array, new: int) -> Array | None:
        """Several summed axes as one new one: `reshape`, or windows added up."""
        relation = self.relation
        if abs(relation.coefficients[new]) != 1:
            return None
        start, steps = relation.solved_for(new, {label: label for label in relation.at})
        if not all(each.step.is_positive or each.step.is_negative for each in steps):
            return None
        order = digits(steps, relation.sizes[new], start)
        if order is not None:
            return self._merged(self._array(array), [each.label for each in order], new)
        if len(steps) != 2:
            return None
        many, few = steps
        if assumed_size(many.count) < assumed_size(few.count):
            many, few = few, many
        array = _at_the_end(self._array(array), (many.label, few.label))
        turns = ["::-1" if not each.ahead else ":" for each in (many, few)]
        text = array.piece.text
        if "::-1" in turns:
            text = f"{array.piece.at_least(ATOM)}[..., {', '.join(turns)}]"
        name = self.writer.helper("add_windows", ADD_WINDOWS)
        strides = ", ".join(self.writer.integer(abs(each.step)).text for each in (many, few))
        length = sympy.expand(many.reach + few.reach + 1)
        added = Array(
            Piece(f"{name}({text}, {strides})", ATOM),
            (*array.labels[:-2], new),
            (*array.shape[:-2], length),
        )
        first = start - sum((each.reach for each in steps if not each.ahead), sympy.S.Zero)
        step = Steps(new, sympy.S.One, relation.sizes[new])
        return read_axis(added, len(added.labels) - 1, sympy.expand(-first), [step], self.writer)

    def _merged(self, array: Array, order: list[int], new: int) -> Array:
        first = min(array.labels.index(label) for label in order)
        rest = [label for label in array.labels if label not in order]
        before = [label for label in array.labels[:first] if label not in order]
        wanted = (*before, *order, *rest[len(before) :])
        array = _permuted(array, wanted)
        shape = [*array.shape]
        shape[first : first + len(order)] = [self.relation.sizes[new]]
        labels = (*before, new, *rest[len(before) :])
        return Array(reshaped(array.piece, tuple(shape), self.writer), labels, tuple(shape))

    # --- the rest ---

    def _put(self, array: Array, new: int) -> Array | None:
        """An array at one place of a new axis, zeros elsewhere."""
        coefficient = self.relation.coefficients[new]
        place = sympy.expand(-self.relation.offset / coefficient)
        after = sympy.expand(self.relation.sizes[new] - 1 - place)
        if abs(coefficient) != 1 or not (place.is_nonnegative and after.is_nonnegative):
            return None
        if not array.labels:
            return None
        array = self._array(array)
        piece = Piece(f"{array.piece.at_least(ATOM)}[None]", ATOM)
        wide = Array(piece, (new, *array.labels), (1, *array.shape))
        return padded(wide, 0, place, after, self.writer)

    def _cumulative(self, array: Array, summed: list[int], new: list[int]) -> Array | None:
        """sum_j [i >= j] a[j], or [i <= j]."""
        relation = self.relation
        if len(summed) != 1 or len(new) != 1 or relation.offset != 0 or len(relation.at) != 2:
            return None
        (old,), (label,) = summed, new
        signs = relation.coefficients[label], relation.coefficients[old]
        if relation.sizes[old] != relation.sizes[label] or signs not in ((1, -1), (-1, 1)):
            return None
        array, axis = self._array(array), array.labels.index(old)
        call = f"cumsum({'' if len(array.labels) == 1 else f'axis={axis}'})"
        if signs == (1, -1):
            piece = Piece(f"{array.piece.at_least(ATOM)}.{call}", ATOM)
        else:
            piece = Piece(f"{array.indexed(axis, '::-1').text}.{call}", ATOM)
            piece = replace(array, piece=piece).indexed(axis, "::-1")
        return array.with_axis(axis, piece, (label,), (array.shape[axis],))


def _at_the_end(array: Array, labels: Labels) -> Array:
    return _permuted(array, tuple(each for each in array.labels if each not in labels) + labels)


def _permuted(array: Array, labels: Labels) -> Array:
    shape = tuple(array.shape[array.labels.index(label)] for label in labels)
    return Array(permuted(array.piece, array.labels, labels), labels, shape)


# --- a bracket as an array -----------------------------------------------------------------------


def bracket_code(bracket: Iverson, writer: Writer) -> Piece:
    """The array of zeros and ones."""
    if not bracket.shape:
        return Piece(f"float({writer.integer(bracket.offset).text} {bracket.relation} 0)", ATOM)
    if bracket.coefficients == (1, -1):
        return _two(bracket, "np.eye" if bracket.relation == "==" else "np.tri", writer)
    if bracket.coefficients == (-1, 1) and bracket.relation == ">=":
        turned = Iverson(bracket.shape[::-1], (1, -1), bracket.offset, ">=")
        return Piece(f"{_two(turned, 'np.tri', writer).text}.T", ATOM)
    signed = zip(bracket.coefficients, bracket.shape, strict=True)
    steps = [Steps(place, c, size) for place, (c, size) in enumerate(signed)]
    places, right = places_text(steps, sympy.S.Zero, writer), writer.integer(-bracket.offset).text
    return Piece(f"({places} {bracket.relation} {right}).astype({writer.dtype()})", ATOM)


def _two(bracket: Iverson, name: str, writer: Writer) -> Piece:
    rows, columns = bracket.shape
    sizes = writer.integer(rows).text
    if rows != columns:
        sizes += f", {writer.integer(columns).text}"
    k = "" if bracket.offset == 0 else f", k={writer.integer(bracket.offset).text}"
    return Piece(f"{name}({sizes}{k}, dtype={writer.dtype()})", ATOM)
