"""The slip in a refuted claim: suspicions, sieved by values, confirmed by a proof, the simplest told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from derivations.verification.equality.decision import decide
from derivations.verification.mistakes.chain import chain_slips
from derivations.verification.mistakes.conditions import Condition, conditions_of
from derivations.verification.mistakes.points import FAILURES
from derivations.verification.mistakes.problem import Problem
from derivations.verification.mistakes.slip import Slip, said
from derivations.verification.mistakes.terms import replaced_term_slips, term_slips
from derivations.verification.mistakes.trees import function_slips, tree_slips
from derivations.verification.mistakes.wholes import whole_slips
from derivations.verification.result import Mistake
from symbolic import simplify
from symbolic.algebra.normal import equal_by_algebra
from symbolic.nodes import Expression

_MOST = 3  # readings that are told
_MOST_CONDITIONS = 2
_MOST_PROOFS = 8  # suspicions that are put to a proof
_MARGIN = 0.5  # how much more far-fetched another reading may be


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
        return _explained(correct, claim, slope, seed)
    except Exception:  # the verdict stands without an explanation
        return Explanation()


def _explained(
    correct: Expression, claim: Expression, slope: Expression | None, seed: int
) -> Explanation:
    problem = Problem.of(correct, claim, slope, seed)
    if len(problem.points) < 2 or problem.points.equal(problem.correct, problem.claim):
        return Explanation()
    conditions = conditions_of(problem, seed)
    suspicions = [*_symmetry(conditions, problem), *suspected_slips(problem)]
    told = [*_confirmed(suspicions, problem, correct, seed)]
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
            yield Slip(1.6, "symmetric assumed", detail, problem.correct)


_READINGS = (  # kinds that tell one slip in other words
    {"dropped term", "wrong-signed term", "doubled term", "extra term"},
    {"wrong argument", "sign", "function", "exponent", "wrong variable"},
)


def _of_one_reading(kind: str) -> set[str]:
    return next((kinds for kinds in _READINGS if kind in kinds), {kind})


def _confirmed(
    suspicions: list[Slip], problem: Problem, correct: Expression, seed: int
) -> Iterator[tuple[Mistake, Slip]]:
    """The simplest slips that are proved or verified, each kind and sentence once."""
    told: set[str] = set()  # kinds and sentences
    best, count, proofs = None, 0, 0
    for slip in sorted(suspicions, key=lambda slip: slip.cost):
        far = best is not None and slip.cost > best + _MARGIN
        if far or count == _MOST or proofs == _MOST_PROOFS:
            return
        if slip.kind in told:
            continue
        proofs += 1
        goal = problem.claim if slip.of_correct else problem.correct
        if not _equal(slip.edited, goal, seed):
            continue
        best, detail = slip.cost if best is None else best, slip.detail()
        if detail in told:
            continue
        told |= {detail, *_of_one_reading(slip.kind)}
        count += 1
        repaired = correct if slip.of_correct else simplify(slip.edited)
        yield Mistake(slip.kind, detail, repaired), slip


def _equal(first: Expression, second: Expression, seed: int) -> bool:
    """Whether equality is proved or verified; what cannot be decided is not."""
    with suppress(*FAILURES):
        return equal_by_algebra(first, second) or decide(first, second, seed=seed).verdict in (
            "proved",
            "verified",
        )
    return False
