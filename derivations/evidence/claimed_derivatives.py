"""The derivatives that a page claims, each against differences, without a word on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.relational import Relational

from derivations.evidence.experiment import Statement
from derivations.evidence.finite_difference import (
    DIFFERENCES_AGREE,
    FiniteDifference,
    code_agrees,
)
from derivations.languages import is_condition
from derivations.statements import Equation
from derivations.verdicts import Evidence
from symbolic import Derivative
from symbolic.scalars.random_variables import RandomFamily, RandomVariable

if TYPE_CHECKING:
    from derivations.derivation import Derivation


@dataclass(frozen=True)
class ClaimedDerivatives:
    """Every derivative that is claimed is what differences give.

    A claim whose function has no value that can be enclosed is left out.
    """

    claims: tuple[FiniteDifference, ...]
    name: str = "finite differences"

    @property
    def statement(self) -> Statement:
        """The equation claimed, or the derivatives of several."""
        if len(self.claims) == 1:
            return self.claims[0].statement
        listed: list[Any] = []
        for each in self.claims:
            listed += [each.derivative, ","]
        return ("the derivatives claimed,", *listed[:-1])

    def run(self, seed: int) -> Evidence:
        """Measure each of them; undecided when none has a value."""
        measured = [each.measured(seed) for each in self.claims]
        found = [each for each, _ in measured]
        verified = [each for each in found if each.verdict == "verified"]
        refuted = next((each for each in found if each.verdict == "refuted"), None)
        if refuted is not None or len(found) == 1 or not verified:
            return refuted or found[0]
        bars = [bar for each, bar in measured if each.verdict == "verified"]
        words = []
        if any(bars):
            words.append(code_agrees(max(bars)))
        if not all(bars):
            words.append(DIFFERENCES_AGREE)
        points = sum(each.points for each in verified)
        said = f"{' or '.join(words)}, for {len(verified)} of {len(found)}, at {points} points"
        return Evidence("verified", self.name, said, points)


def claimed_derivatives(derivation: Derivation) -> ClaimedDerivatives | None:
    """The experiment on the claims `D(f, x) = gradient` of a page.

    None where it makes no such claim, or has experiments of its own on that.
    """
    found = tuple(differences_of(derivation))
    own = any(isinstance(each, FiniteDifference) for each in derivation.evidence)
    return ClaimedDerivatives(found) if found and not own else None


def differences_of(derivation: Derivation) -> Iterator[FiniteDifference]:
    """The experiment for each claim `D(f, x) = gradient` of a page."""
    conditions = tuple(each for each in derivation.given if is_condition(each))
    random = any(isinstance(each, (RandomVariable, RandomFamily)) for each in derivation.given)
    sampled = not random and all(isinstance(each, Relational) for each in conditions)
    for claim in derivation.claims:
        if not isinstance(claim, Equation):
            continue
        left, right = claim.left, claim.right
        if isinstance(left, Derivative):
            yield FiniteDifference(left.expression, left.variable, right, ())
        elif isinstance(left, sympy.Derivative) and sampled:
            ((place, order), *others) = left.variable_count
            if order == 1 and not others and isinstance(place, sympy.Symbol):
                yield FiniteDifference(left.expr, place, right, (), conditions)
