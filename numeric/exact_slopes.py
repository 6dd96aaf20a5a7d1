"""The derivative of an expression at a point of floats, enclosed: its value, and both sides of a kink.

Where the directions are few the derivative is taken by jets, which share no code with the rules of
calculus; where they are many it is the symbolic gradient, confirmed by jets along a random direction.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import sympy

from numeric.enclosure import balls_at, compare
from symbolic.calculus.gradients import jacobian
from symbolic.domains import domain_of
from symbolic.errors import IndependentWarning
from symbolic.nodes import Contraction, Derivative, Expression, Variable
from symbolic.traverse import substitute, variables
from symbolic.variables import scalar

Array = Any
Point = Mapping[Variable, Array]

_LARGEST_JETS = 200_000  # entries of the data times directions
_FINEST = 4096  # bits
_KINKS = 32  # entries without a slope that are looked at
_BESIDE = Fraction(1, 2**120)  # how far beside a kink its one-sided slopes are taken
_SIDES = 512  # bits for them


def exact_data(values: Mapping[Variable, Array]) -> dict[Variable, Array]:
    """Floats as the fractions they are.

    >>> x = scalar("x")
    >>> exact_data({x: 0.5})[x].item()
    Fraction(1, 2)
    """
    found = {}
    for variable, array in values.items():
        entries = np.empty(np.size(array), dtype=object)
        entries[:] = [Fraction(float(entry)) for entry in np.ravel(array)]
        found[variable] = entries.reshape(np.shape(array))
    return found


@dataclass(frozen=True)
class Slope:
    """The derivative of an expression by one of its variables, to be enclosed at points.

    The domains of variables are left out of it: data that were rounded lie only nearly in them.
    """

    f: Expression
    variable: Variable
    sizes: Mapping[sympy.Symbol, int]
    small: bool  # whether every direction can be followed

    @classmethod
    def of(
        cls, f: Expression, variable: Variable, values: Point, sizes: Mapping[sympy.Symbol, int]
    ) -> Slope:
        """The slope of f; `values` are those of a point at which it will be wanted."""
        entries = sum(np.size(array) for array in values.values())
        return cls(f, variable, sizes, entries * np.size(values[variable]) <= _LARGEST_JETS)

    @cached_property
    def _free(self) -> dict[Variable, Variable]:
        """Each variable without its domain."""
        return {v: Variable(v.name, v.shape, "real") for v in (*variables(self.f), self.variable)}

    @cached_property
    def _plain(self) -> Expression:
        return substitute(self.f, {old: new for old, new in self._free.items()})  # noqa: C416

    @cached_property
    def formula(self) -> Expression:
        """The symbolic derivative, in variables without domains."""
        return _differentiated(self._plain, self._free[self.variable])

    @cached_property
    def _definition(self) -> Expression:
        return Derivative(self._plain, self._free[self.variable]) if self.small else self.formula

    def at(self, values: Point) -> dict[Variable, Array]:
        """A point for `formula`."""
        free = self._free
        return {free[variable]: array for variable, array in values.items() if variable in free}

    def balls(self, values: Point, bits: int) -> tuple[Array, str]:
        """The derivative at a point, and why entries have no value."""
        (found,), why = balls_at([self._definition], self.at(values), self.sizes, bits)
        return found, why

    def enclosed(self, values: Point) -> tuple[Array, Array, str]:
        """The derivative at a point as float64, its certain error, and why entries have no value.

        Precision is raised until every entry is known to 2^-60 of itself or 4096 bits are reached.
        """
        bits = 128
        while True:
            balls, why = self.balls(values, bits)
            value, radius = as_floats(balls)
            if np.all(radius <= 2.0**-60 * np.abs(value)) or bits >= _FINEST:
                return value, radius, why
            bits *= 4

    def shift(self, values: Point) -> Array:
        """How much the facts of the domains change it, at a point that lies in them only nearly."""
        if has_no_equations(values):
            return np.float64(0)
        known = _differentiated(self.f, self.variable)
        (left,), _ = balls_at([self.formula], self.at(values), self.sizes, 256)
        (right,), _ = balls_at([known], values, self.sizes, 256)
        change = np.abs(as_floats(np.asarray(left - right, dtype=object))[0])
        return np.where(np.isfinite(change), change, 0.0)

    def is_confirmed(self, values: Point, rng: np.random.Generator) -> bool:
        """Whether jets do not contradict the symbolic derivative along a random direction."""
        if self.small:
            return True
        x = self._free[self.variable]
        v, t = Variable("direction_", x.shape, "real"), scalar("step_")
        labels, rank = list(range(len(self.formula.shape))), len(self._plain.shape)
        claim = Contraction([self.formula, v], [labels, labels[rank:]], labels[:rank])
        along = Derivative(substitute(self._plain, {x: x + t * v}), t)
        signs = np.array(rng.choice([-1, 1], size=np.shape(values[self.variable])), dtype=object)
        point = {**self.at(values), v: signs, t: np.array(Fraction(0), dtype=object)}
        found = compare(along, claim, point, self.sizes, digits=20, limit=512)
        return found.outcome != "different"

    def sides(self, values: Point, missing: Array) -> tuple[Array, Array]:
        """Left and right slopes, by the entry's own coordinate, where `missing`; NaN elsewhere.

        Where the directions are many, all coordinates are moved at once.
        """
        left, right = np.full(missing.shape, np.nan), np.full(missing.shape, np.nan)
        if not self.small:
            left[missing], right[missing] = (self._beside(values, s)[missing] for s in (-1, 1))
            return left, right
        for entry in map(tuple, np.argwhere(missing)[:_KINKS]):
            coordinate = entry[len(self.f.shape) :]
            left[entry], right[entry] = (
                self._beside(values, sign, coordinate)[entry] for sign in (-1, 1)
            )
        return left, right

    def _beside(self, values: Point, sign: int, coordinate: Any = ...) -> Array:
        moved = np.array(values[self.variable], dtype=object)
        steps = [sign * _BESIDE * (abs(entry) or 1) for entry in moved.flat]
        shift = np.zeros(moved.shape, dtype=object)
        chosen = np.array(steps, dtype=object).reshape(moved.shape)
        shift[coordinate] = chosen[coordinate]
        balls, _ = self.balls({**values, self.variable: moved + shift}, _SIDES)
        return as_floats(balls)[0]


def as_floats(balls: Array) -> tuple[Array, Array]:
    """Midpoints as float64, NaN where a ball is not finite; and radii, infinite there."""
    finite = np.array([ball.is_finite() for ball in balls.flat], dtype=bool)
    middle = [float(ball.mid()) if ball.is_finite() else float("nan") for ball in balls.flat]
    radius = [float(ball.rad()) if ball.is_finite() else float("inf") for ball in balls.flat]
    value = np.array(middle, dtype=np.float64)
    bound = np.where(finite & np.isfinite(value), np.array(radius, dtype=np.float64), np.inf)
    return value.reshape(balls.shape), bound.reshape(balls.shape)


def has_no_equations(variables: Iterable[Variable]) -> bool:
    """Whether floats that lie nearly in the domains of variables lie in them exactly."""
    domains = {variable.domain for variable in variables}
    return all(domain_of(each).entrywise or each == "invertible" for each in domains)


@lru_cache(maxsize=64)  # one derivative is wanted at many points
def _differentiated(f: Expression, variable: Variable) -> Expression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IndependentWarning)
        return jacobian(f, variable)
