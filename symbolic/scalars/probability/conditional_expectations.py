"""Rules of expectations given a random variable."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.probability.parts import SOURCE
from symbolic.scalars.random_variables import Expectation, is_event, is_random, known_from
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

__all__ = ["taking_out_what_is_known", "tower_rule"]
