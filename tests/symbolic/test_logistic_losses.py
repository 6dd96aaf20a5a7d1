"""softplus(z) - y*z in its spellings, and what is computed together with sigmoid(z)."""

import itertools
import warnings
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import symbolic as s
from symbolic.code.compilation import lambdify
from symbolic.traverse import variables
from tests.symbolic.numpy_oracle import assert_close, data_for, evaluate

n, m = s.dims("n m")
z, y, v = s.vector("z", n), s.vector("y", n, domain="unit"), s.vector("v", n)
Z, Y = s.matrix("Z", n, m), s.matrix("Y", n, m, domain="unit")
SIZES = {"n": 4, "m": 3}


def check(*expressions, sizes=SIZES):
    """The source of expressions computed together, their values compared with the oracle."""
    arguments = tuple(dict.fromkeys(itertools.chain(*(variables(e) for e in expressions))))
    f = lambdify(expressions, arguments=arguments)
    data = data_for(expressions, np.random.default_rng(5), sizes)
    for each in arguments:
        if each.domain == "onehot":
            data[each.name] = np.eye(*data[each.name].shape)[::-1]
            data[each.name][data[each.name].sum(axis=1) == 0, 0] = 1
    for factor in (1, 8):
        given = {name: value * (factor if name in "zZ" else 1) for name, value in data.items()}
        for found, each in zip(f(**given), expressions, strict=True):
            assert_close(found, evaluate(each, given, sizes), f"{each}\n{f.source}")
    return f.source


SAME = {
    "difference": s.sum(s.softplus(z) - y * z),
    "mean": s.mean(s.softplus(z) - y * z),
    "negative": 3 - 2 * s.sum(y * z - s.softplus(z)),
    "cross-entropy": -s.mean(y * s.log(s.sigmoid(z)) + (1 - y) * s.log(1 - s.sigmoid(z))),
    "softplus of both signs": s.sum(y * s.softplus(-z) + (1 - y) * s.softplus(z)),
    "other order": s.sum((1 - y) * s.softplus(z) + s.softplus(-z) * y),
    "named logits": s.sum(s.softplus(s.named("t", z * v)) - y * s.named("t", z * v)),
    "matrix": s.sum(s.softplus(Z) - Y * Z),
    "doubled": s.sum(2 * s.softplus(z) - 2 * y * z),
}


@pytest.mark.parametrize("name", SAME)
def test_a_loss_and_its_gradient_take_one_exponential(name):
    loss = SAME[name]
    logits = Z if name == "matrix" else z
    source = check(loss, s.gradient(loss, logits))
    assert "logistic_loss_and_slope(" in source, source
    assert "def logistic_loss(" not in source, source
    if name != "named logits":
        assert "logistic_loss_and_sigmoid(" in check(loss, s.sigmoid(logits) * logits)
    assert "logistic_loss(" in check(loss)


