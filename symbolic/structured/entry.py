"""What is known of a named function of whole arrays: one record a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symbolic.errors import ShapeError
from symbolic.nodes import Apply, Expression
from symbolic.sizes import Shape, shape_text

ShapeRule = Callable[[str, tuple[Expression, ...], int | None], Shape]
Differential = Callable[[Apply, Expression], Expression]
Adjoint = Callable[[Apply, Expression, int], Expression]


@dataclass(frozen=True)
class StructuredFunction:
    """One named function.

    `differential(node, tangent)` is the linear map of a tangent of the last operand; the tangent may
    carry further axes behind those of the operand, and so does the result. `statement` is the rule
    as a person writes it, `condition` where it holds. `numpy` is the source of a helper function of
    `(x, axis)`, or of the operands where the function has no axis. `requires` names the domain that
    the operand has to lie in. `adjoint(node, adjoint, prefix)` is the transpose of the differential,
    where that cannot be read off the differential itself.
    """

    name: str
    shape_rule: ShapeRule
    differential: Differential
    statement: str
    numpy: str
    latex: str
    condition: str
    source: str
    requires: str | None = None
    adjoint: Adjoint | None = None

    def shape(self, operands: Sequence[Expression], axis: int | None) -> Shape:
        """The shape of the result, or `ShapeError`."""
        return self.shape_rule(self.name, tuple(operands), axis)

    @property
    def keeps(self) -> bool:
        """Whether the function works along an axis and the result has the operand's shape."""
        return self.shape_rule is keeps_axis

    @property
    def reduces(self) -> bool:
        """Whether the function works along an axis that the result lacks."""
        return self.shape_rule is loses_axis


def _check_axis(name: str, operand: Expression, axis: int | None) -> Shape:
    shape = operand.shape
    if axis is not None and not 0 <= axis < len(shape):
        raise ShapeError(
            f"{name} along axis {axis}",
            f"the operand has shape {shape_text(shape)}",
            "name one of its axes",
        )
    if not shape:
        raise ShapeError(f"{name} of a scalar", "it has no axis", "give a vector or a matrix")
    return shape


def keeps_axis(name: str, operands: tuple[Expression, ...], axis: int | None) -> Shape:
    """The operand's own shape."""
    return _check_axis(name, operands[0], axis)


def loses_axis(name: str, operands: tuple[Expression, ...], axis: int | None) -> Shape:
    """The operand's shape without the axis; a scalar when there is none."""
    shape = _check_axis(name, operands[0], axis)
    return () if axis is None else shape[:axis] + shape[axis + 1 :]


def check_matrix(name: str, operand: Expression, *, square: bool) -> Shape:
    """The operand's shape; `ShapeError` unless its last two axes make a (square) matrix."""
    shape = operand.shape
    if len(shape) < 2 or (square and shape[-1] != shape[-2]):
        raise ShapeError(
            f"{name}({_short(operand)})",
            f"shape {shape_text(shape)}",
            "give a square matrix" if square else "give a matrix",
        )
    return shape


def _short(operand: Expression) -> str:
    shown = str(operand)
    return shown if len(shown) <= 40 else shown[:37] + "..."
