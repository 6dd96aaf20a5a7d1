"""Derivatives of plain functions by differences, each with an error bar and a status.

The error model is that of `numeric.ladder`: truncation estimated between neighbouring steps, plus
the measured noise of f over the step, never below rounding. Steps are scaled coordinate by
coordinate, to abs(x_i) (to 1 where x_i = 0), and are representable. Where f is not finite on one
side the slope is one-sided ("edge"); where the one-sided slopes differ it is their mean ("kink");
where f carries more noise than rounding, or no two steps agree, it is "noisy".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from numeric.ladder import Slope, climb
from numeric.lines import NOISY, OK, STATUSES, Line, Sampled, Trend
from symbolic.errors import DataError, ShapeError

Array = Any

__all__ = ["Estimate", "derivative", "gradient", "hessian", "jacobian", "point_scale", "real_point"]


@dataclass(frozen=True)
class Estimate:
    """A numerical derivative: the true one lies within `bar` of `value`, entry by entry.

    `step` is the largest step that each entry used, `evaluations` counts calls of f, `status` is
    the worst of the entries ("ok", "noisy", "edge", "kink", "not finite"), `reason` says why.
    """

    value: Array
    bar: Array
    step: Array
    evaluations: int
    status: str
    reason: str


def real_point(x: object) -> tuple[Array, str]:
    """A point as floating-point numbers, and a note if it had to be promoted.

    >>> real_point([1, 2])
    (array([1., 2.]), 'integers were promoted to float64')
    """
    array = np.asarray(x)
    note = ""
    if array.dtype.kind in "iu":
        array, note = array.astype(np.float64), "integers were promoted to float64"
    if array.dtype.kind != "f":
        raise DataError("the point x", f"dtype {array.dtype}", "give real numbers, as float64")
    if not np.all(np.isfinite(array)):
        place = [int(k) for k in np.argwhere(~np.isfinite(array))[0]]
        raise DataError("the point x", f"entry {place} is not finite", "give finite numbers")
    return array, note


def point_scale(x: Array) -> Array:
    """The length by which steps of each coordinate are measured.

    >>> point_scale(np.array([-2.0, 0.0]))
    array([2., 1.])
    """
    return np.where(x == 0, 1.0, np.abs(x)).astype(np.float64).ravel()


def derivative(f: Callable[[float], Any], x: float) -> Estimate:
    """The derivative of a function of one number, f'(x).

    Shapes: x a number; value, bar and step have the shape of f(x). Conditions: f is real; the bar
    supposes it smooth around x. Numerical error: `bar`, an estimate that held in over 99 % of the
    test suite's cases. Source: the module `numeric.ladder`.

    >>> import math
    >>> found = derivative(math.exp, 1.0)
    >>> bool(abs(found.value - math.e) <= found.bar < 1e-9), found.status
    (True, 'ok')
    """
    point, note = real_point(x)
    if point.ndim:
        raise ShapeError(
            "derivative(f, x)",
            f"x has shape {point.shape}",
            "give a number, or use gradient or jacobian",
        )
    return _along_axes(lambda t: f(t[()]), point, note, None)


def gradient(f: Callable[[Array], Any], x: object) -> Estimate:
    """The gradient of a function with a scalar value, in the shape of x.

    Shapes: x any; f(x) a number; value, bar and step have the shape of x. Conditions and numerical
    error: as for `derivative`; about 35 evaluations of f a coordinate.

    >>> found = gradient(lambda x: x @ x, np.array([1.0, 2.0]))
    >>> bool(np.all(np.abs(found.value - [2, 4]) <= found.bar)), bool(found.bar.max() < 1e-9)
    (True, True)
    """
    point, note = real_point(x)
    return _along_axes(f, point, note, "gradient")


def jacobian(f: Callable[[Array], Any], x: object) -> Estimate:
    """The Jacobian of an array-valued function, `shape(f(x)) + shape(x)`.

    Shapes: x and f(x) any. Conditions and numerical error: as for `derivative`; the outputs share
    their evaluations.

    >>> jacobian(lambda x: np.array([x[0] * x[1], x[1]]), [2.0, 3.0]).value.round(6)
    array([[3., 2.],
           [0., 1.]])
    """
    point, note = real_point(x)
    return _along_axes(f, point, note, None)


def hessian(f: Callable[[Array], Any], x: object) -> Estimate:
    """The Hessian of a function with a scalar value, `shape(x) + shape(x)`.

    Formula: second differences along e_i, and along e_i + e_j and e_i - e_j for mixed entries.
    Shapes: x any; f(x) a number. Conditions: f twice differentiable. Numerical error: `bar`, from
    the same model with noise 4 sigma/h^2.

    >>> found = hessian(lambda x: x[0] ** 2 * x[1], [1.0, 2.0])
    >>> found.value.round(5)
    array([[4., 2.],
           [2., 0.]])
    """
    point, note = real_point(x)
    sampled = _scalar(f, point, "hessian")
    n, scale = point.size, point_scale(point)
    table = [[Slope(float("nan"), np.inf, 0.0)] * n for _ in range(n)]
    axes = np.eye(n) * scale
    for i in range(n):
        line = Line(sampled, axes[i])
        table[i][i] = _scaled(_climbed(line.curvature), scale[i] ** 2)
        for j in range(i):
            plus, minus = Line(sampled, axes[i] + axes[j]), Line(sampled, axes[i] - axes[j])

            def mixed(rung: int, plus: Line = plus, minus: Line = minus) -> tuple[float, ...]:
                up, up_noise, step = plus.curvature(rung)
                down, down_noise, _ = minus.curvature(rung)
                return (up - down) / 4, (up_noise + down_noise) / 4, step

            table[i][j] = table[j][i] = _scaled(_climbed(mixed), scale[i] * scale[j])
    trends = [
        Trend(slope) if np.isfinite(slope.bar) else Trend(slope, NOISY, "no two steps agree")
        for row in table
        for slope in row
    ]
    return _estimate(trends, point.shape * 2, sampled.calls, note)


_CURVATURE_START = 4  # rung: second differences need steps near eps^(1/4)


def _climbed(quotient: Callable[[int], Any]) -> Slope:
    return climb(quotient, 2, _CURVATURE_START)


def _scaled(slope: Slope, unit: float) -> Slope:
    return Slope(slope.value / unit, slope.bar / unit, slope.step)


def _scalar(f: Callable[[Array], Any], point: Array, what: str) -> Sampled:
    sampled = Sampled(f, point)
    if sampled.start.size != 1:
        raise ShapeError(
            f"{what}(f, x)",
            f"f(x) has shape {sampled.shape}",
            "give a function with a scalar value, or use jacobian",
        )
    return sampled


def _along_axes(f: Callable[[Array], Any], point: Array, note: str, scalar: str | None) -> Estimate:
    sampled = _scalar(f, point, scalar) if scalar else Sampled(f, point)
    shape = point.shape if scalar else sampled.shape + point.shape
    scale = point_scale(point)
    columns = []
    for place in range(point.size):
        direction = np.zeros(point.size)
        direction[place] = scale[place]
        line = Line(sampled, direction)
        columns.append([_unit(line.trend(k), scale[place]) for k in range(sampled.start.size)])
    trends = [column[k] for k in range(sampled.start.size) for column in columns]
    return _estimate(trends, shape, sampled.calls, note)


def _unit(trend: Trend, scale: float) -> Trend:
    """A slope along scale*e_i as a slope along e_i."""
    slopes = [
        Slope(each.value / scale, each.bar / scale, each.step * scale)
        for each in (trend.slope, trend.left, trend.right)
    ]
    return Trend(slopes[0], trend.status, trend.reason, slopes[1], slopes[2])


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
