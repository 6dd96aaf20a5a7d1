"""Planned contractions as NumPy code: one small function per operation.

`dot` where BLAS does the work, broadcasting for diagonal matrices and repetition, reductions, and
`np.tensordot` or `np.einsum` of two operands for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import sympy

from symbolic.code import numpy_brackets, numpy_solves
from symbolic.code.numpy_brackets import bracketed, has_bracket
from symbolic.code.numpy_moves import permuted, transposed
from symbolic.code.numpy_solves import solved
from symbolic.code.numpy_spelled import move_code
from symbolic.code.product_order import Labels, assumed_size
from symbolic.code.products import arranges
from symbolic.functions import step
from symbolic.nodes import Contraction, Elementwise, Expression, kernel_symbol
from symbolic.printing.text_printer import ADD, ATOM, MULTIPLY, NEGATE, Piece, reciprocal_of
from symbolic.sizes import Size

_LETTERS = "ijklmnopqrstuvwxyzabcdefghIJKLMNOPQRSTUVWXYZABCDEFGH"


class Writer(numpy_brackets.Writer, numpy_solves.Writer, Protocol):
    """What the code of a node may ask for."""

    def written_inline(self, node: Expression) -> bool:
        """Whether a node is no variable of the source."""

    def may_change(self, node: Expression) -> bool:
        """Whether a variable is a new array that nothing else reads."""

    def goes_by_rows(self, size: Size) -> bool:
        """Whether the code has some of the rows alone, and this is how many rows there are."""

    def scaled(self, coefficient: object, piece: Piece, rank: int = 0) -> Piece:
        """A number or an expression in sizes times a piece; beside an array, integers as floats."""

    def with_ones(self, matrix: Expression) -> tuple[Piece, Piece]:
        """A vector with a one for each row of a matrix, and the matrix."""

    def columns(self, matrix: Expression) -> Piece:
        """A variable whose rows are the columns of a matrix, each in one piece of memory."""

    def embedded(self, node: Contraction) -> Piece:
        """An array that is zero but for one of its diagonals."""


def contraction_code(node: Contraction, writer: Writer) -> Piece:
    """The code of one planned contraction."""
    if not node.operands:
        return _filled(node, writer)
    if len(node.operands) > 1:
        return _moved(node, writer) or _pair(node, writer)
    (operand,), (labels,) = node.operands, node.labels
    if arranges(node):
        return _arranged(node, writer)
    if labels == node.output and len(set(labels)) == len(labels):
        return writer.scaled(node.coefficient, writer.value(operand), node.rank)
    if len(set(labels)) == len(labels):
        return _reduction(node, writer)
    if labels == (0, 0) and node.coefficient == 1:
        name = "np.diagonal" if node.output else "np.trace"
        return Piece(f"{name}({writer.value(operand).text})", ATOM)
    return _einsum(node, writer)


def _filled(node: Contraction, writer: Writer) -> Piece:
    value = node.coefficient
    if not node.output:
        return writer.scaled(value, Piece("1", ATOM))
    shape = writer.shape(node.shape)
    if value in (0, 1):
        name = "np.ones" if value == 1 else "np.zeros"
        return Piece(f"{name}({shape}, dtype={writer.dtype()})", ATOM)
    number = writer.scaled(value, Piece("1", ATOM)).text
    return Piece(f"np.full({shape}, {number}, dtype={writer.dtype()})", ATOM)


def _reduction(node: Contraction, writer: Writer) -> Piece:
    """A sum over axes, times the coefficient; the method `sum` costs less than the function.

    The rows of a matrix are added by a product, in a third of the time or less.
    """
    (operand,), (labels,) = node.operands, node.labels
    axes = tuple(axis for axis, label in enumerate(labels) if label not in node.output)
    if axes == (0,) and len(labels) == 2:
        return writer.scaled(node.coefficient, _dotted(*writer.with_ones(operand)), node.rank)
    along = "" if len(axes) == len(labels) else f"axis={axes[0] if len(axes) == 1 else axes}"
    total = Piece(f"{writer.value(operand).at_least(ATOM)}.sum({along})", ATOM)
    return writer.scaled(node.coefficient, total, node.rank)


def _arranged(node: Contraction, writer: Writer) -> Piece:
    """A transpose, a repetition or a diagonal as a whole array."""
    (operand,), (labels,), output = node.operands, node.labels, node.output
    inner = writer.value(operand)
    if len(set(output)) == len(output):
        if set(output) == set(labels):
            return permuted(inner, labels, output)
        repeated = [
            size for size, each in zip(node.shape, output, strict=True) if each not in labels
        ]
        placed = aligned(inner, labels, output, whole=True)
        if all(size == 1 for size in repeated):
            return placed
        return Piece(f"np.broadcast_to({placed.text}, {writer.shape(node.shape)})", ATOM)
    if output != (0, 0):
        return writer.embedded(node)
    if labels:
        return Piece(f"np.diag({inner.text})", ATOM)
    rows = writer.shape(node.shape[:1]).strip("(),")
    identity = f"np.eye({rows}, dtype={writer.dtype()})"
    if inner.text == "1":
        return Piece(identity, ATOM)
    return Piece(f"{factor(inner)} * {identity}", MULTIPLY)


def _moved(node: Contraction, writer: Writer) -> Piece | None:
    """Entries that move, and systems that are solved; None for other products."""
    array = solved(node, writer)
    if array is None and has_bracket(node):
        move = move_code(node, writer)
        if move is not None:
            return move
        array = bracketed(node, writer)
    if array is None:
        return None
    piece, labels = array.piece, array.labels
    summed = tuple(axis for axis, label in enumerate(labels) if label not in node.output)
    if summed:
        along = f"axis={summed[0] if len(summed) == 1 else summed}"
        total = f"sum({along if len(summed) < len(labels) else ''})"
        piece = Piece(f"{piece.at_least(ATOM)}.{total}", ATOM)
        labels = tuple(label for label in labels if label in node.output)
    return permuted(piece, labels, node.output)


# --- two operands --------------------------------------------------------------------------------


def _pair(node: Contraction, writer: Writer) -> Piece:
    left, right = node.labels
    output = node.output
    summed = {*left, *right} - set(output)
    if not summed:
        return _multiplied(node, writer)
    if summed == set(left) == set(right):
        return _inner(node, writer)
    if not summed <= set(left) & set(right):
        return _einsum(node, writer)
    if not set(left) & set(right) & set(output):
        if len(left) <= 2 and len(right) <= 2:
            return _matmul(node, summed.pop(), writer)
        return _tensordot(node, writer)
    return _stacked_matmul(node, summed, writer) or _einsum(node, writer)


def _stacked_matmul(node: Contraction, summed: set[int], writer: Writer) -> Piece | None:
    """A matrix product for each of the labels that both operands keep, where there is just one."""
    left, right = node.labels
    batch = tuple(label for label in node.output if label in left and label in right)
    rows = [label for label in left if label not in right]
    columns = [label for label in right if label not in left]
    if len(summed) != 1 or len(rows) != 1 or len(columns) != 1:
        return None
    a, b = map(writer.value, node.operands)
    if node.output[-2:] == (*columns, *rows):
        a, b, left, right, rows, columns = b, a, right, left, columns, rows
    (inner,) = summed
    first = permuted(a, left, (*batch, *rows, inner))
    second = permuted(b, right, (*batch, inner, *columns))
    return permuted(_product(first, second), (*batch, *rows, *columns), node.output)


def _multiplied(node: Contraction, writer: Writer) -> Piece:
    """Entry by entry: NumPy lines the axes up."""
    (a, b), (left, right), output = node.operands, node.labels, node.output
    if len(left) == len(right) == 1 and left != right:
        above, below = (a, b) if output == left + right else (b, a)
        return Piece(f"np.outer({writer.value(above).text}, {writer.value(below).text})", ATOM)
    for one, one_at, other, other_at in ((a, left, b, right), (b, right, a, left)):
        divisor = reciprocal_of(other)
        if divisor is not None and writer.written_inline(other):
            top = aligned(writer.value(one), one_at, output)
            bottom = aligned(writer.value(divisor), other_at, output)
            return Piece(f"{factor(top)} / {bottom.at_least(NEGATE)}", MULTIPLY)
    if _mask(a, writer) is not None:  # one mask at most, and not in front: NumPy cannot negate it
        a, b, left, right = b, a, right, left
    first = aligned(writer.value(a), left, output)
    second = aligned(_mask(b, writer) or writer.value(b), right, output)
    return Piece(f"{factor(first)} * {second.at_least(NEGATE)}", MULTIPLY)


def _mask(node: Expression, writer: Writer) -> Piece | None:
    """The comparison that a step function is: as a factor it need not become a number."""
    if not isinstance(node, Elementwise) or not writer.written_inline(node):
        return None
    if node.kernel.expr != step(kernel_symbol(0)):
        return None
    return Piece(f"({writer.value(node.operands[0]).at_least(ADD)} > 0.0)", ATOM)


def _inner(node: Contraction, writer: Writer) -> Piece:
    """All axes of both summed."""
    (a, b), (left, right) = map(writer.value, node.operands), node.labels
    if len(left) == 1:
        return _dotted(a, b)
    other = permuted(b, right, left)
    return Piece(f"np.vdot({a.text}, {other.text})", ATOM)


def _matmul(node: Contraction, inner: int, writer: Writer) -> Piece:
    """A matrix product; of a vector and a matrix no transpose is taken: `v.dot(X)` is `X.T @ v`."""
    (a, b), (left, right) = map(writer.value, node.operands), node.labels
    natural = tuple(label for label in left + right if label != inner)
    if natural != node.output:
        a, b, left, right = b, a, right, left
    if (len(right) == 1 and left[0] == inner) or (len(left) == 1 and right[-1] == inner):
        a, b, left, right = b, a, right, left
    if len(left) == 2 and left[0] == inner:
        a = transposed(a)
    if len(right) == 2 and right[1] == inner:
        b = transposed(b)
    if len(right) == 1 and a.text.endswith(".T"):
        return _dotted(b, transposed(a))
    if len(left) == 1 and b.text.endswith(".T"):
        return _dotted(transposed(b), a)
    return _dotted(a, b)


def _dotted(a: Piece, b: Piece) -> Piece:
    """The product of vectors and matrices; the method costs a third of what `@` does."""
    return Piece(f"{a.at_least(ATOM)}.dot({b.text})", ATOM)


def _product(a: Piece, b: Piece) -> Piece:
    chain = a.binding == MULTIPLY and " @ " in a.text and not {" * ", " / "} & set(_operators(a))
    left = a.text if chain else a.at_least(NEGATE)
    return Piece(f"{left} @ {b.at_least(NEGATE)}", MULTIPLY)


def _operators(piece: Piece) -> list[str]:
    return [f" {word} " for word in piece.text.split(" ") if word in ("*", "/")]


def _tensordot(node: Contraction, writer: Writer) -> Piece:
    """A matrix product of reshaped arrays where a matrix meets an array of more axes."""
    (a, b), (left, right) = node.operands, node.labels
    summed = [label for label in left if label not in node.output]
    natural = tuple(label for label in left + right if label not in summed)
    if natural != node.output:
        a, b, left, right = b, a, right, left
        natural = tuple(label for label in left + right if label not in summed)
    sizes = dict(enumerate(node.sizes))
    if min(len(left), len(right)) <= 2 and not any(map(writer.goes_by_rows, node.sizes)):
        first = _flat(*_long_rows(a, left, writer), summed, sizes, writer, summed_last=True)
        second = _flat(*_long_rows(b, right, writer), summed, sizes, writer, summed_last=False)
        if first is not None and second is not None:
            shape = ", ".join(writer.integer(sizes[label]).text for label in natural)
            dotted = _dotted(first, second)
            folded = Piece(f"{dotted.text}.reshape({shape})", ATOM) if len(natural) > 1 else dotted
            return permuted(folded, natural, node.output)
    axes = [[each.index(label) for label in summed] for each in (left, right)]
    both = ", ".join(writer.value(each).text for each in (a, b))
    call = Piece(f"np.tensordot({both}, axes=({axes[0]}, {axes[1]}))", ATOM)
    return permuted(call, natural, node.output)


def _long_rows(node: Expression, labels: Labels, writer: Writer) -> tuple[Piece, Labels]:
    """An array to be reshaped; the products of all columns of matrices with their longest axis last.

    NumPy loops along the last axis, and each loop costs as much as many entries.
    """
    if isinstance(node, Contraction) and node.rank == 3 and writer.written_inline(node):
        rows, *columns = node.output
        if node.labels == tuple((rows, column) for column in columns) and node.coefficient == 1:
            length, *widths = map(assumed_size, node.shape)
            if length > max(widths):
                first, second = map(writer.columns, node.operands)
                text = f"{first.text}[:, None] * {second.text}"
                return Piece(text, MULTIPLY), (*labels[1:], labels[0])
    return writer.value(node), labels


def _flat(
    piece: Piece,
    labels: Labels,
    summed: Sequence[int],
    sizes: Mapping[int, Size],
    writer: Writer,
    *,
    summed_last: bool,
) -> Piece | None:
    """An array as a matrix, its summed axes as one; None where other axes lie between them."""
    kept = [label for label in labels if label not in summed]
    ends_with_summed = labels == (*kept, *summed)
    if not ends_with_summed and labels != (*summed, *kept):
        return None
    groups = [kept, summed] if ends_with_summed else [summed, kept]
    groups = [group for group in groups if group]
    if len(groups) < len(labels):
        products = [sympy.Mul(*(sizes[label] for label in group)) for group in groups]
        shape = ", ".join(writer.integer(size).text for size in products)
        piece = Piece(f"{piece.at_least(ATOM)}.reshape({shape})", ATOM)
    return piece if ends_with_summed == summed_last or len(groups) == 1 else transposed(piece)


def _einsum(node: Contraction, writer: Writer) -> Piece:
    both, along = set(node.labels), (*node.output, *node.summed)
    if len(node.operands) == 2 and both == {along} and len(node.summed) == 1:
        pair = ", ".join(writer.value(operand).text for operand in node.operands)
        return writer.scaled(node.coefficient, Piece(f"np.vecdot({pair})", ATOM))
    letters = {label: _LETTERS[label] for label in range(len(node.sizes))}
    inputs = ",".join("".join(letters[label] for label in each) for each in node.labels)
    output = "".join(letters[label] for label in node.output)
    operands = ", ".join(writer.value(operand).text for operand in node.operands)
    call = Piece(f'np.einsum("{inputs}->{output}", {operands})', ATOM)
    return call if node.coefficient == 1 else writer.scaled(node.coefficient, call)


# --- axes ----------------------------------------------------------------------------------------


def aligned(piece: Piece, labels: Labels, output: Labels, *, whole: bool = False) -> Piece:
    """A piece with its axes placed among those of the result, for NumPy to broadcast.

    >>> aligned(Piece("v", ATOM), (0,), (0, 1)).text, aligned(Piece("v", ATOM), (1,), (0, 1)).text
    ('v[:, None]', 'v')
    """
    if not labels:
        return Piece(f"np.reshape({piece.text}, {(1,) * len(output)})", ATOM) if whole else piece
    piece = permuted(piece, labels, tuple(label for label in output if label in labels))
    index = [":" if label in labels else "None" for label in output]
    while not whole and index[0] == "None":
        del index[0]
    if "None" not in index:
        return piece
    return Piece(f"{piece.at_least(ATOM)}[{', '.join(index)}]", ATOM)


def factor(piece: Piece) -> str:
    """The text of the left operand of `*` or `/`, with a matrix product in brackets."""
    return piece.at_least(NEGATE if " @ " in piece.text else MULTIPLY)
