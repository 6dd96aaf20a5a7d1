"""Numeric evidence for a line: enclosures of both sides at random rational points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from derivations.order_search.judged import Order, values_shown
from derivations.order_search.search import search_order
from derivations.statements import Equation
from derivations.verdicts import Evidence
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
_FURTHER_SIZES = 12  # where both sides have had a value at no size beyond 1


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
    """Whether one scalar is at most another at points of their variables' domains.

    Where many points are asked for, nothing proves the order, and all is tried that may refute it.
    """
    if points > USUAL:
        return _searched(left, right, seed)

    def judge(point: Point, sizes: Sizes) -> Comparison:
        found = compare(left, right, point, sizes, digits=DIGITS)
        if found.outcome != "different":
            return found
        ordered = enclose(subtract(right, left), point, sizes, 2048).item() >= 0
        return replace(found, outcome="equal") if ordered else found

    return _sampled(left, right, points, seed, sample, judge)


def _searched(left: Expression, right: Expression, seed: int) -> Sampled:
    """What a search for a violation has shown."""
    seen = search_order(Order(left, right), seed)
    if seen.violation is not None:
        point, sizes, entry = seen.violation.point, seen.violation.sizes, seen.violation.entry
        values = values_shown([left, right], point, sizes, entry)
        found = Comparison("different", 0, 0, entry, *values)
        return Sampled(True, refuted(found, seen.held + 1, _shown(point, sizes)))
    if seen.doubt:
        return Sampled(False, Evidence("undecided", "enclosure", seen.doubt, seen.held))
    words = f"the order {seen} (seed {seed})"
    return Sampled(False, Evidence("verified", "enclosure", words, seen.held))


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
    agreed: list[Sizes] = []
    reason = ""
    whole = [left, right] if premise is None else [left, right, premise.left, premise.right]
    for sizes in _tried(whole, rng, points, agreed):
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
            return Sampled(True, refuted(found, len(agreed) + 1, _shown(inside, sizes)))
        if found.outcome == "equal":
            agreed.append(sizes)
        else:
            reason = found.reason
    if agreed and premise is None and any(agreed) and not any(map(_is_larger, agreed)):
        small = ", ".join(f"{letter} = 1" for letter in agreed[0])
        reason = f"both sides have a value only for {small}, as far as was seen: {reason}"
        return Sampled(False, Evidence("undecided", "enclosure", reason))
    if agreed:
        held = f"both sides agree to {DIGITS} digits" if judge is None else "the order holds"
        words = f"{held} at {len(agreed)} rational points (seed {seed})"
        return Sampled(False, Evidence("verified", "enclosure", words, len(agreed)))
    return Sampled(False, Evidence("undecided", "enclosure", reason or "no point was tried"))


def _tried(
    whole: Sequence[Expression], rng: np.random.Generator, points: int, agreed: Sequence[Sizes]
) -> Iterator[Sizes]:
    """Sizes to try; further ones where both sides have not had a value at any beyond 1."""
    chosen = choose_sizes(whole, rng, points)
    yield from chosen
    if any(chosen) and not any(map(_is_larger, agreed)):
        for sizes in choose_sizes(whole, rng, _FURTHER_SIZES):
            if sizes not in chosen and not any(map(_is_larger, agreed)):
                yield sizes


def _is_larger(sizes: Sizes) -> bool:
    return any(number > 1 for number in sizes.values())


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
