"""Checking a Hessian, or products with it, against a gradient or against second differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from numeric.arrays import real_array, real_point
from numeric.checks.hessian_mistakes import name_mistakes_of_hessian, slopes_of_gradient
from numeric.checks.jacobian import check_jacobian, finished
from numeric.checks.products import check_jvp, product_of
from numeric.checks.remembered import Remembered
from numeric.checks.second_differences import check_by_second_differences
from numeric.gradient_check import check_gradient
from numeric.outcome import GradientCheck
from symbolic.errors import ShapeError
from symbolic.sizes import shape_text

Array = Any


def check_hessian(
    f: Callable[[Any], Any], hess: Any, x: Any, *, grad: Any = None, seed: int = 0
) -> GradientCheck:
    """Whether an array is the Hessian of f at x; `entries` are pairs of indices of x.

    Formula: H[i, j] = d^2 f / d x_i d x_j, against first differences of `grad` where one is given
    (it is checked against f first), else against second differences of f.
    Shapes: f(x) a number, the Hessian `shape(x) + shape(x)`; else a `ShapeError`.
    Conditions: f twice differentiable at x; at a kink of the gradient nothing is decided.
    Numerical error: `bar`; a pass by second differences rules out errors of a part in 8e3 of an
    entry (float64), one by differences of a gradient those of a part in 2e5. Mistakes of symmetry are named.

    >>> import numpy as np
    >>> x = np.array([1.0, 2.0])
    >>> f = lambda x: x[0] ** 2 * x[1]
    >>> check_hessian(f, [[4, 2], [2, 0]], x).verdict
    'pass'
    >>> found = check_hessian(f, [[4, 2], [0, 0]], x, grad=lambda x: [2 * x[0] * x[1], x[0] ** 2])
    >>> found.verdict, found.mistakes
    ('fail', ('one triangle only',))
    """
    remembered = _scalar(f, x)
    point = remembered.point.values
    claim = real_array(hess(remembered.x) if callable(hess) else hess, "the Hessian")
    if claim.shape != point.shape * 2:
        raise ShapeError(
            "the Hessian",
            f"shape {shape_text(claim.shape)} where x needs {shape_text(point.shape * 2)}",
            "order the axes as shape(x) + shape(x)",
        )
    doubt = _doubt_of(f, grad, remembered, seed)
    if doubt is not None:
        return doubt

    matrix = claim.reshape(point.size, point.size)
    if grad is not None:
        found = check_jacobian(grad, claim, remembered.x, seed=seed)
        known = slopes_of_gradient(grad, remembered.point, seed) if found.verdict == "fail" else []
    else:
        found, known = check_by_second_differences(
            remembered, lambda u: (matrix @ u.ravel()).reshape(point.shape), seed
        )
        found = finished(found, remembered)
    if found.verdict != "fail":
        return found
    return replace(found, mistakes=name_mistakes_of_hessian(matrix, known))


def check_hvp(
    f: Callable[[Any], Any],
    hvp: Callable[..., Any],
    x: Any,
    *,
    grad: Any = None,
    takes_point: bool | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Whether `hvp(u)` or `hvp(x, u)` is the product of the Hessian of f at x with u.

    Formula: Hu, the slope of the gradient along u. Shapes: u and the product as x.
    Conditions, errors and numerical error: as for `check_hessian` and `check_jvp`.

    >>> import numpy as np
    >>> x = np.array([1.0, 2.0, 3.0])
    >>> check_hvp(lambda x: np.sum(x**3), lambda x, u: 6 * x * u, x).verdict
    'pass'
    >>> check_hvp(lambda x: np.sum(x**3), lambda x, u: 6 * x, x, grad=lambda x: 3 * x**2).mistakes
    ('direction ignored',)
    """
    remembered = _scalar(f, x)
    doubt = _doubt_of(f, grad, remembered, seed)
    if doubt is not None:
        return doubt
    if grad is not None:
        return check_jvp(grad, hvp, remembered.x, takes_point=takes_point, seed=seed)
    point = remembered.point
    product = product_of(hvp, point, point.values.shape, takes_point, "product")
    return finished(check_by_second_differences(remembered, product, seed)[0], remembered)


def _scalar(f: Callable[[Any], Any], x: Any) -> Remembered:
    remembered = Remembered(f, real_point(x))
    if remembered.start.size != 1:
        raise ShapeError(
            "f(x)",
            f"shape {shape_text(remembered.start.shape)}",
            "give a function with a scalar value; check a gradient's Jacobian by check_jacobian",
        )
    remembered.start = remembered.start.reshape(())
    return remembered


def _doubt_of(
    f: Callable[[Any], Any], grad: Any, remembered: Remembered, seed: int
) -> GradientCheck | None:
    """What keeps the gradient from being the reference, if anything does."""
    if grad is None:
        return None
    first = check_gradient(f, grad, remembered.x, seed=seed)
    if first.verdict == "pass":
        return None
    mistakes = tuple(f"gradient: {mistake}" for mistake in first.mistakes)
    reason = f"The Hessian is not looked at, as the gradient does not pass: {first.reason}"
    return replace(first, mistakes=mistakes, reason=reason)
