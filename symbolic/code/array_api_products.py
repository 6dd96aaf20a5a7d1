"""Planned contractions as code of the Python array API standard: factors with labels, joined.

`@` where BLAS does the work, `xp.tensordot` for more axes, broadcasting where nothing is summed. What is
repeated along an axis is carried without that axis, so it is never built.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import sympy

from symbolic.code.array_api_kernels import array_code
from symbolic.code.product_order import Labels
from symbolic.code.scalar_kernels import Term
from symbolic.nodes import Contraction, Expression
from symbolic.printing.text_printer import ATOM, MULTIPLY, NEGATE, Piece, reciprocal_of
from symbolic.sizes import Size

Axes = tuple[int, ...]

DIAGONAL = (
    "def diagonal(xp, x):\n"
    "    n = x.shape[-1]\n"
    "    return xp.reshape(x, (*x.shape[:-2], n * n))[..., :: n + 1]\n"
)
CHOSEN = "def chosen(xp, condition, x):\n    return xp.where(condition, x, xp.zeros_like(x))\n"
SAME = (
    "def same(xp, n, rank, axis, other, device):\n"
    '    """Whether the indices along two of the axes are equal."""\n'
    "    index = xp.arange(n, device=device)\n"
    "    rows = [n if each == axis else 1 for each in range(rank)]\n"
    "    columns = [n if each == other else 1 for each in range(rank)]\n"
    "    return xp.reshape(index, tuple(rows)) == xp.reshape(index, tuple(columns))\n"
)


@dataclass(frozen=True)
class Held:
    """The code of a node: an array of some of its axes, in order; it is repeated along the others."""

    term: Term
    axes: Axes = ()


@dataclass(frozen=True)
class Factor:
    """The code of an array with a label an axis."""

    piece: Piece
    labels: Labels


class Writer(Protocol):
    """What the code of a contraction may ask for."""

    def value(self, node: Expression) -> Held:
        """The code of a node below."""

    def whole(self, node: Expression) -> Piece:
        """The code of a node below as an array of all its axes."""

    def integer(self, value: Size | sympy.Expr) -> str:
        """The code of a size or of a place."""

    def shape(self, shape: Sequence[Size | sympy.Expr]) -> str:
        """The code of a shape."""

    def scaled(self, coefficient: sympy.Expr, term: Term) -> Term:
        """A coefficient in sizes times a term."""

    def partial(self, piece: Piece) -> Piece:
        """Make a value a variable of its own."""

    def helper(self, name: str, source: str) -> str:
        """The name of a helper function, its source included."""


# --- axes ----------------------------------------------------------------------------------------


def permuted(piece: Piece, labels: Labels, order: Labels) -> Piece:
    """A piece with its axes in another order."""
    if labels == order:
        return piece
    if len(labels) == 2:
        return Piece(f"{piece.at_least(ATOM)}.T", ATOM)
    axes = tuple(labels.index(each) for each in order)
    return Piece(f"xp.permute_dims({piece.text}, {axes})", ATOM)


def aligned(piece: Piece, labels: Labels, output: Labels, *, whole: bool = False) -> Piece:
    """A piece with its axes placed among those of the output, for the library to broadcast.

    With `whole`, leading new axes are written as well.
    """
    piece = permuted(piece, labels, tuple(label for label in output if label in labels))
    index = [":" if label in labels else "None" for label in output]
    while not whole and index and index[0] == "None":
        del index[0]
    if "None" not in index:
        return piece
    return Piece(f"{piece.at_least(ATOM)}[{', '.join(index)}]", ATOM)


def summed(factor: Factor, labels: Collection[int], *, mean: bool = False) -> Factor:
    """A factor summed (averaged) over some of its labels."""
    axes = tuple(axis for axis, label in enumerate(factor.labels) if label in labels)
    if not axes:
        return factor
    along = (
        "" if len(axes) == len(factor.labels) else f", axis={axes[0] if len(axes) == 1 else axes}"
    )
    name = "mean" if mean else "sum"
    rest = tuple(label for label in factor.labels if label not in labels)
    return Factor(Piece(f"xp.{name}({factor.piece.text}{along})", ATOM), rest)


def on_diagonals(factor: Factor, writer: Writer) -> Factor:
    """A factor whose labels are distinct: entries at equal indices."""
    while len(set(factor.labels)) < len(factor.labels):
        label = next(each for each in factor.labels if factor.labels.count(each) > 1)
        first = factor.labels.index(label)
        second = factor.labels.index(label, first + 1)
        rest = [axis for axis in range(len(factor.labels)) if axis not in (first, second)]
        order = (*rest, first, second)
        piece = factor.piece
        if order != tuple(range(len(order))):
            piece = Piece(f"xp.permute_dims({piece.text}, {order})", ATOM)
        name = writer.helper("diagonal", DIAGONAL)
        labels = (*(factor.labels[axis] for axis in rest), label)
        factor = Factor(Piece(f"{name}(xp, {piece.text})", ATOM), labels)
    return factor


# --- a product -----------------------------------------------------------------------------------


def product_held(
    node: Contraction, factors: Sequence[Factor], moved: Collection[int], writer: Writer
) -> Held:
    """The product of factors, summed over all labels that are not in the output, and scaled.

    A label that no factor has counts how often the product is repeated, unless it was `moved`.
    """
    factors = [on_diagonals(factor, writer) for factor in factors]
    held = {*moved, *(label for factor in factors for label in factor.labels)}
    repeated = [node.sizes[label] for label in node.summed if label not in held]
    coefficient = node.coefficient * sympy.Mul(*repeated)
    if not factors:
        return arranged(writer.scaled(coefficient, _ONE), (), node, writer)
    while len(factors) > 1:
        first, second, *rest = factors
        kept = {*node.output, *(label for factor in rest for label in factor.labels)}
        factors = [joined(node, first, second, kept, writer), *rest]
    (factor,) = factors
    gone = [label for label in factor.labels if label not in node.output]
    mean = bool(gone) and coefficient * sympy.Mul(*(node.sizes[each] for each in gone)) == 1
    factor = summed(factor, gone, mean=mean)
    term = Term(factor.piece)
    return arranged(term if mean else writer.scaled(coefficient, term), factor.labels, node, writer)


_ONE = Term(Piece("1", ATOM), is_number=True)


def arranged(term: Term, labels: Labels, node: Contraction, writer: Writer) -> Held:
    """A term in the order of the output's axes; a label that the output has twice is a diagonal."""
    output = node.output
    twice = {label for label in output if output.count(label) > 1}
    if twice:
        return _diagonal(term, labels, node, twice, writer)
    axes = tuple(axis for axis, label in enumerate(output) if label in labels)
    order = tuple(output[axis] for axis in axes)
    return Held(replace(term, piece=permuted(term.piece, labels, order)), axes)


