"""Moves of the language as NumPy code: slices, reshape, vec, kron, triangles, as a person writes them."""

from __future__ import annotations

import re

import sympy

from symbolic.code.numpy_brackets import Relation, Writer
from symbolic.code.numpy_moves import (
    Array,
    place_text,
    read_axis,
    reshaped,
    slice_text,
    transposed,
)
from symbolic.moves import spell_move
from symbolic.nodes import Contraction, Expression, Iverson
from symbolic.printing.text_printer import ATOM, Piece

_NEW = re.compile(r"np\.(pad|tril|triu|kron|take)|add_windows|spread|.*\.(cumsum|sum)")


def is_new_array(text: str) -> bool:
    """Whether code of a move is a call that never gives a view of an array.

    >>> [is_new_array(each) for each in ("np.pad(x, 1)", "x[::-1].cumsum()")]
    [True, True]
    >>> [is_new_array(each) for each in ("np.pad(x, 1)[1:]", "x.cumsum().reshape(2, 3)")]
    [False, False]
    """
    depth = 0
    for place in reversed(range(len(text))):
        depth += (text[place] == ")") - (text[place] == "(")
        if depth == 0:
            return text[place] == "(" and _NEW.fullmatch(text[:place]) is not None
    return False


def move_code(node: Contraction, writer: Writer) -> Piece | None:
    """The code of a contraction that is one move of the language, where it has a name in NumPy."""
    move = spell_move(node)
    if move is None:
        return None
    operation, operands, detail = move
    first = writer.value(operands[0])
    match operation:
        case "tril" | "triu":
            return Piece(f"np.{operation}({first.text}{f', {detail}' if detail else ''})", ATOM)
        case "reshape":
            return reshaped(first, node.shape, writer)
        case "vec":
            return Piece(f"{transposed(first).text}.reshape(-1)", ATOM)
        case "kron":
            return Piece(f"np.kron({first.text}, {writer.value(operands[1]).text})", ATOM)
        case "index":
            return _index(node, operands[0], writer)
        case _:
            return None


def _index(node: Contraction, operand: Expression, writer: Writer) -> Piece:
    """Integers and slices, one an axis."""
    labels = node.labels[node.operands.index(operand)]
    array = Array(writer.value(operand), labels, operand.shape)
    ends, turned = dict.fromkeys(labels, ":"), dict.fromkeys(labels, ":")
    for bracket, at in zip(node.operands, node.labels, strict=True):
        if not isinstance(bracket, Iverson):
            continue
        start, steps = Relation(bracket, at).solved_for(at[0], {label: label for label in at})
        axis = array.labels.index(at[0])
        if not writer.stays_inside(bracket, 0):
            array = read_axis(array, axis, start, steps, writer)
        elif steps:
            (only,) = steps
            first = start if only.ahead else sympy.expand(start - only.reach)
            ends[at[0]], back = slice_text(first, only, bracket.shape[0], writer)
            turned[at[0]] = "::-1" if back else ":"
        else:
            ends[at[0]] = place_text(start, bracket.shape[0], writer)
            del turned[at[0]]
    first_index = [ends.get(label, ":") for label in array.labels]
    text = _subscripted(array.piece.at_least(ATOM), first_index)
    kept = [
        turned.get(label, ":") for label in array.labels if label in turned or label not in ends
    ]
    return Piece(
        _subscripted(text, kept), ATOM if text != array.piece.text else array.piece.binding
    )


def _subscripted(text: str, ends: list[str]) -> str:
    while ends and ends[-1] == ":":
        ends = ends[:-1]
    return f"{text}[{', '.join(ends)}]" if ends else text
