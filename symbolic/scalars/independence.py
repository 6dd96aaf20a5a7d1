"""Which parts of a line are independent, by the conditions given."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import sympy

from symbolic.scalars.facts import Facts
from symbolic.scalars.random_variables import Independent, is_random, random_parts, source

Parts = frozenset[sympy.Basic]


def is_independent(family: sympy.Basic, facts: Facts) -> bool:
    """Whether the members of a family are mutually independent."""
    return any(isinstance(each, Independent) and family in each.args for each in facts.conditions)


def are_independent(terms: Sequence[sympy.Expr], facts: Facts) -> bool:
    """Whether several expressions, all of them random, are mutually independent.

    They are when they depend on different ones of variables that are mutually independent.
    """
    parts = [random_parts(each) for each in terms]
    if not all(parts) or not _in_one_condition(frozenset().union(*parts), facts):
        return False
    return all(_apart(one, other, facts) for one, other in itertools.combinations(parts, 2))


def unrelated_factors(product: sympy.Expr, facts: Facts) -> list[sympy.Expr]:
    """The factors of a product, those that share a random variable taken together.

    One alone where they are not known to be independent.
    """
    factors = [each for each in sympy.Mul.make_args(product) if is_random(each)]
    constant = sympy.Mul(*(each for each in sympy.Mul.make_args(product) if not is_random(each)))
    if constant != 1 or not _in_one_condition(random_parts(product), facts):
        return [product]
    groups: list[tuple[Parts, sympy.Expr]] = []
    for factor in factors:
        parts, joined = random_parts(factor), factor
        apart = []
        for group in groups:
            if _apart(group[0], parts, facts):
                apart.append(group)
            else:
                parts, joined = parts | group[0], joined * group[1]
        groups = [*apart, (parts, joined)]
    return [joined for _, joined in groups]


def _in_one_condition(parts: Parts, facts: Facts) -> bool:
    wanted = {source(part) for part in parts}
    return any(
        isinstance(each, Independent) and wanted <= set(each.args) for each in facts.conditions
    )


def _apart(one: Parts, other: Parts, facts: Facts) -> bool:
    """Whether two sets of random variables have none in common for certain."""
    return not any(_may_be_same(a, b, facts) for a in one for b in other)


def _may_be_same(a: sympy.Basic, b: sympy.Basic, facts: Facts) -> bool:
    if source(a) != source(b):
        return False
    if not (isinstance(a, sympy.Indexed) and isinstance(b, sympy.Indexed)):
        return True
    return not any(facts.nonzero(i - j) for i, j in zip(a.indices, b.indices, strict=True))
