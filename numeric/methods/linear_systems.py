"""How far the solution of A x = b can be trusted: the problem's condition, the solver's error."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log10, nan
from typing import Any

import numpy as np
from flint import arb_mat

from numeric.methods.display import Shown, Summary, short
from numeric.methods.inputs import EPS, real_array, square_matrix
from numeric.methods.rationals import (
    LARGEST,
    exact_solution,
    rational_matrix,
    relative_error,
    rounded,
    rounded_balls,
)
from symbolic.errors import ShapeError

Array = Any

__all__ = ["LinearSystem", "Solver", "condition_linear_system"]


@dataclass(frozen=True, eq=False)
class Solver:
    """One way to solve A x = b, all sizes in the largest absolute entry.

    backward_error  the smallest e with (A + E) x = b + f, norm(E) <= e norm(A), norm(f) <= e norm(b)
    componentwise   the same entry by entry, abs(E) <= e abs(A)
    bound           what the error of x certainly does not exceed, relative to x
    error           the measured one, NaN where no exact solution was worked out
    """

    name: str
    solution: Array
    residual: Array
    backward_error: float
    componentwise: float
    bound: float
    error: float


@dataclass(frozen=True, eq=False)
class LinearSystem(Shown):
    """A x = b with the condition of the problem, and three solvers compared.

    kappa          norm(A) norm(inv(A)), in the largest absolute row sum
    normwise       the condition under changes of A and b of a relative size, at most 2 kappa
    componentwise  the condition under relative changes of each entry, at most `normwise`
    status         "ok", "ill-conditioned" (half of the digits may be lost), "badly scaled" (so only
                   when rows are measured with one ruler: not componentwise), "singular"
    """

    solution: Array
    kappa: float
    normwise: float
    componentwise: float
    solvers: tuple[Solver, ...]
    status: str
    reason: str

    @property
    def residual(self) -> Array:
        """The residual b - A x of the solution."""
        return self.solvers[0].residual if self.solvers else np.full_like(self.solution, nan)

    @property
    def backward_error(self) -> float:
        """The normwise backward error of the solution."""
        return self.solvers[0].backward_error if self.solvers else nan

    @property
    def bound(self) -> float:
        """What the relative error of the solution does not exceed."""
        return self.solvers[0].bound if self.solvers else inf

    @property
    def error(self) -> float:
        """The measured relative error of the solution."""
        return self.solvers[0].error if self.solvers else nan

    def summary(self) -> Summary:
        """The condition, and one row a solver."""
        facts = (
            ("condition", f"{self.kappa:.2e} (normwise {self.normwise:.2e}, "
                          f"componentwise {self.componentwise:.2e})"),
            ("condition * eps", f"{self.kappa * EPS:.1e}"),
            ("status", f"{self.status}: {self.reason}"),
        )  # fmt: skip
        rows = [
            (each.name, short(each.backward_error), short(each.bound), short(each.error))
            for each in self.solvers
        ]
        head = ("solver", "backward error", "error bound", "error measured")
        return Summary(f"linear system of size {len(self.solution)}", facts, head, rows)


def condition_linear_system(A: object, b: object) -> LinearSystem:
    """The solution of A x = b with its condition number, backward error and forward error.

    Formula: norm(x - x_exact)/norm(x) <= condition * backward error, in the maximum norm. The
    solvers are elimination with pivoting (which gives `solution`), inv(A) @ b, and elimination
    without pivoting. A large error with a small backward error is the problem's, not the solver's.
    Shapes: A (n, n), b (n). Conditions: real and finite. Errors: `ShapeError`, `DataError`; a
    singular A is a status. Numerical error: up to n = 200 the condition and the residual come
    from exact arithmetic, the error is measured against the exact solution, and the bound holds up
    to the rounding of its own formula; above, they are float64 estimates.
    Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 7.

    >>> hilbert = [[1 / (i + j + 1) for j in range(8)] for i in range(8)]
    >>> found = condition_linear_system(hilbert, [1.0] * 8)
    >>> found.status, found.backward_error < 1e-15, found.error <= found.bound
    ('ill-conditioned', True, True)
    """
    matrix = square_matrix("the matrix A", A)
    right = real_array("the right side b", b, 1)
    if len(right) != len(matrix):
        raise ShapeError(
            f"A x = b with A of shape {matrix.shape}",
            f"b has {len(right)} entries",
            f"give a vector of {len(matrix)}",
        )
    with np.errstate(all="ignore"):
        return _examined(matrix, right)


def _examined(A: Array, b: Array) -> LinearSystem:
    ways = {
        "elimination": _attempt(np.linalg.solve, A, b),
        "inv(A) @ b": _attempt(lambda: np.linalg.inv(A) @ b),
        "no pivoting": _eliminated_without_pivoting(A, b),
    }
    # A power of two changes no condition, and keeps norms from overflowing.
    exponents = np.frexp(A[A != 0])[1] if np.any(A) else np.zeros(1, dtype=int)
    unit = -int(exponents.max() + exponents.min()) // 2
    A, b = np.ldexp(A, unit), np.ldexp(b, unit)
    exact = inverse = None
    if len(A) <= LARGEST:
        rational = rational_matrix(A)
        exact = exact_solution(rational, rational_matrix(b))
        if exact is not None:
            inverse = rounded_balls(lambda: arb_mat(rational).inv())
    else:
        inverse = _attempt(np.linalg.inv, A)
    if inverse is None:
        proved = "proved exactly" if len(A) <= LARGEST else "a pivot is zero in float64"
        reason = f"A has no inverse ({proved}), so there is no solution or more than one"
        return LinearSystem(np.full(len(A), nan), inf, inf, inf, (), "singular", reason)
    solvers = tuple(_judged(name, x, A, b, inverse, exact) for name, x in ways.items())
    kappa = _norm(A) * _norm(inverse)
    normwise, componentwise = _conditions(A, b, inverse, solvers[0].solution)
    status, reason = _status(kappa, componentwise), _reason(kappa, solvers[0], len(A))
    if status == "badly scaled":
        reason += f"; under relative changes of each entry the condition is {componentwise:.1e}"
    return LinearSystem(
        solvers[0].solution, kappa, normwise, componentwise, solvers, status, reason
    )


def _status(kappa: float, componentwise: float) -> str:
    if kappa * EPS < EPS**0.5:
        return "ok"
    return "badly scaled" if componentwise * EPS < EPS**0.5 else "ill-conditioned"


def _attempt(solve: Any, *operands: Array) -> Array | None:
    try:
        return solve(*operands)
    except np.linalg.LinAlgError:
        return None


def _norm(matrix: Array) -> float:
    """The largest absolute row sum, or entry of a vector."""
    rows = np.abs(matrix) if matrix.ndim == 1 else np.abs(matrix).sum(axis=1)
    return float(np.max(rows))


def _conditions(A: Array, b: Array, inverse: Array, x: Array) -> tuple[float, float]:
    """The normwise and the componentwise condition at x; 0 where x and b are 0."""
    size = _norm(x)
    if size == 0 and not b.any():
        return 0.0, 0.0
    normwise = _norm(inverse) * (_norm(A) + _norm(b) / size) if size else inf
    entrywise = np.abs(inverse) @ (np.abs(A) @ np.abs(x) + np.abs(b))
    return normwise, _norm(entrywise) / size if size else inf


def _judged(name: str, x: Array | None, A: Array, b: Array, inverse: Array, exact: Any) -> Solver:
    if x is None or not np.all(np.isfinite(x)):
        nothing = np.full(len(b), nan)
        return Solver(name, nothing, nothing, inf, inf, inf, nan if exact is None else inf)
    residual = _residual(A, x, b)
    size = np.abs(residual)
    scale = _norm(A) * _norm(x) + _norm(b)
    scales = np.abs(A) @ np.abs(x) + np.abs(b)
    backward = _norm(residual) / scale if scale else 0.0
    ratios = np.divide(size, scales, out=np.where(size > 0, inf, 0.0), where=scales > 0)
    componentwise = float(np.max(ratios))
    first, second = _conditions(A, b, inverse, x)
    bounds = [c * e for c, e in ((first, backward), (second, componentwise)) if c * e == c * e]
    error = nan if exact is None else relative_error(x, exact)
    return Solver(name, x, residual, backward, componentwise, min(bounds, default=inf), error)


def _residual(A: Array, x: Array, b: Array) -> Array:
    """The residual b - A x, exact before it is rounded; in extended precision for large A."""
    if len(A) > LARGEST:
        long = np.longdouble
        return (b.astype(long) - A.astype(long) @ x.astype(long)).astype(np.float64)
    return rounded(rational_matrix(b) - rational_matrix(A) * rational_matrix(x))[:, 0]


def _eliminated_without_pivoting(A: Array, b: Array) -> Array | None:
    U, y = A.copy(), b.copy()
    for k in range(len(A)):
        if U[k, k] == 0:
            return None
        factors = U[k + 1 :, k] / U[k, k]
        U[k + 1 :] -= np.outer(factors, U[k])
        y[k + 1 :] -= factors * y[k]
    x = np.zeros_like(y)
    for k in reversed(range(len(A))):
        x[k] = (y[k] - U[k, k + 1 :] @ x[k + 1 :]) / U[k, k]
    return x


def _reason(kappa: float, solver: Solver, n: int) -> str:
    lost = min(16, round(log10(kappa))) if 1 <= kappa < inf else 16 if kappa == inf else 0
    stable = solver.backward_error <= n * EPS
    first = f"changes of eps in the data can move the solution by {kappa * EPS:.1e} of its size"
    if lost:
        first += f", about {lost} of 16 digits"
    second = (
        "the backward error is at rounding level, so what error there is belongs to the problem"
        if stable
        else "the backward error is above rounding level, so the solver adds error of its own"
    )
    return f"{first}; {second}"
