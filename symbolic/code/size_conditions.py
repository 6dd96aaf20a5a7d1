"""What sizes have to be so that an expression makes sense: axes of 1 or more, indices within axes.

A size such as n - 1 and a slice such as x[2:5] are checked as far as letters tell when an expression is
built. What depends on the lengths of the data is collected here and checked when they are passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy

from symbolic.code.numpy_moves import is_nonnegative
from symbolic.errors import ShapeError
from symbolic.nodes import Contraction, Expression, Iverson
from symbolic.sizes import Size
from symbolic.traverse import postorder

MOST_REMEMBERED = 1000  # tuples of sizes that were found to fit


@dataclass(frozen=True)
class Condition:
    """An expression in sizes that has to be 0 or more, and what to say if it is not."""

    value: sympy.Expr
    written: str
    found: str
    advice: str


class SizeConditions:
    """The conditions of some expressions; the axes of brackets within which they keep all places."""

    def __init__(self, roots: Iterable[Expression]) -> None:
        found: dict[sympy.Expr, Condition] = {}
        self.inside: set[tuple[Iverson, int]] = set()
        for node in postorder(roots):
            for condition in _of_sizes(node):
                found.setdefault(condition.value, condition)
            for bracket, axis, conditions in _of_brackets(node):
                self.inside.add((bracket, axis))
                for condition in conditions:
                    found.setdefault(condition.value, condition)
        self.conditions = [each for each in found.values() if not is_nonnegative(each.value)]
        self.letters = sorted(
            {letter for each in self.conditions for letter in each.value.free_symbols}, key=str
        )
        self._fitting: set[tuple[int | None, ...]] = set()

    def check(self, sizes: Mapping[sympy.Basic, int]) -> None:
        """Raise `ShapeError` for the first condition that the sizes do not meet."""
        key = tuple(sizes.get(letter) for letter in self.letters)
        if key in self._fitting:
            return
        known = {letter: sympy.Integer(sizes[letter]) for letter in self.letters if letter in sizes}
        for each in self.conditions:
            if each.value.free_symbols <= known.keys() and each.value.xreplace(known) < 0:
                here = ", ".join(
                    f"{letter} = {known[letter]}"
                    for letter in sorted(each.value.free_symbols, key=str)
                )
                raise ShapeError(each.written, f"{each.found} for {here}", each.advice)
        if len(self._fitting) >= MOST_REMEMBERED:
            self._fitting.clear()
        self._fitting.add(key)


def _of_sizes(node: Expression) -> Iterator[Condition]:
    sizes: Sequence[Size] = (*node.shape, *getattr(node, "sizes", ()))
    for size in dict.fromkeys(sizes):
        if isinstance(size, sympy.Expr) and not size.is_Symbol:
            yield Condition(
                sympy.expand(size - 1),
                f"an axis of size {size}",
                "it is not 1 or more",
                "pass longer arrays",
            )


def _of_brackets(node: Expression) -> Iterator[tuple[Iverson, int, list[Condition]]]:
    """The brackets that say which entries along their axis are taken, and what keeps them within."""
    if not isinstance(node, Contraction):
        return
    held = {
        label
        for operand, labels in zip(node.operands, node.labels, strict=True)
        if not isinstance(operand, Iverson)
        for label in labels
    }
    for operand, labels in zip(node.operands, node.labels, strict=True):
        if not isinstance(operand, Iverson) or operand.relation != "==" or len(labels) > 2:
            continue
        for axis, label in enumerate(labels):
            new = [each for each in labels if each != label]
            if label not in held or label in node.output or set(new) & held:
                continue
            conditions = _within(operand, axis)
            if conditions is not None:
                yield operand, axis, conditions


def _within(bracket: Iverson, axis: int) -> list[Condition] | None:
    """Conditions for all places that a bracket reads along an axis to lie within it.

    None where some are known to lie outside, or where the bracket could as well pad with zeros.
    """
    ends = _ends(bracket, axis)
    if ends is None or _known_outside(ends):
        return None
    size = bracket.shape[axis]
    if len(bracket.shape) == 2 and not all(is_nonnegative(each) for each in ends):
        back = _ends(bracket, 1 - axis)
        pads = back is not None and not _known_outside(back)
        if pads and (isinstance(size, int) or not isinstance(bracket.shape[1 - axis], int)):
            return None
    first, last = ends[0], sympy.expand(size - 1 - ends[1])
    what = f"the index {first}" if len(bracket.shape) == 1 else f"the slice {first}:{last + 1}"
    told = (f"{what} of an axis of size {size}", "it lies outside", "pass a longer array")
    return [Condition(value, *told) for value in ends]


def _ends(bracket: Iverson, axis: int) -> tuple[sympy.Expr, sympy.Expr] | None:
    """How many entries stay unread before the first and behind the last place along an axis."""
    coefficient, size = bracket.coefficients[axis], bracket.shape[axis]
    if abs(coefficient) != 1:
        return None
    first = last = sympy.expand(-bracket.offset / coefficient)
    for other, (c, count) in enumerate(zip(bracket.coefficients, bracket.shape, strict=True)):
        if other == axis:
            continue
        step = sympy.expand(-c / coefficient)
        if not (step.is_positive or step.is_negative):
            return None
        end = sympy.expand(step * (count - 1))
        first, last = (first, last + end) if step.is_positive else (first + end, last)
    return sympy.expand(first), sympy.expand(size - 1 - last)


def _known_outside(ends: tuple[sympy.Expr, sympy.Expr]) -> bool:
    return any(each.is_nonpositive and each != 0 for each in ends)
