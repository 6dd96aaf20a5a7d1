r"""Entries of expressions: index notation, as in `\sum_{k=1}^{d} X_{ik} w_k`.

With `whole`, products of matrices are written out, nested ones as one sum; otherwise they keep
their matrix form with the indices outside, as in `(X w)_i`.
"""

from __future__ import annotations

from symbolic.nodes import Contraction, Derivative, Elementwise, Sum, kernel_symbol
from symbolic.printing.flattening import Factor, FlatProduct, flattened
from symbolic.printing.index_names import IndexNames, shown_indices, size_expression
from symbolic.printing.latex_applications import gradient_piece, partial_piece
from symbolic.printing.latex_kernels import kernel_piece, number_piece
from symbolic.printing.latex_pieces import (
    ADD,
    ATOM,
    BIG,
    POWER,
    Piece,
    Product,
    Tex,
    added,
    bracketed,
    in_square_brackets,
    script,
    written,
)
from symbolic.printing.latex_tasks import Task, Writing
from symbolic.spelling import spell


def entry(task: Task, names: IndexNames, *, whole: bool) -> Writing:
    """The entry of a node at indices."""
    node, at, scope = task.node, task.at or (), task.scope
    match node:
        case Sum():
            pieces = []
            for term in node.terms:
                pieces.append((yield Task(term, at, scope)))
            return added(pieces, tensor=False)
        case Elementwise():
            arguments = {}
            for place, operand in enumerate(node.operands):
                arguments[kernel_symbol(place)] = yield Task(operand, at, scope)
            return kernel_piece(node.kernel.expr, arguments)
        case Contraction() if whole or not _is_matrix_product(node):
            return (yield from _product(node, task, names, whole))
        case Derivative() if node.rank:
            return (yield from _derivative(node, at, scope))
        case _:
            piece = yield Task(node, None, scope)
            return indexed(piece, at)


def indexed(piece: Piece, at: tuple[str, ...]) -> Piece:
    """A piece with indices; what has a subscript already is put in brackets."""
    shown = shown_indices(tuple(index for index in at if index))
    if not shown:
        return piece
    base = bracketed(piece) if piece.subscript else piece.at_least(ATOM)
    text = Tex(base, script("_", shown))
    return Piece(text, ATOM, plain=True, tall=piece.tall, subscript=True)


def _is_matrix_product(node: Contraction) -> bool:
    operation = spell(node).operation
    small = all(operand.rank <= 2 for operand in node.operands)
    return operation == "trace" or (operation == "matmul" and small)


def _derivative(node: Derivative, at: tuple[str, ...], scope: frozenset[str]) -> Writing:
    rank = node.expression.rank
    open_variable = any(not index for index in at[rank:])
    above = yield Task(node.expression, at[:rank], scope)
    below = yield Task(node.variable, None if open_variable else at[rank:], scope)
    if open_variable and rank == 0:
        return gradient_piece(above, below)
    return partial_piece(above, below, tensor=open_variable)


def _product(node: Contraction, task: Task, names: IndexNames, whole: bool) -> Writing:
    """A product summed over indices; factors without a summed index stand before the sums."""
    flat = flattened(node, whole=whole)
    letters, deltas = _free_indices(flat, task.at or ())
    scope = task.scope
    for label in flat.summed:
        letters[label] = names.fresh(flat.sizes[label], scope)
        scope = scope | {letters[label]}
    summed = set(flat.summed)
    outside, inside = number_piece(flat.coefficient).factors, Product()
    if flat.coefficient in (1, 0):
        outside = Product()
    if flat.coefficient == 0:
        return number_piece(flat.coefficient)
    for (operand, labels), count in _counted(flat.factors).items():
        piece = yield Task(operand, tuple(letters[label] for label in labels), scope)
        factors = _repeated(piece, count).factors
        if summed & set(labels):
            inside = inside.times(factors)
        else:
            outside = outside.times(factors)
    for pair in deltas:
        text = Tex(r"\delta", script("_", shown_indices(pair)))
        outside = outside.times(Product(tops=(Piece(text, ATOM, plain=True, subscript=True),)))
    if summed:
        outside = outside.times(_summation(flat, letters, inside))
    return written(outside)


def _free_indices(
    flat: FlatProduct, at: tuple[str, ...]
) -> tuple[dict[int, str], list[tuple[str, str]]]:
    """The index of each label of the result, and the pairs of indices that must be equal."""
    letters: dict[int, str] = {}
    pairs = []
    for label, index in zip(flat.output, at, strict=True):
        if letters.setdefault(label, index) != index:
            pairs.append((letters[label], index))
    return letters, pairs


def _counted(factors: tuple[Factor, ...]) -> dict[Factor, int]:
    found: dict[Factor, int] = {}
    for factor in factors:
        found[factor] = found.get(factor, 0) + 1
    return found


def _repeated(piece: Piece, count: int) -> Piece:
    if count == 1:
        return piece
    text = Tex(piece.at_least(ATOM), script("^", str(count)))
    return Piece(text, POWER, plain=piece.plain, tall=piece.tall)


def _summation(flat: FlatProduct, letters: dict[int, str], inside: Product) -> Product:
    signs: list[str | Tex] = []
    for label in flat.summed:
        if flat.sizes[label] != 1:
            limit = number_piece(size_expression(flat.sizes[label])).text
            signs += [r"\sum", script("_", f"{letters[label]}=1"), "^{", limit, "} "]
    summand = written(Product(1, inside.tops, inside.bottoms, inside.body))
    if not signs:
        return inside
    shown = in_square_brackets(summand) if summand.binding == ADD else summand.text
    tensor = summand.tensor
    piece = Piece(Tex(*signs, shown), BIG, tall=True, tensor=tensor)
    return Product(inside.sign, body=(piece,))
