"""Sums and inner products, plain by halves and compensated.

Sums run through a tree, which NumPy does level by level, so that a long sum is as fast as a
vectorised loop and its errors grow with L = ceil(log2(n)) and not with n. A compensated sum keeps the
rounding error of every addition (`numeric.stability.pairs`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numeric.stability.arguments import Floats, keeping, reducing
from numeric.stability.pairs import Pair, joined, quotient, scaled, times, two_product, two_sum

_SAFE = 900  # binary exponent below which no sum of up to 2^120 terms overflows
_NOTHING = -(1 << 20)  # an exponent below all others


def sum_pairwise(x: ArrayLike, axis: int | None = None) -> Any:
    """The sum by halves: sum(first half) + sum(second half).

    Shapes: `axis` disappears; None sums all. An empty sum is 0. Conditions: none; intermediate
    sums may overflow. Numerical error: below 10 ulps for 1000 numbers of one sign, and L =
    ceil(log2(n)) ulps for n: every number passes at most L additions, each of which is wrong by 2^-53 of
    a part of the sum. For numbers of both signs L ulps of sum|x|.
    Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), section 4.2.

    >>> print(sum_pairwise([0.1] * 10))
    1.0
    """
    return reducing(tree, axis, x)


def sum_compensated(x: ArrayLike, axis: int | None = None) -> Any:
    """The sum as if computed in twice the precision and rounded once.

    Formula: every addition is a two_sum; the rounding errors are summed beside the sums and added
    at the end, as Neumaier does, here along the tree of pairs.
    Shapes: `axis` disappears; None sums all. An empty sum is 0. Conditions: none; intermediate sums
    do not overflow. Numerical error: 1/2 ulp + 2 (L + 1)^2 2^-106 sum|x|, L = ceil(log2(n)); below 0.51
    ulps up to sum|x|/|sum x| = 1e11 and 1e5 numbers.
    Source: Neumaier, ZAMM 54 (1974); Ogita, Rump, Oishi, SIAM J. Sci. Comput. 26 (2005).

    >>> print(sum_compensated([1.0, 1e100, 1.0, -1e100]))
    2.0
    """
    return reducing(lambda x: joined(total(x)), axis, x)


def mean(x: ArrayLike, axis: int | None = None) -> Any:
    """The mean, compensated and without overflow.

    Formula: sum(x)/n. Shapes: `axis` disappears; None takes all. An empty mean is NaN.
    Numerical error: as `sum_compensated`; below 0.51 ulps, also for numbers of 1e308.

    >>> print(mean([1e308, 1.5e308, -1e308]))
    5e+307
    """
    return reducing(lambda x: joined(mean_pair(x)), axis, x)


def dot_compensated(x: ArrayLike, y: ArrayLike, axis: int | None = -1) -> Any:
    """The inner product as if computed in twice the precision and rounded once.

    Formula: every product is a two_product, their sum compensated, significands apart from
    exponents. Shapes: broadcast together; `axis` disappears. An empty product is 0.
    Conditions: none; nothing overflows or underflows but the result itself.
    Numerical error: 1/2 ulp + 2 (L + 2)^2 2^-106 sum|x y|, L = ceil(log2(n)); below 0.51 ulps up to
    sum|x y|/|sum x y| = 1e11 and 1e5 numbers.
    Source: Ogita, Rump, Oishi, SIAM J. Sci. Comput. 26 (2005), Dot2.

    >>> print(dot_compensated([1e12, 1.0, -1e12], [1e12, 1.0, 1e12]))
    1.0
    """
    return reducing(lambda x, y: rescaled(*product_pair(x, y)), axis, x, y)


def mean_gradient(x: ArrayLike) -> Any:
    """The slope of the mean by each entry, 1/n."""
    return keeping(lambda x: np.full_like(x, 1 / max(x.size, 1)), None, x)


def sum_gradient(x: ArrayLike) -> Any:
    """The slope of a sum by each entry, 1."""
    return keeping(np.ones_like, None, x)


def dot_gradient(x: ArrayLike, y: ArrayLike) -> Any:
    """The slope of the inner product of two vectors by the first: the second, exactly."""
    return keeping(lambda x, y: y.copy(), None, x, y)


# --- cores on the first axis ---------------------------------------------------------------------


def tree(x: Floats) -> Any:
    """The sum over the first axis by pairs."""
    while len(x) > 1:
        half = len(x) // 2
        x = np.concatenate([x[:half] + x[half : 2 * half], x[2 * half :]])
    return x[0] if len(x) else np.zeros(x.shape[1:])


def total(x: Floats) -> Pair:
    """The sum over the first axis as a pair."""
    shift = np.maximum(largest_exponent(x) - _SAFE, 0)
    high = np.ldexp(x, -shift) if np.any(shift) else x
    low = np.zeros_like(high)
    while len(high) > 1:
        half = len(high) // 2
        first, second, rest = slice(half), slice(half, 2 * half), slice(2 * half, None)
        added, error = two_sum(high[first], high[second])
        error += low[first] + low[second]
        high = np.concatenate([added, high[rest]])
        low = np.concatenate([error, low[rest]])
    if not len(high):
        return np.zeros(x.shape[1:]), np.zeros(x.shape[1:])
    upper, lower = two_sum(high[0], np.where(np.isfinite(high[0]), low[0], 0.0))
    return np.ldexp(upper, shift), np.ldexp(np.where(np.isfinite(upper), lower, 0.0), shift)


def mean_pair(x: Floats) -> Pair:
    """The mean over the first axis as a pair."""
    if not len(x):
        return np.full(x.shape[1:], np.nan), np.zeros(x.shape[1:])
    shift = np.maximum(largest_exponent(x) - _SAFE, 0)
    high, low = total(np.ldexp(x, -shift))
    found, rest = quotient((high, low), (float(len(x)), 0.0))
    rest = np.where(np.isfinite(rest), rest, 0.0)
    return np.ldexp(found, shift), np.ldexp(rest, shift)


def product_pair(x: Floats, y: Floats) -> tuple[Pair, Any]:
    """The inner product over the first axis as a pair, apart from a power of two.

    The exponents are those of the single products, so no product can overflow or vanish.
    """
    a, i = np.frexp(x)
    b, j = np.frexp(y)
    high, low = two_product(a, b)
    exponent = np.where(high == 0, _NOTHING, i.astype(np.int64) + j)
    top = np.max(exponent, axis=0, initial=_NOTHING)
    shift = np.maximum(exponent - top, -5000).astype(np.int32)
    low = np.where(np.isfinite(high), low, 0.0)
    return total_of_pairs(scaled((high, low), shift)), np.maximum(top, -5000).astype(np.int32)


def total_of_pairs(x: Pair) -> Pair:
    """The sum over the first axis of pairs."""
    high, low = total(x[0])
    return high, low + tree(x[1])


def squares_of_pairs(x: Pair) -> tuple[Pair, Any]:
    """The sum of squares of pairs over the first axis as a pair, apart from a power of two."""
    exponent = largest_exponent(x[0])
    near_one = scaled(x, -exponent)
    return total_of_pairs(times(near_one, near_one)), 2 * exponent


def rescaled(pair: Pair, exponent: Any) -> Any:
    """A pair times a power of two, rounded."""
    return np.ldexp(joined(pair), exponent)


def largest_exponent(x: Floats) -> Any:
    """The binary exponent of the largest magnitude on the first axis; 0 where it is not finite."""
    size = np.max(np.abs(x), axis=0, initial=0.0)
    return np.where(np.isfinite(size), np.frexp(size)[1], 0)
