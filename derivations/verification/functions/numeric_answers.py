"""From what the points have shown to an answer: never more than "verified", and by numbers only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from derivations.verification.equality.decision import Counterexample
from derivations.verification.functions.float_sides import FloatPoint
from derivations.verification.functions.float_values import MOVABLE
from derivations.verification.functions.numeric_slips import Asked, Slips, name_slips
from derivations.verification.functions.point_checks import Finding
from derivations.verification.mistakes.slip import Slip
from derivations.verification.result import Verification
from numeric.branches import Branch
from symbolic.nodes import Variable

WORST_LAST = ("verified", "undecided", "refuted")


def numeric_answer(
    found: Sequence[Finding],
    question: str,
    asked: Asked,
    reference: str,
    seed: int,
    *,
    unseen: Iterable[Branch] = (),
    notes: Iterable[str] = (),
    suspected: Sequence[Slip] = (),
    ranged: Iterable[Variable] = (),
) -> Verification:
    """The answer for one claim, compared with `reference` at some points.

    `unseen` are branches that no point takes, `suspected` are slips beside the usual ones; of `ranged` it
    is said which entries were tried.
    """
    wrong = [each for each in found if each.outcome == "wrong"]
    verdict, reason = _verdict(found, unseen, reference)
    if verdict == "verified":
        reason = "; ".join(filter(None, (reason, entries_tried(found, ranged))))
    slips = name_slips(found, asked, suspected) if wrong else Slips()
    told = [*slips.notes, *notes, *(note for each in found for note in each.notes)]
    told += list(filter(None, (each.convention for each in found)))[:1]
    doubts = {each.reason: each for each in reversed(found) if each.outcome == "open"}
    told += [f"at {each.point}: {reason}" for reason, each in doubts.items()]
    sizes = {str(each.point): _sizes(each.point) for each in found if each.point.sizes}
    return Verification(
        verdict,
        _method(reference, wrong),
        reason,
        question,
        asked.claim,
        asked.correct,
        sum(each.outcome in ("right", "wrong") for each in found),
        tuple(sizes.values()),
        seed,
        counterexample=_counterexample(wrong[0]) if wrong else None,
        mistakes=slips.mistakes,
        notes=tuple(dict.fromkeys(told)),
    )


def entries_tried(found: Iterable[Finding], ranged: Iterable[Variable]) -> str:
    """How small and how large entries of variables were where a claim was right, and of which sign."""
    climbing = [variable for variable in ranged if variable.domain in MOVABLE]
    points = [each.point.arrays for each in found if each.outcome == "right"]
    entries = [np.ravel(point[v]) for point in points for v in climbing if v in point]
    tried = np.concatenate(entries) if entries else np.zeros(0)
    sizes = np.abs(tried[tried != 0])
    if not sizes.size:
        return ""
    zero = "0, and " if np.any(tried == 0) else ""
    signs = {True: ", of both signs", False: ""}[bool(np.any(tried < 0) and np.any(tried > 0))]
    return f"entries tried: {zero}{np.min(sizes):.1g} to {np.max(sizes):.2g} in size{signs}"


def _method(reference: str, wrong: Sequence[Finding]) -> str:
    if wrong and wrong[0].correct is None:
        return "shapes"
    return "finite differences" if reference.startswith("differences") else "floating point"


def _verdict(found: Sequence[Finding], unseen: Iterable[Branch], reference: str) -> tuple[str, str]:
    """One wrong point refutes; to verify, more than half have to be right, and one of them generic."""
    for outcome, verdict in (("wrong", "refuted"), ("failed", "undecided")):
        first = next((each for each in found if each.outcome == outcome), None)
        if first is not None:
            return verdict, f"at {first.point}: {first.reason}"
    right = [each for each in found if each.outcome == "right"]
    generic = [each for each in found if each.generic]
    told = [each for each in generic if each.outcome == "right"]
    if 2 * len(told) <= len(generic) or _variety(told) < _variety(generic):
        doubt = next((f"at {e.point}: {e.reason}" for e in found if e.outcome == "open"), "")
        return "undecided", doubt or "no point of the domains was found"
    words = f"by numbers only: at {len(right)} points the claim agrees with {reference}"
    for switch, sign in sorted(unseen, key=str)[:1]:
        relation = {1: ">", -1: "<", 0: "=="}.get(sign, "!=")
        where = f"{switch} {relation} 0"
        return "undecided", f"{words}, but at none of them is {where}, which decides on a branch"
    return "verified", f"{words}, within bars of at most {max(each.bar for each in right):.1g}"


def _variety(found: Sequence[Finding]) -> int:
    """How many different sizes, 1 aside, one of some points has at most."""
    return max((len({*each.point.sizes.values()} - {1}) for each in found), default=0)


def _counterexample(found: Finding) -> Counterexample | None:
    if found.claimed is None or found.correct is None or found.error is None:
        return None
    point = {name: array.tolist() for name, array in found.point.values.items()}
    correct, error = found.correct[found.entry], found.error[found.entry]
    doubt = f" +- {error:.1g}" if error > 1e-15 * abs(correct) else ""
    return Counterexample(
        _sizes(found.point),
        point,
        found.entry,
        f"{correct:.12g}{doubt}",
        f"{found.claimed[found.entry]:.12g}",
    )


def _sizes(point: FloatPoint) -> dict[str, int]:
    return {letter.name: number for letter, number in point.sizes.items()}


def worst(answers: Iterable[Verification]) -> Verification:
    """The answer of the side that is wrong, or known least."""
    return max(answers, key=lambda answer: WORST_LAST.index(answer.verdict))
