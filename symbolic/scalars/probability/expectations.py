"""Rules of expectation: linearity, and what it is under a distribution."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.probability.parts import SOURCE, are_numbers, is_finite_sum, taken_out
from symbolic.scalars.random_variables import (
    Expectation,
    HasMass,
    NormallyDistributed,
    Probability,
    Variance,
    is_random,
    random_parts,
    with_value,
)
from symbolic.scalars.rule import ScalarRule


def _linearity(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation):
        return None
    inner, *known = node.args
    if not is_random(inner):
        return inner if are_numbers([inner], facts) else None
    terms = sympy.Add.make_args(inner)
    parts = [taken_out(term) for term in terms]
    if not are_numbers([constant for constant, _ in parts], facts):
        return None
    found = sympy.Add(*(constant * _expected(rest, known) for constant, rest in parts))
    return None if found == node else found


def _expected(rest: sympy.Expr, known: list[sympy.Basic]) -> sympy.Expr:
    if rest == 1:
        return rest
    if is_finite_sum(rest):
        return sympy.Sum(Expectation(rest.function, *known), *rest.limits)
    return Expectation(rest, *known)


linearity = ScalarRule(
    "linearity of expectation",
    "E[a X + b Y + c] = a E[X] + b E[Y] + c, and so for every finite sum",
    "a, b, c are numbers, not random",
    SOURCE,
    _linearity,
)


def _under_law(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation) or len(node.args) > 1:
        return None
    parts = random_parts(node.args[0])
    if len(parts) != 1:
        return None
    (variable,) = parts
    inner = node.args[0]
    if any(len(each.args) > 1 for each in inner.atoms(Expectation, Variance, Probability)):
        return None
    name = str(variable).lower()
    for law in facts.conditions:
        if not isinstance(law, (NormallyDistributed, HasMass)) or law.args[0] != variable:
            continue
        if any(map(is_random, law.args[1:])):
            continue
        if isinstance(law, HasMass):
            _, mass, first, last = law.args
            x = sympy.Dummy(name, integer=True)
            return sympy.Sum(with_value(inner, variable, x) * mass(x), (x, first, last))
        if facts.positive(law.args[2]):
            x = sympy.Dummy(name, real=True)
            weighted = with_value(inner, variable, x) * law.density(x)
            return sympy.Integral(weighted, (x, -sympy.oo, sympy.oo))
    return None


expectation_under_law = ScalarRule(
    "expectation under the distribution",
    "E[f(X)] is the sum of f(x) P(X = x), or the integral of f(x) times the density",
    "the distribution of X is given, its deviation is positive and its parameters are no random variables",
    SOURCE,
    _under_law,
)


__all__ = ["expectation_under_law", "linearity"]
