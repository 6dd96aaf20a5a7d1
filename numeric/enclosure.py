"""Enclosures: certain bounds on the value of an expression, by ball arithmetic.

Two precisions that agree prove nothing (`log(1 + exp(-500))` is 0 at 15, 50 and 200 digits alike);
a ball that excludes zero does. So "different" is certain, "equal" states to how many digits, and
everything that cannot be told is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import sympy
from flint import arb

from numeric.balls import Balls, precision
from numeric.errors import PrecisionTooLow, Undecided
from numeric.jets import Array
from numeric.walker import Values, walk
from symbolic.errors import ShapeError
from symbolic.nodes import Expression
from symbolic.sizes import shape_text

Sizes = Mapping[sympy.Symbol, int]


@dataclass(frozen=True)
class Comparison:
    """What comparing two expressions at one point has shown.

    outcome    "equal": every entry agrees to `digits` digits. "different": certain, `entry` is one
               where the enclosures exclude each other, `left` and `right` its values. "undecided":
               `reason` says why.
    precision  bits of the last evaluation
    """

    outcome: Literal["equal", "different", "undecided"]
    digits: int
    precision: int
    entry: tuple[int, ...] = ()
    left: str = ""
    right: str = ""
    reason: str = ""


def enclose(
    expression: Expression, values: Values, sizes: Sizes | None = None, bits: int = 128
) -> Array:
    """Balls that certainly contain the value of an expression at a rational point.

    Shapes: `values[v]` has the shape of v; the result, an object array of `flint.arb`, that of the
    expression. Conditions: the point lies in the expression's domain, else `PrecisionTooLow` (more
    bits may help) or `Undecided`. Numerical error: the radius of each ball bounds it.
    Source: Johansson, Arb, IEEE Transactions on Computers 66 (2017).

    >>> from fractions import Fraction
    >>> from symbolic.operations import log, exp
    >>> from symbolic.variables import scalar
    >>> x = scalar("x")
    >>> enclose(log(1 + exp(x)), {x: Fraction(-500)}, bits=1000).item().str(5, radius=False)
    '7.1246e-218'
    """
    return enclose_all([expression], values, sizes, bits)[0]


def enclose_all(
    expressions: Iterable[Expression], values: Values, sizes: Sizes | None = None, bits: int = 128
) -> list[Array]:
    """Enclosures of several expressions at one point, sharing their work.

    >>> from symbolic.variables import scalar
    >>> x = scalar("x")
    >>> [str(ball.item()) for ball in enclose_all([x, x * x], {x: 3})]
    ['3.00000000000000', '9.00000000000000']
    """
    results, notes = balls_at(expressions, values, sizes, bits)
    for result in results:
        for entry in np.ndindex(result.shape):
            if not result[entry].is_finite():
                raise PrecisionTooLow(
                    f"entry {entry} of an enclosure",
                    notes or "its ball is not finite",
                    "use more bits, or a point inside the domain",
                )
    return results


def balls_at(
    expressions: Iterable[Expression], values: Values, sizes: Sizes | None, bits: int
) -> tuple[list[Array], str]:
    """The balls of several expressions, and why some are not finite, where some are not.

    >>> from symbolic import log, scalar
    >>> x = scalar("x")
    >>> (balls,), why = balls_at([log(x)], {x: -1}, None, 64)
    >>> balls.item().is_finite(), why
    (False, 'the argument of log is not certainly inside its domain')
    """
    over = Balls()
    with precision(bits):
        results = walk(expressions, values, sizes, over)
    return results, "; ".join(sorted(over.notes))


def compare(
    left: Expression,
    right: Expression,
    values: Values,
    sizes: Sizes | None = None,
    *,
    digits: int = 50,
    limit: int = 4096,
) -> Comparison:
    """Whether two expressions agree at a rational point.

    An entry agrees when abs(left - right) <= 10^-digits min(abs(left), abs(right)), certainly; when
    both balls are the same number; or, for a value that no precision tells from zero, when the
    difference is still below 10^-digits and below 2^(-limit/2) at the last precision.
    Shapes: those of the two sides are equal. Numerical error: "different" has none; "equal" claims
    the stated digits and no more. Precision is raised from about twice `digits` up to `limit` bits;
    an agreement is confirmed at 1024 bits, so that a relative difference of 1e-280 still shows.

    >>> from symbolic.operations import cos, sin
    >>> from symbolic.variables import scalar
    >>> x = scalar("x")
    >>> compare(sin(x) ** 2 + cos(x) ** 2, 1 + 0 * x, {x: 2}).outcome
    'equal'
    >>> compare(sin(x), cos(x), {x: 2}).outcome
    'different'
    """
    if left.shape != right.shape:
        raise ShapeError(
            "a comparison of two expressions",
            f"shapes {shape_text(left.shape)} and {shape_text(right.shape)}",
            "compare expressions of one shape",
        )
    try:
        return _climb(left, right, values, sizes, digits, limit)
    except Undecided as error:
        return Comparison("undecided", digits, 0, reason=str(error))


def _climb(
    left: Expression,
    right: Expression,
    values: Values,
    sizes: Sizes | None,
    digits: int,
    limit: int,
) -> Comparison:
    bits = min(limit, max(128, 1 << int(digits * 3.33 + 40).bit_length()))
    while True:
        found = _compare_at(left, right, values, sizes, digits, bits, bits >= limit)
        certain = found.outcome == "different" or (found.outcome == "equal" and bits >= _CONFIRMING)
        if certain or bits >= limit:
            return found
        if found.outcome == "equal":
            bits = min(_CONFIRMING, limit)
        else:
            bits = limit if found.reason == _NEAR_ZERO else min(2 * bits, limit)


_CONFIRMING = 1024  # bits
_NEAR_ZERO = "a difference is too close to zero to be told from it"


def _compare_at(
    left: Expression,
    right: Expression,
    values: Values,
    sizes: Sizes | None,
    digits: int,
    bits: int,
    last: bool,
) -> Comparison:
    try:
        first, second = enclose_all([left, right], values, sizes, bits)
    except PrecisionTooLow as error:
        return Comparison("undecided", digits, bits, reason=error.found)
    reason = ""
    with precision(bits):
        small = arb(10) ** -digits
        for entry in np.ndindex(first.shape):
            a, b = first[entry], second[entry]
            difference = a - b
            if difference > 0 or difference < 0:
                return Comparison("different", digits, bits, entry, _shown(a), _shown(b))
            gap = difference.abs_upper()
            if gap == 0 or gap <= small * min(a.abs_lower(), b.abs_lower()):
                continue
            if last and gap <= small and gap <= arb(2) ** -(bits // 2):
                continue
            near = not (a > 0 or a < 0) or not (b > 0 or b < 0)
            reason = _NEAR_ZERO if near and not last else reason or "the balls are too wide"
    return Comparison("undecided" if reason else "equal", digits, bits, reason=reason)


def _shown(ball: arb) -> str:
    return str(ball.str(20, radius=False))
