"""Finding the single places where a check fails, by halving the sets for which it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any

NAMED = 4
_TESTS = 120


def narrow(size: int, fails: Callable[[Array], bool]) -> list[int]:
    """At most four places below `size`; `fails(places)` checks a set of them together."""
    queue = [np.arange(size)]
    found: list[int] = []
    tests = 0
    while queue and len(found) < NAMED and tests < _TESTS:
        group = queue.pop()
        if len(group) == 1:
            found.append(int(group[0]))
            continue
        middle = len(group) // 2
        queue += [half for half in (group[middle:], group[:middle]) if fails(half)]
        tests += 2
    return sorted(found)


def only(places: Array, values: Array) -> Array:
    """`values` at the places, zero elsewhere."""
    kept = np.zeros(values.size, dtype=values.dtype)
    kept[places] = values.ravel()[places]
    return kept.reshape(values.shape)
