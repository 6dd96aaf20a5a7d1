"""Formats and errors: against NumPy's own types, and by enumeration of all float16 numbers."""

from fractions import Fraction

import numpy as np
import pytest

from numeric.accuracy import bits_of_error, exact_values, ulps_of_error
from numeric.accuracy.formats import FORMATS, bfloat16, float16, float32, float64, format_of
from symbolic.errors import DataError, ShapeError, UnsupportedError

EVERY = np.arange(1 << 16, dtype=np.uint16)
HALVES = EVERY.view(np.float16)[~np.isnan(EVERY.view(np.float16))].astype(np.float64)
LINE = np.unique(HALVES)  # the number line of float16, infinities at its ends


def nearest(number: Fraction, form) -> float:
    """Rounding to nearest, ties to even, with integers alone."""
    if number == 0:
        return 0.0
    size = abs(number)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    exponent -= size < Fraction(2) ** exponent
    unit = Fraction(2) ** (max(exponent, form.lowest) - form.precision + 1)
    rounded = round(number / unit) * unit
    return float(rounded) if abs(rounded) <= form.largest else float("inf") * (-1) ** (number < 0)


@pytest.mark.parametrize(("form", "dtype"), [(float16, np.float16), (float32, np.float32)])
def test_rounding_is_that_of_numpy(form, dtype, rng):
    values = rng.standard_normal(20000) * 10.0 ** rng.integers(-46, 40, 20000)
    with np.errstate(over="ignore"):
        assert np.array_equal(form.round(values), values.astype(dtype).astype(np.float64))


@pytest.mark.parametrize("form", FORMATS.values(), ids=str)
def test_rounding_is_to_nearest_even(form, rng):
    anywhere = rng.standard_normal(500) * 2.0 ** rng.integers(form.lowest - 20, form.highest, 500)
    places = form.ordinal(form.round(anywhere))
    low, high = form.from_ordinal(places), form.from_ordinal(places + 1)
    ties = (low + high) / 2 if form is not float64 else low
    for value in np.concatenate([anywhere, ties[np.isfinite(ties)]]):
        assert form.round(value) == nearest(Fraction(float(value)), form)


def test_the_number_line_of_float16_is_that_of_its_bits():
    pattern = EVERY.view(np.int16).astype(np.int64)
    place = np.where(pattern < 0, -(pattern & 0x7FFF), pattern)[~np.isnan(EVERY.view(np.float16))]
    assert np.array_equal(float16.ordinal(HALVES), place)
    assert np.array_equal(float16.from_ordinal(place), HALVES)


@pytest.mark.parametrize("form", FORMATS.values(), ids=str)
def test_the_number_line_is_walked_without_gaps(form, rng):
    end = int(form.ordinal(np.inf))
    places = np.concatenate([rng.integers(-end, end, 5000), [0, 1, -1, end, -end, end - 1]])
    assert np.array_equal(form.ordinal(form.from_ordinal(places)), places)
    assert form.from_ordinal(1) == form.smallest
    assert form.from_ordinal(end - 1) == form.largest


def test_float64_neighbours_are_those_of_nextafter(rng):
    bits = rng.integers(0, 1 << 63, 20000, dtype=np.int64)
    values = bits.view(np.float64)
    values = values[np.isfinite(values)]
    up = float64.from_ordinal(float64.ordinal(values) + 1)
    assert np.array_equal(up, np.nextafter(values, np.inf))


def test_bits_of_error_count_float16_numbers(rng):
    computed, exact = rng.choice(HALVES, (2, 3000))
    between = np.abs(np.searchsorted(LINE, computed) - np.searchsorted(LINE, exact))
    assert np.array_equal(bits_of_error(computed, exact, np.float16), np.log2(1.0 + between))


@pytest.mark.parametrize(("form", "width"), [("float64", 64), ("float32", 32), ("bfloat16", 16)])
def test_a_nan_counts_as_all_bits(form, width):
    nan, inf = np.nan, np.inf
    found = bits_of_error([nan, 1, nan, inf, 0.0], [1, nan, nan, inf, -0.0], form)
    assert found.tolist() == [width, width, 0, 0, 0]
    assert bits_of_error([-inf], [inf], form) > width - 1


