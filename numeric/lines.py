"""A function along a line through a point: its samples, its noise, and the slope of one output.

Three limits are taken from the same samples, each with its bar (`numeric.ladder`): the slope of the
central differences; the bend, the difference of the one-sided slopes; and the jump on either side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import frexp, inf, isfinite, ldexp, log
from typing import Any

import numpy as np

from numeric.arrays import Point, real_array, resolution
from numeric.ladder import ALL, EVEN, NOTHING, ODD, RATIO, Quotient, Slope, climb
from numeric.noise import SPREADS, Noise, measured_noise, noise_level, spacings
from numeric.staircases import stair
from symbolic.errors import DataError

Array = Any

OK, NOISY, EDGE, KINK, JUMP, NOT_FINITE = "ok", "noisy", "edge", "kink", "jump", "not finite"
STATUSES = (OK, NOISY, EDGE, KINK, JUMP, NOT_FINITE)  # from the best to the worst

CERTAIN = 3.0  # bars by which a limit must differ from zero to be called a kink or a jump
_STARTS = (0, -5, -9)  # rungs to start from, while larger steps do not settle
_SETTLED = 1e-3  # a bar below this part of the slope leaves no room for a jump
_RUNGS = 40
_INSIDE = 8.0  # roundings inside f that its value need not show
_COARSE = (0, 4, 8)  # rungs from which larger steps are asked for a second opinion
_FAR = 7  # samples of the noise at a far step
_RIPPLE = 2.0**-20  # of the change of f: below this a ripple may be noise
_SURE_RIPPLE = 2.0**-34  # of the change of f: below this it is
_ROUNDED = 64.0  # units of rounding that a step inside f may have
_ROUNDING = 1000.0  # units of rounding beyond which noise is worth a word


class Sampled:
    """A function that counts its calls and answers NaN where it cannot be computed.

    Errors: `DataError` when it is no function, or does not give real numbers at the point itself.
    """

    def __init__(self, f: Callable[[Any], Any], point: Point) -> None:
        if not callable(f):
            raise DataError("f", f"{type(f).__name__} is not callable", "give a function")
        self.f, self.point, self.x, self.calls = f, point, point.values, 0
        with np.errstate(all="ignore"):
            first, second = f(point.native(self.x)), f(point.native(self.x))
        self.calls += 2
        start = real_array(first, "f(x)")
        self.shape = start.shape
        self.start = start.astype(np.float64).ravel()
        self.random = np.abs(self(self.x, real_array(second, "f(x)")) - self.start)
        self.random[~np.isfinite(self.random)] = 0.0
        narrow = max(resolution(self.x), resolution(point.native(self.x)))
        self.eps = max(narrow, resolution(first) if self.start.size else 0.0)

    def __call__(self, x: Array, value: Any = None) -> Array:
        """The outputs at x, flat."""
        if value is None:
            self.calls += 1
            try:
                with np.errstate(all="ignore"):
                    value = real_array(self.f(self.point.native(x)), "f(x)")
            except (ValueError, ArithmeticError):
                return np.full(self.start.size, np.nan)
        if value.shape != self.shape:
            found = f"shapes {self.shape} and {value.shape} at points of one shape"
            raise DataError("f(x)", found, "give a function whose value keeps its shape")
        return value.astype(np.float64).ravel()


@dataclass(frozen=True)
class Trend:
    """The slope of one output along a line: its value and bar, its status, and why.

    `left` and `right` are the one-sided slopes where the two differ (or those of small and of large
    steps, where these do); the reason is a template of them; `bend` is the difference of
    the one-sided slopes, known up to its bar; `rival` is the slope that smaller steps show, where
    noise and structure cannot be told apart.
    """

    slope: Slope
    status: str = OK
    reason: str = ""
    left: Slope = NOTHING
    right: Slope = NOTHING
    bend: Slope = NOTHING
    rival: float | None = None

    def said(self, unit: float) -> str:
        """The reason, its slopes told for a direction `unit` times shorter.

        >>> kink = Trend(NOTHING, KINK, "slopes {left} and {right}", Slope(0, 0, 1), Slope(4, 0, 1))
        >>> kink.said(2.0)
        'slopes 0.0 and 2.0'
        """
        return self.reason.format(left=self.left.value / unit, right=self.right.value / unit)


class Line:
    """Samples of a function at x + t*direction, shared by all its outputs and kept.

    `noise` may be that of another line, which has looked for steps inside f and for far noise too.
    """

    def __init__(self, f: Sampled, direction: Array, noise: Noise | None = None) -> None:
        self.f, self.direction = f, direction
        reach = float(np.max(np.abs(direction), initial=0.0)) or 1.0
        self.longest = max(reach, 1.0) / (2 * reach)
        self.unit = ldexp(1.0, frexp(4 * f.eps**0.5)[1] - 1)
        self._samples: dict[float, Array] = {}
        self._flat: dict[int, tuple[float, float]] = {}
        self._known = noise

    def step(self, rung: int) -> float:
        """The step of a rung, a power of two: exact in the coordinates where it does not round."""
        return self.unit * RATIO**rung

    def at(self, t: float) -> Array:
        """The outputs at x + t*direction; NaN beyond the longest step or where x does not move."""
        if t not in self._samples:
            x = self.f.x
            moved = (x.ravel() + (t * self.direction).astype(x.dtype)).astype(x.dtype)
            moves = np.any(moved != x.ravel()) and abs(t) <= self.longest
            nothing = np.full(self.f.start.size, np.nan)
            self._samples[t] = self.f(moved.reshape(x.shape)) if moves else nothing
        return self._samples[t]

    @cached_property
    def noise(self) -> Noise:
        """The noise of every output along this line."""
        if self._known is not None:
            return replace(self._known, anchors=[NOTHING] * self.f.start.size)
        return measured_noise(self.at, self.f.start, 3 * self.f.random, self.f.eps, self.unit)

    def secant(self, step: float) -> float:
        """The largest abs(f(x + t d) - f(x))/abs(t) of the first output among t of that size."""
        sizes = [
            abs(float(v[0]) - float(self.f.start[0])) / abs(t)
            for t, v in self._samples.items()
            if step / RATIO <= abs(t) <= step
        ]
        return max(filter(isfinite, sizes), default=0.0)

    def curvature(self, step: float) -> float:
        """The size of the second difference of the first output at a step that was sampled."""
        up, down = self._samples.get(step), self._samples.get(-step)
        if up is None or down is None:
            return 0.0
        value = abs(float(up[0] + down[0] - 2 * self.f.start[0])) / step**2
        return value if isfinite(value) else 0.0

    def trend(self, place: int = 0) -> Trend:
        """The slope of output number `place`."""
        start = float(self.f.start[place])
        if not isfinite(start):
            return Trend(NOTHING, NOT_FINITE, "f is not finite at the point")
        above, below = self._finite(place, 1), self._finite(place, -1)
        if not above and not below:
            return Trend(NOTHING, NOT_FINITE, "f is finite on neither side of the point")
        if not above or not below:
            slope = self._limit(self._one_sided(place, 1 if above else -1), ALL)
            side = "right" if above else "left"
            settled = "a one-sided slope" if isfinite(slope.bar) else "its slope does not settle"
            return Trend(slope, EDGE, f"f is finite on the {side} only: {settled}")
        slope = self._limit(self._central(place), EVEN, ALL, anchor=self.noise.anchors[place])
        if slope.step > 1 and self._known is None and self._noisier(place, slope.step):
            slope = self._limit(self._central(place), EVEN, ALL, anchor=self.noise.anchors[place])
        if not slope.bar <= _SETTLED * abs(slope.value):
            for sign, side in ((1, "right"), (-1, "left")):
                jump = self._limit(self._change(place, sign), ALL)
                nearest = self._change(place, sign)(_STARTS[-1])[0]
                if abs(jump.value) > max(CERTAIN * jump.bar, 2 * abs(jump.value - nearest)):
                    return Trend(NOTHING, JUMP, f"f jumps by about {jump.value:.3g} on the {side}")
        flat = self._flat_slope(place)
        if flat is not None and not isfinite(slope.bar):
            return self._stairs(place, flat) or Trend(flat)
        if flat is not None and abs(slope.value) > flat.bar + slope.bar:
            reason = f"flat over steps of {flat.step:.1e}, slope {{right:.4g}} over larger ones"
            plain = Trend(flat, OK, reason, flat, slope, rival=slope.value)
            return self._between(place, flat, slope) or self._stairs(place, flat) or plain
        if flat is not None and flat.bar < slope.bar:
            return self._stairs(place, flat) or Trend(flat)
        ripple = self._ripple(place, slope) or self._stairs(place, slope)
        if ripple is not None:
            return ripple
        bend = self._limit(self._bend(place), ODD, ALL)
        if abs(bend.value) > CERTAIN * bend.bar and isfinite(slope.bar):
            half, bar = bend.value / 2, slope.bar + bend.bar / 2
            left, right = (Slope(slope.value + s * half, bar, slope.step) for s in (-1, 1))
            reason = "a kink: slopes {left:.6g} on the left, {right:.6g} on the right"
            middle = Slope(slope.value, abs(half) + bar, slope.step)
            return Trend(middle, KINK, reason, left, right, bend)
        return self._smooth(place, slope, bend)

    def _smooth(self, place: int, slope: Slope, bend: Slope) -> Trend:
        if not isfinite(slope.bar):
            return Trend(slope, NOISY, "differences at different steps do not agree", bend=bend)
        noise = self.noise.level[place] / 3
        coarse = noise > _ROUNDING * self.f.eps * self._largest(place, slope.step)
        if coarse and self.noise.flat[place] > 16 * self.unit and slope.value:
            reason = f"f is a staircase: flat over steps of {self.noise.flat[place]:.1e}"
            return Trend(slope, NOISY, reason, bend=bend, rival=0.0)
        if self.f.random[place]:
            reason = f"f is random: two values at x differ by {self.f.random[place]:.1e}"
            return Trend(slope, NOISY, reason, bend=bend)
        if coarse:
            return Trend(slope, NOISY, f"f carries noise of about {noise:.1e}", bend=bend)
        return Trend(slope, bend=bend)

    def _flat_slope(self, place: int) -> Slope | None:
        """Slope zero where f does not change at all over small steps.

        Rounding of numbers near 1 inside f may hide a slope; the bar holds what it can hide.
        """
        reach, _ = self._flatness(place)
        hidden = _INSIDE * self.f.eps * max(1.0, abs(float(self.f.start[place])))
        return Slope(0.0, hidden / reach, reach) if reach else None

    def _flatness(self, place: int) -> tuple[float, float]:
        """The largest step over which an output does not change, and its first change beyond."""
        if place not in self._flat:
            start, reach, change = float(self.f.start[place]), 0.0, 0.0
            for rung in range(_RUNGS):
                h = self.step(rung)
                change = max(abs(float(self.at(t)[place]) - start) for t in (h, -h))
                if change != 0:
                    break
                reach = h
            self._flat[place] = (reach, change if reach and isfinite(change) else 0.0)
        return self._flat[place]

    def _ripple(self, place: int, fine: Slope) -> Trend | None:
        """The slope of larger steps, where that of small ones is a ripple too small to be meant."""
        for first in _COARSE:
            found = self._between(place, fine, climb(self._central(place), EVEN, first))
            if found is not None:
                return found
        return None

    def _between(self, place: int, fine: Slope, coarse: Slope) -> Trend | None:
        """What two scales of steps say together when they differ by a ripple.

        Rounding inside f (of exp(t) in (exp(t) - 1)/t) shows as a ripple of f; its height is what
        the two slopes differ by over the small step. The bar holds both slopes, unless the height
        is one that only noise has.
        """
        gap = abs(fine.value - coarse.value)
        if not fine.step < coarse.step or not gap > fine.bar + coarse.bar:
            return None
        start = float(self.f.start[place])
        near = [v[place] for t, v in self._samples.items() if abs(t) <= coarse.step]
        moves = max(filter(isfinite, (abs(float(v) - start) for v in near)), default=0.0)
        height = gap * fine.step
        if height > _RIPPLE * moves:
            return None
        sure = max(_SURE_RIPPLE * moves, 4 * float(self.noise.level[place]))
        bar = coarse.bar + gap * (height > sure)
        reason = "slopes {left:.4g} and {right:.4g} at two scales of steps"
        wide = Slope(coarse.value, bar, coarse.step)
        return Trend(wide, NOISY, reason, fine, coarse, rival=fine.value)

    def _stairs(self, place: int, fine: Slope) -> Trend | None:
        """The slope over many steps of a function that goes in steps, its bar from their height.

        The bar holds the slope within a step too, unless the height is one that rounding has.
        """
        if not isfinite(fine.bar) or self._known is not None:
            return None
        start = float(self.f.start[place])

        def values(t: float) -> float:
            return float(self.at(t)[place]) if t else start

        error = self.error(place, 0.0, start) if fine.value else 2 * self.f.eps * abs(start)
        height = stair(values, fine, self.longest, error, self.f.eps)
        if height is None:
            return None
        central = self._central(place)

        def quotient(rung: int) -> tuple[float, float, float]:
            value, noise, h = central(rung)
            return value, noise + height / h, h

        first = round(log(fine.step / self.unit, RATIO)) + 1
        coarse = climb(quotient, EVEN, first)
        reason = f"f goes in steps of about {height:.1e}: slope {{left:.4g}} within one"
        if not isfinite(coarse.bar):
            return Trend(coarse, NOISY, reason, fine, coarse, rival=fine.value)
        rounding = height <= _ROUNDED * self.f.eps * max(1.0, abs(start))
        bar = coarse.bar + (not rounding) * abs(coarse.value - fine.value)
        slope = Slope(coarse.value, bar, coarse.step)
        return Trend(
            slope, NOISY, f"{reason}, {{right:.4g}} over many", fine, coarse, rival=fine.value
        )

    def _noise_of(self, place: int, h: float, up: float, down: float) -> float:
        """The error of a central difference; infinite where f does not change, which says nothing."""
        if up == down == float(self.f.start[place]):
            return inf
        return self.error(place, h, up, down)

    def _largest(self, place: int, reach: float) -> float:
        """The size of the samples within a reach."""
        sizes = [abs(float(v[place])) for t, v in self._samples.items() if abs(t) <= reach]
        return max([abs(float(self.f.start[place])), *filter(isfinite, sizes)])

    def _finite(self, place: int, side: int) -> bool:
        return any(isfinite(self.at(side * self.step(first))[place]) for first in _STARTS)

    def _limit(
        self, quotient: Quotient, *series: tuple[int, ...], anchor: Slope = NOTHING
    ) -> Slope:
        best = anchor
        for first in _STARTS:
            for powers in series:
                found = climb(quotient, powers, first, anchor)
                if found.bar < best.bar:
                    best = found
            if best.bar < quotient(first - 1)[1]:
                break
        return best

    def _central(self, place: int) -> Quotient:
        def quotient(rung: int) -> tuple[float, float, float]:
            h = self.step(rung)
            up, down = float(self.at(h)[place]), float(self.at(-h)[place])
            return (up - down) / (2 * h), self._noise_of(place, h, up, down) / h, h

        return quotient

    def _bend(self, place: int) -> Quotient:
        start = float(self.f.start[place])

        def quotient(rung: int) -> tuple[float, float, float]:
            h = self.step(rung)
            up, down = float(self.at(h)[place]), float(self.at(-h)[place])
            return (up - 2 * start + down) / h, 4 * self.error(place, h, up, down) / h, h

        return quotient

    def _one_sided(self, place: int, side: int) -> Quotient:
        change = self._change(place, side)

        def quotient(rung: int) -> tuple[float, float, float]:
            value, noise, h = change(rung)
            return side * value / h, noise / h, h

        return quotient

    def _change(self, place: int, side: int) -> Quotient:
        start = float(self.f.start[place])

        def quotient(rung: int) -> tuple[float, float, float]:
            h = self.step(rung)
            value = float(self.at(side * h)[place])
            return value - start, 2 * self.error(place, h, value), h

        return quotient

    def error(self, place: int, h: float, *samples: float) -> float:
        """A bound on the error of f at some samples: its measured noise, never below rounding.

        Where f is flat over small steps, its first change is the grain of its values.
        """
        largest = max(abs(float(self.f.start[place])), *map(abs, samples))
        bound = float(self.noise.level[place]) + h * float(self.noise.growth[place])
        bound += 2 * self.f.eps * largest + self._flatness(place)[1]
        return bound if isfinite(bound) else inf

    def _noisier(self, place: int, h: float) -> bool:
        """Whether f carries more noise at a far step: quantities inside that grow with x round more."""
        level = 0.0
        for spacing in spacings(self.f.eps, self.unit)[1:]:
            far = [float(self.at(h + j * spacing * h)[place]) for j in range(-_FAR, 1)]
            if not all(map(isfinite, far)):
                break
            level = max(level, SPREADS * noise_level(far))
            if sum(a != b for a, b in pairwise(far)) > _FAR // 2:
                break
        noisier = level > float(self.noise.level[place])
        if noisier:
            self.noise.growth[place] = level / h
        return noisier
