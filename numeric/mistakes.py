"""Naming what is wrong with a gradient: each usual slip is a hypothesis that is put to the test.

A hypothesis turns the claim into another gradient. It names the mistake when the other gradient
agrees with every slope that was measured, within its bar, while the claim does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, sqrt
from typing import Any

import numpy as np

from numeric.lines import KINK, Trend

Array = Any


@dataclass(frozen=True)
class Finding:
    """A direction, the slope of f along it, and the claimed gradient."""

    direction: Array
    trend: Trend
    claim: Array

    @property
    def predicted(self) -> float:
        """The slope that the claim predicts."""
        return float(self.claim @ self.direction)

    def agrees(self, gradient: Array) -> bool:
        """Whether another gradient gives the measured slope."""
        slope = self.trend.slope
        rounding = 1e-12 * float(np.abs(gradient) @ np.abs(self.direction))
        return abs(float(gradient @ self.direction) - slope.value) <= 3 * slope.bar + rounding


def name_mistakes(findings: list[Finding], claim: Array, point: Array) -> tuple[str, ...]:
    """The first slips that turn the claim into the measured gradient, or nothing.

    Conditions: at least two slopes with bars that are not at kinks. Shapes: `claim` is flat.

    >>> from numeric.ladder import Slope
    >>> axes = np.eye(2)
    >>> slopes = [Trend(Slope(1.0, 1e-9, 0.1)), Trend(Slope(3.0, 1e-9, 0.1))]
    >>> claim = np.array([-1.0, -3.0])
    >>> found = [Finding(d, s, claim) for d, s in zip(axes, slopes)]
    >>> name_mistakes(found, claim, np.array([5.0, 7.0]))
    ('sign',)
    """
    usable = [f for f in findings if f.trend.status != KINK and isfinite(f.trend.slope.bar)]
    if all(finding.agrees(claim) for finding in usable):
        return ()
    for name, gradient in _hypotheses(usable, claim, point):
        if all(finding.agrees(gradient) for finding in usable):
            return (name,)
    if len(usable) == claim.size:
        return _partly(usable, claim)
    return ()


def _hypotheses(usable: list[Finding], claim: Array, point: Array) -> list[tuple[str, Array]]:
    found = [("sign", -claim)]
    ratio = _common_ratio(usable)
    if ratio is not None:
        found.append((_factor_name(ratio, point), claim / ratio))
    if point.ndim == 2 and point.shape[0] == point.shape[1]:
        found.append(("transposed", claim.reshape(point.shape).T.ravel()))
        found.append(("transposed, sign", -claim.reshape(point.shape).T.ravel()))
    for what, pattern in (("x", point.ravel().astype(np.float64)), ("1", np.ones(claim.size))):
        weight = _common_weight(usable, pattern)
        if weight is not None and len(usable) > 1:
            found.append((f"missing {weight:.6g}*{what}", claim + weight * pattern))
    return found


def _common_ratio(usable: list[Finding]) -> float | None:
    """claim/true from the direction where it is sharpest."""
    best = max(usable, key=lambda f: abs(f.trend.slope.value) / max(f.trend.slope.bar, 1e-300))
    if best.trend.slope.value == 0 or best.predicted == 0 or len(usable) < 2:
        return None
    ratio = best.predicted / best.trend.slope.value
    nice = float(Fraction(ratio).limit_denominator(12))
    close = abs(ratio - nice) * abs(best.trend.slope.value) <= 3 * best.trend.slope.bar
    return nice if nice and close else ratio


def _factor_name(ratio: float, point: Array) -> str:
    nice = Fraction(ratio).limit_denominator(12)
    if abs(ratio - nice) < 1e-9 * abs(ratio):
        return f"factor {nice}"
    for size in dict.fromkeys((*point.shape, point.size)):
        for value, name in (
            (1 / size, f"1/{size}"),
            (sqrt(size), f"sqrt({size})"),
            (1 / sqrt(size), f"1/sqrt({size})"),
        ):
            if abs(ratio - value) < 1e-6 * value:
                return f"factor {name}"
    return f"factor {ratio:.6g}"


def _common_weight(usable: list[Finding], pattern: Array) -> float | None:
    """The multiple of a pattern that the claim lacks, from where it shows most."""
    sizes = [abs(float(pattern @ f.direction)) / max(f.trend.slope.bar, 1e-300) for f in usable]
    best = usable[int(np.argmax(sizes))]
    along = float(pattern @ best.direction)
    return (best.trend.slope.value - best.predicted) / along if along else None


def _partly(usable: list[Finding], claim: Array) -> tuple[str, ...]:
    """Wrong in some coordinates only: their sign, or their place."""
    true = np.array([f.trend.slope.value / f.direction[k] for k, f in enumerate(usable)])
    bar = np.array([f.trend.slope.bar / abs(f.direction[k]) for k, f in enumerate(usable)])
    wrong = np.abs(claim - true) > 3 * bar
    if np.all(np.abs(claim + true)[wrong] <= 3 * bar[wrong]):
        return ("sign of some entries",)
    if np.all(np.abs(np.sort(claim) - np.sort(true)) <= 3 * float(np.max(bar))):
        return ("entries in another order",)
    if np.all(claim[wrong] == 0):
        return ("zero where the slope is not",)
    return ()
