"""Rules of variance."""

from __future__ import annotations

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.independence import are_independent, is_independent
from symbolic.scalars.probability.parts import SOURCE, are_numbers, is_finite_sum, taken_out
from symbolic.scalars.random_variables import (
    Expectation,
    Variance,
    is_random,
    random_parts,
)
from symbolic.scalars.rule import ScalarRule


def _variance(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Variance):
        return None
    inner, *known = node.args
    return Expectation((inner - Expectation(inner, *known)) ** 2, *known)


definition_of_variance = ScalarRule(
    "definition of variance",
    "Var[X] = E[(X - E[X])^2]",
    "none",
    SOURCE,
    _variance,
)


def _variance_of_multiple(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Variance):
        return None
    inner, *known = node.args
    terms = sympy.Add.make_args(inner)
    shift = [term for term in terms if not is_random(term)]
    constant, rest = taken_out(sympy.Add(*(term for term in terms if is_random(term))))
    if (constant == 1 and not shift) or not are_numbers([constant, *shift], facts):
        return None
    return constant**2 * Variance(rest, *known) if rest != 1 else sympy.S.Zero


variance_of_multiple = ScalarRule(
    "variance of a multiple",
    "Var[a X + b] = a^2 Var[X]",
    "a and b are numbers, not random",
    SOURCE,
    _variance_of_multiple,
)


def _variance_of_sum(node: sympy.Basic, facts: Facts) -> sympy.Basic | None:
    if not isinstance(node, Variance) or len(node.args) > 1:
        return None
    inner = node.args[0]
    if isinstance(inner, sympy.Add):
        return sympy.Add(*map(Variance, inner.args)) if are_independent(inner.args, facts) else None
    if not is_finite_sum(inner) or len(inner.limits) > 1:
        return None
    index, first, last = inner.limits[0]
    members = random_parts(inner.function)
    if len(members) != 1 or not facts.nonnegative(last - first + 1):
        return None
    (member,) = members
    if not isinstance(member, sympy.Indexed) or member.indices != (index,):
        return None
    if not is_independent(member.base, facts):
        return None
    return sympy.Sum(Variance(inner.function), *inner.limits)


variance_of_independent_sum = ScalarRule(
    "variance of an independent sum",
    "Var[X_1 + ... + X_n] = Var[X_1] + ... + Var[X_n]",
    "X_1, ..., X_n are independent",
    SOURCE,
    _variance_of_sum,
)


__all__ = [
    "definition_of_variance",
    "variance_of_independent_sum",
    "variance_of_multiple",
]
