"""What was measured of a gradient: slopes with bars, along coordinates or along directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from numeric.lines import Trend
from numeric.noise import Noise

Array = Any

_AGREES = 3.0  # bars within which another gradient explains a slope


@dataclass(frozen=True)
class Finding:
    """A direction, the slope of f along it, and the claimed gradient.

    `eps` is the rounding of the claim's own entries; `secant` is the size of (f(x + h d) - f(x))/h
    at the step that gave the slope, the scale on which a bar is wide or narrow; `curvature`
    that of f there; `noise` is that of f as the line measured it.
    """

    direction: Array
    trend: Trend
    claim: Array
    eps: float = 2.0**-52
    secant: float = 0.0
    curvature: float = 0.0
    noise: Noise | None = None

    @property
    def predicted(self) -> float:
        """The slope that the claim predicts."""
        return float(self.claim @ self.direction)

    @property
    def rounding(self) -> float:
        """What rounding of the claim's entries may change in the prediction."""
        return 32 * self.eps * float(np.linalg.norm(self.claim * self.direction))

    @property
    def gap(self) -> float:
        """How far the prediction is from the slope, beyond rounding."""
        return max(0.0, abs(self.predicted - self.trend.slope.value) - self.rounding)


@dataclass(frozen=True)
class Evidence:
    """Slopes with bars; `directions` holds one row a slope, or is None for the coordinates."""

    slopes: Array
    bars: Array
    directions: Array | None = None

    def along(self, gradient: Array) -> Array:
        """The slopes that a flat gradient predicts."""
        return gradient if self.directions is None else self.directions @ gradient

    def explained_by(self, gradient: Array) -> bool:
        """Whether a gradient gives every measured slope, within three bars and rounding.

        >>> Evidence(np.array([1.0, 2.0]), np.array([1e-9, 1e-9])).explained_by(np.array([1.0, 2]))
        True
        """
        sizes = (
            np.abs(gradient)
            if self.directions is None
            else np.abs(self.directions) @ np.abs(gradient)
        )
        gaps = np.abs(self.along(gradient) - self.slopes)
        return bool(np.all(gaps <= _AGREES * self.bars + 1e-12 * sizes))


def evidence_of(findings: list[Finding]) -> Evidence:
    """The slopes of some findings.

    >>> from numeric.ladder import Slope
    >>> found = Finding(np.array([2.0, 0.0]), Trend(Slope(6.0, 1e-9, 0.1)), np.array([3.0, 1.0]))
    >>> evidence_of([found]).slopes
    array([6.])
    """
    slopes = np.array([finding.trend.slope.value for finding in findings])
    bars = np.array([finding.trend.slope.bar for finding in findings])
    return Evidence(slopes, bars, np.array([finding.direction for finding in findings]))
