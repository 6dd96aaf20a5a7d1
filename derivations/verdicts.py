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
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import sympy

from derivations.bound_variables import contradicted
from derivations.definedness import undefined_between
from derivations.derivation import Derivation, Step
from derivations.languages import Side, is_scalar, same, shape_of, text_of
from derivations.lemma import Earlier, Lemma
from derivations.ordering import may_be_complex, orders
from derivations.parts import not_given
from derivations.reasons import RightToLeft, check_language, leads_to
from derivations.rules.equations import equation_leads_to, proportional
from derivations.rules.sampling import sampling
from derivations.rules.scalar_equations import scalar_equation_leads_to, scalar_proportional
from derivations.statements import (
    Claim,
    Convergence,
    Equation,
    Implication,
    Inequality,
    Line,
    first_line,
    last_line,
    sides,
)
from symbolic.errors import ChainruleError, DataError, UnsupportedError
from symbolic.scalars.facts import Facts
from symbolic.sizes import shape_text

if TYPE_CHECKING:
    from derivations.sampled import Sampled
    from numeric.accuracy.generated import CodeAccuracy

ORDER = ("proved", "verified", "undecided", "refuted")  # from best to worst
PASSING = ("proved", "verified")
_RELATIONS = {"<=": {"equals", "at_most"}, ">=": {"equals", "at_least"}}
_OF_VALUES = {"equals", "at_most", "at_least"}  # relations of two values at one point
NO_FACTS = Facts()
MANY_POINTS = 40  # at least, for an order that no rule proves
POINTS = 3  # rational points for each line, each of its own sizes


@dataclass(frozen=True)
class Evidence:
    """What is known of one line: the verdict, how it was reached, and in words why.

    method  "executed" for a reason carried out, "enclosure" for values compared with certainty,
            "sampled" for what was only seen to hold at points or in random draws; "form", "shapes"
            and "claim" for how lines fit together; an experiment's own kind otherwise
    """

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
    experiments: tuple[Evidence, ...] = ()  # what each experiment of the derivation found

    @property
    def derived(self) -> tuple[Evidence, ...]:
        """The evidence of every line and claim."""
        return (*itertools.chain(*self.chains), *self.claims)

    @property
    def all(self) -> tuple[Evidence, ...]:
        """Every piece of evidence."""
        return self.derived + self.experiments

    @property
    def verdict(self) -> str:
        """The worst verdict of lines and claims, or of experiments that do not pass.

        An experiment that passes adds to a proof and takes nothing from it.
        """
        failed = (each for each in self.experiments if each.verdict not in PASSING)
        return max((each.verdict for each in (*self.derived, *failed)), key=ORDER.index)

    @property
    def passed(self) -> bool:
        """Whether nothing is refuted or undecided."""
        return self.verdict in PASSING

    def counts(self) -> dict[str, int]:
        """How many steps have each verdict."""
        steps = [each.verdict for chain in self.chains for each in chain]
        return {verdict: steps.count(verdict) for verdict in ORDER if verdict in steps}

    def __str__(self) -> str:
        from derivations.rendering.text import report_text

        return report_text(self)

    def _repr_html_(self) -> str:
        from derivations.rendering.html import fragment

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
    total = sum(len(chain) for chain in derivation.chains) + len(derivation.experiments)
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    claimed = check_claims(derivation)
    chains: list[tuple[Evidence, ...]] = []
    for chain in derivation.chains:
        evidence = []
        for before, step in itertools.pairwise(chain):
            shown = tuple(
                claim
                for claim, fits, found in zip(derivation.claims, claimed, chains, strict=False)
                if all(each.verdict == "proved" for each in (fits, *found))
            )
            evidence.append(check_step(before.line, step, shown, facts=derivation.facts, seed=seed))
            advance()
        chains.append(tuple(evidence))
        advance()
    experiments = []
    for experiment in derivation.experiments:
        found = experiment.run(seed)
        if found.verdict != "undecided" or experiment in derivation.evidence:
            experiments.append(found)
        advance()
    return Report(
        derivation,
        tuple(chains),
        (
            *claimed,
            *(Evidence("undecided", "claim", said) for said in undefined_between(derivation)),
            *_check_given(derivation),
            *_check_conditions(derivation, chains),
        ),
        seed,
        _accuracy(derivation, seed) if accuracy else None,
        tuple(experiments),
    )


@lru_cache(maxsize=256)
def is_shown(derivation: Derivation) -> bool:
    """Whether a derivation may serve as a reason: a page of the catalogue, or one that passes.

    Pages are checked by themselves, each once.
    """
    from derivations.catalogue import catalogue

    page = derivation.id
    if page in catalogue and catalogue[page] is derivation:
        return True
    report = check(derivation)
    steps = itertools.chain(*report.chains)
    return report.passed and all(each.verdict == "proved" for each in steps)


