"""Rules of conditioning: expectations and probabilities given a random variable or an event."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.probability.parts import SOURCE
from symbolic.scalars.random_variables import (
    Expectation,
    Probability,
    RandomVariable,
    TakesValues,
    is_event,
    is_random,
    known_from,
)
from symbolic.scalars.rule import ScalarRule


def _tower(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation) or len(node.args) > 1:
        return None
    inner = node.args[0]
    if not isinstance(inner, Expectation) or len(inner.args) < 2:
        return None
    if is_event(inner.args[1]):
        return None
    return Expectation(inner.args[0])


tower_rule = ScalarRule(
    "tower rule",
    "E[E[X | Y]] = E[X]",
    "Y is a random variable, and no event",
    SOURCE,
    _tower,
)


def _known(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation) or len(node.args) < 2:
        return None
    inner, known = node.args
    if is_event(known):
        return None
    factors = sympy.Mul.make_args(inner)
    outside = [each for each in factors if is_random(each) and known_from(each, known)]
    if not outside:
        return None
    rest = sympy.Mul(*(each for each in factors if each not in outside))
    return sympy.Mul(*outside) * Expectation(rest, known)


taking_out_what_is_known = ScalarRule(
    "taking out what is known",
    "E[f(Y) X | Y] = f(Y) E[X | Y]",
    "Y is a random variable, and f(Y) a function of Y alone",
    SOURCE,
    _known,
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
    "product_rule",
    "sum_rule",
    "taking_out_what_is_known",
    "tower_rule",
]
