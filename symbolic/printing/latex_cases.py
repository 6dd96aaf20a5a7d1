r"""Functions with a kink as cases, which say what holds at the kink.

relu'(z) = step(z) = \begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{if } z \le 0 \end{cases}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from symbolic.functions import relu, step
from symbolic.nodes import Elementwise, Expression
from symbolic.traverse import rewrite

Row = tuple[object, Any]

_ROWS: dict[Any, Callable[[Any], tuple[Row, ...]]] = {
    step: lambda x: ((1, sympy.Gt(x, 0)), (0, sympy.Le(x, 0))),
    relu: lambda x: ((x, sympy.Gt(x, 0)), (0, sympy.Le(x, 0))),
    sympy.Abs: lambda x: ((x, sympy.Ge(x, 0)), (-x, sympy.Lt(x, 0))),
    sympy.sign: lambda x: ((1, sympy.Gt(x, 0)), (0, sympy.Eq(x, 0)), (-1, sympy.Lt(x, 0))),
}


def with_cases(expression: Expression) -> Expression:
    """The same expression with step, relu, abs and sign written out case by case."""
    return rewrite(expression, _written_out)


def _written_out(node: Expression) -> Expression:
    if not isinstance(node, Elementwise):
        return node
    body = node.kernel.expr
    for head, rows in _ROWS.items():
        body = body.replace(head, lambda x, rows=rows: sympy.Piecewise(*rows(x), evaluate=False))
    return Elementwise(sympy.Lambda(node.kernel.variables, body), node.operands)
