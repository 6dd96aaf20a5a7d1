"""Naming wrong entries of a long gradient by halving the set of coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from numeric.differences import point_scale
from numeric.evidence import Finding
from numeric.lines import CERTAIN, Sampled
from numeric.mistakes import name_partly

Array = Any

NAMED = 4  # wrong entries that are named
_CALLS = 120  # of f, for all halvings
_PROBED = 24  # coordinates that are looked at when many are wrong


def bisect(sampled: Sampled, claim: Array, finding: Finding) -> tuple[list[int], bool]:
    """Coordinates where the gradient is off, and whether they are all.

    The set along which slopes disagree is halved. The half that is evaluated tells the other one by
    subtraction; 4 evaluations a halving.
    """
    step = finding.trend.slope.step
    budget = sampled.calls + _CALLS
    whole = finding.trend.slope.value - finding.predicted
    least = max(CERTAIN * finding.trend.slope.bar, 0.01 * abs(whole))
    queue = [(np.flatnonzero(finding.direction), whole)]
    found: list[int] = []
    left = whole
    while queue and len(found) < NAMED and sampled.calls < budget:
        queue.sort(key=lambda item: -abs(item[1]))
        places, gap = queue.pop(0)
        if abs(gap) <= least:
            continue
        if len(places) == 1:
            found.append(int(places[0]))
            left -= gap
            continue
        half = places[: len(places) // 2]
        direction = np.zeros(claim.size)
        direction[half] = finding.direction[half]
        own = quick_slope(sampled, direction, step)[0] - float(claim @ direction)
        queue += [(half, own), (places[len(places) // 2 :], gap - own)]
    return found, abs(left) <= 0.1 * abs(whole)


def probe(sampled: Sampled, claim: Array, x: Array, step: float) -> tuple[str, ...]:
    """What many wrong entries have in common, from a few coordinates spread over the values of x.

    4 evaluations a coordinate. Numerical error: the distance of two differences.
    """
    order = np.argsort(x.ravel(), kind="stable")
    places = order[np.linspace(0, x.size - 1, _PROBED).astype(int)]
    scale = point_scale(x)
    slopes, bars = [], []
    for place in places:
        direction = np.zeros(claim.size)
        direction[place] = scale[place]
        value, bar = quick_slope(sampled, direction, step)
        slopes.append(value / scale[place])
        bars.append(bar / scale[place])
    return name_partly(claim, np.array(slopes), np.array(bars), x, places)


def quick_slope(sampled: Sampled, direction: Array, step: float) -> tuple[float, float]:
    """Two central differences, extrapolated once, and how far they are apart."""
    quotients = []
    for t in (step / 4, step / 16):
        x = sampled.x
        plus = (x.ravel() + (t * direction).astype(x.dtype)).astype(x.dtype)
        minus = x.ravel() - (plus - x.ravel())
        up, down = sampled(plus.reshape(x.shape)), sampled(minus.reshape(x.shape))
        quotients.append(float(up[0] - down[0]) / (2 * t))
    coarse, fine = quotients
    noise = 4 * sampled.eps * abs(float(sampled.start[0])) / (step / 16)
    return fine + (fine - coarse) / 15, abs(fine - coarse) + noise
