"""Whether one side is at most the other: refuted at a point, proved by signs, or verified at points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, product
from typing import Any

import numpy as np
import sympy

from derivations.verification.equality.decision import Counterexample
from derivations.verification.result import Verification
from derivations.verification.steps.far_points import (
    has_far_points,
    points_beyond_constants,
    points_beyond_powers,
    points_of_large_sizes,
)
from numeric.enclosure import compare, enclose_all
from numeric.errors import Undecided
from numeric.jets import as_array
from numeric.sampling import choose_sizes, sample, special_points
from numeric.seeds import generator
from symbolic import Expression, Variable
from symbolic.algebra.signs import nonnegative
from symbolic.errors import ChainruleError
from symbolic.operations import subtract
from symbolic.sizes import shape_text
from symbolic.traverse import unfold, variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_SIZES = 4
_POINTS = 8  # for each choice of sizes
_BITS = (128, 512, 2048)
_STEPS = 48  # towards a small gap, for each choice of sizes
_FREE = frozenset(("real", "positive"))  # domains in which one number is moved alone
_MOST_MOVED = 6
_REFINEMENTS = 40
_SHARES = (Fraction(1, 2), Fraction(1, 8), Fraction(1, 32))
_CONVEX = frozenset(
    ("real", "positive", "nonnegative", "unit", "prob", "prob columns", "symmetric", "spd", "psd",
     "diagonal", "lower")
)  # fmt: skip
_FLIPPED = {">=": "<=", ">": "<"}


def judge_bound(
    question: str, left: Expression, relation: str, right: Expression, seed: int
) -> Verification:
    """Whether left <= right (or <, >=, >) in every entry, at all points of the domains.

    A proof shows right - left as a sum of products that cannot be negative; points alone give
    "verified" at best, also with numbers and sizes beyond the constants, and a single certain point of
    the other order refutes.
    """
    small, large = (unfold(left), unfold(right))
    if relation in _FLIPPED:
        small, large = large, small
    strict = relation in ("<", ">")
    if left.shape != right.shape:
        shapes = f"the sides have shapes {shape_text(left.shape)} and {shape_text(right.shape)}"
        return Verification("undecided", "shapes", shapes, question, right, None, seed=seed)
    gap = subtract(large, small)
    by_signs = not strict and nonnegative(gap)
    near = chain(_points([gap], seed), _lower_points(gap, seed))
    beyond = points_beyond_constants(gap, seed)
    other = chain(points_beyond_powers(gap, seed), points_of_large_sizes(gap, seed))
    seen = _Seen()
    for points in (near,) if by_signs else (near, beyond, other):
        held, doubt = seen.held, ""
        for point, sizes in points:
            outcome, entry = _order(small, large, point, sizes, strict)
            if outcome == "violated":
                return _refuted(question, left, right, relation, point, sizes, entry, held, seed)
            if outcome == "holds":
                seen.add(point, sizes)
            else:
                doubt = doubt or outcome
        needed = points is near or (points is beyond and has_far_points(gap))
        if needed and not by_signs and (seen.held == held or (doubt and points is near)):
            reason = f"the order is not certain: {doubt or 'no point was found'}"
            return Verification("undecided", "enclosures", reason, question, right, None, seed=seed)
    verdict, method = ("proved", "signs") if by_signs else ("verified", "enclosures")
    reason = "the difference is a sum of products that are not negative" if by_signs else str(seen)
    return Verification(
        verdict, method, reason, question, right, None, seen.held, seen.named_sizes, seed
    )


@dataclass
class _Seen:
    """Where an order held."""

    held: int = 0
    sizes: list[Sizes] = field(default_factory=list)
    largest: Fraction = Fraction(0)

    def add(self, point: Point, sizes: Sizes) -> None:
        """A point more."""
        self.held += 1
        if sizes not in self.sizes:
            self.sizes.append(sizes)
        entries = (abs(Fraction(x)) for each in point.values() for x in np.ravel(each))
        self.largest = max(self.largest, *entries, Fraction(0))

    @property
    def named_sizes(self) -> tuple[Mapping[str, int], ...]:
        """The sizes by the names of their letters."""
        return tuple({letter.name: size for letter, size in each.items()} for each in self.sizes)

    def __str__(self) -> str:
        size = max((number for each in self.sizes for number in each.values()), default=0)
        told = [f"held at {self.held} {'point' if self.held == 1 else 'points'}"]
        told += [f"sizes up to {size}"] if size else []
        told += [f"numbers up to {float(self.largest):.0e}"] if self.largest else []
        return f"sampled, not proved: {', '.join(told)}"


def _points(both: Sequence[Expression], seed: int) -> Iterator[tuple[Point, Sizes]]:
    """Random points of several sizes, then special ones: zeros, ones, ties, tiny and large numbers."""
    rng = generator(seed)
    given = variables(both)
    chosen = choose_sizes(both, rng, _SIZES)
    for sizes in chosen:
        for _ in range(_POINTS if given else 1):
            yield sample(given, sizes, rng), sizes
    for sizes in chosen[:2]:
        for point in special_points(given, sizes, rng):
            yield point, sizes


def _lower_points(gap: Expression, seed: int) -> Iterator[tuple[Point, Sizes]]:
    """Points where the gap is small: each a mixture of the one before with others of the domains."""
    rng = generator(seed)
    given = variables(gap)
    if not given or any(variable.domain not in _CONVEX for variable in given):
        return
    for sizes in choose_sizes([gap], rng, 2):
        best = sample(given, sizes, rng)
        lowest = _lowest(gap, best, sizes)
        others = special_points(given, sizes, rng)
        for step in range(_STEPS):
            other = others[step] if step < len(others) else sample(given, sizes, rng)
            share = _SHARES[step % len(_SHARES)]
            mixed = {v: as_array(best[v] * (1 - share) + other[v] * share) for v in given}
            value = _lowest(gap, mixed, sizes)
            if value is not None and (lowest is None or value < lowest):
                best, lowest = mixed, value
        yield _descended(gap, best, lowest, sizes), sizes


def _descended(gap: Expression, point: Point, lowest: float | None, sizes: Sizes) -> Point:
    """A point further down: one number after the other is moved, by ever smaller steps."""
    moving = [
        (variable, entry)
        for variable in variables(gap)
        if variable.domain in _FREE
        for entry in np.ndindex(np.shape(point[variable]))
    ]
    if lowest is None or not 0 < len(moving) <= _MOST_MOVED:
        return point
    step = Fraction(1, 2)
    for _ in range(_REFINEMENTS):
        for (variable, entry), sign in product(moving, (1, -1)):
            array = as_array(point[variable]).copy()
            array[entry] += sign * step
            if variable.domain == "positive" and array[entry] <= 0:
                continue
            tried = {**point, variable: array}
            value = _lowest(gap, tried, sizes)
            if value is not None and value < lowest:
                point, lowest = tried, value
        step /= 2
    return point


def _lowest(gap: Expression, point: Point, sizes: Sizes) -> float | None:
    """About the least entry of the gap; None where it has no value."""
    try:
        (balls,) = enclose_all([gap], point, sizes, _BITS[0])
    except (Undecided, ChainruleError):
        return None
    return min(float(ball.mid()) for ball in balls.flat)


def _order(
    small: Expression, large: Expression, point: Point, sizes: Sizes, strict: bool
) -> tuple[str, tuple[int, ...]]:
    """Whether the order "holds", is "violated" and in which entry, or why neither is certain."""
    gap = subtract(large, small)
    reason = ""
    for bits in _BITS:
        try:
            (balls,) = enclose_all([gap], point, sizes, bits)
        except (Undecided, ChainruleError) as error:
            reason = str(error)
            continue
        entries = list(np.ndindex(balls.shape))
        wrong = [e for e in entries if (balls[e] <= 0 if strict else balls[e] < 0)]
        if wrong:
            return "violated", wrong[0]
        unsure = [e for e in entries if not (balls[e] > 0 if strict else balls[e] >= 0)]
        if not unsure:
            return "holds", ()
        reason = "the sides are too close to tell their order"
    if reason.startswith("the sides") and not strict:
        touching = (
            compare(small[entry], large[entry], point, sizes).outcome == "equal" for entry in unsure
        )
        if all(touching):
            return "holds", ()
    return reason, ()


def _refuted(
    question: str,
    left: Expression,
    right: Expression,
    relation: str,
    point: Point,
    sizes: Sizes,
    entry: tuple[int, ...],
    held: int,
    seed: int,
) -> Verification:
    first, second = enclose_all([unfold(left), unfold(right)], point, sizes, _BITS[0])
    shown = [each[entry].str(20, radius=False) for each in (first, second)]
    letters = {letter.name: size for letter, size in sizes.items()}
    values = {
        variable.name: np.asarray(array, dtype=object).tolist() for variable, array in point.items()
    }
    counterexample = Counterexample(letters, values, entry, *shown)
    where = f" in entry {list(entry)}" if entry else ""
    reason = f"at a rational point{where} {shown[0]} {relation} {shown[1]} does not hold"
    return Verification(
        "refuted", "enclosures", reason, question, right, None, held + 1, (letters,), seed,
        counterexample=counterexample,
    )  # fmt: skip
