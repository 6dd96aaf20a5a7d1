"""The slip in a claim that is known by its values only: the same suspicions, held against numbers.

A side that is a person's function stands in the suspicions as a variable, whose values are those that
the function has given. A slip is named when it explains the values at all points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from derivations.verification.functions.point_checks import Finding
from derivations.verification.mistakes.explanation import (
    by_likelihood,
    nothing_to_mend,
    second_explanation,
    suspected_slips,
)
from derivations.verification.mistakes.flat import flat
from derivations.verification.mistakes.points import Points
from derivations.verification.mistakes.problem import Problem
from derivations.verification.mistakes.slip import Slip
from derivations.verification.result import Mistake
from numeric.binding import shape_of
from symbolic import simplify
from symbolic.errors import ChainruleError
from symbolic.nodes import Expression, Variable
from symbolic.sizes import Size
from symbolic.traverse import depends_on, unfold

Array = Any

_MOST = 5  # points
_ENOUGH = 3
_LEFT = 1e-3  # of the difference between a claim and the right answer, by rounding


@dataclass(frozen=True)
class Slips:
    """Mistakes with a repaired claim, and what the numbers say beside them."""

    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What was claimed: of which function, by which variable, how often, and what is right.

    `claim` and `correct` are None where they are known by their values only, `function` and
    `variable` where there is no derivative of an expression.
    """

    claim: Expression | None
    correct: Expression | None
    function: Expression | None = None
    variable: Variable | None = None
    order: int = 0


def name_slips(found: Sequence[Finding], asked: Asked, others: Sequence[Slip] = ()) -> Slips:
    """The slips that explain the values of a claim; `others` are suspected beside the usual ones.

    The repaired claim is the right answer where that is an expression, else the claim mended. Where
    neither is one, what was found is a note.
    """
    if _only_of_size_one(found):
        return Slips()
    try:
        with np.errstate(all="ignore"):
            named = list(_named(found, asked, others))
    except (ChainruleError, ArithmeticError, ValueError, RecursionError):
        named = []
    mistakes = tuple(each for each in named if isinstance(each, Mistake))
    notes = tuple(each for each in named if isinstance(each, str))
    return Slips(mistakes, notes) if named else _by_numbers(found, asked.correct)


def _only_of_size_one(found: Sequence[Finding]) -> bool:
    """Whether a claim is wrong just where all sizes are 1: a special case, and no usual slip."""
    wrong = {each.outcome == "wrong" for each in found if set(each.point.sizes.values()) - {1}}
    return wrong == {False}


def _by_numbers(found: Sequence[Finding], correct: Expression | None) -> Slips:
    """The slips that every wrong point shows by itself, where no point contradicts them."""
    if any(each.outcome == "right" and np.any(each.claimed) for each in found):
        return Slips()
    wrong = [each for each in found if each.outcome == "wrong"]
    first = wrong[0].slips if wrong else ()
    return told_by_numbers([s for s in first if all(s in each.slips for each in wrong)], correct)


def told_by_numbers(names: Iterable[str], correct: Expression | None) -> Slips:
    """Names that `numeric` gives to slips, as mistakes where the right answer is an expression."""
    mistakes, notes = [], []
    for name in names:
        kind = next((kind for start, kind in _KINDS.items() if name.startswith(start)), None)
        if kind is None or correct is None:
            notes.append(f"by numbers, the claim shows: {name}")
        else:
            mistakes.append(Mistake(kind, f"by numbers: {name}", correct))
    return Slips(tuple(mistakes), tuple(notes))


_KINDS = {
    "sign": "sign",
    "factor": "factor",
    "transposed": "transposed",
    "sum over the batch is missing": "missing broadcast sum",
    "mean over the batch": "mean for sum",
    "sum over the batch": "sum for mean",
    "upstream gradient ignored": "upstream gradient ignored",
    "upstream gradient added": "upstream gradient added",
    "zero everywhere": "zero gradient",
    "never written": "zero gradient",
}


def _named(
    found: Sequence[Finding], asked: Asked, others: Sequence[Slip]
) -> Iterator[Mistake | str]:
    points = _compared(found)
    if not any(each.outcome == "wrong" for each in points):
        return
    claim, correct = asked.claim, asked.correct
    if claim is None:
        claim = _opaque("claim", [each.claimed for each in points], points, correct)
    if correct is None:
        correct = _opaque("correct", [_right(each) for each in points], points, claim)
    if claim is None or correct is None or len(points) < 2:
        return
    values = _Measured(points, asked, claim, correct)
    problem = _Problem(flat(correct), flat(claim), None, None, asked.order, values)
    if asked.function is not None:
        whole = unfold(asked.function)
        problem = replace(problem, function=flat(whole), variable=asked.variable, written=whole)
    nothing = nothing_to_mend(problem)
    if nothing:
        yield nothing
        return
    first: Slip | None = None
    for slip in sorted([*others, *suspected_slips(problem)], key=by_likelihood):
        if first is not None and not second_explanation(slip, first):
            continue
        if _explains(slip, problem) and values.explained(slip, problem) and slip.detail():
            yield _told(slip, asked)
            if first is not None:
                return
            first = slip


