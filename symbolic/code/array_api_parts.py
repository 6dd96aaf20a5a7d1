"""Values as a large part and a small one, which a sum takes last, so that it keeps the digits of both.

    softplus(z)  = max(z, 0)  + log1p(exp(-|z|))
    sigmoid(z)   = [z >= 0]   +- exp(-|z|) / (1 + exp(-|z|))
    logsumexp(z) = max(z)     + log1p(the others)
    softmax(z)   = the leader + the others

In `softplus(z) - y*z` of a confident example with y = 1 the large part cancels exactly, and what is left is
the loss; so it is in `sigmoid(z) - y`, its slope.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from symbolic.code.array_api_functions import PARTS_PORTABLE, PortableFunction
from symbolic.code.array_api_products import Held
from symbolic.code.scalar_kernels import Term
from symbolic.functions import elementwise_function
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Named, kernel_symbol
from symbolic.printing.text_printer import ATOM, Piece


class PartsWriter(Protocol):
    """What splitting a value may ask for."""

    def whole(self, node: Expression) -> Piece:
        """The code of a node below as an array of all its axes."""

    def parts(self, node: Expression) -> Sequence[Held]:
        """The parts of a node below, if it has some."""

    def called(self, function: PortableFunction, inside: str) -> str:
        """A call of a function, its helper included."""

    def partial(self, piece: Piece) -> Piece:
        """Make a value a variable of its own."""

    def product_of_parts(self, node: Contraction, factor: Expression) -> Sequence[Held]:
        """A product with each of the parts of one factor in the factor's place."""


def split(node: Expression, writer: PartsWriter) -> Sequence[Held]:
    """The parts of a function that has some, or of a cheap product that is linear in one."""
    if isinstance(node, Named):
        return writer.parts(node.meaning)
    if isinstance(node, Contraction):
        factors = [each for each in node.operands if writer.parts(each)]
        cheap = not node.summed or all(each.rank <= 1 for each in node.operands)
        return writer.product_of_parts(node, factors[0]) if cheap and len(factors) == 1 else ()
    function = _function(node)
    if function is None or function[0] not in PARTS_PORTABLE:
        return ()
    name, operand, axis = function
    inside = writer.whole(operand).text + ("" if axis is None else f", axis={axis}")
    both = writer.partial(Piece(writer.called(PARTS_PORTABLE[name], inside), ATOM)).text
    axes = tuple(range(node.rank))
    return [Held(Term(Piece(f"{both}[{place}]", ATOM)), axes) for place in (0, 1)]


def _function(node: Expression) -> tuple[str, Expression, int | None] | None:
    """A function of the tables, its one operand and the axis it goes along."""
    if isinstance(node, Apply):
        return node.function, node.operand, node.axis
    if not isinstance(node, Elementwise) or node.kernel.expr.args != (kernel_symbol(0),):
        return None
    entry = elementwise_function(node.kernel.expr)
    return None if entry is None else (entry.name, node.operands[0], None)
