"""Rules of probabilities of events, alone, together, and one given another."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.independence import are_independent
from symbolic.scalars.probability.parts import SOURCE
from symbolic.scalars.random_variables import (
    Expectation,
    Indicator,
    Probability,
    RandomVariable,
    TakesValues,
    Variance,
    is_event,
    is_random,
    with_value,
)
from symbolic.scalars.rule import ScalarRule

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
    SOURCE,
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
    SOURCE,
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
    SOURCE,
    _known_value,
)


def _by_indicator(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Probability):
        return None
    return Expectation(Indicator(node.args[0]), *node.args[1:])


probability_of_event = ScalarRule(
    "probability as an expectation",
    "P(A) = E[1{A}]",
    "none",
    SOURCE,
    _by_indicator,
)


def _conditional(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Probability) or len(node.args) < 2:
        return None
    event, known = node.args
    if (Probability(known) > 0) not in facts.conditions:
        return None
    return Probability(sympy.And(event, known)) / Probability(known)


conditional_probability = ScalarRule(
    "definition of conditional probability",
    "P(A | B) = P(A, B) / P(B)",
    "P(B) > 0",
    SOURCE,
    _conditional,
)


def _product(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, sympy.Mul):
        return None
    for factor in node.args:
        if not isinstance(factor, Probability) or len(factor.args) < 2:
            continue
        event, known = factor.args
        if is_event(known) and Probability(known) in node.args:
            rest = [each for each in node.args if each not in (factor, Probability(known))]
            return sympy.Mul(*rest, Probability(sympy.And(event, known)))
    return None


product_rule = ScalarRule(
    "product rule of probability",
    "P(A | B) P(B) = P(A, B)",
    "none; both sides are 0 where P(B) = 0",
    SOURCE,
    _product,
)


def sum_rule(variable: RandomVariable) -> ScalarRule:
    """The sum of P(A, H = h) over all values h that H takes is P(A).

    >>> H, D = RandomVariable("H"), RandomVariable("D")
    >>> h, K = sympy.symbols("h K", integer=True, positive=True)
    >>> joint = Probability(sympy.And(sympy.Eq(D, 1), sympy.Eq(H, h)))
    >>> sum_rule(H).results(sympy.Sum(joint, (h, 1, K)), Facts((TakesValues(H, 1, K),)))
    (P(D = 1),)
    """

    def apply(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
        if not isinstance(node, sympy.Sum) or len(node.limits) > 1 or len(node.limits[0]) != 3:
            return None
        value, first, last = node.limits[0]
        if TakesValues(variable, first, last) not in facts.conditions:
            return None
        if not isinstance(node.function, Probability) or len(node.function.args) > 1:
            return None
        events = _events(node.function.args[0])
        rest = events - {sympy.Eq(variable, value)}
        if len(rest) == len(events) or any(value in each.free_symbols for each in rest):
            return None
        return Probability(sympy.And(*rest)) if rest else sympy.S.One

    return ScalarRule(
        "sum rule of probability",
        f"the sum of P(A, {variable} = h) over h is P(A)",
        f"h runs over all values of {variable}",
        SOURCE,
        apply,
        (variable,),
        sum_rule,
    )


def _events(event: sympy.Basic) -> frozenset[sympy.Basic]:
    return frozenset(event.args if isinstance(event, sympy.And) else (event,))


__all__ = [
    "conditional_probability",
    "independent_events",
    "probability_of_event",
    "product_rule",
    "sum_rule",
    "ties_apart",
    "value_in_event",
]
