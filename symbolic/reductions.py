"""Functions along an axis that stay named: softmax, logsumexp, max, prod, norms."""

from __future__ import annotations

from numbers import Real

import sympy

from symbolic import operations
from symbolic.errors import NotAllowedError
from symbolic.nodes import Apply, Contraction, Expression
from symbolic.operations import (
    arange_axes,
    as_expression,
    axis_list,
    constant,
    constant_value,
    exact_number,
)
from symbolic.sizes import Size

__all__ = ["hardmax", "log_softmax", "logsumexp", "max", "min", "norm", "prod", "softmax"]


def _structured(function: str, a: object, axis: int | None) -> Apply:
    operand = as_expression(a)
    if axis is not None and (operand.rank or axis != -1):
        (axis,) = axis_list(operand, axis, function)
    return Apply(function, operand, axis if operand.rank > 1 else None)  # the only axis is all


def _reduction(
    function: str, a: object, axis: int | tuple[int, ...] | None, keepdims: bool
) -> Expression:
    """A reduction that loses its axes; over several axes one after the other."""
    operand = as_expression(a)
    axes = axis_list(operand, axis, function)
    if len(axes) == operand.rank:
        found: Expression = Apply(function, operand)
    else:
        found = operand
        for each in sorted(axes, reverse=True):
            found = Apply(function, found, each)
    if not keepdims:
        return found
    kept = iter(range(found.rank))
    output = [("one", each) if each in axes else next(kept) for each in range(operand.rank)]
    sizes: dict[object, Size] = {("one", each): 1 for each in axes}
    return Contraction([found], [arange_axes(found)], output, sizes)


def softmax(a: object, axis: int | None = -1) -> Expression:
    """exp(a)/sum(exp(a)) along an axis, the last by default; over all entries with axis=None."""
    return _structured("softmax", a, axis)


def log_softmax(a: object, axis: int | None = -1) -> Expression:
    """A - logsumexp(a) along an axis, the last by default; over all entries with axis=None."""
    return _structured("log_softmax", a, axis)


def hardmax(a: object, axis: int | None = -1) -> Expression:
    """1 at the largest entry along an axis (the last by default), else 0; ties share the 1."""
    return _structured("hardmax", a, axis)


def logsumexp(
    a: object, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
) -> Expression:
    """log(sum(exp(a))) along axes, or over all entries."""
    return _reduction("logsumexp", a, axis, keepdims)


def max(a: object, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Expression:
    """The largest entry along axes, or of all; at a tie the slope is shared equally."""
    return _reduction("max", a, axis, keepdims)


def min(a: object, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Expression:
    """The smallest entry along axes, or of all; at a tie the slope is shared equally."""
    return _reduction("min", a, axis, keepdims)


def prod(
    a: object, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
) -> Expression:
    """The product of entries along axes, or of all."""
    return _reduction("prod", a, axis, keepdims)


def norm(
    a: object,
    order: object = None,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
) -> Expression:
    """The norm, as NumPy's: Euclidean or Frobenius by default, (sum |a|**p)**(1/p) for `order` p.

    Of a whole matrix `order` 2 is the largest singular value, 1 and inf the largest column and row sum of
    |a|; with an axis, and for vectors, `order` is a number p >= 1 or inf.
    """
    operand = as_expression(a)
    if order is None:
        return _reduction("norm", operand, axis, keepdims)
    p = _norm_order(order)
    if axis is None and operand.rank == 2:
        return _matrix_norm(operand, p)
    if p == 2:
        return _reduction("norm", operand, axis, keepdims)
    size = operations.abs(operand)
    if p is sympy.oo:
        return max(size, axis, keepdims)
    if p == 1:
        return operations.sum(size, axis, keepdims)
    total = operations.sum(operations.power(size, constant(p)), axis, keepdims)
    return operations.power(total, constant(1 / p))


def _matrix_norm(operand: Expression, p: sympy.Expr) -> Expression:
    if p == 2:
        return max(Apply("svdvals", operand))
    if p == 1 or p is sympy.oo:
        return max(operations.sum(operations.abs(operand), axis=0 if p == 1 else 1))
    raise NotAllowedError(
        f"norm of order {p} of a matrix",
        "no norm of matrices that is known here",
        "use 1, 2 or inf, or give an axis; norm(reshape(A, n*d), 3) is that of the entries",
    )


def _norm_order(order: object) -> sympy.Expr:
    if isinstance(order, Expression):
        value = constant_value(order)
        order = order if value is None else value
    if order == float("inf") or order is sympy.oo:
        return sympy.oo
    if isinstance(order, (Real, sympy.Expr)) and not isinstance(order, bool):
        number = exact_number(order)
        if number.is_number and number >= 1:
            return number
    raise NotAllowedError(f"norm of order {order}", "no number from 1", "use 1, 2, 3, ... or inf")
