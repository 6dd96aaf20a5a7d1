"""Places at which an order of SymPy lines is closest to failing: simple ones, then those downhill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy
from sympy.core.relational import GreaterThan, LessThan, StrictGreaterThan, StrictLessThan

from numeric.errors import Undecided
from numeric.evaluation import run_program
from numeric.kernels import compile_kernel
from numeric.minimization import descents
from numeric.seeds import generator
from symbolic.errors import ChainruleError

Array = Any
Place = tuple[Fraction, ...]

_SIMPLE = (Fraction(0), Fraction(1), Fraction(-1))
_FAR = (
    Fraction(1, 10**9),
    Fraction(10**3),
    Fraction(-(10**3)),
    Fraction(10**9),
    Fraction(-(10**9)),
)
_MOST_SIMPLE = 27
_ORDERS = (GreaterThan, LessThan, StrictGreaterThan, StrictLessThan)
_DENOMINATORS = (1, 2, 10, 100, 10**4)
_WALKS, _ROUNDS, _ENDS = 16, 40, 3
_SCALES = (0.3, 1.0, 3.0)
_FARTHEST = 300.0  # an exponent beyond which no exponential is taken


def simple_places(symbols: Sequence[sympy.Symbol]) -> Iterator[Place]:
    """Zeros, ones and their opposites in all combinations, then all numbers tiny or large.

    >>> x, y = sympy.symbols("x y")
    >>> [[int(entry) for entry in place] for place in simple_places([x, y])][:3]
    [[0, 0], [0, 1], [0, -1]]
    """
    count = len(symbols)
    if len(_SIMPLE) ** count <= _MOST_SIMPLE:
        yield from product(_SIMPLE, repeat=count)
    else:
        yield from ((number,) * count for number in _SIMPLE)
    yield from ((number,) * count for number in _FAR)


def low_places(
    gap: sympy.Expr,
    conditions: Sequence[sympy.Basic],
    symbols: Sequence[sympy.Symbol],
    starts: Sequence[Place],
    seed: int,
) -> Iterator[Place]:
    """Places to which walks lead that make the gap smaller; none where it has no value in floats.

    Each end is rounded to simple numbers where the gap seems negative there as well.
    """
    try:
        walk = _Walk(gap, conditions, symbols)
        *_, (places, values) = descents(walk.values, walk.starts(starts, seed), _ROUNDS)
    except (ChainruleError, Undecided):
        return
    for number in values.argsort()[:_ENDS]:
        if np.isfinite(values[number]):
            yield from walk.rounded(places[number])


class _Walk:
    """A gap and its conditions as functions of free coordinates, for many places at once."""

    def __init__(
        self, gap: sympy.Expr, conditions: Sequence[sympy.Basic], symbols: Sequence[sympy.Symbol]
    ) -> None:
        self.symbols = symbols
        orders = [each.gts - each.lts for each in conditions if isinstance(each, _ORDERS)]
        inside = [each for each in orders if each.free_symbols <= set(symbols)]
        self.programs = [
            compile_kernel(sympy.Lambda(tuple(symbols), each)) for each in (gap, *inside)
        ]

    def starts(self, known: Sequence[Place], seed: int) -> Array:
        """The coordinates of known places, then others at random."""
        rng = generator(seed)
        count = len(self.symbols)
        free = rng.normal(size=(_WALKS, count)) * rng.choice(_SCALES, size=(_WALKS, 1))
        inverse = [
            [_coordinate(s, x) for s, x in zip(self.symbols, row, strict=True)] for row in known
        ]
        return np.concatenate([np.array(inverse, float).reshape(-1, count)[:_WALKS], free])

    def values(self, places: Array) -> Array:
        """The gap at each place; NaN where a condition fails."""
        numbers = [_number(s, t) for s, t in zip(self.symbols, places.T, strict=True)]
        return self._gaps(numbers, len(places))

    def rounded(self, place: Array) -> Iterator[Place]:
        """Rational places around one: simple ones at which the gap seems negative, then itself."""
        exact = [Fraction(float(_number(s, t))) for s, t in zip(self.symbols, place, strict=True)]
        for denominator in _DENOMINATORS:
            simple = tuple(x.limit_denominator(denominator) for x in exact)
            if self._gaps([np.array([float(x)]) for x in simple], 1)[0] < 0:
                yield simple
        yield tuple(exact)

    def _gaps(self, numbers: Sequence[Array], count: int) -> Array:
        with np.errstate(all="ignore"):
            gap, *inside = [
                np.broadcast_to(np.asarray(run_program(each, numbers, {}), float), (count,))
                for each in self.programs
            ]
            holds = np.logical_and.reduce([each >= 0 for each in inside]) if inside else True
            return np.where(holds, gap, np.nan)


def _number(symbol: sympy.Symbol, t: Array) -> Array:
    """The value of a symbol at a free coordinate."""
    if symbol.is_positive or symbol.is_negative:
        size = np.exp(np.clip(t, -_FARTHEST, _FARTHEST))
        return size if symbol.is_positive else -size
    if symbol.is_nonnegative or symbol.is_nonpositive:
        return t * t if symbol.is_nonnegative else -t * t
    return t


def _coordinate(symbol: sympy.Symbol, value: Fraction) -> float:
    """The free coordinate at which a symbol has a value."""
    size = abs(float(value))
    if symbol.is_positive or symbol.is_negative:
        return float(np.log(size))
    return float(np.sqrt(size)) if symbol.is_nonnegative or symbol.is_nonpositive else float(value)
