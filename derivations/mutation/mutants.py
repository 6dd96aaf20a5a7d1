"""Derivations with one thing changed, and what their check says to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from derivations.derivation import Derivation, Step
from derivations.languages import Side, is_scalar, same
from derivations.mutation import scalar_lines, tensor_lines
from derivations.reasons import RightToLeft
from derivations.rules.equations import proportional
from derivations.rules.sampling import Sampling
from derivations.rules.scalar_equations import scalar_proportional
from derivations.statements import (
    Claim,
    Convergence,
    Equation,
    Implication,
    Inequality,
    Line,
)
from derivations.verdicts import ORDER, Evidence, check_claims, check_step
from symbolic import Expression
from symbolic.errors import ChainruleError
from symbolic.scalars.facts import Facts


@dataclass(frozen=True)
class Mutant:
    """A derivation with one thing changed: what kind of change, where, and the lines it concerns.

    `steps` are the places (chain, step) that may no longer pass.
    """

    kind: str
    where: str
    derivation: Derivation
    steps: tuple[tuple[int, int], ...]

    def verdict(self, *, seed: int = 0) -> str:
        """The worst verdict that a check gives the changed derivation."""
        worst = [self._claims()]
        for chain, place in self.steps:
            if worst[-1] == "refuted":
                break
            worst.append(self._step(chain, place, seed).verdict)
        return max(worst, key=ORDER.index)

    def _claims(self) -> str:
        return max((each.verdict for each in check_claims(self.derivation)), key=ORDER.index)

    def _step(self, chain: int, place: int, seed: int) -> Evidence:
        steps = self.derivation.chains[chain]
        try:
            return check_step(
                steps[place - 1].line,
                steps[place],
                self.derivation.claims[:chain],
                facts=self.derivation.facts,
                seed=seed,
            )
        except ChainruleError as error:
            return Evidence("undecided", "form", str(error))

    def __str__(self) -> str:
        return f"{self.kind} in {self.where}"


def mutants_of(
    derivation: Derivation, foreign: Sequence[Any] = (), *, of_each_kind: int | None = None
) -> Iterator[Mutant]:
    """Every way in which one thing of a derivation is changed.

    `foreign` are reasons of other pages, which do not apply here. With `of_each_kind` only so many
    changes of each kind are made to one line or claim.
    """
    yield from _few(_changed_lines(derivation), of_each_kind)
    yield from _few(_changed_claims(derivation), of_each_kind)
    yield from _exchanged_lines(derivation)
    yield from _exchanged_reasons(derivation)
    yield from _foreign_reasons(derivation, foreign)


def _few(mutants: Iterator[Mutant], most: int | None) -> Iterator[Mutant]:
    made: Counter[tuple[str, str]] = Counter()
    for mutant in mutants:
        place = mutant.where.partition(":")[0]
        made[mutant.kind, place] += 1
        if most is None or made[mutant.kind, place] <= most:
            yield mutant


def reasons_of(derivation: Derivation) -> tuple[Any, ...]:
    """The reasons that a derivation gives, each once."""
    found = {
        (reason.name, reason.statement): reason
        for chain in derivation.chains
        for step in chain
        for reason in step.by
        if not isinstance(reason, (RightToLeft, Sampling))
    }
    return tuple(found.values())


# --- lines and claims ---------------------------------------------------------------------------


def _changed_lines(derivation: Derivation) -> Iterator[Mutant]:
    for i, chain in enumerate(derivation.chains):
        for j, step in enumerate(chain):
            near = tuple((i, k) for k in (j, j + 1) if 0 < k < len(chain))
            for kind, line in _changed(step.line):
                new = _with_step(derivation, i, j, replace(step, line=line))
                yield Mutant(kind, f"line {j} of chain {i + 1}: {_text(line)}", new, near)


def _changed_claims(derivation: Derivation) -> Iterator[Mutant]:
    for i, claim in enumerate(derivation.claims):
        for kind, new in _changed_claim(claim):
            claims = (*derivation.claims[:i], new, *derivation.claims[i + 1 :])
            changed = replace(derivation, claim=claims, steps=_steps(derivation.chains))
            yield Mutant(kind, f"claim {i + 1}: {new}", changed, ())


def _changed_claim(claim: Claim) -> Iterator[tuple[str, Claim]]:
    if isinstance(claim, Implication):
        for kind, line in _changed(claim.conclusion):
            assert isinstance(line, Equation)
            yield kind, Implication(claim.premise, line)
        return
    for kind, right in _changed_side(claim.right):
        if isinstance(claim, Inequality):
            yield kind, Inequality(claim.left, right, claim.relation)
        elif isinstance(claim, Convergence):
            yield kind, Convergence(claim.left, right, claim.towards)
        elif isinstance(claim, Equation):
            yield kind, Equation(claim.left, right)


def _changed(line: Line) -> Iterator[tuple[str, Line]]:
    """The line with one thing changed, where that makes it another line."""
    if not isinstance(line, Equation):
        yield from _changed_side(line)
        return
    for kind, left in _changed_side(line.left):
        if not _says_the_same(new := Equation(left, line.right), line):
            yield kind, new
    for kind, right in _changed_side(line.right):
        if not _says_the_same(new := Equation(line.left, right), line):
            yield kind, new


def _says_the_same(one: Equation, other: Equation) -> bool:
    """Whether both equations are multiples of one: a = b and 2 (b - a) = 0."""
    if is_scalar(one.left):
        return scalar_proportional(one, other, Facts())
    return proportional(one, other)


def _changed_side(side: Side) -> Iterator[tuple[str, Side]]:
    ways: Callable[[Any], Iterator[tuple[str, Any]]] = (
        scalar_lines.changed if is_scalar(side) else tensor_lines.changed
    )
    seen: list[Side] = [side]
    for kind, new in ways(side):
        if isinstance(new, Expression) and isinstance(side, Expression) and new.shape != side.shape:
            continue
        if any(new is old or new == old for old in seen) or same(new, side):
            continue
        seen.append(new)
        yield kind, new


# --- order and reasons --------------------------------------------------------------------------


def _exchanged_lines(derivation: Derivation) -> Iterator[Mutant]:
    """Two neighbouring lines exchanged, each with its reasons."""
    for i, chain in enumerate(derivation.chains):
        for j in range(1, len(chain) - 1):
            steps = [*chain[:j], chain[j + 1], chain[j], *chain[j + 2 :]]
            new = _with_chain(derivation, i, steps)
            near = tuple((i, k) for k in (j, j + 1, j + 2) if k < len(chain))
            yield Mutant("lines exchanged", f"lines {j} and {j + 1} of chain {i + 1}", new, near)


def _exchanged_reasons(derivation: Derivation) -> Iterator[Mutant]:
    """The reasons of two neighbouring steps exchanged."""
    for i, chain in enumerate(derivation.chains):
        for (j, one), (k, other) in pairwise(list(enumerate(chain))[1:]):
            if _names(one) == _names(other):
                continue
            new = _with_step(derivation, i, j, replace(one, by=other.by))
            new = _with_step(new, i, k, replace(other, by=one.by))
            where = f"steps {j} and {k} of chain {i + 1}"
            yield Mutant("reasons exchanged", where, new, ((i, j), (i, k)))


def _foreign_reasons(derivation: Derivation, foreign: Sequence[Any]) -> Iterator[Mutant]:
    """A step with a reason that does not apply to it."""
    for i, chain in enumerate(derivation.chains):
        for j, step in enumerate(chain[1:], start=1):
            for reason in foreign:
                if {reason.name, *_COVERED.get(reason.name, ())} & set(_names(step)):
                    continue
                if getattr(reason, "derivation", None) is derivation:
                    continue  # the page itself, as another page uses it
                new = _with_step(derivation, i, j, replace(step, by=(reason,)))
                where = f"step {j} of chain {i + 1} by {reason.name}"
                yield Mutant("foreign reason", where, new, ((i, j),))


_COVERED = {  # laws that apply where another does
    "trace trick": (
        "algebra",
    ),  # to the quadratic forms of both sides, once they are multiplied out
    "inverse": ("orthonormal columns",),  # inv(Q) = Q.T
    "linearity of the integral": ("constant factor of an integral",),
}


def _names(step: Step) -> tuple[str, ...]:
    return tuple(reason.name for reason in step.by)


def _with_step(derivation: Derivation, i: int, j: int, step: Step) -> Derivation:
    chain = derivation.chains[i]
    return _with_chain(derivation, i, [*chain[:j], step, *chain[j + 1 :]])


def _with_chain(derivation: Derivation, i: int, steps: Sequence[Step]) -> Derivation:
    chains = (*derivation.chains[:i], tuple(steps), *derivation.chains[i + 1 :])
    return replace(derivation, steps=_steps(chains))


def _steps(chains: Sequence[Sequence[Step]]) -> tuple[Step, ...]:
    return tuple(step for chain in chains for step in chain)


def _text(line: Line) -> str:
    shown = str(line)
    return shown if len(shown) <= 60 else shown[:57] + "..."
