"""A claim about a derivative at the kinks of the function, where its value is a convention.

Between the slopes on the sides of a kink every value is as good as any other, and is noted when it is
not the one taken here. A value beyond all of them is no slope of the function. Entries are compared one
by one: at a tie of a maximum, slopes that lie between 0 and 1 and do not sum to 1 are noted, not refuted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np

from derivations.verification.equality.branch_points import points_at_edges
from derivations.verification.equality.decision import Counterexample
from derivations.verification.equality.work import work_at
from derivations.verification.kinks import Kinks, Point, Sizes
from derivations.verification.result import place_of
from numeric.enclosure import balls_at
from numeric.errors import Undecided
from numeric.sampling import choose_sizes, integer_point, special_points
from numeric.seeds import generator
from numeric.slope_sets import slope_sets
from symbolic.calculus.origins import origin
from symbolic.errors import UnsupportedError
from symbolic.nodes import Expression, Variable
from symbolic.traverse import unfold, variables

Array = Any

_BITS = 256
_STREAM = 2  # other points than those at which the claim is judged
_INTEGERS = 8  # points of small integers, in which zeros and ties are frequent
_MOST_WORK = 500_000  # operations on numbers at points on kinks
_DIRECTIONS = 6  # in which a jump is looked for
_BESIDE = Fraction(1, 2**120)  # how far beside the kink
_JUMP = 2.0**-50  # by which a continuous function does not change over that


@dataclass(frozen=True)
class AtKinks:
    """What a claim is at kinks: where it is no slope there, why, and where another convention is."""

    refuted: Counterexample | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()


def look_at_kinks(
    kinks: Kinks,
    functions: Sequence[Expression],
    correct: Expression,
    claim: Expression,
    others: Sequence[Expression],
    seed: int,
    names: tuple[str, str] = ("the claim", "the convention here"),
) -> AtKinks:
    """Compare a claim with the right answer at points on the kinks of what is differentiated.

    `functions` are those of the kinks, worked out; points at which one of them jumps are left out.
    `others` are more formulas of the same derivative: what can come out of any of them is accepted.
    `names` say what the claim and the right answer are.
    """
    formulas = tuple(dict.fromkeys(unfold(e) for each in (correct, *others) for e in _both(each)))
    sides = (unfold(correct), unfold(claim))
    formulas = tuple(each for each in formulas if each.shape == sides[0].shape)
    rng = generator(seed, _STREAM)
    found: dict[str, str] = {}
    for point, sizes in _points(kinks, [*sides, *formulas], rng):
        try:
            seen = _Seen.at(sides, formulas, point, sizes)
            refuted = seen.outside()
            news = {kind: words for kind, words in seen.departures(names) if kind not in found}
            if not refuted and not news:
                continue
            if _jumps(functions, kinks.places, point, sizes, rng):
                continue
        except (Undecided, UnsupportedError):
            continue
        if refuted is not None:
            reason = f"At the kink {place_of(refuted)[0]} {names[0]} is {refuted.right}, but every "
            reason += f"choice of a slope there {seen.choices(refuted.entry)}."
            return AtKinks(refuted, reason)
        found |= news
    return AtKinks(notes=tuple(found.values()))


def _both(formula: Expression) -> tuple[Expression, Expression]:
    return formula, origin(formula)


@dataclass(frozen=True)
class _Seen:
    """The balls of one kink: what is right by convention, what is claimed, and all possible slopes."""

    point: Point
    sizes: Sizes
    correct: Array
    claimed: Array
    possible: Array

    @classmethod
    def at(
        cls,
        sides: tuple[Expression, Expression],
        formulas: Sequence[Expression],
        point: Point,
        sizes: Sizes,
    ) -> _Seen:
        (correct, claimed), _ = balls_at(sides, point, sizes, _BITS)
        pairs = zip(correct.flat, claimed.flat, strict=True)
        differs = not all(b.is_finite() and a.overlaps(b) for a, b in pairs)
        possible = slope_sets(formulas, point, sizes) if differs else correct
        return cls(point, sizes, correct, claimed, possible)

    def outside(self) -> Counterexample | None:
        """Where the claim is no slope of the function."""
        for entry in np.ndindex(self.claimed.shape):
            claimed, possible = self.claimed[entry], self.possible[entry]
            finite = claimed.is_finite() and possible.is_finite()
            if finite and not claimed.overlaps(possible):
                return self._example(entry)
        return None

    def choices(self, entry: tuple[int, ...]) -> str:
        """The slopes that are possible in an entry, as a sentence goes on."""
        ball = self.possible[entry]
        low, high = (f"{round(float(end), 7) + 0.0:.6g}" for end in (ball.lower(), ball.upper()))
        return f"is {low}" if low == high else f"lies between {low} and {high}"

    def departures(self, names: tuple[str, str]) -> Iterator[tuple[str, str]]:
        """Entries in which the claim takes another convention, or has no value."""
        for entry in np.ndindex(self.claimed.shape):
            claimed, correct, possible = (
                each[entry] for each in (self.claimed, self.correct, self.possible)
            )
            if not correct.is_finite() or not possible.is_finite():
                continue
            where, inside = place_of(self._example(entry))
            kink = f"at the kink {where} {inside}{names[0]}"
            if not claimed.is_finite():
                yield "undefined", f"{kink} has no value, {names[1]} is {_number(correct)}"
            elif not claimed.overlaps(correct):
                words = f"{kink} takes {_number(claimed)}, {names[1]} {_number(correct)}"
                words += f"; every choice there {self.choices(entry)}"
                yield "other", words + entry_by_entry(self.claimed.size)

    def _example(self, entry: tuple[int, ...]) -> Counterexample:
        sizes = {letter.name: number for letter, number in self.sizes.items()}
        point = {v.name: np.asarray(x, dtype=object).tolist() for v, x in self.point.items()}
        correct, claimed = self.correct[entry], self.claimed[entry]
        return Counterexample(sizes, point, entry, _number(correct), _number(claimed))


def entry_by_entry(entries: int) -> str:
    """What a note about another convention leaves open: whether the entries together are a subgradient."""
    return "; each entry was compared alone, not all together" if entries > 1 else ""


def _number(ball: Any) -> str:
    return f"{float(ball.mid()):.12g}" if ball.is_finite() else "without a value"


# --- points --------------------------------------------------------------------------------------


def _points(
    kinks: Kinks, sides: Sequence[Expression], rng: np.random.Generator
) -> Iterator[tuple[Point, Sizes]]:
    """Points on kinks: zeros, ties, small integers and edges of branches, at the smallest sizes first."""
    functions = kinks.functions
    given = tuple(dict.fromkeys((*variables(functions), *variables(list(sides)))))
    spent = 0
    for sizes in reversed(choose_sizes([*functions, *sides], rng, 2)):
        try:
            integers = [integer_point(given, sizes, rng) for _ in range(_INTEGERS)]
            special = special_points(given, sizes, rng)
        except Undecided:
            continue
        edges = points_at_edges(kinks.switches, [(point, sizes) for point in integers])
        for point in chain(special, integers, (point for point, _ in edges)):
            if kinks.at(point, sizes):
                spent += work_at([*functions, *sides], sizes)
                if spent > _MOST_WORK:
                    return
                yield point, sizes


def _jumps(
    functions: Sequence[Expression],
    places: Sequence[Variable],
    point: Point,
    sizes: Sizes,
    rng: np.random.Generator,
) -> bool:
    """Whether a function changes by a finite amount beside a point, or has no value there."""
    here, _ = balls_at(functions, point, sizes, _BITS)
    for _ in range(_DIRECTIONS):
        steps = {
            variable: _BESIDE * rng.integers(-9, 10, size=np.shape(point[variable])).astype(object)
            for variable in places
            if variable in point
        }
        for side in (1, -1):
            moved = {v: point[v] + side * step for v, step in steps.items()}
            beside, _ = balls_at(functions, {**point, **moved}, sizes, _BITS)
            for before, after in zip(here, beside, strict=True):
                pairs = zip(before.flat, after.flat, strict=True)
                if not all(abs(a - b) <= _JUMP * (1 + abs(a)) for a, b in pairs):
                    return True
    return False
