"""Difference formulas with fixed nodes, and the second differences along a line.

    central    order 2, 4, 6, 8     nodes -p/2 .. p/2
    forward    order 1 to 4         nodes 0 .. p
    backward   order 1 to 4         nodes -p .. 0

The weights are those that are exact for polynomials up to the order, from a rational linear system.
"""

from __future__ import annotations

from fractions import Fraction
from math import isfinite

from flint import fmpq, fmpq_mat

from numeric.ladder import ALL, EVEN, NOTHING, Quotient, Slope, climb
from numeric.lines import CERTAIN, KINK, NOISY, NOT_FINITE, Line, Trend
from symbolic.errors import UnsupportedError

METHODS = ("richardson", "central", "forward", "backward", "complex")
_ORDERS = {"central": (2, 4, 6, 8), "forward": (1, 2, 3, 4), "backward": (1, 2, 3, 4)}
_STARTS = (0, -5, -9)
_CURVATURE_STARTS = (4, 0, -4)  # second differences need steps near eps^(1/4)


def nodes_of(method: str, order: int | None) -> tuple[int, ...]:
    """The nodes of a formula. Errors: `UnsupportedError` for a method or order there is not.

    >>> nodes_of("central", 4), nodes_of("forward", None)
    ((-2, -1, 0, 1, 2), (0, 1))
    """
    orders = _ORDERS.get(method) if isinstance(method, str) else None
    if orders is None or (order is not None and order not in orders):
        raise UnsupportedError(
            f"method {method!r}, order {order}",
            "there is no such formula" if orders is None else f"its orders are {orders}",
            f"choose a method of {METHODS}; the order belongs to central, forward and backward",
        )
    order = orders[0] if order is None else order
    low = {"central": -order // 2, "forward": 0, "backward": -order}[method]
    return tuple(range(low, low + order + 1))


def weights(nodes: tuple[int, ...]) -> tuple[Fraction, ...]:
    """The weights of the first derivative at 0.

    >>> [str(weight) for weight in weights((-1, 0, 1))]
    ['-1/2', '0', '1/2']
    """
    size = len(nodes)
    powers = fmpq_mat(size, size, [fmpq(node) ** row for row in range(size) for node in nodes])
    right = fmpq_mat(size, 1, [int(row == 1) for row in range(size)])
    return tuple(Fraction(int(w.p), int(w.q)) for w in powers.solve(right).entries())


def stencil_slope(line: Line, place: int, nodes: tuple[int, ...]) -> Slope:
    """The slope of one output by a formula, at the step of least bar.

    Numerical error: `bar`, truncation from two neighbouring steps and the measured noise.
    """
    terms = [(node, float(w)) for node, w in zip(nodes, weights(nodes), strict=True) if w]

    def quotient(rung: int) -> tuple[float, float, float]:
        h = line.step(rung)
        values = [float((line.at(node * h) if node else line.f.start)[place]) for node, _ in terms]
        value = sum(w * v for (_, w), v in zip(terms, values, strict=True)) / h
        size = sum(abs(w) for _, w in terms)
        return value, size * line.error(place, *values) / h, h

    return min((climb(quotient, (), first) for first in _STARTS), key=lambda slope: slope.bar)


def curvature(line: Line) -> Trend:
    """The second derivative of the first output along a line.

    Formula: (f(h) - 2 f(0) + f(-h))/h^2; where the second derivatives on the two sides differ, by
    the limit of (f(2h) - 2 f(h) + 2 f(-h) - f(-2h))/h^2, it is their mean and the status a kink.
    """
    start = float(line.f.start[0])
    if not isfinite(start):
        return Trend(NOTHING, NOT_FINITE, "f is not finite at the point")

    def second(rung: int) -> tuple[float, float, float]:
        h = line.step(rung)
        up, down = float(line.at(h)[0]), float(line.at(-h)[0])
        return (up - 2 * start + down) / h**2, 4 * line.error(0, h, up, down) / h**2, h

    def difference(rung: int) -> tuple[float, float, float]:
        h = line.step(rung)
        a, b, c, d = (float(line.at(t)[0]) for t in (2 * h, h, -h, -2 * h))
        return (a - 2 * b + 2 * c - d) / h**2, 6 * line.error(0, 2 * h, a, b, c, d) / h**2, h

    slope, jump = _least(second, EVEN, ALL), _least(difference, ALL)
    if abs(jump.value) > CERTAIN * jump.bar and isfinite(slope.bar):
        half, bar = jump.value / 2, slope.bar + jump.bar / 2
        left, right = (Slope(slope.value + s * half, bar, slope.step) for s in (-1, 1))
        reason = "a kink of the slope: second derivatives {left:.6g} on the left, {right:.6g} on the right"
        return Trend(
            Slope(slope.value, abs(half) + bar, slope.step), KINK, reason, left, right, jump
        )
    if not isfinite(slope.bar):
        return Trend(slope, NOISY, "differences at different steps do not agree")
    return Trend(slope)


def _least(quotient: Quotient, *series: tuple[int, ...]) -> Slope:
    found = [climb(quotient, powers, first) for first in _CURVATURE_STARTS for powers in series]
    return min(found, key=lambda slope: slope.bar)
