"""Checking a hand-written gradient against differences, with a verdict that can be trusted.

Every comparison is of a slope with its error bar (`numeric.lines`) against what the gradient
predicts for the same direction. Up to 64 coordinates are checked one by one. Beyond that, along
Rademacher directions (entries +1 or -1 times a scale): one wrong entry always shows, since
abs(d'v) = abs(d_i v_i), and any other error is missed with probability at most 1/2 a direction;
bisection on the coordinates then names wrong entries. No tolerance grows with the size.

A disagreement counts as wrong only when it exceeds three bars and a second ladder of steps confirms
it; what differences cannot decide is "inconclusive", never a pass and never a fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import numpy as np

from numeric.differences import point_scale, real_point
from numeric.lines import EDGE, KINK, Line, Sampled
from numeric.mistakes import Finding, name_mistakes
from symbolic.errors import DataError, ShapeError
from symbolic.sizes import shape_text

Array = Any

SMALL = 64  # coordinates that are checked one by one
_DIRECTIONS = 4
_CLEAR = 3.0  # bars by which a wrong gradient must be off
_RESOLUTION = 1e-3  # a bar above this part of the slope decides nothing
_NAMED = 4  # wrong entries that are named beyond SMALL coordinates
_BISECTION_CALLS = 120


@dataclass(frozen=True)
class GradientCheck:
    """The outcome of `check_gradient`.

    verdict      "pass", "fail" or "inconclusive"
    bar          the largest error bar of the slopes compared
    step         the largest step they used
    evaluations  calls of f
    entries      indices of entries that are wrong, in the shape of x
    mistakes     names of what went wrong, as "sign", "factor 2", "transposed"
    reason       one sentence
    seed         of the directions
    notes        promotions, kinks, one-sided slopes
    """

    verdict: Literal["pass", "fail", "inconclusive"]
    bar: float
    step: float
    evaluations: int
    entries: tuple[tuple[int, ...], ...]
    mistakes: tuple[str, ...]
    reason: str
    seed: int
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        from textwrap import fill

        lines = [f"gradient check: {self.verdict}", self.reason]
        if self.mistakes:
            lines.append("mistakes: " + ", ".join(self.mistakes))
        if self.entries:
            lines.append("wrong entries: " + " ".join(str(list(entry)) for entry in self.entries))
        lines.append(
            f"bar {self.bar:.1e}, step {self.step:.1e}, "
            f"{self.evaluations} evaluations, seed {self.seed}"
        )
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(fill(line, 79, subsequent_indent="    ") for line in lines)


def check_gradient(
    f: Callable[[Array], Any],
    grad: Callable[[Array], Any] | Array,
    x: object,
    *,
    seed: int = 0,
) -> GradientCheck:
    """Whether a gradient is that of f at x: pass, fail or inconclusive, with the mistake named.

    Formula: |d'g - D_d f| <= bar for coordinate or Rademacher directions d.
    Shapes: x any, f(x) a number, the gradient in the shape of x. Conditions: f deterministic up to
    noise that its values show; at a kink every slope between the one-sided ones is accepted, with a
    note. Numerical error: `bar`, see `numeric.ladder`. About 40 evaluations a coordinate, or about
    140 to 400 in all beyond 64 coordinates.

    >>> x = np.array([1.0, 2.0, 3.0])
    >>> check_gradient(lambda x: x @ x, lambda x: 2 * x, x).verdict
    'pass'
    >>> found = check_gradient(lambda x: x @ x, lambda x: x, x)
    >>> found.verdict, found.mistakes
    ('fail', ('factor 1/2',))
    """
    point, note = real_point(x)
    if point.size == 0:
        raise ShapeError("check_gradient(f, grad, x)", "x has no entries", "give a point")
    sampled = Sampled(f, point)
    if sampled.start.size != 1:
        raise ShapeError(
            "check_gradient(f, grad, x)",
            f"f(x) has shape {sampled.shape}",
            "give a function with a scalar value",
        )
    claim = _claim(grad(point.copy()) if callable(grad) else grad, point)
    notes = [note] if note else []
    if not isfinite(float(sampled.start[0])):
        return _result("inconclusive", [], (), (), "f is not finite at x.", seed, sampled, notes)
    bad = np.flatnonzero(~np.isfinite(claim))
    if len(bad):
        return _not_finite(sampled, claim, point, bad, seed, notes)
    if point.size <= SMALL:
        return _by_coordinates(sampled, claim, point, seed, notes)
    return _by_directions(sampled, claim, point, seed, notes)


def _claim(value: object, point: Array) -> Array:
    claim = np.asarray(value)
    if claim.dtype.kind not in "iuf":
        raise DataError("the gradient", f"dtype {claim.dtype}", "give real numbers, as float64")
    if claim.shape != point.shape:
        hint = "; its transpose would fit" if claim.T.shape == point.shape else ""
        raise ShapeError(
            "the gradient",
            f"shape {shape_text(claim.shape)} at a point of shape {shape_text(point.shape)}{hint}",
            "return one slope for every entry of x",
        )
    return claim.astype(np.float64).ravel()


def _not_finite(
    sampled: Sampled, claim: Array, point: Array, bad: Array, seed: int, notes: list[str]
) -> GradientCheck:
    """A gradient with NaN fails where the difference is finite; otherwise nothing can be said."""
    place = int(bad[0])
    direction = np.zeros(point.size)
    direction[place] = point_scale(point)[place]
    finding = Finding(direction, Line(sampled, direction).trend(), claim)
    index = _index(place, point)
    if not isfinite(finding.trend.slope.bar):
        reason = f"entry {list(index)} of the gradient is {claim[place]}, and f has no slope there."
        return _result("inconclusive", [finding], (), (), reason, seed, sampled, notes)
    entries = tuple(_index(int(each), point) for each in bad[:_NAMED])
    reason = f"Entry {list(index)} of the gradient is {claim[place]}, where f has a finite slope."
    return _result("fail", [finding], entries, ("not finite",), reason, seed, sampled, notes)


def _by_coordinates(
    sampled: Sampled, claim: Array, point: Array, seed: int, notes: list[str]
) -> GradientCheck:
    scale = point_scale(point)
    findings, states = [], []
    for place in range(point.size):
        direction = np.zeros(point.size)
        direction[place] = scale[place]
        findings.append(Finding(direction, Line(sampled, direction).trend(), claim))
    typical = float(np.max([abs(finding.predicted) for finding in findings]))
    for finding in findings:
        states.append(_judge(finding, typical, sampled, notes))
    wrong = [place for place, state in enumerate(states) if state == "fail"]
    if wrong:
        entries = tuple(_index(place, point) for place in wrong)
        mistakes = name_mistakes(findings, claim, point)
        first, unit = findings[wrong[0]], scale[wrong[0]]
        reason = (
            f"{len(wrong)} of {point.size} entries differ: entry {list(entries[0])} is "
            f"{first.predicted / unit:.10g}, differences give {_with_bar(first, unit)}."
        )
        return _result("fail", findings, entries, mistakes, reason, seed, sampled, notes)
    open_places = [place for place, state in enumerate(states) if state == "inconclusive"]
    if open_places:
        index = list(_index(open_places[0], point))
        why = findings[open_places[0]].trend.reason or "the bar is too wide to tell"
        reason = f"Entry {index} cannot be told: {why}."
        return _result("inconclusive", findings, (), (), reason, seed, sampled, notes)
    reason = f"All {point.size} entries agree with differences within their bars."
    return _result("pass", findings, (), (), reason, seed, sampled, notes)


def _by_directions(
    sampled: Sampled, claim: Array, point: Array, seed: int, notes: list[str]
) -> GradientCheck:
    rng = np.random.default_rng(seed)
    own = point_scale(point)
    middle = float(np.median(own))
    findings, states = [], []
    for number in range(_DIRECTIONS):
        signs = rng.choice([-1.0, 1.0], size=point.size)
        direction = signs * (middle if number % 2 else own)
        finding = Finding(direction, Line(sampled, direction).trend(), claim)
        typical = float(np.linalg.norm(claim * direction)) / point.size**0.5
        findings.append(finding)
        states.append(_judge(finding, typical, sampled, notes))
        if "fail" in states and number:
            break
    if "fail" in states:
        return _located(sampled, claim, point, findings, states, seed, notes)
    decided = [finding for finding, state in zip(findings, states, strict=True) if state == "pass"]
    if not decided:
        why = findings[0].trend.reason or "the bars are too wide to tell"
        reason = f"No direction could be told: {why}."
        return _result("inconclusive", findings, (), (), reason, seed, sampled, notes)
    reason = (
        f"The slopes along {len(decided)} random directions agree; one wrong entry always shows, "
        f"other errors are missed with probability at most {0.5 ** len(decided):.3g}."
    )
    return _result("pass", decided, (), (), reason, seed, sampled, notes)


def _located(
    sampled: Sampled,
    claim: Array,
    point: Array,
    findings: list[Finding],
    states: list[str],
    seed: int,
    notes: list[str],
) -> GradientCheck:
    finding = findings[states.index("fail")]
    mistakes = name_mistakes(findings, claim, point)
    places: list[int] = []
    if not mistakes:
        for place in _bisect(sampled, claim, finding):
            single = np.zeros(point.size)
            single[place] = point_scale(point)[place]
            found = Finding(single, Line(sampled, single).trend(), claim)
            if not found.agrees(claim):
                places.append(place)
    entries = tuple(_index(place, point) for place in sorted(places))
    what = f"entry {list(entries[0])} is wrong" if entries else "many entries differ"
    reason = (
        f"Along a random direction the gradient gives {finding.predicted:.10g}, differences "
        f"{_with_bar(finding, 1.0)}: {what}."
    )
    return _result("fail", findings, entries, mistakes, reason, seed, sampled, notes)


def _bisect(sampled: Sampled, claim: Array, finding: Finding) -> list[int]:
    """Coordinates where the gradient is off, by halving the set along which slopes disagree.

    The half that is evaluated tells the other one by subtraction; 4 evaluations a halving.
    """
    step = finding.trend.slope.step
    budget = sampled.calls + _BISECTION_CALLS
    bar = max(finding.trend.slope.bar, 1e-300)
    queue = [(np.arange(claim.size), finding.trend.slope.value - finding.predicted)]
    found: list[int] = []
    while queue and len(found) < _NAMED and sampled.calls < budget:
        queue.sort(key=lambda item: -abs(item[1]))
        places, gap = queue.pop(0)
        if abs(gap) <= _CLEAR * bar:
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


def _judge(finding: Finding, typical: float, sampled: Sampled, notes: list[str]) -> str:
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
    if gap <= _CLEAR * trend.slope.bar:
        return "inconclusive"
    again = Line(sampled, finding.direction * 0.7).trend()
    slope, bar = again.slope.value / 0.7, again.slope.bar / 0.7
    return "fail" if abs(finding.predicted - slope) > _CLEAR * bar else "inconclusive"


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
    return "fail" if outside > _CLEAR * bar else "inconclusive"


def _floor(sampled: Sampled) -> float:
    """A slope so small that rounding of f alone could show it."""
    return float(sampled.eps**0.5 * abs(float(sampled.start[0]))) + 1e-300


def _add(notes: list[str], note: str) -> None:
    if note not in notes and len(notes) < 4:
        notes.append(note)


def _index(place: int, point: Array) -> tuple[int, ...]:
    return tuple(int(k) for k in np.unravel_index(place, point.shape)) if point.ndim else ()


def _with_bar(finding: Finding, unit: float) -> str:
    slope = finding.trend.slope
    return f"{slope.value / unit:.10g} +- {slope.bar / unit:.1g}"


def _result(
    verdict: Literal["pass", "fail", "inconclusive"],
    findings: list[Finding],
    entries: tuple[tuple[int, ...], ...],
    mistakes: tuple[str, ...],
    reason: str,
    seed: int,
    sampled: Sampled,
    notes: list[str],
) -> GradientCheck:
    units = [float(np.max(np.abs(finding.direction))) for finding in findings]
    slopes = [finding.trend.slope for finding in findings]
    bar = max((s.bar / unit for s, unit in zip(slopes, units, strict=True)), default=float("inf"))
    step = max((s.step * unit for s, unit in zip(slopes, units, strict=True)), default=0.0)
    return GradientCheck(
        verdict, bar, step, sampled.calls, entries, mistakes, reason, seed, tuple(notes)
    )