def _diagonal(
    term: Term, labels: Labels, node: Contraction, twice: Collection[int], writer: Writer
) -> Held:
    """A term where the indices of axes with the same label are equal, 0 elsewhere."""
    output = node.output
    axes = tuple(axis for axis, label in enumerate(output) if label in labels or label in twice)
    first = [axes.index(output.index(output[axis])) for axis in axes]
    once = tuple(
        output[axis] if first[place] == place else -1 - axis for place, axis in enumerate(axes)
    )
    piece = aligned(Piece(array_code(term), ATOM) if term.is_number else term.piece, labels, once)
    for place, axis in enumerate(axes):
        if first[place] != place:
            size = writer.integer(node.sizes[output[axis]])
            equal = writer.helper("same", SAME)
            condition = f"{equal}(xp, {size}, {len(axes)}, {first[place]}, {place}, device)"
            name = writer.helper("chosen", CHOSEN)
            piece = Piece(f"{name}(xp, {condition}, {piece.text})", ATOM)
    return Held(Term(piece), axes)


def joined(node: Contraction, one: Factor, other: Factor, kept: set[int], writer: Writer) -> Factor:
    """The product of two factors, summed over the labels that are not kept."""
    one = summed(one, {label for label in one.labels if label not in {*kept, *other.labels}})
    other = summed(other, {label for label in other.labels if label not in {*kept, *one.labels}})
    inner = tuple(label for label in one.labels if label in other.labels and label not in kept)
    batch = tuple(label for label in one.labels if label in other.labels and label in kept)
    if not inner:
        return multiplied(one, other, _order(node, one, other))
    left = tuple(label for label in one.labels if label not in other.labels)
    right = tuple(label for label in other.labels if label not in one.labels)
    several = len(inner) > 1 or batch
    if not left and not right and several:
        both = multiplied(one, other, one.labels)
        return summed(both, inner)
    if batch:
        return _stacked(node, one, other, (batch, left, inner, right), writer)
    if len(one.labels) > 2 or len(other.labels) > 2 or len(inner) > 1:
        axes = tuple(tuple(each.labels.index(label) for label in inner) for each in (one, other))
        text = f"xp.tensordot({one.piece.text}, {other.piece.text}, axes={axes})"
        return Factor(Piece(text, ATOM), left + right)
    return _matmul(one, other, inner[0], left, right, node.output)


