"""One function with its true gradient at one point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any

KINDS = ("smooth", "kink", "jump", "noise", "edge")


@dataclass(frozen=True)
class Case:
    """A function, its gradient as written by hand, and a point.

    f       a function of an array; a second argument `xp` replaces NumPy where f is to be
            evaluated by an oracle
    grad    its gradient, a function of the same array; at a kink one subgradient
    kind    "smooth" (once differentiable at x), "kink", "jump", "noise" or "edge"
    oracle  what confirms `grad`: "mpmath" (differences at 60 digits), "jax", or a reason for none
    exact   the mathematics of f, where f itself rounds, iterates or draws random numbers
    also    other gradients at x that are right, too
    rounding  error of `grad` itself, where it is computed as a difference of equal numbers
    """

    name: str
    f: Callable[..., Any]
    grad: Callable[[Array], Array]
    x: Array
    kind: str = "smooth"
    oracle: str = "mpmath"
    exact: Callable[..., Any] | None = None
    also: tuple[Array, ...] = ()
    rounding: float = 0.0

    @property
    def gradient(self) -> Array:
        """The true gradient at x."""
        return np.asarray(self.grad(self.x.copy()))
