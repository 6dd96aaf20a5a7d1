r"""Quadrature by composite rules on halved grids, with an error bar and the measured order.

Error model. On n panels of width h a rule is wrong by c h^p + rounding, with p = 2 (trapezoid),
4 (Simpson) and 2 points (Gauss) where f is smooth enough. Between two grids the value changes by
d = I(h) - I(h/2) = c h^p (1 - 2^-p), so

    measured order  log2(d_k/d_{k+1}),         error of the last value  abs(d)/(2^p - 1),

and the rounding floor is eps (sum w abs(f) + max(abs(a), abs(b)) variation(f)): f and its nodes are
no better known. Two grids that agree by aliasing are caught by a third of n - 1 panels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, inf, isfinite, log2, nan
from statistics import fmean
from typing import Any

import numpy as np

from numeric.methods.display import Shown, Summary, axes_for, short
from numeric.methods.inputs import EPS, Counted, Function, interval, positive_count
from symbolic.errors import NotAllowedError

Array = Any
_MOST_PANELS = 1 << 20
_MOST_POINTS = 64
_SLOWEST = 0.1  # order below which changes do not shrink
_LOCAL = 0.9  # share of all differences that one panel has at a singularity
_CLEAR = 30.0  # floors above which a difference measures the order to 0.1

__all__ = ["Integral", "integrate"]


@dataclass(frozen=True, eq=False)
class Integral(Shown):
    """A composite rule's value of an integral: the true one lies within `bar`, by the error model.

    order        measured between the last grids above rounding, NaN where there are too few
    expected     the order for smooth f
    panels       of each grid; `values` on them, `differences` from one to the next
    floor        the rounding level of `value`
    status       "ok", "rounding" (more panels gain nothing), "low order" (f is not smooth enough),
                 "unresolved" (the grids do not agree yet), "not finite"
    """

    value: float
    bar: float
    rule: str
    order: float
    expected: float
    evaluations: int
    panels: tuple[int, ...]
    values: tuple[float, ...]
    differences: tuple[float, ...]
    floor: float
    status: str
    reason: str

    def summary(self) -> Summary:
        """The value, the order, and one row a grid."""
        order = "not measured" if self.order != self.order else f"{self.order:.2f}"
        facts = (
            ("value", f"{self.value:.15g} +- {self.bar:.1e}"),
            ("order", f"{order} (expected {self.expected:g})"),
            ("evaluations", str(self.evaluations)),
            ("status", f"{self.status}: {self.reason}"),
        )
        changes = ["", *map(short, self.differences)]
        rows = [
            (str(n), f"{value:.15g}", change)
            for n, value, change in zip(self.panels, self.values, changes, strict=True)
        ]
        return Summary(
            f"integral by the {self.rule} rule", facts, ("panels", "value", "change"), rows
        )

    def plot(self, ax: Any = None) -> Any:
        """How the value changes from grid to grid, beside the expected order."""
        axes = axes_for(ax)
        panels = np.array(self.panels[1:], dtype=float)
        changes = np.array(self.differences)
        seen = changes > 0
        axes.loglog(panels[seen], changes[seen], "o-", label="change of the value")
        if seen.any():
            start = int(np.argmax(seen))
            line = changes[start] * (panels / panels[start]) ** -self.expected
            axes.loglog(
                panels, np.maximum(line, self.floor), "--", label=f"order {self.expected:g}"
            )
        axes.axhline(self.floor, color="tab:gray", linestyle=":", label="rounding")
        axes.set(xlabel="panels", ylabel="change", title=f"{self.rule} rule: {self.status}")
        axes.legend()
        return axes


def integrate(
    f: Function, a: float, b: float, *, rule: str = "gauss", n: int = 32, points: int = 4
) -> Integral:
    """The integral of f from a to b by a composite rule, with an error bar and the measured order.

    Formula: on each of n panels, trapezoid (2 nodes, order 2), simpson (3 nodes, order 4) or gauss
    (`points` Gauss-Legendre nodes, order 2 points). Grids of n, n/2, n/4, ... panels are compared.
    Shapes: f maps a number to a number. Conditions: a < b finite; n a multiple of 4 (a power of 2
    measures best); gauss does not evaluate at the ends. Errors: `DataError`, `NotAllowedError`; a
    value of f that is not finite is a status. Numerical error: `bar`, by the model of the module
    `quadrature`; an estimate: a spike between all nodes is not seen (see `enclose_integral`).
    Source: Davis and Rabinowitz, Methods of Numerical Integration (1984).

    >>> import math
    >>> found = integrate(math.exp, 0, 1, rule="simpson")
    >>> abs(found.value - (math.e - 1)) <= found.bar < 1e-7, round(found.order, 1), found.status
    (True, 4.0, 'ok')
    >>> integrate(math.sqrt, 0, 1, rule="simpson").status
    'low order'
    """
    low, high = interval(a, b)
    count = positive_count("n", n, 4)
    if count % 4 or count > _MOST_PANELS:
        raise NotAllowedError(
            f"n = {count} panels",
            "grids of n, n/2 and n/4 panels are compared",
            f"give a multiple of 4 up to {_MOST_PANELS}, a power of 2 at best",
        )
    if rule not in _RULES:
        raise NotAllowedError(
            f"rule = {rule!r}", "no such rule", f"give one of {', '.join(_RULES)}"
        )
    nodes, weights, expected = _RULES[rule](positive_count("points", points))
    sampled = Counted("f", f)
    sizes = _halvings(count)
    grids = [_Grid(sampled, low, high, size, nodes, weights) for size in sizes]
    witness = _Grid(sampled, low, high, count - 1, nodes, weights)
    return _judged(rule, expected, sampled.calls, grids, witness)


def _trapezoid(points: int) -> tuple[Array, Array, float]:
    return np.array([0.0, 1.0]), np.array([0.5, 0.5]), 2.0


def _simpson(points: int) -> tuple[Array, Array, float]:
    return np.array([0.0, 0.5, 1.0]), np.array([1.0, 4.0, 1.0]) / 6, 4.0


def _gauss(points: int) -> tuple[Array, Array, float]:
    if points > _MOST_POINTS:
        raise NotAllowedError(
            f"points = {points}", "their weights lose digits", f"give at most {_MOST_POINTS}"
        )
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return (1 + nodes) / 2, weights / 2, 2.0 * points


_RULES: dict[str, Callable[[int], tuple[Array, Array, float]]] = {
    "trapezoid": _trapezoid,
    "simpson": _simpson,
    "gauss": _gauss,
}


def _halvings(n: int) -> list[int]:
    sizes = [n]
    while sizes[-1] % 2 == 0:
        sizes.append(sizes[-1] // 2)
    return sizes[::-1]


class _Grid:
    """A rule on one grid: its value, each panel's part, and the rounding level of the value."""

    def __init__(
        self, f: Counted, a: float, b: float, n: int, nodes: Array, weights: Array
    ) -> None:
        self.n, self.edges = n, a + (b - a) * (np.arange(n + 1) / n)
        width = (b - a) / n
        shared = nodes[0] == 0 and nodes[-1] == 1
        inner = [a + (b - a) * ((np.arange(n) + node) / n) for node in nodes]
        if shared:
            ends = [f(float(x)) for x in [a, *self.edges[1:-1], b]]
            columns = [ends[:-1]]
            columns += [[f(float(x)) for x in column] for column in inner[1:-1]]
            columns.append(ends[1:])
        else:
            columns = [[f(float(x)) for x in column] for column in inner]
        table = np.array(columns)
        with np.errstate(all="ignore"):
            self.parts = width * (weights @ table)
            variation = np.sum(np.abs(np.diff(table.T.ravel())))
            weight = float(np.sum(width * (np.abs(weights) @ np.abs(table))))
            self.value = fsum(self.parts) if isfinite(weight) else nan
            self.floor = float(EPS * weight + EPS * max(abs(a), abs(b)) * variation)
        self.magnitude = weight
        bad = np.argwhere(~np.isfinite(table))
        self.bad = float(inner[bad[0][0]][bad[0][1]]) if len(bad) else None
        self.finite = isfinite(self.value) and isfinite(self.floor)


