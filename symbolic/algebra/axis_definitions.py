"""Functions along an axis written out: softmax, log_softmax, logsumexp and norm by sums."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, kernel_symbol
from symbolic.traverse import rewrite

_x = kernel_symbol(0)


def along_axes_written_out(expression: Expression) -> Expression:
    """The expression with functions along an axis replaced by their definitions.

    >>> from symbolic import parse
    >>> along_axes_written_out(parse("logsumexp(z)", {"z": "n"}))
    log(sum(exp(z)))
    """
    return rewrite(expression, _written_out)


def _written_out(node: Expression) -> Expression:
    if isinstance(node, Apply) and node.function in _DEFINITIONS:
        return _DEFINITIONS[node.function](node.operand, node.axis)
    return node


def _map(kernel: sympy.Expr, node: Expression) -> Expression:
    return Elementwise(sympy.Lambda((_x,), kernel), [node])


def _total(node: Expression, axis: int | None) -> Expression:
    axes = tuple(range(node.rank))
    return Contraction([node], [axes], [a for a in axes if axis is not None and a != axis])


def _repeated(like: Expression, axis: int | None) -> tuple[int, ...]:
    """The labels of a reduced array beside the array it was."""
    return tuple(a for a in range(like.rank) if axis is not None and a != axis)


def _logsumexp(z: Expression, axis: int | None) -> Expression:
    return _map(sympy.log(_x), _total(_map(sympy.exp(_x), z), axis))


def _softmax(z: Expression, axis: int | None) -> Expression:
    above = _map(sympy.exp(_x), z)
    below = _map(1 / _x, _total(above, axis))
    axes = tuple(range(z.rank))
    return Contraction([above, below], [axes, _repeated(z, axis)], axes)


def _log_softmax(z: Expression, axis: int | None) -> Expression:
    total, axes = _logsumexp(z, axis), tuple(range(z.rank))
    sizes = dict(enumerate(z.shape))
    shift = Contraction([total], [_repeated(z, axis)], axes, sizes, -1)
    return Sum([z, shift])


def _norm(x: Expression, axis: int | None) -> Expression:
    return _map(sympy.sqrt(_x), _total(_map(_x**2, x), axis))


_DEFINITIONS: dict[str, Callable[[Expression, int | None], Expression]] = {
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "norm": _norm,
}
