"""Slices, windows, padding, reshapes and triangles have NumPy's values, slopes, and bounds."""

import numpy as np
import pytest

import symbolic as ops
from numeric import choose_sizes, compare, enclose, evaluate, evaluate_exactly, sample
from numeric.brackets import mask
from symbolic import dims, matrix, tensor, vector
from symbolic.errors import ShapeError
from symbolic.nodes import Contraction, Derivative, Iverson
from symbolic.traverse import variables

n, m, d, k = dims("n m d k")
x, y, w = vector("x", n), vector("y", m), vector("w", k)
X, Y, W = matrix("X", n, d), matrix("Y", m, d), matrix("W", 2, 3)
T, C, F = tensor("T", 2, n, d), tensor("C", 2, n), tensor("F", 3, 2, k)
SIZES = {n: 6, m: 2, d: 5, k: 3}


def windows(a, size, stride=1, dilation=1, padding=0):
    """By explicit reading, along the last axis."""
    wide = np.concatenate([np.zeros((*a.shape[:-1], padding)), a,
                           np.zeros((*a.shape[:-1], padding))], -1)  # fmt: skip
    span = dilation * (size - 1) + 1
    starts = range(0, wide.shape[-1] - span + 1, stride)
    return np.stack([wide[..., s : s + span : dilation] for s in starts], -2)


def conv2d(a, kernel, stride=1, padding=0):
    p, q = kernel.shape
    wide = np.pad(a, padding)
    rows = range(0, wide.shape[0] - p + 1, stride)
    columns = range(0, wide.shape[1] - q + 1, stride)
    return np.array([[np.sum(wide[i : i + p, j : j + q] * kernel) for j in columns] for i in rows])


CASES = {
    "tail": (x[1:], lambda x: x[1:]),
    "inside": (x[2:5], lambda x: x[2:5]),
    "every second": (x[::2], lambda x: x[::2]),
    "backwards": (x[::-2], lambda x: x[::-2]),
    "differences": (x[1:] - x[:-1], np.diff),
    "one entry": (x[-2], lambda x: x[-2]),
    "row": (X[1], lambda X: X[1]),
    "column": (X[:, 2], lambda X: X[:, 2]),
    "block": (X[1:, :-2], lambda X: X[1:, :-2]),
    "new axis": (x[:, None] * x, lambda x: np.outer(x, x)),
    "middle": (T[..., 1:, 0], lambda T: T[..., 1:, 0]),
    "padded": (ops.pad(x, 1, 2), lambda x: np.pad(x, (1, 2))),
    "padded rows": (ops.pad(X, 2, 0, 0), lambda X: np.pad(X, ((2, 0), (0, 0)))),
    "joined": (ops.concatenate(X, Y), lambda X, Y: np.concatenate([X, Y])),
    "joined columns": (ops.concatenate(X, X, axis=1), lambda X: np.concatenate([X, X], 1)),
    "stacked": (ops.stack(x, 2 * x, axis=1), lambda x: np.stack([x, 2 * x], 1)),
    "flat": (ops.reshape(X, n * d), np.ravel),
    "split": (ops.reshape(ops.reshape(X, n * d), n, d), lambda X: X),
    "regrouped": (ops.reshape(T, 2 * n, d), lambda T: T.reshape(12, 5)),
    "vec": (ops.vec(X), lambda X: X.ravel("F")),
    "kron": (ops.kron(W, Y), np.kron),
    "kron of vectors": (ops.kron(x, y), np.kron),
    "tril": (ops.tril(X), np.tril),
    "triu": (ops.triu(X, 1), lambda X: np.triu(X, 1)),
    "mask": (ops.tril(ops.ones(n, n)) @ x, lambda x: np.tril(np.ones((6, 6))) @ x),
    "windows": (ops.windows(x, 3), lambda x: windows(x, 3)),
    "spread windows": (
        ops.windows(X, 2, 1, 2, 2, 1), lambda X: windows(X, 2, 2, 2, 1)
    ),
    "conv1d": (ops.conv1d(x, w), lambda x, w: windows(x, 3) @ w),
    "conv1d of channels": (
        ops.conv1d(C, F, padding=1),
        lambda C, F: np.einsum("cnk,ock->on", windows(C, 3, padding=1), F),
    ),
    "conv2d": (ops.conv2d(X, W, 2, 1), lambda X, W: conv2d(X, W, 2, 1)),
    "max pool": (ops.max_pool1d(x, 2), lambda x: x.reshape(3, 2).max(1)),
    "mean pool": (
        ops.avg_pool2d(X, 2, 1), lambda X: conv2d(X, np.full((2, 2), 0.25))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CASES))
def test_values_are_those_of_numpy(name, rng):
    expression, definition = CASES[name]
    values = sample(variables(expression), SIZES, rng)
    floats = {variable: array.astype(float) for variable, array in values.items()}
    expected = definition(*floats.values())
    found = evaluate(expression, floats, SIZES)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    balls = np.vectorize(float)(enclose(expression, values, SIZES))
    np.testing.assert_allclose(balls, expected, rtol=1e-12, atol=1e-12)
    exact = evaluate_exactly(expression, values, SIZES)
    np.testing.assert_allclose(exact.astype(float), expected, rtol=1e-12, atol=1e-12)


def slopes(function, at, step=2.0**-10):
    """By central differences, which are exact where a function is linear in its argument."""
    steps = step * np.eye(at.size).reshape(at.size, *at.shape)
    columns = [(function(at + each) - function(at - each)) / (2 * step) for each in steps]
    return np.stack(columns, axis=-1).reshape(*np.shape(columns[0]), *at.shape)


