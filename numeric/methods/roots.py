"""Roots and fixed points: iterations with their history, an error bar, and the measured order."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isfinite, nan, ulp
from typing import Any

import numpy as np

from numeric.methods.convergence import Neighbourhood, neighbourhood, order_of_convergence
from numeric.methods.display import Shown, Summary, axes_for, short
from numeric.methods.inputs import EPS, Counted, Function, interval, positive_count, real_number
from symbolic.errors import DataError

__all__ = ["Root", "bisection", "brent", "fixed_point", "newton", "secant"]


@dataclass(frozen=True, eq=False)
class Root(Shown):
    """A root of f (or a fixed point of g), with its error bar and the course of the iteration.

    bar           within it f changes its sign, or touches zero as far as rounding can tell
    order, rate   measured: error_{k+1} = rate error_k^order; NaN where there are too few iterates
    expected      the order at a simple root
    multiplicity  the measured power with which f grows away from the root
    evaluations   calls of f and f', the 60 or more that measure noise and bar included
    iterates      the x of every step, `residuals` the values of f there (of g(x) - x)
    status        "converged", "multiple root", "jump" (a sign change, but no root), "no sign change"
                  (the bracket is no bracket), "no convergence", "not finite"
    """

    method: str
    root: float
    bar: float
    order: float
    rate: float
    expected: float
    multiplicity: float
    evaluations: int
    iterates: tuple[float, ...] = field(repr=False)
    residuals: tuple[float, ...] = field(repr=False)
    status: str
    reason: str

    @property
    def converged(self) -> bool:
        """Whether `root` is a root within `bar`."""
        return self.status in ("converged", "multiple root")

    def summary(self) -> Summary:
        """The root, the order, and one row an iterate."""
        facts = [("root", f"{self.root!r} +- {self.bar:.1e}")] if self.converged else []
        if self.order == self.order:
            text = f"{self.order:.2f} (expected {self.expected:.4g})"
            if abs(self.order - 1) < 0.15:
                text += f", each error {self.rate:.3g} of the one before"
            facts.append(("order", text))
        facts += [
            ("evaluations", str(self.evaluations)),
            ("status", f"{self.status}: {self.reason}"),
        ]
        rows = [
            (str(k), f"{x:.17g}", f"{value:.1e}", short(abs(x - self.root)))
            for k, (x, value) in enumerate(zip(self.iterates, self.residuals, strict=True))
        ]
        head = ("step", "x", "residual", "distance")
        return Summary(self.method, tuple(facts), head, rows)

    def plot(self, ax: Any = None) -> Any:
        """The distance of each iterate from the root."""
        axes = axes_for(ax)
        distances = np.abs(np.array(self.iterates) - self.root)
        steps = np.flatnonzero(distances > 0)
        axes.semilogy(steps, distances[steps], "o-", label="distance from the root")
        if isfinite(self.bar):
            axes.axhline(self.bar, color="tab:gray", linestyle=":", label="bar")
        axes.set(xlabel="step", ylabel="distance", title=f"{self.method}: {self.status}")
        axes.legend()
        return axes


def bisection(f: Function, a: float, b: float) -> Root:
    """A root of f between a and b, where f has different signs, by halving.

    Formula: the half on whose ends f differs in sign, until its ends are neighbouring floats.
    Conditions: f continuous (a jump or pole across zero is a status). Errors: `DataError` for a
    bad interval; no change of sign is a status. Numerical error: `bar`. Order 1, rate 1/2.

    >>> found = bisection(lambda x: x * x - 2, 0, 2)
    >>> found.status, abs(found.root - 2**0.5) <= found.bar < 1e-14
    ('converged', True)
    """
    low, high = interval(a, b)
    run = _Run("bisection", f, 1.0, high - low)
    left, right = run.value(low, False), run.value(high, False)
    failure = run.bracket_failure(low, high, left, right)
    if failure:
        return failure
    widths = []
    while left and right:
        widths.append(high - low)
        middle = low / 2 + high / 2
        if not low < middle < high or high - low <= EPS**2 * run.scale:
            break
        value = run.value(middle)
        if not isfinite(value):
            return run.failed("not finite", f"f has no finite value at {middle:g}")
        if (value > 0) == (left > 0) and value:
            low, left = middle, value
        else:
            high, right = middle, value
    root = high if abs(right) <= abs(left) else low
    return run.finished(root, high - low if left and right else 0.0, widths)


def brent(f: Function, a: float, b: float) -> Root:
    """A root of f between a and b, where f has different signs, by Brent's method (SciPy's brentq).

    Formula: inverse quadratic interpolation or a secant step while they shrink the bracket, else a
    halving; order 1.618 or better at a simple root.
    Conditions, errors, numerical error: as for `bisection`.
    Source: Brent, Algorithms for Minimization Without Derivatives (1973), chapter 4.

    >>> import math
    >>> found = brent(lambda x: math.cos(x) - x, 0, 1)
    >>> found.status, found.evaluations < bisection(lambda x: math.cos(x) - x, 0, 1).evaluations
    ('converged', True)
    """
    from scipy.optimize import brentq

    low, high = interval(a, b)
    run = _Run("brent", f, _GOLDEN, high - low)
    failure = run.bracket_failure(low, high, run.value(low, False), run.value(high, False))
    if failure:
        return failure
    try:
        root = brentq(run.value, low, high, xtol=5e-324, rtol=2**-50, maxiter=500, disp=False)
    except ValueError:
        return run.failed("not finite", f"f has no finite value at {run.iterates[-1]:g}")
    return run.finished(float(root), 0.0, [nan])  # its steps mix three methods: no one order


def secant(f: Function, a: float, b: float, *, limit: int = 100) -> Root:
    """A root of f by the secant method from two starting points.

    Formula: x_{k+1} = x_k - f(x_k) (x_k - x_{k-1})/(f(x_k) - f(x_{k-1})); order 1.618 at a simple root.
    Conditions: a != b, close enough to a root; no bracket is kept. Errors: `DataError`; otherwise
    a status. Numerical error: `bar`.

    >>> secant(lambda x: x**3 - 2, 1, 2).status
    'converged'
    """
    before, x = real_number("the start a", a), real_number("the start b", b)
    if before == x:
        raise DataError("the starts a and b", f"both are {x:g}", "give two different numbers")
    run = _Run("secant", f, _GOLDEN, max(abs(x - before), abs(x)))
    f_before, value = run.value(before), run.value(x)
    for _ in range(positive_count("limit", limit)):
        if not isfinite(value) or not isfinite(f_before):
            return run.failed("not finite", f"f has no finite value at {run.iterates[-1]:g}")
        if value == 0:
            break
        if value == f_before:
            break
        step = value * ((x - before) / (value - f_before))
        before, f_before = x, value
        x -= step
        value = run.value(x)
        if run.settled(x, step):
            break
    return run.finished(run.best())


def newton(f: Function, derivative: Function, x: float, *, limit: int = 1000) -> Root:
    """A root of f by Newton's method from x.

    Formula: x_{k+1} = x_k - f(x_k)/f'(x_k); order 2 at a simple root, order 1 with rate 1 - 1/m at
    one of multiplicity m. Conditions: x close enough to a root. Errors: `DataError`,
    `UnsupportedError`; otherwise a status. Numerical error: `bar`.

    >>> found = newton(lambda x: x * x - 2, lambda x: 2 * x, 1)
    >>> found.status, found.order > 1.9, found.bar < 1e-14
    ('converged', True, True)
    >>> found = newton(lambda x: (x - 1) ** 3, lambda x: 3 * (x - 1) ** 2, 2)
    >>> found.status, round(found.multiplicity), round(found.rate, 2)
    ('multiple root', 3, 0.67)
    """
    current = real_number("the start x", x)
    run = _Run("newton", f, 2.0, max(1.0, abs(current)))
    slope = Counted("derivative", derivative)
    step = inf
    for _ in range(positive_count("limit", limit)):
        value = run.value(current)
        if value == 0 or run.settled(current, step):
            break
        gradient = slope(current)
        if not isfinite(value) or not isfinite(gradient):
            return run.failed("not finite", f"f or its derivative is not finite at {current:g}")
        if gradient == 0:
            return run.flat(current)
        step = value / gradient
        current -= step
    run.extra = slope.calls
    return run.finished(run.best())


def fixed_point(g: Function, x: float, *, limit: int = 2000) -> Root:
    """A fixed point of g by iterating x_{k+1} = g(x_k).

    Formula: errors shrink by g'(x*) a step where abs(g'(x*)) < 1 (order 1; 2 where g'(x*) = 0).
    Conditions: x close enough to an attracting fixed point. Errors: `DataError`,
    `UnsupportedError`; divergence and cycles are a status. Numerical error: `bar`, that of a root
    of g(x) - x.

    >>> import math
    >>> found = fixed_point(math.cos, 1.0)
    >>> found.status, round(found.rate, 2), found.bar < 1e-14
    ('converged', 0.67, True)
    """
    current = real_number("the start x", x)
    image = Counted("g", g)
    run = _Run("fixed point", lambda t: image(t) - t, 1.0, max(1.0, abs(current)), "g(x) - x")
    for _ in range(positive_count("limit", limit)):
        residual = run.value(current)
        if not isfinite(residual) or abs(current) > _LARGE * run.scale:
            return run.failed("no convergence", f"the iterates run away: x = {current:g}")
        if run.settled(current, residual):
            break
        current += residual
    return run.finished(run.best())


_GOLDEN = (1 + 5**0.5) / 2
_LARGE = 1e100
_PATIENCE = 30  # steps without a smaller residual


class _Run:
    """One iteration: it records, decides when nothing is gained, and judges where it ended."""

    def __init__(
        self, method: str, f: Function, expected: float, scale: float, what: str = "f"
    ) -> None:
        self.method, self.expected, self.scale, self.what = method, expected, scale, what
        self.f = Counted("f", f)
        self.iterates: list[float] = []
        self.residuals: list[float] = []
        self.least = inf
        self.idle = self.extra = 0

    def value(self, x: float, recorded: bool = True) -> float:
        value = self.f(x)
        if recorded:
            self.iterates.append(x)
            self.residuals.append(value)
            self.idle = 0 if abs(value) < self.least else self.idle + 1
            self.least = min(self.least, abs(value))
        return value

    def settled(self, x: float, step: float) -> bool:
        """Whether the steps are at rounding level, or gain nothing any more."""
        if abs(step) <= max(EPS / 4 * abs(x), EPS**2 * self.scale):
            return True
        return self.idle >= (2 if abs(step) <= 4 * EPS * abs(x) else _PATIENCE)

    def best(self) -> float:
        return min(zip(map(abs, self.residuals), self.iterates, strict=True))[1]

    def failed(self, status: str, reason: str) -> Root:
        return Root(
            self.method, nan, inf, nan, nan, self.expected, nan, self.f.calls + self.extra,
            tuple(self.iterates), tuple(self.residuals), status, reason,
        )  # fmt: skip

    def flat(self, x: float) -> Root:
        return self.failed("no convergence", f"f is flat at {x:g}: there is no next step")

    def bracket_failure(self, low: float, high: float, left: float, right: float) -> Root | None:
        if not (isfinite(left) and isfinite(right)):
            end = low if not isfinite(left) else high
            return self.failed("not finite", f"f has no finite value at the end {end:g}")
        if left and right and (left > 0) == (right > 0):
            return self.failed(
                "no sign change",
                f"f({low:g}) = {left:.3g} and f({high:g}) = {right:.3g} have the same sign",
            )
        return None

    def finished(self, root: float, start: float = 0.0, errors: list[float] | None = None) -> Root:
        """The result, with the distances to the root as errors unless others are given."""
        if errors is None:
            self.scale = max(self.scale, abs(root))
            errors = [abs(x - root) for x in self.iterates]
        near = neighbourhood(self.f, root, start, self.scale)
        status, reason = self._status(root, start, near)
        if status in ("jump", "no convergence"):
            return self.failed(status, reason)
        order, rate = order_of_convergence(errors, near.bar)
        if status == "multiple root" or not reason:
            reason = self._course(order, rate, near, reason)
        return Root(
            self.method, root, near.bar, order, rate, self.expected, near.multiplicity,
            self.f.calls + self.extra, tuple(self.iterates), tuple(self.residuals), status, reason,
        )  # fmt: skip

    def _status(self, root: float, start: float, near: Neighbourhood) -> tuple[str, str]:
        what = self.what
        if self._jumps(root, start, near.noise):
            return "jump", f"{what} changes its sign at {root:g} without becoming small"
        if near.flat:
            return "no convergence", (
                f"{what} cannot be told from 0 anywhere around {root:g}, so no point stands out"
            )
        if near.bar > _COARSE * self.scale:
            return "no convergence", (
                f"after {len(self.iterates)} steps {what} is {self.least:.1e} at {root:g}, with no "
                "root beside it"
            )
        if near.value > 8 * near.noise and near.bar > _SHARP * self.scale:
            return "no convergence", (
                f"after {len(self.iterates)} steps {what} is {self.least:.1e} at {root:g}; it has a "
                f"root within {near.bar:.1e}, which the iteration does not reach"
            )
        if not near.crosses:
            return "multiple root", (
                f"{what} touches zero and does not change its sign: a root of even multiplicity, or "
                "a value too small to tell from zero"
            )
        if near.multiplicity > _MULTIPLE:
            return "multiple root", f"{what} grows with power {near.multiplicity:.1f} from the root"
        return "converged", ""

    def _jumps(self, root: float, start: float, noise: float) -> bool:
        """Whether f changes its sign at the root and keeps its size however close it is taken."""
        distance = max(2 * start, 4 * ulp(root))
        left, right = self.f(root - distance), self.f(root + distance)
        far = abs(self.f(root + 256 * distance) - self.f(root - 256 * distance))
        gap = abs(right - left)
        return (left > 0) != (right > 0) and gap > max(0.5 * far, 100 * noise)

    def _course(self, order: float, rate: float, near: Neighbourhood, reason: str) -> str:
        if reason:
            return f"{reason}; rounding hides the root within {near.bar:.0e}, and the order drops"
        if order == order and self.expected > 1 and order < 1.2:
            return "the order is 1 at a simple root" + (
                ": the derivative given is not that of f" if self.method == "newton" else ""
            )
        return f"{self.what} changes its sign within the bar"


_COARSE = 0.25  # part of the scale that every bar stays below
_SHARP = 1e-9  # the same, where the value at the root is no noise
_MULTIPLE = 1.5
