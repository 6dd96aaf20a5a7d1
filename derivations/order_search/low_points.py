"""Points at which an order is closest to failing: from many points downhill, all variables together.

Random points see a violation only where it is wide. The margin, larger side minus smaller side, is
made smaller in coordinates of the domains, so that every place is a point of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
import sympy

from derivations.order_search.far_points import largest_constant
from derivations.order_search.margins import KINDS, Margin
from derivations.verification.equality.work import work_at
from numeric.minimization import descents
from numeric.sampling import choose_sizes, equal_sizes
from numeric.seeds import generator
from symbolic import Expression, Variable
from symbolic.errors import ChainruleError
from symbolic.operations import subtract

Array = Any
Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]

_SMALL_SIZES = (1, 2, 3)
_LARGER_SIZES = (8, 6, 5, 4)  # the first that is not too much work
_MOST_COORDINATES = 64
_MOST_WORK = 20_000  # operations on numbers, for one point
_WALKS = 16  # more of them where there are few coordinates, fewer where there are many
_FEW_COORDINATES, _MANY_COORDINATES = 128, 320  # of all walks together
_ROUNDS = 40
_CLEAR = -1e-9  # a margin that no rounding explains
_LOOKS = 2  # at walks of each kind: at margins that are clear on the way, and at the ends


def low_points(small: Expression, large: Expression, seed: int) -> Iterator[tuple[Point, Sizes]]:
    """Points of the domains, at several sizes, where the margin is smallest or seems negative."""
    rng = generator(seed)
    reach = float(largest_constant(subtract(large, small)))
    for sizes in _sizes(small, large, rng):
        try:
            margin = Margin(small, large, sizes)
            if not 0 < margin.coordinates <= _MOST_COORDINATES:
                continue
            for kind in KINDS:
                for point in _lowest(margin, kind, reach, rng):
                    yield point, sizes
        except ChainruleError:
            continue


def _sizes(small: Expression, large: Expression, rng: np.random.Generator) -> Iterator[Sizes]:
    """All the same, then different, then larger ones, as far as they are not too much work."""
    both = [small, large]
    different, *least = choose_sizes(both, rng, 2)
    wanted = [*least, *(equal_sizes(both, number) for number in _SMALL_SIZES), different]
    larger = (equal_sizes(both, number) for number in _LARGER_SIZES)
    wanted += islice((each for each in larger if each is not None and _affordable(both, each)), 1)
    seen: list[Sizes] = []
    for sizes in wanted:
        if sizes is not None and sizes not in seen and _affordable(both, sizes):
            seen.append(sizes)
            yield sizes


def _lowest(margin: Margin, kind: str, reach: float, rng: np.random.Generator) -> Iterator[Point]:
    """Rational points at the lowest places to which walks have come."""
    walks = _walks(margin.coordinates)
    discrete = margin.drawn(walks, rng)
    starts = margin.starts(walks, reach, rng)
    looks = 0
    for places, values in descents(
        lambda places: margin.values(places, discrete, kind), starts, _ROUNDS
    ):
        if values.min() < _CLEAR and looks < _LOOKS:
            looks += 1
            yield from _at(margin, kind, places, discrete, _looked_at(values))
    yield from _at(margin, kind, places, discrete, _looked_at(values))


def _at(
    margin: Margin, kind: str, places: Array, discrete: list[Point], walks: list[int]
) -> Iterator[Point]:
    return margin.points(places[walks], [discrete[walk] for walk in walks], kind)


def _looked_at(values: Array) -> list[int]:
    """The walks with the lowest values, and the highest of those with clearly negative ones.

    Very low values are often due to rounding, as near singular matrices, and hide those that are not.
    """
    order = [int(walk) for walk in values.argsort() if np.isfinite(values[walk])]
    clear = [walk for walk in order if values[walk] < _CLEAR]
    others = order[len(clear) :]
    return list(dict.fromkeys([*clear[:_LOOKS], *clear[-_LOOKS:], *others[:_LOOKS]]))


def _walks(coordinates: int) -> int:
    return min(max(_WALKS, _FEW_COORDINATES // coordinates), _MANY_COORDINATES // coordinates)


def _affordable(both: list[Expression], sizes: Sizes) -> bool:
    return work_at(both, sizes) <= _MOST_WORK
