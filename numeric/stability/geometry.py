"""Lengths and angles that neither overflow nor cancel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numeric.stability.arguments import Floats, elementwise, keeping, reducing
from numeric.stability.pairs import Pair, joined, minus, plus, quotient, root, scaled, times
from numeric.stability.sums import largest_exponent, product_pair, rescaled, squares_of_pairs


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
    Conditions: none. Numerical error: below 0.51 ulps, for entries of 1e-160 and of 1e160 alike: the sum
    and its root are pairs.
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

    Formula: x.y/(|x| |y|), all in pairs of floats, without overflow.
    Shapes: broadcast together; `axis` disappears; None takes all. Conditions: a vector of zeros has
    no direction, and the result is NaN. Numerical error: below 0.51 ulps, also for vectors that
    are orthogonal to 1e-11; the result is at most 1 in magnitude.

    >>> print(f"{cosine_similarity([1e200, 1e200], [1e200, 0.0]):.14g}")
    0.70710678118655
    """
    return reducing(_cosine, axis, x, y)


def cosine_distance(x: ArrayLike, y: ArrayLike, axis: int | None = -1) -> Any:
    """1 - cosine_similarity, also where the vectors are nearly parallel.

    Formula: |x/|x| - y/|y||^2/2, half the squared distance of the unit vectors, which are pairs of floats:
    it is of the second order in their angle, and nothing is left to cancel.
    Shapes, conditions: as `cosine_similarity`. Numerical error: below 0.51 ulps, for vectors as
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


def _length(x: Floats) -> Pair:
    """The length of a scaled vector."""
    return root(scaled(*product_pair(x, x)))


def _norm(x: Floats) -> Any:
    near_one, exponent = _scaled(x)
    return rescaled(_length(near_one), exponent)


def _direction(x: Floats) -> Any:
    near_one, _ = _scaled(x)
    length = joined(_length(near_one))
    return np.where(length == 0, 0.0, near_one / length)


def _cosine_pair(x: Floats, y: Floats) -> tuple[Pair, Any]:
    """The cosine of two scaled vectors as a pair, apart from a power of two."""
    product, exponent = product_pair(x, y)
    return quotient(product, times(_length(x), _length(y))), exponent


def _cosine(x: Floats, y: Floats) -> Any:
    return rescaled(*_cosine_pair(_scaled(x)[0], _scaled(y)[0]))


def _unit(x: Floats) -> Pair:
    """A scaled vector over its length."""
    return quotient((x, np.zeros_like(x)), _length(x))


def _cosine_distance(x: Floats, y: Floats) -> Any:
    apart = plus(_unit(_scaled(x)[0]), minus(_unit(_scaled(y)[0])))
    square, exponent = squares_of_pairs(apart)
    return rescaled(square, exponent - 1)


def _cosine_gradient(x: Floats, y: Floats) -> Any:
    exponent = largest_exponent(x)
    x, y = _scaled(x)[0], _scaled(y)[0]
    along = times(scaled(*_cosine_pair(x, y)), _unit(x))
    perpendicular = joined(plus(_unit(y), minus(along)))
    return np.ldexp(perpendicular / joined(_length(x)), -exponent)