def _explains(slip: Slip, problem: Problem) -> bool:
    """Whether a slip makes the two sides equal at all points, and not by repeating one of them."""
    goal = problem.claim if slip.of_correct else problem.correct
    return not depends_on(slip.edited, goal) and problem.points.equal(slip.edited, goal)


def _told(slip: Slip, asked: Asked) -> Mistake | str:
    if asked.correct is not None:
        return Mistake(slip.kind, slip.detail(), asked.correct)
    if slip.of_correct or asked.claim is None:
        return f"by numbers, {slip.detail()}"
    return Mistake(slip.kind, slip.detail(), simplify(slip.edited))


class _Problem(Problem):
    """A problem that knows all size letters of its points."""

    @cached_property
    def letters(self) -> tuple[sympy.Symbol, ...]:
        """The size letters."""
        return tuple(self.points.sizes[0])


class _Measured(Points):
    """The points of a check, with the values that were measured at them."""

    def __init__(
        self, points: Sequence[Finding], asked: Asked, claim: Expression, correct: Expression
    ) -> None:
        self.sizes = [each.point.sizes for each in points]
        self._known: list[dict[Expression, Array | None]] = []
        for each in points:
            known: dict[Expression, Array | None] = {
                variable: np.asarray(array, dtype=np.float64)
                for variable, array in each.point.arrays.items()
            }
            if asked.claim is None:
                known[claim] = np.asarray(each.claimed, dtype=np.float64)
            if asked.correct is None:
                known[correct] = np.asarray(_right(each), dtype=np.float64)
            self._known.append(known)
        self._wrong = [place for place, each in enumerate(points) if each.outcome == "wrong"]

    def explained(self, slip: Slip, problem: Problem) -> bool:
        """Whether a slip leaves next to nothing of the difference by which the claim was refuted."""
        goal = problem.claim if slip.of_correct else problem.correct
        for place in self._wrong:
            edited, wanted = self.value(slip.edited, place), self.value(goal, place)
            claim, correct = (self.value(each, place) for each in (problem.claim, problem.correct))
            if edited is None or wanted is None or claim is None or correct is None:
                return False
            if claim.shape == correct.shape and np.max(np.abs(edited - wanted)) > _LEFT * np.max(
                np.abs(claim - correct)
            ):
                return False
        return True


def _compared(found: Sequence[Finding]) -> list[Finding]:
    """Points at which the claim has finite values: wrong ones, if they are enough."""
    known = [
        each for each in found if each.claimed is not None and np.all(np.isfinite(each.claimed))
    ]
    wrong, right = ([e for e in known if e.outcome == word] for word in ("wrong", "right"))
    return wrong[:_MOST] if len(wrong) >= _ENOUGH else [*wrong, *right][:_MOST]


def _right(each: Finding) -> Array | None:
    return each.claimed if each.outcome == "right" else each.correct


def _opaque(
    name: str, values: Sequence[Array | None], points: Sequence[Finding], like: Expression | None
) -> Variable | None:
    """A variable for values that were measured, in the shape of the other side if that is theirs."""
    shapes = [np.shape(value) for value in values if value is not None]
    if not shapes or len(shapes) < len(values) or len({len(shape) for shape in shapes}) > 1:
        return None
    shape = like.shape if like is not None else ()
    if [shape_of(shape, each.point.sizes) for each in points] != shapes:
        found = [_size(numbers, points) for numbers in zip(*shapes, strict=True)]
        if None in found:
            return None
        shape = tuple(size for size in found if size is not None)
    taken = {variable.name for variable in points[0].point.arrays}
    return Variable(name + "_" * (name in taken), shape)


def _size(numbers: Sequence[int], points: Sequence[Finding]) -> Size | None:
    """The letter or the number that is one axis at all points."""
    for letter in _letters(points):
        if all(each.point.sizes[letter] == k for each, k in zip(points, numbers, strict=True)):
            return letter
    return numbers[0] if len(set(numbers)) == 1 else None


def _letters(points: Sequence[Finding]) -> list[sympy.Symbol]:
    return [letter for letter in points[0].point.sizes if isinstance(letter, sympy.Symbol)]
