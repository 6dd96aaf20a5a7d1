"""Generated NumPy keeps the types of its data, does not change them, and is stable far out."""

import math

import numpy as np
import pytest

import symbolic as s
from symbolic.code.compilation import lambdify
from tests.symbolic.lambdify_examples import GIVEN, X, n, w
from tests.symbolic.numpy_oracle import data_for

v = s.vector("v", n)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (s.sigmoid(v), [0.0, 0.5, 1.0]),
        (s.softplus(v), [0.0, math.log(2), 1e4]),
        (s.log(1 + s.exp(v)), [0.0, math.log(2), 1e4]),
        (s.log1p(s.exp(v)), [0.0, math.log(2), 1e4]),
        (s.log(s.sigmoid(v)), [-1e4, -math.log(2), 0.0]),
        (s.log(1 - s.sigmoid(v)), [0.0, -math.log(2), -1e4]),
        (s.log(s.named("p", s.sigmoid(v))), [-1e4, -math.log(2), 0.0]),
        (s.log(1 - s.named("p", s.sigmoid(v))), [0.0, -math.log(2), -1e4]),
        (1 / (1 + s.exp(-v)), [0.0, 0.5, 1.0]),
        (s.log(s.softmax(v)), [-2e4, -1e4, 0.0]),
        (s.log(s.sum(s.exp(v))), 1e4),
        (s.logsumexp(v), 1e4),
        (s.softmax(v), [0.0, 0.0, 1.0]),
        (s.log_softmax(v), [-2e4, -1e4, 0.0]),
        (s.silu(v), [0.0, 0.0, 1e4]),
        (s.tanh(v), [-1.0, 0.0, 1.0]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_stable_at_ten_thousand(expression, wanted, dtype):
    data = np.array([-1e4, 0.0, 1e4], dtype=dtype)
    found = lambdify(expression)(data)
    np.testing.assert_allclose(found, wanted, rtol=1e-6 if dtype == np.float32 else 1e-15)


FLOATS = """
A @ diag(v) @ B/n
where(v > 0, 1, 0)
step(v)*v
exp(-c)*v
sqrt(d)*v
v*pi/3
D + c*eye(d)
eye(d)*c + 0*D
diag(v)*0
ones(n, d)*A
sigmoid(v) + relu(v)
softplus(v)
silu(v)
gelu(v)
mean(A)
logsumexp(A)
norm(A)
trace(D)*v
2**v
A/norm(A)
lgamma(p)
digamma(p)
trigamma(p)
polygamma(2, p)
hardmax(A, axis=1)
max(A) - min(v)*prod(v)
0.1*v + 2/3
maximum(v, 0)
where(c > 0, 1, 2)*v
""".strip().splitlines()


@pytest.mark.parametrize("text", FLOATS)
def test_float32_stays_float32(text, rng):
    expression = s.parse(text, GIVEN)
    data = {
        name: np.float32(value) if np.ndim(value) else value
        for name, value in data_for([expression], rng).items()
    }
    found = lambdify(expression)(**data)
    assert found.dtype == np.float32, lambdify(expression).source


def test_integers_and_booleans_become_float64():
    f = lambdify(s.mean(X @ w) / 2)
    result = f(np.arange(6).reshape(3, 2), np.array([True, False]))
    assert result.dtype == np.float64
    assert result == 1.0
    assert isinstance(result, float)


@pytest.mark.parametrize(
    "text", ["sum(v)", "c*2", "where(c > 0, c, 1)", "logsumexp(v)", "norm(v)", "sigmoid(c)"]
)
def test_scalars_come_back_as_numbers(text, rng):
    expression = s.parse(text, GIVEN)
    result = lambdify(expression)(**data_for([expression], rng))
    assert isinstance(result, float), type(result)


def test_data_are_not_changed_nor_returned_as_views(rng):
    D = rng.normal(size=(3, 3))
    before = D.copy()
    for text in ("D + c*eye(d)", "D.T", "D", "D - eye(d)", "diagonal(D)", "D[0]"):
        result = lambdify(s.parse(text, GIVEN))(**{"D": D, "c": 1.0} if "c*" in text else {"D": D})
        result[...] = 7
        assert np.array_equal(D, before)
