"""Variance: in two passes over the data, and streaming, in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numeric.stability.arguments import Floats, floats, keeping, reducing
from numeric.stability.pairs import Pair, joined, minus, plus, quotient, scaled, times, two_sum
from numeric.stability.sums import largest_exponent, mean_pair, rescaled, squares_of_pairs
from symbolic.errors import ShapeError

_SAFE = 1000  # binary exponent below which no distance of two numbers overflows
_NO_UNIT = -5000  # an exponent below all others


def variance(x: ArrayLike, axis: int | None = None, *, ddof: int = 0) -> Any:
    """The variance in two passes: the mean first, then the squared distances from it, all as pairs.

    Formula: sum((x - mean(x))^2)/(n - ddof). Shapes: `axis` disappears; None takes all.
    Conditions: n > ddof, else NaN. Numerical error: below 0.51 ulps, whatever the mean, and for distances
    of 1e-170 and 1e150 alike.
    Source: Chan, Golub, LeVeque, The American Statistician 37 (1983), for two passes.

    >>> print(variance([1e9 + 1, 1e9 + 2, 1e9 + 3]))
    0.6666666666666666
    """
    return reducing(lambda x: _variance(x, ddof), axis, x)


def variance_gradient(x: ArrayLike) -> Any:
    """The gradient of the variance, 2 (x - mean(x))/n."""
    return keeping(_slope, None, x)


@dataclass(frozen=True)
class Moments:
    """Count and sums of numbers seen so far, of their distances from the first and of the squares.

    Formula: with d_i = x_i - x_1, mean = x_1 + sum(d)/n and n variance = sum(d^2) - sum(d)^2/n. That the
    distances are from one of the numbers bounds the cancellation: sum(d^2) <= n (n variance)
    (Samuelson), and the sums are pairs, of twice the precision, in units of a power of two.
    `update` takes one array of shape (...), entry by entry of a stream; `merge` joins two streams.
    Numerical error: see `variance_streaming`.
    Source: Chan, Golub, LeVeque, The American Statistician 37 (1983); Samuelson, Journal of the American
    Statistical Association 63 (1968).

    >>> first = Moments().update(1e9 + 1).update(1e9 + 2)
    >>> print(first.merge(Moments().update(1e9 + 3)).variance())
    0.6666666666666666
    """

    count: int = 0
    origin: Any = 0.0
    exponent: Any = _NO_UNIT
    distances: Pair = (0.0, 0.0)
    squares: Pair = (0.0, 0.0)

    def update(self, x: ArrayLike) -> Moments:
        """The moments with one more observation, of the shape of those before."""
        (value,), _ = floats(x)
        return self.merge(Moments(1, value[()]))

    def merge(self, other: Moments) -> Moments:
        """The moments of both streams together."""
        if not self.count or not other.count:
            return self if self.count else other
        self._check_shape(np.shape(other.origin))
        with np.errstate(all="ignore"):
            gap, unit = _apart(other.origin, self.origin)
            unit = np.maximum(np.maximum(self.exponent, other.exponent), unit)
            mine, others = self._in_units(unit), other._in_units(unit)
            moved = times(gap(unit), (float(other.count), 0.0))
            twice = 2 * others[0][0], 2 * others[0][1]
            return Moments(
                self.count + other.count,
                self.origin,
                unit,
                plus(mine[0], plus(others[0], moved)),
                plus(mine[1], plus(others[1], times(gap(unit), plus(moved, twice)))),
            )

    def _in_units(self, exponent: Any) -> tuple[Pair, Pair]:
        """The sums of distances and of squares in units of another power of two."""
        shift = self.exponent - exponent
        return scaled(self.distances, shift), scaled(self.squares, 2 * shift)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        if shape != np.shape(self.origin):
            raise ShapeError(
                "an observation",
                f"shape {shape} after {np.shape(self.origin)}",
                "give observations of one shape",
            )

    @property
    def mean(self) -> Any:
        """The mean of the numbers seen so far, NaN before the first."""
        if not self.count:
            return np.nan
        with np.errstate(all="ignore"):
            down = np.where(self.exponent > _SAFE, 2, 0)  # so that no distance overflows
            share = quotient(self.distances, (float(self.count), 0.0))
            high, low = two_sum(
                np.ldexp(self.origin, -down), np.ldexp(share[0], self.exponent - down)
            )
            low = low + np.ldexp(share[1], self.exponent - down)
            return np.ldexp(high + np.where(np.isfinite(low), low, 0.0), down)[()]

    def variance(self, *, ddof: int = 0) -> Any:
        """The variance, NaN while count <= ddof."""
        if self.count <= ddof:
            return np.full(np.shape(self.origin), np.nan)[()]
        with np.errstate(all="ignore"):
            square = times(self.distances, self.distances)
            spread = plus(self.squares, minus(quotient(square, (float(self.count), 0.0))))
            return rescaled(quotient(spread, (float(self.count - ddof), 0.0)), 2 * self.exponent)[
                ()
            ]


def variance_streaming(x: ArrayLike) -> Any:
    """The variance of all entries in one pass.

    Formula: see `Moments`. Shapes: the result is a number. Conditions: none; NaN when empty.
    Numerical error: 1/2 + 24 n^2 2^-53 ulps, whatever the mean and whichever number comes first; that
    is below 0.51 ulps up to a million numbers.

    >>> print(variance_streaming([1e9 + 1, 1e9 + 2, 1e9 + 3]))
    0.6666666666666666
    """
    return reducing(_streaming, None, x)


def _apart(a: Any, b: Any) -> tuple[Callable[[Any], Pair], Any]:
    """The distance a - b as a pair, in any units, and the power of two next to it.

    A quarter of large numbers is taken, so that their distance does not overflow.
    """
    down = np.where(np.maximum(np.abs(a), np.abs(b)) > 2.0**_SAFE, 2, 0)
    pair = two_sum(np.ldexp(a, -down), -np.ldexp(b, -down))
    exponent = np.where(pair[0] == 0, _NO_UNIT, np.frexp(pair[0])[1] + down)
    return lambda unit: scaled(pair, down - unit), exponent


def _streaming(x: Floats) -> Any:
    moments = Moments()
    for each in x:
        moments = moments.update(each)
    return moments.variance()


def _centred(x: Floats) -> Pair:
    """The distances from the mean, as pairs."""
    high, low = mean_pair(x)
    distance, error = two_sum(x, -high)
    return two_sum(distance, error - low)


def _slope(x: Floats) -> Any:
    high, low = _centred(x)
    return joined(quotient((2 * high, 2 * low), (float(max(len(x), 1)), 0.0)))


def _variance(x: Floats, ddof: int) -> Any:
    if len(x) <= ddof:
        return np.full(x.shape[1:], np.nan)
    shift = np.maximum(largest_exponent(x) - _SAFE, 0)  # so that no distance overflows
    squares, exponent = squares_of_pairs(_centred(np.ldexp(x, -shift)))
    return rescaled(quotient(squares, (float(len(x) - ddof), 0.0)), exponent + 2 * shift)
