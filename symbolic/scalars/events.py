"""Rules of events, for probabilities in SymPy lines."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.independence import are_independent
from symbolic.scalars.random_variables import (
    Expectation,
    Probability,
    RandomVariable,
    Variance,
    is_random,
    with_value,
)
from symbolic.scalars.rule import ScalarRule

_SOURCE = "Grimmett and Stirzaker, Probability and Random Processes (2001), chapter 1"
_STRICT: dict[type, type] = {
    sympy.GreaterThan: sympy.StrictGreaterThan,
    sympy.LessThan: sympy.StrictLessThan,
}


def _ties_apart(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Probability) or type(node.args[0]) not in _STRICT:
        return None
    event, *known = node.args
    if not all(map(facts.real, event.args)):
        return None
    strict = _STRICT[type(event)](*event.args)
    return Probability(strict, *known) + Probability(sympy.Eq(*event.args), *known)


ties_apart = ScalarRule(
    "ties apart",
    "P(X >= Y) = P(X > Y) + P(X = Y), and so for <=",
    "X and Y are real",
    _SOURCE,
    _ties_apart,
)


def _independent(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Probability) or len(node.args) > 1:
        return None
    event = node.args[0]
    if not isinstance(event, sympy.And) or not are_independent(event.args, facts):
        return None
    return sympy.Mul(*map(Probability, event.args))


independent_events = ScalarRule(
    "independent events",
    "P(A, B) = P(A) P(B)",
    "A and B are about different ones of independent random variables",
    _SOURCE,
    _independent,
)


def _known_value(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Probability) or not isinstance(node.args[0], sympy.And):
        return None
    event, *known = node.args
    for each in event.args:
        if not isinstance(each, sympy.Eq):
            continue
        variable, value = each.args
        others = [other for other in event.args if other is not each]
        if not isinstance(variable, RandomVariable) or is_random(value):
            continue
        if all(_compares(other, variable) for other in others):
            put = [with_value(other, variable, value) for other in others]
            return Probability(sympy.And(each, *put), *known)
    return None


def _compares(event: sympy.Basic, variable: RandomVariable) -> bool:
    """Whether an event compares polynomials in a random variable, which have a value everywhere."""
    if not isinstance(event, sympy.Rel) or event.has(Expectation, Variance, Probability):
        return False
    return all(side.is_polynomial(variable) for side in event.args)


value_in_event = ScalarRule(
    "a known value in an event",
    "P(f(X) > Y, X = x) = P(f(x) > Y, X = x)",
    "f is a polynomial, and x a number",
    _SOURCE,
    _known_value,
)

__all__ = ["independent_events", "ties_apart", "value_in_event"]
