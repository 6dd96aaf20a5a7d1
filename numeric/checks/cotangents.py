"""Random weights of the outputs: what is checked is the slope of sum(v * f(x))."""

from __future__ import annotations

from typing import Any

import numpy as np

from numeric.judgement import approximate
from numeric.seeds import generator

Array = Any

COUNT = 4
_ROUNDINGS = 16.0  # in a product, which magnified stay negligible
_INSIDE = 64.0  # units of rounding of what cancels in a product
FAR = 64.0  # the factor by which linearity in v is tested


def cotangents(start: Array, dtype: Any, seed: int) -> list[Array]:
    """Rademacher arrays in the shape of `start`, every second one with other magnitudes.

    Those are powers of two that bring outputs of different size together, so that no output hides
    behind a larger one; and they are never 1, so that a function of the signs alone shows. They
    magnify the rounding of the product too, and are bounded so that it stays negligible.
    """
    rng = generator(seed, 1)
    size = np.abs(start.astype(np.float64))
    known = size[np.isfinite(size) & (size > 0)]
    typical = float(np.median(known)) if known.size else 1.0
    size = np.where(np.isfinite(size) & (size > 0), size, typical)
    eps = float(np.finfo(dtype).eps)
    most = max(0.0, np.floor(np.log2(approximate(eps) / (_ROUNDINGS * eps))))
    level = np.clip(np.round(np.log2(typical / size)), -most, most)
    found = []
    for number in range(COUNT):
        signs = rng.choice([-1.0, 1.0], size=start.shape)
        if number % 2:
            signs = signs * 2.0 ** (level + rng.choice([-1, 1], size=start.shape))
        found.append(np.asarray(signs, dtype=dtype))
    return found


def directions(point: Array, scale: Array, count: int, seed: int) -> list[Array]:
    """Rademacher arrays in the shape of x, scaled by each coordinate or by their median in turn."""
    rng = generator(seed, 2)
    middle = float(np.median(scale))
    found = []
    for number in range(count):
        signs = rng.choice([-1.0, 1.0], size=point.size)
        direction = signs * (middle if number % 2 else scale)
        found.append(direction.reshape(point.shape).astype(point.dtype))
    return found


def same(a: Array, b: Array, eps: float, v: Array = 0.0) -> bool:
    """Whether two products with vectors of the size of v differ by no more than rounding explains."""
    largest = max(float(np.max(np.abs(a), initial=0)), float(np.max(np.abs(b), initial=0)))
    inside = _INSIDE * eps * float(np.max(np.abs(v)))
    return float(np.max(np.abs(a - b), initial=0)) <= eps**0.5 * largest + inside
