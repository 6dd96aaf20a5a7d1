"""Verdicts: each line of a derivation checked, refuted first and then proved.

| verdict   | means                                                                                    |
|-----------|------------------------------------------------------------------------------------------|
| proved    | the reasons, executed on the line before, give this line                                 |
| verified  | enclosures of both sides agree to 50 digits at random rational points of several sizes   |
| refuted   | at a rational point the enclosure of the difference excludes zero                        |
| undecided | everything else; it never counts as a pass                                               |
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derivations.derivation import Derivation, Step, sides
from derivations.equation_rules import equation_leads_to, proportional
from derivations.inequality_rules import InequalityRule
from derivations.lemma import Earlier
from derivations.statements import (
    Claim,
    Equation,
    Implication,
    Inequality,
    Line,
    first_line,
    last_line,
)
from symbolic import Expression
from symbolic.algebra.normal import equal_by_algebra
from symbolic.calculus.execution import leads_to
from symbolic.errors import ChainruleError, DataError, UnsupportedError
from symbolic.sizes import shape_text

if TYPE_CHECKING:
    from derivations.sampled import Sampled
    from numeric.accuracy.generated import CodeAccuracy

ORDER = ("proved", "verified", "undecided", "refuted")  # from best to worst
_RELATIONS = {
    Equation: {"equals"},
    Implication: {"implies"},
    Inequality: {"equals", "at_most"},
}
POINTS = 3  # rational points for each line, each of its own sizes


@dataclass(frozen=True)
class Evidence:
    """What is known of one line: the verdict, how it was reached, and in words why."""

    verdict: str
    method: str
    reason: str
    points: int = 0
    counterexample: str = ""

    def __str__(self) -> str:
        return f"{self.verdict}: {self.reason}"


@dataclass(frozen=True)
class Report:
    """The evidence of every step of a derivation, chain by chain, and for each claim."""

    derivation: Derivation
    chains: tuple[tuple[Evidence, ...], ...]  # one for each step after a chain's first line
    claims: tuple[Evidence, ...]  # that chain k starts and ends at claim k
    seed: int
    accuracy: CodeAccuracy | None = None  # of the generated code, where it was asked for

    @property
    def all(self) -> tuple[Evidence, ...]:
        """Every piece of evidence."""
        return tuple(each for chain in self.chains for each in chain) + self.claims

    @property
    def verdict(self) -> str:
        """The worst verdict of all."""
        return max((each.verdict for each in self.all), key=ORDER.index)

    @property
    def passed(self) -> bool:
        """Whether nothing is refuted or undecided."""
        return self.verdict in ("proved", "verified")

    def counts(self) -> dict[str, int]:
        """How many steps have each verdict."""
        steps = [each.verdict for chain in self.chains for each in chain]
        return {verdict: steps.count(verdict) for verdict in ORDER if verdict in steps}

    def __str__(self) -> str:
        from derivations.render_text import report_text

        return report_text(self)

    def _repr_html_(self) -> str:
        from derivations.render_html import fragment

        return fragment(self.derivation, self)


def check(
    derivation: Derivation,
    *,
    seed: int = 0,
    accuracy: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Check every line of a derivation and that its chains prove its claims.

    `progress(done, total)` is called after each line. The same seed gives the same points. With
    `accuracy` the code that the claims generate is measured as well, where there is such code.
    """
    total = sum(len(chain) for chain in derivation.chains)
    done = 0
    chains = []
    for place, chain in enumerate(derivation.chains):
        shown = derivation.claims[:place]
        evidence = []
        for before, step in itertools.pairwise(chain):
            evidence.append(check_step(before.line, step, shown, seed=seed))
            done += 1
            if progress is not None:
                progress(done, total)
        chains.append(tuple(evidence))
        done += 1
        if progress is not None:
            progress(done, total)
    measured = _accuracy(derivation, seed) if accuracy else None
    return Report(derivation, tuple(chains), tuple(_check_claims(derivation)), seed, measured)


def _accuracy(derivation: Derivation, seed: int) -> CodeAccuracy | None:
    """The accuracy of the generated code; None where there is no code, or no truth to compare with."""
    try:
        return derivation.accuracy(seed=seed)
    except (UnsupportedError, DataError):
        return None


