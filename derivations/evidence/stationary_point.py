"""A stationary point: the gradient is zero there, and the curvature has the right sign."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
import sympy

from derivations.evidence.experiment import Statement
from derivations.evidence.points import (
    At,
    Fixed,
    Mathematics,
    Point,
    Unknown,
    compared,
    enclosed,
    fixed,
    inserted,
    mathematics,
    points,
)
from derivations.evidence.stating import assignments, few_digits, where
from derivations.verdicts import Evidence
from symbolic import Expression, Variable, gradient, jacobian
from symbolic.errors import ChainruleError, IndependentWarning, UnsupportedError
from symbolic.nodes import Elementwise
from symbolic.operations import zeros
from symbolic.traverse import postorder, substitute

_BITS = 512
_SIGNS = {"minimum": {1}, "maximum": {-1}, "saddle": {1, -1}, "stationary": set()}


@dataclass(frozen=True)
class StationaryPoint:
    """f has gradient zero at x = point, and the curvature of its kind."""

    f: Mathematics
    x: tuple[Unknown, ...]
    point: tuple[Mathematics, ...]
    kind: str
    at: Fixed
    name: str = "stationary point"

    @property
    def statement(self) -> Statement:
        """Where, and of which kind."""
        pairs = tuple(zip(self.x, self.point, strict=True))
        what = "a stationary point of" if self.kind == "stationary" else f"a {self.kind} of"
        return (*assignments(pairs), "is", what, self.f, *where(self.at))

    def run(self, seed: int) -> Evidence:
        """Compare the gradient with zero and enclose the pivots of the Hessian, at random data."""
        f = inserted(self.f, self.at)
        if _has_kinks(f):
            return Evidence("undecided", self.name, "a function with kinks may have no gradient")
        slopes = _gradients(f, self.x)
        at_point = [self._there(slope) for slope in slopes]
        curvature = _hessian(slopes, self.x) if _SIGNS[self.kind] else []
        blocks = [self._there(block) for block in curvature]
        agreed, why = 0, "no point was found"
        for place in points([*at_point, *blocks, *map(self._there, [f])], self.at, seed, 6):
            try:
                found = self._judged(at_point, blocks, place)
            except ChainruleError as error:
                why = str(error)
                continue
            if found.verdict == "refuted":
                return found
            if found.verdict == "verified":
                agreed += 1
            else:
                why = found.reason
            if agreed == 3:
                break
        if not agreed:
            return Evidence("undecided", self.name, why)
        bent = {"minimum": ", the Hessian positive definite", "saddle": ", the Hessian indefinite",
                "maximum": ", the Hessian negative definite"}.get(self.kind, "")  # fmt: skip
        words = f"the gradient is zero to 50 digits{bent}, at {agreed} random points"
        return Evidence("verified", self.name, words, agreed)

    def _there(self, expression: Any) -> Any:
        pairs = dict(zip(self.x, (inserted(p, self.at) for p in self.point), strict=True))
        if isinstance(expression, Expression):
            return substitute(expression, pairs)
        return expression.subs(pairs, simultaneous=True)

    def _judged(self, slopes: list[Any], blocks: list[Any], place: Point) -> Evidence:
        for unknown, slope in zip(self.x, slopes, strict=True):
            nothing = zeros(*slope.shape) if isinstance(slope, Expression) else sympy.S.Zero
            found = compared(slope, nothing, place)
            if found.outcome == "different":
                words = f"the gradient by {unknown.name} is {few_digits(found.left)}, not zero"
                return Evidence("refuted", self.name, words, 1, str(place))
            if found.outcome != "equal":
                return Evidence("undecided", self.name, found.reason)
        if not blocks:
            return Evidence("verified", self.name, "the gradient is zero", 1)
        signs = pivot_signs(_assembled(blocks, len(self.x), place))
        if None in signs:
            return Evidence("undecided", self.name, "the sign of the curvature cannot be told")
        if signs != _SIGNS[self.kind]:
            turned = "along one direction and up along another" if len(signs) == 2 else ""
            bent = turned or (
                "up in every direction" if signs == {1} else "down in every direction"
            )
            words = f"the graph bends {'down ' if turned else ''}{bent}: no {self.kind}"
            return Evidence("refuted", self.name, words, 1, str(place))
        return Evidence("verified", self.name, "gradient and curvature", 1)


def _has_kinks(f: Any) -> bool:
    kinks = (sympy.Abs, sympy.Max, sympy.Min, sympy.sign, sympy.Heaviside, sympy.Piecewise)
    if not isinstance(f, Expression):
        return bool(f.has(*kinks))
    kernels = (node.kernel.expr for node in postorder(f) if isinstance(node, Elementwise))
    return any(each.has(*kinks) for each in kernels)


def _gradients(f: Any, x: tuple[Unknown, ...]) -> list[Any]:
    if isinstance(f, Expression):
        return [gradient(f, each) for each in x]
    return [sympy.diff(f, each) for each in x]


def _hessian(slopes: list[Any], x: tuple[Unknown, ...]) -> list[Any]:
    """Second derivatives, row by row of the blocks."""
    if isinstance(slopes[0], Expression):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", IndependentWarning)
            return [jacobian(slope, each) for slope in slopes for each in x]
    return [sympy.diff(slope, each) for slope in slopes for each in x]


def _assembled(blocks: list[Any], count: int, place: Point) -> Any:
    """The Hessian as one matrix of balls."""
    arrays = [enclosed(block, place, _BITS) for block in blocks]
    rows = []
    for k in range(count):
        row = arrays[k * count : (k + 1) * count]
        height = _height(row, k, count)
        rows.append(np.concatenate([each.reshape(height, -1) for each in row], axis=1))
    return np.concatenate(rows, axis=0)


def _height(row: list[Any], k: int, count: int) -> int:
    """How many entries the unknown number k has: the diagonal block is square."""
    return isqrt(row[k].size)


def pivot_signs(matrix: Any) -> set[int | None]:
    """The signs of the pivots of a symmetric matrix of balls; None for one that is not certain.

    By Sylvester's law of inertia they are the signs of the eigenvalues.

    >>> from flint import arb
    >>> sorted(pivot_signs(np.array([[arb(2), arb(1)], [arb(1), arb(-3)]], dtype=object)))
    [-1, 1]
    """
    rest = matrix.copy()
    signs: set[int | None] = set()
    while rest.size:
        sizes = [float(abs(rest[k, k]).mid()) for k in range(len(rest))]
        place = int(np.argmax(sizes))
        pivot = rest[place, place]
        if not (pivot > 0 or pivot < 0):
            crossed = any(_indefinite(rest, place, k) for k in range(len(rest)) if k != place)
            return {1, -1} if crossed else {*signs, None}
        signs.add(1 if pivot > 0 else -1)
        others = [k for k in range(len(rest)) if k != place]
        column = rest[others, place]
        rest = rest[np.ix_(others, others)] - column[:, None] * column[None, :] / pivot
    return signs


def _indefinite(matrix: Any, i: int, j: int) -> bool:
    """Whether two rows and columns of a symmetric matrix have a negative determinant."""
    return bool(matrix[i, i] * matrix[j, j] - matrix[i, j] * matrix[j, i] < 0)


def stationary_point(
    f: Mathematics,
    x: Unknown | tuple[Unknown, ...],
    point: Mathematics | tuple[Mathematics, ...],
    kind: str = "minimum",
    at: At | None = None,
) -> StationaryPoint:
    """The gradient of f by x is zero at x = point, and the Hessian there fits the kind.

    Kinds: minimum, maximum, saddle (of the Hessian), stationary (of the gradient alone, as for a
    Lagrangian).

    >>> a, b, t = sympy.symbols("a b t", real=True)
    >>> stationary_point((t - a) ** 2 + b, t, a).run(seed=0).verdict
    'verified'
    """
    if kind not in _SIGNS:
        raise UnsupportedError(f"kind={kind!r}", "no such kind", f"use {', '.join(_SIGNS)}")
    places = x if isinstance(x, tuple) else (x,)
    where = point if isinstance(point, tuple) else (point,)
    if len(places) != len(where):
        raise UnsupportedError(
            "a stationary point",
            f"{len(places)} unknowns, {len(where)} values",
            "give one for each",
        )
    if not all(isinstance(each, (Variable, sympy.Symbol)) for each in places):
        raise UnsupportedError(f"x={x!r}", "no variable", "give a variable or a symbol")
    return StationaryPoint(f, places, tuple(map(mathematics, where)), kind, fixed(at))
