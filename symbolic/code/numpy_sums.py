"""Entrywise operations as NumPy code: sums and kernels, broadcasting left to NumPy.

A term that is a diagonal matrix is added to the diagonal in place; it is never built.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, TypeGuard

import sympy

from symbolic.code.clipped_cases import clipped_parts
from symbolic.code.coefficients import as_float
from symbolic.code.concatenation import concatenated
from symbolic.code.logistic_losses import LOGISTIC_LOSS, LOSS
from symbolic.code.numpy_brackets import has_bracket
from symbolic.code.numpy_contractions import Writer, aligned
from symbolic.code.numpy_kernels import kernel_code
from symbolic.code.numpy_solves import inverse_code, logdet_code
from symbolic.code.product_order import Labels
from symbolic.code.products import arranges
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.printing.text_printer import ADD, ATOM, MULTIPLY, Piece

_OF_NUMPY = {"det": "np.linalg.det", "expm": "scipy.linalg.expm"}
_METHODS = ("max", "min", "prod")  # of arrays, which cost less than the functions
CHUNK = 50  # terms of one written sum; Python's own parser nests sums


class Assigner(Writer, Protocol):
    """A writer that can also write lines before the current one."""

    def call(self, name: str) -> str:
        """The code name of a table function, its helper included."""

    def size(self, value: sympy.Expr) -> Piece:
        """The code of a size."""

    def begin(self, node: Expression, value: Piece) -> str:
        """Make a value the variable of a node, and give its name."""

    def partial(self, value: Piece) -> Piece:
        """Make a value a variable of its own."""

    def add_diagonal(self, name: str, term: Contraction, sign: str, value: Piece) -> None:
        """Add to one of the diagonals of a variable."""


# --- operands that broadcast ---------------------------------------------------------------------


def unrepeated(node: Expression) -> tuple[Expression, Labels, Labels]:
    """A node without its outermost repetition: what is inside, its labels, those of the whole."""
    axes = tuple(range(node.rank))
    if isinstance(node, Contraction) and len(set(node.output)) == len(node.output):
        if not node.operands:
            return node, (), axes
        if arranges(node) and len(node.labels[0]) < len(node.output):
            return node.operands[0], node.labels[0], node.output
    return node, axes, axes


def beside_each_other(
    operands: Sequence[Expression], writer: Writer
) -> list[tuple[Expression, Labels, Labels]]:
    """Operands of one shape as NumPy broadcasts them: repetition is left out if others fill in."""
    found = [unrepeated(operand) for operand in operands]
    rank = operands[0].rank
    filled = {output.index(label) for _, labels, output in found for label in labels}
    if len(filled) < rank:
        axes = tuple(range(rank))
        found[0] = (operands[0], axes, axes)
    return found


def placed(inner: Expression, labels: Labels, output: Labels, writer: Writer) -> Piece:
    """The code of an operand among others."""
    if isinstance(inner, Contraction) and not inner.operands and not labels:
        return _number(inner.coefficient, output, writer)
    return aligned(writer.value(inner), labels, output)


def _number(value: sympy.Expr, output: Labels, writer: Writer) -> Piece:
    """A number or a number in sizes, as a float beside arrays."""
    piece = writer.scaled(value, Piece("1", ATOM))
    return Piece(as_float(piece.text), piece.binding) if output else piece


# --- kernels -------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def occurrences(kernel: sympy.Lambda) -> tuple[int, ...]:
    """How often each operand is written."""
    symbols = [node for node in sympy.preorder_traversal(kernel.expr) if node.is_Symbol]
    return tuple(symbols.count(variable) for variable in kernel.variables)


def elementwise_code(node: Elementwise, writer: Assigner) -> Piece:
    """The code of a kernel."""
    operands = beside_each_other(node.operands, writer)
    pieces = {kernel_symbol(i): placed(*each, writer) for i, each in enumerate(operands)}
    sizes = node.kernel.expr.free_symbols - set(node.kernel.variables)
    pieces.update((size, writer.size(size)) for size in sizes)
    if node.kernel == LOSS:
        z, y = pieces.values()
        return Piece(f"{writer.helper(*LOGISTIC_LOSS)}({z.text}, {y.text})", ATOM)
    clipped = clipped_parts(node.kernel.expr)
    if clipped is not None:
        u, d = clipped
        if any(each.rank and u.has(kernel_symbol(i)) for i, (each, _, _) in enumerate(operands)):
            x, *ends = (
                kernel_code(each, pieces, writer.call, of_arrays=True) for each in (u, -d, d)
            )
            return Piece(f"{x.at_least(ATOM)}.clip({ends[0].text}, {ends[1].text})", ATOM)
    terms = sympy.Add.make_args(node.kernel.expr)
    keeps_type = len(terms) > 1 and any(symbol in terms for symbol in node.kernel.variables)
    piece = kernel_code(
        node.kernel.expr,
        pieces,
        writer.call,
        of_arrays=node.rank > 0,
        of_numbers=node.rank == 0 and keeps_type,
    )
    if not isinstance(node.kernel.expr, sympy.Piecewise):
        return piece
    numbers = {
        kernel_symbol(i) for i, (inner, at, _) in enumerate(operands) if _is_number(inner, at)
    }
    if all(case.args[0].free_symbols <= numbers for case in node.kernel.expr.args):
        return Piece(f"{piece.text}.astype({writer.dtype()})", ATOM)
    return Piece(f"{piece.text}[()]", ATOM) if node.rank == 0 else piece


def _is_number(inner: Expression, labels: Labels) -> bool:
    return isinstance(inner, Contraction) and not inner.operands and not labels


def apply_code(node: Apply, writer: Assigner) -> Piece:
    """The code of a structured function."""
    if node.function == "logdet":
        return logdet_code(node, writer)
    if node.function == "inv":
        return inverse_code(node, writer)
    if node.function in _METHODS:
        axis = "" if node.axis is None else f"axis={node.axis}"
        array = writer.value(node.operands[0]).at_least(ATOM)
        return Piece(f"{array}.{node.function}({axis})", ATOM)
    inside = ", ".join(writer.value(operand).text for operand in node.operands)
    axis = "" if node.axis is None else f", axis={node.axis}"
    name = _OF_NUMPY.get(node.function) or writer.call(node.function)
    return Piece(f"{name}({inside}{axis})", ATOM)


# --- sums ----------------------------------------------------------------------------------------


def sum_code(node: Sum, writer: Assigner) -> Piece:
    """The code of a sum; long ones are written in parts."""
    joined = _joined(node, writer)
    if joined is not None:
        return joined
    diagonals = [term for term in node.terms if _is_array_on_diagonal(term)]
    others = [term for term in node.terms if not _is_array_on_diagonal(term)]
    if not others or (diagonals and not _fills(others)):
        return _terms(node.terms, writer)
    total = _terms(others, writer)
    if not diagonals:
        return total
    if len(others) == 1 and not _is_fresh(others[0], writer):
        total = Piece(f"{total.at_least(ATOM)}.copy()", ATOM)
    signed = [
        _signed(term.operands[0], term.labels[0], term.labels[0], writer) for term in diagonals
    ]
    name = writer.begin(node, total)
    for term, (sign, piece) in zip(diagonals, signed, strict=True):
        writer.add_diagonal(name, term, sign, piece)
    return Piece(name, ATOM)


def _joined(node: Sum, writer: Writer) -> Piece | None:
    """Arrays one behind the other, or stacked along a new axis."""
    found = concatenated(node)
    if found is None:
        return None
    parts, axis = found
    name = "np.concatenate"
    if all(_is_widened(part, axis) for part in parts):
        name, parts = "np.stack", tuple(part.children[0] for part in parts)
    inside = ", ".join(writer.value(part).text for part in parts)
    return Piece(f"{name}([{inside}]{f', axis={axis}' if axis else ''})", ATOM)


def _is_widened(part: Expression, axis: int) -> bool:
    """Whether an array only has one further axis, of size 1."""
    if not arranges(part) or part.shape[axis] != 1:
        return False
    return part.labels[0] == part.output[:axis] + part.output[axis + 1 :]


def _is_array_on_diagonal(term: Expression) -> TypeGuard[Contraction]:
    """Whether a term is another array, placed on a diagonal as it is."""
    return arranges(term) and len(set(term.output)) < len(term.output)


def _fills(terms: Sequence[Expression]) -> bool:
    """Whether the sum of the terms has all its axes."""
    found = [unrepeated(term) for term in terms]
    filled = {output.index(label) for _, labels, output in found for label in labels}
    return len(filled) == terms[0].rank


def _is_fresh(term: Expression, writer: Writer) -> bool:
    """Whether the value of a term is a new array that nothing else sees."""
    if not writer.written_inline(term):
        return writer.may_change(term)
    if isinstance(term, Contraction):
        if has_bracket(term):
            return False
        return not arranges(term) and (len(term.operands) == 2 or term.coefficient != 1)
    return isinstance(term, (Elementwise, Apply))


def _terms(terms: Sequence[Expression], writer: Assigner) -> Piece:
    found = beside_each_other(terms, writer)
    if len(found) == 1:
        return placed(*found[0], writer)
    parts: list[str] = []
    for inner, labels, output in found:
        sign, piece = _signed(inner, labels, output, writer)
        if len(parts) == CHUNK:
            parts = [writer.partial(Piece("".join(parts), ADD)).text]
        if not parts:
            parts.append(piece.at_least(ADD) if sign == "+" else _minus(piece))
        else:
            tight = sign == "-" or isinstance(inner, Sum)
            parts.append(f" {sign} {piece.at_least(MULTIPLY if tight else ADD)}")
    return Piece("".join(parts), ADD)


def _minus(piece: Piece) -> str:
    return f"-({piece.text})" if " @ " in piece.text else f"-{piece.at_least(MULTIPLY)}"


def _signed(inner: Expression, labels: Labels, output: Labels, writer: Writer) -> tuple[str, Piece]:
    """The sign of a term, and the code of the rest."""
    if isinstance(inner, Contraction) and inner.coefficient.could_extract_minus_sign():
        rest = -inner.coefficient
        if not inner.operands and not labels:
            return "-", _number(rest, output, writer)
        if inner.labels == (inner.output,) and writer.written_inline(inner):
            below, at, whole = unrepeated(inner.operands[0])
            if at == whole:
                piece = writer.scaled(rest, writer.value(below), inner.rank)
                return "-", aligned(piece, labels, output)
    return "+", placed(inner, labels, output, writer)
