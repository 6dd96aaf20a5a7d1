"""Rational points that satisfy equations, found where the equations are affine in some variable.

All other variables are drawn from their domains. The chosen one is written as a linear combination
of parameters that its domain allows (all entries, an upper triangle, a diagonal); the equations
then are one rational linear system, and the point is its random exact solution. The equations are
evaluated once more, exactly, at the point that is returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import prod
from typing import Any

import numpy as np
import sympy

from numeric.binding import shape_of
from numeric.errors import Undecided
from numeric.exact import evaluate_all_exactly
from numeric.jets import as_array
from numeric.linear import determinant, solve_linear
from numeric.sampling import Generator, Point, sample
from symbolic.nodes import Expression, Variable

Array = Any
Equation = tuple[Expression, Expression]

_ATTEMPTS = 3

_SHAPES: dict[str, Callable[[int], list[tuple[int, int]]]] = {
    "symmetric": lambda n: [(i, j) for i in range(n) for j in range(i, n)],
    "diagonal": lambda n: [(i, i) for i in range(n)],
    "lower": lambda n: [(i, j) for i in range(n) for j in range(i + 1)],
}
_MIRRORED = {"symmetric", "spd"}
_ALSO: dict[str, Callable[[Array], bool]] = {
    "real": lambda array: True,
    "symmetric": lambda array: True,
    "diagonal": lambda array: True,
    "lower": lambda array: True,
    "positive": lambda array: all(entry > 0 for entry in array.flat),
    "nonnegative": lambda array: all(entry >= 0 for entry in array.flat),
    "unit": lambda array: all(0 <= entry <= 1 for entry in array.flat),
    "invertible": lambda array: determinant(array) != 0,
    "spd": lambda array: all(determinant(array[:k, :k]) > 0 for k in range(1, array.shape[0] + 1)),
}


def sample_on(
    equations: Sequence[Equation],
    variables: Iterable[Variable],
    sizes: Mapping[sympy.Symbol, int],
    rng: Generator,
) -> Point:
    """A rational point of the domains at which every equation holds exactly.

    Shapes: `point[v]` is an object array of `Fraction` of the shape of v. Conditions: the equations
    are rational, and affine in some variable (or in two together) that they leave solvable, else
    `Undecided`. Numerical error: none.

    >>> from symbolic.variables import dims, matrix, scalar, vector
    >>> n, = dims("n")
    >>> v, S = vector("v", n, domain="unit_norm"), matrix("S", n, n, domain="symmetric")
    >>> lam = scalar("lam")
    >>> point = sample_on([(S @ v, lam * v)], [v, S, lam], {n: 3}, np.random.default_rng(0))
    >>> bool(np.all(point[S] @ point[v] == point[lam] * point[v]))
    True
    """
    given = list(variables)
    residuals = [left - right for left, right in equations]
    reason = "no variable enters the equations affinely"
    for _ in range(_ATTEMPTS):
        point = sample(given, sizes, rng)
        for unknowns in _candidates(given, sizes):
            try:
                solved = _solve(residuals, point, unknowns, sizes)
            except Undecided as error:
                reason = error.found
                continue
            if solved is not None:
                return solved
    raise Undecided(
        "a point that satisfies the equations",
        reason,
        "state equations that are rational and affine in one of the variables",
    )


def _candidates(
    given: Sequence[Variable], sizes: Mapping[sympy.Symbol, int]
) -> list[tuple[Variable, ...]]:
    """Variables to solve for, those with the most freedom first; then pairs of them."""
    fitting = [variable for variable in given if variable.domain in _ALSO]
    fitting.sort(key=lambda variable: -len(_directions(variable, sizes)))
    return [(variable,) for variable in fitting] + list(combinations(fitting, 2))


def _directions(variable: Variable, sizes: Mapping[sympy.Symbol, int]) -> list[Array]:
    """The arrays whose linear combinations are the values that the domain allows."""
    shape = shape_of(variable.shape, sizes)
    domain = "symmetric" if variable.domain in _MIRRORED else variable.domain
    places: list[tuple[int, ...]]
    places = list(_SHAPES[domain](shape[0])) if domain in _SHAPES else list(np.ndindex(shape))
    found = []
    for place in places:
        flat = np.empty(prod(shape), dtype=object)
        flat[:] = Fraction(0)
        direction = flat.reshape(shape)
        direction[place] = Fraction(1)
        if domain == "symmetric":
            direction[place[::-1]] = Fraction(1)
        found.append(direction)
    return found


def _solve(
    residuals: Sequence[Expression],
    point: Point,
    unknowns: tuple[Variable, ...],
    sizes: Mapping[sympy.Symbol, int],
) -> Point | None:
    """The point with the unknowns replaced by a solution, or None if it is no solution."""
    directions = [
        (variable, direction) for variable in unknowns for direction in _directions(variable, sizes)
    ]

    def at(parameters: Sequence[Fraction]) -> Point:
        moved = dict(point)
        for variable in unknowns:
            moved[variable] = as_array(point[variable] * Fraction(0))
        for (variable, direction), parameter in zip(directions, parameters, strict=True):
            moved[variable] = as_array(moved[variable] + direction * parameter)
        return moved

    def residual(parameters: Sequence[Fraction]) -> Array:
        values = evaluate_all_exactly(residuals, at(parameters), sizes)
        return np.concatenate([value.ravel() for value in values])

    count = len(directions)
    units = [[Fraction(int(i == k)) for i in range(count)] for k in range(count)]
    constant = residual([Fraction(0)] * count)
    matrix = np.stack([residual(unit) - constant for unit in units], axis=1)
    free = _free_parameters(point, directions)
    if np.any(residual(free) != constant + matrix @ free):
        return None
    solution = solve_linear(matrix, -constant, free)
    if solution is None:
        return None
    found = at(solution)
    inside = all(_ALSO[variable.domain](found[variable]) for variable in unknowns)
    return found if inside and not np.any(residual(solution)) else None


def _free_parameters(point: Point, directions: Sequence[tuple[Variable, Array]]) -> Array:
    """The parameters of the drawn values: one entry that each direction sets alone."""
    result = np.empty(len(directions), dtype=object)
    result[:] = [point[v].flat[int(np.flatnonzero(d.ravel())[0])] for v, d in directions]
    return result
