"""One slope against one prediction: pass, fail, or no answer.

A bar that is wide compared with the slope decides nothing. A disagreement fails only when it
exceeds three bars and a second ladder, of other steps, confirms it. At a kink everything between
the two one-sided slopes is a subgradient and passes.
"""

from __future__ import annotations

from math import isfinite

from numeric.lines import EDGE, KINK, Line, Sampled
from numeric.mistakes import Finding

CLEAR = 3.0  # bars by which a wrong gradient must be off
_RESOLUTION = 1e-3  # a bar above this part of the slope decides nothing


def judge(finding: Finding, typical: float, sampled: Sampled, notes: list[str]) -> str:
    """pass, fail or inconclusive for one direction; `typical` is the size slopes have here."""
    trend = finding.trend
    if not isfinite(trend.slope.bar):
        return "inconclusive"
    if trend.status == KINK:
        return _judge_kink(finding, notes)
    size = max(abs(trend.slope.value), abs(finding.predicted), typical)
    gap = abs(finding.predicted - trend.slope.value)
    if gap <= trend.slope.bar:
        sharp = trend.slope.bar <= max(_RESOLUTION * size, _floor(sampled))
        if sharp and trend.status == EDGE:
            _add(notes, "at the edge of the domain of f: compared with a one-sided slope")
        return "pass" if sharp else "inconclusive"
    if gap <= CLEAR * trend.slope.bar:
        return "inconclusive"
    again = Line(sampled, finding.direction * 0.7).trend()
    slope, bar = again.slope.value / 0.7, again.slope.bar / 0.7
    return "fail" if abs(finding.predicted - slope) > CLEAR * bar else "inconclusive"


def _judge_kink(finding: Finding, notes: list[str]) -> str:
    left, right = finding.trend.left, finding.trend.right
    if not isfinite(left.bar + right.bar):
        return "inconclusive"
    low, high = sorted((left.value, right.value))
    bar = max(left.bar, right.bar)
    if low - bar <= finding.predicted <= high + bar:
        _add(notes, f"{finding.trend.reason}; the gradient is a subgradient between them")
        return "pass"
    outside = max(low - finding.predicted, finding.predicted - high)
    return "fail" if outside > CLEAR * bar else "inconclusive"


def _floor(sampled: Sampled) -> float:
    """A slope so small that rounding of f alone could show it."""
    return float(sampled.eps**0.5 * abs(float(sampled.start[0]))) + 1e-300


def _add(notes: list[str], note: str) -> None:
    if note not in notes and len(notes) < 4:
        notes.append(note)
