"""Which claims are right, by sixty digits at random points and central differences of f itself.

A claim that differs from the derivative at one point of the domains is wrong;
one that agrees to thirty digits at all of many is taken to be right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np

from tests.derivations.mutants.oracle import value
from tests.derivations.mutants.points import all_sizes, draw, missing, numbers, precise

Array = Any
Point = Mapping[str, Array]

AGREED = mpmath.mpf(10) ** -28  # a relative difference of an entry below is none
LOST = mpmath.mpf(10) ** -45  # so is a difference below, relative to the largest entry
CLOSE = mpmath.mpf(10) ** -12  # both, where one side is a difference quotient
STEP_DIGITS = 22
MANY_DIGITS = 1000
_SWITCHES = ("abs", "sign", "relu", "step", "maximum", "minimum", "where", "max", "min")
_SIDES = 8  # directions in which a jump is looked for
_PATIENCE = 20  # points that are tried for each at which there are values


@dataclass(frozen=True)
class Question:
    """A function, what it is differentiated by, and the textbook's answer.

    kind  "gradient" of a scalar, "jacobian" of any other, "hessian" of a scalar, or "equality"
    """

    id: str
    kind: str
    given: Mapping[str, str]
    f: str
    wrt: str
    right: str
    source: str = field(default="", compare=False)


class Truth:
    """Decides claims about one question; the right values are worked out once a point."""

    def __init__(self, question: Question, seed: int = 0) -> None:
        self.question, self.seed = question, seed
        self.points: list[tuple[dict[str, Array], dict[str, int], Array]] = []

    def is_right(self, claim: str) -> bool | None:
        """Whether a claim has the value of the book's answer; None where it has none.

        With switches in it many points are asked, as two of them may differ in a small region only.
        """
        points = 30 if any(f"{name}(" in claim for name in _SWITCHES) else 8
        seen = 0
        for place in range(_PATIENCE * points):
            if seen == points:
                break
            point, sizes, right = self._at(place)
            found = None if right is None else _finite(value(claim, point, sizes))
            if right is None or found is None:
                continue
            seen += 1
            if found.shape != right.shape or not agree(found, right):
                return False
        return True if seen else None

    def book_is_right(self, points: int = 3) -> bool:
        """Whether the book's answer is the derivative of f, at so many points where both have values."""
        seen = 0
        for place in range(_PATIENCE * points):
            if seen == points:
                break
            point, sizes, right = self._at(place)
            if right is None:
                continue
            if _finite(value(self.question.f, point, sizes)) is None:
                continue
            slope = derivative(self.question, point, sizes)
            if slope.shape != right.shape or not agree(slope, right, CLOSE, CLOSE):
                return False
            seen += 1
        return seen > 0

    def is_refuted_by(
        self, claim: str, values: Mapping[str, Any], sizes: Mapping[str, int]
    ) -> bool:
        """Whether f has a derivative at a point, and the claim another value or none."""
        given = self.question.given
        written = {name: np.asarray(values[name], dtype=object) for name in values}
        point = {name: written.get(name, missing(given, name, sizes)) for name in given}
        near = precise(point)
        try:
            slope = derivative(self.question, near, sizes)
        except ZeroDivisionError:
            return False
        there = _finite(value(self.question.right, near, sizes))
        if _finite(slope) is None or there is None or not agree(slope, there, CLOSE, CLOSE):
            return False
        if not self._is_continuous(near, sizes, there):
            return False
        with mpmath.workdps(MANY_DIGITS):  # saturated functions differ far behind the point
            exact = numbers(point)
            right = value(self.question.right, exact, sizes)
            found = _finite(value(claim, exact, sizes))
            least = mpmath.mpf(10) ** (60 - MANY_DIGITS)
            return (
                found is None or found.shape != right.shape or not agree(found, right, least, least)
            )

    def _is_continuous(
        self, point: Mapping[str, Array], sizes: Mapping[str, int], there: Array
    ) -> bool:
        """Whether the derivative has no jump there: close by, on all sides, it is the same."""
        wrt, rng = self.question.wrt, np.random.default_rng(self.seed)
        for _ in range(_SIDES):
            signs = rng.choice([-1, 1], size=point[wrt].shape)
            moved = point[wrt] + mpmath.mpf(10) ** -STEP_DIGITS * signs
            near = _finite(value(self.question.right, {**point, wrt: moved}, sizes))
            if near is None or not agree(near, there, CLOSE, CLOSE):
                return False
        return True

    def _at(self, place: int) -> tuple[dict[str, Array], dict[str, int], Array]:
        while len(self.points) <= place:
            number = len(self.points)
            rng = np.random.default_rng([self.seed, number])
            choices = all_sizes(self.question.given)
            sizes = choices[number % len(choices)]
            point = precise(draw(self.question.given, sizes, rng))
            self.points.append((point, sizes, _finite(value(self.question.right, point, sizes))))
        return self.points[place]


def _finite(found: Array) -> Array | None:
    """The array, unless an entry is no finite real number."""
    for entry in found.flat:
        if isinstance(entry, mpmath.mpc) or not mpmath.isfinite(entry):
            return None
    return found


def agree(left: Array, right: Array, relative: Any = AGREED, lost: Any = LOST) -> bool:
    """Whether all entries agree."""
    scale = max((abs(entry) for entry in (*left.flat, *right.flat)), default=0)
    return all(
        abs(a - b) <= max(relative * max(abs(a), abs(b)), lost * max(scale, 1))
        for a, b in zip(left.flat, right.flat, strict=True)
    )


def derivative(question: Question, point: Point, sizes: Mapping[str, int]) -> Array:
    """The derivative of f at a point, by central differences in sixty digits."""
    if question.kind == "hessian":
        return _second(question, point, sizes)
    return _first(question.f, question.wrt, point, sizes)


def _moved(point: Point, name: str, place: tuple[int, ...], step: Any) -> dict[str, Array]:
    array = point[name].copy()
    array[place] += step
    return {**point, name: array}


def _first(f: str, wrt: str, point: Point, sizes: Mapping[str, int]) -> Array:
    step = mpmath.mpf(10) ** -STEP_DIGITS
    places = list(np.ndindex(point[wrt].shape))
    columns = [
        (
            value(f, _moved(point, wrt, p, step), sizes)
            - value(f, _moved(point, wrt, p, -step), sizes)
        )
        / (2 * step)
        for p in places
    ]
    arrays = [np.asarray(column, dtype=object) for column in columns]
    inner = arrays[0].shape
    result = np.empty((*inner, *point[wrt].shape), dtype=object)
    for place, array in zip(places, arrays, strict=True):
        for at in np.ndindex(inner):
            result[(*at, *place)] = array[at]
    return result


def _second(question: Question, point: Point, sizes: Mapping[str, int]) -> Array:
    """Of a scalar, by differences in both directions."""
    step = mpmath.mpf(10) ** -(STEP_DIGITS - 4)
    shape = point[question.wrt].shape
    result = np.empty((*shape, *shape), dtype=object)

    def at(p: tuple[int, ...], a: Any, q: tuple[int, ...], b: Any) -> Any:
        moved = _moved(_moved(point, question.wrt, p, a), question.wrt, q, b)
        return value(question.f, moved, sizes)[()]

    for p in np.ndindex(shape):
        for q in np.ndindex(shape):
            four = at(p, step, q, step) - at(p, step, q, -step)
            four += at(p, -step, q, -step) - at(p, -step, q, step)
            result[(*p, *q)] = four / (4 * step * step)
    return result
