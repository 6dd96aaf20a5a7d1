"""The noise of a function along a line, from tables of differences at closely spaced points.

Spacings are odd multiples of the rounding unit: the points are exact, and off the coarser grids on
which rounding inside f would repeat itself and stay unseen. Over a spacing where an output does not
change at all, noise cannot be seen either; a wider one follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np

from numeric.ladder import NOTHING, Slope

Array = Any

_SIDE = 7  # samples on either side; none at the point, where f may jump
_UNEVEN = 1.6180339887  # no multiple of it is near a coarse grid
_WIDEST = 0.01  # spacing of a table
SPREADS = 3.0  # standard deviations


@dataclass(frozen=True)
class Noise:
    """What tables of differences have shown, output by output.

    level    three times the spread of the error of f
    anchors  the slope at the spacing that showed it
    flat     a spacing over which the output does not change at all, else 0
    growth   what the level grows by over a step of 1, as far steps have shown
    """

    level: Array
    anchors: list[Slope]
    flat: Array
    growth: Array


def measured_noise(
    sample: Callable[[float], Array], start: Array, least: Array, eps: float, unit: float
) -> Noise:
    """The noise of the outputs of `sample(t)` around t = 0.

    `start` are the outputs at 0, `least` a level that is known already, `eps` the rounding unit and
    `unit` the smallest step that differences use.

    >>> def f(t):
    ...     return np.array([1 + t])
    >>> found = measured_noise(f, f(0.0), np.zeros(1), 2.0**-52, 2.0**-24)
    >>> bool(found.level[0] < 1e-15), found.anchors[0].value
    (True, 1.0)
    """
    size = start.size
    level, anchors, flat = least.copy(), [NOTHING] * size, np.zeros(size)
    waiting = set(range(size))
    for spacing in spacings(eps, unit):
        if spacing > _WIDEST or not waiting:
            break
        left = np.array([sample(j * spacing) for j in range(-_SIDE, 0)])
        right = np.array([sample(j * spacing) for j in range(1, _SIDE + 1)])
        for place in sorted(waiting):
            both = (left[:, place].tolist(), right[:, place].tolist())
            sides = [side for side in both if all(map(isfinite, side))]
            if not sides:
                continue
            changes = max(sum(a != b for a, b in pairwise(side)) for side in sides)
            for side in sides:
                grain = abs(side[-1] - side[0]) * flat[place] / spacing
                level[place] = max(level[place], SPREADS * max(noise_level(side), grain))
            if len(sides) == 2 and changes:
                anchors[place] = _anchor(*both, float(level[place]), eps, spacing)
            if changes == 0:
                flat[place] = spacing
            if changes >= _SIDE // 2:
                waiting.discard(place)
    return Noise(level, anchors, flat, np.zeros(size))


def spacings(eps: float, unit: float) -> tuple[float, ...]:
    """One just above rounding, and wider ones for functions that are flat over those.

    >>> [round(each / 2**-52) for each in spacings(2.0**-52, 2.0**-24)]
    [415, 27146107, 6949403067, 1779047184713]
    """
    sizes = (2.0**8, unit / eps / 16, unit / eps * 16, unit / eps * 2.0**12)
    return tuple((2 * round(_UNEVEN * size / 2) + 1) * eps for size in sizes)


def _anchor(
    left: list[float], right: list[float], noise: float, eps: float, spacing: float
) -> Slope:
    noise += 2 * eps * max(map(abs, (*left, *right)))
    wide = (right[-1] - left[0]) / (2 * _SIDE * spacing)
    narrow = (right[_SIDE // 2 - 1] - left[-(_SIDE // 2)]) / (2 * (_SIDE // 2) * spacing)
    slip = 2.0**-10 if spacing < eps * 2.0**12 else 2.0**-18
    bar = 3 * abs(wide - narrow) + noise / (_SIDE * spacing) + slip * abs(wide)
    return Slope(wide, bar, _SIDE * spacing)


def noise_level(values: list[float]) -> float:
    """The spread of the error of f, from its values at equally spaced, close points.

    sigma_k^2 = (k!)^2/(2k)! mean((Delta^k f)^2): for white noise the same for every order k, for a
    smooth function it falls with k. The estimate is the largest of the orders from 4 whose
    differences change their sign: those of a smooth function do not.
    Source: More and Wild, SIAM J. Sci. Comput. 33 (2011) 1292.

    >>> noise_level([0.0, 1.0] * 4) > 0.1
    True
    >>> noise_level([k * k for k in range(8)]) < 1e-13
    True
    """
    unit = max(map(abs, values)) or 1.0
    table = [value / unit for value in values]
    sigmas = []
    factor = 1.0
    for order in range(1, len(values) - 1):
        table = [after - before for before, after in pairwise(table)]
        factor *= order / (2.0 * (2 * order - 1))
        if order >= 4 and min(table) < 0 < max(table):
            mean = sum(difference**2 for difference in table) / len(table)
            sigmas.append((factor * mean) ** 0.5)
    return float(max(sigmas, default=0.0)) * unit