@pytest.mark.parametrize("name", list(CASES))
def test_slopes_by_every_variable(name, rng):
    expression, definition = CASES[name]
    given = variables(expression)
    values = sample(given, SIZES, rng)
    floats = {variable: array.astype(float) for variable, array in values.items()}
    for place in given:
        expected = slopes(
            lambda a, place=place: definition(*{**floats, place: a}.values()), floats[place]
        )
        slope = Derivative(expression, place)
        found = np.vectorize(float)(enclose(slope, values, SIZES))
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
        claimed = ops.jacobian(expression, place)
        assert compare(slope, claimed, values, SIZES).outcome == "equal"
        assert compare(slope, 2 * claimed, values, SIZES).outcome == "different"


@pytest.mark.parametrize("name", list(CASES))
def test_chosen_sizes_are_possible(name, rng):
    expression, _ = CASES[name]
    chosen = choose_sizes([expression], rng, 3)
    assert len(chosen) >= 2
    for sizes in chosen:
        found = compare(
            expression, expression + 0, sample(variables(expression), sizes, rng), sizes
        )
        assert found.outcome == "equal"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (x[1:], x[:-1]),
        (x[::2], x[::-2]),
        (ops.conv1d(x, w), ops.conv1d(x, w[::-1])),
        (ops.vec(ops.outer(x, w)), ops.reshape(ops.outer(x, w), n * k)),
        (ops.kron(x, w), ops.kron(w, x)),
        (ops.max_pool1d(x, 2), ops.avg_pool1d(x, 2)),
        (ops.pad(x, 1, 0), ops.pad(x, 0, 1)),
        (ops.tril(ops.outer(x, x)), ops.tril(ops.outer(x, x), -1)),
    ],
)
def test_wrong_claims_are_refuted(left, right, rng):
    outcomes = []
    for sizes in choose_sizes([left, right], rng, 3):
        point = sample(dict.fromkeys((*variables(left), *variables(right))), sizes, rng)
        outcomes.append(compare(left, right, point, sizes).outcome)
    assert "different" in outcomes


@pytest.mark.parametrize(
    ("expression", "size", "message"),
    [
        (x[5], 5, "goes to 5, outside 0 to 4; use an index within the axis"),
        (x[2:5], 4, "goes to 4, outside 0 to 3"),
        (x[-3], 2, "goes to -1"),
        (x[3:], 3, "size n - 3: it comes out as 0"),
        (x[4:], 2, "size n - 4: it comes out as -2"),
        (ops.conv1d(x, vector("v", 4)), 3, "size n - 3: it comes out as 0"),
        (ops.max_pool1d(x, 3), 2, "comes out as 0"),
        (ops.sum(x[2:5]), 4, "outside"),
    ],
)
def test_an_index_outside_is_never_a_silent_zero(expression, size, message):
    values = {v: np.ones(size if v is x else 4) for v in variables(expression)}
    for evaluated in (evaluate, enclose, evaluate_exactly):
        with pytest.raises(ShapeError, match=message):
            evaluated(expression, values)
    with pytest.raises(ShapeError, match=message):
        enclose(Derivative(expression, x), values)
    with pytest.raises(ShapeError, match=message):
        compare(expression, expression + 1, values)


def test_a_shift_may_leave_places_empty():
    shift = ops.iverson("i0 == i1 + 1", n, n)
    assert evaluate(shift @ x, {x: [1.0, 2.0, 3.0]}).tolist() == [0, 1, 2]
    assert mask(Iverson((2, 2, 2), (1, -1, -1)), {}).sum() == 3
    assert evaluate(ops.pad(x, 1, 1)[0], {x: [5.0]}) == 0
    assert evaluate(ops.windows(x, 3, padding=1)[0], {x: [5.0]}).tolist() == [0, 5, 0]
    assert evaluate(ops.iverson("i0 >= 5", n), {}, {n: 3}).tolist() == [0, 0, 0]


def test_what_a_bracket_leaves_out_need_not_have_a_value():
    values = {x: np.array([-1.0, 1.0, 2.0])}
    logarithms = ops.log(x)[1:]
    np.testing.assert_allclose(evaluate(logarithms, values), np.log([1, 2]))
    assert enclose(logarithms, values)[0] == 0
    slope = enclose(Derivative(ops.sum(logarithms), x), values)
    assert [float(ball) for ball in slope] == [0, 1, 0.5]
    spread = ops.iverson("i0 >= 1", n)
    assert evaluate(ops.sum(spread * ops.log(x)), values) == np.log(2)


def test_brackets_alone_and_in_groups(rng):
    lower, later = ops.iverson("i0 >= i1", n, n), ops.iverson("i0 >= 2", n)
    count = Contraction([lower], [(0, 1)], ())
    assert evaluate_exactly(count, {}, {n: 4}).item() == 10
    rows = Contraction([lower], [(0, 1)], (0,))
    assert evaluate_exactly(rows, {}, {n: 3}).tolist() == [1, 2, 3]
    both = Contraction([lower, later, x], [(0, 1), (1,), (0,)], (0, 0, 2), {2: d})
    values = sample([x], {n: 4, d: 2}, rng)
    expected = np.zeros((4, 4, 2), dtype=object)
    for i in range(4):
        expected[i, i] = values[x][i] * max(0, i - 1)
    assert np.all(evaluate_exactly(both, values, {n: 4, d: 2}) == expected)
    np.testing.assert_allclose(
        evaluate(both, {x: values[x].astype(float)}, {n: 4, d: 2}), expected.astype(float)
    )
    never = ops.iverson("i0 >= 7", n)
    assert evaluate_exactly(never @ x, values).item() == 0
    assert evaluate_exactly(Derivative(never @ x, x), values).tolist() == [0] * 4
    total = Contraction([later, later, x], [(0,), (1,), (2,)], (2,))
    assert np.all(evaluate_exactly(total, values) == 4 * values[x])
