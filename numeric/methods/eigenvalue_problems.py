"""How far eigenvalues can be trusted: left and right vectors, gaps, defective matrices."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Any

import numpy as np
from flint import acb, arb, arb_mat, fmpq

from numeric.balls import precision
from numeric.methods.display import Shown, Summary, axes_for, short
from numeric.methods.inputs import EPS, TINY, square_matrix
from numeric.methods.rationals import rational_matrix, scaled

Array = Any
_LARGEST = 40  # rows up to which exact eigenvalues are worked out
_WIDEST = 500  # powers of two between the entries; roots closer than that take very long to tell
_MOST_BITS = 1 << 13

__all__ = ["Eigenvalues", "condition_eigenvalues"]


@dataclass(frozen=True, eq=False)
class Eigenvalues(Shown):
    """The eigenvalues of a matrix, each with its condition number and error bar.

    values      ascending by real part, then imaginary part
    conditions  1/abs(y^H x) of the unit left and right eigenvectors: 1 at best, infinite if defective
    bars        condition * backward error: what the error comes to, to first order
    errors      the measured ones, against the exact eigenvalues, not their roundings: 0 only where an
                eigenvalue is exact; NaN where those were not worked out
    gaps        the distance to the nearest other eigenvalue
    distance    a matrix with a multiple, defective eigenvalue is certainly not farther than this
    defective   whether A itself is: True or False is proved exactly, None is not known
    status      "ok", "ill-conditioned" (a bar reaches half of a gap, or sqrt(eps) of the largest
                eigenvalue), "defective", "overflow" (an eigenvalue is beyond float64)
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
                with np.errstate(all="ignore"):  # of matplotlib, beside the largest number
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
    n = 40, for entries within a factor 2^500, the errors are measured against the roots of the exact
    characteristic polynomial, and the exact minimal polynomial decides whether A is defective.
    Source: Wilkinson, The Algebraic Eigenvalue Problem (1965), chapter 2; his bound
    norm(A)/sqrt(condition^2 - 1), with the backward error, is `distance`.

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
    S, exponent = scaled(A)
    near, vectors, conditions = _solved(S, symmetric)
    values = _times_power(near, exponent)
    near = np.where(np.isfinite(values), _times_power(values, -exponent), near)
    size = float(np.linalg.norm(S, 2))
    residual = float(np.max(np.linalg.norm(S @ vectors - vectors * near, axis=0)))
    relative = max(residual, len(A) * EPS * size)

    def unscaled(sizes: Any) -> Any:
        return np.maximum(np.ldexp(sizes, exponent), np.where(sizes > 0, TINY, 0.0))

    backward = float(unscaled(relative))
    bars = unscaled(conditions * relative) if relative else np.zeros(len(A))
    gaps = unscaled(_gaps(near))
    worst = float(np.max(conditions))
    apart = size / sqrt(worst - 1) / sqrt(worst + 1) if worst > 1 and not symmetric else inf
    distance = float(unscaled(apart + relative))
    errors, orders = np.full(len(A), nan), None
    exponents = np.frexp(A[A != 0])[1].tolist() or [0]
    if len(A) <= _LARGEST and max(exponents) - min(exponents) <= _WIDEST:
        rational = rational_matrix(A)
        errors = _errors(near, exponent, rational.charpoly())
        orders = [order for _, order in _roots(rational.minpoly(), 128)]
    errors = np.where(np.isfinite(values) | np.isnan(errors), errors, inf)
    defective = None if orders is None else any(order > 1 for order in orders)
    if symmetric:
        defective = False
    if not np.all(np.isfinite(values)):
        status, reason = "overflow", "an eigenvalue is beyond the range of float64: scale A down"
    else:
        radius = float(np.max(np.abs(values)))
        change = relative / size if size else 0.0
        status, reason = _status(symmetric, orders, bars, gaps, radius, distance, change)
    return Eigenvalues(
        values, conditions, bars, errors, gaps, backward, distance, defective, status, reason
    )


def _times_power(values: Array, exponent: int) -> Array:
    """Complex numbers times 2^exponent."""
    parts = np.ldexp(values.real, exponent), np.ldexp(values.imag, exponent)
    return np.stack(parts, axis=-1).view(complex)[:, 0]


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


def _roots(polynomial: Any, bits: int) -> list[tuple[acb, int]]:
    """The distinct roots of a rational polynomial, enclosed, with their orders."""
    with precision(bits):
        return [(z, int(order)) for z, order in polynomial.numer().complex_roots()]


def _errors(values: Array, exponent: int, polynomial: Any) -> Array:
    """How far each number v 2^exponent is from its partner among the roots, matched as a whole.

    The distances are those of the roots themselves: the precision is raised until every distance has
    20 bits, or is 0 because the number is proved to be a root.
    """
    bits = 128
    while True:
        roots = [z for z, order in _roots(polynomial, bits) for _ in range(order)]
        with precision(bits):
            power = arb((1, exponent))
            numbers = [acb(float(v.real), float(v.imag)) * power for v in values]
            distances = _matched(numbers, roots)
            if bits >= _MOST_BITS or all(
                off.rad() <= off.abs_lower() * arb(2) ** -20
                or (off.contains(0) and _is_root(polynomial, v))
                for off, v in zip(distances, numbers, strict=True)
            ):
                return np.array(
                    [0.0 if off.contains(0) and _is_root(polynomial, v)
                     else max(TINY, float(off.abs_upper()))
                     for off, v in zip(distances, numbers, strict=True)]
                )  # fmt: skip
        bits *= 2


def _matched(numbers: list[acb], roots: list[acb]) -> list[arb]:
    """The distance of each number from its own root, the sum of all distances being least."""
    from scipy.optimize import linear_sum_assignment

    table = [[abs(v - z) for z in roots] for v in numbers]
    floats, _ = scaled(arb_mat(table))
    rows, columns = linear_sum_assignment(floats)
    return [table[row][column] for row, column in zip(rows, columns, strict=True)]


def _is_root(polynomial: Any, number: acb) -> bool:
    """Whether a complex number of two floats is a root, by Horner's rule in rational arithmetic."""
    x, y = (arb(part).fmpq() for part in (number.real, number.imag))
    real = imaginary = fmpq(0)
    for coefficient in reversed(polynomial.coeffs()):
        real, imaginary = real * x - imaginary * y + coefficient, real * y + imaginary * x
    return bool(real == 0 and imaginary == 0)


def _status(
    symmetric: bool,
    orders: list[int] | None,
    bars: Array,
    gaps: Array,
    radius: float,
    distance: float,
    change: float,
) -> tuple[str, str]:
    if symmetric:
        return "ok", "A is symmetric, so every eigenvalue moves by at most the change of A"
    block = max(orders, default=1) if orders else 1
    if block > 1:
        return "defective", (
            f"A has a Jordan block of {block} rows (proved exactly): a change of A by e norm(A) moves "
            f"its eigenvalue by about e^(1/{block}) norm(A), here e^(1/{block}) = "
            f"{change ** (1 / block):.0e}; bars do not apply"
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
