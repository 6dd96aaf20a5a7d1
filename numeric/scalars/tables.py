"""What a random variable is at a point: a function on a small finite probability space, or a law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy


@dataclass(frozen=True)
class Table:
    """A random variable as its value at every outcome, with the weights and the outcome drawn.

    >>> half = sympy.Rational(1, 2)
    >>> print(Table((sympy.Integer(0), sympy.Integer(3)), (half, half), now=1))
    3 of 0 (1/2), 3 (1/2)
    """

    values: tuple[sympy.Rational, ...]
    weights: tuple[sympy.Rational, ...]
    now: int = 0

    def __str__(self) -> str:
        mass: dict[sympy.Rational, sympy.Rational] = {}
        for value, weight in zip(self.values, self.weights, strict=True):
            mass[value] = mass.get(value, sympy.Integer(0)) + weight
        return f"{self.values[self.now]} of " + ", ".join(f"{v} ({w})" for v, w in mass.items())


@dataclass(frozen=True)
class Tables:
    """A family of random variables: the table of X[1] first."""

    members: tuple[Table, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.members))


@dataclass(frozen=True)
class Law:
    """A random variable whose distribution is given, with a value."""

    given: sympy.Basic
    now: sympy.Rational

    def __str__(self) -> str:
        return f"{self.now}"


RANDOM = (Table, Tables, Law)


def shifted(table: Table, by: sympy.Rational) -> Table:
    """The table of X + by."""
    return Table(tuple(value + by for value in table.values), table.weights, table.now)


def table_mean(values: Sequence[sympy.Expr], weights: Sequence[sympy.Rational]) -> sympy.Expr:
    """The weighted mean of values."""
    return sympy.Add(*(weight * value for value, weight in zip(values, weights, strict=True)))
