"""One slope against one prediction: pass, fail, or no answer.

Model. The slope is known up to its bar, and the claim up to the rounding of its entries. Then

    pass   the claim lies within the bar (or within 1e-9 of the slope, 8 eps if that is more: f itself
           may be an approximation), and the bar is sharp: an error of the claim by eps^(1/4)/20 of the slope
           (6e-6 in float64, 1e-3 in float32), or sqrt(eps)/16 of the largest slope, would have shown;
    fail   the claim is off by more than three bars (three times the possible bend, where that is
           larger), and a second ladder, of other steps, says so too; and not by 8 eps only, which
           rounding of numbers near 1 in the claim leaves of a small slope;
    else   no answer.

The scale of sharpness is the slope itself, or the secant of f over the step that was used, so that
a stationary point can pass. Where f does not move at all, only the claim zero can, and only if no
slope worth a word could hide in the rounding of f. At a kink every claim between the one-sided
slopes is a subgradient; since several kinks may meet, a claim outside fails only when it is far
from all slopes nearby.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal

import numpy as np

from numeric.differences import point_scale
from numeric.evidence import Array, Finding
from numeric.lines import CERTAIN, EDGE, KINK, Line, Sampled, Trend
from numeric.noise import Noise

State = Literal["pass", "fail", "inconclusive"]

_APPROXIMATE = 1e-9
_INSIDE = 8.0  # units of rounding of numbers near 1 inside a gradient
_NEARBY = 8  # points around a kink
_OTHER_STEPS = 0.5  # the second ladder lies between the rungs of the first


@dataclass(frozen=True)
class Judgement:
    """The verdict on one slope; `why` says what kept it from an answer, or what to note."""

    state: State
    why: str = ""


def measured(
    sampled: Sampled,
    direction: Array,
    claim: Array,
    eps: float,
    noise: Noise | None = None,
) -> Finding:
    """The slope of f along a direction, beside the claim; `noise` where it is known already."""
    line = Line(sampled, direction, noise)
    trend = line.trend()
    step = trend.slope.step
    alone = np.count_nonzero(direction) == 1
    trend = replace(trend, reason=trend.said(float(np.max(np.abs(direction))) if alone else 1.0))
    return Finding(
        direction, trend, claim, eps, line.secant(step), line.curvature(step), line.noise
    )


def judge(
    finding: Finding, sampled: Sampled, typical: float = 0.0, largest: float = 0.0
) -> Judgement:
    """The verdict on one direction.

    `typical` is the slope that one entry of many contributes to a direction of many coordinates;
    `largest` the largest slope among coordinates that are judged one by one.
    """
    trend = finding.trend
    if not isfinite(trend.slope.bar):
        return Judgement("inconclusive", trend.reason)
    if trend.status == KINK:
        return _at_kink(finding, sampled, typical, largest)
    bar = trend.slope.bar
    if finding.gap <= bar + _inexact(finding, sampled, typical):
        if not _sharp(finding, sampled, bar, typical, largest):
            return Judgement("inconclusive", _too_wide(trend))
        note = "at the edge of the domain of f: compared with a one-sided slope"
        return Judgement("pass", note if trend.status == EDGE else "")
    if trend.rival is not None and _towards(finding, trend.rival):
        return Judgement("inconclusive", trend.reason)
    limit = CERTAIN * _doubt(trend) + _inexact(finding, sampled, typical)
    if finding.gap > limit and _rounded_inside(finding, sampled):
        return Judgement("inconclusive", "rounding inside the gradient may explain its error")
    if finding.gap > limit and _confirmed(finding, sampled):
        return Judgement("fail", trend.reason)
    return Judgement("inconclusive", trend.reason or "the gradient is off by about one bar only")


def resolution_of(sampled: Sampled) -> float:
    """The relative error of a slope that a pass rules out, eps^(1/4)/20."""
    return float(sampled.eps**0.25) / 20


def approximate(eps: float) -> float:
    """The part of a slope that f may be off as an approximation, 1e-9, or 8 eps if that is more."""
    return max(_APPROXIMATE, 8 * eps)


def _negligible(sampled: Sampled) -> float:
    """The part of the largest slope below which another is not worth a word, sqrt(eps)/16."""
    return float(sampled.eps**0.5) / 16


def _inexact(finding: Finding, sampled: Sampled, typical: float) -> float:
    """What f may be off as an approximation, and both sides by rounding of x and of sums."""
    slope = typical or abs(finding.trend.slope.value)
    rounding = 8 * sampled.eps * (finding.secant + finding.curvature)
    return slope * approximate(sampled.eps) + rounding


def _rounded_inside(finding: Finding, sampled: Sampled) -> bool:
    """Whether the error of the claim is one of numbers near 1 that cancel in it, as in 1 - sigma."""
    unit = float(np.max(np.abs(finding.direction)))
    size = max(abs(finding.trend.slope.value), abs(finding.predicted))
    small = finding.gap <= size / 4 or finding.predicted == 0
    return small and finding.gap <= _INSIDE * sampled.eps * unit


def _sharp(finding: Finding, sampled: Sampled, bar: float, typical: float, largest: float) -> bool:
    slope, claim = abs(finding.trend.slope.value), abs(finding.predicted)
    size = typical or max(slope, claim, finding.secant)
    bar += finding.rounding
    if bar <= max(resolution_of(sampled) * size, _negligible(sampled) * largest):
        return True
    unmoved = claim == slope == finding.secant == 0
    return unmoved and bar <= _negligible(sampled)


def _too_wide(trend: Trend) -> str:
    wide = f"the bar, {trend.slope.bar:.1e}, is too wide beside the slope"
    return f"{trend.reason}; {wide}" if trend.reason else wide


def _doubt(trend: Trend) -> float:
    """The bar, or half the bend that cannot be excluded."""
    bend = (abs(trend.bend.value) + trend.bend.bar) / 2
    return max(trend.slope.bar, bend) if isfinite(bend) else trend.slope.bar


def _towards(finding: Finding, rival: float) -> bool:
    """Whether the claim lies between the slope and its rival, or near that one."""
    low, high = sorted((finding.trend.slope.value, rival))
    margin = CERTAIN * finding.trend.slope.bar + (high - low) / 100
    return low - margin <= finding.predicted <= high + margin


def _confirmed(finding: Finding, sampled: Sampled) -> bool:
    direction = finding.direction * _OTHER_STEPS
    again = replace(
        finding, direction=direction, trend=Line(sampled, direction, finding.noise).trend()
    )
    if again.trend.status == KINK:
        return _outside(again) > CERTAIN * _kink_bar(again.trend)
    return again.gap > CERTAIN * _doubt(again.trend)


def _kink_bar(trend: Trend) -> float:
    return max(trend.left.bar, trend.right.bar)


def _outside(finding: Finding) -> float:
    """How far the prediction lies outside the one-sided slopes, beyond rounding."""
    low, high = sorted((finding.trend.left.value, finding.trend.right.value))
    return max(low - finding.predicted, finding.predicted - high) - finding.rounding


def _far_from_all(finding: Finding, sampled: Sampled) -> bool:
    """Whether a claim is far from every slope that f has around a kink.

    The generalised gradient is the hull of the gradients nearby, and where kinks meet it reaches
    beyond the one-sided slopes.
    """
    trend, unit = finding.trend, sampled.eps**0.25
    slopes = [trend.left.value, trend.right.value]
    rng = np.random.default_rng(0)
    scale, shape = point_scale(sampled.x), sampled.x.shape
    for _ in range(_NEARBY):
        near = sampled.x.ravel() + unit * scale * rng.uniform(-1, 1, scale.size)
        step = unit / 64 * finding.direction
        up, down = (
            sampled((near + t * step).astype(sampled.x.dtype).reshape(shape))[0] for t in (1, -1)
        )
        slopes.append(float(up - down) / (2 * unit / 64))
    low, high = min(slopes), max(slopes)
    margin = (high - low) / 4 + CERTAIN * _kink_bar(trend)
    return isfinite(margin) and max(low - finding.predicted, finding.predicted - high) > margin


def _at_kink(finding: Finding, sampled: Sampled, typical: float, largest: float) -> Judgement:
    trend, bar = finding.trend, _kink_bar(finding.trend)
    outside = _outside(finding)
    if outside > bar:
        wrong = outside > CERTAIN * bar and _confirmed(finding, sampled)
        if wrong and _far_from_all(finding, sampled):
            return Judgement("fail", trend.reason)
        return Judgement("inconclusive", trend.reason)
    width = abs(trend.right.value - trend.left.value)
    if typical and width + bar > resolution_of(sampled) * typical:
        return Judgement("inconclusive", f"{trend.reason}: too wide to tell one entry")
    if not _sharp(finding, sampled, bar, typical, largest):
        return Judgement("inconclusive", _too_wide(trend))
    sides = (trend.left.value, trend.right.value)
    if min(abs(finding.predicted - side) for side in sides) <= bar + finding.rounding:
        return Judgement("pass", f"{trend.reason}; the gradient is one of them")
    between = "the gradient lies strictly between: a subgradient, but not the convention"
    return Judgement("pass", f"{trend.reason}; {between}")
