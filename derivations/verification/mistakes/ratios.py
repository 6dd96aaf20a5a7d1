"""One number that differs from point to point, recognised as a product of what the problem has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import sympy

from derivations.verification.mistakes.problem import Problem
from derivations.verification.mistakes.slip import shown
from symbolic.nodes import Expression, Variable
from symbolic.operations import constant, divide, multiply, power

Array = Any

_CLOSE = 1e-9
_LARGEST = 12  # the largest numerator and denominator of a plain factor
_MOST_SCALARS = 12
_CONSTANTS = (
    sympy.sqrt(2), sympy.pi, sympy.sqrt(sympy.pi), sympy.sqrt(2 * sympy.pi), sympy.log(2), sympy.log(10)
)  # fmt: skip
_HALF = sympy.Rational(1, 2)


@dataclass(frozen=True)
class Ratio:
    """A factor that was recognised.

    plain   its value where it is a plain number such as -1 or 1/2
    kind    "number", "size", "variable", "mixed", or "scalar": what one differentiates by, or longer
    cost    how far-fetched it is
    """

    expression: Expression
    kind: str
    cost: float
    plain: Fraction | None = None

    @cached_property
    def text(self) -> str:
        """The factor as a person writes it."""
        return shown(self.expression) if self.plain is None else str(self.plain)

    @cached_property
    def missing(self) -> str:
        """The factor that is missing where this one is there; empty where this one reads better."""
        inverse = power(self.expression, -1)
        text = shown(inverse) if self.plain is None else str(1 / self.plain)
        return text if len(text) < len(self.text) else ""


@dataclass(frozen=True)
class _Atom:
    """A number that a factor may be made of, with its values at the points."""

    expression: Expression
    values: Array
    kind: str

    def times(self, other: _Atom, sign: int) -> _Atom:
        """The product of two, or the quotient."""
        kind = self.kind if self.kind == other.kind else "mixed"
        if "scalar" in (self.kind, other.kind):
            kind = "scalar"
        if sign > 0:
            whole = multiply(self.expression, other.expression)
            return _Atom(whole, self.values * other.values, kind)
        quotient = divide(self.expression, other.expression)
        return _Atom(quotient, self.values / other.values, kind)

    def to(self, exponent: sympy.Rational) -> _Atom:
        """A power."""
        values = self.values ** float(exponent)
        return _Atom(power(self.expression, exponent), values, self.kind)


def common_ratio(above: Sequence[Array], below: Sequence[Array]) -> list[float] | None:
    """For each point the number c with above = c * below, nan where both are zero; None if there is none."""
    found = []
    for top, bottom in zip(above, below, strict=True):
        if top.shape != bottom.shape or not bottom.size:
            return None
        if not np.any(top) and not np.any(bottom):
            found.append(float("nan"))
            continue
        norm = float((bottom * bottom).sum())
        number = float((top * bottom).sum()) / norm if norm else 0.0
        if number == 0 or float(np.abs(top - number * bottom).max()) > _CLOSE * float(
            np.abs(top).max()
        ):
            return None
        found.append(number)
    return found


def recognise(numbers: Sequence[float], problem: Problem) -> Ratio | None:
    """The simplest product of small fractions, sizes, constants and scalars with these values.

    A value that is nan is not known.
    """
    values = np.array(numbers)
    plain = _fraction(values)
    if plain is not None:
        return Ratio(constant(_exact(plain)), "number", 0.0, plain)
    for atom, cost in _products(problem, len(values)):
        fraction = _fraction(values / atom.values)
        if fraction is not None:
            factor = constant(_exact(fraction))
            whole = atom.expression if fraction == 1 else multiply(factor, atom.expression)
            return Ratio(whole, atom.kind, cost)
    return None


def _fraction(values: Array) -> Fraction | None:
    """The small fraction that all values are, if they are one."""
    known = values[~np.isnan(values)]
    if not known.size or np.abs(known - known[0]).max() > _CLOSE * abs(known[0]):
        return None
    first = float(known[0])
    found = Fraction(first).limit_denominator(_LARGEST)
    small = found and abs(found.numerator) <= _LARGEST
    return found if small and abs(float(found) - first) <= _CLOSE * abs(first) else None


def _exact(fraction: Fraction) -> sympy.Rational:
    return sympy.Rational(fraction.numerator, fraction.denominator)


def _atoms(problem: Problem, count: int) -> Iterator[_Atom]:
    for letter in problem.letters:
        values = np.array([float(sizes[letter]) for sizes in problem.points.sizes])
        yield _Atom(constant(letter), values, "size")
    for number in _CONSTANTS:
        yield _Atom(constant(number), np.full(count, float(number)), "number")
    for scalar in problem.scalars[:_MOST_SCALARS]:
        found = problem.points.values(scalar)
        if found is not None and all(float(each) != 0 for each in found):
            values = np.array([float(each) for each in found])
            known = isinstance(scalar, Variable) and scalar is not problem.variable
            yield _Atom(scalar, values, "variable" if known else "scalar")


_SCALAR_COST = 1.7


def _products(problem: Problem, count: int) -> Iterator[tuple[_Atom, float]]:
    """Products that a factor may be, with their cost, simplest first."""
    atoms = list(_atoms(problem, count))

    def priced(atom: _Atom, cost: float) -> tuple[_Atom, float]:
        return atom, cost + (_SCALAR_COST if atom.kind == "scalar" else 0)

    for atom in atoms:
        yield priced(atom, 0.1)
        yield priced(atom.to(sympy.S.NegativeOne), 0.1)
    for atom in atoms:
        powers = [sympy.Integer(2), sympy.Integer(-2)]
        if (atom.values > 0).all():
            powers += [_HALF, -_HALF]
        for exponent in powers:
            yield priced(atom.to(exponent), 0.2)
    for first, second in combinations(atoms, 2):
        if first.kind == second.kind == "scalar":
            continue
        for atom in (first.times(second, 1), first.times(second, -1), second.times(first, -1)):
            yield priced(atom, 0.3)
        yield priced(first.times(second, 1).to(sympy.S.NegativeOne), 0.3)
