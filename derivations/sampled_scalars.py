"""Numeric evidence for a SymPy line: enclosures of both sides at random rational points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import sympy

from derivations.languages import Side, is_scalar, replaced, text_of, unknowns_of
from derivations.order_search.low_places import low_places, simple_places
from derivations.sampled import DIGITS, USUAL, Sampled, refuted
from derivations.statements import Equation
from derivations.verdicts import Evidence
from derivations.worst_points import MOST_COORDINATES, Place, Slack, downhill
from numeric.enclosure import Comparison
from numeric.errors import Undecided
from numeric.scalars import (
    Assignment,
    compare_scalars,
    draw,
    enclose_scalar,
    order_scalars,
    solve_on,
)
from numeric.scalars.conditions import flat, holds
from numeric.seeds import generator
from symbolic.errors import DataError
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import explicit, is_matrix

_TRIES = 3  # draws for each point asked for
_COUNTED = (sympy.Sum, sympy.Product, sympy.factorial, sympy.Integral)  # worked out step by step
_SMALL = (*range(-30, 31), -100, 100, 300)
_LARGE = tuple(sign * 10**power for power in (3, 6, 9, 12) for sign in (1, -1))
_STARTS = 3  # points of which whole numbers are exchanged
_BITS = 256  # at which it is seen whether a value is real


def equality(left: Side, right: Side, facts: Facts, points: int, seed: int) -> Sampled:
    """Whether two SymPy expressions agree at random points under the facts known."""

    def judge(point: Assignment) -> Comparison:
        found = compare_scalars(_explicit(left), _explicit(right), point, digits=DIGITS)
        if found.outcome != "undecided":
            _check_real(left, point)
        return found

    drawn = _points(None, _unknowns(facts, left, right), facts.conditions, seed)
    return _sampled(judge, drawn, points, seed, f"both sides agree to {DIGITS} digits")


def implication(before: Equation, after: Equation, facts: Facts, points: int, seed: int) -> Sampled:
    """Whether an equation holds at random points at which the one before it holds."""

    def judge(point: Assignment) -> Comparison:
        return compare_scalars(_explicit(after.left), _explicit(after.right), point, digits=DIGITS)

    unknowns = _unknowns(facts, before.left, before.right, after.left, after.right)
    drawn = _points((before.left, before.right), unknowns, facts.conditions, seed)
    return _sampled(judge, drawn, points, seed, f"both sides agree to {DIGITS} digits")


def order(left: Side, right: Side, facts: Facts, points: int, seed: int) -> Sampled:
    """Whether one scalar is at most another at random points under the facts known.

    Where many points are asked for, nothing proves the order, and all is tried that may refute it: half
    of the points are near 0 or far out, others are simple, and from many of them the way leads to where
    the order is closest to failing.
    """
    unknowns = _unknowns(facts, left, right)
    drawn = _points(None, unknowns, facts.conditions, seed)

    def judge(point: Assignment) -> Comparison:
        return order_scalars(left, right, point)

    if points <= USUAL:
        return _sampled(judge, drawn, points, seed, "the order holds")
    scaled = [each for each in unknowns if _may_be_scaled(each, facts)]
    found = _sampled(judge, _NearAndFar(drawn, scaled, seed), points, seed, "the order holds")
    if found.refuted:
        return found
    if found.evidence.points < points:
        said = f"the order was seen at {found.evidence.points} of {points} points"
        reason = f"{said}: {found.evidence.reason}"
        return Sampled(False, replace(found.evidence, verdict="undecided", reason=reason))
    starts = [drawn[place] for place in range(points)]
    for start, values in _lower_points(left, right, facts, starts, seed):
        with suppress(Undecided, DataError):
            point = start.with_values(values)
            if all(holds(condition, point) for condition in flat(facts.conditions)):
                lower = judge(point)
                if lower.outcome == "different":
                    return Sampled(True, refuted(lower, points + 1, str(point)))
    return found


class _NearAndFar:
    """Points, every second of them with some values made tiny or large."""

    def __init__(self, points: _Points, symbols: Sequence[sympy.Symbol], seed: int) -> None:
        self._points, self._symbols, self._rng = points, symbols, generator(seed)

    def __getitem__(self, place: int) -> Assignment:
        point = self._points[place]
        factor = sympy.Integer(10) ** int(self._rng.integers(-6, 7) if place % 2 else 0)
        values = {each: point[each] for each in self._symbols}
        return point.with_values(
            {each: factor * value for each, value in values.items() if _is_rational(value)}
        )


def _lower_points(
    left: Side, right: Side, facts: Facts, starts: Sequence[Assignment], seed: int
) -> Iterator[tuple[Assignment, dict[sympy.Symbol, Fraction]]]:
    """Points with other values: other whole numbers, simple ones, and those to which the slack leads.

    The conditions may fail at them.
    """
    inside = set(_unknowns(Facts(), left, right))
    fixed = {each for e in facts.conditions if isinstance(e, sympy.Eq) for each in e.free_symbols}
    rational = {
        each: value
        for each, value in starts[0].items()
        if isinstance(each, sympy.Symbol) and each in inside and _is_rational(value)
    }
    free = [each for each in rational if each not in fixed]
    yield from _whole_numbers(starts, [each for each in free if each.is_integer], right - left)
    moving = [each for each in free if not each.is_integer]
    if not 0 < len(moving) <= MOST_COORDINATES:
        return
    others = {each: value for each, value in rational.items() if each not in moving}
    paths = [_path(left, right, facts, moving, start) for start in starts]
    gap, conditions = replaced(right - left, others), flat(facts.conditions)
    known = [place for _, place in paths]
    for place in chain(simple_places(moving), low_places(gap, conditions, moving, known, seed)):
        yield starts[0], dict(zip(moving, place, strict=True))
    for number, place in downhill(paths):
        yield starts[number], dict(zip(moving, place, strict=True))


def _whole_numbers(
    starts: Sequence[Assignment], whole: Sequence[sympy.Symbol], gap: sympy.Expr
) -> Iterator[tuple[Assignment, dict[sympy.Symbol, Fraction]]]:
    """Points with small and large whole numbers, each alone and all together."""
    counted = gap.has(*_COUNTED)
    ladder = _SMALL if counted else (*_SMALL, *_LARGE)
    chosen = [[each] for each in whole] + ([list(whole)] if len(whole) > 1 else [])
    for start in starts[:_STARTS]:
        for symbols in chosen:
            for number in ladder:
                yield start, dict.fromkeys(symbols, Fraction(number))


def _is_rational(value: object) -> bool:
    return bool(getattr(value, "is_Rational", False))


def _path(
    left: Side, right: Side, facts: Facts, moving: Sequence[sympy.Symbol], start: Assignment
) -> tuple[Slack, Place]:
    """How much larger the right side is where the moving symbols have other values; and their values."""
    from flint import arb

    gap, conditions = right - left, flat(facts.conditions)

    def slack(place: Place) -> Any:
        try:
            point = start.with_values(dict(zip(moving, place, strict=True)))
            inside = all(holds(condition, point) for condition in conditions)
            found = enclose_scalar(gap, point, _BITS) if inside else None
        except (Undecided, DataError):
            return None
        return found if isinstance(found, arb) else None

    return slack, tuple(Fraction(str(start[each])) for each in moving)


class _Points:
    """Random points, one after the other; those that were drawn stay the same objects.

    So what one line of a page has found out at a point is there for the next line.
    """

    def __init__(
        self,
        equation: tuple[Side, Side] | None,
        unknowns: tuple[object, ...],
        conditions: tuple[sympy.Basic, ...],
        seed: int,
    ) -> None:
        self._equation, self._unknowns, self._conditions = equation, unknowns, conditions
        self._rng = generator(seed)
        self._drawn: list[Assignment | Undecided] = []

    def __getitem__(self, place: int) -> Assignment:
        """A point; `Undecided` where none is found at this attempt."""
        while len(self._drawn) <= place:
            self._drawn.append(self._next())
        found = self._drawn[place]
        if isinstance(found, Undecided):
            raise found.with_traceback(None)
        return found

    def _next(self) -> Assignment | Undecided:
        try:
            if self._equation is None:
                return draw(self._unknowns, self._conditions, self._rng)
            return solve_on(self._equation, self._unknowns, self._conditions, self._rng)
        except Undecided as error:
            return error


_points = lru_cache(maxsize=32)(_Points)
_Drawn = _Points | _NearAndFar


def _check_real(line: Side, point: Assignment) -> None:
    """Raise `Undecided` where a line without the imaginary unit has no real value."""
    if not is_scalar(line) or line.has(sympy.I):
        return
    from flint import acb

    for entry in np.asarray(enclose_scalar(_explicit(line), point, _BITS), dtype=object).flat:
        if isinstance(entry, acb) and not entry.imag.contains(0):
            raise Undecided(
                f"the value of {text_of(line)}",
                f"at {point} it is no real number",
                "declare where it is defined",
            )


def _explicit(side: Side) -> Side:
    return explicit(side) if is_scalar(side) and is_matrix(side) else side


def _may_be_scaled(unknown: object, facts: Facts) -> bool:
    """Whether a multiple of a value of a symbol may stand for it as well."""
    if not isinstance(unknown, sympy.Symbol) or unknown.is_integer:
        return False
    return all(unknown not in each.free_symbols for each in facts.conditions)


def can_hold(facts: Facts) -> str | None:
    """Why no point is known at which all conditions hold; None where one was found."""
    try:
        draw(_unknowns(facts), facts.conditions, generator(0))
    except Undecided as error:
        return f"no point was found at which the conditions given hold: {error}"
    return None


def _unknowns(facts: Facts, *lines: Side) -> tuple[object, ...]:
    everything = [*lines, *facts.conditions]
    found = {each for line in everything for each in unknowns_of(line)}
    return tuple(sorted(found, key=str))


def _sampled(
    judge: Callable[[Assignment], Comparison], drawn: _Drawn, points: int, seed: int, held: str
) -> Sampled:
    agreed, reason = 0, ""
    for attempt in range(_TRIES * points):
        if agreed == points:
            break
        try:
            point = drawn[attempt]
            found = judge(point)
        except Undecided as error:
            reason = str(error)
            if points > USUAL:
                break  # an order that no rule proves has to be seen at every point
            continue
        if found.outcome == "different":
            return Sampled(True, refuted(found, agreed + 1, str(point)))
        if found.outcome == "equal":
            agreed += 1
        else:
            reason = found.reason
            if points > USUAL:
                break
    if agreed:
        words = f"{held} at {agreed} rational points (seed {seed})"
        return Sampled(False, Evidence("verified", "enclosure", words, agreed))
    return Sampled(False, Evidence("undecided", "enclosure", reason or "no point was tried"))
