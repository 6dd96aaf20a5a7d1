"""The assumptions of a derivation, and the derivation without one of them.

Where a step uses the assumption, it no longer passes without: so `check` tells whether an
assumption is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.function import UndefinedFunction

from derivations.languages import Given, Side, is_condition, replacing
from derivations.statements import (
    Claim,
    Convergence,
    Equation,
    Implication,
    Inequality,
    Line,
)
from symbolic import Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from derivations.derivation import Derivation

_PLAIN = {"real", "complex", "commutative"}  # what is assumed of every unknown
_SIGNS = ("positive", "negative", "nonnegative", "nonpositive", "nonzero")


@dataclass(frozen=True)
class Assumption:
    """One assumption of a derivation: the unknown whose domain it is, or a condition."""

    about: Given
    text: str

    def __str__(self) -> str:
        return self.text


def assumptions_of(derivation: Derivation) -> tuple[Assumption, ...]:
    """The assumptions that may be dropped, in the order in which they are given.

    That a size is a whole number is not one of them: without it a sum has no meaning.
    """
    found = []
    for each in derivation.given:
        if isinstance(each, Variable):
            if each.domain != "real":
                found.append(Assumption(each, f"{each.name} is {each.domain}"))
        elif is_condition(each):
            found.append(Assumption(each, str(each)))
        elif said := said_of(each):
            found.append(Assumption(each, f"{each} is {', '.join(said)}"))
    return tuple(found)


def without(derivation: Derivation, assumption: Assumption) -> Derivation:
    """The derivation with one assumption forgotten."""
    about = assumption.about
    if is_condition(about):
        given = tuple(each for each in derivation.given if each is not about)
        return replace(derivation, given=given, name=derivation.id, about=derivation.text)
    free = _freed(about)
    put = replacing({about: free})
    return type(derivation)(
        tuple(_given(each, about, free, put) for each in derivation.given),
        tuple(_claim(each, put) for each in derivation.claims),
        tuple(
            replace(
                step,
                line=_line(step.line, put),
                by=tuple(reason.renamed(put) for reason in step.by),
            )
            for chain in derivation.chains
            for step in chain
        ),
        derivation.source,
        (),
        derivation.id,
        derivation.text,
    )


def said_of(unknown: Any) -> list[str]:
    """The assumptions that an unknown of SymPy was declared with, beyond being a real number."""
    if isinstance(unknown, UndefinedFunction):
        strongest = (each for each in _SIGNS if getattr(unknown, f"is_{each}", None) is True)
        return list(strongest)[:1]
    declared = getattr(unknown, "_assumptions_orig", {})
    if declared.get("integer"):
        return []
    return [
        name if value else f"not {name}"
        for name, value in declared.items()
        if name not in _PLAIN and value is not None
    ]


def _freed(unknown: Any) -> Any:
    """The unknown with nothing known of it but that it is real."""
    if isinstance(unknown, Variable):
        return Variable(unknown.name, unknown.shape)
    if isinstance(unknown, UndefinedFunction):
        return sympy.Function(unknown.__name__, real=True)
    return type(unknown)(unknown.name, real=True)


def _given(each: Given, about: Given, free: Given, put: Callable[[Side], Side]) -> Given:
    if each is about or each == about:
        return free
    return put(each) if is_condition(each) else each


def _line(line: Line, put: Callable[[Side], Side]) -> Line:
    if isinstance(line, Equation):
        return Equation(put(line.left), put(line.right))
    return put(line)


def _claim(claim: Claim, put: Callable[[Side], Side]) -> Claim:
    if isinstance(claim, Implication):
        return Implication(
            Equation(put(claim.premise.left), put(claim.premise.right)),
            Equation(put(claim.conclusion.left), put(claim.conclusion.right)),
        )
    if isinstance(claim, Inequality):
        return Inequality(put(claim.left), put(claim.right), claim.relation)
    if isinstance(claim, Convergence):
        variable, point = claim.towards
        return Convergence(put(claim.left), put(claim.right), (put(variable), point))
    return Equation(put(claim.left), put(claim.right))
