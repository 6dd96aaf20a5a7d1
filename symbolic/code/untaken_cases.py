"""Factors beside cases of which one is 0, taken into the cases: at the 0 the factors may be infinite.

`where(x > 0, 1, 0)/x` is computed as `where(x > 0, 1/x, 0)`: 0 at 0, not NaN.
"""

from __future__ import annotations

import sympy

from symbolic.code.cancellation import meaning
from symbolic.functions import sigmoid, softplus, step
from symbolic.nodes import Contraction, Elementwise, Expression, Sum, kernel_symbol

_x = kernel_symbol(0)
_FINITE = (
    sigmoid,
    softplus,
    step,
    sympy.tanh,
    sympy.sin,
    sympy.cos,
    sympy.erf,
    sympy.sign,
    sympy.Abs,
)


def with_taken_cases(node: Expression) -> Expression:
    """A product with the factors that may be infinite inside the cases that they stand beside.

    >>> from symbolic.algebra.simplification import simplify
    >>> from symbolic.operations import compare, exp, where
    >>> from symbolic.variables import vector
    >>> x, y = vector("x", "n"), vector("y", "n")
    >>> with_taken_cases(simplify(where(compare(x, ">", 1), 1, 0) * exp(y)))
    where(x > 1, exp(y), 0)
    """
    if not isinstance(node, Contraction):
        return node
    for place, operand in enumerate(node.operands):
        cases = _cases(operand)
        if cases is None:
            continue
        kernel, given = cases
        beside = [
            k
            for k, each in enumerate(node.operands)
            if k != place and node.labels[k] == node.labels[place] and _may_overflow(each)
        ]
        if not beside:
            continue
        symbols = [kernel_symbol(len(given) + k) for k in range(len(beside))]
        factor = sympy.Mul(*symbols)
        values = [(v if v == 0 else v * factor, asked) for v, asked in kernel.args]
        taken = sympy.Piecewise(*values, evaluate=False)
        held = [*given, *(node.operands[k] for k in beside)]
        whole = Elementwise(
            sympy.Lambda(tuple(kernel_symbol(k) for k in range(len(held))), taken), held
        )
        left = [k for k in range(len(node.operands)) if k not in beside]
        operands = [whole if k == place else node.operands[k] for k in left]
        labels = [node.labels[k] for k in left]
        if len(left) == 1 and node.coefficient == 1 and labels[0] == node.output:
            return whole
        sizes = dict(enumerate(node.sizes))
        return Contraction(operands, labels, node.output, sizes, node.coefficient)
    return node


def _cases(node: Expression) -> tuple[sympy.Piecewise, tuple[Expression, ...]] | None:
    inner = meaning(node)
    if not isinstance(inner, Elementwise):
        return None
    kernel = inner.kernel.expr
    if kernel == step(_x):
        kernel = sympy.Piecewise((1, _x > 0), (0, True))
    if isinstance(kernel, sympy.Piecewise) and any(value == 0 for value, _ in kernel.args):
        return kernel, inner.operands
    return None


def _may_overflow(node: Expression) -> bool:
    """Whether entries may be infinite at finite data; matrix products are not looked into."""
    inner = meaning(node)
    match inner:
        case Elementwise():
            kernel = inner.kernel.expr
            finite = isinstance(kernel, _FINITE) or kernel.is_polynomial(*inner.kernel.variables)
            return not finite or any(map(_may_overflow, inner.operands))
        case Contraction() if not inner.summed:
            return any(map(_may_overflow, inner.operands))
        case Sum():
            return any(map(_may_overflow, inner.terms))
        case _:
            return False
