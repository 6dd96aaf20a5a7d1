"""Numeric evidence for a line: enclosures of both sides at random rational points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from derivations.statements import Equation
from derivations.verdicts import Evidence
from numeric.constraints import sample_on
from numeric.enclosure import compare
from numeric.errors import Undecided
from numeric.sampling import choose_sizes, sample
from symbolic import Expression, Variable
from symbolic.traverse import variables

Point = Mapping[Variable, Any]
SHOWN = 12  # entries of an array shown in a counterexample
DIGITS = 50


@dataclass(frozen=True)
class Sampled:
    """What the points have shown: `refuted` is certain, otherwise the evidence counts points."""

    refuted: bool
    evidence: Evidence


def sampled_equality(left: Expression, right: Expression, points: int, seed: int) -> Sampled:
    """Whether two expressions agree at random points of their variables' domains."""
    return _sampled(left, right, points, seed, sample)


def sampled_implication(before: Equation, after: Equation, points: int, seed: int) -> Sampled:
    """Whether an equation holds at random points at which the one before it holds."""

    def draw(
        given: Iterable[Variable], sizes: Mapping[sympy.Symbol, int], rng: np.random.Generator
    ) -> Point:
        extra = variables(before.left - before.right)
        everything = list(dict.fromkeys((*given, *extra)))
        return sample_on([(before.left, before.right)], everything, sizes, rng)

    return _sampled(after.left, after.right, points, seed, draw)


def _sampled(
    left: Expression,
    right: Expression,
    points: int,
    seed: int,
    draw: Callable[[Iterable[Variable], Mapping[sympy.Symbol, int], np.random.Generator], Point],
) -> Sampled:
    rng = np.random.default_rng(seed)
    given = tuple(dict.fromkeys((*variables(left), *variables(right))))
    agreed, reason = 0, ""
    for sizes in choose_sizes([left, right], rng, points):
        try:
            point = draw(given, sizes, rng)
        except Undecided as error:
            reason = str(error)
            continue
        inside = {variable: point[variable] for variable in given}
        found = compare(left, right, inside, sizes, digits=DIGITS)
        if found.outcome == "different":
            where = _entry(found.entry)
            return Sampled(
                True,
                Evidence(
                    "refuted",
                    "enclosure",
                    f"the values differ{where}: {found.left} before, {found.right} after",
                    agreed,
                    _shown(inside, sizes),
                ),
            )
        if found.outcome == "equal":
            agreed += 1
        else:
            reason = found.reason
    if agreed:
        words = f"both sides agree to {DIGITS} digits at {agreed} rational points (seed {seed})"
        return Sampled(False, Evidence("verified", "enclosure", words, agreed))
    return Sampled(False, Evidence("undecided", "enclosure", reason or "no point was tried"))


def _entry(entry: tuple[int, ...]) -> str:
    return f" in entry {list(entry)}" if entry else ""


def _shown(point: Point, sizes: Mapping[sympy.Symbol, int]) -> str:
    """A point as text: sizes, then the value of each variable."""
    parts = [f"{letter} = {number}" for letter, number in sizes.items()]
    for variable, array in point.items():
        values = [_number(entry) for entry in np.asarray(array, dtype=object).flat]
        text = ", ".join(values[:SHOWN]) + (", ..." if len(values) > SHOWN else "")
        parts.append(f"{variable.name} = {text if variable.rank == 0 else f'[{text}]'}")
    return "; ".join(parts)


def _number(entry: object) -> str:
    return str(Fraction(entry)) if isinstance(entry, (int, Fraction)) else str(entry)