def _order(node: Contraction, one: Factor, other: Factor) -> Labels:
    labels = tuple(dict.fromkeys(one.labels + other.labels))
    first = [label for label in dict.fromkeys(node.output) if label in labels]
    return (*first, *(label for label in labels if label not in first))


def multiplied(one: Factor, other: Factor, order: Labels) -> Factor:
    """Two factors entry by entry."""
    first, second = (aligned(each.piece, each.labels, order) for each in (one, other))
    text = f"{_left(first)} * {second.at_least(NEGATE)}"
    return Factor(Piece(text, MULTIPLY), order)


def divided(one: Factor, other: Factor, order: Labels) -> Factor:
    """One factor over another, entry by entry."""
    first, second = (aligned(each.piece, each.labels, order) for each in (one, other))
    return Factor(Piece(f"{_left(first)} / {second.at_least(NEGATE)}", MULTIPLY), order)


def _left(piece: Piece) -> str:
    return piece.at_least(NEGATE if " @ " in piece.text else MULTIPLY)


def _matmul(
    one: Factor, other: Factor, inner: int, left: Labels, right: Labels, output: Labels
) -> Factor:
    natural = left + right
    if len(natural) == 2 and tuple(each for each in output if each in natural) == natural[::-1]:
        one, other, left, right = other, one, right, left
    a = permuted(one.piece, one.labels, (*left, inner))
    b = permuted(other.piece, other.labels, (inner, *right))
    text = f"{a.at_least(NEGATE)} @ {b.at_least(NEGATE)}"
    return Factor(Piece(text, MULTIPLY), left + right)


def _stacked(
    node: Contraction,
    one: Factor,
    other: Factor,
    groups: tuple[Labels, Labels, Labels, Labels],
    writer: Writer,
) -> Factor:
    """`@` on arrays of matrices; several labels, or none, are one axis on the way."""
    batch, left, inner, right = groups

    def matrices(factor: Factor, rows: Labels, columns: Labels) -> str:
        order = (*batch, *rows, *columns)
        piece = permuted(factor.piece, factor.labels, order)
        if len(rows) == len(columns) == 1:
            return piece.at_least(NEGATE)
        sizes = [node.sizes[label] for label in batch]
        whole = [sympy.Mul(*(node.sizes[label] for label in group)) for group in (rows, columns)]
        return f"xp.reshape({piece.text}, {writer.shape([*sizes, *whole])})"

    text = f"{matrices(one, left, inner)} @ {matrices(other, inner, right)}"
    product = Piece(text, MULTIPLY)
    labels = (*batch, *left, *right)
    if not len(left) == len(right) == 1:
        shape = writer.shape([node.sizes[label] for label in labels])
        product = Piece(f"xp.reshape({writer.partial(product).text}, {shape})", ATOM)
    return Factor(product, labels)


def quotient(node: Contraction, writer: Writer) -> Held | None:
    """A product with 1/x in which nothing is summed, as a division."""
    if len(node.operands) != 2 or node.summed or len(set(node.output)) < len(node.output):
        return None
    for place in (1, 0):
        divisor = reciprocal_of(node.operands[place])
        if divisor is None or any(len(set(at)) < len(at) for at in node.labels):
            continue
        above, below = writer.value(node.operands[1 - place]), writer.value(divisor)
        if above.term.is_number or below.term.is_number:
            continue
        top, bottom = factor_of(above, node.labels[1 - place]), factor_of(below, node.labels[place])
        factor = divided(top, bottom, _order(node, top, bottom))
        term = writer.scaled(node.coefficient, Term(factor.piece))
        return arranged(term, factor.labels, node, writer)
    return None


def factor_of(held: Held, at: Labels) -> Factor:
    """A held array with the labels of those axes that it has."""
    return Factor(held.term.piece, tuple(at[axis] for axis in held.axes))
