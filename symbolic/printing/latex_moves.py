r"""Moves of entries in matrix notation: slices, blocks, vec, kron, reshape, triangles.

Indices count from 1 and slices include both ends, as in `x_{2:n}`; `x_{1:2:n}` takes steps of 2. A
row `A_{1,:}` is a column like every vector.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from symbolic.moves import triangle_of
from symbolic.nodes import Contraction, Expression, Iverson
from symbolic.printing.index_names import Index, index_text
from symbolic.printing.latex_kernels import number_piece
from symbolic.printing.latex_pieces import (
    ATOM,
    FACTOR,
    KRONECKER,
    ONES,
    Piece,
    Tex,
    bracketed,
    called,
    script,
    transposed,
    written,
)
from symbolic.printing.latex_tasks import Task, Writing
from symbolic.sizes import Shape, Size
from symbolic.spelling import Spelling, spell

MOVES = frozenset({"index", "pad", "reshape", "vec", "kron", "tril", "triu"})
_ALL = slice(None)


def move(spelling: Spelling, task: Task) -> Writing:
    """A contraction that is a move."""
    operand, detail = spelling.operands[0], spelling.detail
    if spelling.operation == "index":
        return (yield from _index(operand, detail, task))
    if spelling.operation == "reshape" and len(detail) == 1 and operand.rank == 2:
        rows = transposed((yield Task(operand, None, task.scope)))
        return _function(r"\operatorname{vec}", rows)
    inside = yield Task(operand, None, task.scope)
    match spelling.operation:
        case "kron":
            other = yield Task(spelling.operands[1], None, task.scope)
            return _kronecker(inside, other)
        case "reshape":
            sizes = r" \times ".join(_size(size) for size in detail)
            return _function(Tex(r"\operatorname{reshape}", script("_", sizes)), inside)
        case "tril" | "triu":
            return _triangle(spelling.operation, detail, inside)
        case "pad":
            before, after, axis = detail
            zeros = [_zeros(count, axis, operand.shape) for count in (before, after)]
            parts = [zeros[0], inside, zeros[1]]
            return blocks([part for part in parts if part is not None], axis, operand.rank)
    return _function(r"\operatorname{vec}", inside)


def constant(node: Iverson) -> Piece | None:
    """A triangle of ones, or a unit vector; other brackets are written by their entries."""
    triangle = triangle_of(node) if node.rank == 2 else None
    if triangle is not None:
        ones = written(ONES.factors.with_body(ONES, transposed(ONES)))
        return _triangle(*triangle, ones)
    if node.rank == 1 and node.relation == "==" and node.coefficients == (1,):
        return _unit_vector(-node.offset, node.shape[0])
    return None


def blocks(parts: Sequence[Piece], axis: int, rank: int, name: str = "concat") -> Piece:
    """Arrays one behind the other; those of more than two axes as a function of this name."""
    if rank > 2:
        first, *others = parts
        along = script("_", rf"\mathrm{{axis}}\,{axis + 1}") if axis or name != "stack" else ""
        return Piece(
            called(Tex(rf"\operatorname{{{name}}}", along), first, *others), ATOM, tensor=True
        )
    between = r" \\ " if axis == 0 else " & "
    cells: list[str | Tex] = []
    for part in parts:
        cells += [between if cells else "", part.text]
    text = Tex(r"\begin{bmatrix} ", *cells, r" \end{bmatrix}")
    return Piece(text, ATOM, tensor=True, tall=True)


def _function(function: str | Tex, inside: Piece) -> Piece:
    return Piece(called(function, inside), ATOM, tensor=True, tall=inside.tall)


def _triangle(name: str, diagonal: int, inside: Piece) -> Piece:
    mark = script("_", str(diagonal)) if diagonal else ""
    return _function(Tex(rf"\operatorname{{{name}}}", mark), inside)


def _kronecker(left: Piece, right: Piece) -> Piece:
    """A product with `\\otimes`, the numbers in front."""
    front = left.factors.with_body().times(right.factors.with_body())
    first, second = left.factors.core, right.factors.core
    text = Tex(first.at_least(FACTOR), r" \otimes ", second.at_least(FACTOR))
    tall = first.tall or second.tall
    return written(front.with_body(Piece(text, KRONECKER, tensor=True, tall=tall)))


def _zeros(count: sympy.Expr, axis: int, shape: Shape) -> Piece | None:
    if count == 0:
        return None
    if len(shape) == 1:
        return Piece(Tex("0") if count == 1 else Tex("0", script("_", _size(count))), ATOM)
    sizes = r" \times ".join(_size(count if k == axis else n) for k, n in enumerate(shape))
    return Piece(Tex("0", script("_", sizes)), ATOM)


def _size(size: object) -> str:
    return str(number_piece(sympy.sympify(size)).text)


# --- entries and slices --------------------------------------------------------------------------


def _index(operand: Expression, parts: Sequence[object], task: Task) -> Writing:
    """An entry, a row of the identity, or a slice; a slice of a slice of whole axes is one."""
    operand, parts = _merged(operand, tuple(parts))
    places = [None if isinstance(part, slice) else _place(part, size)
              for part, size in zip(parts, operand.shape, strict=True)]  # fmt: skip
    if all(place is not None for place in places):
        return (yield Task(operand, tuple(places), task.scope))
    if isinstance(operand, Contraction) and spell(operand).operation == "eye":
        place = next((each for each in places if each is not None), None)
        if place is not None:
            return _unit_vector(place - 1, operand.shape[0])
    inside = yield Task(operand, None, task.scope)
    shown = ",".join(_part(part, size) for part, size in zip(parts, operand.shape, strict=True))
    base = bracketed(inside) if inside.subscript else inside.at_least(ATOM)
    return Piece(Tex(base, script("_", shown)), ATOM, tensor=True, tall=inside.tall, subscript=True)


def _merged(
    operand: Expression, parts: tuple[object, ...]
) -> tuple[Expression, tuple[object, ...]]:
    while isinstance(operand, Contraction):
        spelling = spell(operand)
        if spelling.operation != "index":
            break
        kept = [part for part in spelling.detail if isinstance(part, slice)]
        if any(part != _ALL for part in kept):
            break
        outer = iter(parts)
        parts = tuple(next(outer) if isinstance(part, slice) else part for part in spelling.detail)
        (operand,) = spelling.operands
    return operand, parts


def _place(part: object, size: Size) -> Index:
    """A place counted from 1."""
    place = sympy.sympify(part)
    return sympy.expand((place + size if place.is_negative else place) + 1)


def _part(part: object, size: Size) -> str:
    if not isinstance(part, slice):
        return index_text(_place(part, size))
    if part == _ALL:
        return ":"
    step = 1 if part.step is None else int(part.step)
    first = sympy.Integer(1) if step > 0 else sympy.sympify(size)
    last = sympy.sympify(size) if step > 0 else sympy.Integer(1)
    if part.start is not None:
        first = _place(part.start, size)
    if part.stop is not None:
        last = _place(part.stop, size) + (-1 if step > 0 else 1)
    ends = [index_text(sympy.expand(end)) for end in (first, last)]
    return ":".join(ends if step == 1 else [ends[0], str(step), ends[1]])


def _unit_vector(place: Index, size: Size) -> Piece:
    text = Tex(r"\mathbf{e}", script("_", index_text(_place(place, size))))
    return Piece(text, ATOM, tensor=True, subscript=True)