def _judged(rule: str, expected: float, calls: int, grids: list[_Grid], witness: _Grid) -> Integral:
    fine = grids[-1]
    values = tuple(grid.value for grid in grids)
    panels = tuple(grid.n for grid in grids)
    changes = tuple(abs(after - before) for before, after in pairwise(values))
    broken = next((grid for grid in [*grids, witness] if not grid.finite), None)
    if broken is not None:
        advice = "; gauss leaves the ends out" if rule != "gauss" else ""
        reason = (
            "f is finite, but sums of its values are beyond the range of float64"
            if broken.bad is None
            else f"f has no finite value near x = {broken.bad:g}{advice}"
        )
        return Integral(
            nan, inf, rule, nan, expected, calls, panels, values, changes, nan, "not finite", reason
        )
    floor = max(grid.floor for grid in grids)
    orders = _orders(changes, floor)
    order = orders[-1] if orders else nan
    status, reason = _status(order, orders, expected, changes, floor, grids)
    aside = abs(witness.value - fine.value)
    bar = max(_bar(orders, expected, changes, floor), 2 * aside)
    if status == "low order":
        order = _low_order(orders)
    if status in ("unresolved", "low order"):
        bar = max(bar, 2 * changes[-2])
    if aside > max(changes[-1], 4 * floor) and status != "low order":
        status, reason = (
            "unresolved",
            (
                f"a grid of {witness.n} panels differs by {aside:.1e}: f oscillates or jumps faster "
                "than the panels"
            ),
        )
    if _diverges([grid.magnitude for grid in grids]):
        status, bar, reason = "unresolved", inf, "the integral of abs(f) grows from grid to grid"
    return Integral(
        fine.value,
        bar,
        rule,
        order,
        expected,
        calls,
        panels,
        values,
        changes,
        floor,
        status,
        reason,
    )


