"""What the iterates of a method and the function near its answer tell: order, noise, a certain gap.

Near a root r of multiplicity m, f(x) = c (x - r)^m + noise, so r is not known better than the
distance at which abs(f) stands clear of the noise, (noise/c)^(1/m). That distance is searched for by
doubling; nothing has to be known of c and m. The noise is the spread of the values of f on a tight
grid beside r, from a table of differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, log, log2, nan, ulp
from statistics import median

import numpy as np

from numeric.methods.inputs import EPS, Counted
from numeric.noise import noise_level

_WIDENINGS = (1, 2**5, 2**10, 2**15)  # of the grid; its curvature is no noise yet
_CLEAR = 8.0  # noises above which a value of f is not noise
_ABOVE = 4.0  # the same in values at the candidate
_ROUNDING = 16 * EPS  # of a value
_FARTHEST = 2.0**1022  # distance that may still be doubled


def noise_beside(f: Counted, x: float, scale: float) -> float:
    """The noise of f near x: the largest of both sides and several spacings; 0 if f is exact.

    A grid on which f keeps one value is widened, so that float32 inside f is noticed; where values
    repeat, the smallest difference between them is noise too. What is more than rounding counts only
    if f jumps: a smooth function that turns between the points of a grid is no noise.

    >>> noise_beside(Counted("f", lambda x: x - 1), 1.0, 1.0)
    0.0
    """
    spacing = 64 * max(ulp(x), ulp(scale) * 2**-20)
    noise = 0.0
    for side in (1, -1):
        for widening in _WIDENINGS:
            level, places, values = _noise_on(f, x, side * spacing * widening)
            if level <= noise:
                continue
            rounding = _ROUNDING * max(map(abs, values))
            if level <= rounding or _jumps(f, places, values, level):
                noise = level
    return noise


def _noise_on(f: Counted, x: float, spacing: float) -> tuple[float, list[float], list[float]]:
    """The noise on a grid beside x, and the grid with the values that show it."""
    for _ in range(12):
        places = [x + k * spacing for k in range(1, 9)]
        values = [f(place) for place in places]
        if not all(map(isfinite, values)):
            break
        distinct = sorted(set(values))
        if len(distinct) > 1:
            quantum = min(b - a for a, b in pairwise(distinct)) if len(distinct) < 8 else 0.0
            return max(noise_level(values), quantum), places, values
        spacing *= 8
    return 0.0, [], []


def _jumps(f: Counted, places: list[float], values: list[float], level: float) -> bool:
    """Whether the steepest change between neighbours, halved again and again, keeps the level.

    Between points as close as floats, the third difference of a smooth f is nothing but rounding.
    """
    changes = [after - before for before, after in pairwise(values)]
    usual = median(changes)
    steepest = max(range(len(changes)), key=lambda k: abs(changes[k] - usual))
    left, right = places[steepest : steepest + 2]
    at_left, at_right = values[steepest : steepest + 2]
    while abs(right - left) > 2 * ulp(left):
        middle = left / 2 + right / 2
        if middle in (left, right):
            break
        value = f(middle)
        if abs(value - at_left) > abs(at_right - value):
            right, at_right = middle, value
        else:
            left, at_left = middle, value
    width = right - left
    third = f(right + width) - 3 * at_right + 3 * at_left - f(left - width)
    return abs(third) >= level / 4


@dataclass(frozen=True)
class Neighbourhood:
    """f around a root candidate.

    bar           f has no root candidate farther away than this: both sides are clear of the noise
    crosses       whether f has different signs at the two ends
    multiplicity  the power with which abs(f) grows away from the root, NaN if not measured
    noise         of f beside the root
    value         abs(f) at the candidate
    flat          whether f is nowhere clear of its noise
    """

    bar: float
    crosses: bool
    multiplicity: float
    noise: float
    value: float
    flat: bool = False


def neighbourhood(f: Counted, root: float, start: float, scale: float) -> Neighbourhood:
    """How closely f holds a root candidate, searched outward from the distance `start`.

    f is clear of its noise at two distances in a row, and of its value at the candidate, which at a
    true root is nothing but noise.
    """
    noise = noise_beside(f, root, scale)
    here = abs(f(root))
    level = max(_CLEAR * noise, _ABOVE * here)
    distance = max(start, ulp(root))
    before, flat = "", True
    touching = inf
    while distance <= min(scale, _FARTHEST):
        left, right = f(root - distance), f(root + distance)
        size, kind = min(abs(left), abs(right)), ""
        flat = flat and max(size, here) <= _CLEAR * noise
        if size > level:
            kind = "crosses" if (left > 0) != (right > 0) else "touches"
        if kind == before == "crosses":
            power = _power(f, root, distance, scale)
            return Neighbourhood(distance, True, power, noise, here)
        if kind == before == "touches" and here <= _CLEAR * noise:
            touching = min(touching, distance)
        before = kind
        distance *= 2
    power = _power(f, root, touching, scale) if touching < inf else nan
    return Neighbourhood(touching, False, power, noise, here, flat)


def _power(f: Counted, root: float, bar: float, scale: float) -> float:
    """log2(f(root + 2d)/f(root + d)) at a distance d well outside the noise, well inside the scale."""
    distance = bar ** (2 / 3) * scale ** (1 / 3)
    powers = []
    for side in (1, -1):
        near, far = abs(f(root + side * distance)), abs(f(root + 2 * side * distance))
        if near > 0 and far > 0 and isfinite(near) and isfinite(far):
            powers.append(log2(far) - log2(near))
    return sum(powers) / len(powers) if powers else nan


def order_of_convergence(errors: list[float], floor: float) -> tuple[float, float]:
    """The order p and the rate C of e_{k+1} = C e_k^p, from the last errors clear of `floor`.

    Formula: p = log(e_{k+1}/e_k)/log(e_k/e_{k-1}). NaN where there are no three falling errors.

    >>> order_of_convergence([2**-1, 2**-2, 2**-4, 2**-8], 1e-16)
    (2.0, 1.0)
    """
    usable: list[float] = []
    for error in errors:
        if error <= 100 * floor or not isfinite(error):
            break
        usable.append(error)
    if len(usable) < 3 or not usable[-3] > usable[-2] > usable[-1]:
        return nan, nan
    first, second, third = usable[-3:]
    order = (log(third) - log(second)) / (log(second) - log(first))
    if abs(order - 1) < 0.15:
        last = usable[-8:]
        return order, (third / last[0]) ** (1 / (len(last) - 1))
    return order, float(np.exp(log(third) - order * log(second)))
