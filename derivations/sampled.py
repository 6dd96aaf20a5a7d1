"""Numeric evidence for a line: enclosures of both sides at random rational points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from derivations.statements import Equation
from derivations.verdicts import Evidence
from derivations.worst_points import MOST_COORDINATES, Place, Slack, downhill
from numeric.constraints import sample_on
from numeric.enclosure import Comparison, compare, enclose
from numeric.errors import Undecided
from numeric.sampling import choose_sizes, sample
from numeric.seeds import generator
from symbolic import Expression, Variable
from symbolic.operations import subtract
from symbolic.scalars.facts import Facts
from symbolic.traverse import variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]
Draw = Callable[[Iterable[Variable], Sizes, np.random.Generator], Point]
SHOWN = 12  # entries of an array shown in a counterexample
DIGITS = 50
USUAL = 3  # points for a line that a rule proves


@dataclass(frozen=True)
class Sampled:
    """What the points have shown: `refuted` is certain, otherwise the evidence counts points."""

    refuted: bool
    evidence: Evidence


def equality(left: Expression, right: Expression, facts: Facts, points: int, seed: int) -> Sampled:
    """Whether two expressions agree at random points of their variables' domains."""
    return _sampled(left, right, points, seed, sample)


def implication(before: Equation, after: Equation, facts: Facts, points: int, seed: int) -> Sampled:
    """Whether an equation holds at random points at which the one before it holds."""

    def draw(given: Iterable[Variable], sizes: Sizes, rng: np.random.Generator) -> Point:
        extra = variables(before.left - before.right)
        everything = list(dict.fromkeys((*given, *extra)))
        return sample_on([(before.left, before.right)], everything, sizes, rng)

    return _sampled(after.left, after.right, points, seed, draw, premise=before)


def order(left: Expression, right: Expression, facts: Facts, points: int, seed: int) -> Sampled:
    """Whether one scalar is at most another at random points of their variables' domains.

    Where many points are asked for, half of them are near 0 or far out, and from those of least slack
    the way leads to where the order is closest to failing.
    """
    rng = generator(seed)
    met: list[tuple[Point, Sizes]] = []

    def judge(point: Point, sizes: Sizes) -> Comparison:
        if points > USUAL and rng.integers(2):  # near 0 or far out
            factor = Fraction(10) ** int(rng.integers(-6, 7))
            point = {v: _scaled(v, value, factor) for v, value in point.items()}
        met.append((point, sizes))
        found = compare(left, right, point, sizes, digits=DIGITS)
        if found.outcome != "different":
            return found
        ordered = enclose(subtract(right, left), point, sizes, 2048).item() >= 0
        return replace(found, outcome="equal") if ordered else found

    found = _sampled(left, right, points, seed, sample, judge)
    if found.refuted or found.evidence.points < points or points <= USUAL:
        return found
    return _downhill(left, right, met) or found


def _downhill(
    left: Expression, right: Expression, starts: Sequence[tuple[Point, Sizes]]
) -> Sampled | None:
    """That the order fails at a point to which the slack leads; None where none of them does."""
    gap = subtract(right, left)
    small = [each for each in starts if _moving(each[0]) <= MOST_COORDINATES]
    for number, place in downhill([_path(gap, *each) for each in small]):
        start, sizes = small[number]
        point = _moved(start, place)
        with suppress(Undecided):
            if enclose(gap, point, sizes, 2048).item() < 0:
                found = compare(left, right, point, sizes, digits=DIGITS)
                return Sampled(True, refuted(found, len(starts), _shown(point, sizes)))
    return None


