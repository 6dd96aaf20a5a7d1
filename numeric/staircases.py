"""Functions that go in steps: a rounded quantity inside f, constant over a while, times a smooth one.

In (1 - cos x)/x^2 or x(1 + erf x) the rounding of 1 - cos x does not show as scatter: over small
steps it is a constant, and f is smooth with the slope of the other factor. It shows where the
constant changes, as jumps on both sides of the point, of about one height. They are looked for at
points off the grid of the steps, on which rounding repeats itself, and found by halving: the change
of a continuous function shrinks with the interval, that of a jump does not.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import inf, isfinite, prod

from numeric.ladder import RATIO, Slope

Values = Callable[[float], float]

_HALVINGS = 16
_CONTINUOUS = 2.0**-12  # of a change: a continuous function keeps less when halved 16 times
_SMOOTH = 1024.0  # an interpolation is better than this part of what a parabola leaves
_CLEAR = 8.0  # errors of f beyond which a change is one
_SMALL = 2.0**-20  # of f, or of 1: a jump that may be rounding on its own
_ALIKE = 8.0  # between the heights on the two sides
_NODES = (-1.0, -0.25, -0.0625, 0.0625, 0.25, 1.0)  # in steps; with the point itself
_BETWEEN = {1.0: (0.5701, 0.8183), -1.0: (0.4359, 0.7277)}  # of a step, on either side


def stair(values: Values, slope: Slope, longest: float, error: float, eps: float) -> float | None:
    """The height of the steps in which a function goes up and down, or None.

    `values(t)` is f at x + t d, for steps up to `longest`; `slope` that of small steps, which its
    `step` is the largest of; `error` bounds the error of f, whose rounding unit is `eps`. An edge
    of the domain of f stands for a jump on its side.
    Numerical error: None also where steps are lost in the error, or on one side only; but a small
    one is enough for a function that does not move within it.

    >>> from math import floor
    >>> found = stair(lambda t: floor(8.5 + 8 * t) / (1 + t), Slope(-8, 0, 1 / 32), 0.5, 0, 2**-52)
    >>> round(found, 1)
    1.1
    >>> stair(lambda t: (1 + t) ** 5, Slope(5, 0, 1 / 32), 0.5, 1e-15, 2**-52)
    """
    steps = _Steps(values, longest, error, eps)
    h = slope.step
    while 16 * eps < h <= longest:
        steps.fit(h / RATIO)
        if not (steps.fits(1.0, h) and steps.fits(-1.0, h)):
            return steps.height(h)
        h *= RATIO
    return None


class _Steps:
    """A function beside the parabola that small steps show."""

    def __init__(self, values: Values, longest: float, error: float, eps: float) -> None:
        self.values, self.longest, self.error, self.eps = values, longest, _CLEAR * error, eps
        self.start, self.slope, self.bend = values(0.0), 0.0, 0.0

    def fit(self, h: float) -> None:
        """The parabola through three points."""
        up, down = self.values(h), self.values(-h)
        self.slope, self.bend = (up - down) / (2 * h), (up + down - 2 * self.start) / (2 * h**2)

    def left(self, t: float) -> float:
        """What the parabola leaves of f."""
        return self.values(t) - self.start - t * (self.slope + t * self.bend)

    def between(self, side: float, h: float) -> list[float]:
        """Points between steps that are exact, and on no grid coarser than rounding."""
        return [
            side * (2 * round(part * h / (2 * self.eps)) + 1) * self.eps for part in _BETWEEN[side]
        ]

    def fits(self, side: float, h: float) -> bool:
        """Whether one polynomial goes through the samples within a step."""
        return all(self._fits(side * h, t) for t in self.between(side, h))

    def _fits(self, h: float, t: float) -> bool:
        weights = _weights(t / h)
        pairs = zip(weights, _NODES, strict=True)
        fitted = sum(weight * self.left(node * h) for weight, node in pairs)
        error = self.error * (1 + sum(map(abs, weights)))
        return abs(self.left(t) - fitted) <= max(abs(self.left(h)) / _SMOOTH, error)

    def height(self, h: float) -> float | None:
        """The height of jumps on both sides, of which one lies within a step."""
        for side in (1.0, -1.0):
            here = self.jump(side, h)
            if here:
                there = self.beyond(-side, h, here)
                height = max((each for each in (here, there) if each < inf), default=0.0)
                alone = not self.slope and height <= _SMALL * max(1.0, abs(self.start))
                return height if height and (there or alone) else None
        return None

    def jump(self, side: float, h: float) -> float:
        """The height of a jump between a quarter of a step and the whole; infinite at an edge."""
        places = [side * h / RATIO, *sorted(self.between(side, h), key=abs), side * h]
        if not all(isfinite(self.left(t)) for t in places):
            return inf
        near, far = max(
            pairwise(places), key=lambda part: abs(self.left(part[1]) - self.left(part[0]))
        )
        return self._halved(near, far)

    def beyond(self, side: float, h: float, height: float) -> float:
        """The height of the first jump on one side, if it is much like another; an edge always is."""
        least = height / 4 if height < inf else self.error
        while h <= self.longest:
            if not all(abs(self.left(t)) <= least for t in (*self.between(side, h), side * h)):
                found = self.jump(side, h)
                alike = height / _ALIKE <= found <= height * _ALIKE
                return found if alike or inf in (found, height) else 0.0
            h *= RATIO
        return 0.0

    def _halved(self, near: float, far: float) -> float:
        """The change that is left when the interval is halved towards the larger change."""
        low, high = self.left(near), self.left(far)
        least = max(_CONTINUOUS * abs(high - low), self.error)
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            value = self.left(middle)
            if abs(value - low) >= abs(high - value):
                far, high = middle, value
            else:
                near, low = middle, value
            if abs(high - low) <= least:
                return 0.0
        return abs(high - low)


def _weights(t: float) -> list[float]:
    """Lagrange's weights of the nodes at t; the node 0 has the value 0 here."""
    nodes = (*_NODES, 0.0)
    return [
        prod((t - other) / (node - other) for other in nodes if other != node) for node in _NODES
    ]
