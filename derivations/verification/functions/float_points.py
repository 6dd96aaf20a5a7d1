"""Rational points at which people's code is run: of several sizes, both signs and several scales."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import cycle
from math import floor, log2, prod
from typing import Any

import numpy as np
import sympy

from numeric.binding import shape_of
from numeric.branches import Branch, moved, taken
from numeric.errors import Undecided
from numeric.sampling import choose_sizes, integer_point, sample, special_points
from symbolic.errors import ShapeError
from symbolic.nodes import Expression, Iverson, Variable
from symbolic.traverse import postorder

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_SIZES = 3
_EQUAL = 3  # the size of all axes of one point
_LARGER = (9, 12, 10, 8)  # sizes of the last one, unless its arrays had too many entries
_MOST_ENTRIES = 300
_SEARCHED = 60  # points, for branches that the first ones do not take
_SCALES = ((-1, 1), (-1, 1), (-1, 1), (-9, 1), (-1, 4), (-12, -4), (-2, 2), (0, 6))  # powers of 2
_LARGE = (6, 8)  # powers of 2: entries about 100
_LADDER = (-10, -6, 4, 7, 10, 13)  # powers of 2: entries from about 0.001 to about 10000
_MOST_CLIMBING = 4  # variables that climb alone
_SPECIAL, _SPECIAL_SIZES, _INTEGERS = 5, 2, 4
_SCALABLE = ("real", "positive", "nonnegative")


def float_points(
    wanted: tuple[Variable, ...],
    inside: Sequence[Expression],
    rng: np.random.Generator,
    fixed: Sizes | None = None,
) -> Iterator[tuple[Point, Sizes]]:
    """Points of moderate size, at which little is lost in rounding, then some of other scales.

    One has all sizes equal, where shapes hide nothing, and the last has larger ones. `fixed` are the
    numbers of those size letters that are not free.
    """
    chosen = choose_sizes([*wanted, *inside], rng, _SIZES)
    planned = [(chosen[k % len(chosen)], scale) for k, scale in enumerate(_SCALES) if chosen]
    if chosen and not any(isinstance(node, Iverson) for node in postorder(inside)):
        planned.append((dict.fromkeys(chosen[0], _EQUAL), _SCALES[0]))
        larger = dict(zip(chosen[0], cycle(_LARGER), strict=False))
        if _entries(wanted, {**larger, **(fixed or {})}) <= _MOST_ENTRIES:
            planned.append((larger, _SCALES[0]))
    for sizes, exponents in planned:
        known = {**sizes, **(fixed or {})}
        try:
            yield _scaled(sample(wanted, known, rng), exponents, rng), known
        except (Undecided, ShapeError):
            continue


def _entries(wanted: Iterable[Variable], sizes: Sizes) -> int:
    """How many numbers a point of these sizes has."""
    return sum(prod(shape_of(variable.shape, sizes)) for variable in wanted)


def large_points(
    exact: Sequence[tuple[Point, Sizes]], rng: np.random.Generator
) -> Iterator[tuple[Point, Sizes]]:
    """A point with large entries, at which many a right function overflows."""
    for point, sizes in exact[:1]:
        yield _scaled(sample(point, sizes, rng), _LARGE, rng), sizes


def special_points_of(
    exact: Sequence[tuple[Point, Sizes]],
    rng: np.random.Generator,
    nonzero: Collection[Variable] = (),
) -> Iterator[tuple[Point, Sizes]]:
    """Zeros, ones and ties, and small integers, at which many a function has a kink.

    Of the variables `nonzero` no entry is 0.
    """
    for point, sizes in exact[:_SPECIAL_SIZES]:
        found = special_points(tuple(point), sizes, rng)[:_SPECIAL]
        found += [integer_point(point, sizes, rng) for _ in range(_INTEGERS)]
        for each in found:
            for variable in nonzero:
                entries = np.array([entry or Fraction(1) for entry in each[variable].flat], object)
                each[variable] = entries.reshape(each[variable].shape)
            yield each, sizes


def ladder_points(
    exact: Sequence[tuple[Point, Sizes]], climbing: Sequence[Variable], rng: np.random.Generator
) -> Iterator[tuple[Point, Sizes]]:
    """Points from small to large entries: all of them positive, all negative, or some of one variable."""
    known = [variable for variable in climbing if variable.domain in _SCALABLE]
    for point, sizes in exact[:1] if known else ():
        for exponent in _LADDER:
            power = (exponent, exponent + 1)
            fresh = sample(point, sizes, rng)
            whole = _scaled({variable: fresh[variable] for variable in known}, power, rng)
            for sign in (1, -1):
                signed = {v: sign * abs(x) if v.domain == "real" else x for v, x in whole.items()}
                yield {**fresh, **signed}, sizes
            for variable in known[:_MOST_CLIMBING]:
                some = np.array(fresh[variable], dtype=object)
                some.flat[:2] = whole[variable].flat[:2]
                if variable.domain == "real" and some.size > 1:
                    some.flat[:2] = [abs(some.flat[0]), -abs(some.flat[1])]
                yield {**fresh, variable: some}, sizes


def _scaled(point: Point, exponents: tuple[int, int], rng: np.random.Generator) -> Point:
    """A point whose real and positive variables have entries near 2^k, each with a k of its own."""
    found = dict(point)
    for variable, array in point.items():
        if variable.domain in _SCALABLE:
            entries = [_near(entry, int(rng.integers(*exponents))) for entry in array.flat]
            found[variable] = np.array(entries, dtype=object).reshape(array.shape)
    return found


def _near(number: Fraction, exponent: int) -> Fraction:
    """A number made about 2^exponent by doubling or halving."""
    return number * Fraction(2) ** (exponent - floor(log2(abs(number)))) if number else number


def points_on_branches(
    exact: Sequence[tuple[Point, Sizes]],
    unseen: Callable[[], Iterable[Branch]],
    rng: np.random.Generator,
) -> Iterator[tuple[Point, Sizes]]:
    """Points that take a branch which is unseen by then."""
    for number in range(_SEARCHED if exact else 0):
        wanted = set(unseen())
        if not wanted:
            return
        point, sizes = exact[number % len(exact)]
        fresh = moved(sample(point, sizes, rng), rng)
        if taken(wanted, fresh, sizes):
            yield fresh, sizes
