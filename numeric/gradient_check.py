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

from numeric.bisection import NAMED, bisect
from numeric.differences import point_scale, real_point
from numeric.judgement import judge
from numeric.lines import Line, Sampled
from numeric.mistakes import Finding, name_mistakes
from symbolic.errors import DataError, ShapeError
from symbolic.sizes import shape_text

Array = Any

SMALL = 64  # coordinates that are checked one by one
_DIRECTIONS = 4


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
    entries = tuple(_index(int(each), point) for each in bad[:NAMED])
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
        states.append(judge(finding, typical, sampled, notes))
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
        if "fail" in states:
            break
        states.append(judge(finding, typical, sampled, notes))
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
        for place in bisect(sampled, claim, finding):
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
