"""Values at many points at once are those at each point."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

from numeric import evaluate
from numeric.batches import Batch
from numeric.binding import shape_of
from numeric.sampling import choose_sizes, sample_float
from symbolic import Derivative, matrix, parse, vector
from symbolic.errors import UnsupportedError
from symbolic.traverse import variables

GIVEN = {"A": "n n", "S": "n n: spd", "X": "n d", "x": "n", "y": "n", "w": "d", "s": "", "B": "d d"}
TEXTS = [
    "x @ A @ y + s",
    "trace(A @ S @ A.T)*s/n",
    "sum(exp(X @ w) * y)",
    "A[0, 1] - x[n - 1]",
    "sum(x[1:] * y[:-1])",
    "diag(x) @ A + eye(n) + outer(x, y)",
    "max(abs(x), axis=0) + min(A)",
    "softmax(X, axis=1) @ w + logsumexp(A, axis=0)",
    "softmax(A) + log_softmax(x)[0]",
    "norm(X, axis=0)",
    "prod(x) + mean(X)",
    "inv(S) @ x",
    "det(A) + logdet(S) + trace(inv(S))",
    "expm(A)",
    "spectral_norm(X)",
    "sum(eigvalsh(S)) + cholesky(S)[1, 0]",
    "where(x > 0, x, y**2) + relu(x) + step(y)",
    "tril(A) + kron(eye(1), A)",
    "ones(n)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_values_of_a_batch_are_those_of_single_points(text: str) -> None:
    e = parse(text, GIVEN)
    rng = np.random.default_rng(0)
    (sizes,) = choose_sizes([e], rng, 1)
    points = [sample_float(variables(e), sizes, rng) for _ in range(4)]
    stacked = {v: np.stack([point[v] for point in points], axis=-1) for v in variables(e)}
    (found,) = Batch([e], sizes)(stacked)
    for place, point in enumerate(points):
        single = evaluate(e, point, sizes)
        assert found[..., min(place, found.shape[-1] - 1)] == pytest.approx(single, rel=1e-10)
    assert found.shape[:-1] == shape_of(e.shape, sizes)


def test_a_point_without_value_leaves_the_others_theirs() -> None:
    e = parse("inv(A)[0, 0] + sum(svdvals(A))", {"A": "2 2"})
    (a,) = variables(e)
    stacked = np.stack([2 * np.eye(2), np.ones((2, 2)), np.full((2, 2), np.nan)], axis=-1)
    (found,) = Batch([e], {})({a: stacked})
    assert found[0] == pytest.approx(4.5)
    assert np.isnan(found[1:]).all()


def test_exponentials_of_many_matrices() -> None:
    matrices = np.random.default_rng(1).normal(size=(3, 3, 8)) * np.array([0.1, 1, 3, 9] * 2)
    a = matrix("a", 3, 3)
    (found,) = Batch([parse("expm(a)", {"a": "3 3"})], {})({a: matrices})
    for place in range(8):
        right = scipy.linalg.expm(matrices[..., place])
        assert found[..., place] == pytest.approx(right, rel=1e-9, abs=1e-9 * np.abs(right).max())
    (none,) = Batch([parse("expm(a)", {"a": "3 3"})], {})({a: matrices * 1e6})
    assert np.isnan(none).all()


def test_what_has_no_float_value_is_refused() -> None:
    x = vector("x", "n")
    with pytest.raises(UnsupportedError, match="Derivative"):
        Batch([Derivative(x @ x, x)], {x.shape[0]: 2})
    with pytest.raises(UnsupportedError, match="too slow"):
        Batch([parse("expm_frechet(a, b)", {"a": "2 2", "b": "2 2"})], {})
