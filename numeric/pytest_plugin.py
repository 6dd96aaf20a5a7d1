"""Fixtures for pytest: `assert_gradient` and `assert_layer`, with the diagnosis when they fail.

The plugin costs nothing until a test asks for one of them: even NumPy is loaded only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from numeric.checks import LayerCheck
    from numeric.outcome import GradientCheck


class AssertGradient(Protocol):
    """The function that the fixture `assert_gradient` gives."""

    def __call__(
        self, f: Any, grad: Any, x: Any, *, allow_inconclusive: bool = False, **options: Any
    ) -> GradientCheck:
        """Asserts that grad is the gradient of f at x."""


class AssertLayer(Protocol):
    """The function that the fixture `assert_layer` gives."""

    def __call__(
        self, layer: Any, x: Any, *, allow_inconclusive: bool = False, **options: Any
    ) -> LayerCheck:
        """Asserts that the gradients of a layer at x are right."""


@pytest.fixture(scope="session")
def assert_gradient() -> AssertGradient:
    """Assert that a gradient is right, by `numeric.check_gradient`.

    `assert_gradient(f, grad, x)` takes the options of `check_gradient` and returns its outcome. It
    raises `AssertionError` with the wrong entries, the mistakes and the bars on "fail", and on
    "inconclusive" too unless `allow_inconclusive=True`.
    """

    def check(
        f: Any, grad: Any, x: Any, *, allow_inconclusive: bool = False, **options: Any
    ) -> GradientCheck:
        __tracebackhide__ = True
        from numeric.gradient_check import check_gradient

        found = check_gradient(f, grad, x, **options)
        _insist(found, allow_inconclusive)
        return found

    return check


@pytest.fixture(scope="session")
def assert_layer() -> AssertLayer:
    """Assert that backward of a layer is right, by `numeric.checks.check_layer`.

    `assert_layer(layer, x)` takes the options of `check_layer` and raises as `assert_gradient`.
    """

    def check(
        layer: Any, x: Any, *, allow_inconclusive: bool = False, **options: Any
    ) -> LayerCheck:
        __tracebackhide__ = True
        from numeric.checks import check_layer

        found = check_layer(layer, x, **options)
        _insist(found, allow_inconclusive)
        return found

    return check


def _insist(found: GradientCheck | LayerCheck, allow_inconclusive: bool) -> None:
    __tracebackhide__ = True
    if found.verdict == "pass" or (found.verdict == "inconclusive" and allow_inconclusive):
        return
    hint = "" if found.verdict == "fail" else "\nallow_inconclusive=True lets this pass"
    raise AssertionError(f"{found}{hint}")
