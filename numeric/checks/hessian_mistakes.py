"""Naming what is wrong with a Hessian: usual slips, each put to the test of what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from numeric.arrays import Point
from numeric.checks.cotangents import directions
from numeric.differences import directional_derivative, jacobian, point_scale
from numeric.gradient_check import SMALL

Array = Any

_CERTAIN = 3.0  # bars
_DIRECTIONS = 4


@dataclass(frozen=True)
class Known:
    """left'H right = value +- bar; `left` is a vector, or None for the whole vector H right."""

    left: Array | None
    right: Array
    value: Array
    bar: Array

    def explained_by(self, matrix: Array) -> bool:
        """Whether a matrix gives this value, where it is known."""
        product = matrix @ self.right
        given = product if self.left is None else self.left @ product
        known = np.isfinite(self.bar) & np.isfinite(self.value)
        rounding = 1e-12 * np.abs(given)
        return bool(np.all((np.abs(given - self.value) <= _CERTAIN * self.bar + rounding)[known]))


def slopes_of_gradient(grad: Any, point: Point, seed: int) -> list[Known]:
    """Columns of the Hessian by differences of a gradient; beyond 64, some directions."""
    x, n = point.values, point.values.size
    if n <= SMALL:
        found = jacobian(grad, point.native(x))
        columns, bars = found.value.reshape(n, n), found.bar.reshape(n, n)
        return [Known(None, np.eye(n)[j], columns[:, j], bars[:, j]) for j in range(n)]
    known = []
    for d in directions(x, point_scale(x), _DIRECTIONS, seed):
        found = directional_derivative(grad, point.native(x), d)
        known.append(Known(None, d.ravel(), found.value.ravel(), found.bar.ravel()))
    return known


def name_mistakes_of_hessian(matrix: Array, known: list[Known]) -> tuple[str, ...]:
    """The slip that turns a matrix into the measured Hessian, or nothing.

    >>> H = np.array([[2.0, 1.0], [1.0, 4.0]])
    >>> known = [Known(None, unit, H @ unit, np.array(1e-9)) for unit in np.eye(2)]
    >>> name_mistakes_of_hessian(np.triu(H), known)
    ('one triangle only',)
    """
    for name, corrected in _corrections(matrix):
        if all(each.explained_by(corrected) for each in known):
            return (name,)
    weight = _missing_ridge(matrix, known)
    if weight:
        return (f"{'missing' if weight > 0 else 'extra'} {abs(weight):.6g} on the diagonal",)
    return ()


def _corrections(matrix: Array) -> Iterator[tuple[str, Array]]:
    """Usual mistakes, each with what the matrix should have been."""
    diagonal = np.diag(np.diag(matrix))
    for name, factor in (("sign", -1.0), ("factor 1/2", 2.0), ("factor 2", 0.5)):
        yield name, factor * matrix
    for name, factor in (("diagonal: factor 1/2", 2.0), ("diagonal: factor 2", 0.5)):
        yield name, matrix + (factor - 1) * diagonal
    if np.array_equal(matrix, matrix.T):
        return
    if not np.any(np.triu(matrix, 1)) or not np.any(np.tril(matrix, -1)):
        yield "one triangle only", matrix + matrix.T - diagonal
        yield "one triangle only, with half the diagonal", matrix + matrix.T
    yield "not symmetric: only its symmetric part is right", (matrix + matrix.T) / 2
    yield "not symmetric: wrong below the diagonal", _mirrored(matrix)
    yield "not symmetric: wrong above the diagonal", _mirrored(matrix.T)


def _mirrored(matrix: Array) -> Array:
    """The symmetric matrix with the same upper triangle."""
    return np.triu(matrix) + np.triu(matrix, 1).T


def _missing_ridge(matrix: Array, known: list[Known]) -> float:
    """The multiple of the identity that the matrix lacks, or 0."""
    identity = np.eye(len(matrix))
    along = [each.right if each.left is None else each.left @ each.right for each in known]
    weights = [
        (
            float(np.ravel(bar)[k] / abs(np.ravel(unit)[k])),
            float(gap.ravel()[k] / np.ravel(unit)[k]),
        )
        for each, unit in zip(known, along, strict=True)
        for bar in [np.broadcast_to(each.bar, np.shape(unit))]
        for gap in [np.asarray(each.value - _given(each, matrix))]
        for k in [int(np.argmax(np.abs(np.ravel(unit))))]
        if np.ravel(unit)[k]
    ]
    weight = min(weights)[1] if weights else 0.0
    right = all(each.explained_by(matrix + weight * identity) for each in known)
    return weight if right and np.isfinite(weight) else 0.0


def _given(known: Known, matrix: Array) -> Array:
    product = matrix @ known.right
    return product if known.left is None else known.left @ product
