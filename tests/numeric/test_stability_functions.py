"""The stable primitives as functions: shapes, formats, edges, exactness of the building blocks."""

from fractions import Fraction

import numpy as np
import pytest

from numeric import stability
from numeric.stability import Moments, primitives
from numeric.stability.activations import GELU_ZERO, MISH_ZERO, SILU_ZERO
from symbolic.errors import DataError, DomainError, ShapeError

POINT = {"x": -0.7, "y": 0.4, "p": 0.3, "q": 0.6, "n": 7.0, "k": 2.0}
REDUCTIONS = (
    "logsumexp", "entropy", "norm", "variance", "sum_compensated", "sum_pairwise", "mean",
)  # fmt: skip
PAIRED = ("kl_divergence", "cosine_similarity", "cosine_distance", "dot_compensated")
SCALAR = [name for name, each in primitives.items() if set(each.given.values()) == {""}]


def arguments_of(name, kind=np.float64):
    return [kind(POINT[each]) for each in primitives[name].given]


# --- formats and shapes --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("name", SCALAR)
def test_the_format_of_the_input_is_that_of_the_result(name, kind):
    function = primitives[name].function
    assert function(*arguments_of(name, kind)).dtype == kind
    arrays = [np.full((2, 3), each, dtype=kind) for each in arguments_of(name, kind)]
    found = function(*arrays)
    assert found.shape == (2, 3)
    assert found.dtype == kind
    assert np.all(found == function(*arguments_of(name, kind)))


@pytest.mark.parametrize("name", SCALAR)
def test_numbers_and_lists_and_empty_arrays_are_accepted(name):
    function = primitives[name].function
    numbers = arguments_of(name, float)
    assert np.ndim(function(*numbers)) == 0
    assert function(*[[each] for each in numbers]).shape == (1,)
    assert function(*[np.empty((0, 2)) for _ in numbers]).shape == (0, 2)


def test_a_python_number_does_not_widen_float32():
    assert stability.hypot(np.float32(3), 4.0).dtype == np.float32
    assert stability.xlogy(2, np.array([1.0], dtype=np.float32)).dtype == np.float32
    assert stability.sigmoid(np.array([1, 2])).dtype == np.float64
    assert stability.sigmoid(True).dtype == np.float64


@pytest.mark.parametrize("name", REDUCTIONS)
def test_one_axis_is_reduced_as_one_row_is(name, rng):
    function = getattr(stability, name)
    x = rng.uniform(0.1, 1, size=(3, 4, 5))
    for axis in (0, 1, 2, -1):
        found = function(x, axis=axis)
        rows = np.moveaxis(x, axis, -1)
        assert found.shape == rows.shape[:-1]
        assert found[1, 2] == function(rows[1, 2])
    assert function(x, axis=None) == function(x.reshape(-1))


@pytest.mark.parametrize("name", PAIRED)
def test_one_axis_of_two_arrays_is_reduced(name, rng):
    function = getattr(stability, name)
    x, y = rng.uniform(0.1, 1, size=(2, 3, 4))
    assert function(x, y).shape == (3,)
    assert function(x, y)[1] == function(x[1], y[1])
    assert function(x, y, axis=0)[2] == function(x[:, 2], y[:, 2])
    assert function(x, y[0]).tolist() == function(x, np.tile(y[0], (3, 1))).tolist()


@pytest.mark.parametrize("function", [stability.softmax, stability.log_softmax])
def test_softmax_keeps_the_shape(function, rng):
    x = rng.normal(size=(3, 4))
    assert np.array_equal(function(x, axis=0)[:, 1], function(x[:, 1]))
    assert function(x, axis=None).shape == (3, 4)
    assert function(x.astype(np.float32)).dtype == np.float32
    assert function(np.empty((3, 0))).shape == (3, 0)


def test_logdet_takes_a_stack_of_matrices(rng):
    a = rng.normal(size=(5, 3, 3))
    a = a @ np.swapaxes(a, -1, -2) + np.eye(3)
    assert stability.logdet(a).shape == (5,)
    assert stability.logdet(a) == pytest.approx(np.linalg.slogdet(a)[1], rel=1e-12)
    assert stability.logdet(a[0].astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: stability.sigmoid(1j), DataError, "give float64 or float32"),
        (lambda: stability.sigmoid("1"), DataError, "dtype"),
        (lambda: stability.sigmoid(np.longdouble(1)), DataError, "dtype"),
        (lambda: stability.hypot([1, 2], [1, 2, 3]), ShapeError, "broadcast"),
        (lambda: stability.norm([1.0, 2.0], axis=1), ShapeError, "axis=1: an array of 1 axes"),
        (lambda: stability.logdet([1.0, 2.0]), ShapeError, "square"),
        (lambda: stability.logdet([[1.0, 2.0], [2.0, 1.0]]), DomainError, "positive definite"),
        (lambda: Moments().update([1.0, 2.0]).update(3.0), ShapeError, "one shape"),
        (lambda: Moments().update([1.0]).merge(Moments().update(3.0)), ShapeError, "one shape"),
    ],
)
def test_bad_input_is_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()


