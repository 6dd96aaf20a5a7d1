"""A function along a line through a point: its samples, its noise, and its slope of one output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
from typing import Any

import numpy as np

from numeric.ladder import NOTHING, RATIO, Quotient, Slope, climb, noise_level

Array = Any

OK, NOISY, EDGE, KINK, NOT_FINITE = "ok", "noisy", "edge", "kink", "not finite"
STATUSES = (OK, NOISY, EDGE, KINK, NOT_FINITE)  # from the best to the worst

_LOWER_STARTS = (0, -5, -9)  # rungs to start from, while larger steps do not settle
_NOISE_SHIFTS = (8, 16, 24, 32)  # spacings of the noise table, in powers of two above eps
_UNEVEN = 1.2718281828  # keeps spacings off the grid, where rounding errors repeat


class Sampled:
    """A function that counts its calls and answers NaN where it cannot be computed."""

    def __init__(self, f: Callable[[Array], Any], x: Array) -> None:
        self.f, self.x, self.calls = f, x, 0
        with np.errstate(all="ignore"):
            first = np.asarray(f(x.copy()))
        self.calls += 1
        self.shape = first.shape
        self.start = first.astype(np.float64).ravel()
        narrow = [a.dtype for a in (x, first) if a.dtype in (np.float16, np.float32)]
        self.eps = float(max([np.finfo(t).eps for t in narrow], default=np.finfo(np.float64).eps))

    def __call__(self, x: Array) -> Array:
        self.calls += 1
        try:
            with np.errstate(all="ignore"):
                value = np.asarray(self.f(x), dtype=np.float64)
        except (ValueError, ArithmeticError):
            return np.full(self.start.size, np.nan)
        return value.ravel()


@dataclass(frozen=True)
class Trend:
    """The slope of one output along a line: its value and bar, its status, and why.

    `left` and `right` are the one-sided slopes where the two differ.
    """

    slope: Slope
    status: str = OK
    reason: str = ""
    left: Slope = NOTHING
    right: Slope = NOTHING


class Line:
    """Samples of a function at x + t*direction, shared by all its outputs and kept."""

    def __init__(self, f: Sampled, direction: Array) -> None:
        self.f, self.direction = f, direction
        sides = np.flatnonzero(direction)
        self.only = int(sides[0]) if len(sides) == 1 else None
        self._rungs: dict[int, tuple[float, Array, Array]] = {}
        self._noise: tuple[Array, list[Slope]] | None = None
        reach = float(np.max(np.abs(direction)))
        self.longest = max(reach, 1.0) / (2 * reach)

    def rung(self, place: int) -> tuple[float, Array, Array]:
        """The step of a rung and the outputs on both sides; one unit of `direction` is step 1."""
        if place not in self._rungs:
            t = 4 * self.f.eps**0.5 * RATIO**place
            x = self.f.x
            plus = (x.ravel() + (t * self.direction).astype(x.dtype)).astype(x.dtype)
            step = plus - x.ravel()
            minus = x.ravel() - step
            if self.only is not None:
                t = float(step[self.only]) / float(self.direction[self.only])
            if t > self.longest or t == 0:
                nothing = np.full(self.f.start.size, np.nan)
                self._rungs[place] = (t, nothing, nothing)
            else:
                up, down = self.f(plus.reshape(x.shape)), self.f(minus.reshape(x.shape))
                self._rungs[place] = (t, up, down)
        return self._rungs[place]

    def noise(self) -> tuple[Array, list[Slope]]:
        """Three times the noise of every output, and its slope at the spacing that showed it."""
        if self._noise is None:
            self._noise = self._measured()
        return self._noise

    def _measured(self) -> tuple[Array, list[Slope]]:
        size = self.f.start.size
        level, anchors = np.zeros(size), [NOTHING] * size
        flat = np.zeros(size)  # a spacing over which the output does not change at all
        waiting = set(range(size))
        for shift in _NOISE_SHIFTS:
            spacing = _UNEVEN * self.f.eps * 2.0**shift
            if spacing > 0.01 or not waiting:
                break
            table = self._table(spacing)
            for place in sorted(waiting):
                values = table[:, place].tolist()
                if not all(map(isfinite, values)):
                    continue
                changes = sum(a != b for a, b in pairwise(values))
                grain = abs(values[8] - values[0]) * flat[place] / spacing
                level[place] = max(level[place], 3 * noise_level(values), 3 * grain)
                anchors[place] = self._anchor(values, level[place], spacing)
                if changes == 0:
                    flat[place] = spacing
                if changes >= 4:
                    waiting.discard(place)
        return level, anchors

    def _table(self, spacing: float) -> Array:
        x = self.f.x
        rows = []
        for j in range(-4, 5):
            moved = x.ravel() + (j * spacing * self.direction).astype(x.dtype)
            rows.append(self.f(moved.reshape(x.shape)) if j else self.f.start)
        return np.array(rows)

    def _anchor(self, values: list[float], noise: float, spacing: float) -> Slope:
        noise += 2 * self.f.eps * max(map(abs, values))
        wide = (values[8] - values[0]) / (8 * spacing)
        narrow = (values[6] - values[2]) / (4 * spacing)
        slip = 2.0**-10 if spacing < self.f.eps * 2.0**12 else 2.0**-18
        bar = 2 * abs(wide - narrow) + noise / (2 * spacing) + slip * abs(wide)
        return Slope(wide, bar, 4 * spacing)

    def trend(self, place: int = 0) -> Trend:
        """The slope of output number `place`."""
        start = float(self.f.start[place])
        if not isfinite(start):
            return Trend(NOTHING, NOT_FINITE, "f is not finite at the point")
        noise, anchors = self.noise()
        anchor = anchors[place]
        above, below = self._finite(place, 1), self._finite(place, -1)
        if not above and not below:
            return Trend(NOTHING, NOT_FINITE, "f is finite on neither side of the point")
        if not above or not below:
            slope = self._one_sided(place, 1 if above else -1)
            side = "right" if above else "left"
            settled = "a one-sided slope" if isfinite(slope.bar) else "its slope does not settle"
            return Trend(slope, EDGE, f"f is finite on the {side} only: {settled}")
        if self._bends(place):
            left, right = self._one_sided(place, -1), self._one_sided(place, 1)
            middle = Slope((left.value + right.value) / 2, max(left.bar, right.bar), left.step)
            reason = f"a kink: slopes {left.value:.6g} on the left, {right.value:.6g} on the right"
            return Trend(middle, KINK, reason, left, right)
        slope = self._central(place, anchor)
        if not isfinite(slope.bar):
            return Trend(slope, NOISY, "differences at different steps do not agree")
        if noise[place] > 1000 * self.f.eps * max(abs(start), 1e-300):
            return Trend(slope, NOISY, f"f carries noise of about {noise[place] / 3:.1e}")
        return Trend(slope)

    def _finite(self, place: int, side: int) -> bool:
        for start in _LOWER_STARTS:
            _, up, down = self.rung(start)
            if isfinite((up if side > 0 else down)[place]):
                return True
        return False

    def _central(self, place: int, anchor: Slope) -> Slope:
        best = anchor
        for first in _LOWER_STARTS:
            found = climb(lambda k: self._quotient(k, place), 2, first, anchor)
            if found.bar < best.bar:
                best = found
            if found.step > self.rung(first + 2)[0]:
                break
        return best

    def _quotient(self, rung: int, place: int) -> tuple[float, float, float]:
        step, up, down = self.rung(rung)
        value = (up[place] - down[place]) / (2 * step) if step else float("nan")
        return float(value), self._error(place, up, down) / step if step else inf, step

    def _error(self, place: int, *samples: Array) -> float:
        largest = max(abs(float(self.f.start[place])), *(abs(float(s[place])) for s in samples))
        return float(self.noise()[0][place]) + 2 * self.f.eps * largest

    def _one_sided(self, place: int, side: int) -> Slope:
        start = float(self.f.start[place])

        def quotient(rung: int) -> tuple[float, float, float]:
            step, up, down = self.rung(rung)
            sample = up if side > 0 else down
            if step == 0:
                return float("nan"), inf, step
            value = side * (float(sample[place]) - start) / step
            return value, 2 * self._error(place, sample) / step, step

        best = NOTHING
        for first in _LOWER_STARTS:
            found = climb(quotient, 1, first)
            nearest = quotient(first)[0]
            if isfinite(found.bar) and self._settles(quotient, first):
                bar = max(found.bar, 2 * abs(found.value - nearest))
                if bar < best.bar:
                    best = Slope(found.value, bar, found.step)
            if found.step > self.rung(first + 2)[0]:
                break
        return best

    def _settles(self, quotient: Quotient, first: int) -> bool:
        """Whether one-sided quotients come closer to each other as the step shrinks."""
        (a, noise, _), (b, _, _), (c, _, _) = (quotient(first + k) for k in range(3))
        return abs(a - b) <= max(0.8 * abs(b - c), noise)

    def _bends(self, place: int) -> bool:
        """Whether the two one-sided slopes stay apart as the step shrinks."""
        gaps = []
        for rung in (-3, -1, 1):
            step, up, down = self.rung(rung)
            gap = float(up[place] - 2 * self.f.start[place] + down[place]) / step
            if not isfinite(gap) or abs(gap) <= 10 * self._error(place, up, down) / step:
                return False
            gaps.append(abs(gap))
        return gaps[0] > 0.3 * gaps[1] and gaps[0] > 0.3 * gaps[2]

    def curvature(self, rung: int, place: int = 0) -> tuple[float, float, float]:
        """The second difference quotient of a rung, its noise and its step."""
        step, up, down = self.rung(rung)
        if step == 0:
            return float("nan"), inf, step
        value = (up[place] - 2 * self.f.start[place] + down[place]) / step**2
        return float(value), 4 * self._error(place, up, down) / step**2, step
