"""A chain of sides: where it stands, and two sides brought to one shape."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.verification.steps.lines import Link
from symbolic import Derivative, Expression, Named, ShapeError
from symbolic.nodes import Contraction
from symbolic.operations import constant_value
from symbolic.reading.latex.formulas import Head, Side
from symbolic.sizes import Size


@dataclass
class Chain:
    """What is known while the relations of one chain are read.

    link      what opened it
    side      the last side that could be read; its expression is in `value`
    error     why nothing can be compared, when the opening side could not be read
    wrong     the number of a wrong line on which the value rests
    anchor    the last value before that line
    is_slope  whether a side of the chain is a derivative
    direction "<" or ">" once the chain has an inequality
    varied    the function of which the chain gives the differential
    marked    whether the chain says that it is an equation to solve
    first     whether no relation has been read yet
    slope     the derivative that the chain is about
    gap       the number of the last line since `value` that could not be read
    """

    link: Link
    side: Side | None
    value: Expression | None
    error: str = ""
    wrong: int | None = None
    anchor: Expression | None = None
    is_slope: bool = False
    direction: str = ""
    varied: Named | Expression | None = None
    marked: bool = False
    first: bool = True
    shown: bool = False
    slope: Derivative | None = None
    gap: int = 0

    @property
    def head(self) -> Head | None:
        """What the last side names, when it only names something."""
        return None if self.side is None else self.side.head


def is_slope(expression: Expression | None) -> bool:
    """Whether an expression is itself an inert derivative, its axes in any order."""
    while isinstance(expression, Contraction) and len(expression.operands) == 1:
        expression = expression.operands[0]
    return isinstance(expression, Derivative)


@dataclass(frozen=True)
class Sides:
    """Two sides in one shape, as far as they can be brought to it, and what was read into them."""

    left: Expression
    right: Expression
    notes: tuple[str, ...] = ()


def conformed(
    left: Expression,
    left_indices: tuple[str, ...],
    right: Expression,
    right_indices: tuple[str, ...],
) -> Sides:
    """Both sides with their free indices in one order, and numbers as wide as the other side.

    A side that lacks an index of the other holds for every value of it.
    """
    indices = tuple(dict.fromkeys((*left_indices, *right_indices)))
    sizes: dict[str, Size] = {}
    for side, own in ((left, left_indices), (right, right_indices)):
        for index, size in zip(own, side.shape, strict=False):
            if sizes.setdefault(index, size) != size:
                raise ShapeError(
                    f"the index {index}", f"it runs to {sizes[index]} and to {size}", "rename one"
                )
    if indices and not (left_indices and right_indices) and left.rank == right.rank > 0:
        indices = ()
    if indices and not (_is_number(left) and right_indices == indices):
        left = _with_indices(left, left_indices, indices, sizes)
    if indices and not (_is_number(right) and left_indices == indices):
        right = _with_indices(right, right_indices, indices, sizes)
    if left.shape != right.shape:
        for side, other, is_left in ((left, right, True), (right, left, False)):
            number = constant_value(side) if side.rank == 0 else None
            if number is None:
                continue
            wide = Contraction((), (), range(other.rank), dict(enumerate(other.shape)), number)
            told = number != 0 and other.rank > len(indices)
            notes = (f"{number} is read as an array of {number}",) if told else ()
            return Sides(wide, right, notes) if is_left else Sides(left, wide, notes)
    return Sides(left, right)


def _is_number(side: Expression) -> bool:
    return side.rank == 0 and constant_value(side) is not None


def _with_indices(
    side: Expression, own: tuple[str, ...], wanted: tuple[str, ...], sizes: dict[str, Size]
) -> Expression:
    if own == wanted:
        return side
    rest = tuple(f"axis {place}" for place in range(len(own), side.rank))
    return Contraction([side], [(*own, *rest)], (*wanted, *rest), dict(sizes))
