r"""Maxima, minima and products over indices, as in `\max_i x_i` and `\prod_{i=1}^{n} x_i`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from symbolic.nodes import (
    Apply,
    Contraction,
    Elementwise,
    Expression,
    Iverson,
    Named,
    Sum,
    Variable,
)
from symbolic.printing.index_names import Index, index_text, shown_indices
from symbolic.printing.latex_kernels import number_piece
from symbolic.printing.latex_pieces import ADD, BIG, Piece, Tex, in_square_brackets, script
from symbolic.sizes import Size
from symbolic.structured import structured_function

OVER_INDICES = {"max": r"\max", "min": r"\min", "prod": r"\prod"}
_LOOKED_AT = 200  # nodes


@dataclass(frozen=True)
class Range:
    """An index that a function runs over; `plain` ones are seen to be those of an array's axis."""

    index: Index
    size: Size
    plain: bool


def ranges_text(ranges: Sequence[Range], *, between: str = "") -> str:
    """Indices, each with its range where that is not seen."""
    if all(each.plain for each in ranges):
        indices = tuple(each.index for each in ranges)
        return between.join(map(index_text, indices)) if between else shown_indices(indices)
    return r",\, ".join(
        index_text(each.index)
        if each.plain
        else rf"1 \le {each.index} \le {index_text(sympy.sympify(each.size), spaced=True)}"
        for each in ranges
    )


def over_indices(function: str, ranges: Sequence[Range], inside: Piece) -> Piece:
    """The function of an entry, over its indices."""
    sign = OVER_INDICES[function]
    parts: list[str | Tex] = []
    if function == "prod":
        for each in ranges:
            limit = number_piece(sympy.sympify(each.size)).text
            parts += [sign, script("_", f"{each.index}=1"), "^{", limit, "} "]
    else:
        parts += [sign, script("_", ranges_text(ranges, between=",")), " "]
    shown = in_square_brackets(inside) if inside.binding == ADD else inside.text
    return Piece(Tex(*parts, shown), BIG, tall=True)


def shows_length(node: Expression, axis: int) -> bool:
    """Whether the entry of a node shows an array that has this axis, so that its length is known."""
    stack = [(node, axis)]
    for _ in range(_LOOKED_AT):
        if not stack:
            return False
        each, place = stack.pop()
        match each:
            case Variable() | Named():
                return True
            case Sum() | Elementwise():
                stack.extend((child, place) for child in each.children)
            case Apply() if structured_function(each.function).keeps:
                stack.append((each.operand, place))
            case Apply() if structured_function(each.function).reduces and each.axis is not None:
                stack.append((each.operand, place + (place >= each.axis)))
            case Apply():
                return True
            case Contraction():
                stack.extend(_plain_axes(each, each.output[place]))
    return False


def _plain_axes(node: Contraction, label: int) -> list[tuple[Expression, int]]:
    pairs = list(zip(node.operands, node.labels, strict=True))
    if any(isinstance(operand, Iverson) and label in labels for operand, labels in pairs):
        return []
    return [(operand, labels.index(label)) for operand, labels in pairs if label in labels]
