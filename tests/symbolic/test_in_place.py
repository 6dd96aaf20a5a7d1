"""Operations in place, masks from relu, rows added by a product; and where each has to stay away."""

import numpy as np
import pytest

import symbolic as s
from symbolic.code.in_place import in_place
from symbolic.code.relu_masks import masks_from_relu
from symbolic.operations import exp, relu, step
from symbolic.structured.along_axis import ALONG_AXIS
from symbolic.variables import dims, matrix, named, vector

GIVEN = {"X": "n d", "W": "d k", "b": "k", "V": "k m", "c": "m", "y": "n", "Y": "n m: onehot"}
NETWORK = "-mean(sum(Y*log_softmax(relu(X @ W + b) @ V + c, axis=1), axis=1))"


def lines_of(text, *by):
    loss = s.parse(text, GIVEN)
    return s.lambdify((loss, *s.gradient(loss, list(by))) if by else loss).source


def data_for(names, rng, n=7, dtype=float):
    sizes = {"n": n, "d": 3, "k": 4, "m": 2}
    found = {}
    for name in names:
        shape = [sizes[letter] for letter in GIVEN[name].partition(":")[0].split()]
        found[name] = rng.normal(size=shape).astype(dtype)
    if "Y" in found:
        found["Y"] = np.eye(2, dtype=dtype)[rng.integers(2, size=n)]
    return found


# --- statements ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "steps"),
    [
        ("P.dot(Q) + b", ["t = P.dot(Q)", "t += b"]),
        ("b + P.dot(Q)", ["t = P.dot(Q)", "t += b"]),
        ("u[:, None] - P.dot(Q)", ["t = P.dot(Q)", "np.subtract(u[:, None], t, out=t)"]),
        ("A * (P.dot(Q) - u[:, None])", ["t = P.dot(Q)", "t -= u[:, None]", "t *= A"]),
        ("np.maximum(P.dot(Q), 0.0)", ["t = P.dot(Q)", "np.maximum(t, 0.0, out=t)"]),
    ],
)
def test_a_product_takes_up_what_is_done_to_it(value, steps):
    assert ["".join(step) for step in in_place("t", value, {"P.dot(Q)"}, {"b"})] == steps


@pytest.mark.parametrize(
    "value",
    [
        "P.dot(Q)",
        "P.dot(Q) + A",  # of one shape: NumPy does the same
        "P.dot(Q) * (A > 0)",
        "P.dot(R) + b",  # a product of another shape
        "P.dot(Q).T + b",
        "-P.dot(Q) + b",
        "softmax(P.dot(Q) + b, axis=1)",
        "np.where(P.dot(Q) + b, A, B)",
        "np.maximum(P.dot(Q) + b, A)",
        "np.exp((P.dot(Q) + b) * u[:, None])",  # four statements
    ],
)
def test_one_statement_is_left_where_it_saves_as_much(value):
    assert in_place("t", value, {"P.dot(Q)"}, {"b"}) == []


def test_vectors_are_left_in_one_expression():
    assert "t1 = np.maximum(y.dot(X), 0.0)" in lines_of("sum(relu(X.T @ y)**2)", "X")
    assert "np.maximum(t1, 0.0, out=t1)" in lines_of("sum(relu(X @ W)**2)", "W")


def test_a_layer_is_written_in_place():
    source = lines_of(NETWORK, "W", "b", "V", "c")
    assert (
        "    t1 = X.dot(W)\n"
        "    t1 += b\n"
        "    np.maximum(t1, 0.0, out=t1)  # relu(X @ W + b), shape (n, k)\n"
    ) in source
    assert "* (t1 > 0" in source


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_arguments_and_results_keep_their_values(rng, dtype):
    loss = s.parse(NETWORK, GIVEN)
    wanted = [s.parse(text, GIVEN) for text in ("X @ W + b", "relu(X @ W + b)", "tanh(X @ W + b)")]
    f = s.lambdify((loss, *s.gradient(loss, ["W", "b", "V", "c", "X"]), *wanted))
    data = data_for(f.args, rng, dtype=dtype)
    before = {name: value.copy() for name, value in data.items()}
    first, again = f(**data), f(**data)
    for name, value in data.items():
        np.testing.assert_array_equal(value, before[name])
    z = before["X"] @ before["W"] + before["b"]
    for found, right in zip(first[-3:], (z, np.maximum(z, 0), np.tanh(z)), strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-6 if dtype is np.float32 else 1e-14)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
        assert np.asarray(one).dtype == dtype
    for place, one in enumerate(first[1:]):
        assert not any(np.shares_memory(one, other) for other in first[place + 2 :])


