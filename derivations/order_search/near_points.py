"""Points of moderate size: random ones, those with zeros, ones and ties, and those where branches meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
import sympy

from derivations.verification.equality.branch_corners import points_around
from derivations.verification.equality.branch_points import points_at_edges
from derivations.verification.equality.discrete_points import all_discrete
from numeric.branches import switches
from numeric.sampling import choose_sizes, sample, special_points
from numeric.seeds import generator
from symbolic import Expression, Variable
from symbolic.traverse import variables

Point = Mapping[Variable, Any]
Sizes = Mapping[sympy.Symbol, int]
Located = tuple[Point, Sizes]

_SIZES = 4
_POINTS = 8  # for each choice of sizes
_MOST_AT_EDGES = 80
_MOST_DISCRETE = 160
_BORDERS = {"prob": (0,), "prob columns": (0,), "nonnegative": (0,), "unit": (0, 1)}


def random_points(gap: Expression, seed: int) -> Iterator[Located]:
    """Random points of several sizes."""
    rng = generator(seed)
    given = variables(gap)
    for sizes in choose_sizes([gap], rng, _SIZES):
        for _ in range(_POINTS if given else 1):
            yield sample(given, sizes, rng), sizes


def points_with_ties(gap: Expression, seed: int) -> Iterator[Located]:
    """Points with zeros, ones, equal numbers, tiny and large ones."""
    rng = generator(seed)
    given = variables(gap)
    for sizes in choose_sizes([gap], rng, 2):
        for point in special_points(given, sizes, rng):
            yield point, sizes


def points_of_branches(gap: Expression, tried: Sequence[Located], seed: int) -> Iterator[Located]:
    """Points on the edges of branches and around their corners; and every choice of what is discrete."""
    found = switches([gap])
    if found and tried:
        edges = points_at_edges(found, tried)
        corners = points_around(found, tried, generator(seed))
        yield from islice(chain(edges, corners), _MOST_AT_EDGES)
    for located in _of_different_sizes(tried):
        yield from islice(all_discrete(*located), _MOST_DISCRETE)


def on_border(point: Point) -> bool:
    """Whether a number lies on the border of its domain, where logarithms and quotients may end."""
    return any(
        entry in _BORDERS[variable.domain]
        for variable, value in point.items()
        if variable.domain in _BORDERS
        for entry in np.ravel(value)
    )


def _of_different_sizes(tried: Sequence[Located]) -> list[Located]:
    first: dict[tuple[tuple[sympy.Symbol, int], ...], Located] = {}
    for located in tried:
        first.setdefault(tuple(located[1].items()), located)
    return list(first.values())
