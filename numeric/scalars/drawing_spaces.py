"""Random finite probability spaces, at which what is given of the random variables holds exactly.

Independent variables are functions of different factors of a product space; variables that may depend on
each other share one factor, on which they take few different values, so that conditioning means something.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import sympy
from numpy.random import Generator

from numeric.errors import Undecided
from numeric.scalars.assignments import Assignment, may_be
from numeric.scalars.conditions import holds
from numeric.scalars.drawing_numbers import draw_numbers
from numeric.scalars.finite_spaces import worked_out
from numeric.scalars.function_conditions import about_function, fitted
from numeric.scalars.tables import Law, Table, Tables, shifted
from symbolic.scalars.random_variables import (
    Expectation,
    HasMass,
    IdenticallyDistributed,
    Independent,
    NormallyDistributed,
    Probability,
    RandomFamily,
    RandomVariable,
    TakesValues,
    Variance,
)

_ATTEMPTS = 40
_OWN, _SHARED = 3, 5  # outcomes of a factor of one variable, and of one that several share
_STRUCTURE = (Independent, IdenticallyDistributed, TakesValues, NormallyDistributed, HasMass)


def needs_space(unknowns: Iterable[Any], conditions: Iterable[sympy.Basic]) -> bool:
    """Whether some unknown is random, or some condition is about a whole function.

    >>> needs_space([sympy.Symbol("x")], []), needs_space([RandomVariable("X")], [])
    (False, True)
    """
    return any(map(_is_random, unknowns)) or any(map(about_function, conditions))


def _is_random(unknown: object) -> bool:
    return isinstance(unknown, (RandomVariable, RandomFamily))


def draw_with_space(
    unknowns: Iterable[Any], conditions: Iterable[sympy.Basic], rng: Generator
) -> Assignment:
    """A random point with a finite probability space; all conditions hold exactly.

    An equation for an expectation, a variance or a probability sets the one symbol of its right side;
    where that is a number, as in E[X] = 0, the variable is shifted.

    >>> X, mu = RandomVariable("X"), sympy.Symbol("mu", real=True)
    >>> point = draw_with_space([X, mu], [sympy.Eq(Expectation(X), mu)], np.random.default_rng(0))
    >>> worked_out(Expectation(X), point) == point[mu]
    True
    """
    wanted = list(dict.fromkeys(unknowns))
    required = [each for each in conditions if each != sympy.true]
    reason = ""
    for _ in range(_ATTEMPTS):
        try:
            point = _drawn(wanted, required, rng)
            if all(holds(each, point) for each in required if not isinstance(each, _STRUCTURE)):
                return point
            reason = reason or "random spaces do not satisfy the conditions"
        except Undecided as error:
            reason = str(error)
    raise Undecided(
        "a probability space with " + " and ".join(map(str, required)), reason, "ask for less"
    )


def _drawn(wanted: Sequence[Any], conditions: Sequence[sympy.Basic], rng: Generator) -> Assignment:
    random = [each for each in wanted if _is_random(each)]
    structure = [each for each in conditions if isinstance(each, _STRUCTURE)]
    relations = [each for each in conditions if not isinstance(each, _STRUCTURE)]
    about = [each for each in relations if each.has(Expectation, Variance, Probability, *random)]
    settings = [each for each in about if isinstance(each, sympy.Eq)]
    likely = dict(filter(None, map(_possible, about)))
    fixed = {each for equation in settings for each in equation.rhs.free_symbols} | set(likely)
    plain = [each for each in wanted if each not in random and each not in fixed]
    inside = [
        each
        for each in relations
        if each not in about and not each.free_symbols & fixed and not about_function(each)
    ]
    point = fitted(draw_numbers(plain, inside, rng), relations, rng)
    point = point.with_values(_tables(random, structure, point, rng))
    for symbol, variable in likely.items():
        values = [value for value in point[variable].values if may_be(symbol, value)]
        if not values:
            raise Undecided(f"{variable} = {symbol}", "no value fits", "assume less")
        point = point.with_values({symbol: values[int(rng.integers(len(values)))]})
    for equation in sorted(settings, key=lambda each: bool(each.rhs.free_symbols)):
        point = _satisfying(equation, point)
    ordered = [each for each in wanted if each in point]
    return Assignment({each: point[each] for each in [*ordered, *point]})


def _possible(condition: sympy.Basic) -> tuple[sympy.Symbol, RandomVariable] | None:
    """The number x and the variable X of the condition P(X = x) > 0."""
    if not isinstance(condition, sympy.StrictGreaterThan) or condition.lts != 0:
        return None
    if not isinstance(condition.gts, Probability) or not isinstance(
        condition.gts.args[0], sympy.Eq
    ):
        return None
    one, other = condition.gts.args[0].args
    if _is_random(other):
        one, other = other, one
    plain = isinstance(other, sympy.Symbol) and not _is_random(other)
    return (other, one) if plain and isinstance(one, RandomVariable) else None


def _satisfying(equation: sympy.Eq, point: Assignment) -> Assignment:
    """The point with the symbol of an equation set, or with a variable shifted to the mean wanted."""
    value = worked_out(equation.lhs, point)
    value = value.xreplace({k: v for k, v in point.items() if isinstance(v, sympy.Basic)})
    unset = [each for each in equation.rhs.free_symbols if each not in point]
    if len(unset) == 1:
        found = sympy.solve(equation.rhs - value, unset[0])
        fitting = [each for each in found if each.is_number and may_be(unset[0], each)]
        if not fitting:
            raise Undecided(f"{equation}", "no number satisfies it", "assume less")
        return point.with_values({unset[0]: fitting[-1]})
    target = equation.rhs.xreplace(dict(point))
    if target == value or not isinstance(equation.lhs, Expectation):
        return point
    (inner,) = equation.lhs.args
    gap = target - value
    if isinstance(inner, RandomVariable) and isinstance(point[inner], Table):
        return point.with_values({inner: shifted(point[inner], gap)})
    if isinstance(inner, sympy.Indexed) and isinstance(point[inner.base], Tables):
        members = tuple(shifted(each, gap) for each in point[inner.base].members)
        return point.with_values({inner.base: Tables(members)})
    return point


# --- the space -----------------------------------------------------------------------------------


def _tables(
    random: Sequence[Any], structure: Sequence[sympy.Basic], point: Assignment, rng: Generator
) -> dict[Any, Any]:
    laws = {
        each.args[0]: each for each in structure if isinstance(each, (NormallyDistributed, HasMass))
    }
    found: dict[Any, Any] = {
        variable: Law(law, _now_under(law, point, rng)) for variable, law in laws.items()
    }
    finite = [each for each in random if each not in laws]
    size = _members_needed(point)
    factors: list[list[sympy.Rational]] = []  # the weights of each factor
    built: list[
        tuple[Any, int, list[int], list[sympy.Rational]]
    ] = []  # variable, member, factors, values
    for group in _dependent_groups(finite, structure):
        built += _group(group, size, structure, point, factors, rng)
    outcomes = list(itertools.product(*(range(len(each)) for each in factors)))
    weights = tuple(
        sympy.Mul(*(factors[k][place] for k, place in enumerate(outcome))) for outcome in outcomes
    )
    now = int(rng.integers(len(outcomes)))
    members: dict[Any, dict[int, Table]] = {}
    for variable, member, used, values in built:
        lengths = [len(factors[k]) for k in used]
        at = [
            int(np.ravel_multi_index([outcome[k] for k in used], lengths)) for outcome in outcomes
        ]
        table = Table(tuple(values[place] for place in at), weights, now)
        members.setdefault(variable, {})[member] = table
    for variable, tables in members.items():
        ordered = tuple(tables[k] for k in sorted(tables))
        found[variable] = Tables(ordered) if isinstance(variable, RandomFamily) else ordered[0]
    return found


def _now_under(law: sympy.Basic, point: Assignment, rng: Generator) -> sympy.Rational:
    if isinstance(law, HasMass):
        first, last = (int(each.xreplace(dict(point))) for each in law.args[2:])
        return sympy.Integer(int(rng.integers(first, last + 1)))
    return sympy.Rational(int(rng.integers(-9, 10)), 4)


def _members_needed(point: Assignment) -> int:
    """Members of a family: as many as the largest whole number of the point, and at least 2."""
    whole = [int(v) for v in point.values() if isinstance(v, sympy.Integer) and 0 < v <= 6]
    return max([2, *whole])


def _dependent_groups(random: Sequence[Any], structure: Sequence[sympy.Basic]) -> list[list[Any]]:
    """Variables that may depend on each other, together."""
    groups: list[list[Any]] = []
    for variable in random:
        linked = [g for g in groups if any(not _apart(variable, each, structure) for each in g)]
        groups = [g for g in groups if g not in linked]
        groups.append([*(each for g in linked for each in g), variable])
    return groups


def _apart(one: Any, other: Any, structure: Sequence[sympy.Basic]) -> bool:
    return any(
        isinstance(each, Independent) and {one, other} <= set(each.args) for each in structure
    )


def _group(
    group: Sequence[Any],
    size: int,
    structure: Sequence[sympy.Basic],
    point: Assignment,
    factors: list[list[sympy.Rational]],
    rng: Generator,
) -> list[tuple[Any, int, list[int], list[sympy.Rational]]]:
    """The variables of a group as functions of new factors."""
    free = [
        each for each in group if isinstance(each, RandomFamily) and _apart(each, each, structure)
    ]
    built = []
    used: list[int] = []
    for family in free:
        alike = any(isinstance(s, IdenticallyDistributed) and family in s.args for s in structure)
        outcomes = 3 if size <= 3 else 2
        first = _weights(outcomes, rng), _distinct(outcomes, rng)
        for member in range(1, size + 1):
            weights, values = (
                first if alike else (_weights(outcomes, rng), _distinct(outcomes, rng))
            )
            factors.append(weights)
            used.append(len(factors) - 1)
            built.append((family, member, [len(factors) - 1], values))
    rest = [each for each in group if each not in free]
    if rest and not used:
        even = any(isinstance(each, RandomFamily) for each in rest)
        count = _SHARED if even or len(rest) > 1 else _OWN
        factors.append([sympy.Rational(1, count)] * count if even else _weights(count, rng))
        used.append(len(factors) - 1)
    places = int(np.prod([len(factors[k]) for k in used])) if used else 1
    for variable in rest:
        if isinstance(variable, RandomFamily):
            values = _several(places, rng)
            for member in range(1, size + 1):
                permuted = [values[k] for k in rng.permutation(places)]
                built.append((variable, member, used, permuted))
        else:
            built.append((variable, 1, used, _values(variable, places, structure, point, rng)))
    return built


def _values(
    variable: Any,
    places: int,
    structure: Sequence[sympy.Basic],
    point: Assignment,
    rng: Generator,
) -> list[sympy.Rational]:
    for each in structure:
        if isinstance(each, TakesValues) and each.args[0] == variable:
            first, last = (int(end.xreplace(dict(point))) for end in each.args[1:])
            return [sympy.Integer(int(rng.integers(first, last + 1))) for _ in range(places)]
    values = _several(places, rng)
    return [value + 2 for value in values] if variable.is_positive else values


def _weights(count: int, rng: Generator) -> list[sympy.Rational]:
    parts = [int(each) for each in rng.integers(1, 6, size=count)]
    return [sympy.Rational(each, sum(parts)) for each in parts]


def _distinct(count: int, rng: Generator) -> list[sympy.Rational]:
    """Different values, not symmetric about anything."""
    chosen = rng.choice([-3, -2, -1, 0, 1, 2, 4, 5], size=count, replace=False)
    return [sympy.Rational(int(each), 2) for each in chosen]


def _several(count: int, rng: Generator) -> list[sympy.Rational]:
    """Few different values, so that some come again, but more than one."""
    few = [sympy.Integer(-1), sympy.Rational(1, 2), sympy.Integer(2)]
    values = [few[int(place)] for place in rng.integers(3, size=count)]
    if count > 1 and len(set(values)) == 1:
        values[0] += 1
    return values