def _accuracy(derivation: Derivation, seed: int) -> CodeAccuracy | None:
    """The accuracy of the generated code; None where there is no code, or no truth to compare with."""
    try:
        return derivation.accuracy(seed=seed)
    except (UnsupportedError, DataError):
        return None


def check_step(
    before: Line,
    step: Step,
    shown: tuple[Claim, ...] = (),
    *,
    facts: Facts = NO_FACTS,
    seed: int = 0,
) -> Evidence:
    """The evidence that `step` follows from the line before it.

    `shown` are the claims before, `facts` the conditions given.
    """
    line = step.line
    misfit = _misfit(before, step) or _meaningless(before, step, facts)
    if misfit is not None:
        return misfit
    if isinstance(before, Equation):
        assert isinstance(line, Equation)
        found = _sampling(before).implication(before, line, facts, POINTS, seed)
        premise = before
        return _reasoned(step, found, shown, lambda: _implies(premise, line, step, facts))
    assert not isinstance(line, Equation)
    if step.relation == "tends_to":
        assert step.towards is not None
        before = sympy.Limit(before, *step.towards, "+-" if step.towards[1].is_finite else "-")
    if step.relation in ("equals", "tends_to"):
        start = before
        found = _sampling(line).equality(start, line, facts, POINTS, seed)
        return _reasoned(step, found, shown, lambda: leads_to(start, line, step.by, facts))
    smaller, larger = (before, line) if step.relation == "at_most" else (line, before)
    points = POINTS if step.by != (sampling,) else MANY_POINTS
    found = _sampling(line).order(smaller, larger, facts, points, seed)
    return _reasoned(step, found, shown, lambda: orders(before, line, step, facts))


def _implies(before: Equation, after: Equation, step: Step, facts: Facts) -> bool:
    if is_scalar(after.left):
        return scalar_equation_leads_to(before, after, step.by, facts)
    return equation_leads_to(before, after, step.by)


def _misfit(before: Line, step: Step) -> Evidence | None:
    """Why a line cannot stand in this relation to the one before, whatever the reasons."""
    line = step.line
    if isinstance(before, Equation) != isinstance(line, Equation):
        said = "an equation and an expression cannot follow from each other"
    elif isinstance(line, Equation) != (step.relation == "implies"):
        said = "an equation implies an equation; expressions are equal or ordered"
    elif is_scalar(sides(before)[0]) != is_scalar(sides(line)[0]):
        said = "a line of SymPy and an expression with a shape cannot follow from each other"
    elif isinstance(before, Equation) or isinstance(line, Equation):
        return None
    elif step.relation == "tends_to" and not is_scalar(line):
        said = "only SymPy lines tend to a limit"
    elif step.relation in ("at_most", "at_least") and (shape_of(before) or shape_of(line)):
        said = "only scalars can be compared"
    elif step.relation in ("at_most", "at_least") and any(map(may_be_complex, (before, line))):
        said = "complex numbers have no order; declare symbols with real=True"
    elif shape_of(before) != shape_of(line):
        return _shapes_differ(before, line)
    else:
        return None
    return Evidence("undecided", "form", said)


def _meaningless(before: Line, step: Step, facts: Facts) -> Evidence | None:
    """Why a line says nothing: a bound variable is declared to be what its range does not give."""
    said = contradicted(before, facts) or contradicted(step.line, facts)
    for side in (*sides(before), *sides(step.line)):
        if is_scalar(side) and side.has(sympy.nan, sympy.zoo):
            said = f"{text_of(side)} is not a number"
    if said is None and step.towards is not None:
        variable, point = step.towards
        conditions = [each for each in facts.conditions if variable in each.free_symbols]
        if not all(_holds_far_out(each, variable, point) for each in conditions):
            said = f"{variable} tends to {point}, where the conditions on it do not hold"
    return Evidence("undecided", "form", said) if said is not None else None


def _holds_far_out(condition: sympy.Basic, variable: sympy.Symbol, point: sympy.Expr) -> bool:
    """Whether a condition is a lower bound of a variable that tends to infinity."""
    if point != sympy.oo or not isinstance(condition, (sympy.Gt, sympy.Ge, sympy.Lt, sympy.Le)):
        return False
    return bool(condition.gts == variable) and variable not in condition.lts.free_symbols


def _sampling(line: Line) -> ModuleType:
    """The module that samples lines of this language."""
    from importlib import import_module

    scalar = is_scalar(sides(line)[0])
    return import_module("derivations.sampled_scalars" if scalar else "derivations.sampled")


