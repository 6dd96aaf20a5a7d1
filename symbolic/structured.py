"""The table of structured functions: those that act along an axis and stay named.

Each entry gives the differential in terms of named functions, as in

    d softmax(z) = p * (dz - sum(p * dz)),  p = softmax(z),

from which both the forward rule (push a tangent) and the reverse rule (its transpose) follow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy

from symbolic.errors import NotAllowedError, ShapeError
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.sizes import Shape, shape_text


@dataclass(frozen=True)
class StructuredFunction:
    """One function of one operand along one axis (or all).

    `keeps` tells whether the result has the operand's shape (softmax) or loses the axis (a
    reduction). `differential(node, tangent)` is the linear map of the tangent; the tangent may carry
    further axes behind those of the operand, and so does the result. `statement` is the rule as a
    person writes it. `numpy` is the source of a helper function of `(x, axis)`.
    """

    name: str
    keeps: bool
    differential: Callable[[Apply, Expression], Expression]
    statement: str
    numpy: str
    latex: str
    condition: str
    source: str

    def shape(self, shape: Shape, axis: int | None) -> Shape:
        """The shape of the result for an operand of this shape."""
        if axis is not None and not 0 <= axis < len(shape):
            raise ShapeError(
                f"{self.name} along axis {axis}",
                f"the operand has shape {shape_text(shape)}",
                "name one of its axes",
            )
        if not shape:
            raise ShapeError(
                f"{self.name} of a scalar", "it has no axis", "give a vector or a matrix"
            )
        if self.keeps:
            return shape
        return () if axis is None else shape[:axis] + shape[axis + 1 :]


def _axes(node: Apply, tangent: Expression) -> tuple[list[int], list[int], list[int]]:
    """Labels of the operand, of the tangent's further axes, and of the operand without the axis."""
    rank = node.operand.rank
    operand = list(range(rank))
    further = list(range(rank, tangent.rank))
    rest = [] if node.axis is None else [label for label in operand if label != node.axis]
    return operand, further, rest


def _d_logsumexp(node: Apply, tangent: Expression) -> Expression:
    operand, further, rest = _axes(node, tangent)
    p = Apply("softmax", node.operand, node.axis)
    return Contraction([p, tangent], [operand, operand + further], rest + further)


def _d_softmax(node: Apply, tangent: Expression) -> Expression:
    operand, further, rest = _axes(node, tangent)
    mean = Contraction([node, tangent], [operand, operand + further], rest + further)
    return _difference(
        Contraction([node, tangent], [operand, operand + further], operand + further),
        Contraction([node, mean], [operand, rest + further], operand + further),
    )


def _d_log_softmax(node: Apply, tangent: Expression) -> Expression:
    operand, further, rest = _axes(node, tangent)
    p = Apply("softmax", node.operand, node.axis)
    mean = Contraction([p, tangent], [operand, operand + further], rest + further)
    sizes = dict(zip(operand, node.shape, strict=True))
    return _difference(tangent, Contraction([mean], [rest + further], operand + further, sizes))


def _d_norm(node: Apply, tangent: Expression) -> Expression:
    operand, further, rest = _axes(node, tangent)
    x = kernel_symbol(0)
    inverse = Elementwise(sympy.Lambda((x,), 1 / x), [node])
    return Contraction(
        [inverse, node.operand, tangent], [rest, operand, operand + further], rest + further
    )


def _difference(a: Expression, b: Expression) -> Expression:
    labels = list(range(b.rank))
    return Sum([a, Contraction([b], [labels], labels, coefficient=-1)])


_SOFTMAX_SOURCE = "Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.4"

STRUCTURED: dict[str, StructuredFunction] = {
    entry.name: entry
    for entry in (
        StructuredFunction(
            "logsumexp",
            keeps=False,
            differential=_d_logsumexp,
            statement="d logsumexp(z) = sum(softmax(z) * dz)",
            numpy=(
                "def logsumexp(x, axis=None):\n"
                "    m = np.max(x, axis=axis, keepdims=True)\n"
                "    s = np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True)) + m\n"
                "    return np.squeeze(s, axis=axis)[()]\n"
            ),
            latex=r"\operatorname{logsumexp}",
            condition="finite z",
            source="Blanchard, Higham, Higham, IMA J. Numer. Anal. 41 (2021)",
        ),
        StructuredFunction(
            "softmax",
            keeps=True,
            differential=_d_softmax,
            statement="d softmax(z) = p * (dz - sum(p * dz)), p = softmax(z)",
            numpy=(
                "def softmax(x, axis=None):\n"
                "    e = np.exp(x - np.max(x, axis=axis, keepdims=True))\n"
                "    return e / np.sum(e, axis=axis, keepdims=True)\n"
            ),
            latex=r"\operatorname{softmax}",
            condition="finite z",
            source=_SOFTMAX_SOURCE,
        ),
        StructuredFunction(
            "log_softmax",
            keeps=True,
            differential=_d_log_softmax,
            statement="d log_softmax(z) = dz - sum(softmax(z) * dz)",
            numpy=(
                "def log_softmax(x, axis=None):\n"
                "    s = x - np.max(x, axis=axis, keepdims=True)\n"
                "    return s - np.log(np.sum(np.exp(s), axis=axis, keepdims=True))\n"
            ),
            latex=r"\operatorname{log\,softmax}",
            condition="finite z",
            source=_SOFTMAX_SOURCE,
        ),
        StructuredFunction(
            "norm",
            keeps=False,
            differential=_d_norm,
            statement="d norm(x) = sum(x * dx)/norm(x)",
            numpy=(
                "def norm(x, axis=None):\n"
                "    return np.sqrt(np.sum(x * x, axis=axis))\n"
            ),
            latex=r"\left\|{}\right\|",
            condition="x != 0 (the square is differentiable everywhere)",
            source="Petersen, Pedersen, The Matrix Cookbook (2012)",
        ),
    )
}  # fmt: skip


def structured_function(name: str) -> StructuredFunction:
    """The table entry called `name`."""
    try:
        return STRUCTURED[name]
    except KeyError:
        raise NotAllowedError(
            f"function {name!r}", "not in the table", "use one of " + ", ".join(STRUCTURED)
        ) from None
