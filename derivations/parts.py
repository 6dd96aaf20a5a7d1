"""Whether a derivation is made of what one is made of: the first thing that a check needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.function import UndefinedFunction

from derivations.languages import is_condition, is_scalar, text_of, unknowns_of
from derivations.statements import (
    Convergence,
    Equation,
    Implication,
    Inequality,
    parts,
    sides,
)
from symbolic import Expression, Variable
from symbolic.errors import UnsupportedError

if TYPE_CHECKING:
    from derivations.derivation import Derivation

_CLAIMS = (Equation, Implication, Inequality, Convergence)
_UNKNOWNS = (Variable, sympy.Symbol, UndefinedFunction, sympy.IndexedBase)


def check_parts(derivation: Derivation) -> None:
    """Raise `UnsupportedError` where a part of a derivation is of another kind than it should be."""
    from derivations.derivation import Step

    for each in _tuple(derivation.given, "given"):
        if each is sympy.false:
            _refuse("given", each, "a condition that never holds", "give conditions that can hold")
        if not isinstance(each, _UNKNOWNS) and not is_condition(each):
            _refuse("given", each, _kind(each), "give variables, symbols, functions, conditions")
    for each in _tuple(derivation.steps, "steps"):
        if not isinstance(each, Step):
            _refuse("steps", each, _kind(each), "use begin, equals, at_most, implies, ...")
    for each in _tuple(derivation.evidence, "evidence"):
        if not hasattr(each, "run"):
            _refuse("evidence", each, _kind(each), "use what derivations.evidence has")
    if not isinstance(derivation.source, str):
        _refuse("source", derivation.source, _kind(derivation.source), "give text")
    _check_claim(derivation.claim)
    _ = derivation.claims  # sides of two shapes are refused here, and not when they are shown


def _check_claim(claim: Any) -> None:
    if isinstance(claim, _CLAIMS):
        return
    several = _tuple(claim, "claim")
    pair = len(several) == 2 and all(isinstance(e, Expression) or is_scalar(e) for e in several)
    if not several or not (pair or all(isinstance(each, _CLAIMS) for each in several)):
        _refuse("claim", claim, "no statements", "use equation, inequality, follows, tends")


def _tuple(value: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        _refuse(name, value, _kind(value), f"give a tuple, as in {name}=(a, b)")
    return tuple(value)


def _refuse(name: str, value: object, found: str, advice: str) -> None:
    raise UnsupportedError(f"Derivation({name}={value!r})", found, advice)


def _kind(value: object) -> str:
    return f"a {type(value).__name__}"


def not_given(derivation: Derivation) -> tuple[str, ...]:
    """The unknowns of lines and claims that are neither given nor in a condition given."""
    used = [side for chain in derivation.chains for step in chain for side in sides(step.line)]
    used += [side for claim in derivation.claims for side in parts(claim)]
    known: set[object] = set(derivation.given)
    for condition in derivation.facts.conditions:
        known.update(unknowns_of(condition))
    towards = {step.towards[0] for chain in derivation.chains for step in chain if step.towards}
    found = dict.fromkeys(each for side in used for each in unknowns_of(side))
    return tuple(_name(each) for each in found if each not in known | towards)


def _name(unknown: Any) -> str:
    return unknown.name if isinstance(unknown, Variable) else text_of(unknown)
