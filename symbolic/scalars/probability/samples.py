"""Rules of samples: random variables that are independent, or have one distribution."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.independence import unrelated_factors
from symbolic.scalars.probability.parts import SOURCE
from symbolic.scalars.random_variables import (
    Expectation,
    IdenticallyDistributed,
    Probability,
    SampleMean,
    Variance,
    random_parts,
)
from symbolic.scalars.rule import ScalarRule


def _independence(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Expectation) or len(node.args) > 1:
        return None
    groups = unrelated_factors(node.args[0], facts)
    return sympy.Mul(*map(Expectation, groups)) if len(groups) > 1 else None


independence = ScalarRule(
    "independence",
    "E[X Y] = E[X] E[Y]",
    "X and Y are independent",
    SOURCE,
    _independence,
)


def _identical(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, (Expectation, Variance, Probability)) or len(node.args) > 1:
        return None
    members = random_parts(node.args[0])
    if len(members) != 1:
        return None
    (member,) = members
    if not isinstance(member, sympy.Indexed) or len(member.indices) > 1 or member.indices[0] == 1:
        return None
    given = any(
        isinstance(each, IdenticallyDistributed) and member.base in each.args
        for each in facts.conditions
    )
    return node.xreplace({member: member.base[1]}) if given else None


identical_distribution = ScalarRule(
    "identical distribution",
    "E[f(X_i)] = E[f(X_1)], and so for variances and probabilities",
    "X_1, X_2, ... are identically distributed",
    SOURCE,
    _identical,
)


def _sample_mean(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, SampleMean):
        return None
    family, count = node.args
    if not facts.positive(count) or not facts.integer(count):
        return None
    index = sympy.Dummy("i", integer=True)
    return sympy.Sum(family[index], (index, 1, count)) / count


definition_of_sample_mean = ScalarRule(
    "definition of the sample mean",
    "mean(X, n) = (X_1 + ... + X_n) / n",
    "n is a positive integer",
    SOURCE,
    _sample_mean,
)


__all__ = [
    "definition_of_sample_mean",
    "identical_distribution",
    "independence",
]
