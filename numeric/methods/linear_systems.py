"""How far the solution of A x = b can be trusted: the problem's condition, the solver's error."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from math import inf, isnan, log10, nan
from typing import Any

import numpy as np
from flint import arb_mat

from numeric.balls import precision
from numeric.methods.display import Shown, Summary, short
from numeric.methods.inputs import EPS, real_array, square_matrix
from numeric.methods.rationals import (
    LARGEST,
    balls,
    exact_solution,
    narrow_figures,
    rational_matrix,
    relative_error,
    rounded,
    scaled,
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
    error           the measured one, NaN where no exact solution was worked out; infinite where x
                    is not finite
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
                   when rows are measured with one ruler: not componentwise), "unstable" (the
                   solver loses half of the digits or overflows, not the problem), "singular"
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
    found = {name: x for name, x in ways.items() if x is not None and bool(np.all(np.isfinite(x)))}
    measured = _exactly(A, b, found) if len(A) <= LARGEST else _estimated(A, b, found)
    nothing = np.full(len(A), nan)
    if measured is None:
        proved = "proved exactly" if len(A) <= LARGEST else "a pivot is zero in float64"
        reason = f"A has no inverse ({proved}), so there is no solution or more than one"
        return LinearSystem(nothing, inf, inf, inf, (), "singular", reason)
    kappa, (normwise, componentwise), measures = measured
    solvers = tuple(
        measures.get(name) or Solver(name, nothing, nothing, inf, inf, inf, inf) for name in ways
    )
    status = _status(kappa, componentwise, solvers[0], len(A))
    reason = _reason(kappa, solvers[0], len(A))
    if status == "badly scaled":
        reason += f"; under relative changes of each entry the condition is {componentwise:.1e}"
    return LinearSystem(
        solvers[0].solution, kappa, normwise, componentwise, solvers, status, reason
    )


_Pair = tuple[float, float]  # in norm, and entry by entry
_Measured = tuple[float, _Pair, dict[str, Solver]]


def _exactly(A: Array, b: Array, found: dict[str, Array]) -> _Measured | None:
    """kappa, the conditions at the exact solution, and what was found; None if A is singular."""
    matrix, side = rational_matrix(A), rational_matrix(b)
    exact = exact_solution(matrix, side)
    if exact is None:
        return None
    points = [exact, *map(rational_matrix, found.values())]

    def figures() -> list[Any]:
        inverse = balls(arb_mat(matrix).inv())
        data = balls(matrix), balls(side)[:, 0]
        conditions = [_conditions(*data, inverse, balls(x)[:, 0]) for x in points]
        return [_norm(data[0]) * _norm(inverse), *chain.from_iterable(conditions)]

    kappa, *flat = narrow_figures(figures)
    pairs = list(zip(flat[::2], flat[1::2], strict=True))
    solvers = {}
    for (name, x), point, pair in zip(found.items(), points[1:], pairs[1:], strict=True):
        residual = side - matrix * point
        with precision(128):
            columns = (balls(column)[:, 0] for column in (side, point, residual))
            backward = _backward(balls(matrix), *columns)
        error = relative_error(x, exact)
        solvers[name] = _solver(name, x, rounded(residual)[:, 0], backward, pair, error)
    return kappa, pairs[0], solvers


def _estimated(A: Array, b: Array, found: dict[str, Array]) -> _Measured | None:
    """The same in float64, without errors; powers of two keep norms from overflowing."""
    (S, up), (t, right) = scaled(A), scaled(b)
    inverse = _attempt(np.linalg.inv, S)
    if inverse is None:
        return None
    solvers, pairs = {}, []
    for name, x in found.items():
        point = np.ldexp(x, up - right)
        long = np.longdouble
        residual = (t.astype(long) - S.astype(long) @ point.astype(long)).astype(np.float64)
        pairs.append(_conditions(S, t, inverse, point))
        backward = _backward(S, t, point, residual)
        solvers[name] = _solver(name, x, np.ldexp(residual, right), backward, pairs[-1], nan)
    return float(_norm(S) * _norm(inverse)), pairs[0] if pairs else (nan, nan), solvers


def _status(kappa: float, componentwise: float, solver: Solver, n: int) -> str:
    half = EPS**0.5
    conditioned = kappa * EPS < half
    if conditioned or componentwise * EPS < half:
        off = solver.bound if isnan(solver.error) else solver.error
        if not (_is_stable(solver, n) or off < half):
            return "unstable"
        return "ok" if conditioned else "badly scaled"
    return "ill-conditioned"


def _is_stable(solver: Solver, n: int) -> bool:
    return solver.backward_error <= n * EPS


def _attempt(solve: Any, *operands: Array) -> Array | None:
    try:
        return solve(*operands)
    except np.linalg.LinAlgError:
        return None


def _norm(matrix: Array) -> Any:
    """The largest absolute row sum, or entry of a vector."""
    rows = np.abs(matrix) if matrix.ndim == 1 else np.abs(matrix).sum(axis=1)
    return np.max(rows)


def _conditions(A: Array, b: Array, inverse: Array, x: Array) -> tuple[Any, Any]:
    """The normwise and the componentwise condition at x; 0 where x and b are 0."""
    size, side = _norm(x), _norm(b)
    if size == 0:
        return (0.0, 0.0) if side == 0 else (inf, inf)
    normwise = _norm(inverse) * (_norm(A) + side / size)
    entrywise = np.abs(inverse) @ (np.abs(A) @ np.abs(x) + np.abs(b))
    return normwise, _norm(entrywise) / size


def _backward(A: Array, b: Array, x: Array, residual: Array) -> _Pair:
    """The backward error in norm, and entry by entry."""
    scale = _norm(A) * _norm(x) + _norm(b)
    normwise = _norm(residual) / scale if scale > 0 else 0.0
    pairs = zip(np.abs(residual), np.abs(A) @ np.abs(x) + np.abs(b), strict=True)
    entrywise = max(0.0 if r == 0 else float(r / s) if s > 0 else inf for r, s in pairs)
    return float(normwise), entrywise


def _solver(
    name: str, x: Array, residual: Array, backward: _Pair, conditions: tuple[Any, Any], error: float
) -> Solver:
    products = [float(c) * e for c, e in zip(conditions, backward, strict=True)]
    bound = min((each for each in products if not isnan(each)), default=inf)
    return Solver(name, x, residual, *backward, bound, error)


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
    first = f"changes of eps in the data can move the solution by {kappa * EPS:.1e} of its size"
    if lost:
        first += f", about {lost} of 16 digits"
    second = (
        "elimination leaves the range of float64"
        if solver.backward_error == inf
        else "the backward error is at rounding level, so what error there is belongs to the problem"
        if _is_stable(solver, n)
        else "the backward error is above rounding level, so the solver adds error of its own"
    )
    return f"{first}; {second}"
