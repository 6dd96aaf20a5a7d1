"""Logistic loss: Newton's method with the derived gradient and Hessian, on breast-cancer data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivations.catalogue import catalogue
from derivations.demo.showing import show_check, show_page, show_result

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

TITLE = "Logistic loss: gradient, Hessian, Newton's method"
PAGE = "supervised/logistic_regression"
STRENGTH = 1e-2  # of the L2 term
TOLERANCE = 1e-10  # on the gradient norm
MOST_ITERATIONS = 50

Array = Any


def run(console: Console) -> bool:
    """Check the page, fit by Newton's method, and compare with an independent optimiser."""
    import numpy as np

    passed = show_page(console, PAGE)
    X, y = standardised()
    function = catalogue[PAGE].lambdify(value=True)

    def evaluate(w: Array) -> tuple[float, Array, Array]:
        loss, gradient, hessian = function(X=X, y=y, w=w, lam=STRENGTH)
        return loss, gradient, hessian

    passed = _check_gradient(console, evaluate, np.linspace(-0.5, 0.5, X.shape[1])) and passed
    console.print(f"\nNewton's method on {X.shape[0]} x {X.shape[1]} standardised measurements:")
    w, norm = newton(evaluate, np.zeros(X.shape[1]), console)
    passed = show_result(console, "norm of the gradient", norm, TOLERANCE) and passed
    other = independent_optimum(X, y)
    difference = float(np.max(np.abs(w - other)))
    passed = (
        show_result(console, "largest difference from SciPy's optimum", difference, 1e-6) and passed
    )
    accuracy = float(np.mean((X @ w > 0) == (y == 1)))
    console.print(f"  share of tumours classified rightly (training data): {accuracy:.4f}")
    return passed


def standardised() -> tuple[Array, Array]:
    """The measurements with mean 0 and variance 1 in each column, and the labels."""
    from derivations.data import breast_cancer

    data = breast_cancer()
    return (data.X - data.X.mean(axis=0)) / data.X.std(axis=0), data.y


def newton(
    evaluate: Callable[[Array], tuple[float, Array, Array]],
    w: Array,
    console: Console | None = None,
) -> tuple[Array, float]:
    """Newton's method with halved steps until the gradient norm is below the tolerance.

    Returns the last point and the gradient norm there.
    """
    import numpy as np

    for iteration in range(MOST_ITERATIONS):
        loss, gradient, hessian = evaluate(w)
        norm = float(np.linalg.norm(gradient))
        if console is not None:
            console.print(f"  {iteration:3}  loss {loss:.12f}  gradient norm {norm:.2e}")
        if norm < TOLERANCE:
            break
        step = np.linalg.solve(hessian, gradient)
        length = 1.0
        while evaluate(w - length * step)[0] > loss and length > 1e-8:
            length /= 2
        w = w - length * step
    return w, norm


def independent_optimum(X: Array, y: Array) -> Array:
    """The minimiser found by SciPy from a loss and gradient written by hand with `expit`."""
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import expit

    def loss(w: Array) -> float:
        z = X @ w
        return float(np.mean(np.logaddexp(0.0, z) - y * z) + 0.5 * STRENGTH * w @ w)

    def slope(w: Array) -> Array:
        return X.T @ (expit(X @ w) - y) / len(y) + STRENGTH * w

    found = minimize(loss, np.zeros(X.shape[1]), jac=slope, method="BFGS", options={"gtol": 1e-9})
    return found.x


def _check_gradient(
    console: Console, evaluate: Callable[[Array], tuple[float, Array, Array]], w: Array
) -> bool:
    from numeric import check_gradient

    found = check_gradient(lambda at: evaluate(at)[0], lambda at: evaluate(at)[1], w)
    return show_check(
        console,
        "\n  gradient against central differences",
        passed=found.verdict == "pass",
        detail=f"{found.verdict}, bar {float(found.bar):.1e}",
    )
