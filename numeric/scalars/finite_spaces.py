"""Expectations, variances and probabilities enumerated exactly, on a finite probability space.

At a point every random variable is a `Table`: its value at each outcome. So E[f(X)] is a finite sum, and
E[X | Y] the weighted mean over the outcomes at which Y is what it is. What is random outside an
expectation takes its value at the outcome drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy.concrete.expr_with_limits import AddWithLimits

from numeric.errors import Undecided
from numeric.scalars.tables import RANDOM, Law, Table, Tables, table_mean
from symbolic.scalars.random_variables import (
    Expectation,
    HasMass,
    Indicator,
    Probability,
    RandomFamily,
    RandomVariable,
    SampleMean,
    Variance,
    normal_density,
    random_parts,
    with_value,
)
from symbolic.scalars.rule import bound_in

_CHANCE = (RandomVariable, RandomFamily, SampleMean, Expectation, Variance, Probability, Indicator)
_MOST_TERMS = 200
NOTHING: frozenset[sympy.Basic] = frozenset()


def worked_out(expression: sympy.Basic, assignment: Mapping[Any, Any]) -> sympy.Basic:
    """The expression with everything about chance enumerated; other unknowns stay as they are.

    `Undecided` where it cannot be, as for a probability that depends on a variable of integration.

    >>> X, half = RandomVariable("X"), sympy.Rational(1, 2)
    >>> coin = Table((sympy.Integer(0), sympy.Integer(1)), (half, half))
    >>> worked_out(Variance(X) + sympy.Symbol("t"), {X: coin})
    t + 1/4
    """
    return (
        _Space(assignment).at(expression, None, NOTHING) if _by_chance(expression) else expression
    )


def _by_chance(expression: sympy.Basic) -> bool:
    return bool(expression.has(*_CHANCE))


class _Space:
    """The outcomes, and what the expressions are at each of them."""

    def __init__(self, assignment: Mapping[Any, Any]) -> None:
        self._random = {
            key: value for key, value in assignment.items() if isinstance(value, RANDOM)
        }
        self._numbers = {
            key: value
            for key, value in assignment.items()
            if isinstance(key, sympy.Symbol) and key not in self._random
        }
        tables = [value for value in self._random.values() if isinstance(value, Table)]
        for family in self._random.values():
            tables += family.members if isinstance(family, Tables) else ()
        self._weights = tables[0].weights if tables else (sympy.Integer(1),)
        self._now = tables[0].now if tables else 0
        self._known: dict[Any, sympy.Basic] = {}

    def at(
        self, node: sympy.Basic, outcome: int | None, moving: frozenset[sympy.Basic]
    ) -> sympy.Basic:
        """The expression at an outcome, the one drawn if None; `moving` symbols have no value."""
        if not _by_chance(node):
            return node
        if isinstance(node, (Expectation, Variance, Probability)) and len(node.args) == 1:
            outcome = None  # it is the same at all of them
        key = (node, outcome, moving)
        if key not in self._known:
            self._known[key] = self._found(node, outcome, moving)
        return self._known[key]

    def _found(
        self, node: sympy.Basic, outcome: int | None, moving: frozenset[sympy.Basic]
    ) -> sympy.Basic:
        if isinstance(node, RandomVariable):
            return self._value(self._meaning(node), outcome)
        if isinstance(node, sympy.Indexed) and isinstance(node.base, RandomFamily):
            place = self._integer(self.at(node.indices[0], outcome, moving), moving)
            return self._value(self._member(node.base, place), outcome)
        if isinstance(node, SampleMean):
            family, count = node.args
            size = self._integer(count, moving)
            if size < 1:
                raise Undecided(f"{node}", f"it has {size} members", "use 1 or more")
            values = [self._value(self._member(family, k), outcome) for k in range(1, size + 1)]
            return sympy.Add(*values) / size
        if isinstance(node, Indicator):
            return sympy.Integer(int(self._happens(node.args[0], outcome, moving)))
        if isinstance(node, Variance):
            inner, *known = node.args
            centred = (inner - Expectation(inner, *known)) ** 2
            return self._mean(centred, known, outcome, moving)
        if isinstance(node, Expectation):
            return self._mean(node.args[0], list(node.args[1:]), outcome, moving)
        if isinstance(node, Probability):
            event = Indicator(node.args[0])
            return self._mean(event, list(node.args[1:]), outcome, moving)
        if isinstance(node, (sympy.Sum, sympy.Product)):
            return self._terms(node, outcome, moving)
        moving = moving | bound_in(node)
        return node.func(*(self.at(arg, outcome, moving) for arg in node.args))

    def _meaning(self, unknown: sympy.Basic) -> Any:
        if unknown not in self._random:
            raise Undecided(f"{unknown}", "it has no distribution here", "draw it with the others")
        return self._random[unknown]

    def _member(self, family: sympy.Basic, place: int) -> Table:
        members = self._meaning(family).members
        if not 1 <= place <= len(members):
            raise Undecided(f"{family}[{place}]", f"there are {len(members)} members", "use fewer")
        table: Table = members[place - 1]
        return table

    def _value(self, meaning: Table | Law, outcome: int | None) -> sympy.Expr:
        if isinstance(meaning, Law):
            if outcome is not None:
                raise Undecided(
                    f"{meaning.given.args[0]} beside other random variables",
                    "its distribution is no finite one",
                    "take expectations of it alone",
                )
            return meaning.now
        return meaning.values[self._now if outcome is None else outcome]

    def _mean(
        self,
        inner: sympy.Basic,
        known: list[sympy.Basic],
        outcome: int | None,
        moving: frozenset[sympy.Basic],
    ) -> sympy.Expr:
        meanings = (self._random.get(part) for part in random_parts(inner))
        laws = [each for each in meanings if isinstance(each, Law)]
        if laws:
            return self._under_law(inner, laws, known, moving)
        outcomes = list(range(len(self._weights)))
        for condition in known:
            outcomes = self._like(outcomes, condition, outcome, moving)
        whole = sympy.Add(*(self._weights[each] for each in outcomes))
        if whole == 0:
            return sympy.Integer(0)
        weights = [self._weights[each] / whole for each in outcomes]
        return table_mean([self.at(inner, each, moving) for each in outcomes], weights)

    def _like(
        self,
        outcomes: list[int],
        known: sympy.Basic,
        outcome: int | None,
        moving: frozenset[sympy.Basic],
    ) -> list[int]:
        """The outcomes at which an event happens, or a value is what it is at this outcome."""
        if isinstance(known, (sympy.Rel, sympy.And, sympy.Or, sympy.Not)):
            return [each for each in outcomes if self._happens(known, each, moving)]
        parts = known.args if isinstance(known, sympy.Tuple) else (known,)

        def seen(each: int | None) -> list[sympy.Expr]:
            return [self._number(self.at(part, each, moving), moving) for part in parts]

        wanted = seen(outcome)
        return [each for each in outcomes if seen(each) == wanted]

    def _under_law(
        self,
        inner: sympy.Basic,
        laws: list[Law],
        known: list[sympy.Basic],
        moving: frozenset[sympy.Basic],
    ) -> sympy.Expr:
        """The expectation as an integral over the density, or a sum over the values."""
        given = laws[0].given
        variable = given.args[0]
        conditional = any(
            len(each.args) > 1 for each in inner.atoms(Expectation, Variance, Probability)
        )
        if known or conditional or random_parts(inner) != {variable}:
            raise Undecided(f"the mean of {inner}", f"it is not of {variable} alone", "split it")
        if isinstance(given, HasMass):
            x = sympy.Dummy("x", integer=True)
            body = self.at(with_value(inner, variable, x), None, moving | {x})
            return sympy.Sum(body * given.args[1](x), (x, *given.args[2:]))
        x = sympy.Dummy("x", real=True)
        fixed = {key: value for key, value in self._numbers.items() if key not in moving}
        body = self.at(with_value(inner, variable, x), None, moving | {x}).xreplace(fixed)
        mean, deviation = (each.xreplace(fixed) for each in given.args[1:])
        if deviation.is_positive is False:
            raise Undecided(f"{given}", f"{deviation} is not positive", "use a positive number")
        spread = sympy.expand(sympy.expand_log(body))
        if spread.is_polynomial(x):
            return _normal_mean(sympy.Poly(spread, x), mean, deviation)
        return sympy.Integral(body * normal_density(x, mean, deviation), (x, -sympy.oo, sympy.oo))

    def _terms(
        self,
        node: sympy.Sum | sympy.Product,
        outcome: int | None,
        moving: frozenset[sympy.Basic],
    ) -> sympy.Expr:
        """A sum or product written out over its outermost range."""
        index, *ends = node.limits[-1]
        inner = node.func(node.function, *node.limits[:-1]) if node.limits[1:] else node.function
        if len(ends) < 2:
            raise Undecided(f"{node}", "it has no bounds", "state both bounds")
        first, last = (self._integer(self.at(end, outcome, moving), moving) for end in ends)
        if not first - 1 <= last < first + _MOST_TERMS:
            raise Undecided(f"{node}", f"it runs from {first} to {last}", "use a short range")
        terms = [
            self.at(inner.subs(index, place), outcome, moving) for place in range(first, last + 1)
        ]
        return sympy.Add(*terms) if isinstance(node, AddWithLimits) else sympy.Mul(*terms)

    def _happens(
        self, event: sympy.Basic, outcome: int | None, moving: frozenset[sympy.Basic]
    ) -> bool:
        found = self._number(self.at(event, outcome, moving), moving)
        if found not in (sympy.true, sympy.false):
            raise Undecided(f"whether {event}", "it cannot be told", "compare rational numbers")
        return bool(found)

    def _number(self, e: sympy.Basic, moving: frozenset[sympy.Basic]) -> sympy.Basic:
        """An expression with the numbers of the point."""
        if e.free_symbols & moving:
            raise Undecided(f"{e}", "it depends on what moves", "keep it fixed")
        return e.xreplace(self._numbers)

    def _integer(self, e: sympy.Basic, moving: frozenset[sympy.Basic]) -> int:
        found = self._number(e, moving)
        if not found.is_Integer:
            raise Undecided(f"{e}", f"its value {found} is no integer", "use integers")
        return int(found)


def _normal_mean(polynomial: sympy.Poly, mean: sympy.Expr, deviation: sympy.Expr) -> sympy.Expr:
    """The mean of a polynomial under a normal law, by E[X^k] = m E[X^(k-1)] + (k-1) s^2 E[X^(k-2)]."""
    moments = [sympy.Integer(1), mean]
    for k in range(2, polynomial.degree() + 1):
        moments.append(mean * moments[-1] + (k - 1) * deviation**2 * moments[-2])
    coefficients = reversed(polynomial.all_coeffs())
    return sympy.Add(*(c * m for c, m in zip(coefficients, moments, strict=False)))