# --- the slope of relu ---------------------------------------------------------------------------


def test_masks_are_those_of_relu_only_where_nothing_else_reads_its_argument():
    n, d = dims("n d")
    X, w = matrix("X", n, d), vector("w", d)
    z = X @ w
    assert masks_from_relu([relu(z), step(z)]) == [relu(z), step(relu(z))]
    for outputs in (
        [step(z)],
        [relu(z), step(z), exp(z)],
        [relu(z), step(z), z],
        [relu(w), step(w)],
        [relu(kept := named("z", z)), step(kept)],
    ):
        assert masks_from_relu(outputs) == outputs


def test_masks_of_one_layer_inside_another():
    n, d = dims("n d")
    X, w = matrix("X", n, d), vector("w", d)
    z = X @ w
    inner = step(z) * relu(z)
    found = masks_from_relu([relu(exp(inner)), step(exp(inner))])
    again = exp(step(relu(z)) * relu(z))
    assert found == [relu(again), step(relu(again))]


def test_the_slope_of_relu_at_special_values():
    loss = s.parse("sum(relu(X @ W + b))", GIVEN)
    f = s.lambdify((loss, s.gradient(loss, "b")), check=False)
    b = np.array([0.0, -0.0, 1.0, np.nan])
    value, slope = f(X=np.zeros((2, 3)), W=np.zeros((3, 4)), b=b)
    assert np.isnan(value)
    np.testing.assert_array_equal(slope, [0.0, 0.0, 2.0, np.nan])


# --- rows added by a product ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_product"),
    [
        ("sum(exp(X), axis=0)", True),
        ("mean(X, axis=0)", True),
        ("sum(exp(X), axis=1)", False),
        ("sum(exp(X))", False),
        ("sum(exp(y))", False),
        ("sum(exp(T), axis=0)", False),
    ],
)
def test_the_rows_of_a_matrix_are_added_by_a_product(text, is_product):
    source = s.lambdify(s.parse(text, GIVEN | {"T": "n d k"})).source
    assert ("ones.dot(" in source) == is_product
    assert (".sum(" in source) != is_product


def test_sums_of_rows_share_their_ones():
    assert lines_of(NETWORK, "W", "b", "V", "c").count(" = np.ones(t") == 1
    both = s.lambdify(
        (s.parse("sum(exp(X), axis=0)", GIVEN), s.parse("sum(sin(V), axis=0)", GIVEN))
    )
    assert both.source.count(" = np.ones(") == 2


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [0, 1, 5, 3000])
def test_sums_of_rows_of_all_layouts(rng, n, dtype):
    f = s.lambdify(s.parse("sum(X, axis=0)", GIVEN))
    x = rng.normal(size=(n, 3)).astype(dtype)
    wide = np.zeros((2 * n, 7), dtype)
    wide[::2, 1:7:2] = x
    right = x.astype(float).sum(axis=0)
    for layout in (x, np.asfortranarray(x), wide[::2, 1:7:2]):
        found = f(layout)
        assert found.dtype == dtype
        np.testing.assert_allclose(
            found, right, rtol=0, atol=1e-3 if dtype is np.float32 else 1e-12
        )


def test_sums_of_rows_pass_infinities_and_nan_on():
    f = s.lambdify(s.parse("sum(X, axis=0)", GIVEN), check=False)
    x = np.ones((5, 3))
    x[2] = [np.inf, np.nan, -np.inf]
    np.testing.assert_array_equal(f(x), [np.inf, np.nan, -np.inf])


# --- softmax -------------------------------------------------------------------------------------


def _table(name):
    space = {"np": np}
    exec(ALONG_AXIS[name].numpy, space)
    return space[name]


@pytest.mark.parametrize("columns", [3, 100])
def test_logarithms_of_leading_classes_keep_their_digits(columns):
    x = np.full((4, columns), -1000.0)
    x[:, 0] = 0.0
    x[0, 1], x[1, 1], x[2, 1], x[3, 1] = -40.0, 0.0, 1e-300, -0.6
    leading = [-np.exp(-40.0), -np.log(2.0), -np.log(2.0), -np.log1p(np.exp(-0.6))]
    for found in (
        _table("log_softmax")(x, axis=1)[:, 0],
        _table("log_softmax")(x.T.copy(), axis=0)[0],
        [_table("log_softmax")(row)[0] for row in x],
        -_table("logsumexp")(x, axis=1),
    ):
        np.testing.assert_allclose(found, leading, rtol=4e-16)
