"""How many digits an expression can hide: what an agreement has to be confirmed to.

A number of size 10^-k, or with k digits, may change a value in its digit number k and in none before;
products of such numbers hide the sum of their digits, functions with a flat place, as cos, twice as many.
The count is generous, and grows with the expression.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import log10
from typing import Any

import numpy as np
import sympy

from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, Variable
from symbolic.traverse import postorder

_FLAT = 2  # the order at which functions may begin to change
_BEYOND = 10.0**9  # digits of what is not understood


def hidden_digits(
    roots: Sequence[Expression],
    point: Mapping[Variable, Any],
    sizes: Mapping[sympy.Symbol, int],
    seen: int,
) -> float:
    """The digits that expressions may hide at a point; numbers down to 10^-seen occur on the way.

    >>> from symbolic import parse
    >>> x = parse("x", {"x": ""})
    >>> point = {x: Fraction(1, 10)}
    >>> hidden_digits([x], point, {}, 0), hidden_digits([x * x * x], point, {}, 0)
    (1.0, 3.0)
    """
    known: dict[Expression, float] = {}
    for node in postorder(roots):
        known[node] = _of_node(node, known, point, sizes, seen)
    return max(known[root] for root in roots)


def _of_node(
    node: Expression,
    known: Mapping[Expression, float],
    point: Mapping[Variable, Any],
    sizes: Mapping[sympy.Symbol, int],
    seen: int,
) -> float:
    below = [known[child] for child in node.children]
    match node:
        case Variable():
            return max(_height(Fraction(x)) for x in np.ravel(point[node]))
        case Contraction():
            return _of_kernel(node.coefficient, {}, sizes, seen) + sum(below)
        case Sum():
            return max(below)
        case Elementwise():
            places = dict(zip(node.kernel.variables, below, strict=True))
            return _of_kernel(node.kernel.expr, places, sizes, seen)
        case Apply():
            rows = max(
                int(sympy.sympify(size).xreplace(dict(sizes))) for size in node.operand.shape
            )
            return _FLAT * max(1, rows) * max(below) + seen
        case _:
            return _FLAT * max(below, default=0.0) + seen


def _of_kernel(
    kernel: sympy.Basic,
    places: Mapping[sympy.Basic, float],
    sizes: Mapping[sympy.Symbol, int],
    seen: int,
) -> float:
    if kernel in places:
        return places[kernel]
    if isinstance(kernel, sympy.Symbol):
        return _height(Fraction(sizes[kernel])) if kernel in sizes else _BEYOND
    if kernel.is_Rational:
        return _height(Fraction(int(kernel.p), int(kernel.q)))
    below = [_of_kernel(part, places, sizes, seen) for part in kernel.args]
    if not below:
        return 0.0
    if kernel.is_Mul:
        return sum(below)
    if kernel.is_Pow:
        exponent = kernel.args[1]
        if exponent.is_Rational:
            return abs(float(exponent)) * below[0] + below[1]
        return _FLAT * sum(below) + seen
    if isinstance(kernel, (sympy.Add, sympy.Max, sympy.Min, sympy.Abs, sympy.Piecewise)):
        return max(below)
    return _FLAT * max(below) + seen


def _height(number: Fraction) -> float:
    """The digits of a fraction."""
    return log10(max(abs(number.numerator), number.denominator))
