"""A counterexample that a person can follow: small sizes and small numbers, where these refute too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import cycle, islice
from math import prod

import numpy as np
import sympy

from derivations.verification.equality.points import Avoid, Point, Refutation, Sizes
from derivations.verification.equality.values import Difference, compare_closely
from numeric.binding import shape_of
from numeric.errors import Undecided
from numeric.sampling import sample
from numeric.seeds import generator
from symbolic.errors import ChainruleError
from symbolic.nodes import Expression, Variable

_NUMBERS: dict[str, Sequence[Fraction]] = {
    "real": [Fraction(k) for k in (1, 2, -1, 3, -2, 4, 5, -3, 7, 6, -4, 8)],
    "positive": [Fraction(k) for k in (1, 2, 3, 5, 4, 7, 6)],
    "nonnegative": [Fraction(k) for k in (1, 2, 0, 3, 5, 4)],
    "unit": [Fraction(1, k) for k in (2, 3, 4, 5)] + [Fraction(2, 3)],
    "binary": [Fraction(k) for k in (1, 0, 0, 1, 1)],
    "pm1": [Fraction(k) for k in (1, -1, -1, 1, 1)],
    "counts": [Fraction(k) for k in (1, 2, 0, 3)],
    "index": [Fraction(k) for k in (1, 0, 2, 3)],
}
_STARTS = (0, 1, 2)  # where each variable begins in its list of numbers


def simplified(
    found: Refutation, left: Expression, right: Expression, seed: int, avoid: Avoid | None
) -> Refutation:
    """The same refutation at a simpler point, when one of a few refutes as well."""
    rng = generator(seed)
    for sizes in _simple_sizes(found.sizes):
        for start in _STARTS:
            try:
                point = _simple_point(found.point, sizes, start, rng)
                if avoid is not None and avoid(point, sizes):
                    continue
                told = compare_closely(left, right, point, sizes)
            except (ChainruleError, Undecided):
                continue
            if isinstance(told, Difference):
                return Refutation(sizes, point, told.entry, told.left, told.right)
    return found


def _simple_sizes(known: Sizes) -> Iterator[Sizes]:
    """All sizes 1, all 2, the smallest different ones, and those that are known to refute."""
    letters: list[sympy.Symbol] = sorted(known, key=lambda letter: letter.name)
    if letters:
        yield dict.fromkeys(letters, 1)
        yield dict(zip(letters, cycle((2, 1)), strict=False))
        yield dict.fromkeys(letters, 2)
        yield {letter: place + 2 for place, letter in enumerate(letters[::-1])}
    yield known


def _simple_point(
    like: Point, sizes: Mapping[sympy.Symbol, int], start: int, rng: np.random.Generator
) -> Point:
    drawn = sample(like, sizes, rng)
    return {
        variable: _simple_values(variable, sizes, place + start, drawn[variable])
        for place, variable in enumerate(like)
    }


def _simple_values(
    variable: Variable, sizes: Mapping[sympy.Symbol, int], start: int, drawn: np.ndarray
) -> np.ndarray:
    numbers = _NUMBERS.get(variable.domain)
    if numbers is None:
        return drawn
    shape = shape_of(variable.shape, sizes)
    values = np.empty(prod(shape), dtype=object)
    values[:] = list(islice(cycle(numbers), start, start + values.size))
    return values.reshape(shape)