OTHERS = {
    "labels of another": s.sum(s.softplus(z) - y * v),
    "plus": s.sum(s.softplus(z) + y * z),
    "factor inside": s.sum(s.softplus(z) - y * (2 * z)) * 2,
    "factors differ": s.sum(2 * s.softplus(z) - y * z),
    "rest of another": s.sum(y * s.softplus(-z) + (1 - v) * s.softplus(z)),
    "same sign": s.sum(y * s.softplus(z) + (1 - y) * s.softplus(z)),
    "two of y": s.sum(y * s.softplus(-z) + (2 - y) * s.softplus(z)),
    "weighted": s.sum(v * (s.softplus(z) - y * z)),
    "number of labels": s.sum(s.softplus(z) - 0.25 * z),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_sum_of_losses_keeps_its_value(name):
    loss = OTHERS[name]
    source = check(loss, s.gradient(loss, z))
    assert "logistic_loss_and_" not in source, source


def test_a_loss_that_is_read_again_stays_itself():
    losses = s.softplus(z) - y * z
    for more in (losses, s.max(losses), s.sum(losses * losses), s.softplus(z), s.sigmoid(-z)):
        assert "logistic_loss_and_" not in check(s.sum(losses), s.sigmoid(z), more)
    curvature = s.hessian(s.sum(losses), z)
    assert check(s.sum(losses), s.sigmoid(z), curvature).count("np.exp(-np.abs(") == 1


def test_softplus_and_sigmoid_are_computed_together():
    source = check(s.softplus(z), s.sigmoid(z) * v)
    assert "softplus_and_sigmoid(z)" in source, source
    assert "softplus_and_sigmoid(" not in check(s.softplus(z), s.sigmoid(v))
    assert "softplus_and_sigmoid(" not in check(s.softplus(z) - v, s.sigmoid(z))  # may cancel
    scalar = s.scalar("c")
    assert "softplus_and_sigmoid(" not in check(s.softplus(scalar), s.sigmoid(scalar))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("labels", ["binary", "soft", "sure", "nearly sure"])
@pytest.mark.parametrize("name", ["difference", "softplus of both signs"])
def test_losses_keep_their_digits_at_every_scale(name, labels, dtype):
    loss = SAME[name]
    f = lambdify((loss, s.gradient(loss, z)), arguments=[z, y])
    alone = lambdify(loss, arguments=[z, y])
    rng = np.random.default_rng(7)
    for size, scale in itertools.product((1, 3, 400), (1e-6, 1, 5, 30, 300, 1e5)):
        logits = (scale * rng.normal(size=size)).astype(dtype)
        target = rng.integers(0, 2, size) if labels == "binary" else rng.uniform(size=size)
        if "sure" in labels:
            target = np.abs((logits > 0) - (1e-6 if "nearly" in labels else 0.0))
        target = target.astype(dtype)
        with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise"):
            warnings.simplefilter("error")
            found = f(logits, target)[0], alone(logits, target)
        with mpmath.workdps(500):
            terms = [_loss(*each) for each in zip(logits, target, strict=True)]
            true = mpmath.fsum(terms)
            bound = 40 * np.finfo(dtype).eps * true + np.finfo(dtype).smallest_normal
            for value in found:
                assert value.dtype == dtype
                assert abs(_exact(value) - true) <= bound, (size, scale, value, true)


@pytest.mark.parametrize("z_value", [-700.0, -40.0, -20.0, 20.0, 40.0, 700.0])
def test_the_slope_of_confident_examples_keeps_its_digits(z_value):
    f = lambdify((SAME["difference"], s.gradient(SAME["difference"], z)), arguments=[z, y])
    for label in (0.0, 1.0, 0.25):
        _, slope = f(np.full(3, z_value), np.full(3, label))
        with mpmath.workdps(500):
            true = 1 / (1 + mpmath.exp(-_exact(z_value))) - _exact(label)
        sure = label == (z_value > 0)
        np.testing.assert_allclose(slope, float(true), rtol=1e-15 if sure else 1e-14)


def _exact(value):
    whole = Fraction(float(value))
    return mpmath.mpf(whole.numerator) / whole.denominator


def _loss(logit, label):
    t, y = _exact(logit), _exact(label)
    return y * mpmath.log1p(mpmath.exp(-t)) + (1 - y) * mpmath.log1p(mpmath.exp(t))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_helpers_pass_on_what_is_not_finite(bad):
    f = lambdify((SAME["difference"], s.sigmoid(z)), arguments=[z, y], check=False)
    with np.errstate(invalid="ignore"):
        value, slope = f(np.array([0.5, bad, 1.0]), np.array([1.0, 1.0, 0.0]))
    assert not np.isfinite(value)
    assert np.isnan(slope[1]) if np.isnan(bad) else slope[1] == (bad > 0)


def test_the_helpers_take_half_precision_and_no_entries():
    f = lambdify((SAME["difference"], s.sigmoid(z)), arguments=[z, y]).unchecked
    half = np.array([-60.0, 0.0, 20.0, 60.0], np.float16)
    value, slope = f(half, np.array([0, 1, 1, 1], np.float16))
    np.testing.assert_allclose(value, np.log(2), rtol=2e-3)
    np.testing.assert_allclose(slope, [0, 0.5, 1, 1], rtol=2e-3, atol=1e-7)
    value, slope = f(np.zeros(0), np.zeros(0))
    assert value == 0
    assert slope.shape == (0,)


# --- softmax ---


n, k = s.dims("n k")
LOGITS, ONE_HOT = s.matrix("Z", n, k), s.matrix("Y", n, k, domain="onehot")


def cross_entropy(labels):
    return -s.mean(s.sum(labels * s.log_softmax(LOGITS, axis=1), axis=1))


@pytest.mark.parametrize("domain", ["onehot", "prob"])
def test_a_cross_entropy_and_its_gradient_take_one_exponential(domain):
    loss = cross_entropy(s.matrix("Y", n, k, domain=domain))
    source = check(loss, s.gradient(loss, LOGITS), sizes={"n": 4, "k": 3})
    assert "likelihood_and_softmax(Z, Y)" in source, source


def test_other_uses_of_log_softmax_stay_apart():
    sizes = {"n": 4, "k": 3}
    soft = s.softmax(LOGITS, axis=1)
    for labels in (s.matrix("Y", n, k), s.matrix("Y", n, k, domain="nonnegative")):
        found = check(cross_entropy(labels), soft, sizes=sizes)
        assert "likelihood_and_softmax(" not in found, found
    more = s.log_softmax(LOGITS, axis=1)
    for other in (more, s.max(more), s.sum(more * more)):
        found = check(cross_entropy(ONE_HOT), soft, other, sizes=sizes)
        assert "likelihood_and_softmax(" not in found, found
    down = -s.sum(ONE_HOT * s.log_softmax(LOGITS, axis=0))
    assert "likelihood_and_softmax(" not in check(down, s.softmax(LOGITS, axis=0), sizes=sizes)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("labels", ["sure", "wrong", "any"])
def test_cross_entropies_keep_their_digits_at_every_scale(labels, dtype):
    loss = cross_entropy(ONE_HOT)
    f = lambdify((loss, s.gradient(loss, LOGITS)), arguments=[LOGITS, ONE_HOT])
    rng = np.random.default_rng(11)
    for rows, scale, shift in itertools.product((1, 30), (1e-6, 1, 5, 30, 300, 1e5), (0, 60, -1e4)):
        logits = (scale * rng.normal(size=(rows, 4)) + shift).astype(dtype)
        chosen = {"sure": logits.argmax(1), "wrong": logits.argmin(1)}.get(labels)
        chosen = rng.integers(0, 4, rows) if chosen is None else chosen
        with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise"):
            warnings.simplefilter("error")
            value, slope = f(logits, np.eye(4, dtype=dtype)[chosen])
        with mpmath.workdps(500):
            terms = [_softmax_loss(row, one) for row, one in zip(logits, chosen, strict=True)]
            true = mpmath.fsum(terms) / rows
            bound = 60 * np.finfo(dtype).eps * true + np.finfo(dtype).smallest_normal
            assert value.dtype == slope.dtype == dtype
            assert abs(_exact(value) - true) <= bound, (rows, scale, shift, value, true)
            p = np.exp(logits - logits.max(1, keepdims=True), dtype=np.longdouble)
            p /= p.sum(1, keepdims=True)
        expected = (p - np.eye(4)[chosen]) / rows
        np.testing.assert_allclose(slope, expected, rtol=0, atol=8 * np.finfo(dtype).eps)


def _softmax_loss(row, chosen):
    others = [_exact(entry) - _exact(row[chosen]) for k, entry in enumerate(row) if k != chosen]
    return mpmath.log1p(mpmath.fsum(mpmath.exp(each) for each in others))
