r"""The error of a difference quotient against its step: truncation, rounding, and the best step between.

    error(h) <= C h^p + N/h,    least at h = (N/(p C))^(1/(p+1)).

p is the order of the quotient, C = c abs(f^(k)(x)) its truncation constant, N the noise of f (its
measured spread, at least half an ulp of f(x)) times the weights of the quotient. The complex step
subtracts nothing: its N is 0, and it stays at the rounding of the derivative itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb, inf, isfinite, nan, ulp
from typing import Any

import numpy as np

from numeric.methods.convergence import noise_beside
from numeric.methods.display import Shown, Summary, axes_for, short
from numeric.methods.inputs import EPS, Counted, real_array, real_number
from symbolic.errors import DataError, NotAllowedError, UnsupportedError
from symbolic.nodes import Expression, Variable

Array = Any

__all__ = ["StepCurve", "step_curve"]


@dataclass(frozen=True)
class _Quotient:
    """sum_i weights[i] f(x + offsets[i] h)/h, wrong by constant abs(f^(derivative)(x)) h^order."""

    offsets: tuple[int, ...]
    weights: tuple[float, ...]
    order: int
    constant: float

    @property
    def derivative(self) -> int:
        return self.order + 1


_QUOTIENTS = {
    "forward": _Quotient((0, 1), (-1.0, 1.0), 1, 1 / 2),
    "central": _Quotient((-1, 1), (-1 / 2, 1 / 2), 2, 1 / 6),
    "central4": _Quotient((-2, -1, 1, 2), (1 / 12, -8 / 12, 8 / 12, -1 / 12), 4, 1 / 30),
    "complex": _Quotient((), (), 2, 1 / 6),
}


@dataclass(frozen=True, eq=False)
class StepCurve(Shown):
    """The measured error of a difference quotient for many steps, beside the model.

    status            "ok", "off the model", "reference" (it is not known well enough)
    steps, errors     the steps taken, exactly representable, and abs(quotient - derivative)
    derivative        the reference, known to within `reference_bar`
    truncation, noise the constants C and N of the model C h^order + N/h
    floor             the rounding of the quotient's own value
    best_predicted    the step where the model is least; `least_predicted` the model there
    best_measured     the middle of the five neighbouring steps with the least mean error (root mean
                      square, so that one lucky step does not count); `least_measured` that mean
    """

    method: str
    steps: Array = field(repr=False)
    errors: Array = field(repr=False)
    derivative: float
    reference_bar: float
    order: int
    truncation: float
    noise: float
    floor: float
    best_predicted: float
    least_predicted: float
    best_measured: float
    least_measured: float
    evaluations: int
    status: str
    reason: str

    def model(self, steps: Array) -> Array:
        """The predicted error at given steps."""
        return _model(steps, self.truncation, self.order, self.noise, self.floor)

    def summary(self) -> Summary:
        """The two best steps, and the curve at every second power of ten."""
        noise = f" + {self.noise:.1e}/h" if self.noise else ""
        facts = (
            ("derivative", f"{self.derivative:.15g} +- {self.reference_bar:.1e}"),
            ("model", f"{self.truncation:.1e} h^{self.order}{noise} + {self.floor:.1e}"),
            ("best step", f"{self.best_predicted:.1e} predicted, {self.best_measured:.1e} measured"),
            ("least error",
             f"{self.least_predicted:.1e} predicted, {self.least_measured:.1e} measured"),
            ("status", f"{self.status}: {self.reason}"),
        )  # fmt: skip
        places = sorted({int(np.argmin(np.abs(np.log10(self.steps) + k))) for k in range(0, 17, 2)})
        rows = [
            (f"{self.steps[k]:.1e}", short(self.errors[k]), short(float(self.model(self.steps[k]))))
            for k in places
        ]
        head = ("step", "error measured", "error predicted")
        return Summary(f"error of the {self.method} difference quotient", facts, head, rows)

    def plot(self, ax: Any = None) -> Any:
        """Error against step, both logarithmic, with the model and its best step."""
        axes = axes_for(ax)
        seen = self.errors > 0
        axes.loglog(self.steps[seen], self.errors[seen], ".", label="measured")
        axes.loglog(self.steps, self.model(self.steps), "-", label="model")
        axes.axvline(self.best_predicted, color="tab:gray", linestyle=":", label="best step")
        axes.set(xlabel="step h", ylabel="error", title=f"{self.method} difference quotient")
        axes.legend()
        return axes


def _model(steps: Array, truncation: float, order: int, noise: float, floor: float) -> Array:
    with np.errstate(all="ignore"):
        growing = truncation * steps**order if truncation else np.zeros_like(steps)
        return growing + noise / steps + floor


def step_curve(
    f: Any,
    x: float,
    derivative: Any = None,
    *,
    method: str = "central",
    steps: object = None,
) -> StepCurve:
    """The error of a difference quotient against its step, with the best step.

    Formula: forward (f(x+h) - f(x))/h; central (f(x+h) - f(x-h))/(2h); central4 with four points;
    complex Im f(x + ih)/h. Shapes: f maps a number to a number; `steps` a vector, by default four
    a decade from 1e-16 to 1, rounded to what x + h represents. Conditions: f smooth at x. It may be
    an expression of one scalar variable: its derivatives are then enclosed, and exact. Else
    `derivative` is the exact one (a number, a function or an expression), or it is estimated with
    a bar. Errors: `DataError`, `NotAllowedError`, `UnsupportedError`. Numerical error: an error below
    `reference_bar` is not resolved; the model is a size, not a bound.
    Source: Gill, Murray, Saunders and Wright, SIAM J. Sci. Stat. Comput. 4 (1983) 310.

    >>> import math
    >>> curve = step_curve(math.exp, 1.0, math.e)
    >>> curve.order, 1e-6 < curve.best_predicted < 1e-4, curve.least_measured < 1e-9
    (2, True, True)
    """
    if method not in _QUOTIENTS:
        raise NotAllowedError(
            f"method = {method!r}", "no such method", f"give one of {', '.join(_QUOTIENTS)}"
        )
    point = real_number("the point x", x)
    wanted = np.logspace(-16, 0, 65) if steps is None else real_array("the steps", steps, 1)
    if np.any(wanted <= 0):
        raise DataError("the steps", "one is not positive", "give positive steps")
    with np.errstate(all="ignore"):
        return _Curve(f, point, derivative, method, wanted).result()


class _Curve:
    """One curve being measured."""

    def __init__(self, f: Any, x: float, derivative: Any, method: str, wanted: Array) -> None:
        self.x, self.method, self.quotient = x, method, _QUOTIENTS[method]
        self.exact: Callable[[int], float] | None = None
        if isinstance(f, Expression):
            if method == "complex":
                raise UnsupportedError(
                    "the complex step of an expression",
                    "expressions are evaluated at real numbers",
                    "give a function, and the expression as derivative=",
                )
            f, self.exact = _evaluation(f), _exact_derivatives(f, x)
        self.estimated = derivative is None and self.exact is None
        self.given = f
        self.f = Counted("f", f)
        self.value = self.f(x)
        if not isfinite(self.value):
            raise DataError(f"f({x:g})", "it is not finite", "choose a point with a value")
        self.reference, self.reference_bar = self._reference(derivative)
        representable = wanted if method == "complex" else (x + wanted) - x
        self.steps = np.unique(representable[representable > 0])
        if not self.steps.size:
            raise DataError("the steps", f"all vanish beside x = {x:g}", "give larger ones")
        self.dropped = wanted.size - self.steps.size

    def result(self) -> StepCurve:
        quotient = self.quotient
        errors = np.array([self._error(float(h)) for h in self.steps])
        noise = max(EPS / 2 * abs(self.value), noise_beside(self.f, self.x, max(1.0, abs(self.x))))
        truncation = quotient.constant * abs(self._higher_derivative(noise))
        noise *= sum(map(abs, quotient.weights))
        floor = EPS / 2 * abs(self.reference)
        best = self._best(truncation, noise)
        steps = np.append(self.steps, best)
        model = _model(steps, truncation, quotient.order, noise, floor)
        least = float(model[-1])
        measured_best, measured = _smoothed_minimum(self.steps, errors)
        status, reason = self._judged(errors, model, best, measured_best, truncation)
        seen = errors[np.isfinite(errors)]
        size = abs(self.reference) + measured
        if not seen.size or measured > _TENTH * max(size, float(np.median(seen))):
            status, reason = (
                "off the model",
                ("the quotients do not come near the derivative: f has a kink, or it is wrong"),
            )
        if not np.all(np.isfinite(errors)):
            reason += "; f has no finite value at some steps"
        if self.dropped:
            reason += f"; {self.dropped} steps round to 0 or to another one beside x"
        return StepCurve(
            self.method, self.steps, errors, self.reference, self.reference_bar, quotient.order,
            truncation, noise, floor, best, least, measured_best, measured, self.f.calls,
            status, reason,
        )  # fmt: skip

    def _error(self, h: float) -> float:
        if self.method == "complex":
            quotient = self._imaginary(h) / h
        else:
            pairs = zip(self.quotient.weights, self.quotient.offsets, strict=True)
            quotient = sum(w * self.f(self.x + k * h) for w, k in pairs) / h
        error = abs(quotient - self.reference)
        return error if isfinite(error) else nan

    def _imaginary(self, h: float) -> float:
        self.f.calls += 1
        try:
            value = self.given(complex(self.x, h))
        except (TypeError, ValueError, ArithmeticError) as error:
            raise UnsupportedError(
                "the complex step of f",
                f"f does not take complex numbers ({error})",
                "write f with NumPy or cmath, or use another method",
            ) from None
        if not isinstance(value, (complex, np.complexfloating)):
            raise UnsupportedError(
                "the complex step of f",
                f"f gives {type(value).__name__} for complex numbers",
                "write f without abs, real parts or conversions to float",
            )
        return float(value.imag)

    def _reference(self, derivative: Any) -> tuple[float, float]:
        """The derivative at x and how well it is known."""
        if self.estimated:
            from numeric.differences import derivative as estimated

            found = estimated(self.f, self.x)
            return float(found.value), float(found.bar)
        if derivative is None and self.exact is not None:
            value = self.exact(1)
        elif isinstance(derivative, Expression):
            value = _exact_derivatives(derivative, self.x)(0)
        elif callable(derivative):
            value = Counted("derivative", derivative)(self.x)
        else:
            value = real_number("the derivative", derivative)
        if not isfinite(value):
            raise DataError("the derivative", f"it is {value} at x", "choose a smooth point")
        return value, ulp(value)

    def _higher_derivative(self, noise: float) -> float:
        """f^(order + 1)(x), exact, or by the tightest difference that stands clear of the noise."""
        k = self.quotient.derivative
        if self.exact is not None:
            return self.exact(k)
        signs = [(-1) ** (k - j) * comb(k, j) for j in range(k + 1)]
        level = _CLEAR * noise * sum(map(abs, signs))
        step = np.float64(64 * max(ulp(self.x), 2**-60))
        while isfinite(step) and step <= 2**10 * max(1.0, abs(self.x)):
            values = [self.f(self.x + (j - k / 2) * step) for j in range(k + 1)]
            difference = sum(sign * value for sign, value in zip(signs, values, strict=True))
            if abs(difference) > level:
                return float(difference / step**k)
            step *= 2
        return 0.0

    def _best(self, truncation: float, noise: float) -> float:
        largest, smallest = float(self.steps[-1]), float(self.steps[0])
        if self.method == "complex" or noise == 0:
            return smallest
        if truncation == 0:
            return largest
        order = self.quotient.order
        return min(largest, max(smallest, (noise / (order * truncation)) ** (1 / (order + 1))))

    def _judged(
        self, errors: Array, model: Array, best: float, measured_best: float, truncation: float
    ) -> tuple[str, str]:
        window = _window(self.steps, measured_best)
        measured, expected = _mean_size(errors[window]), _mean_size(model[window])
        if self.estimated and measured <= 2 * self.reference_bar:
            return "reference", (
                "errors below the bar of the reference are not resolved: give derivative="
            )
        if measured > _FAR * expected:
            return "off the model", (
                "the least error is far above the predicted one: f has a kink or noise that its "
                "neighbourhood does not show, or the derivative given is wrong"
            )
        weights = sum(map(abs, self.quotient.weights))
        rounding = EPS * (weights * abs(self.value) / measured_best + abs(self.reference))
        if self.method != "complex" and expected > _FAR * max(measured, rounding):
            return "off the model", (
                "the predicted error is far above the measured one: f has no such noise or "
                "curvature at the best step"
            )
        chosen = errors[int(np.argmin(np.abs(np.log(self.steps) - np.log(best))))]
        at_best = truncation == 0 or 1 / _FAR <= measured_best / best <= _FAR
        if not chosen <= _FAR * max(measured, rounding) or not (
            at_best or self.method == "complex"
        ):
            return "off the model", (
                "the best step is far from the predicted one: rounding or terms of f cancel at "
                "this point, or they change within a step"
            )
        if self.method == "complex":
            return "ok", "nothing is subtracted, so no step is too small"
        if truncation == 0 and best == self.steps[-1]:
            return "ok", "no truncation is seen, so the largest step is the best"
        if truncation == 0:
            return "ok", "neither truncation nor noise is seen, so any step will do"
        return "ok", "the measured curve has the predicted minimum"


_FAR = 30.0
_TENTH = 0.1
_WIDTH = 5  # steps of a window
_CLEAR = 30.0  # noises above which a difference shows the derivative


def _smoothed_minimum(steps: Array, errors: Array) -> tuple[float, float]:
    """The middle of the window of five steps with the least root mean square error, and that error."""
    width = min(_WIDTH, len(steps))
    means = [_mean_size(errors[k : k + width]) for k in range(len(steps) - width + 1)]
    finite = [mean if isfinite(mean) else inf for mean in means]
    place = int(np.argmin(finite))
    return float(steps[place + width // 2]), finite[place]


def _window(steps: Array, middle: float) -> slice:
    """The window of steps with a given middle."""
    width = min(_WIDTH, len(steps))
    first = int(np.searchsorted(steps, middle)) - width // 2
    return slice(first, first + width)


def _mean_size(errors: Array) -> float:
    """The root mean square, with no overflow in the squares."""
    largest = np.max(errors)
    return float(largest * np.sqrt(np.mean((errors / largest) ** 2))) if largest > 0 else largest


def _only_variable(expression: Expression) -> Variable:
    from symbolic.traverse import variables

    found = variables(expression)
    if len(found) != 1 or found[0].shape != () or expression.shape != ():
        raise UnsupportedError(
            f"the step curve of {expression}",
            f"it has variables {', '.join(v.name for v in found) or 'none'}",
            "give a scalar expression of one scalar variable",
        )
    return found[0]


def _evaluation(expression: Expression) -> Callable[[float], float]:
    from numeric.evaluation import evaluate

    name = _only_variable(expression).name
    return lambda t: float(evaluate(expression, {name: t}))


def _exact_derivatives(expression: Expression, x: float) -> Callable[[int], float]:
    """The derivative of order k at x, enclosed and rounded."""
    from numeric.enclosure import enclose
    from symbolic.calculus.gradients import gradient

    variable = _only_variable(expression)

    def derivative(k: int) -> float:
        found = expression
        for _ in range(k):
            found = gradient(found, variable)
        ball = enclose(found, {variable: Fraction(x)}, bits=256).item()
        return float(ball.mid())

    return derivative
