"""How far eigenvalues can be trusted: left and right vectors, gaps, defective matrices."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Any

import numpy as np
from flint import fmpq_mat

from numeric.balls import precision
from numeric.methods.display import Shown, Summary, axes_for, short
from numeric.methods.inputs import EPS, square_matrix
from numeric.methods.rationals import rational_matrix

Array = Any
_LARGEST = 40  # rows up to which exact eigenvalues are worked out

__all__ = ["Eigenvalues", "condition_eigenvalues"]


@dataclass(frozen=True, eq=False)
class Eigenvalues(Shown):
    """The eigenvalues of a matrix, each with its condition number and error bar.

    values      ascending by real part, then imaginary part
    conditions  1/abs(y^H x) of the unit left and right eigenvectors: 1 at best, infinite if defective
    bars        condition * backward error: what the error comes to, to first order
    errors      the measured ones, against exact eigenvalues; NaN where those were not worked out
    gaps        the distance to the nearest other eigenvalue
    distance    a matrix with a multiple, defective eigenvalue is certainly not farther than this
    defective   whether A itself is: True or False is proved exactly, None is not known
    status      "ok", "ill-conditioned" (a bar reaches half of a gap, or sqrt(eps) of the largest
                eigenvalue), "defective"
    """

    values: Array
    conditions: Array
    bars: Array
    errors: Array
    gaps: Array
    backward_error: float
    distance: float
    defective: bool | None
    status: str
    reason: str

    def summary(self) -> Summary:
        """One row an eigenvalue."""
        facts = (
            ("backward error", short(self.backward_error)),
            ("nearest defective", f"at most {self.distance:.1e} away" if self.distance < inf
             else "no bound: every condition number is 1"),
            ("status", f"{self.status}: {self.reason}"),
        )  # fmt: skip
        rows = [
            (_number(value), short(condition), short(bar), short(error))
            for value, condition, bar, error in zip(
                self.values, self.conditions, self.bars, self.errors, strict=True
            )
        ]
        head = ("eigenvalue", "condition", "error bar", "error measured")
        return Summary(f"eigenvalues of a matrix of {len(self.values)} rows", facts, head, rows)

    def plot(self, ax: Any = None) -> Any:
        """The eigenvalues in the plane, each in the disc of its bar."""
        from matplotlib.patches import Circle

        axes = axes_for(ax)
        axes.plot(self.values.real, self.values.imag, "k.", label="computed")
        for value, bar in zip(self.values, self.bars, strict=True):
            if np.isfinite(bar):
                axes.add_patch(Circle((value.real, value.imag), bar, alpha=0.2))
        axes.set(xlabel="real part", ylabel="imaginary part", title="eigenvalues and error bars")
        return axes


def condition_eigenvalues(A: object) -> Eigenvalues:
    """The eigenvalues of A with the condition number of each.

    Formula: a change E of A moves a simple eigenvalue by y^H E x/(y^H x) + O(norm(E)^2), so by at
    most norm(E)/abs(y^H x); for a symmetric matrix by at most norm(E).
    Shapes: A (n, n). Conditions: real and finite. Errors: `ShapeError`, `DataError`. Numerical
    error: `bars` take for norm(E) the larger of the residual norm(A x - lambda x) and n eps norm(A);
    they are first-order estimates, and the status says where the first order is not enough. Up to
    n = 40 the errors are measured against the roots of the exact characteristic polynomial, and
    the exact minimal polynomial decides whether A is defective.
    Source: Wilkinson, The Algebraic Eigenvalue Problem (1965), chapter 2; his bound
    norm(A)/sqrt(condition^2 - 1) is `distance`.

    >>> found = condition_eigenvalues([[1, 1e6], [0, 2]])
    >>> found.values.real, bool(found.conditions.max() > 9e5), found.defective
    (array([1., 2.]), True, False)
    >>> condition_eigenvalues([[1, 1], [0, 1]]).status
    'defective'
    """
    matrix = square_matrix("the matrix A", A)
    with np.errstate(all="ignore"):
        return _examined(matrix)


def _examined(A: Array) -> Eigenvalues:
    symmetric = bool(np.array_equal(A, A.T))
    values, vectors, conditions = _solved(A, symmetric)
    norm = float(np.linalg.norm(A, 2))
    residual = float(np.max(np.linalg.norm(A @ vectors - vectors * values, axis=0)))
    backward = max(residual, len(A) * EPS * norm)
    bars = conditions * backward if backward else np.zeros(len(A))
    gaps = _gaps(values)
    worst = float(np.max(conditions))
    distance = inf if symmetric else norm / sqrt((worst - 1) * (worst + 1)) if worst > 1 else inf
    errors, orders = np.full(len(A), nan), None
    if len(A) <= _LARGEST:
        rational = rational_matrix(A)
        errors = _errors(values, rational)
        orders = _roots(rational.minpoly())
    defective = None if orders is None else any(order > 1 for _, order in orders)
    if symmetric:
        defective = False
    radius = float(np.max(np.abs(values)))
    status, reason = _status(symmetric, orders, bars, gaps, radius, distance, backward)
    return Eigenvalues(
        values, conditions, bars, errors, gaps, backward, distance, defective, status, reason
    )


def _solved(A: Array, symmetric: bool) -> tuple[Array, Array, Array]:
    """Eigenvalues in order, unit right vectors, condition numbers."""
    if symmetric:
        values, vectors = np.linalg.eigh(A)
        return values.astype(complex), vectors, np.ones(len(A))
    from scipy.linalg import eig

    values, left, right = eig(A, left=True, right=True)
    left, right = (vectors / np.linalg.norm(vectors, axis=0) for vectors in (left, right))
    cosines = np.abs(np.sum(left.conj() * right, axis=0))
    conditions = np.maximum(1.0, 1 / cosines)
    order = np.lexsort((values.imag, values.real))
    return values[order], right[:, order], conditions[order]


def _gaps(values: Array) -> Array:
    if len(values) == 1:
        return np.array([inf])
    distances = np.abs(values[:, None] - values)
    np.fill_diagonal(distances, inf)
    return distances.min(axis=1)


def _roots(polynomial: Any) -> list[tuple[complex, int]]:
    """The distinct roots of a rational polynomial, correctly rounded, with their orders."""
    with precision(128):
        roots = polynomial.numer().complex_roots()
    return [(complex(float(z.real.mid()), float(z.imag.mid())), int(order)) for z, order in roots]


def _errors(values: Array, A: fmpq_mat) -> Array:
    """How far each eigenvalue is from its partner among the exact ones, matched as a whole."""
    from scipy.optimize import linear_sum_assignment

    exact = np.array([z for z, order in _roots(A.charpoly()) for _ in range(order)])
    distances = np.abs(values[:, None] - exact)
    rows, columns = linear_sum_assignment(distances)
    return distances[rows, columns]


def _status(
    symmetric: bool,
    orders: list[tuple[complex, int]] | None,
    bars: Array,
    gaps: Array,
    radius: float,
    distance: float,
    backward: float,
) -> tuple[str, str]:
    if symmetric:
        return "ok", "A is symmetric, so every eigenvalue moves by at most the change of A"
    block = max((order for _, order in orders), default=1) if orders else 1
    if block > 1:
        return "defective", (
            f"A has a Jordan block of {block} rows (proved exactly): a change e of A moves its "
            f"eigenvalue by e^(1/{block}), here about {backward ** (1 / block):.0e}; bars do not apply"
        )
    if np.any(bars >= gaps / 2):
        count = int(np.sum(bars >= gaps / 2))
        return "ill-conditioned", (
            f"the bars of {count} eigenvalues reach their neighbours, so they cannot be told from "
            "those of a defective matrix; the first-order bars give only the size of the error"
        )
    if float(np.max(bars)) >= sqrt(EPS) * radius:
        return "ill-conditioned", (
            f"the worst bar is {np.max(bars):.0e} for eigenvalues up to {radius:.1e}; a defective "
            f"matrix is at most {distance:.0e} away"
        )
    return "ok", "every bar is small compared with the eigenvalues and with their gaps"


def _number(value: complex) -> str:
    return f"{value.real:.8g}" if value.imag == 0 else f"{value.real:.6g}{value.imag:+.6g}j"
