"""Vectors beside powers of their norm below a line, as unit vectors: `outer(x, x)/norm(x)**3`.

With u = x/norm(x) that is `outer(u, u)/norm(x)`. The cube of a norm overflows, or is 0, long before the
whole does.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import count

import sympy

from symbolic.code.cancellation import meaning
from symbolic.code.readings import Readings
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, kernel_symbol
from symbolic.sizes import Size

MOST_FACTORS = 8  # of a product that is read

_x = kernel_symbol(0)
Factor = tuple[Expression, tuple[Hashable, ...]]


def with_unit_vectors(node: Expression) -> Expression:
    """A product with the vectors in it divided by their norms.

    >>> from symbolic.operations import outer
    >>> from symbolic.reductions import norm
    >>> from symbolic.variables import vector
    >>> x = vector("x", "n")
    >>> with_unit_vectors(outer(x, x) / norm(x) ** 3)
    einsum("i,j,->ij", 1/norm(x)*x, 1/norm(x)*x, 1/norm(x))
    """
    if not isinstance(node, Contraction):
        return node
    for place, operand in enumerate(node.operands):
        found = _power_of_norm(operand)
        if found is not None:
            divided = _divided(node, place, *found)
            return node if divided is None else divided
    return node


def _power_of_norm(node: Expression) -> tuple[Apply, int] | None:
    """The norm and k of `norm(x)**-k`, from the second power on."""
    inner, power = meaning(node), 1
    while isinstance(inner, Elementwise) and len(inner.operands) == 1:
        kernel = inner.kernel.expr
        if not (kernel.is_Pow and kernel.base == _x and kernel.exp.is_Integer):
            return None
        inner, power = meaning(inner.operands[0]), power * int(kernel.exp)
    if power >= -1 or not isinstance(inner, Apply) or inner.function != "norm":
        return None
    return inner, -power


def _divided(node: Contraction, place: int, norm: Apply, power: int) -> Expression | None:
    sizes: dict[Hashable, Size] = dict(enumerate(node.sizes))
    coefficient, factors = _factors(node, place, sizes)
    beside = node.labels[place]
    readings = Readings()
    vector = norm.operand
    inverse = Elementwise(sympy.Lambda((_x,), 1 / _x), [norm])
    axes = tuple(range(vector.rank))
    kept = tuple(axis for axis in axes if norm.axis is not None and axis != norm.axis)
    unit = Contraction([inverse, vector], [kept, axes], axes)
    found = []
    for k, (factor, at) in enumerate(factors):
        if factor.rank == vector.rank and tuple(at[axis] for axis in kept) == beside:
            (times, there), (once, here) = readings.of(factor, axes), readings.of(vector, axes)
            if there == here and once != 0:
                found.append((k, times / once))
    if not found:
        return None
    for k, times in found[:power]:
        factors[k] = unit, factors[k][1]
        coefficient = coefficient * times
    left = power - len(found[:power])
    if left:
        below = inverse if left == 1 else Elementwise(sympy.Lambda((_x,), _x**-left), [norm])
        factors.append((below, beside))
    operands, labels = [factor for factor, _ in factors], [at for _, at in factors]
    return Contraction(operands, labels, node.output, sizes, coefficient)


def _factors(
    node: Contraction, left_out: int, sizes: dict[Hashable, Size]
) -> tuple[sympy.Expr, list[Factor]]:
    """The coefficient and the factors of a product, products inside taken apart, without one operand."""
    fresh = count()
    coefficient: sympy.Expr = node.coefficient
    waiting: list[Factor] = []
    for k in reversed(range(len(node.operands))):
        if k != left_out:
            waiting.append((node.operands[k], node.labels[k]))
    factors: list[Factor] = []
    while waiting:
        operand, at = waiting.pop()
        inner = meaning(operand)
        opened = isinstance(inner, Contraction) and inner.operands
        if not opened or len(factors) + len(waiting) >= MOST_FACTORS:
            factors.append((operand, at))
            continue
        assert isinstance(inner, Contraction)
        if len(set(inner.output)) < len(inner.output) or set(inner.output) - _held(inner):
            factors.append((operand, at))
            continue
        names: dict[int, Hashable] = dict(zip(inner.output, at, strict=True))
        for label in inner.summed:
            names[label] = ("summed", next(fresh))
            sizes[names[label]] = inner.sizes[label]
        coefficient = coefficient * inner.coefficient
        parts = zip(inner.operands, inner.labels, strict=True)
        waiting += [(each, tuple(names[label] for label in there)) for each, there in parts][::-1]
    return coefficient, factors


def _held(node: Contraction) -> set[int]:
    return {label for labels in node.labels for label in labels}
