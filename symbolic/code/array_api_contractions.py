"""One planned contraction as code of the Python array API standard.

A linear system, a quotient, a move with a name, or a product of factors after its brackets have moved
their entries.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbolic.code.array_api_moves import bracket_factor, bracketed, kronecker
from symbolic.code.array_api_products import (
    Factor,
    Held,
    arranged,
    factor_of,
    permuted,
    product_held,
    quotient,
)
from symbolic.code.array_api_systems import SystemWriter, solution
from symbolic.code.product_order import Labels
from symbolic.code.scalar_kernels import Term
from symbolic.moves import spell_move
from symbolic.nodes import Contraction, Iverson
from symbolic.printing.text_printer import ATOM, MULTIPLY, NEGATE, Piece

Bracket = tuple[Iverson, Labels]


def contraction_held(node: Contraction, writer: SystemWriter) -> Held:
    """The code of one planned contraction."""
    found = solution(node, writer) or quotient(node, writer) or _spelled(node, writer)
    return found or _product(node, writer)


def _spelled(node: Contraction, writer: SystemWriter) -> Held | None:
    """Moves that have a name: `reshape`, `vec`, `kron`."""
    move = spell_move(node)
    if move is None or move[0] not in ("reshape", "vec", "kron"):
        return None
    name, operands, _ = move
    first, *others = (writer.whole(operand) for operand in operands)
    if name == "kron":
        factor = kronecker(node, first, others[0], operands[0].rank, writer)
        return arranged(Term(factor.piece), factor.labels, node, writer)
    piece = permuted(first, (0, 1), (1, 0)) if name == "vec" else first
    text = f"xp.reshape({piece.text}, {writer.shape(node.shape)})"
    return arranged(Term(Piece(text, ATOM)), node.output, node, writer)


def _product(node: Contraction, writer: SystemWriter) -> Held:
    """A product of arrays, numbers and brackets; arrays of ones only where a bracket moves them."""
    brackets: list[Bracket] = [
        (operand, at)
        for operand, at in zip(node.operands, node.labels, strict=True)
        if isinstance(operand, Iverson) and operand.shape
    ]
    moved = {label for _, at in brackets for label in at}
    factors: list[Factor] = []
    numbers: list[Piece] = []
    for operand, at in zip(node.operands, node.labels, strict=True):
        if isinstance(operand, Iverson) and operand.shape:
            continue
        held = writer.value(operand)
        if not held.term.is_number:
            factors.append(factor_of(held, at))
            continue
        numbers.append(held.term.piece)
        ones = tuple(dict.fromkeys(label for label in at if label in moved))
        if ones:
            shape = writer.shape([node.sizes[label] for label in ones])
            text = f"xp.ones({shape}, dtype=dtype, device=device)"
            factors.append(Factor(Piece(text, ATOM), ones))
    factors = _after_moves(node, factors, brackets, writer)
    held = product_held(node, factors, moved, writer)
    for piece in numbers:
        if piece.text != "1":
            text = f"{piece.at_least(MULTIPLY)} * {held.term.piece.at_least(NEGATE)}"
            held = Held(Term(Piece(text, MULTIPLY), held.term.is_number), held.axes)
    return held


def _after_moves(
    node: Contraction, factors: list[Factor], brackets: Sequence[Bracket], writer: SystemWriter
) -> list[Factor]:
    """Factors after the brackets have moved their entries; other brackets are factors."""
    rest = list(brackets)
    while rest:
        for place, bracket in enumerate(rest):
            others = rest[:place] + rest[place + 1 :]
            found = _move(node, factors, bracket, others, writer)
            if found is not None:
                factors, rest = found, others
                break
        else:
            break
    return [*factors, *(bracket_factor(bracket, at, writer) for bracket, at in rest)]


def _move(
    node: Contraction,
    factors: list[Factor],
    bracket: Bracket,
    others: Sequence[Bracket],
    writer: SystemWriter,
) -> list[Factor] | None:
    """The factors with one of them moved by a bracket, if it moves one."""
    relation, at = bracket
    if len(set(at)) < len(at):
        return None
    for place, factor in enumerate(factors):
        beside = factors[:place] + factors[place + 1 :]
        taken = {*node.output, *(label for each in beside for label in each.labels)}
        taken |= {label for _, labels in others for label in labels}
        free = {label for label in at if label not in taken}
        found = bracketed(node, factor, relation, at, free, writer)
        if found is not None:
            return [*factors[:place], found, *factors[place + 1 :]]
    return None
