"""Enclosures of scalar expressions, and what comparing two of them at one point shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import sympy
from flint import acb, arb, fmpq

from numeric.balls import precision
from numeric.enclosure import Comparison, check_bits
from numeric.errors import Undecided
from numeric.scalars.assignments import Assignment
from numeric.scalars.memory import Memory, Values, shape_of
from numeric.scalars.numbers_and_balls import Arithmetic, Value, ball, is_finite, is_real
from symbolic.errors import ShapeError, UnsupportedError

_LIMIT = 4096  # bits
_LIMIT_OF_INTEGRALS = 384  # bits: quadrature is dear
_LIMIT_OF_NESTED_INTEGRALS = 224
_CONFIRMING = 1024  # bits
_SPARE = 40  # bits beyond those that the digits asked for need
_LONGEST_FRACTION = 24  # characters

Point = Mapping[Any, Any]
Outcome = Literal["equal", "different", "undecided"]


def enclose_scalar(expression: sympy.Basic, assignment: Point, bits: int = 128) -> Any:
    """A ball that certainly contains the value of a scalar expression at a point.

    A real value comes as `flint.arb`, another as `flint.acb`, a matrix as an object array of them. An
    assignment gives symbols numbers (see `Assignment`) and undefined functions a Lambda. Conditions:
    every symbol and function has a meaning; sums, integrals and limits are ones that can be bounded,
    else `Undecided` says what cannot. Numerical error: the radius of the ball bounds it.

    >>> x, t, u = sympy.symbols("x t u")
    >>> f = sympy.Function("f")
    >>> area = sympy.Integral(sympy.Derivative(f(t), t), (t, 0, x))
    >>> enclose_scalar(area, {x: 2, f: sympy.Lambda(u, u**3)})
    8.00000000000000
    """
    check_bits("bits", bits)
    (found,), arithmetic = _memory(assignment).values((expression,), bits)
    for entry in found.flat:
        if not is_finite(entry):
            notes = "; ".join(sorted(arithmetic.notes)) or "its ball is not finite"
            raise Undecided(f"the value of {expression}", notes, "move the point")
    shown = np.empty(found.size, dtype=object)
    with precision(bits):
        shown[:] = [_as_given(entry) for entry in found.flat]
    return shown.reshape(found.shape) if found.shape else shown[0]


def _as_given(value: Value) -> arb | acb:
    whole = ball(value)
    return whole.real if whole.imag == 0 else whole


def compare_scalars(
    left: sympy.Basic, right: sympy.Basic, assignment: Point, digits: int = 50
) -> Comparison:
    """Whether two scalar expressions, or two matrices of them, agree at a point.

    They agree where both are the same rational number, or where the difference of their balls is
    certainly below 10^-digits of both; as in `numeric.compare`, a value that no precision tells from
    zero counts as zero when nothing on the way was so small that a sum may have lost it.

    >>> x = sympy.Symbol("x")
    >>> print(compare_scalars(sympy.sin(2 * x), 2 * sympy.sin(x) * sympy.cos(x), {x: 3}))
    equal to 50 digits, at 1024 bits
    >>> print(compare_scalars(sympy.sin(2 * x), sympy.sin(x), {x: 3}))
    different: -0.27941549819892587281 and 0.14112000805986722210
    """
    return _climb(left, right, assignment, digits, _equal)


def order_scalars(
    left: sympy.Basic, right: sympy.Basic, assignment: Point, digits: int = 50
) -> Comparison:
    """Whether left <= right at a point; "equal" says that the order holds.

    Where the two sides are equal to so many digits, as at an equality case, the order holds too.

    >>> x = sympy.Symbol("x")
    >>> order_scalars(1 + x, sympy.exp(x), {x: -1}).outcome
    'equal'
    >>> print(order_scalars(sympy.exp(x), 1 + x, {x: -1}))
    different: 0.36787944117144232160 and 0
    """
    return _climb(left, right, assignment, digits, _ordered)


def _memory(assignment: Point) -> Memory:
    point = assignment if isinstance(assignment, Assignment) else Assignment(assignment)
    return point.memory


@dataclass(frozen=True)
class _Found:
    """A comparison at one precision, and whether a higher one can add nothing to it."""

    comparison: Comparison
    final: bool


Judge = Callable[[Values, Values, Arithmetic, int, int, bool], _Found]


def _climb(
    left: sympy.Basic, right: sympy.Basic, assignment: Point, digits: int, judge: Judge
) -> Comparison:
    """The judgement at rising precision, until it is certain or, for "equal", confirmed."""
    if digits < 1:
        raise UnsupportedError(f"digits={digits}", "fewer than one digit", "ask for one or more")
    if shape_of(left) != shape_of(right):
        raise ShapeError(
            "a comparison of two expressions",
            f"shapes {shape_of(left)} and {shape_of(right)}",
            "compare expressions of one shape",
        )
    try:
        memory = _memory(assignment)
        nesting = max(memory.nesting(left), memory.nesting(right))
        most = (_LIMIT, _LIMIT_OF_INTEGRALS, _LIMIT_OF_NESTED_INTEGRALS)[min(nesting, 2)]
        limit = max(most, int(digits * 3.33) + _SPARE)
        bits = min(limit, max(128, 1 << int(digits * 3.33 + 40).bit_length()))
        while True:
            (one, other), arithmetic = memory.values((left, right), bits)
            last = bits >= limit
            with precision(bits):
                found = judge(one, other, arithmetic, digits, bits, last)
            equal = found.comparison.outcome == "equal"
            if found.final or last or (equal and bits >= _CONFIRMING):
                return found.comparison
            bits = min(_CONFIRMING if equal else 2 * bits, limit)
    except Undecided as error:
        return Comparison("undecided", digits, 0, reason=str(error))


def _equal(
    one: Values, other: Values, arithmetic: Arithmetic, digits: int, bits: int, last: bool
) -> _Found:
    exact = True
    reason = ""
    small = arb(10) ** -digits
    for place in np.ndindex(one.shape):
        left, right = one[place], other[place]
        if not (is_finite(left) and is_finite(right)):
            reason = "; ".join(sorted(arithmetic.notes)) or "a ball is not finite"
            continue
        difference = left - right
        if isinstance(difference, fmpq) and difference == 0:
            continue
        exact = False
        if not ball(difference).contains(0):
            shown = _shown(left), _shown(right)
            return _Found(Comparison("different", digits, bits, place, *shown), True)
        gap = ball(difference).abs_upper()
        if gap <= small * min(ball(left).abs_lower(), ball(right).abs_lower()):
            continue
        if last and gap <= small and gap <= arb(2) ** -(bits // 2):
            if arithmetic.smallest > arb(2) ** -(bits // 4):
                continue
            reason = "a tiny number may be lost in a sum, or too small to tell from 0"
            continue
        reason = reason or "the balls are too wide"
    outcome: Outcome = "undecided" if reason else "equal"
    return _Found(Comparison(outcome, digits, bits, reason=reason), exact and not reason)


def _ordered(
    one: Values, other: Values, arithmetic: Arithmetic, digits: int, bits: int, last: bool
) -> _Found:
    found = _equal(one, other, arithmetic, digits, bits, last)
    if not all(map(is_finite, (*one.flat, *other.flat))):
        return found
    differences = {place: ball(other[place] - one[place]) for place in np.ndindex(one.shape)}
    if not all(map(is_real, differences.values())):
        reason = "a side is not certainly real"
        return _Found(Comparison("undecided", digits, bits, reason=reason), False)
    for place, difference in differences.items():
        if difference.real < 0:
            shown = _shown(one[place]), _shown(other[place])
            return _Found(Comparison("different", digits, bits, place, *shown), True)
    if all(difference.real >= 0 for difference in differences.values()):
        return _Found(Comparison("equal", digits, bits), True)
    if found.comparison.outcome == "different":
        reason = "the balls are too wide"
        return _Found(Comparison("undecided", digits, bits, reason=reason), False)
    return replace(found, final=False)


def _shown(value: Value) -> str:
    if isinstance(value, fmpq):
        text = str(value)
        if len(text) <= _LONGEST_FRACTION:
            return text
    whole = ball(value)
    if whole.imag == 0:
        return str(whole.real.str(20, radius=False))
    return str(whole.str(20, radius=False))
