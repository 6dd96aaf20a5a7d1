"""What the rules for SymPy lines are tested against: certain values of both lines at random points.

The values come from `numeric.scalars`, which shares no code with the rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import sympy

from derivations.languages import unknowns_of
from numeric.errors import Undecided
from numeric.scalars import compare_scalars, draw, order_scalars
from symbolic.scalars.facts import Facts

SEED = 20261122


def outcomes(
    before: sympy.Basic,
    after: sympy.Basic,
    conditions: Iterable[sympy.Basic] = (),
    seed: int = SEED,
    points: int = 2,
    order: bool = False,
) -> list[str]:
    """How both lines compare at random points: "equal", "different" or "undecided"."""
    rng = np.random.default_rng(seed)
    unknowns = list(dict.fromkeys((*unknowns_of(before), *unknowns_of(after))))
    compare = order_scalars if order else compare_scalars
    found = []
    for _ in range(points):
        try:
            point = draw(unknowns, tuple(conditions), rng)
            found.append(compare(before, after, point, digits=20).outcome)
        except Undecided:
            found.append("undecided")
    return found


def results(rule: Any, line: sympy.Basic, *conditions: sympy.Basic) -> tuple[sympy.Basic, ...]:
    """What a rule makes of a line under conditions."""
    return rule.results(line, Facts(conditions))


def check_random(
    rules: Iterable[Any], lines: Iterable[sympy.Basic], conditions: Iterable[sympy.Basic] = ()
) -> int:
    """How many results of the rules agree with their lines for certain; raises where one differs."""
    agreed = 0
    conditions = tuple(conditions)
    for rule in rules:
        for line in lines:
            for after in results(rule, line, *conditions)[:1]:
                found = outcomes(line, after, conditions, points=1)
                assert "different" not in found, f"{rule.name}: {line} -> {after} (seed {SEED})"
                agreed += found.count("equal")
    return agreed
