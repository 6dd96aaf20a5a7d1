"""Derivatives of plain functions by differences, each with an error bar and a status.

The error model is that of `numeric.ladder`: truncation estimated between neighbouring steps, plus
the measured noise of f over the step, never below rounding. Steps are scaled coordinate by
coordinate, to a power of two near abs(x_i) (1 where x_i = 0). Where f is not finite on one side the
slope is one-sided ("edge"); where the one-sided slopes differ it is their mean ("kink"); where the
values do, there is none ("jump"); where f carries more noise than rounding, or no two steps agree,
it is "noisy".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from numeric.arrays import Point, real_array, real_point
from numeric.complex_step import complex_steps, complex_trend
from numeric.estimate import Estimate
from numeric.ladder import Slope
from numeric.lines import NOISY, OK, STATUSES, Line, Sampled, Trend
from numeric.stencils import curvature, nodes_of, stencil_slope
from symbolic.errors import DataError, ShapeError

Array = Any

__all__ = [
    "Estimate", "derivative", "directional_derivative", "gradient", "hessian", "jacobian",
    "point_scale",
]  # fmt: skip

_SMALLEST_SCALE = 2.0**-40


def point_scale(x: Array) -> Array:
    """The length by which steps of each coordinate are measured: a power of two near abs(x_i).

    >>> point_scale(np.array([-2.1, 0.0, 0.3]))
    array([2.  , 1.  , 0.25])
    """
    flat = np.abs(x).astype(np.float64).ravel()
    sizes = np.where(flat == 0, 1.0, np.maximum(flat, _SMALLEST_SCALE))
    return np.exp2(np.floor(np.log2(sizes)))


def derivative(
    f: Callable[[Any], Any], x: Any, *, method: str = "richardson", order: int | None = None
) -> Estimate:
    """The derivative of a function of one number, f'(x).

    Formula: by `method`: "richardson" (central differences, extrapolated over a ladder of steps),
    "central" (order 2, 4, 6, 8), "forward" and "backward" (order 1 to 4), "complex" (the complex
    step). Shapes: x a number; value, bar and step have the shape of f(x). Conditions: f is real;
    the bar supposes it smooth around x. Errors: `DataError` for what is no number, `ShapeError`,
    `UnsupportedError` for a method that there is not. Numerical error: `bar`, an estimate that
    held in over 99 % of the test suite's cases. Source: the module `numeric.ladder`.

    >>> import math
    >>> found = derivative(math.exp, 1.0)
    >>> bool(abs(found.value - math.e) <= found.bar < 1e-9), found.status
    (True, 'ok')
    >>> derivative(np.exp, 1.0, method="central", order=4).step
    array(0.00097656)
    """
    point = real_point(x)
    if point.values.ndim:
        raise ShapeError(
            "derivative(f, x)",
            f"x has shape {point.values.shape}",
            "give a number, or use gradient or jacobian",
        )
    number = Point(point.values, point.note, lambda t: point.native(t)[()])
    return _along_axes(f, number, None, method, order)


def gradient(
    f: Callable[[Any], Any], x: Any, *, method: str = "richardson", order: int | None = None
) -> Estimate:
    """The gradient of a function with a scalar value, in the shape of x.

    Shapes: x any; f(x) a number; value, bar and step have the shape of x. Conditions, methods,
    errors and numerical error: as for `derivative`; about 45 evaluations of f a coordinate. x may
    be an array of any library of the array API (PyTorch, JAX); f gets its like.

    >>> found = gradient(lambda x: x @ x, np.array([1.0, 2.0]))
    >>> bool(np.all(np.abs(found.value - [2, 4]) <= found.bar)), bool(found.bar.max() < 1e-9)
    (True, True)
    """
    return _along_axes(f, real_point(x), "gradient", method, order)


def jacobian(
    f: Callable[[Any], Any], x: Any, *, method: str = "richardson", order: int | None = None
) -> Estimate:
    """The Jacobian of an array-valued function, `shape(f(x)) + shape(x)`.

    Shapes: x and f(x) any. Conditions, methods, errors and numerical error: as for `derivative`;
    the outputs share their evaluations.

    >>> jacobian(lambda x: np.array([x[0] * x[1], x[1]]), [2.0, 3.0]).value.round(6)
    array([[3., 2.],
           [0., 1.]])
    """
    return _along_axes(f, real_point(x), None, method, order)


def directional_derivative(
    f: Callable[[Any], Any],
    x: Any,
    direction: Any,
    *,
    method: str = "richardson",
    order: int | None = None,
) -> Estimate:
    """The derivative of f at x along a direction, d/dt f(x + t v) at t = 0.

    Shapes: v that of x; value, bar and step that of f(x). Conditions, methods, errors and
    numerical error: as for `derivative`; the step is that of t. One slope for all coordinates,
    about 45 evaluations.

    >>> found = directional_derivative(lambda x: x @ x, [1.0, 2.0], [1.0, -1.0])
    >>> bool(abs(found.value + 2) <= found.bar < 1e-9)
    True
    """
    point = real_point(x)
    along = real_array(direction, "the direction")
    if along.shape != point.values.shape:
        raise ShapeError(
            "directional_derivative(f, x, direction)",
            f"x has shape {point.values.shape}, the direction {along.shape}",
            "give a direction in the shape of x",
        )
    if not np.all(np.isfinite(along)):
        raise DataError("the direction", "it is not finite", "give finite numbers")
    sampled, flat = Sampled(f, point), along.astype(np.float64).ravel()
    length = float(np.max(np.abs(flat), initial=0.0))
    if length == 0:
        nothing = [Trend(Slope(0.0, 0.0, 0.0))] * sampled.start.size
        return _estimate(nothing, sampled.shape, sampled.calls, point.note)
    unit = 2.0 ** -np.floor(np.log2(length))
    trends = _trends(Line(sampled, flat * unit), method, order)
    return _estimate([_unit(t, unit) for t in trends], sampled.shape, sampled.calls, point.note)


def hessian(f: Callable[[Any], Any], x: Any) -> Estimate:
    """The Hessian of a function with a scalar value, `shape(x) + shape(x)`.

    Formula: second differences along e_i, and along e_i + e_j and e_i - e_j for mixed entries.
    Shapes: x any; f(x) a number. Conditions: f twice differentiable; where the second derivatives
    on the two sides differ the status is "kink". Errors: as for `derivative`. Numerical error:
    `bar`, from the same model with noise 4 sigma/h^2.

    >>> found = hessian(lambda x: x[0] ** 2 * x[1], [1.0, 2.0])
    >>> found.value.round(5)
    array([[4., 2.],
           [2., 0.]])
    """
    point = real_point(x)
    sampled = scalar_valued(f, point, "hessian(f, x)")
    n, scale = point.values.size, point_scale(point.values)
    axes = np.eye(n) * scale
    table = [[Trend(Slope(0.0, 0.0, 0.0))] * n for _ in range(n)]
    for i in range(n):
        table[i][i] = _unit(curvature(Line(sampled, axes[i])), scale[i] ** 2)
        for j in range(i):
            plus = curvature(Line(sampled, axes[i] + axes[j]))
            minus = curvature(Line(sampled, axes[i] - axes[j]))
            table[i][j] = table[j][i] = _mixed(plus, minus, 4 * scale[i] * scale[j])
    trends = [trend for row in table for trend in row]
    return _estimate(trends, point.values.shape * 2, sampled.calls, point.note)


def _mixed(plus: Trend, minus: Trend, unit: float) -> Trend:
    worst = max(plus, minus, key=lambda trend: STATUSES.index(trend.status))
    up, down = plus.slope, minus.slope
    value, bar = (up.value - down.value) / unit, (up.bar + down.bar) / unit
    return Trend(Slope(value, bar, max(up.step, down.step)), worst.status, worst.said(unit))


def scalar_valued(f: Callable[[Any], Any], point: Point, what: str) -> Sampled:
    """A function with one output, sampled at a point. Errors: `ShapeError`."""
    sampled = Sampled(f, point)
    if sampled.start.size != 1:
        raise ShapeError(
            what,
            f"f(x) has shape {sampled.shape}",
            "give a function with a scalar value, or use jacobian",
        )
    return sampled


def _along_axes(
    f: Callable[[Any], Any], point: Point, scalar: str | None, method: str, order: int | None
) -> Estimate:
    sampled = scalar_valued(f, point, f"{scalar}(f, x)") if scalar else Sampled(f, point)
    shape = point.values.shape if scalar else sampled.shape + point.values.shape
    scale = point_scale(point.values)
    columns = []
    for place in range(point.values.size):
        direction = np.zeros(point.values.size)
        direction[place] = scale[place]
        trends = _trends(Line(sampled, direction), method, order)
        columns.append([_unit(trend, scale[place]) for trend in trends])
    entries = [column[k] for k in range(sampled.start.size) for column in columns]
    return _estimate(entries, shape, sampled.calls, point.note)


def _trends(line: Line, method: str, order: int | None) -> list[Trend]:
    """The slope of every output along a line, by one method."""
    outputs = range(line.f.start.size)
    if method == "complex" and order is None:
        steps = complex_steps(line.f, line.direction)
        return [complex_trend(line, steps, place) for place in outputs]
    trends = [line.trend(place) for place in outputs]
    if method == "richardson" and order is None:
        return trends
    nodes = nodes_of(method, order)
    return [
        replace(trend, slope=_agreeing(stencil_slope(line, place, nodes), trend.slope))
        if trend.status in (OK, NOISY)
        else trend
        for place, trend in enumerate(trends)
    ]


def _agreeing(slope: Slope, other: Slope) -> Slope:
    """A slope whose bar holds another one too, where the two contradict each other."""
    gap = abs(slope.value - other.value)
    contradicts = gap > slope.bar + other.bar
    return replace(slope, bar=gap + other.bar) if contradicts else slope


def _unit(trend: Trend, scale: float) -> Trend:
    """A slope along scale*e_i as a slope along e_i."""
    slope, left, right, bend = (
        Slope(each.value / scale, each.bar / scale, each.step * scale)
        for each in (trend.slope, trend.left, trend.right, trend.bend)
    )
    return Trend(slope, trend.status, trend.said(scale), left, right, bend)


def _estimate(trends: list[Trend], shape: tuple[int, ...], evaluations: int, note: str) -> Estimate:
    worst = max((trend.status for trend in trends), key=STATUSES.index, default=OK)
    counts = Counter(trend.status for trend in trends)
    reason = next((t.reason for t in trends if t.status == worst), "")
    if worst != OK and len(trends) > 1:
        reason += f" ({counts[worst]} of {len(trends)} entries)"
    parts = [part for part in (reason, note) if part]
    value, bar, step = (
        np.array([getattr(trend.slope, name) for trend in trends]).reshape(shape)
        for name in ("value", "bar", "step")
    )
    return Estimate(value, bar, step, evaluations, worst, "; ".join(parts))
