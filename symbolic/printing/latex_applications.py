"""Functions along an axis, unspecified functions and derivatives as LaTeX."""

from __future__ import annotations

from symbolic.nodes import Apply, Derivative, Expectation, Expression, Unspecified, Variable
from symbolic.printing.index_names import Index
from symbolic.printing.latex_names import name_latex
from symbolic.printing.latex_pieces import (
    ATOM,
    BIG,
    FACTOR,
    POWER,
    Piece,
    Tex,
    called,
    in_square_brackets,
    matrix_power,
    script,
)
from symbolic.printing.latex_tasks import Task, Writing
from symbolic.structured import structured_function

NUMBERED = {"eigvalsh": r"\lambda", "svdvals": r"\sigma"}  # an entry is told by its subscript
LONGEST_NAME = 40  # characters that may stand above a fraction bar without brackets


def application(node: Apply, scope: frozenset[Index]) -> Writing:
    """A function of the table along its axis."""
    pieces = []
    for operand in node.operands:
        pieces.append((yield Task(operand, None, scope)))
    inside, tensor = pieces[0], node.rank > 0
    match node.function:
        case "norm":
            kind = "2" if node.operand.rank == 1 or node.axis is not None else "F"
            return norm_piece(
                inside, ",".join(filter(None, (kind, axis_mark(node)))), tensor=tensor
            )
        case "inv":
            return matrix_power(inside, -1)
        case "expm":
            text = Tex(r"e^{", inside.text, "}")
            return Piece(text, POWER, tensor=True, symmetric=inside.symmetric)
        case "logdet":
            determinant = called(r"\det", inside)
            if not _is_positive_definite(node.operand):
                determinant = Tex(r"\left|", determinant, r"\right|")
            return Piece(Tex(r"\log", determinant), ATOM, tall=inside.tall)
    template = structured_function(node.function).latex
    mark = axis_mark(node)
    function = Tex(template, script("_", mark)) if mark else template
    return Piece(called(function, *pieces), ATOM, tensor=tensor, tall=any(p.tall for p in pieces))


def norm_piece(inside: Piece, kind: str, *, tensor: bool = False) -> Piece:
    """A norm with its subscript."""
    text = Tex(r"\left\|", inside.text, r"\right\|", script("_", kind))
    return Piece(text, ATOM, tensor=tensor, tall=inside.tall, subscript=True)


def numbered(node: Apply, inside: Piece, shown: str) -> Piece:
    r"""One eigenvalue or singular value, as in `\sigma_k(A)`."""
    function = Tex(NUMBERED[node.function], script("_", shown))
    return Piece(called(function, inside), ATOM, plain=True, tall=inside.tall)


def _is_positive_definite(node: Expression) -> bool:
    while isinstance(node, Apply) and node.function == "inv":
        node = node.operand
    return isinstance(node, Variable) and node.domain == "spd"


def axis_mark(node: Apply) -> str:
    """The subscript that tells the axis: a function of a matrix works on its rows.

    A function that keeps the shape says nothing for rows; one that takes an axis away says nothing
    for all entries.
    """
    rank, axis = node.operand.rank, node.axis
    entry = structured_function(node.function)
    keeps = entry.keeps
    if not keeps and not entry.reduces:
        return ""
    if rank == 1 or axis == (rank - 1 if keeps else None):
        return ""
    if axis is None:
        return r"\mathrm{all}"
    if rank == 2:
        return (r"\mathrm{col}", r"\mathrm{row}")[axis]
    return rf"\mathrm{{axis}}\,{axis + 1}"


def unspecified(node: Unspecified, scope: frozenset[Index]) -> Writing:
    """A function of which only the name is known, with its argument."""
    inside = yield Task(node.operand, None, scope)
    return Piece(called(name_latex(node.name), inside), ATOM, tall=inside.tall)


def derivative(node: Derivative, scope: frozenset[Index]) -> Writing:
    """The gradient of a scalar, or partial derivatives."""
    inner, order = node.expression, 1
    if isinstance(inner, Derivative) and _is_hessian(inner, node):
        inner, order = inner.expression, 2
    above = yield Task(inner, None, scope)
    below = yield Task(node.variable, None, scope)
    if inner.rank == 0 and node.variable.rank > 0:
        return gradient_piece(above, below, order)
    return partial_piece(above, below, tensor=node.rank > 0)


def expectation(node: Expectation, scope: frozenset[Index]) -> Writing:
    """An expectation, with the law of its variable below."""
    inner = yield Task(node.expression, None, scope)
    drawn = yield Task(node.variable, None, scope)
    mean = yield Task(node.mean, None, scope)
    covariance = yield Task(node.covariance, None, scope)
    law = Tex(drawn.text, r" \sim \mathcal{N}(", mean.text, ", ", covariance.text, ")")
    return Piece(Tex(r"\mathbb{E}_{", law, "} ", in_square_brackets(inner)), BIG, tall=inner.tall)


def _is_hessian(first: Derivative, second: Derivative) -> bool:
    """Whether a scalar is differentiated twice by one vector."""
    return first.expression.rank == 0 and first.rank == 1 and first.variable is second.variable


def gradient_piece(above: Piece, below: Piece, order: int = 1) -> Piece:
    """The gradient, or the Hessian, of a scalar by a tensor."""
    nabla = Tex(r"\nabla", script("_", below.text), script("^", str(order)) if order > 1 else "")
    inside = above.text if _is_name(above) else in_square_brackets(above)
    return Piece(Tex(nabla, " ", inside), BIG, tensor=True, tall=above.tall)


def partial_piece(above: Piece, below: Piece, *, tensor: bool) -> Piece:
    """A partial derivative; what is long stands in brackets behind the fraction."""
    bottom = Tex(r"}{\partial ", below.text, "}")
    if _is_name(above):
        text = Tex(r"\frac{\partial ", above.text, bottom)
        return Piece(text, FACTOR, tensor=tensor, tall=True)
    text = Tex(r"\frac{\partial", bottom, " ", in_square_brackets(above))
    return Piece(text, FACTOR, tensor=tensor, tall=True)


def _is_name(piece: Piece) -> bool:
    return piece.binding == ATOM and not piece.tall and piece.text.length <= LONGEST_NAME
