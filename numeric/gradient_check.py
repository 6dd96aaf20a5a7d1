"""Checking a hand-written gradient against differences, with a verdict that can be trusted.

Every comparison is of a slope with its error bar (`numeric.lines`) against what the gradient
predicts for the same direction, by the model of `numeric.judgement`. Up to 64 coordinates are
checked one by one. Beyond that, along Rademacher directions (entries +1 or -1 times a scale): one
wrong entry always shows, since abs(d'v) = abs(d_i v_i), and any other error is missed with
probability at most 1/2 a direction; bisection on the coordinates then names wrong entries. Two of
the directions are scaled by the coordinates, and two so that all entries of the gradient weigh the
same, lest a large one hides a small one. No tolerance grows with the size.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, Literal

import numpy as np

from numeric.arrays import Point, real_array, real_point, resolution
from numeric.bisection import NAMED, bisect, probe, quick_slope
from numeric.differences import point_scale, scalar_valued
from numeric.evidence import Finding, evidence_of
from numeric.exact_check import check_expression
from numeric.judgement import Judgement, judge, measured
from numeric.lines import CERTAIN, KINK, OK, Sampled
from numeric.mistakes import name_mistakes, name_mistakes_exactly
from numeric.outcome import GradientCheck, Index
from numeric.seeds import generator
from symbolic.errors import ShapeError
from symbolic.nodes import Expression
from symbolic.sizes import shape_text

Array = Any

SMALL = 64  # coordinates that are checked one by one
_DIRECTIONS = 4
_QUICK = 10  # more directions, with a wider bar
_JOINT = 4  # directions in which kinked coordinates move together
_NOTES = 4
_AFAR = 65536.0  # how much longer the steps are for entries that are lost in noise


def check_gradient(
    f: Any, grad: Any, x: Any, *, seed: int = 0, wrt: Any = None, given: Any = None
) -> GradientCheck:
    """Whether a gradient is that of f at x: pass, fail or inconclusive, with the mistake named.

    Formula: |d'g - D_d f| <= bar for coordinate or Rademacher directions d; for an expression of
    ours (or its text, with `given`) no differences at all: the exact gradient is enclosed.
    Shapes: x any, f(x) a number, the gradient in the shape of x. Conditions: f deterministic up to
    noise that its values show; at a kink every slope between the one-sided ones is accepted, with a
    note. x may be an array of any library of the array API (PyTorch, JAX). Errors: `DataError` for
    what is not real numbers, `ShapeError`. Numerical error: `bar`, see `numeric.ladder` and
    `numeric.judgement`; a pass rules out errors above the bar, which is sharp (in float64 at most 6e-6
    of the slope, or of f's change over the step), a fail is more than three bars off.
    About 55 evaluations a coordinate, or 150 to 300 in all beyond 64 coordinates.

    >>> x = np.array([1.0, 2.0, 3.0])
    >>> check_gradient(lambda x: x @ x, lambda x: 2 * x, x).verdict
    'pass'
    >>> found = check_gradient(lambda x: x @ x, lambda x: x, x)
    >>> found.verdict, found.mistakes
    ('fail', ('factor 1/2',))
    """
    if isinstance(f, (Expression, str)):
        return check_expression(f, grad, x, wrt=wrt, given=given, seed=seed)
    point = real_point(x)
    if point.values.size == 0:
        raise ShapeError("check_gradient(f, grad, x)", "x has no entries", "give a point")
    return _Check(f, grad, point, seed).result()


class _Check:
    """One run of `check_gradient`: what is known of f, the claim, and what was found so far."""

    def __init__(self, f: Callable[[Any], Any], grad: Any, point: Point, seed: int) -> None:
        self.sampled: Sampled = scalar_valued(f, point, "check_gradient(f, grad, x)")
        generator(seed)  # a bad seed is told before f runs on
        self.x, self.seed = point.values, seed
        with np.errstate(all="ignore"):
            value = grad(point.native(self.x)) if callable(grad) else grad
        self.claim = _claim(value, self.x)
        self.eps = resolution(value)
        self.scale = point_scale(self.x)
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self._note(point.note)
        if self.eps > self.sampled.eps:
            self._note("the gradient has fewer digits than f: its rounding is allowed for")

    def result(self) -> GradientCheck:
        with np.errstate(all="ignore"):
            return self._result()

    def _result(self) -> GradientCheck:
        if not isfinite(float(self.sampled.start[0])):
            return self._verdict("inconclusive", "f is not finite at x.")
        bad = np.flatnonzero(~np.isfinite(self.claim))
        if len(bad):
            return self._not_finite(bad)
        if self.x.size <= SMALL:
            return self._by_coordinates(np.arange(self.x.size))
        return self._by_directions()

    def _measured(self, direction: Array) -> Finding:
        """The slope along a direction; beyond 64 coordinates all directions share one noise."""
        known = self.findings[0].noise if self.findings and self.x.size > SMALL else None
        finding = measured(self.sampled, direction, self.claim, self.eps, known)
        self.findings.append(finding)
        return finding

    def _axis(self, place: int) -> Array:
        direction = np.zeros(self.x.size)
        direction[place] = self.scale[place]
        return direction

    def _judged(self, finding: Finding, typical: float = 0.0, largest: float = 0.0) -> Judgement:
        found = judge(finding, self.sampled, typical, largest)
        if found.state == "pass":
            self._note(found.why)
        return found

    def _not_finite(self, bad: Array) -> GradientCheck:
        """A gradient with NaN fails where the difference is finite; otherwise nothing is known."""
        place = int(bad[0])
        trend = self._measured(self._axis(place)).trend
        entry, given = self._entry(place), self.claim[place]
        if not isfinite(trend.slope.bar) or trend.status != OK:
            reason = f"{entry} of the gradient is {given}, and f has no slope there."
            return self._verdict("inconclusive", reason)
        reason = f"{entry} of the gradient is {given}, where f has a finite slope."
        entries = tuple(self._index(int(each)) for each in bad[:NAMED])
        return self._verdict("fail", reason, entries, ("not finite",))

    def _by_coordinates(self, places: Array) -> GradientCheck:
        """Every coordinate of some, one by one."""
        found = [self._measured(self._axis(int(place))) for place in places]
        sizes = np.array([max(abs(f.trend.slope.value), abs(f.predicted)) for f in found])
        own, plain = (
            np.max(s[np.isfinite(s)], initial=0.0) for s in (sizes, sizes / self.scale[places])
        )
        judged = [
            self._judged(finding, largest=float(min(own, plain * self.scale[place])))
            for finding, place in zip(found, places, strict=True)
        ]
        wrong = [k for k, each in enumerate(judged) if each.state == "fail"]
        if wrong:
            return self._wrong_coordinates(places, found, wrong)
        doubtful = [k for k, each in enumerate(judged) if each.state == "inconclusive"]
        if doubtful:
            subject = self._entry(int(places[doubtful[0]]))
            reason = f"{subject} cannot be told: {judged[doubtful[0]].why}."
            return self._verdict("inconclusive", reason)
        kinked = [
            int(p) for p, each in zip(places, found, strict=True) if each.trend.status == KINK
        ]
        doubt = self._jointly(kinked)
        if doubt:
            return self._verdict("inconclusive", doubt)
        doubt = self._from_afar(
            [int(p) for p, each in zip(places, found, strict=True) if _lost(each)]
        )
        if doubt:
            return self._verdict("inconclusive", doubt)
        count = f"All {len(places)} entries agree" if len(places) > 1 else "The entry agrees"
        return self._verdict("pass", f"{count} with differences within the bars.")

    def _wrong_coordinates(
        self, places: Array, found: list[Finding], wrong: list[int]
    ) -> GradientCheck:
        entries = tuple(self._index(int(places[k])) for k in wrong)
        first, unit = found[wrong[0]], self.scale[places[wrong[0]]]
        slopes = np.array([each.trend.slope.value for each in found]) / self.scale[places]
        bars = np.array([each.trend.slope.bar for each in found]) / self.scale[places]
        mistakes: tuple[str, ...] = ()
        if len(places) == self.x.size:
            usable = np.isfinite(bars)
            filled = np.where(usable, slopes, self.claim)
            mistakes = name_mistakes_exactly(
                self.claim.reshape(self.x.shape),
                filled.reshape(self.x.shape),
                np.where(usable, bars, 0.0).reshape(self.x.shape),
                self.x,
            )
        several = f"{len(wrong)} of {self.x.size} entries differ: entry {list(entries[0])}"
        subject = several if self.x.ndim else "The slope"
        reason = (
            f"{subject} is {first.predicted / unit:.10g}, differences give "
            f"{_with_bar(first, unit)}."
        )
        if first.trend.status == KINK:
            reason = f"{reason[:-1]} ({first.trend.reason})."
        return self._verdict("fail", reason, entries, mistakes)

    def _jointly(self, kinked: list[int]) -> str:
        """Why the claim is no subgradient along directions that move all kinked entries."""
        if len(kinked) < 2:
            return ""
        rng = generator(self.seed)
        for number in range(_JOINT):
            signs = rng.choice([-1.0, 1.0], size=len(kinked)) if number else np.ones(len(kinked))
            direction = np.zeros(self.x.size)
            direction[kinked] = signs * self.scale[kinked]
            finding = self._measured(direction)
            if judge(finding, self.sampled).state != "pass":
                slope = finding.trend.reason or f"the slope is {_with_bar(finding, 1.0)}"
                return (
                    f"Every entry lies between the one-sided slopes at its kink, but together they "
                    f"predict {finding.predicted:.6g} along a direction where {slope}."
                )
        return ""

    def _from_afar(self, lost: list[int]) -> str:
        """Why the claim cannot hold for entries whose slope only much longer steps can show."""
        left = []
        for place in lost:
            direction = self._axis(place)
            finding = measured(self.sampled, _AFAR * direction, self.claim, self.eps)
            seen = abs(finding.trend.slope.value) > CERTAIN * finding.trend.slope.bar
            if seen and judge(finding, self.sampled).state == "fail":
                unit = float(np.max(direction)) * _AFAR
                return (
                    f"{self._entry(place)} is {self.claim[place]:.6g}, lost in the noise of f; "
                    f"steps up to {finding.trend.slope.step * unit:.2g} give {_with_bar(finding, unit)}."
                )
            if _lost(finding):
                left.append(str(list(self._index(place))))
        if left:
            few = " ".join(left[:_NOTES]) + " ..." * (len(left) > _NOTES)
            self._note(f"lost beside the largest slope (bar over 1 % of them): entries {few}")
        return ""

    def _by_directions(self) -> GradientCheck:
        moving = self.x.ravel() != 0
        if not np.all(moving) and np.any(moving) and self._kinked():
            return self._around_zeros(moving)
        return self._along(np.ones(self.x.size, dtype=bool))

    def _kinked(self) -> bool:
        """Whether f has a kink along a direction that moves every coordinate."""
        signs = generator(self.seed).choice([-1.0, 1.0], size=self.x.size)
        direction = signs * self.scale
        return measured(self.sampled, direction, self.claim, self.eps).trend.status == KINK

    def _around_zeros(self, moving: Array) -> GradientCheck:
        """Kinks at zero entries (relu, abs): those one by one, the others along directions."""
        zeros = np.flatnonzero(~moving)
        one_by_one = self._by_coordinates(zeros[:SMALL])
        if one_by_one.verdict == "fail":
            return one_by_one
        others = self._along(moving)
        if others.verdict == "fail" or (one_by_one.verdict == "pass" and len(zeros) <= SMALL):
            return others
        if one_by_one.verdict == "inconclusive":
            return one_by_one
        reason = f"f has kinks at {len(zeros)} zero entries of x, of which {SMALL} were checked."
        return self._verdict("inconclusive", reason)

    def _along(self, mask: Array) -> GradientCheck:
        """Rademacher directions over the coordinates of a mask."""
        rng = generator(self.seed)
        doubts, width = [], 0.0
        for number in range(_DIRECTIONS):
            signs = rng.choice([-1.0, 1.0], size=self.x.size) * mask
            direction = signs * (self._balanced() if number % 2 else self.scale)
            finding = self._measured(direction)
            judged = self._judged(finding, self._typical(direction, mask))
            if judged.state == "fail":
                return self._located(finding)
            if judged.state == "inconclusive":
                doubts.append(judged.why)
        if not doubts:
            found, width = self._quickly(mask, rng)
            if found is not None:
                return self._located(found)
        if doubts:
            reason = (
                f"{len(doubts)} of {_DIRECTIONS} random directions cannot be told: {doubts[0]}."
            )
            return self._verdict("inconclusive", reason)
        reason = (
            f"The slopes along {_DIRECTIONS} random directions agree; one wrong entry always "
            f"shows, other errors are missed with probability at most {0.5**_DIRECTIONS:.2g}, "
            f"and {0.5 ** (_DIRECTIONS + _QUICK):.1g} beyond {width:.1g} along a direction."
        )
        return self._verdict("pass", reason)

    def _quickly(self, mask: Array, rng: Any) -> tuple[Finding | None, float]:
        """More directions at 4 evaluations each: the first wrong one, and the widest of their bars.

        They only raise suspicion; a direction that does is measured as the others are.
        """
        widest = 0.0
        step = self.findings[-1].trend.slope.step / 4
        for number in range(_QUICK):
            signs = rng.choice([-1.0, 1.0], size=self.x.size) * mask
            direction = signs * (self._balanced() if number % 2 else self.scale)
            slope, apart = quick_slope(self.sampled, direction, step)
            width = apart / 8 + 3 * self.sampled.eps * abs(float(self.sampled.start[0])) / step
            if abs(slope - float(self.claim @ direction)) <= width:
                widest = max(widest, width)
                continue
            finding = self._measured(direction)
            if self._judged(finding, self._typical(direction, mask)).state == "fail":
                return finding, widest
            widest = max(widest, finding.trend.slope.bar)
        return None, widest

    def _typical(self, direction: Array, mask: Array) -> float:
        """The slope that one entry contributes to a direction."""
        return float(np.linalg.norm(self.claim * direction)) / float(mask.sum()) ** 0.5

    def _balanced(self) -> Array:
        """Scales by which the entries of the claim weigh no more than their median."""
        weights = np.abs(self.claim) * self.scale
        middle = float(np.median(weights[weights > 0])) if np.any(weights) else 1.0
        shrink = np.minimum(1.0, middle / np.maximum(weights, 1e-300))
        return self.scale * np.exp2(np.floor(np.log2(shrink)))

    def _located(self, finding: Finding) -> GradientCheck:
        """The wrong entries, or the mistake in all, behind a direction that disagrees."""
        mistakes = self._named()
        places: list[int] = []
        if not mistakes:
            suspects, complete = bisect(self.sampled, self.claim, finding)
            whole = left = finding.trend.slope.value - finding.predicted
            for place in suspects:
                found = self._measured(self._axis(place))
                if found.gap > CERTAIN * found.trend.slope.bar:
                    places.append(place)
                    part = found.trend.slope.value - found.predicted
                    left -= part * float(finding.direction[place]) / float(self.scale[place])
            if not complete and abs(left) > abs(whole) / 10:
                mistakes = probe(self.sampled, self.claim, self.x, finding.trend.slope.step)
        entries = tuple(self._index(place) for place in sorted(places))
        unnamed = "the wrong entries could not be told apart"
        what = f"entry {list(entries[0])} is wrong" if entries else unnamed
        if mistakes and not entries:
            what = "the mistake is in many entries"
        reason = (
            f"Along a random direction the gradient gives {finding.predicted:.10g}, differences "
            f"{_with_bar(finding, 1.0)}: {what}."
        )
        return self._verdict("fail", reason, entries, mistakes)

    def _named(self) -> tuple[str, ...]:
        """A mistake in all entries, which one more direction has to confirm."""
        rng = generator(self.seed + 1)
        while len(self.findings) < 2:
            self._measured(rng.choice([-1.0, 1.0], size=self.x.size) * self._balanced())
        usable = [f for f in self.findings if f.trend.status != KINK]
        usable = [f for f in usable if isfinite(f.trend.slope.bar)]
        if len(usable) < 2:
            return ()
        return name_mistakes(evidence_of(usable), self.claim, self.x)

    def _entry(self, place: int) -> str:
        return f"Entry {list(self._index(place))}" if self.x.ndim else "The value"

    def _index(self, place: int) -> Index:
        places = np.unravel_index(place, self.x.shape) if self.x.ndim else ()
        return tuple(int(k) for k in places)

    def _note(self, note: str) -> None:
        if note and note not in self.notes and len(self.notes) < _NOTES:
            self.notes.append(note)

    def _verdict(
        self,
        verdict: Literal["pass", "fail", "inconclusive"],
        reason: str,
        entries: tuple[Index, ...] = (),
        mistakes: tuple[str, ...] = (),
    ) -> GradientCheck:
        units = [float(np.max(np.abs(finding.direction))) for finding in self.findings]
        slopes = [finding.trend.slope for finding in self.findings]
        pairs = list(zip(slopes, units, strict=True))
        bars = [
            (f.rounding + (f.trend.left.bar if f.trend.status == KINK else f.trend.slope.bar))
            / unit
            for f, unit in zip(self.findings, units, strict=True)
        ]
        bar = max(bars, default=float("inf"))
        step = max((slope.step * unit for slope, unit in pairs), default=0.0)
        return GradientCheck(
            verdict, bar, step, self.sampled.calls, entries, mistakes, reason, self.seed,
            tuple(self.notes),
        )  # fmt: skip


def _lost(finding: Finding) -> bool:
    """Whether a slope that is claimed or measured as not zero is smaller than a hundred bars."""
    trend = finding.trend
    size = max(abs(finding.predicted), abs(trend.slope.value))
    return trend.status != KINK and 0 < size < 100 * trend.slope.bar


def _claim(value: object, x: Array) -> Array:
    claim = real_array(value, "the gradient")
    if claim.shape != x.shape:
        hint = "; its transpose would fit" if claim.T.shape == x.shape else ""
        raise ShapeError(
            "the gradient",
            f"shape {shape_text(claim.shape)} at a point of shape {shape_text(x.shape)}{hint}",
            "return one slope for every entry of x",
        )
    return claim.astype(np.float64).ravel()


def _with_bar(finding: Finding, unit: float) -> str:
    slope = finding.trend.slope
    return f"{slope.value / unit:.10g} +- {slope.bar / unit:.1g}"