def check_step(
    before: Line, step: Step, shown: tuple[Claim, ...] = (), *, seed: int = 0
) -> Evidence:
    """The evidence that `step` follows from the line before it; `shown` are the claims before."""
    from derivations.sampled import sampled_equality, sampled_implication, sampled_order

    line = step.line
    if isinstance(before, Equation) != isinstance(line, Equation):
        return Evidence(
            "undecided", "form", "an equation and an expression cannot follow from each other"
        )
    if step.relation == "equals":
        assert isinstance(before, Expression)
        assert isinstance(line, Expression)
        if before.shape != line.shape:
            return _shapes_differ(before, line)
        found = sampled_equality(before, line, POINTS, seed)
        return (
            found.evidence
            if found.refuted
            else _reasoned(step, found, shown, lambda: leads_to(before, line, step.by))
        )
    if step.relation == "implies":
        assert isinstance(before, Equation)
        assert isinstance(line, Equation)
        found = sampled_implication(before, line, POINTS, seed)
        return (
            found.evidence
            if found.refuted
            else _reasoned(step, found, shown, lambda: equation_leads_to(before, line, step.by))
        )
    assert isinstance(before, Expression)
    assert isinstance(line, Expression)
    if before.rank or line.rank:
        return Evidence("undecided", "form", "only scalars can be compared with at_most")
    found = sampled_order(before, line, POINTS, seed)
    return (
        found.evidence
        if found.refuted
        else _reasoned(step, found, shown, lambda: _orders(before, line, step))
    )


def _orders(before: Expression, line: Expression, step: Step) -> bool:
    (reason, *others) = step.by
    return not others and isinstance(reason, InequalityRule) and reason.holds(before, line)


def _reasoned(
    step: Step, found: Sampled, shown: tuple[Claim, ...], executes: Callable[[], bool]
) -> Evidence:
    for reason in step.by:
        if isinstance(reason, Earlier) and reason.equation not in shown:
            return Evidence("undecided", "executed", f"{reason.equation} is not shown before this")
    try:
        if executes():
            return Evidence(
                "proved", "executed", f"{step.reason} gives this line", found.evidence.points
            )
    except ChainruleError as error:
        return Evidence("undecided", "executed", f"{step.reason} cannot be executed: {error}")
    supported = (
        f"; the values agree at {found.evidence.points} points" if found.evidence.points else ""
    )
    return Evidence(
        "undecided",
        "executed",
        f"{step.reason} does not lead from the line before to this line{supported}",
        found.evidence.points,
    )


def _shapes_differ(before: Expression, line: Expression) -> Evidence:
    return Evidence(
        "refuted",
        "shapes",
        f"shape {shape_text(line.shape)} after shape {shape_text(before.shape)}",
        counterexample=f"{shape_text(line.shape)} is not {shape_text(before.shape)}",
    )


def _check_claims(derivation: Derivation) -> list[Evidence]:
    """That chain k starts where claim k starts and ends where it ends."""
    evidence = []
    for place, claim in enumerate(derivation.claims):
        if place >= len(derivation.chains) or len(derivation.chains[place]) < 2:
            evidence.append(Evidence("undecided", "claim", f"no chain of steps proves {claim}"))
            continue
        chain = derivation.chains[place]
        wrong = next(
            (
                f"the {where} line {found} is not that of the claim, {wanted}"
                for where, found, wanted in (
                    ("first", chain[0].line, first_line(claim)),
                    ("last", chain[-1].line, last_line(claim)),
                )
                if not _same(found, wanted)
            ),
            None,
        )
        relations = {step.relation for step in chain[1:]}
        if wrong is None and not relations <= _RELATIONS[type(claim)]:
            wrong = f"a chain of {', '.join(sorted(relations))} does not prove {claim}"
        evidence.append(
            Evidence("proved", "claim", "the chain starts and ends at the claim")
            if wrong is None
            else Evidence("undecided", "claim", wrong)
        )
    if len(derivation.chains) > len(derivation.claims):
        evidence.append(Evidence("undecided", "claim", "there are more chains than claims"))
    return evidence


def _same(found: Line, wanted: Line) -> bool:
    if isinstance(found, Equation) and isinstance(wanted, Equation):
        pairs = zip(sides(found), sides(wanted), strict=True)
        return proportional(found, wanted) or all(equal_by_algebra(a, b) for a, b in pairs)
    if isinstance(found, Expression) and isinstance(wanted, Expression):
        return equal_by_algebra(found, wanted)
    return False
