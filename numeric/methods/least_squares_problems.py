"""Least squares three ways: normal equations, QR and the augmented system, errors measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat

from numeric.methods.display import Shown, Summary, short
from numeric.methods.inputs import EPS, real_array, real_number
from numeric.methods.rationals import (
    exact_solution,
    narrow_matrix,
    rational_matrix,
    relative_error,
    scaled,
    spectral_norm,
)
from symbolic.errors import DataError, ShapeError

Array = Any
_MOST_ENTRIES = 40_000  # of A, up to which an exact solution is worked out
_MOST_AUGMENTED = 1_000  # rows of the augmented system, which is a full matrix

__all__ = ["Fit", "LeastSquares", "least_squares"]


@dataclass(frozen=True, eq=False)
class Fit:
    """One way to solve a least-squares problem.

    predicted  the size of error that its condition number times eps lets expect
    error      the measured one, relative to the largest entry of x; infinite where it breaks down
    """

    name: str
    solution: Array
    predicted: float
    error: float


@dataclass(frozen=True, eq=False)
class LeastSquares(Shown):
    """The minimiser of norm(A x - b)^2 + ridge norm(x)^2, and three ways to it compared.

    kappa     norm(A) norm(pinv(A)) in the spectral norm, of A stacked on sqrt(ridge) I
    by_matrix the condition of x under changes of A, kappa + kappa^2 tan(theta)/eta
    by_data   the condition of x under changes of b, kappa/(eta cos(theta))
    residual  norm(A x - b), of the stacked problem
    status    "ok", "ill-conditioned" (half of the digits may be lost), "unstable" (QR leaves the
              range of float64), "rank deficient"
    """

    solution: Array
    kappa: float
    by_matrix: float
    by_data: float
    residual: float
    fits: tuple[Fit, ...]
    status: str
    reason: str

    def summary(self) -> Summary:
        """The condition numbers, and one row a method."""
        facts = (
            ("condition", f"{self.kappa:.2e} (squared {self.kappa * self.kappa:.2e})"),
            ("of x", f"{self.by_matrix:.2e} under changes of A, {self.by_data:.2e} of b"),
            ("residual", short(self.residual)),
            ("status", f"{self.status}: {self.reason}"),
        )
        rows = [(each.name, short(each.predicted), short(each.error)) for each in self.fits]
        head = ("method", "condition * eps", "error measured")
        return Summary(f"least squares, {len(self.solution)} unknowns", facts, head, rows)


def least_squares(A: object, b: object, *, ridge: float = 0.0) -> LeastSquares:
    r"""The least-squares solution by three methods, with the condition that each answers to.

    Formula: x = argmin norm(A x - b)^2 + ridge norm(x)^2. With cos(theta) = norm(A x)/norm(b) and
    eta = norm(A) norm(x)/norm(A x), QR (whose x is `solution`) and the augmented system
    [[alpha I, A], [A.T, -ridge/alpha I]], alpha the least singular value over sqrt(2), err by about
    eps (kappa + kappa^2 tan(theta)/eta + kappa/(eta cos(theta))), the normal equations (Cholesky of
    A.T @ A + ridge I) by about eps kappa^2 more.
    Shapes: A (m, n), b (m). Conditions: real, finite; m >= n unless ridge > 0. Errors:
    `ShapeError`, `DataError`; dependent columns are a status. Numerical error: `predicted` is a
    size, not a bound, and badly scaled columns can be better than it. Up to 40,000 entries
    of A the condition numbers and the measured errors come from the exact solution. The augmented
    system is left out above 1,000 rows and columns together.
    Source: Trefethen and Bau, Numerical Linear Algebra (1997), lectures 18 and 19.

    >>> t = np.linspace(0, 1, 30)
    >>> found = least_squares(np.vander(t, 8), np.exp(t))
    >>> normal, qr, augmented = found.fits
    >>> normal.name, normal.error > 100 * qr.error, qr.error < qr.predicted
    ('normal equations', True, True)
    """
    matrix, right = real_array("the matrix A", A, 2), real_array("the right side b", b, 1)
    strength = real_number("ridge", ridge)
    if strength < 0:
        raise DataError("ridge", f"it is {strength:g}", "give 0 or a positive number")
    m, n = matrix.shape
    if len(right) != m:
        raise ShapeError(
            f"least squares with A of shape {matrix.shape}",
            f"b has {len(right)} entries",
            f"give a vector of {m}",
        )
    if m < n and not strength:
        raise ShapeError(
            f"least squares with A of shape {matrix.shape}",
            "there are more unknowns than equations",
            "give more rows, or a positive ridge",
        )
    with np.errstate(all="ignore"):
        return _examined(matrix, right, strength)


@dataclass(frozen=True)
class _Sizes:
    """Norms of the stacked problem, as balls: they neither overflow nor underflow."""

    matrix: arb
    inverse: arb
    solution: arb
    fitted: arb
    residual: arb
    target: arb


def _examined(A: Array, b: Array, ridge: float) -> LeastSquares:
    n = A.shape[1]
    stacked = np.vstack([A, ridge**0.5 * np.eye(n)]) if ridge else A
    target = np.concatenate([b, np.zeros(len(stacked) - len(b))])
    exact, sizes = None, None
    if A.size <= _MOST_ENTRIES:
        gram, exact = _exact(A, b, ridge)
        if exact is not None:
            sizes = _exact_sizes(stacked, target, gram, exact)
    else:
        sizes = _estimated_sizes(stacked, target)
    if sizes is None:
        return _deficient(n, "proved exactly" if A.size <= _MOST_ENTRIES else "in float64")
    kappa = float(sizes.matrix * sizes.inverse)
    by_matrix, by_data = _conditions(sizes)
    well = EPS * (by_matrix + by_data)
    ways: dict[str, tuple[Callable[[], Array], float]] = {
        "normal equations": (lambda: _by_normal_equations(A, b, ridge), well + EPS * kappa * kappa),
        "QR": (lambda: _by_qr(stacked, target), well),
    }
    if sum(A.shape) <= _MOST_AUGMENTED:
        alpha = np.float64(float(1 / sizes.inverse / 2**0.5))
        ways["augmented system"] = (lambda: _by_augmented_system(A, b, ridge, alpha), well)
    fits = tuple(_fit(name, solve, size, exact, n) for name, (solve, size) in ways.items())
    status, reason = "ok", _reason(kappa, by_matrix, by_data)
    if fits[0].error == inf:
        reason += "; A.T @ A overflows, vanishes or is not positive definite: Cholesky breaks down"
    if well >= EPS**0.5:
        status = "ill-conditioned"
    elif fits[1].error >= EPS**0.5:
        status, reason = "unstable", "QR overflows or underflows in float64: scale A and b"
    return LeastSquares(
        fits[1].solution, kappa, by_matrix, by_data, float(sizes.residual), fits, status, reason
    )


def _exact(A: Array, b: Array, ridge: float) -> tuple[fmpq_mat, fmpq_mat | None]:
    """A.T @ A + ridge I and the exact minimiser."""
    rational = rational_matrix(A)
    gram = rational.transpose() * rational
    for k in range(A.shape[1]):
        gram[k, k] += fmpq(*ridge.as_integer_ratio())
    return gram, exact_solution(gram, rational.transpose() * rational_matrix(b))


def _exact_sizes(stacked: Array, target: Array, gram: fmpq_mat, exact: fmpq_mat) -> _Sizes:
    matrix, side = rational_matrix(stacked), rational_matrix(target)
    fitted = matrix * exact
    transposed = matrix.transpose()
    inverse = narrow_matrix(lambda: arb_mat(gram).inv() * arb_mat(transposed))
    parts = (stacked, inverse, exact, fitted, side - fitted, side)
    return _Sizes(*map(spectral_norm, parts))


def _estimated_sizes(stacked: Array, target: Array) -> _Sizes | None:
    (S, up), (t, right) = scaled(stacked), scaled(target[:, None])
    if np.linalg.matrix_rank(S) < S.shape[1]:
        return None
    x = np.linalg.lstsq(S, t, rcond=None)[0]
    parts = (S, np.linalg.pinv(S), x, S @ x, t - S @ x, t)
    powers = (up, -up, right - up, right, right, right)
    return _Sizes(*(spectral_norm(m) * arb((1, k)) for m, k in zip(parts, powers, strict=True)))


def _conditions(sizes: _Sizes) -> tuple[float, float]:
    """The condition of x under changes of A and of b."""
    if sizes.target == 0:
        return 0.0, 0.0
    if sizes.solution == 0 or sizes.fitted == 0:
        return inf, inf
    kappa = sizes.matrix * sizes.inverse
    eta = sizes.matrix * sizes.solution / sizes.fitted
    by_matrix = kappa + kappa**2 * (sizes.residual / sizes.fitted) / eta
    return float(by_matrix), float(kappa / eta * sizes.target / sizes.fitted)


def _by_normal_equations(A: Array, b: Array, ridge: float) -> Array:
    from scipy.linalg import cho_factor, cho_solve

    gram = A.T @ A + ridge * np.eye(A.shape[1])
    return cho_solve(cho_factor(gram, check_finite=False), A.T @ b, check_finite=False)


def _by_qr(A: Array, b: Array) -> Array:
    from scipy.linalg import solve_triangular

    Q, R = np.linalg.qr(A)
    return solve_triangular(R, Q.T @ b, check_finite=False)


def _by_augmented_system(A: Array, b: Array, ridge: float, alpha: float) -> Array:
    m, n = A.shape
    system = np.block([[alpha * np.eye(m), A], [A.T, -ridge / alpha * np.eye(n)]])
    return np.linalg.solve(system, np.concatenate([b, np.zeros(n)]))[m:]


def _fit(
    name: str, solve: Callable[[], Array], predicted: float, exact: fmpq_mat | None, n: int
) -> Fit:
    try:
        x = solve()
    except np.linalg.LinAlgError:
        x = np.full(n, nan)
    broken = not np.all(np.isfinite(x))
    error = inf if broken else nan if exact is None else relative_error(x, exact)
    return Fit(name, x, predicted, error)


def _deficient(n: int, how: str) -> LeastSquares:
    reason = (
        f"the columns of A are dependent ({how}), so the minimiser is not unique; a ridge helps"
    )
    return LeastSquares(np.full(n, nan), inf, inf, inf, nan, (), "rank deficient", reason)


def _reason(kappa: float, by_matrix: float, by_data: float) -> str:
    linear = kappa + by_data
    if kappa * kappa <= 10 * (by_matrix + by_data) < inf:
        if by_matrix > 10 * linear:
            return "the residual is large, so kappa^2 belongs to the problem and QR has it as well"
        return "kappa^2 adds nothing to the condition of this problem: the methods err alike"
    return "the normal equations answer to kappa^2, QR to the condition of the problem"
