"""Numeric evidence for a SymPy line: enclosures of both sides at random rational points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy

from derivations.languages import Side, is_scalar, text_of, unknowns_of
from derivations.sampled import DIGITS, Sampled, refuted
from derivations.statements import Equation
from derivations.verdicts import Evidence
from numeric.enclosure import Comparison
from numeric.errors import Undecided
from numeric.scalars import (
    Assignment,
    compare_scalars,
    draw,
    enclose_scalar,
    order_scalars,
    solve_on,
)
from numeric.seeds import generator
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import explicit, is_matrix

_TRIES = 3  # draws for each point asked for


def equality(left: Side, right: Side, facts: Facts, points: int, seed: int) -> Sampled:
    """Whether two SymPy expressions agree at random points under the facts known."""

    def judge(rng: np.random.Generator) -> tuple[Assignment, Comparison]:
        point = draw(_unknowns(facts, left, right), facts.conditions, rng)
        found = compare_scalars(_explicit(left), _explicit(right), point, digits=DIGITS)
        _check_real(left, point)
        return point, found

    return _sampled(judge, points, seed, f"both sides agree to {DIGITS} digits")


def implication(before: Equation, after: Equation, facts: Facts, points: int, seed: int) -> Sampled:
    """Whether an equation holds at random points at which the one before it holds."""
    unknowns = _unknowns(facts, before.left, before.right, after.left, after.right)

    def judge(rng: np.random.Generator) -> tuple[Assignment, Comparison]:
        point = solve_on((before.left, before.right), unknowns, facts.conditions, rng)
        return point, compare_scalars(
            _explicit(after.left), _explicit(after.right), point, digits=DIGITS
        )

    return _sampled(judge, points, seed, f"both sides agree to {DIGITS} digits")


def order(left: Side, right: Side, facts: Facts, points: int, seed: int) -> Sampled:
    """Whether one scalar is at most another at random points under the facts known."""

    def judge(rng: np.random.Generator) -> tuple[Assignment, Comparison]:
        point = draw(_unknowns(facts, left, right), facts.conditions, rng)
        return point, order_scalars(left, right, point)

    return _sampled(judge, points, seed, "the order holds")


def _check_real(line: Side, point: Assignment) -> None:
    """Raise `Undecided` where a line without the imaginary unit has no real value."""
    if not is_scalar(line) or line.has(sympy.I):
        return
    from flint import acb

    for entry in np.asarray(enclose_scalar(_explicit(line), point), dtype=object).flat:
        if isinstance(entry, acb) and not entry.imag.contains(0):
            raise Undecided(
                f"the value of {text_of(line)}",
                f"at {point} it is no real number",
                "declare where it is defined",
            )


def _explicit(side: Side) -> Side:
    return explicit(side) if is_scalar(side) and is_matrix(side) else side


def _unknowns(facts: Facts, *lines: Side) -> list[object]:
    everything = [*lines, *facts.conditions]
    return list(dict.fromkeys(each for line in everything for each in unknowns_of(line)))


def _sampled(
    judge: Callable[[np.random.Generator], tuple[Assignment, Comparison]], points: int, seed: int, held: str
) -> Sampled:
    rng = generator(seed)
    agreed, reason = 0, ""
    for _ in range(_TRIES * points):
        if agreed == points:
            break
        try:
            point, found = judge(rng)
        except Undecided as error:
            reason = str(error)
            continue
        if found.outcome == "different":
            return Sampled(True, refuted(found, agreed + 1, str(point)))
        if found.outcome == "equal":
            agreed += 1
        else:
            reason = found.reason
    if agreed:
        words = f"{held} at {agreed} rational points (seed {seed})"
        return Sampled(False, Evidence("verified", "enclosure", words, agreed))
    return Sampled(False, Evidence("undecided", "enclosure", reason or "no point was tried"))
