"""Points far out: numbers beyond the constants of an expression, and sizes beyond their squares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from derivations.verification.equality.work import work_at
from numeric.binding import shape_of
from numeric.errors import Undecided
from numeric.jets import as_array
from numeric.sampling import choose_sizes, sample, special_points
from numeric.seeds import generator
from symbolic import Expression, Variable
from symbolic.errors import ShapeError
from symbolic.nodes import Contraction, Elementwise
from symbolic.traverse import postorder, variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_SCALED = frozenset(
    (
        "real",
        "positive",
        "nonnegative",
        "symmetric",
        "spd",
        "psd",
        "invertible",
        "diagonal",
        "lower",
    )
)  # domains that hold every positive multiple of their values
_SHIFTED = frozenset(("real", "positive", "nonnegative"))
_LARGEST_CONSTANT = 10**40
_LARGEST_EXPONENT = 2000
_LARGEST_SIZE = 130
_MOST_WORK = 50_000  # operations on numbers, for one point
_MOST_ALONE = 4  # variables that are moved one at a time


def largest_constant(expression: Expression) -> int:
    """A number beyond every constant of an expression, and every denominator of one.

    >>> from symbolic import parse
    >>> largest_constant(parse("x**2/1000 - 7*x", {"x": ""}))
    1000
    """
    found = [
        number
        for node in postorder(expression)
        if isinstance(node, (Elementwise, Contraction))
        for part in sympy.preorder_traversal(
            node.kernel.expr if isinstance(node, Elementwise) else sympy.sympify(node.coefficient)
        )
        if isinstance(part, sympy.Rational)
        for number in (abs(int(part.p)), int(part.q))
    ]
    return min(max(found, default=1), _LARGEST_CONSTANT)


def has_far_points(expression: Expression) -> bool:
    """Whether a variable of an expression takes numbers of any size."""
    return any(variable.domain in _SCALED for variable in variables(expression))


def points_beyond_constants(gap: Expression, seed: int) -> Iterator[tuple[Point, Sizes]]:
    """Points with numbers ten times as large as every constant, and as small as its inverse."""
    yield from _points_at(gap, 10 * largest_constant(gap), seed)


def points_beyond_powers(gap: Expression, seed: int) -> Iterator[tuple[Point, Sizes]]:
    """Points with numbers beyond the square of every constant, and beyond the exponential of one."""
    constant = largest_constant(gap)
    yield from _points_at(gap, 10 * constant**2, seed)
    if constant <= _LARGEST_EXPONENT:
        yield from _points_at(gap, 4**constant, seed)


def _points_at(gap: Expression, scale: int, seed: int) -> Iterator[tuple[Point, Sizes]]:
    rng = generator(seed)
    given = variables(gap)
    moved = [each for each in given if each.domain in _SCALED]
    if not moved:
        return
    alone = [[each] for each in moved[:_MOST_ALONE]] if len(moved) > 1 else []
    for sizes in choose_sizes([gap], rng, 2):
        for chosen in (moved, *alone):
            for sign in (1, -1):
                point = sample(given, sizes, rng)
                large = {each: _moved(each, point[each], Fraction(scale), sign) for each in chosen}
                small = {
                    each: _moved(each, point[each], Fraction(1, scale), sign) for each in chosen
                }
                yield {**point, **large}, sizes
                yield {**point, **small}, sizes


def _moved(variable: Variable, value: Any, scale: Fraction, sign: int) -> Any:
    """A value of the domain, its entries at least as large as the scale where they are free."""
    if variable.domain not in _SHIFTED:
        return as_array(value * scale)
    moved = as_array((abs(value) + 1) * scale)
    return as_array(moved * sign) if variable.domain == "real" else moved


def points_of_large_sizes(gap: Expression, seed: int) -> Iterator[tuple[Point, Sizes]]:
    """Points of sizes beyond the constants and their squares, as far as they can be worked out."""
    rng = generator(seed)
    given = variables(gap)
    for sizes in _large_sizes(gap, rng):
        try:
            points = [*special_points(given, sizes, rng), sample(given, sizes, rng)]
        except (ShapeError, Undecided):
            continue
        for point in points:
            yield point, sizes


def _large_sizes(gap: Expression, rng: np.random.Generator) -> Sequence[Sizes]:
    constant = largest_constant(gap)
    wanted = sorted(
        {each for each in (constant + 1, constant**2 + 1) if each <= _LARGEST_SIZE}
        | {_LARGEST_SIZE}
    )
    found: list[Sizes] = []
    for known in choose_sizes([gap], rng, 1):
        for letter in known:
            found += [{**known, letter: number} for number in wanted]
        found += [dict.fromkeys(known, number) for number in wanted if len(known) > 1]
    return [each for each in found if _work(gap, each) <= _MOST_WORK]


def _work(gap: Expression, sizes: Sizes) -> int:
    """About how much work a point is: drawing a matrix of a special kind, and the evaluation."""
    drawn = sum(
        max(shape_of(each.shape, sizes)) ** 3
        for each in variables(gap)
        if each.rank > 1 and each.domain not in _SHIFTED
    )
    return drawn + work_at([gap], sizes)
