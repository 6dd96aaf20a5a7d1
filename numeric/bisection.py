"""Naming wrong entries of a long gradient by halving the set of coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from numeric.judgement import CLEAR
from numeric.lines import Sampled
from numeric.mistakes import Finding

Array = Any

NAMED = 4  # wrong entries that are named
_CALLS = 120  # of f, for all halvings


def bisect(sampled: Sampled, claim: Array, finding: Finding) -> list[int]:
    """Coordinates where the gradient is off, by halving the set along which slopes disagree.

    The half that is evaluated tells the other one by subtraction; 4 evaluations a halving.
    """
    step = finding.trend.slope.step
    budget = sampled.calls + _CALLS
    whole = finding.trend.slope.value - finding.predicted
    least = max(CLEAR * finding.trend.slope.bar, 0.01 * abs(whole))
    queue = [(np.arange(claim.size), whole)]
    found: list[int] = []
    while queue and len(found) < NAMED and sampled.calls < budget:
        queue.sort(key=lambda item: -abs(item[1]))
        places, gap = queue.pop(0)
        if abs(gap) <= least:
            continue
        if len(places) == 1:
            found.append(int(places[0]))
            continue
        half = places[: len(places) // 2]
        direction = np.zeros(claim.size)
        direction[half] = finding.direction[half]
        own = _quick_slope(sampled, direction, step) - float(claim @ direction)
        queue += [(half, own), (places[len(places) // 2 :], gap - own)]
    return found


def _quick_slope(sampled: Sampled, direction: Array, step: float) -> float:
    """Two central differences, extrapolated once."""
    quotients = []
    for t in (step / 4, step / 16):
        x = sampled.x
        plus = (x.ravel() + t * direction).astype(x.dtype)
        minus = x.ravel() - (plus - x.ravel())
        up, down = sampled(plus.reshape(x.shape)), sampled(minus.reshape(x.shape))
        quotients.append(float(up[0] - down[0]) / (2 * t))
    coarse, fine = quotients
    return fine + (fine - coarse) / 15
