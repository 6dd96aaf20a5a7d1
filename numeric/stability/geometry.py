"""Lengths and angles that neither overflow nor cancel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numeric.stability.arguments import Floats, elementwise, keeping, reducing
from numeric.stability.sums import largest_exponent, product_pair, rescaled, two_product


def hypot(x: ArrayLike, y: ArrayLike) -> Any:
    """The length of a vector of two entries.

    Formula: sqrt(x^2 + y^2), without overflow or underflow of the squares. Shapes: broadcast
    together. Conditions: none; inf where one entry is. Numerical error: below 1 ulps (NumPy's).

    >>> print(f"{hypot(3e200, 4e200):.14g}")
    5e+200
    """
    return elementwise(np.hypot, x, y)


def hypot_by_x(x: ArrayLike, y: ArrayLike) -> Any:
    """The slope of hypot by x, x/hypot(x, y); 0 at the origin."""
    return elementwise(_hypot_by_x, x, y)


def norm(x: ArrayLike, axis: int | None = None) -> Any:
    """The Euclidean length of a vector.

    Formula: 2^k sqrt(sum((x/2^k)^2)) with 2^k next to the largest entry.
    Shapes: `axis` disappears; None takes all. An empty vector has length 0.
    Conditions: none. Numerical error: below 1.2 ulps, for entries of 1e-160 and of 1e160 alike.
    Source: Blue, ACM Transactions on Mathematical Software 4 (1978), for the scaling.

    >>> print(f"{norm([3e160, 4e160]):.14g}")
    5e+160
    """
    return reducing(_norm, axis, x)


def norm_gradient(x: ArrayLike) -> Any:
    """The gradient of the length, x/norm(x); 0 at the origin, a subgradient."""
    return keeping(_direction, None, x)


def cosine_similarity(x: ArrayLike, y: ArrayLike, axis: int | None = -1) -> Any:
    """The cosine of the angle of two vectors.

    Formula: x.y/(|x| |y|), every product compensated, without overflow.
    Shapes: broadcast together; `axis` disappears; None takes all. Conditions: a vector of zeros has
    no direction, and the result is NaN. Numerical error: below 4 ulps, also for vectors that
    are orthogonal to 1e-12; the result is at most 1 in magnitude.

    >>> print(f"{cosine_similarity([1e200, 1e200], [1e200, 0.0]):.14g}")
    0.70710678118655
    """
    return reducing(_cosine, axis, x, y)


def cosine_distance(x: ArrayLike, y: ArrayLike, axis: int | None = -1) -> Any:
    """1 - cosine_similarity, also where the vectors are nearly parallel.

    Formula: |r|^2/(|y|^2 (1 + cos)) with r = y - x (x.y)/(x.x), the part of y perpendicular to x,
    computed from products with their rounding errors; 1 - cos where cos < 0.
    Shapes, conditions: as `cosine_similarity`. Numerical error: below 6 ulps, for vectors as
    near as 1e-12 and of any two lengths.

    >>> print(f"{cosine_distance([1.0, 1.0], [1.0, 1.0 + 1e-9]):.14g}")
    1.2500002056009e-19
    """
    return reducing(_cosine_distance, axis, x, y)


def cosine_similarity_gradient(x: ArrayLike, y: ArrayLike) -> Any:
    """The gradient of cosine_similarity by x, the perpendicular part of y/|y| over |x|.

    It is accurate relative to its largest entry; single entries may cancel.
    """
    return keeping(_cosine_gradient, None, x, y)


def cosine_distance_gradient(x: ArrayLike, y: ArrayLike) -> Any:
    """The gradient of cosine_distance by x, accurate as that of cosine_similarity."""
    return keeping(lambda x, y: -_cosine_gradient(x, y), None, x, y)


# --- cores on the first axis ---------------------------------------------------------------------


def _hypot_by_x(x: Floats, y: Floats) -> Any:
    scale = -largest_exponent(np.stack([x, y]))
    x, y = np.ldexp(x, scale), np.ldexp(y, scale)
    length = np.hypot(x, y)
    return np.where(length == 0, 0.0, x / length)


def _scaled(x: Floats) -> tuple[Floats, Any]:
    """x/2^k with its largest entry between 1/2 and 1, and k."""
    exponent = largest_exponent(x)
    return np.ldexp(x, -exponent), exponent


def _length(x: Floats) -> Any:
    """The length of a scaled vector."""
    return np.sqrt(rescaled(*product_pair(x, x)))


def _norm(x: Floats) -> Any:
    scaled, exponent = _scaled(x)
    return np.ldexp(_length(scaled), exponent)


def _direction(x: Floats) -> Any:
    scaled, _ = _scaled(x)
    length = _length(scaled)
    return np.where(length == 0, 0.0, scaled / length)


def _dot(x: Floats, y: Floats) -> Any:
    return rescaled(*product_pair(x, y))


def _cosine(x: Floats, y: Floats) -> Any:
    x, y = _scaled(x)[0], _scaled(y)[0]
    return np.clip(_dot(x, y) / (_length(x) * _length(y)), -1.0, 1.0)


def _perpendicular(x: Floats, y: Floats) -> Any:
    """The part of y perpendicular to x; both scaled.

    One step leaves y - c x with c rounded; the second takes out the little that is left along x.
    """
    square = _dot(x, x)
    high, low = two_product(_dot(x, y) / square, x)
    rest = (y - high) - low
    return rest - x * (_dot(x, rest) / square)


def _cosine_distance(x: Floats, y: Floats) -> Any:
    x, y = _scaled(x)[0], _scaled(y)[0]
    cosine = _cosine(x, y)
    rest, exponent = _scaled(_perpendicular(x, y))
    sine = np.ldexp(_length(rest) / _length(y), exponent)
    return np.where(cosine > 0, sine * sine / (1 + cosine), 1 - cosine)


def _cosine_gradient(x: Floats, y: Floats) -> Any:
    exponent = largest_exponent(x)
    x, y = _scaled(x)[0], _scaled(y)[0]
    return np.ldexp(_perpendicular(x, y) / (_length(y) * _length(x)), -exponent)