def test_infinity_is_the_float_beyond_the_largest():
    assert bits_of_error([np.inf], [float64.largest]) == 1
    assert ulps_of_error([np.inf], [float64.largest]) == 1
    assert ulps_of_error([np.inf], [np.inf]) == 0
    assert ulps_of_error([-np.inf], [np.inf], "float16") == 2**12


@pytest.mark.parametrize("form", [float16, bfloat16, float32], ids=str)
def test_ulps_of_error_are_exact_rational_distances(form, rng):
    high = rng.standard_normal(400) * 2.0 ** rng.integers(form.lowest - 8, form.highest - 2, 400)
    high[::4] = 2.0 ** rng.integers(form.lowest, form.highest - 2, 100)  # binades meet there
    low = high * rng.uniform(-1, 1, 400) * 2.0**-54
    end = int(form.ordinal(np.inf))
    places = np.clip(form.ordinal(form.round(high)) + rng.integers(-3, 4, 400), -end, end)
    computed = form.from_ordinal(places)
    found = ulps_of_error(computed, (high, low), form)
    for c, h, part, ulps in zip(computed, high, low, found, strict=True):
        truth = Fraction(float(h)) + Fraction(float(part))
        exponent = 1 - truth.denominator.bit_length() + truth.numerator.bit_length()
        while Fraction(2) ** exponent > abs(truth):
            exponent -= 1
        unit = Fraction(2) ** (max(exponent, form.lowest) - form.precision + 1)
        assert ulps == pytest.approx(float(abs(Fraction(float(c)) - truth) / unit), rel=1e-9)


def test_ulps_see_what_lies_beyond_the_nearest_float():
    points = {"x": np.array([3.0]), "y": np.array([7.0])}
    exact = exact_values("x/y", points)
    third = Fraction(3, 7) - Fraction(3 / 7)
    assert ulps_of_error([3 / 7], exact)[0] == pytest.approx(abs(float(third)) * 2**54, rel=1e-3)
    assert exact.residual[0] == pytest.approx(float(third), rel=1e-3)


def test_a_pair_is_rounded_once(rng):
    """Just beyond halfway between two numbers of float16, where float64 sees the middle itself."""
    odd = float16.from_ordinal(rng.integers(1, 30000, 200) | 1)
    up = float16.from_ordinal(float16.ordinal(odd) + 1)
    middle, little = (odd + up) / 2, np.full(200, 1e-30)
    assert not bits_of_error(up, (middle, little), float16).any()
    assert not bits_of_error(odd, (middle, -little), float16).any()
    assert np.all(bits_of_error(odd, (middle, little), float16) == 1)
    assert not bits_of_error(middle, (middle, little)).any()


def test_unknown_formats_and_mixed_formats_are_refused():
    with pytest.raises(UnsupportedError, match="float64, float32, float16, bfloat16"):
        format_of("float8")
    with pytest.raises(DataError, match="use one format"):
        bits_of_error([1.0], exact_values("x", {"x": [1.0]}), "float32")


@pytest.mark.parametrize("error_of", [bits_of_error, ulps_of_error])
@pytest.mark.parametrize(
    ("computed", "exact", "error"),
    [
        (["a"], [1], DataError),
        ([1j], [1], DataError),
        ([1], [1j], DataError),
        ([10**400], [1], DataError),
        ([1], [10**400], DataError),
        ([None], [1], DataError),
        ([1], (1, 2, 3), DataError),
        ([1, 2], [1, 2, 3], ShapeError),
        ([1], ([1, 2], [1, 2, 3]), ShapeError),
        ([[1], [1, 2]], [1], ShapeError),
    ],
)
def test_what_are_no_numbers_is_refused(error_of, computed, exact, error):
    with pytest.raises(error):
        error_of(computed, exact)