# --- beyond the measured domains -----------------------------------------------------------------

TINY = 5e-324


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (stability.logit(TINY), -744.4400719213812),
        (stability.bernoulli_entropy(TINY), 3.68e-321),
        (stability.bernoulli_kl(TINY, 0.5), 0.6931471805599453),
        (stability.bernoulli_kl(0.5, TINY), 371.52688878013073),
        (stability.bernoulli_kl(1.0, 0.25), 1.3862943611198906),
        (stability.kl_divergence([1.0, 0.0], [TINY, 1.0]), 744.4400719213812),
        (stability.log1mexp(-TINY), -744.4400719213812),
        (stability.softmax([1e308, -1e308]), [1.0, 0.0]),
        (stability.logsumexp([1e308, -1e308]), 1e308),
        (stability.log_softmax([0.0, -1e308]), [0.0, -1e308]),
        (stability.norm([1.5e308, 0.0]), 1.5e308),
        (stability.norm([TINY, 0.0]), TINY),
        (stability.hypot(TINY, 0.0), TINY),
        (stability.variance([1e200, -1e200]), np.inf),
        (stability.variance([1e150, -1e150]), 1e300),
        (stability.variance([1.7e308, 1.7e308]), 0.0),
        (stability.variance([1.0, 2.0, 4.0], ddof=1), 7 / 3),
        (stability.variance([1.0], ddof=1), np.nan),
        (stability.cosine_similarity([TINY, 0.0], [1e308, 0.0]), 1.0),
        (stability.cosine_distance([1e308, 0.0], [-TINY, 0.0]), 2.0),
        (stability.log_binomial(np.inf, 3.0), np.inf),
        (stability.log_binomial(1e300, 1.0), 690.7755278982137),
        (stability.mean([1.7e308] * 5), 1.7e308),
        (stability.sum_compensated([np.inf, -np.inf]), np.nan),
        (stability.sum_compensated([1e308, 1e308]), np.inf),
        (stability.sum_pairwise(np.full(10, 0.1)), 1.0),
        (stability.gelu(-1e300), 0.0),
        (stability.silu(1e308), 1e308),
        (stability.mish(np.nan), np.nan),
    ],
)
def test_values_at_the_ends_of_the_format(found, expected):
    assert found == pytest.approx(expected, rel=4e-16, abs=0, nan_ok=True)


@pytest.mark.parametrize("name", SCALAR)
def test_nan_stays_nan(name):
    arguments = [np.nan for _ in primitives[name].given]
    assert np.isnan(primitives[name].function(*arguments))
    for derivative in primitives[name].derivatives:
        assert np.isnan(derivative.function(*arguments))


@pytest.mark.parametrize("name", ["logit", "log1mexp", "log1pmx", "bernoulli_kl", "log_binomial"])
def test_the_derivative_has_no_value_where_the_function_has_none(name):
    outside = {"p": -0.5, "q": 0.5, "x": 1.5, "n": 2.0, "k": 3.0}
    if name == "log1pmx":
        outside["x"] = -1.5
    arguments = [outside[each] for each in primitives[name].given]
    assert np.isnan(primitives[name].function(*arguments))
    for derivative in primitives[name].derivatives:
        assert np.isnan(derivative.function(*arguments))


@pytest.mark.parametrize(
    ("zero", "name"), [(GELU_ZERO, "gelu"), (SILU_ZERO, "silu"), (MISH_ZERO, "mish")]
)
def test_slopes_change_sign_at_their_zeros(zero, name):
    slope = primitives[name].derivative
    below, above = np.nextafter(zero[0], -2), np.nextafter(zero[0], 0)
    assert slope(below) < 0 < slope(above)
    assert np.sign(slope(zero[0])) == -np.sign(zero[1])
    assert abs(slope(zero[0])) < 1e-16


@pytest.mark.parametrize("name", ["gelu", "silu", "mish"])
def test_pieces_meet(name):
    """Around every point where a formula takes over, neighbours differ by their slope only."""
    function, slope = primitives[name].function, primitives[name].derivative
    x = np.linspace(-3, 1, 100_001)
    steps = np.diff(function(x)) / np.diff(x)
    assert np.max(np.abs(steps - slope((x[1:] + x[:-1]) / 2))) < 1e-9
    assert np.max(np.abs(np.diff(slope(x)))) < 1e-4


# --- building blocks -----------------------------------------------------------------------------


