"""Conditions that hold for all numbers of a range: seen on balls that cover it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import sympy
from flint import acb, arb

from numeric.balls import precision
from numeric.errors import Undecided
from numeric.scalars.assignments import Assignment
from numeric.scalars.concrete import real_symbol
from numeric.scalars.numbers_and_balls import ball, is_real
from symbolic.scalars.throughout import Throughout

_PIECES = 16
_BITS = 128


def holds_throughout(condition: Throughout, point: Assignment) -> bool:
    """Whether an order holds on the whole of its range at a point; False also where it is not certain.

    >>> t = sympy.Symbol("t", real=True)
    >>> holds_throughout(Throughout(sympy.exp(t) <= 3, t, 0, 1), Assignment({}))
    True
    """
    order, *rest = condition.args
    return largest(Throughout(order.lts - order.gts <= 0, *rest), point) <= 0


def with_bounds(
    point: Assignment, conditions: Iterable[sympy.Basic], rng: np.random.Generator
) -> Assignment:
    """The point with larger numbers for symbols that have to be upper bounds.

    >>> t, M = sympy.Symbol("t", real=True), sympy.Symbol("M", real=True)
    >>> condition = Throughout(sympy.exp(t) <= M, t, 0, 1)
    >>> point = with_bounds(Assignment({M: 0}), [condition], np.random.default_rng(0))
    >>> holds_throughout(condition, point)
    True
    """
    for condition in conditions:
        if not isinstance(condition, Throughout):
            continue
        bound = condition.args[0].gts
        if not isinstance(bound, sympy.Symbol) or bound in condition.args[0].lts.free_symbols:
            continue
        least = largest(condition, point)
        if point[bound] < least:
            more = sympy.Rational(int(rng.integers(0, 8)), 4)
            point = point.with_values({bound: sympy.Rational(_above(least), 64) + more})
    return point


def _above(number: arb) -> int:
    """The number times 64, rounded up."""
    whole = (64 * number).ceil().unique_fmpz()
    if whole is None:
        raise Undecided("a bound on a range", "it is not known well enough", "use a short range")
    return int(whole)


def largest(condition: Throughout, point: Assignment) -> arb:
    """A number that the smaller side of the order does not exceed on the range."""
    order, variable, *ends = condition.args
    memory = point.memory
    (low,), _ = memory.values((ends[0],), _BITS)
    (high,), _ = memory.values((ends[1],), _BITS)
    first, last = ball(low.item()).real, ball(high.item()).real
    found: arb | None = None
    with precision(_BITS):
        for k in range(_PIECES):
            edges = [first + (last - first) * arb(place) / _PIECES for place in (k, k + 1)]
            piece = {real_symbol(variable): acb(edges[0].union(edges[1]))}
            value = memory.value_around(order.lts, piece, _BITS)
            if not ball(value).is_finite() or not is_real(value):
                raise Undecided(f"{condition}", "its values have no real bound", "state another")
            above = ball(value).real.upper()
            found = above if found is None else found.max(above)
    assert found is not None
    return found
