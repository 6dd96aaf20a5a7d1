"""What an expression divides by."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from symbolic import Expression
from symbolic.nodes import Contraction, Elementwise
from symbolic.operations import constant
from symbolic.traverse import postorder, unfold


def all_divisors(expression: Expression) -> tuple[Expression, ...]:
    """Every expression that stands below a fraction line.

    >>> from symbolic import parse
    >>> all_divisors(parse("a/b + a/(1 + c)", {"a": "", "b": "", "c": ""}))
    (b, 1 + c)
    """
    return tuple(dict.fromkeys(_below(unfold(expression))))


def sizes_below(expression: Expression) -> tuple[Expression, ...]:
    """The products of sizes, never zero, that a coefficient divides by.

    >>> from symbolic import parse
    >>> sizes_below(parse("mean(x) + sum(x)", {"x": "n"}))
    (n,)
    """
    coefficients = (
        sympy.sympify(node.coefficient)
        for node in postorder(unfold(expression))
        if isinstance(node, Contraction)
    )
    below = (sympy.denom(sympy.together(each)) for each in coefficients)
    return tuple(
        dict.fromkeys(constant(each) for each in below if each.free_symbols and each.is_nonzero)
    )


def _below(expression: Expression) -> Iterator[Expression]:
    for node in postorder(expression):
        if isinstance(node, Elementwise):
            names = dict(zip(node.kernel.variables, node.operands, strict=True))
            for power in node.kernel.expr.atoms(sympy.Pow):
                if power.exp.is_negative and power.base in names:
                    yield names[power.base]
