"""The gradient of one scalar function, with a second opinion where differences are in doubt.

Among hundreds of right entries some lie just outside their bar. Where the first ladder of steps
gives no answer, another one, between the rungs of the first, may; only its "pass" counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numeric.arrays import real_array
from numeric.checks.remembered import Remembered
from numeric.gradient_check import check_gradient
from numeric.outcome import GradientCheck

Array = Any

_OTHER_STEPS = (0.7, 0.55)  # of the first ladder's


def check_slopes(
    f: Remembered, scalar: Callable[[Any], Any], claim: Array, *, seed: int
) -> GradientCheck:
    """Whether `claim` is the gradient at x of `scalar`, which is a function of values of f."""
    found = check_gradient(scalar, claim, f.x, seed=seed)
    if found.verdict != "inconclusive" or not np.all(np.isfinite(f.start)):
        return found
    x = f.point.values
    if claim.shape != x.shape or not np.all(np.isfinite(claim)):
        return found

    for shrink in _OTHER_STEPS:
        moved = _shrunk(f, scalar, shrink)
        again = check_gradient(moved, np.asarray(shrink * claim, claim.dtype), f.x, seed=seed)
        if again.verdict == "pass":
            return again
    return found


def _shrunk(f: Remembered, scalar: Callable[[Any], Any], shrink: float) -> Callable[[Any], Any]:
    """The function of z whose value is that at x + shrink*(z - x)."""
    x = f.point.values

    def moved(z: Any) -> Any:
        return scalar(f.point.native((x + shrink * (real_array(z, "x") - x)).astype(x.dtype)))

    return moved