def _reasoned(
    step: Step, found: Sampled, shown: tuple[Claim, ...], executes: Callable[[], bool]
) -> Evidence:
    if found.refuted:
        return found.evidence
    if step.by == (sampling,):
        return _seen(step, found)
    for reason in map(_inner, step.by):
        for claim in _rests_on(reason):
            if claim not in shown:
                return Evidence("undecided", "executed", f"{claim} is not shown before this")
        if isinstance(reason, Lemma) and reason.proved not in reason.derivation.claims:
            said = f"{reason.name} does not claim {reason.proved}"
            return Evidence("undecided", "executed", said)
        if isinstance(reason, Lemma) and not is_shown(reason.derivation):
            said = f"{reason.name}, which it rests on, does not pass its own check"
            return Evidence("undecided", "executed", said)
    try:
        check_language(sides(step.line)[0], step.by)
        if executes():
            if not found.evidence.points and step.relation in _OF_VALUES:
                return _without_points(step, found)
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


def _without_points(step: Step, found: Sampled) -> Evidence:
    """A line that follows from the one before, but was not seen to say anything anywhere."""
    why = found.evidence.reason
    said = f"{step.reason} gives this line, but at no point were both lines seen to have a value: {why}"
    return Evidence("undecided", "executed", said)


def _inner(reason: Any) -> Any:
    while isinstance(reason, RightToLeft):
        reason = reason.reason
    return reason


def _rests_on(reason: Any) -> tuple[Claim, ...]:
    """The claims of the same derivation that a reason uses."""
    return (reason.claim,) if isinstance(reason, Earlier) else getattr(reason, "rests_on", ())


def _seen(step: Step, found: Sampled) -> Evidence:
    """An inequality that no rule proves, seen to hold at points."""
    if step.relation not in ("at_most", "at_least"):
        return Evidence(
            "undecided", "form", "sampling is a reason for inequalities; an equality needs a rule"
        )
    return replace(found.evidence, method="sampled")


def _shapes_differ(before: Side, line: Side) -> Evidence:
    return Evidence(
        "refuted",
        "shapes",
        f"shape {shape_text(shape_of(line))} after shape {shape_text(shape_of(before))}",
        counterexample=f"{shape_text(shape_of(line))} is not {shape_text(shape_of(before))}",
    )


def _check_given(derivation: Derivation) -> list[Evidence]:
    """That every unknown of the lines is given, with what is assumed of it."""
    missing = ", ".join(not_given(derivation))
    said = f"not given, or given with other assumptions: {missing}"
    return [Evidence("undecided", "given", said)] if missing else []


def _check_conditions(derivation: Derivation, chains: list[tuple[Evidence, ...]]) -> list[Evidence]:
    """That the conditions given can hold: from a contradiction everything would follow."""
    seen = any(found.points for chain in chains for found in chain)
    if seen or not derivation.facts.conditions or not any(chains):
        return []
    from derivations.sampled_scalars import can_hold

    said = can_hold(derivation.facts)
    return [] if said is None else [Evidence("undecided", "given", said)]


def check_claims(derivation: Derivation) -> list[Evidence]:
    """Evidence that chain k starts where claim k starts and ends where it ends."""
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
                if not _same(found, wanted, derivation.facts)
            ),
            None,
        )
        if wrong is None and not _proves(chain[1:], claim):
            relations = sorted({step.relation for step in chain[1:]})
            wrong = f"a chain of {', '.join(relations)} does not prove {claim}"
        evidence.append(
            Evidence("proved", "claim", "the chain starts and ends at the claim")
            if wrong is None
            else Evidence("undecided", "claim", wrong)
        )
    if len(derivation.chains) > len(derivation.claims):
        evidence.append(Evidence("undecided", "claim", "there are more chains than claims"))
    return evidence


def _proves(steps: tuple[Step, ...], claim: Claim) -> bool:
    """Whether steps of these relations, one after the other, prove such a claim."""
    relations = [step.relation for step in steps]
    if isinstance(claim, Convergence):
        limits = [step.towards for step in steps if step.relation == "tends_to"]
        return set(relations) <= {"equals", "tends_to"} and limits == [claim.towards]
    if isinstance(claim, Inequality):
        return set(relations) <= _RELATIONS[claim.relation]
    return set(relations) == {"implies" if isinstance(claim, Implication) else "equals"}


def _same(found: Line, wanted: Line, facts: Facts) -> bool:
    if isinstance(found, Equation) and isinstance(wanted, Equation):
        if is_scalar(found.left) != is_scalar(wanted.left):
            return False
        if all(same(a, b) for a, b in zip(sides(found), sides(wanted), strict=True)):
            return True
        if is_scalar(found.left):
            return scalar_proportional(found, wanted, facts)
        return proportional(found, wanted)
    if isinstance(found, Equation) or isinstance(wanted, Equation):
        return False
    return same(found, wanted)
