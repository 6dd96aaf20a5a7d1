"""The derivative of a square root, where what is under the root is known to be positive."""

from __future__ import annotations

import sympy

from symbolic.algebra.signs import nonnegative
from symbolic.calculus.rules import Rule, power_rule, see_through
from symbolic.domains import domain_of
from symbolic.nodes import (
    Contraction,
    Derivative,
    Elementwise,
    Expression,
    Sum,
    Variable,
    kernel_symbol,
)
from symbolic.traverse import unfold


def positive(expression: Expression) -> bool:
    """Whether every entry is provably greater than zero; False also means that it is not known.

    >>> from symbolic.operations import exp
    >>> from symbolic.variables import scalar, vector
    >>> x, eps = vector("x", "n"), scalar("eps", domain="positive")
    >>> positive(x @ x + eps), positive(exp(x)), positive(x @ x)
    (True, True, False)
    """
    node = unfold(expression)
    match node:
        case Variable():
            return domain_of(node.domain).positive
        case Sum():
            return any(map(positive, node.terms)) and all(map(nonnegative, node.terms))
        case Contraction():
            everywhere = len(set(node.output)) == len(node.output)  # a diagonal has zeros beside it
            return (
                everywhere
                and node.coefficient.is_positive is True
                and all(map(positive, node.operands))
            )
        case Elementwise():
            return node.kernel.expr.is_positive is True
        case _:
            return False


def _square_root(node: Expression) -> Expression | None:
    if not isinstance(node, Derivative):
        return None
    root = see_through(node.expression, node.variable)
    if not isinstance(root, Elementwise) or root.kernel.expr != sympy.sqrt(kernel_symbol(0)):
        return None
    return power_rule.apply(node) if positive(root.operands[0]) else None


square_root = Rule(
    "derivative of sqrt",
    "D(sqrt(u), x) = D(u, x)/(2 sqrt(u))",
    "u > 0",
    "Magnus, Neudecker, Matrix Differential Calculus (2019)",
    _square_root,
)
