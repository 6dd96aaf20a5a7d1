"""Executing the reasons of an inequality: rewriting first, then one bound."""

from __future__ import annotations

from typing import Any

import sympy

from derivations.derivation import Step
from derivations.languages import Side, is_scalar
from derivations.lemma import Earlier, Lemma
from derivations.reasons import reached
from derivations.rules.inequalities import InequalityRule
from symbolic import Expression
from symbolic.scalars.facts import Facts
from symbolic.scalars.rule import ScalarBound


def orders(before: Side, line: Side, step: Step, facts: Facts) -> bool:
    """Whether the reasons prove before <= line (or >=, by the relation of the step).

    All but the last rewrite the line before; the last is a bound.
    """
    *rewriting, bound = step.by
    starts = reached(before, rewriting, facts) if rewriting else [before]
    return any(
        _holds(bound, *((start, line) if step.relation == "at_most" else (line, start)), facts)
        for start in starts
    )


def may_be_complex(side: Side) -> bool:
    """Whether a SymPy side holds the imaginary unit, or a symbol that is not declared real."""
    if isinstance(side, Expression):
        return False
    symbols = (each for each in side.free_symbols if isinstance(each, sympy.Symbol))
    return side.has(sympy.I) or any(each.is_extended_real is not True for each in symbols)


def _holds(bound: Any, smaller: Side, larger: Side, facts: Facts) -> bool:
    if isinstance(bound, InequalityRule):
        tensors = isinstance(smaller, Expression) and isinstance(larger, Expression)
        return tensors and bound.holds(smaller, larger)
    if any(map(may_be_complex, (smaller, larger))):
        return False
    if isinstance(bound, ScalarBound):
        return is_scalar(smaller) and is_scalar(larger) and bound.holds(smaller, larger, facts)
    return isinstance(bound, (Earlier, Lemma)) and bound.holds(smaller, larger, facts)