def _orders(changes: tuple[float, ...], floor: float) -> list[float]:
    """The measured orders while the changes are clear of rounding."""
    found = []
    for before, after in pairwise(changes):
        if min(before, after) <= _CLEAR * floor:
            break
        found.append(log2(before) - log2(after))
    return found


def _diverges(magnitudes: list[float]) -> bool:
    """Whether the integral of abs(f) gains as much from the last grid as from the one before."""
    before, after = np.diff(magnitudes[-3:])
    return bool(after > 1e-3 * magnitudes[-1] and after > 0.9 * before > 0)


def _bar(orders: list[float], expected: float, changes: tuple[float, ...], floor: float) -> float:
    """What the last value is off at most, if the changes fall on no faster than they did.

    At the expected order, seen twice, the error left is the last change over 2^order - 1, taken four
    times; else the least of the last three orders counts, and the last change is no smaller than the
    one before lets expect of it.
    """
    if changes[-1] <= _CLEAR * floor or not orders:
        return changes[-1] + 2 * floor
    if len(orders) > 1 and all(abs(order - expected) < 0.5 for order in orders[-2:]):
        return 4 * changes[-1] / (2**expected - 1) + 2 * floor
    slow = max(_SLOWEST, min(expected, *orders[-3:]))
    change = max(changes[-1], changes[-2] * 2**-slow)
    return 2 * change * max(1.0, 1 / (2**slow - 1)) + 2 * floor


def _status(
    order: float,
    orders: list[float],
    expected: float,
    changes: tuple[float, ...],
    floor: float,
    grids: list[_Grid],
) -> tuple[str, str]:
    if changes[-1] <= _CLEAR * floor:
        first = next(g.n for g, c in zip(grids[1:], changes, strict=True) if c <= _CLEAR * floor)
        return (
            "rounding",
            f"the value is at rounding level from {first} panels on; more gain nothing",
        )
    if order != order:
        return "unresolved", "no two changes are clear of rounding; give more panels"
    where, share = _worst_panel(grids)
    regular = len(orders) < 2 or orders[-2] >= expected - 0.5
    if order >= expected - 0.3 and (regular or share < 0.5):
        if order > expected + 0.5:
            return "ok", (
                "faster than expected: higher terms still dominate, or the leading one cancels as "
                "for derivatives that agree at both ends"
            )
        return "ok", "the changes fall as expected"
    if _steady(orders) or (len(orders) >= 4 and share > _LOCAL):
        place = f" near x = {where:g}" if share > 0.5 else ""
        return "low order", (
            f"the order is {_low_order(orders):.2f} instead of {expected:g}: f or a derivative of "
            f"it is singular, or too steep for these panels{place}"
        )
    return "unresolved", "the order is still changing from grid to grid; give more panels"


def _steady(orders: list[float]) -> bool:
    """Whether the last two orders agree, and the changes shrink."""
    return len(orders) > 1 and abs(orders[-1] - orders[-2]) < 0.2 and orders[-1] > _SLOWEST


def _low_order(orders: list[float]) -> float:
    """The last order, or the mean of four where they swing about it."""
    return orders[-1] if _steady(orders) else fmean(orders[-4:])


def _worst_panel(grids: list[_Grid]) -> tuple[float, float]:
    """Where the last two grids differ most, and the share of that panel in all differences."""
    fine, coarse = grids[-1], grids[-2]
    gaps = np.abs(fine.parts[::2] + fine.parts[1::2] - coarse.parts)
    place = int(np.argmax(gaps))
    edge = place if place < coarse.n / 2 else place + 1
    return float(coarse.edges[edge]), float(gaps[place] / np.sum(gaps))
