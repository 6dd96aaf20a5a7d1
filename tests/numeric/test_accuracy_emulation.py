"""Emulated arrays: each operation rounded once, against fractions and NumPy's float16."""

from fractions import Fraction

import numpy as np
import pytest

from numeric.accuracy import RoundedArray, bfloat16, exact_values, float16, float32
from tests.numeric.test_accuracy_errors import nearest

FORMS = [float16, bfloat16, float32]


def some(rng, form, shape=(60,), spread=6):
    return RoundedArray(
        rng.standard_normal(shape) * 2.0 ** rng.integers(-spread, spread, shape), form
    )


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_arithmetic_is_correctly_rounded(form, rng):
    spread = -form.lowest - 1  # subnormal results and overflow too
    x, y = some(rng, form, spread=spread), some(rng, form, spread=spread)
    with np.errstate(over="ignore"):
        results = {"+": x + y, "-": x - y, "*": x * y, "/": x / y}
    for k in range(60):
        a, b = Fraction(float(x.values[k])), Fraction(float(y.values[k]))
        for symbol, truth in {"+": a + b, "-": a - b, "*": a * b, "/": a / b}.items():
            assert results[symbol].values[k] == nearest(truth, form), (symbol, a, b)


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "tanh", "log1p"])
def test_functions_of_all_positive_float16_numbers_are_correctly_rounded(name):
    halves = float16.from_ordinal(np.arange(1, float16.ordinal(np.inf)))
    with np.errstate(over="ignore"):
        found = getattr(np, name)(RoundedArray(halves, float16)).values
    exact = exact_values(f"{name}(x)", {"x": halves}, float16)
    assert exact.decided.all()
    assert np.array_equal(found, exact.rounded)


def test_every_partial_sum_is_rounded():
    ones = RoundedArray(np.ones(3000), float16)
    assert float(ones.sum()) == 2048
    assert float(np.mean(ones)) == float16.round(2048 / 3000)
    assert np.cumsum(ones).values.max() == 2048
    assert float(np.dot(ones, ones)) == float(ones @ ones) == 2048
    assert float(np.prod(RoundedArray(np.full(20, 2.0), float16))) == np.inf


def test_reductions_have_the_shapes_of_numpy(rng):
    x = some(rng, bfloat16, (2, 3, 4))
    for axis in (None, 0, -1, (0, 2)):
        for keep in (False, True):
            plain = np.sum(x.values, axis=axis, keepdims=keep)
            found = np.sum(x, axis=axis, keepdims=keep)
            assert found.shape == plain.shape
            assert found.values == pytest.approx(plain, rel=0.2, abs=2.0)
    assert np.max(x, axis=1).values.tolist() == x.values.max(axis=1).tolist()
    assert np.sum(x, where=x > 0).values >= 0


def test_matrix_products_have_the_shapes_and_values_of_numpy(rng):
    matrix, vector = some(rng, float32, (3, 4)), some(rng, float32, (4,))
    for first, second in [
        (matrix, vector),
        (matrix, matrix.T),
        (vector, matrix.T),
        (vector, vector),
    ]:
        plain = first.values @ second.values
        found = first @ second
        assert found.shape == plain.shape
        assert np.allclose(found.values, plain, rtol=1e-5, atol=1e-3)


def test_variance_is_two_passes_of_rounded_steps():
    x = RoundedArray([1.0, 2.0, 4.0], bfloat16)
    mean = bfloat16.round(7 / 3)
    squares = bfloat16.round(bfloat16.round(x.values - mean) ** 2)
    total = bfloat16.round(bfloat16.round(squares[0] + squares[1]) + squares[2])
    assert float(np.var(x)) == bfloat16.round(total / 3)
    assert float(np.std(x, ddof=1)) == bfloat16.round(np.sqrt(bfloat16.round(total / 2)))


def test_constants_moves_and_assignments_stay_in_the_format(rng):
    x = some(rng, bfloat16, (4,))
    assert np.array_equal((x + 0.1).values, (x + bfloat16.round(0.1)).values)
    assert isinstance(np.where(x > 0, x, 0.1), RoundedArray)
    assert np.where(x > 9e9, x, 0.1).values.tolist() == [float(bfloat16.round(0.1))] * 4
    assert np.stack([x, x]).shape == (2, 4)
    x[0] = 0.1
    assert x.values[0] == bfloat16.round(0.1)
    x += 1
    assert isinstance(x, RoundedArray)
    assert (x > 0).dtype == bool


def test_it_never_becomes_a_plain_array_in_silence():
    with pytest.raises(TypeError, match="lose its rounding"):
        np.asarray(RoundedArray([1.0], float16))
