r"""Entries of expressions: index notation, as in `\sum_{k=1}^{d} X_{ik} w_k`.

With `whole`, products of matrices are written out, nested ones as one sum; otherwise they keep
their matrix form with the indices outside, as in `(X w)_i`.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from symbolic.nodes import (
    Apply,
    Contraction,
    Derivative,
    Elementwise,
    Expression,
    Iverson,
    Sum,
    kernel_symbol,
)
from symbolic.printing.flattening import Factor, FlatProduct, flattened, has_windows
from symbolic.printing.index_names import (
    Index,
    IndexNames,
    is_index_symbol,
    shown_indices,
    size_expression,
)
from symbolic.printing.index_relations import (
    Resolved,
    bounds_piece,
    bracket_piece,
    label_symbol,
    resolved,
)
from symbolic.printing.latex_applications import (
    NUMBERED,
    gradient_piece,
    numbered,
    partial_piece,
)
from symbolic.printing.latex_extremes import OVER_INDICES, Range, over_indices, shows_length
from symbolic.printing.latex_kernels import kernel_piece, number_piece
from symbolic.printing.latex_norms import norm_of
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

_CLOSED = frozenset({"trace", "vec", "kron", "reshape", "tril", "triu"})


def entry(task: Task, names: IndexNames, *, whole: bool) -> Writing:
    """The entry of a node at indices."""
    node, at, scope = task.node, task.at or (), task.scope
    if not whole and norm_of(node) is not None:
        return (yield Task(node, None, scope))
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
        case Contraction() if whole or not _is_closed(node):
            return (yield from _product(node, task, names, whole))
        case Iverson():
            shown = bracket_piece(node, at)
            return number_piece(sympy.Integer(shown)) if isinstance(shown, bool) else shown
        case Apply() if node.function in OVER_INDICES:
            return (yield from _over_indices(node, task, names))
        case Apply() if node.function in NUMBERED:
            inside = yield Task(node.operand, None, scope)
            return numbered(node, inside, shown_indices(at))
        case Derivative() if node.rank:
            return (yield from _derivative(node, at, scope))
        case _:
            piece = yield Task(node, None, scope)
            return indexed(piece, at)


def indexed(piece: Piece, at: tuple[Index | None, ...]) -> Piece:
    """A piece with indices; what has a subscript already is put in brackets."""
    shown = shown_indices(tuple(index for index in at if index is not None))
    if not shown:
        return piece
    base = bracketed(piece) if piece.subscript else piece.at_least(ATOM)
    text = Tex(base, script("_", shown))
    return Piece(text, ATOM, plain=True, tall=piece.tall, subscript=True)


def _is_closed(node: Contraction) -> bool:
    """Whether matrix notation with indices outside is shorter than the entries."""
    operation = spell(node).operation
    small = all(operand.rank <= 2 for operand in node.operands)
    return operation in _CLOSED or (operation == "matmul" and small and not has_windows(node))


def _derivative(node: Derivative, at: tuple[Index | None, ...], scope: frozenset[Index]) -> Writing:
    rank = node.expression.rank
    open_variable = any(index is None for index in at[rank:])
    above = yield Task(node.expression, at[:rank], scope)
    below = yield Task(node.variable, None if open_variable else at[rank:], scope)
    if open_variable and rank == 0:
        return gradient_piece(above, below)
    return partial_piece(above, below, tensor=open_variable)


def _over_indices(node: Apply, task: Task, names: IndexNames) -> Writing:
    """A maximum, minimum or product over the entries along an axis, or over all."""
    operand, at, scope = node.operand, list(task.at or ()), task.scope
    over: list[Range] = []
    inner: list[Index | None] = []
    for axis, size in enumerate(operand.shape):
        if node.axis in (None, axis):
            letter = names.fresh(size, scope)
            scope = scope | {letter}
            inner.append(letter)
            if size != 1:
                over.append(Range(letter, size, shows_length(operand, axis)))
        else:
            inner.append(at.pop(0))
    inside = yield Task(operand, tuple(inner), scope)
    return over_indices(node.function, over, inside) if over else inside


@dataclass
class _Placed:
    """A product whose indices have names: `at` maps labels to indices."""

    flat: FlatProduct
    found: Resolved
    at: dict[int, Index | None]

    def index(self, label: int) -> Index | None:
        """The index at a label."""
        if label not in self.found.values:
            return self.at[label]
        return self.value(self.found.values[label])

    def value(self, value: Index) -> Index:
        """An expression of labels as one of names."""
        sizes = self.flat.sizes
        symbols = {each: label_symbol(each, sizes) for each in self.at}
        renamed = {symbols[each]: index for each, index in self.at.items() if symbols[each] != 1}
        return sympy.expand(value.xreplace(renamed))


def _product(node: Contraction, task: Task, names: IndexNames, whole: bool) -> Writing:
    """A product summed over indices; factors without a summed index stand before the sums."""
    flat = flattened(node, whole=whole)
    if flat.coefficient == 0:
        return number_piece(flat.coefficient)
    at, deltas = _free_indices(flat, task.at or ())
    others = tuple(each for each in flat.factors if not isinstance(each[0], Iverson))
    brackets = [(each, labels) for each, labels in flat.factors if isinstance(each, Iverson)]
    shown = frozenset(label for _, labels in others for label in labels)
    found = resolved(brackets, flat.summed, shown, flat.sizes)
    over = [label for label in flat.summed if label not in found.values]
    scope = task.scope
    for label in over:
        at[label] = names.fresh(flat.sizes[label], scope)
        scope = scope | {at[label]}
    named = _Placed(flat, found, at)
    conditions = _conditions(named, deltas)
    if conditions is None:
        return number_piece(sympy.S.Zero)
    letters = {at[label] for label in over}
    outside, inside = number_piece(flat.coefficient).factors, Product()
    if flat.coefficient == 1:
        outside = Product()
    parts = []
    for (operand, indices), count in _counted(named, others, letters).items():
        piece = yield Task(operand, indices, scope)
        parts.append((_repeated(piece, count), _symbols(indices)))
    for piece, symbols in [*parts, *conditions]:
        if symbols & letters:
            inside = inside.times(piece.factors)
        else:
            outside = outside.times(piece.factors)
    if over:
        outside = outside.times(_summation(named, over, inside))
    return written(outside)


def _free_indices(
    flat: FlatProduct, at: tuple[Index | None, ...]
) -> tuple[dict[int, Index | None], list[tuple[Index, Index]]]:
    """The index of each label of the result, and the pairs of indices that must be equal."""
    found: dict[int, Index | None] = {}
    pairs = []
    for label, index in zip(flat.output, at, strict=True):
        first = found.setdefault(label, index)
        if first is not None and index is not None and first != index:
            pairs.append((first, index))
    return found, pairs


def _conditions(
    named: _Placed, deltas: list[tuple[Index, Index]]
) -> list[tuple[Piece, set[Index]]] | None:
    """The deltas and brackets with their indices; None where one of them is 0."""
    found: list[tuple[Piece | bool, set[Index]]] = []
    for pair in deltas:
        text = Tex(r"\delta", script("_", shown_indices(pair)))
        distinct = sympy.expand(pair[0] - pair[1]).is_number
        piece: Piece | bool = Piece(text, ATOM, plain=True, subscript=True)
        found.append((False if distinct else piece, _symbols(pair)))
    for bracket, labels in named.found.left:
        at = tuple(named.index(label) for label in labels)
        found.append((bracket_piece(bracket, at), _symbols(at)))
    for label, below, above in named.found.bounds:
        value = named.index(label)
        size = named.flat.sizes[label]
        found.append((bounds_piece(value, size, below=below, above=above), _symbols((value,))))
    if any(piece is False for piece, _ in found):
        return None
    return [(piece, symbols) for piece, symbols in found if isinstance(piece, Piece)]


def _symbols(at: tuple[Index | None, ...]) -> set[Index]:
    """The index symbols that occur in indices."""
    return {
        s for index in at if index is not None for s in index.free_symbols if is_index_symbol(s)
    }


def _counted(
    named: _Placed, factors: tuple[Factor, ...], letters: set[Index | None]
) -> dict[tuple[Expression, tuple[Index | None, ...]], int]:
    """Each factor at its indices and how often; `w_k x_{i+k}`: what is shifted in a sum comes last."""
    found: dict[tuple[Expression, tuple[Index | None, ...]], int] = {}
    for operand, labels in factors:
        factor = operand, tuple(named.index(label) for label in labels)
        found[factor] = found.get(factor, 0) + 1

    def is_shifted(factor: tuple[Expression, tuple[Index | None, ...]]) -> bool:
        return any(
            index is not None and not index.is_Atom and _symbols((index,)) & letters
            for index in factor[1]
        )

    return dict(sorted(found.items(), key=lambda item: is_shifted(item[0])))


def _repeated(piece: Piece, count: int) -> Piece:
    if count == 1:
        return piece
    text = Tex(piece.at_least(ATOM), script("^", str(count)))
    return Piece(text, POWER, plain=piece.plain, tall=piece.tall)


def _summation(named: _Placed, over: list[int], inside: Product) -> Product:
    signs: list[str | Tex] = []
    for label in over:
        size = named.flat.sizes[label]
        if size != 1:
            limit = number_piece(size_expression(size)).text
            signs += [r"\sum", script("_", f"{named.at[label]}=1"), "^{", limit, "} "]
    summand = written(Product(1, inside.tops, inside.bottoms, inside.body))
    if not signs:
        return inside
    shown = in_square_brackets(summand) if summand.binding == ADD else summand.text
    tensor = summand.tensor
    piece = Piece(Tex(*signs, shown), BIG, tall=True, tensor=tensor)
    return Product(inside.sign, body=(piece,))
