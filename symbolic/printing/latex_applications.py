"""Functions along an axis, unspecified functions and derivatives as LaTeX."""

from __future__ import annotations

from symbolic.nodes import Apply, Derivative, Unspecified
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
    script,
)
from symbolic.printing.latex_tasks import Task, Writing
from symbolic.structured import structured_function

LONGEST_NAME = 40  # characters that may stand above a fraction bar without brackets


def application(node: Apply, scope: frozenset[str]) -> Writing:
    """A function of the table along its axis."""
    inside = yield Task(node.operand, None, scope)
    template = structured_function(node.function).latex
    tensor = node.rank > 0
    if node.function == "norm":
        kind = "2" if node.operand.rank == 1 or node.axis is not None else "F"
        below = ",".join(filter(None, (kind, axis_mark(node))))
        text = Tex(r"\left\|", inside.text, r"\right\|", script("_", below))
        return Piece(text, ATOM, tensor=tensor, tall=inside.tall, subscript=True)
    if template.startswith("{}"):
        text = Tex(inside.at_least(ATOM), template.format(""))
        return Piece(text, POWER, tensor=tensor, tall=inside.tall)
    if "{}" in template:
        before, after = template.replace("{}", "\0").format().split("\0")
        return Piece(Tex(before, inside.text, after), ATOM, tensor=tensor, tall=inside.tall)
    mark = axis_mark(node)
    function = Tex(template, script("_", mark)) if mark else template
    return Piece(called(function, inside), ATOM, tensor=tensor, tall=inside.tall)


def axis_mark(node: Apply) -> str:
    """The subscript that tells the axis: a function of a matrix works on its rows.

    A function that keeps the shape says nothing for rows; one that takes an axis away says nothing
    for all entries.
    """
    rank, axis = node.operand.rank, node.axis
    keeps = structured_function(node.function).keeps
    if rank == 1 or axis == (rank - 1 if keeps else None):
        return ""
    if axis is None:
        return r"\mathrm{all}"
    if rank == 2:
        return (r"\mathrm{col}", r"\mathrm{row}")[axis]
    return rf"\mathrm{{axis}}\,{axis + 1}"


def unspecified(node: Unspecified, scope: frozenset[str]) -> Writing:
    """A function of which only the name is known, with its argument."""
    inside = yield Task(node.operand, None, scope)
    return Piece(called(name_latex(node.name), inside), ATOM, tall=inside.tall)


def derivative(node: Derivative, scope: frozenset[str]) -> Writing:
    """The gradient of a scalar, or partial derivatives."""
    inner, order = node.expression, 1
    if isinstance(inner, Derivative) and _is_hessian(inner, node):
        inner, order = inner.expression, 2
    above = yield Task(inner, None, scope)
    below = yield Task(node.variable, None, scope)
    if inner.rank == 0 and node.variable.rank > 0:
        return gradient_piece(above, below, order)
    return partial_piece(above, below, tensor=node.rank > 0)


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
