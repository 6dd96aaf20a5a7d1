"""A guided search for inputs with larger errors than random samples show.

From the worst points found so far, steps of all sizes along the number line of the format: to the
neighbouring floats, by powers of two of places, to half and double, by one, to the other sign; one
variable at a time or all together, so that variables that are near each other stay so.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from numeric.accuracy.domains import Domain, Points, contains, draw
from numeric.accuracy.formats import Floats, Format

_PARENTS = 16
_CHILDREN = 16  # of each parent
_ROUNDS = 12
_PATIENCE = 3  # rounds without a larger error

Errors = tuple[Floats, Floats]  # bits, ulps; NaN where the truth is not known


def worst_places(errors: Errors, count: int) -> NDArray[np.intp]:
    """The places of the largest errors, the largest first.

    >>> worst_places((np.array([1.0, 3.0, 3.0]), np.array([1.0, 5.0, 6.0])), 2).tolist()
    [2, 1]
    """
    bits, ulps = (np.where(np.isnan(each), -1.0, each) for each in errors)
    return np.lexsort((ulps, bits))[::-1][:count]


def search(
    errors_at: Callable[[Points], Errors],
    start: Points,
    errors: Errors,
    domain: Domain,
    form: Format,
    rng: np.random.Generator,
) -> tuple[Points, Errors]:
    """The worst points found by climbing from `start`, with their errors, the worst first.

    Conditions: `start` and its errors have the worst first. The points of a domain given as a
    function cannot be varied, so further ones are drawn from it instead.
    """
    points = start
    idle = 0
    for _ in range(_ROUNDS):
        if idle == _PATIENCE:
            break
        fresh = _candidates(points, domain, form, rng)
        if not len(next(iter(fresh.values()))):
            break
        found = errors_at(fresh)
        before = errors[0][0], errors[1][0]
        pool = {name: np.concatenate([points[name], fresh[name]]) for name in points}
        together = tuple(np.concatenate(pair) for pair in zip(errors, found, strict=True))
        best = worst_places((together[0], together[1]), _PARENTS)
        points = {name: values[best] for name, values in pool.items()}
        errors = together[0][best], together[1][best]
        idle = idle + 1 if (errors[0][0], errors[1][0]) == before else 0
    return points, errors


def _candidates(points: Points, domain: Domain, form: Format, rng: np.random.Generator) -> Points:
    if callable(domain):
        return draw(domain, _PARENTS * _CHILDREN, rng, form)
    parents = {name: np.repeat(values, _CHILDREN) for name, values in points.items()}
    count = len(next(iter(parents.values())))
    only = rng.integers(0, 2 * len(parents), count)  # beyond the variables: all of them
    move = _move(form, count, rng)
    children = {}
    for number, (name, values) in enumerate(parents.items()):
        with np.errstate(over="ignore"):
            moved = move(values)
        children[name] = np.where((only == number) | (only >= len(parents)), moved, values)
    inside = contains(domain, children)
    return {name: values[inside] for name, values in children.items()}


def _move(form: Format, count: int, rng: np.random.Generator) -> Callable[[Floats], Floats]:
    kind = rng.integers(0, 8, count)
    side = rng.choice([-1, 1], count)
    places = np.int64(1) << rng.integers(0, form.precision + 3, count)
    stretch = 1 + rng.normal(0, 0.1, count)

    def moved(values: Floats) -> Floats:
        by_places = form.from_ordinal(form.ordinal(values) + side * places)
        return form.round(
            np.select(
                [kind < 4, kind == 4, kind == 5, kind == 6],
                [by_places, values * 2.0**side, values * stretch, values + side],
                -values,
            )
        )

    return moved
