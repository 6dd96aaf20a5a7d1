"""Floating-point formats: the numbers they hold, rounding to them, and their number line.

A format with precision p and exponents e_min..e_max holds

    0,   m 2^(e - p + 1)  with  e_min <= e <= e_max,  0 < m < 2^p  (m >= 2^(p-1) unless e = e_min),

and infinity. Its finite numbers with the infinities are one line, counted by `ordinal`: neighbours
differ by 1, both zeros are 0. Values of every format are carried in float64 arrays, which hold them
exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symbolic.errors import UnsupportedError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Format:
    """A binary floating-point format with subnormals, as IEEE 754 has them.

    width     bits of one number
    precision bits of the significand, the hidden one included
    lowest    e_min, the exponent of the smallest normal number 2^e_min
    highest   e_max, the exponent of the largest numbers
    """

    name: str
    width: int
    precision: int
    lowest: int
    highest: int

    def __repr__(self) -> str:
        return self.name

    @property
    def epsilon(self) -> float:
        """The distance from 1 to the next number."""
        return 2.0 ** (1 - self.precision)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float(np.ldexp(2.0 - self.epsilon, self.highest))

    @property
    def smallest(self) -> float:
        """The smallest positive number, a subnormal one."""
        return float(np.ldexp(1.0, self.lowest - self.precision + 1))

    def round(self, values: ArrayLike) -> Floats:
        """The nearest numbers of the format, ties to even, overflow to infinity.

        >>> bfloat16.round([1.001, 3.4e38, 1e-41]).tolist()
        [1.0, inf, 0.0]
        """
        array = np.asarray(values, dtype=np.float64)
        if self is float64:
            return array
        unit = self.unit_exponent(array)
        with np.errstate(all="ignore"):
            rounded = np.ldexp(np.rint(np.ldexp(array, -unit)), unit)
            return np.where(np.abs(rounded) > self.largest, np.copysign(np.inf, array), rounded)

    def unit_exponent(self, values: ArrayLike) -> NDArray[np.int32]:
        """The exponents k of the units in the last place 2^k of values; for infinity the largest.

        >>> float64.unit_exponent([1.0, 0.0]).tolist()
        [-52, -1074]
        """
        array = np.asarray(values, dtype=np.float64)
        fraction, exponent = np.frexp(array)
        exponent = np.where(np.isfinite(array), exponent - 1, self.highest)
        exponent = np.where(fraction == 0, self.lowest, exponent)
        return np.clip(exponent, self.lowest, self.highest) - (self.precision - 1)

    def ordinal(self, values: ArrayLike) -> NDArray[np.int64]:
        """The places of numbers of the format on its number line; NaN has none and gets 0.

        >>> float16.ordinal([0.0, -0.0, 6e-8, -6e-8]).tolist()
        [0, 0, 1, -1]
        """
        array = self.round(values)
        size = np.where(np.isfinite(array), np.abs(array), 0.0)
        unit = self.unit_exponent(size)
        block = unit.astype(np.int64) + (self.precision - 1) - self.lowest
        count = np.ldexp(size, -unit).astype(np.int64) + (block << (self.precision - 1))
        infinite = (self.highest - self.lowest + 2) << (self.precision - 1)
        count = np.where(np.isinf(array), infinite, count)
        return np.where(array < 0, -count, count)

    def from_ordinal(self, places: ArrayLike) -> Floats:
        """The numbers at the places of the number line; beyond its ends infinity.

        >>> float16.from_ordinal([0, 1, 31744]).tolist()
        [0.0, 5.960464477539063e-08, inf]
        """
        place = np.asarray(places, dtype=np.int64)
        count = np.abs(place)
        block = np.maximum((count >> (self.precision - 1)) - 1, 0)
        digits = (count - (block << (self.precision - 1))).astype(np.float64)
        unit = np.minimum(block + self.lowest, self.highest) - (self.precision - 1)
        infinite = (self.highest - self.lowest + 2) << (self.precision - 1)
        size = np.where(count >= infinite, np.inf, np.ldexp(digits, unit.astype(np.int32)))
        return np.where(place < 0, -size, size)


float64 = Format("float64", 64, 53, -1022, 1023)
float32 = Format("float32", 32, 24, -126, 127)
float16 = Format("float16", 16, 11, -14, 15)
bfloat16 = Format("bfloat16", 16, 8, -126, 127)

FORMATS = {each.name: each for each in (float64, float32, float16, bfloat16)}


def format_of(dtype: Any) -> Format:
    """The format that a name, a NumPy type or a format stands for.

    >>> format_of(np.float32), format_of("bfloat16")
    (float32, bfloat16)
    """
    if isinstance(dtype, Format):
        return dtype
    name = dtype
    if not isinstance(dtype, str):
        try:
            name = np.dtype(dtype).name
        except TypeError:
            name = str(dtype)
    if name not in FORMATS:
        raise UnsupportedError(
            f"the format {name}", "it is not known here", f"use one of {', '.join(FORMATS)}"
        )
    return FORMATS[name]
