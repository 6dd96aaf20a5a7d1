"""Slips of whole terms: dropped, doubled, with the wrong sign or factor, one in place of another.

Both sides are read as sums of a few terms. What the claim has too much is compared with the sums of all
subsets of terms at once: one number that fits all entries at all points is the factor they got.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import compress, pairwise
from typing import Any

import numpy as np

from derivations.verification.mistakes.flat import multiplied_out, terms_of, total
from derivations.verification.mistakes.problem import Problem
from derivations.verification.mistakes.ratios import Ratio, recognise
from derivations.verification.mistakes.slip import Slip, said
from symbolic.nodes import Expression
from symbolic.operations import multiply, negative, subtract

Array = Any
_CLOSE = 1e-9
_MOST = 9  # terms whose subsets are tried


def term_slips(problem: Problem) -> Iterator[Slip]:
    """Every slip of terms that values do not rule out."""
    if problem.claim.shape != problem.correct.shape:
        return
    for cost, opened in ((1.5, terms_of), (2.3, multiplied_out)):
        ours, theirs = opened(problem.correct), opened(problem.claim)
        if cost > 1.5 and len(ours) == len(terms_of(problem.correct)):
            ours = []
        if cost > 1.5 and len(theirs) == len(terms_of(problem.claim)):
            theirs = []
        yield from _weighted(problem, ours, cost, of_correct=True)
        yield from _weighted(problem, theirs, cost + 0.3, of_correct=False)
        yield from _exchanged(problem, ours, cost + 0.2)
        yield from _one_for_all(problem, ours, cost + 0.2)


def _entries(problem: Problem, expression: Expression) -> Array | None:
    """All entries at all points in a row, each point scaled alike."""
    found = problem.points.values(expression)
    return None if found is None else np.concatenate([each.ravel() for each in found])


def _weighted(
    problem: Problem, terms: Sequence[Expression], cost: float, *, of_correct: bool
) -> Iterator[Slip]:
    """Some terms times one factor: 0, -1, 2, 1/2, a size, ..."""
    if not 1 < len(terms) <= _MOST:
        return
    start, goal = problem.correct, problem.claim
    if not of_correct:
        start, goal = goal, start
    rows = []
    for each in (*terms, start, goal):
        entries = _entries(problem, each)
        if entries is None:
            return
        rows.append(entries)
    table, gap = np.array(rows[:-2]), rows[-1] - rows[-2]
    subsets = (np.arange(1, 2 ** len(terms) - 1)[:, None] >> np.arange(len(terms))) & 1
    sums = subsets @ table
    starts = np.cumsum([0, *(each.size for each in problem.points.values(start) or [])])
    factors = _per_point(sums, gap, starts)
    hits = [
        k for k, row in enumerate(factors) if not np.isinf(row).any() and not np.isnan(row).all()
    ]
    hits.sort(key=lambda row: int(subsets[row].sum()))
    for row in hits[:2]:
        ratio = _ratio(1 + factors[row], problem)
        if ratio is not None:
            far = cost + 0.2 * (int(subsets[row].sum()) - 1)
            slip = _term_slip(terms, subsets[row].astype(bool), ratio, far, of_correct)
            if of_correct and not isinstance(ratio, Ratio):
                part = total(compress(terms, subsets[row]))
                slip = replace(slip, mended=total([*terms_of(problem.claim), *terms_of(part)]))
            yield slip


def _per_point(sums: Array, gap: Array, starts: Array) -> Array:
    """For each row and point the factor c with gap = c * sum: nan where both are 0, inf for none."""
    columns = []
    for first, last in pairwise(starts):
        part, wanted = sums[:, first:last], gap[first:last]
        largest = np.abs(wanted).max(initial=0)
        with np.errstate(all="ignore"):
            factor = part @ wanted / (part * part).sum(axis=1)
            off = np.abs(wanted - factor[:, None] * part).max(axis=1, initial=0)
        if largest:
            columns.append(np.where(off <= _CLOSE * largest, factor, np.inf))
        else:
            columns.append(np.where(np.abs(part).max(axis=1, initial=0) == 0, np.nan, np.inf))
    return np.array(columns).T


def _ratio(numbers: Array, problem: Problem) -> Ratio | float | None:
    """What the terms are multiplied by: 0, or a number that is recognised."""
    if np.nanmax(np.abs(numbers)) < _CLOSE:
        return 0.0
    return recognise(list(numbers), problem)


def _term_slip(
    terms: Sequence[Expression], chosen: Array, ratio: Ratio | float, cost: float, of_correct: bool
) -> Slip:
    """The slip that some of the terms got a factor; a factor 0 drops them."""
    part = total(compress(terms, chosen))
    what = "the term" if chosen.sum() == 1 else "the terms"
    verb = "is" if chosen.sum() == 1 else "are"
    if isinstance(ratio, float):
        edited = total(compress(terms, ~chosen))
        if of_correct:
            return Slip(
                cost, "dropped term", said(f"{what} {{}} {verb} missing", part), edited, True
            )
        return Slip(cost, "extra term", said(f"{what} {{}} {verb} too much", part), edited)
    edited = total(
        multiply(ratio.expression, term) if weighted else term
        for term, weighted in zip(terms, chosen, strict=True)
    )
    kind, detail = _weighted_words(what, part, ratio, of_correct)
    return Slip(cost + ratio.cost / 2, kind, detail, edited, of_correct)


def _weighted_words(
    what: str, part: Expression, ratio: Ratio, of_correct: bool
) -> tuple[str, Callable[[], str]]:
    """The kind and the sentence for terms that have got a factor, or have to get one."""
    if ratio.plain == -1:
        claimed = negative(part) if of_correct else part
        return "wrong-signed term", said(f"{what} {{}}: wrong sign", claimed)
    if of_correct and ratio.plain == 2:
        return "doubled term", said(f"{what} {{}}: factor 2 too much", part)
    lacks = bool(ratio.missing) == of_correct
    kind = "missing chain factor" if lacks and ratio.kind in _NAMED else "factor"
    factor, verb = ratio.missing or ratio.text, "is missing" if lacks else "too much"
    return kind, said(f"{what} {{}}: factor {{}} {verb}", part, factor)


_NAMED = ("variable", "scalar")  # factors that come from the function, no plain numbers


def _exchanged(problem: Problem, terms: Sequence[Expression], cost: float) -> Iterator[Slip]:
    """One term is there twice and another not at all."""
    if not 1 < len(terms) <= _MOST:
        return
    for lost in terms:
        for twice in terms:
            if lost is twice:
                continue
            edited = subtract(problem.correct, lost) + twice
            if problem.points.equal(edited, problem.claim):
                yield Slip(
                    cost,
                    "dropped term",
                    said("the term {} is missing, {} is there twice", lost, twice),
                    edited,
                    True,
                )


def _one_for_all(problem: Problem, terms: Sequence[Expression], cost: float) -> Iterator[Slip]:
    """Terms that differ in the order of their factors, counted as if they were one."""
    count = len(terms)
    if not 2 < count <= _MOST:
        return
    for term in terms:
        edited = multiply(count, term)
        if problem.points.equal(edited, problem.claim):
            sentence = f"claim is {count} times the term {{}}: its factors do not commute"
            yield Slip(cost, "commuted product", said(sentence, term), edited, True)


def replaced_term_slips(problem: Problem) -> Iterator[Slip]:
    """All terms agree but one: the last resort, for claims that share a term with the right answer."""
    ours, theirs = terms_of(problem.correct), terms_of(problem.claim)
    if len(ours) != len(theirs) or not 1 < len(ours) <= _MOST:
        return
    for mine in ours:
        for other in theirs:
            edited = subtract(problem.correct, mine) + other
            if problem.points.equal(edited, problem.claim):
                yield Slip(
                    9.0,
                    "wrong term",
                    said("the term {} stands where {} belongs", other, mine),
                    edited,
                    True,
                )
                return
