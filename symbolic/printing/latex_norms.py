r"""Norms that are spelt with sums and maxima, as `\left\|x\right\|_1` for the sum of absolute values."""

from __future__ import annotations

import sympy

from symbolic.nodes import Apply, Contraction, Elementwise, Expression, kernel_symbol
from symbolic.spelling import Spelling, spell

_x = kernel_symbol(0)


def norm_of(node: Expression) -> tuple[Expression, str] | None:
    r"""What a scalar is a norm of, and the subscript of the norm.

    >>> from symbolic import matrix, norm, svdvals, sum, vector
    >>> norm_of(norm(vector("x", "n"), 1)), norm_of(sum(svdvals(matrix("A", "m", "n"))))
    ((x, '1'), (A, '*'))
    """
    if node.rank > 0:
        return None
    match node:
        case Contraction():
            return _summed(node)
        case Apply(function="max", axis=None):
            return _largest(node.operand)
        case Elementwise() if len(node.operands) == 1:
            return _root(node)
    return None


def _summed(node: Contraction) -> tuple[Expression, str] | None:
    operand = _sum_operand(node)
    if operand is None or operand.rank != 1:
        return None
    if isinstance(operand, Apply) and operand.function == "svdvals":
        return operand.operand, "*"
    inside = _absolute(operand)
    return None if inside is None else (inside, "1")


def _largest(operand: Expression) -> tuple[Expression, str] | None:
    if operand.rank != 1:
        return None
    if isinstance(operand, Apply) and operand.function == "svdvals":
        return operand.operand, "2"
    inside = _absolute(operand)
    if inside is not None:
        return inside, r"\infty"
    spelling = _spelt(operand, "sum")
    if spelling is None or spelling.operands[0].rank != 2:
        return None
    inside = _absolute(spelling.operands[0])
    return None if inside is None else (inside, "1" if spelling.detail[0] == (0,) else r"\infty")


def _root(node: Elementwise) -> tuple[Expression, str] | None:
    base, exponent = node.kernel.expr.as_base_exp()
    total = _sum_operand(node.operands[0])
    if base != _x or not exponent.is_Rational or not 0 < exponent < 1 or total is None:
        return None
    if total.rank != 1 or not isinstance(total, Elementwise) or len(total.operands) > 1:
        return None
    order = 1 / exponent
    inside = total.operands[0]
    absolute = _absolute(inside)
    if absolute is not None and total.kernel.expr == _x**order:
        return absolute, _number(order)
    if order != 2 and total.kernel.expr == sympy.Abs(_x) ** order:
        return inside, _number(order)
    return None


def _number(order: sympy.Rational) -> str:
    return str(order.p) if order.q == 1 else f"{order.p}/{order.q}"


def _sum_operand(node: Expression) -> Expression | None:
    spelling = _spelt(node, "sum")
    return None if spelling is None or spelling.detail[0] is not None else spelling.operands[0]


def _spelt(node: Expression, operation: str) -> Spelling | None:
    if not isinstance(node, Contraction):
        return None
    spelling = spell(node)
    return spelling if spelling.operation == operation else None


def _absolute(node: Expression) -> Expression | None:
    if isinstance(node, Elementwise) and node.kernel.expr == sympy.Abs(_x):
        return node.operands[0]
    return None