def _path(gap: Expression, start: Point, sizes: Sizes) -> tuple[Slack, Place]:
    """How large the gap is where entries of a point have other values; and the values they have."""

    def slack(place: Place) -> Any:
        if not all(
            _INSIDE[variable.domain](entry)
            for variable, value in _moved(start, place).items()
            if variable.domain in _INSIDE
            for entry in np.asarray(value, dtype=object).flat
        ):
            return None
        try:
            return enclose(gap, _moved(start, place), sizes, 256).item()
        except Undecided:
            return None

    entries = [np.asarray(start[v], dtype=object).flat for v in start if v.domain in _INSIDE]
    return slack, tuple(Fraction(entry) for each in entries for entry in each)


_INSIDE: dict[str, Callable[[Fraction], bool]] = {  # domains of which single entries may be moved
    "real": lambda x: True,
    "positive": lambda x: x > 0,
    "nonnegative": lambda x: x >= 0,
    "unit": lambda x: 0 <= x <= 1,
}


def _moving(point: Point) -> int:
    """How many entries of a point may be moved."""
    return sum(np.size(value) for variable, value in point.items() if variable.domain in _INSIDE)


def _moved(start: Point, place: Place) -> Point:
    """A point with other values for the entries that may be moved."""
    values = iter(place)
    found = dict(start)
    for variable, value in start.items():
        if variable.domain in _INSIDE:
            array = np.empty(np.shape(value), dtype=object)
            for entry in np.ndindex(*array.shape):
                array[entry] = next(values)
            found[variable] = array
    return found


def _scaled(variable: Variable, value: Any, factor: Fraction) -> Any:
    """A value, or a multiple of it where any multiple lies in the domain too."""
    whole = variable.domain in ("real", "positive", "nonnegative", "symmetric", "diagonal", "lower")
    return value * factor if whole else value


def _sampled(
    left: Expression,
    right: Expression,
    points: int,
    seed: int,
    draw: Draw,
    judge: Callable[[Point, Sizes], Comparison] | None = None,
    premise: Equation | None = None,
) -> Sampled:
    rng = generator(seed)
    given = tuple(dict.fromkeys((*variables(left), *variables(right))))
    agreed, reason = 0, ""
    whole = [left, right] if premise is None else [left, right, premise.left, premise.right]
    for sizes in choose_sizes(whole, rng, points):
        try:
            point = draw(given, sizes, rng)
            inside = {variable: point[variable] for variable in given}
            if judge is None:
                found = compare(left, right, inside, sizes, digits=DIGITS)
            else:
                found = judge(inside, sizes)
        except Undecided as error:
            reason = str(error)
            continue
        if found.outcome == "different":
            return Sampled(True, refuted(found, agreed + 1, _shown(inside, sizes)))
        if found.outcome == "equal":
            agreed += 1
        else:
            reason = found.reason
    if agreed:
        held = f"both sides agree to {DIGITS} digits" if judge is None else "the order holds"
        words = f"{held} at {agreed} rational points (seed {seed})"
        return Sampled(False, Evidence("verified", "enclosure", words, agreed))
    return Sampled(False, Evidence("undecided", "enclosure", reason or "no point was tried"))


def refuted(found: Comparison, points: int, point: str) -> Evidence:
    """That the values of two lines differ at a point."""
    words = f"the values differ{_entry(found.entry)}: {found.left} before, {found.right} after"
    return Evidence("refuted", "enclosure", words, points, point)


def _entry(entry: tuple[int, ...]) -> str:
    return f" in entry {list(entry)}" if entry else ""


def _shown(point: Point, sizes: Sizes) -> str:
    """A point as text: sizes, then the value of each variable."""
    parts = [f"{letter} = {number}" for letter, number in sizes.items()]
    for variable, array in point.items():
        values = [_number(entry) for entry in np.asarray(array, dtype=object).flat]
        text = ", ".join(values[:SHOWN]) + (", ..." if len(values) > SHOWN else "")
        parts.append(f"{variable.name} = {text if variable.rank == 0 else f'[{text}]'}")
    return "; ".join(parts)


def _number(entry: object) -> str:
    return str(Fraction(entry)) if isinstance(entry, (int, Fraction)) else str(entry)
