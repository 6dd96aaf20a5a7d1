"""Numbers as pairs of floats, of twice the precision, and operations that know their own rounding.

The rounding error of one addition or one product is itself a number of the format; two_sum and
two_product return it. A pair stands for high + low with |low| at most an ulp of high. With u = 2^-53 the
relative errors of the operations are below 8 u^2, of a sum relative to |a| + |b|.
Conditions of all: no overflow; products and quotients between 2^-960 and 2^990 in magnitude, or 0.
Source: Joldes, Muller, Popescu, ACM Transactions on Mathematical Software 44 (2017).
"""

from __future__ import annotations

from typing import Any

import numpy as np

Pair = tuple[Any, Any]  # high and low: the value is their unevaluated sum

_SPLITTER = 2.0**27 + 1  # cuts 53 bits into 26 and 26, with the sign as the missing bit


def two_sum(a: Any, b: Any) -> Pair:
    """The rounded sum and its rounding error: a + b = high + low exactly.

    Conditions: no overflow. Source: Knuth, The Art of Computer Programming 2, section 4.2.2.

    >>> two_sum(1.0, 1e-20)
    (1.0, 1e-20)
    """
    high = a + b
    part = high - a
    return high, (a - (high - part)) + (b - part)


def two_product(a: Any, b: Any) -> Pair:
    """The rounded product and its rounding error: a*b = high + low exactly, without fma.

    Conditions: abs(a), abs(b) < 2^996 and abs(a*b) > 2^-969 or 0.
    Source: Dekker, Numerische Mathematik 18 (1971), who names Veltkamp for the splitting.

    >>> high, low = two_product(0.1, 0.1)
    >>> high == 0.1 * 0.1, low
    (True, -8.326672684688674e-19)
    """
    high = a * b
    a1, a2 = _split(a)
    b1, b2 = _split(b)
    return high, a2 * b2 - (((high - a1 * b1) - a2 * b1) - a1 * b2)


def _split(a: Any) -> Pair:
    product = _SPLITTER * a
    upper = product - (product - a)
    return upper, a - upper


def plus(a: Pair, b: Pair) -> Pair:
    """The sum of two pairs.

    >>> plus((1.0, 1e-20), (-1.0, 1e-20))
    (2e-20, 0.0)
    """
    high, low = two_sum(a[0], b[0])
    return two_sum(high, low + (a[1] + b[1]))


def minus(a: Pair) -> Pair:
    """The negative of a pair."""
    return -a[0], -a[1]


def times(a: Pair, b: Pair) -> Pair:
    """The product of two pairs.

    >>> times((3.0, 0.0), (1.0, 2.0**-70))[1] == 3 * 2.0**-70
    True
    """
    high, low = two_product(a[0], b[0])
    return two_sum(high, low + (a[0] * b[1] + a[1] * b[0]))


def quotient(a: Pair, b: Pair) -> Pair:
    """The quotient of two pairs.

    >>> high, low = quotient((1.0, 0.0), (3.0, 0.0))
    >>> print(high, low)
    0.3333333333333333 1.850371707708594e-17
    """
    high = a[0] / b[0]
    product, error = two_product(high, b[0])
    return high, (((a[0] - product) - error) + a[1] - high * b[1]) / b[0]


def root(a: Pair) -> Pair:
    """The square root of a pair; 0 for 0.

    >>> high, low = root((2.0, 0.0))
    >>> print(high, low)
    1.4142135623730951 -9.667293313452912e-17
    """
    high = np.sqrt(a[0])
    product, error = two_product(high, high)
    low = (((a[0] - product) - error) + a[1]) / (2 * high)
    return high, np.where(high == 0, 0.0, low)[()]


def joined(pair: Pair) -> Any:
    """A pair rounded to a number; what is infinite has no low part."""
    return pair[0] + np.where(np.isfinite(pair[0]), pair[1], 0.0)


def scaled(pair: Pair, exponent: Any) -> Pair:
    """A pair times a power of two."""
    return np.ldexp(pair[0], exponent), np.ldexp(pair[1], exponent)
