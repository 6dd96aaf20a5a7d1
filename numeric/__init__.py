"""Numbers that know how far they can be trusted.

Every function here answers with its error: a derivative by differences comes with a bar and a
status, a gradient check with a verdict of three, an enclosure with a ball that certainly contains
the value, and what cannot be told is `Undecided` instead of guessed. The core works on plain
callables; the rest evaluates the expressions of `symbolic`: in float64 (`evaluate`), over balls
(`enclose`, `compare`) and over exact rationals (`evaluate_exactly`), at rational points that lie
exactly in the declared domains (`sample`, `sample_on`).

    derivative, gradient, jacobian, hessian      differences with bars
    check_gradient, check_layer, ...             pass, fail or inconclusive, the mistake named
    code_accuracy                                generated code, in ulps of the true values
    stabilize                                    a naive formula rewritten, where it measured better
    accuracy, stability, methods                 modules: floating point measured, stable
                                                 primitives, numerical methods with their error
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numeric.accuracy.generated import CodeAccuracy, code_accuracy
    from numeric.checks import (
        LayerCheck,
        check_hessian,
        check_hvp,
        check_jacobian,
        check_jvp,
        check_layer,
        check_vjp,
    )
    from numeric.constraints import sample_on
    from numeric.data import check_data
    from numeric.differences import (
        derivative,
        directional_derivative,
        gradient,
        hessian,
        jacobian,
    )
    from numeric.enclosure import Comparison, compare, enclose, enclose_all, enclose_to
    from numeric.errors import PrecisionTooLow, Undecided
    from numeric.estimate import Estimate
    from numeric.evaluation import evaluate
    from numeric.exact import evaluate_all_exactly, evaluate_exactly
    from numeric.exact_check import check_exactly
    from numeric.gradient_check import check_gradient
    from numeric.outcome import GradientCheck
    from numeric.sampling import choose_sizes, sample, sample_float
    from numeric.stabilizing import Stabilized, stabilize
    from numeric.unenclosed import Approximation, approximate

_HOMES = {
    "differences": (
        "derivative",
        "directional_derivative",
        "gradient",
        "jacobian",
        "hessian",
    ),
    "estimate": ("Estimate",),
    "gradient_check": ("check_gradient",),
    "outcome": ("GradientCheck",),
    "checks": (
        "LayerCheck",
        "check_jacobian",
        "check_vjp",
        "check_jvp",
        "check_hessian",
        "check_hvp",
        "check_layer",
    ),
    "stabilizing": ("Stabilized", "stabilize"),
    "enclosure": ("Comparison", "compare", "enclose", "enclose_all", "enclose_to"),
    "accuracy.generated": ("CodeAccuracy", "code_accuracy"),
    "unenclosed": ("Approximation", "approximate"),
    "exact_check": ("check_exactly",),
    "exact": ("evaluate_exactly", "evaluate_all_exactly"),
    "evaluation": ("evaluate",),
    "data": ("check_data",),
    "sampling": ("choose_sizes", "sample", "sample_float"),
    "constraints": ("sample_on",),
    "errors": ("PrecisionTooLow", "Undecided"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Estimate", "derivative", "directional_derivative", "gradient", "jacobian", "hessian",
    "GradientCheck", "check_gradient",
    "check_jacobian", "check_vjp", "check_jvp", "check_hessian", "check_hvp",
    "LayerCheck", "check_layer",
    "Stabilized", "stabilize",
    "Comparison", "compare", "enclose", "enclose_all", "enclose_to",
    "Approximation", "approximate", "check_exactly",
    "CodeAccuracy", "code_accuracy",
    "evaluate", "evaluate_exactly", "evaluate_all_exactly", "check_data",
    "choose_sizes", "sample", "sample_float", "sample_on",
    "PrecisionTooLow", "Undecided",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """The public names, each imported from its module when first used."""
    if name not in _HOME:
        raise AttributeError(f"module 'numeric' has no attribute {name!r}")
    value = getattr(import_module(f"numeric.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
