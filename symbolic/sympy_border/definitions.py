"""Named functions written out by their definitions, in the language itself."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symbolic import operations
from symbolic.nodes import Apply, Contraction, Expression

Axis = int | None


def _totals(a: Expression, axis: Axis) -> Expression:
    """Sums along the axis, repeated along it."""
    labels = list(range(a.rank))
    rest = [] if axis is None else [label for label in labels if label != axis]
    sums = Contraction([a], [labels], rest)
    return Contraction([sums], [rest], labels, dict(enumerate(a.shape)))


def _softmax(a: Expression, axis: Axis) -> Expression:
    powers = operations.exp(a)
    return operations.divide(powers, _totals(powers, axis))


def _log_softmax(a: Expression, axis: Axis) -> Expression:
    return operations.subtract(a, operations.log(_totals(operations.exp(a), axis)))


def _logsumexp(a: Expression, axis: Axis) -> Expression:
    return operations.log(operations.sum(operations.exp(a), axis))


def _norm(a: Expression, axis: Axis) -> Expression:
    if axis is not None:
        return operations.sqrt(operations.sum(operations.power(a, 2), axis))
    labels = list(range(a.rank))
    return operations.sqrt(Contraction([a, a], [labels, labels], ()))


def _logdet(a: Expression, axis: Axis) -> Expression:
    return operations.log(operations.abs(Apply("det", a)))


DEFINITIONS: dict[str, Callable[[Expression, Axis], Expression]] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "norm": _norm,
    "logdet": _logdet,
}


def written_out(root: Expression) -> Expression:
    """An expression with named functions that have a definition here replaced by it.

    >>> from symbolic.variables import vector
    >>> from symbolic.reductions import logsumexp
    >>> written_out(logsumexp(vector("z", "n")))
    log(sum(exp(z)))
    """
    from symbolic.traverse import rewrite, unfold

    def define(node: Expression) -> Expression:
        if isinstance(node, Apply) and node.function in DEFINITIONS:
            return DEFINITIONS[node.function](node.operand, node.axis)
        return node

    return rewrite(unfold(root), define)


def plain_kernel(expression: sympy.Expr) -> sympy.Expr:
    """A kernel in SymPy's own functions: ours, such as sigmoid, replaced by their definitions."""
    from symbolic.functions import ELEMENTWISE

    for entry in ELEMENTWISE.values():
        if entry.head is not entry.definition:
            expression = expression.replace(entry.head, entry.definition)
    return expression
