"""The error of computed numbers, in bits and in units in the last place.

The truth of one value is a real number. It is given as floats, which are then the truth itself; as
a pair (high, low) of floats whose unevaluated sum it is; or as the `Exact` of `exact_values`, which
keeps what lies beyond the nearest float in units in the last place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numeric.accuracy.formats import Floats, Format, float64, format_of
from numeric.accuracy.inputs import real_values, together
from symbolic.errors import DataError


@dataclass(frozen=True)
class Exact:
    """True values: numbers of a format, and what lies beyond them.

    rounded    the correctly rounded values: infinite where the truth overflows, NaN where unknown
    tail       (truth - rounded) in units in the last place of `rounded`, between -1/2 and 1/2, to
               within 2^-19; 0 where `rounded` is not finite
    decided    where `rounded` is certain
    undefined  where the expression certainly has no real value
    format     of `rounded`
    enclosure  whether the values rest on enclosures; if not, two precisions agreed
    """

    rounded: Floats
    tail: Floats
    decided: NDArray[np.bool_]
    undefined: NDArray[np.bool_]
    format: Format = float64
    enclosure: bool = True

    @property
    def residual(self) -> Floats:
        """The difference truth - rounded as float64; it underflows for values below about 1e-292."""
        return np.ldexp(self.tail, self.format.unit_exponent(self.rounded))

    def at(self, places: Any) -> Exact:
        """The values at some places, given as NumPy takes them."""
        return Exact(
            self.rounded[places], self.tail[places], self.decided[places], self.undefined[places],
            self.format, self.enclosure,
        )  # fmt: skip


def bits_of_error(computed: ArrayLike, exact: Any, dtype: Any = float64) -> Floats:
    """How many bits of the result are wrong, counted on the number line of the format.

    Formula: log2(1 + number of floats from the computed value to the correctly rounded truth), so 0
    for the correctly rounded value and 1 for its neighbours. Infinity is the float beyond the
    largest; both zeros are one. A NaN against a number counts as the width of the format (64, 32 or
    16), against NaN as 0.
    Shapes: broadcast together. Conditions: none; values between floats of the format are rounded
    first. Numerical error: that of log2. Source: Panchekha et al., PLDI 2015 (Herbie).

    >>> bits_of_error([1.0, 1 + 2**-52, np.nan, np.inf], [1.0, 1.0, 1.0, np.inf]).tolist()
    [0.0, 1.0, 64.0, 0.0]
    """
    form = format_of(dtype)
    found = form.round(real_values("the computed numbers", computed))
    truth = form.round(_split(exact, form)[0])
    found, truth = together("the computed and the true numbers", found, truth)
    first, second = form.ordinal(found), form.ordinal(truth)
    with np.errstate(over="ignore"):  # modulo 2^64 the difference is right
        distance = np.maximum(first, second).view(np.uint64)
        distance = distance - np.minimum(first, second).view(np.uint64)
    bits = np.log2(1.0 + distance.astype(np.float64))
    return np.where(np.isnan(found) | np.isnan(truth), _nan_bits(found, truth, form), bits)


def _nan_bits(found: Floats, truth: Floats, form: Format) -> Floats:
    return np.where(np.isnan(found) & np.isnan(truth), 0.0, float(form.width))


def ulps_of_error(computed: ArrayLike, exact: Any, dtype: Any = float64) -> Floats:
    """The error in units in the last place of the truth.

    Formula: |computed - t|/2^(max(e, e_min) - p + 1) where 2^e <= |t| < 2^(e+1), so at most 1/2 for
    a correctly rounded value. Where the truth overflows the format it counts as 2^(e_max + 1), and
    so does a computed infinity; a NaN against a number is infinitely far.
    Shapes: broadcast together; `exact` is an array, a tuple (high, low) or an `Exact`. Conditions:
    in a pair `high` is the nearest float to high + low. Numerical error: a few roundings of float64.

    >>> ulps_of_error([1.0, 0.1], (np.array([1.0, 0.1]), np.array([2.0**-54, 0.0]))).tolist()
    [0.25, 0.0]
    """
    form = format_of(dtype)
    high, tail = _split(exact, form)
    found = form.round(real_values("the computed numbers", computed))
    found, high, tail = together("the computed and the true numbers", found, high, tail)
    with np.errstate(all="ignore"):
        unit = form.unit_exponent(high)
        distance = _steps(found, unit, form) - _steps(high, unit, form) - tail
    halved = _truth_is_in_the_binade_below(high, tail, form)
    ulps = np.abs(distance) * np.where(halved, 2.0, 1.0)
    missing = np.isnan(found) != np.isnan(high)
    return np.where(missing, np.inf, np.where(np.isnan(found) & np.isnan(high), 0.0, ulps))


def _steps(values: Floats, unit: NDArray[np.int32], form: Format) -> Floats:
    """values/2^unit, with infinity at 2^(e_max + 1)."""
    steps = np.ldexp(values, -unit)
    end = np.copysign(np.ldexp(1.0, form.highest + 1 - unit), values)
    return np.where(np.isinf(values), end, steps)


def _truth_is_in_the_binade_below(high: Floats, tail: Floats, form: Format) -> NDArray[np.bool_]:
    power = np.abs(np.frexp(high)[0]) == 0.5
    return power & (np.abs(high) > 2.0**form.lowest) & (np.sign(tail) == -np.sign(high))


def _split(exact: Any, form: Format) -> tuple[Floats, Floats]:
    """The truth as the nearest number of the format and the rest in its units in the last place."""
    if isinstance(exact, Exact):
        if exact.format is not form:
            raise DataError(
                f"an error in {form.name}",
                f"the exact values were rounded to {exact.format.name}",
                "use one format for both",
            )
        return exact.rounded, exact.tail
    if isinstance(exact, tuple):
        if len(exact) != 2:
            raise DataError(
                "the true numbers", f"a tuple of {len(exact)}", "give a pair (high, low), or a list"
            )
        parts = (real_values("the true numbers", part) for part in exact)
        high, low = together("the true numbers (high, low)", *parts)
    else:
        high = real_values("the true numbers", exact)
        low = np.zeros_like(high)
    rounded = round_sum(high, low, form)
    unit = -form.unit_exponent(rounded)
    with np.errstate(all="ignore"):
        tail = np.ldexp(high, unit) - np.ldexp(rounded, unit) + np.ldexp(low, unit)
    return rounded, np.where(np.isfinite(rounded), tail, 0.0)


def round_sum(high: Floats, low: Floats, form: Format) -> Floats:
    """The sum high + low rounded to a format, correctly; of low only the sign is used.

    Conditions: high is the nearest float64 to the sum. A narrower format is reached by way of the
    float64 rounded to odd: of the two around a sum that is no float, the one with an odd last bit,
    which is never halfway between two numbers of the format.

    >>> from numeric.accuracy.formats import float16
    >>> tie = np.array([1 + 2.0**-11])
    >>> round_sum(tie, np.array([0.0]), float16), round_sum(tie, np.array([1e-30]), float16)
    (array([1.]), array([1.00097656]))
    """
    if form is float64:
        return high
    odd = (np.ascontiguousarray(high).view(np.int64).reshape(np.shape(high)) & 1) == 1
    kept = odd | (low == 0) | ~np.isfinite(high)
    with np.errstate(over="ignore"):
        other = np.nextafter(high, np.copysign(np.inf, low))
    return form.round(np.where(kept, high, other))