def test_two_sum_and_two_product_are_exact(rng):
    a, b = rng.normal(size=(2, 500)) * 2.0 ** rng.integers(-200, 200, size=(2, 500))
    sums, products = stability.two_sum(a, b), stability.two_product(a, b)
    for k in range(500):
        x, y = Fraction(a[k]), Fraction(b[k])
        assert Fraction(sums[0][k]) + Fraction(sums[1][k]) == x + y
        assert Fraction(products[0][k]) + Fraction(products[1][k]) == x * y
    assert np.any(sums[1] != 0)
    assert np.any(products[1] != 0)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 101])
def test_sums_of_every_length_are_rounded_once(size, rng):
    x = rng.normal(size=size) * 2.0 ** rng.integers(-30, 30, size=size)
    y = rng.normal(size=size)
    exact = sum(map(Fraction, x))
    product = sum(Fraction(a) * Fraction(b) for a, b in zip(x, y, strict=True))
    assert stability.sum_compensated(x) == float(exact)
    assert stability.dot_compensated(x, y) == float(product)
    assert stability.mean(x) == pytest.approx(float(exact / size), rel=3e-16)
    assert stability.sum_pairwise(np.abs(x)) == pytest.approx(np.abs(x).sum(), rel=1e-14)


def test_a_sum_of_mixed_rows_is_scaled_row_by_row():
    x = np.array([[1e308, 1e308, -1e308], [1e-308, 2e-308, 3e-308]])
    assert stability.sum_compensated(x, axis=1) == pytest.approx([1e308, 6e-308], rel=1e-15)


# --- moments -------------------------------------------------------------------------------------


def streamed(x):
    moments = Moments()
    for each in x:
        moments = moments.update(each)
    return moments


def test_merged_streams_are_one_stream(rng):
    x = rng.normal(size=(60, 3)) + 1e6
    whole, merged = streamed(x), streamed(x[:13]).merge(streamed(x[13:]))
    assert merged.count == whole.count == 60
    assert merged.mean == pytest.approx(whole.mean, rel=1e-15)
    assert merged.variance() == pytest.approx(whole.variance(), rel=1e-9)
    assert merged.variance(ddof=1) == pytest.approx(np.var(x, axis=0, ddof=1), rel=1e-9)
    assert whole.variance() == pytest.approx(stability.variance(x, axis=0), rel=1e-9)


def test_an_empty_stream_changes_nothing():
    some = Moments().update(1.0).update(3.0)
    assert some.merge(Moments()) is some
    assert Moments().merge(some) is some
    assert some.variance() == 1.0
    assert np.isnan(Moments().variance())
    assert np.isnan(Moments().update(1.0).variance(ddof=1))


def test_merging_does_better_than_sums_of_squares(rng):
    x = rng.normal(size=400) + 1e8
    exact = stability.variance(x)
    merged = streamed(x[:100]).merge(streamed(x[100:])).variance()
    naive = np.mean(x * x) - np.mean(x) ** 2
    assert abs(merged / exact - 1) < 1e-8
    assert abs(naive / exact - 1) > 1e-2


# --- identities ----------------------------------------------------------------------------------


def test_softmax_and_logsumexp_belong_together(rng):
    x = rng.normal(size=(20, 5)) * 30
    assert np.exp(stability.log_softmax(x)) == pytest.approx(stability.softmax(x), rel=1e-13)
    assert stability.softmax(x).sum(axis=-1) == pytest.approx(np.ones(20), rel=1e-15)
    direct = x - stability.logsumexp(x, axis=-1)[:, None]
    assert stability.log_softmax(x) == pytest.approx(direct, abs=1e-13)


def test_two_classes_are_a_coin(rng):
    p, q = rng.uniform(0.01, 0.99, size=(2, 30))
    pairs = [np.stack([each, 1 - each], axis=-1) for each in (p, q)]
    assert stability.bernoulli_kl(p, q) == pytest.approx(stability.kl_divergence(*pairs), rel=1e-12)
    assert stability.bernoulli_entropy(p) == pytest.approx(stability.entropy(pairs[0]), rel=1e-12)
    assert stability.sigmoid(stability.logit(p)) == pytest.approx(p, rel=1e-14)


def test_divergences_are_never_negative(rng):
    p = rng.uniform(size=2000)
    q = p * (1 + 1e-9 * rng.normal(size=2000))
    inside = q < 1
    assert np.all(stability.bernoulli_kl(p[inside], q[inside]) >= 0)
    assert np.all(stability.kl_divergence(p[:, None], q[:, None]) >= 0)
    assert np.all(stability.bernoulli_kl(p, p) == 0)


def test_a_binomial_coefficient_is_symmetric_and_counts():
    n = np.arange(2.0, 60)
    assert np.exp(stability.log_binomial(n, 2)) == pytest.approx(n * (n - 1) / 2, rel=1e-13)
    k = np.arange(1000, 1000000, 9973.0)
    assert np.array_equal(stability.log_binomial(1e6, k), stability.log_binomial(1e6, 1e6 - k))
