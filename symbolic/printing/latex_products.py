"""Contractions in matrix notation: products, transposes, `diag`, outer products, sums by ones.

What has no matrix form is written by its entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy

from symbolic.nodes import Contraction, Expression
from symbolic.printing.flattening import has_windows
from symbolic.printing.index_names import Index, IndexNames
from symbolic.printing.latex_entries import by_entries
from symbolic.printing.latex_kernels import number_piece
from symbolic.printing.latex_moves import MOVES, move
from symbolic.printing.latex_pieces import (
    ATOM,
    ONE,
    ONES,
    POWER,
    Piece,
    Product,
    Tex,
    called,
    fraction,
    hadamard,
    joined,
    script,
    transposed,
    written,
)
from symbolic.printing.latex_tasks import Task, Writing
from symbolic.printing.text_printer import reciprocal_of
from symbolic.sizes import Shape
from symbolic.spelling import Spelling, spell

_CHAINS = {"matmul", "outer", "transpose", "diag"}  # summed by ones, not with indices


def contraction(task: Task, names: IndexNames) -> Writing:
    """A contraction as the operation that it is."""
    node = task.node
    assert isinstance(node, Contraction)
    spelling = spell(node)
    match spelling.operation:
        case "constant":
            return number_piece(spelling.detail)
        case "filled":
            return _filled(*spelling.detail)
        case "eye":
            size = number_piece(sympy.sympify(spelling.detail)).text
            return Piece(Tex("I", script("_", size)), ATOM, tensor=True, symmetric=True)
        case "scale":
            inside = yield Task(spelling.operands[0], None, task.scope)
            if spelling.detail == 1:
                return inside
            return written(number_piece(spelling.detail).factors.times(inside.factors))
        case "transpose" if node.rank == 2:
            factors = (yield Task(spelling.operands[0], None, task.scope)).factors
            return written(factors.with_body(transposed(factors.core)))
        case "trace" | "diag" | "diagonal":
            inside = yield Task(spelling.operands[0], None, task.scope)
            return _named(spelling.operation, inside, node.rank)
        case "windows":
            return (yield from by_entries(task, names))
        case name if name in MOVES:
            return (yield from move(spelling, task))
        case "sum" | "mean":
            return (yield from _sum(spelling, task, names))
        case "matmul" if has_windows(node):
            return (yield from by_entries(task, names))
        case "matmul":
            return (yield from _matmul(spelling.operands, task.scope))
        case _:
            return (yield from _by_labels(node, task, names))


def repeated_number(node: Expression) -> sympy.Expr | None:
    """The number that every entry of a node is, if that can be seen."""
    factor = sympy.S.One
    while isinstance(node, Contraction) and len(set(node.output)) == len(node.output):
        factor = factor * node.coefficient
        if not node.operands:
            return factor
        if (
            len(node.operands) > 1
            or node.summed
            or len(set(node.labels[0])) < node.operands[0].rank
        ):
            return None
        (node,) = node.operands
    return None


def _filled(value: sympy.Expr, shape: Shape) -> Piece:
    if value == 0:
        return number_piece(value)
    ones = [ONES if axis == 0 else transposed(ONES) for axis, size in enumerate(shape) if size != 1]
    if len(shape) > 2:
        ones = [ONES]
    front = Product() if value == 1 else number_piece(value).factors
    return written(front.times(Product(body=tuple(ones))))


def _named(operation: str, inside: Piece, rank: int) -> Piece:
    function = r"\operatorname{tr}" if operation == "trace" else r"\operatorname{diag}"
    return Piece(
        called(function, inside), ATOM, tensor=rank > 0, tall=inside.tall, symmetric=rank == 2
    )


# --- matrix products -----------------------------------------------------------------------------


def _matmul(operands: Sequence[Expression], scope: frozenset[Index]) -> Writing:
    left = (yield Task(operands[0], None, scope)).factors
    right = (yield Task(operands[1], None, scope)).factors
    front = left.with_body().times(right.with_body())
    if operands[0].rank == 2:
        return written(front.with_body(*joined(left.body, right.body)))
    row = left.as_row + right.body
    if operands[1].rank == 2:
        column = (transposed(right.core), *left.body)
        return written(front.with_body(*column, row=row))
    return written(front.with_body(_scalar(row)))


def _scalar(factors: tuple[Piece, ...]) -> Piece:
    """A product of tensors that is a scalar, one factor from here on."""
    return replace(written(Product(body=factors, scalar=True)), product=None)


def _outer(left: Piece, right: Piece) -> Product:
    first, second = left.factors, right.factors
    front = first.with_body().times(second.with_body())
    return front.with_body(*first.body, *second.as_row)


# --- sums ----------------------------------------------------------------------------------------


def _sum(spelling: Spelling, task: Task, names: IndexNames) -> Writing:
    """A sum over all entries with indices, one along an axis as a product with ones."""
    (operand,) = spelling.operands
    axes, _ = spelling.detail
    if operand.rank > 2 or _is_windows(operand) or (axes is None and not _is_chain(operand)):
        return (yield from by_entries(task, names))
    inside = (yield Task(operand, None, task.scope)).factors
    front = inside.with_body()
    if spelling.operation == "mean":
        over = range(operand.rank) if axes is None else axes
        count = sympy.Mul(*(operand.shape[axis] for axis in over))
        front = number_piece(1 / count).factors.times(front)
    return written(_summed(front, inside, axes, operand.rank, task.node.rank))


def _summed(
    front: Product, inside: Product, axes: tuple[int, ...] | None, rank: int, rank_after: int
) -> Product:
    row = transposed(ONES)
    if axes is None:
        body = (row, *inside.body, ONES) if rank == 2 else (row, *inside.body)
        return front.with_body(_scalar(body))
    if axes == (1,):
        return front.with_body(*inside.body, ONES)
    if rank_after == 2:  # the axis is kept: a matrix of one row
        return front.with_body(row, *inside.body)
    return front.with_body(transposed(inside.core), ONES, row=(row, *inside.body))


def _is_windows(node: Expression) -> bool:
    return isinstance(node, Contraction) and has_windows(node)


def _is_chain(node: Expression) -> bool:
    if not isinstance(node, Contraction):
        return False
    spelling = spell(node)
    if spelling.operation == "scale":
        return _is_chain(spelling.operands[0])
    return spelling.operation in _CHAINS


# --- entrywise and outer products ----------------------------------------------------------------


def _by_labels(node: Contraction, task: Task, names: IndexNames) -> Writing:
    """A product without sums, from which axes each operand has; others by their entries."""
    if node.coefficient != 1:
        sizes = dict(enumerate(node.sizes))
        rest = Contraction(node.operands, node.labels, node.output, sizes)
        inside = yield Task(rest, None, task.scope)
        return written(number_piece(node.coefficient).factors.times(inside.factors))
    target = tuple(label for label in node.output if node.sizes[label] != 1)
    groups = _groups(node, target)
    if groups is None or node.rank > 2:
        return (yield from by_entries(task, names))
    front = Product()
    for operand in groups.pop((), []):
        below = reciprocal_of(operand)
        piece = yield Task(operand if below is None else below, None, task.scope)
        front = front.times(_reciprocal(piece) if below is not None else piece.factors)
    parts: dict[tuple[int, ...], Piece] = {}
    for axes, operands in groups.items():
        diagonal = len(axes) == 1 and len(target) == 2 and target in groups
        parts[axes] = yield from _entrywise(operands, axes, node, diagonal, task.scope)
    if target == node.output[1:] and node.rank == 2:
        parts[target] = transposed(parts[target]) if target in parts else transposed(ONES)
        return written(front.times(parts[target].factors))
    return written(front.times(_assembled(parts, target)))


def _groups(
    node: Contraction, target: tuple[int, ...]
) -> dict[tuple[int, ...], list[Expression]] | None:
    """The operands by the axes they have; None where an axis is summed or repeated."""
    if len(set(target)) < len(target):
        return None
    groups: dict[tuple[int, ...], list[Expression]] = {}
    for operand, labels in zip(node.operands, node.labels, strict=True):
        axes = tuple(label for label in labels if node.sizes[label] != 1)
        if len(set(axes)) < len(axes) or not set(axes) <= set(target) or operand.rank > 2:
            return None
        groups.setdefault(tuple(sorted(axes, key=target.index)), []).append(operand)
    return groups


def _reciprocal(piece: Piece) -> Product:
    factors = piece.factors
    if factors.body and len(factors.body) == 1 and not factors.tops and factors.sign > 0:
        return Product(tops=factors.bottoms, bottoms=factors.body)
    return Product(bottoms=(piece,))


def _entrywise(
    operands: Sequence[Expression],
    axes: tuple[int, ...],
    node: Contraction,
    diagonal: bool,
    scope: frozenset[Index],
) -> Writing:
    """The entrywise product of operands that have the same axes, as a diagonal matrix if asked."""
    above: list[Piece] = []
    below: list[Piece] = []
    for operand in operands:
        divisor = reciprocal_of(operand)
        piece = yield Task(operand if divisor is None else divisor, None, scope)
        labels = node.labels[node.operands.index(operand)]
        if operand.rank == 2 and _lies_across(labels, axes):
            piece = transposed(piece)
        (above if divisor is None else below).append(piece)
    if diagonal and not above:
        inverse = _named("diag", hadamard(below), 2)
        return Piece(Tex(inverse.text, "^{-1}"), POWER, tensor=True, symmetric=True)
    whole = hadamard(above) if above else ONE
    if below:
        whole = fraction(whole, hadamard(below), tensor=True)
    return _named("diag", whole, 2) if diagonal else whole


def _lies_across(labels: tuple[int, ...], axes: tuple[int, ...]) -> bool:
    """Whether a matrix, or a matrix of one row, must be turned to have its axes in this order."""
    if len(axes) == 1:
        return labels[1] == axes[0]
    return labels[::-1] == axes


def _assembled(parts: dict[tuple[int, ...], Piece], target: tuple[int, ...]) -> Product:
    if len(target) < 2:
        return parts[target].factors if target in parts else Product(body=(ONES,) * len(target))
    first, second = parts.get(target[:1], ONES), parts.get(target[1:], ONES)
    if target not in parts:
        return _outer(first, second)
    whole = parts[target].factors
    before = (first,) if target[:1] in parts else ()
    after = (second,) if target[1:] in parts else ()
    return whole.with_body(*before, *whole.body, *after)
