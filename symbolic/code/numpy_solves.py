"""Products with inverses as linear systems: no inverse is built that only multiplies.

| inv(A) @ B, A                  | code                                                     |
|--------------------------------|----------------------------------------------------------|
| any, once                      | `np.linalg.solve(A, B)`                                  |
| any, several times             | `scipy.linalg.lu_factor(A)` once, then `lu_solve`        |
| declared spd                   | `scipy.linalg.cho_factor(A)` once, then `cho_solve`      |
| a triangle, a Cholesky factor  | `scipy.linalg.solve_triangular(A, B)`                    |

`logdet(A)` is read off the factor where there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from symbolic.code.factorizations import factored
from symbolic.code.numpy_moves import Array, Sizes, permuted, reshaped, transposed
from symbolic.code.product_order import Labels, is_inverse
from symbolic.code.products import arranges
from symbolic.code.symmetry import is_semidefinite, is_symmetric
from symbolic.moves import spell_move
from symbolic.nodes import Apply, Contraction, Expression, Named, Variable
from symbolic.printing.text_printer import ATOM, Piece


class Writer(Sizes, Protocol):
    """What the code of a linear system may ask for."""

    def value(self, node: Expression) -> Piece:
        """The code of a node below."""

    def factor(self, matrix: Expression) -> tuple[str, Piece] | None:
        """How a matrix is factored and the variable that holds the factor, if it is."""

    def helper(self, name: str, source: str) -> str:
        """The name of a helper function, its source included."""


@dataclass(frozen=True)
class System:
    """inv(matrix) times an array: summed over label `inner`, the label `outer` is new."""

    inverse: Expression
    matrix: Expression
    transposed: bool
    batch: Labels
    inner: int
    outer: int
    right: Expression
    at: Labels


def base_of(matrix: Expression) -> tuple[Expression, bool]:
    """A matrix without its transpose, and whether it had one."""
    if arranges(matrix) and matrix.rank == 2 and matrix.output == matrix.labels[0][::-1]:
        return matrix.operands[0], True
    return matrix, False


def system_of(node: Expression) -> System | None:
    """The linear system that a product of two operands solves, if it does."""
    if not isinstance(node, Contraction) or len(node.operands) != 2 or node.coefficient != 1:
        return None
    for place, inverse in enumerate(node.operands):
        if not is_inverse(inverse):
            continue
        *batch, row, column = node.labels[place]
        at = node.labels[1 - place]
        shared = [label for label in (column, row) if label in at and label not in node.output]
        kept = set(batch) <= set(node.output)
        if not shared or not kept or row == column or len(set(at)) < len(at):
            continue
        inner = shared[0]
        outer = row if inner == column else column
        if outer in at and (outer in node.output or batch or len(at) != 2):
            continue
        base, turned = base_of(inverse.children[0])
        right = node.operands[1 - place]
        flipped = turned != (inner == row)
        return System(inverse, base, flipped, tuple(batch), inner, outer, right, at)
    return None


def factored_matrices(
    order: Sequence[Expression], results: Collection[Expression]
) -> dict[Expression, str]:
    """The matrices to factor and how: those used several times, and all symmetric ones."""
    uses: Counter[Expression] = Counter()
    entries = {node for node in results if is_inverse(node)}
    for node in order:
        system = system_of(node)
        below = node.children
        if system is not None:
            uses[system.matrix] += 1
            below = (system.right,)
        elif isinstance(node, Apply) and node.function == "logdet":
            uses[base_of(node.operand)[0]] += 1
        entries.update(child for child in below if is_inverse(child))
    uses.update(base_of(inverse.children[0])[0] for inverse in entries)
    kinds = {}
    for matrix, count in uses.items():
        if matrix.rank > 2 or _triangle(matrix) is not None:
            continue
        if is_semidefinite(matrix):
            kinds[matrix] = "cholesky"
        elif is_symmetric(matrix) and _domain(matrix) != "diagonal":
            kinds[matrix] = "symmetric"
        elif count > 1:
            kinds[matrix] = "lu"
    return kinds


def factor_code(kind: str, matrix: Piece, writer: Writer) -> Piece:
    """The call that factors a matrix."""
    return Piece(f"{factored('factor', kind, writer.helper)}({matrix.text})", ATOM)


def logdet_code(node: Apply, writer: Writer) -> Piece:
    """log|det(A)|, from the factor of A if there is one."""
    found = writer.factor(base_of(node.operand)[0])
    if found is None:
        return Piece(f"np.linalg.slogdet({writer.value(node.operand).text})[1]", ATOM)
    kind, factor = found
    return Piece(f"{factored('logdet', kind, writer.helper)}({factor.text})", ATOM)


def inverse_code(node: Apply, writer: Writer) -> Piece:
    """The entries of an inverse, from the factor of the matrix if there is one."""
    matrix, turned = base_of(node.operand)
    found = writer.factor(matrix)
    if found is None:
        return Piece(f"np.linalg.inv({writer.value(node.operand).text})", ATOM)
    kind, factor = found
    inverse = Piece(f"{factored('inverse', kind, writer.helper)}({factor.text})", ATOM)
    return transposed(inverse) if turned and kind == "lu" else inverse


def solved(node: Contraction, writer: Writer) -> Array | None:
    """A product with an inverse as the solution of a linear system; its axes, maybe reordered."""
    system = system_of(node)
    if system is None:
        return None
    if system.outer in system.at:  # the trace of inv(A) @ B
        found = writer.factor(system.matrix)
        if found is not None and found[0] != "lu":  # entries cost less than as many solutions
            entries = writer.value(system.inverse)
            right = writer.value(system.right)
            return Array(Piece(f"np.vdot({entries.text}, {right.text})", ATOM), (), ())
        right = _arranged(system, (system.inner, system.outer), writer)
        solution = _solution(system, right, writer)
        return Array(Piece(f"np.trace({solution.text})", ATOM), (), ())
    rest = tuple(each for each in system.at if each not in (*system.batch, system.inner))
    present = tuple(each for each in system.batch if each in system.at)
    right = _arranged(system, (*present, system.inner, *rest), writer)
    labels = (*system.batch, system.outer, *rest)
    shape = tuple(node.sizes[label] for label in labels)
    if system.batch or len(rest) > 1:
        return Array(_reshaped_solution(node, system, right, rest, writer), labels, shape)
    return Array(_solution(system, right, writer), labels, shape)


def _arranged(system: System, labels: Labels, writer: Writer) -> Piece:
    return permuted(writer.value(system.right), system.at, labels)


def _reshaped_solution(
    node: Contraction, system: System, right: Piece, rest: Labels, writer: Writer
) -> Piece:
    """The solution for right sides with none or several columns, as one matrix of columns."""
    sizes = [
        writer.integer(node.sizes[label]).text if label in system.at else "1"
        for label in (*system.batch, system.inner)
    ]
    if len(rest) != 1 or any(label not in system.at for label in system.batch):
        columns = "-1" if rest else "1"
        right = Piece(f"{right.at_least(ATOM)}.reshape({', '.join([*sizes, columns])})", ATOM)
    found = _solution(system, right, writer)
    if len(rest) == 1:
        return found
    if not rest:
        return Piece(f"{found.at_least(ATOM)}[..., 0]", ATOM)
    shape = [node.sizes[label] for label in (*system.batch, system.outer, *rest)]
    return reshaped(found, tuple(shape), writer)


def _solution(system: System, right: Piece, writer: Writer) -> Piece:
    """The call that solves the system for a vector or the columns of a matrix."""
    matrix = system.matrix
    triangle = None if matrix.rank > 2 else _triangle(matrix)
    if triangle is not None:
        entries, lower = triangle
        options = ", lower=True" if lower else ""
        options += ", trans=1" if system.transposed else ""
        name, left = "scipy.linalg.solve_triangular", writer.value(entries).text
        return Piece(f"{name}({left}, {right.text}{options})", ATOM)
    found = writer.factor(matrix)
    if found is not None:
        kind, factor = found
        options = ", transposed=True" if system.transposed and kind == "lu" else ""
        name = factored("solve", kind, writer.helper)
        return Piece(f"{name}({factor.text}, {right.text}{options})", ATOM)
    left_piece = writer.value(matrix)
    if system.transposed and matrix.rank == 2:
        left = f"{left_piece.at_least(ATOM)}.T"
    elif system.transposed:
        left = f"np.swapaxes({left_piece.text}, -1, -2)"
    else:
        left = left_piece.text
    return Piece(f"np.linalg.solve({left}, {right.text})", ATOM)


def _triangle(matrix: Expression) -> tuple[Expression, bool] | None:
    """The entries of a triangular matrix and whether it is the lower one."""
    seen = _meaning(matrix)
    if isinstance(seen, Apply) and seen.function == "cholesky":
        return matrix, True
    if _domain(matrix) == "lower":
        return matrix, True
    move = spell_move(seen) if isinstance(seen, Contraction) else None
    if move is not None and move[0] in ("tril", "triu") and move[2] == 0:
        return (move[1][0] if seen is matrix else matrix), move[0] == "tril"
    return None


def _domain(matrix: Expression) -> str:
    seen = _meaning(matrix)
    return seen.domain if isinstance(seen, Variable) else "real"


def _meaning(node: Expression) -> Expression:
    while isinstance(node, Named):
        node = node.meaning
    return node
