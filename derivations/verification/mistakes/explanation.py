"""The slip in a refuted claim: suspicions, sieved by values, confirmed by a proof, the simplest told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from derivations.verification.mistakes.agreement import agree
from derivations.verification.mistakes.chain import chain_slips
from derivations.verification.mistakes.conditions import Condition, conditions_of
from derivations.verification.mistakes.flat import flat, terms_of, total
from derivations.verification.mistakes.problem import Problem
from derivations.verification.mistakes.slip import Slip, said
from derivations.verification.mistakes.terms import replaced_term_slips, term_slips
from derivations.verification.mistakes.trees import function_slips, tree_slips
from derivations.verification.mistakes.wholes import whole_slips
from derivations.verification.result import Mistake
from symbolic import simplify
from symbolic.nodes import Contraction, Expression
from symbolic.operations import negative
from symbolic.printing.text_printer import text

_MOST_CONDITIONS = 2
_MOST_PROOFS = 8  # suspicions that are put to a proof
_MARGIN = 0.5  # how much more far-fetched another explanation may be
_MENDED = 1.0  # how much more far-fetched the same slip may be as an edit of the claim


@dataclass(frozen=True)
class Explanation:
    """What explains a refuted claim.

    mistakes  slips, each verified: the repaired claim equals the right answer
    right_if  assumptions under which the claim is right
    notes     what else a reader should know
    """

    mistakes: tuple[Mistake, ...] = ()
    right_if: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def explain(
    correct: Expression, claim: Expression, slope: Expression | None, seed: int
) -> Explanation:
    """Name the slip in a claim that is not the right answer, or nothing.

    `slope` is the inert derivative that is claimed, if one is: then slips in its chain rule are
    looked for as well. Nothing is raised.

    >>> from symbolic import gradient, parse
    >>> given = {"A": "n n", "x": "n"}
    >>> correct = gradient("x @ A @ x", "x", given)
    >>> found = explain(correct, parse("2*A @ x", given), None, 0)
    >>> found.mistakes[0].kind, found.right_if
    ('symmetric assumed', ('A is symmetric',))
    """
    try:
        with np.errstate(all="ignore"):
            return _explained(correct, claim, slope, seed)
    except Exception:  # the verdict stands without an explanation
        return Explanation()


def _explained(
    correct: Expression, claim: Expression, slope: Expression | None, seed: int
) -> Explanation:
    problem = Problem.of(correct, claim, slope, seed)
    if len(problem.points) < 2 or problem.points.equal(problem.correct, problem.claim):
        return Explanation()
    nothing = nothing_to_mend(problem)
    if nothing:
        return Explanation(notes=(nothing,))
    conditions = conditions_of(problem, seed)
    suspicions = [*_symmetry(conditions, problem), *suspected_slips(problem)]
    told = [*_confirmed(sorted(suspicions, key=by_likelihood), problem, correct, seed)]
    right_if = [text for _, slip in told for text in slip.right_if]
    right_if += [each.text for each in conditions]
    return Explanation(tuple(mistake for mistake, _ in told), tuple(right_if[:_MOST_CONDITIONS]))


_STAGES: tuple[Callable[[Problem], Iterator[Slip]], ...] = (
    whole_slips,
    term_slips,
    chain_slips,
    tree_slips,
    function_slips,
    replaced_term_slips,
)


def nothing_to_mend(problem: Problem) -> str:
    """A sentence where a side is zero: any factor or term of the other could be what it lacks."""
    if problem.points.vanishes(problem.claim):
        return "the claim is zero everywhere, the right answer is not"
    if problem.points.vanishes(problem.correct):
        return "the right answer is zero everywhere, the claim is not"
    return ""


def suspected_slips(problem: Problem) -> Iterator[Slip]:
    """What values do not rule out, stage by stage, until something near at hand is found."""
    best = float("inf")
    for stage in _STAGES:
        for slip in stage(problem):
            best = min(best, slip.cost)
            yield slip
        if best <= 1.0:
            return


def _symmetry(conditions: list[Condition], problem: Problem) -> Iterator[Slip]:
    for each in conditions:
        if each.domain == "symmetric":
            name = each.variable.name
            detail = said("{} is taken for symmetric: {}.T = {}", name, name, name)
            yield Slip(1.6, "symmetric assumed", detail, problem.correct, mended=problem.correct)


_ALIKE = (  # kinds that tell one slip in other words
    {"dropped term", "wrong-signed term", "doubled term", "extra term", "factor", "constant"},
    {"symmetric assumed", "transposed", "layout", "commuted product"},
    {"wrong argument", "sign", "function", "exponent", "wrong variable"},
    {"missing chain factor", "extra chain factor"},
)
_APART = ("symmetric assumed", "log parameter")  # explanations beside which another one may stand


def _alike(kind: str, other: str) -> bool:
    return kind == other or any(kind in kinds and other in kinds for kinds in _ALIKE)


_WEAK = {"wrong axis": 0.3, "commuted product": 0.3, "swapped argument": 0.3, "wrong product": 0.3,
         "wrong argument": 0.1, "wrong variable": 0.1}  # fmt: skip


def by_likelihood(slip: Slip) -> float:
    """How late a slip is told: what may happen to fit stands behind signs, factors and terms."""
    return slip.cost + _WEAK.get(slip.kind, 0.0)


def second_explanation(slip: Slip, first: Slip) -> bool:
    """Whether a slip is a truly different explanation, not the first one in other words."""
    near = slip.cost <= first.cost + _MARGIN
    return near and slip.kind in _APART and not _alike(slip.kind, first.kind)


def _confirmed(
    suspicions: list[Slip], problem: Problem, correct: Expression, seed: int
) -> Iterator[tuple[Mistake, Slip]]:
    """The simplest slip that is proved or verified, and one that explains the claim in another way."""
    first: Slip | None = None
    proofs = 0
    for slip in suspicions:
        if proofs == _MOST_PROOFS:
            return
        if first is not None and not second_explanation(slip, first):
            continue
        proofs += 1
        goal = problem.claim if slip.of_correct else problem.correct
        if not agree(slip.edited, goal, seed):
            continue
        detail = slip.detail()
        if not detail:
            continue
        yield Mistake(slip.kind, detail, _mended(slip, suspicions, problem, correct, seed)), slip
        if first is not None:
            return
        first = slip


def _mended(
    slip: Slip, suspicions: list[Slip], problem: Problem, correct: Expression, seed: int
) -> Expression:
    """The claim without the slip: in the claim's own form where it is an edit of that."""
    if not slip.of_correct and slip.mended is None:
        return _readable(slip.edited)
    known = [slip.mended] if slip.mended not in (None, problem.correct) else []
    known += [
        each.edited
        for each in suspicions
        if not each.of_correct
        and each.edited is not problem.correct
        and each.cost <= slip.cost + _MENDED
        and _alike(each.kind, slip.kind)
    ]
    for edited in known[:_MOST_MENDED]:
        if problem.points.equal(edited, problem.correct) and agree(edited, problem.correct, seed):
            return _readable(edited)
    return correct


def _readable(edited: Expression) -> Expression:
    """An edited claim term by term as it is written, unless that is much longer than need be."""
    plain, short = total(map(_term, terms_of(flat(edited)))), simplify(edited)
    return plain if len(text(plain)) <= _MOST_LONGER * len(text(short)) else short


def _term(term: Expression) -> Expression:
    """A term as it is written, its sign in front."""
    minus = isinstance(term, Contraction) and term.coefficient.could_extract_minus_sign()
    return negative(simplify(negative(term))) if minus else simplify(term)


_MOST_MENDED = 3
_MOST_LONGER = 1.6
