"""Enclosures of named functions of whole arrays: values, jets, and the doubt where there is some."""

from fractions import Fraction

import numpy as np
import pytest

import symbolic as ops
from numeric import (
    PrecisionTooLow,
    Undecided,
    choose_sizes,
    compare,
    enclose,
    evaluate_exactly,
    sample,
)
from numeric.structured import ALONG_AXIS_RULES, MATRIX_RULES
from symbolic import dims, matrix, tensor, vector
from symbolic.nodes import Apply, Contraction, Derivative
from symbolic.structured import STRUCTURED
from tests.numeric.definitions import DEFINITIONS

n, d, b = dims("n d b")
SIZES = {n: 3, d: 2, b: 2}
ROOMY = [((n, d), axis) for axis in (None, 0, 1)] + [((b, n, d), 1)]
SQUARE = [((n, n), None), ((b, n, n), None)]
ANY = [*SQUARE, ((n, d), None), ((d, n), None), ((b, d, n), None)]


def shapes_for(name):
    if name in ALONG_AXIS_RULES:
        return ROOMY
    return ANY if name.startswith("svd") else SQUARE[:1] if name.startswith("expm") else SQUARE


CASES = [(name, *case) for name in STRUCTURED for case in shapes_for(name)]


def fractions(array):
    result = np.empty(np.size(array), dtype=object)
    result[:] = [Fraction(entry) for entry in np.asarray(array, dtype=object).flat]
    return result.reshape(np.shape(array))


def overlap(first, second):
    pairs = zip(np.ravel(first), np.ravel(second), strict=True)
    return np.shape(first) == np.shape(second) and all(one.overlaps(other) for one, other in pairs)


def point_of(name, shape, rng, sizes=SIZES):
    """How to build the node, its operands, and a rational point where it is smooth."""

    def node_of(axis):
        return Apply(name, operands, axis)

    operands = [tensor("z", *shape)]
    if name == "expm_frechet":
        operands.append(tensor("e", *shape, d))  # a direction with an axis more
    values = sample(operands, sizes, rng)
    if name == "cholesky":
        root = rng.integers(-3, 4, values[operands[0]].shape)
        tilt = np.triu(values[operands[0]], 1) / 1000
        values[operands[0]] = root @ np.swapaxes(root, -1, -2) + np.eye(3, dtype=int) + tilt
    return node_of, operands, values


def test_every_structured_function_has_a_rule():
    assert {*ALONG_AXIS_RULES, *MATRIX_RULES} == set(STRUCTURED)


@pytest.mark.parametrize(("name", "shape", "axis"), CASES)
def test_the_value_is_that_of_the_definition(name, shape, axis, rng):
    node_of, operands, values = point_of(name, shape, rng)
    floats = [np.asarray(values[each], dtype=float) for each in operands]
    along = (axis,) if name in ALONG_AXIS_RULES else ()
    expected = DEFINITIONS[name](*floats, *along)
    balls = enclose(node_of(axis), values, SIZES, 200)
    assert balls.shape == np.shape(expected)
    np.testing.assert_allclose(np.vectorize(float)(balls), expected, rtol=1e-6, atol=1e-7)
    assert max(float(ball.rad()) for ball in balls.flat) < 1e-40


@pytest.mark.parametrize(("name", "shape", "axis"), CASES)
def test_the_jet_is_the_differential_and_nothing_else(name, shape, axis, rng):
    node_of, operands, values = point_of(name, shape, rng)
    node, last = node_of(axis), operands[-1]
    slope = Derivative(node, last)
    claimed = STRUCTURED[name].differential(node, Derivative(last, last))
    assert compare(slope, claimed, values, SIZES).outcome == "equal"
    if name != "hardmax":
        for wrong in (2 * claimed, -claimed, claimed + Fraction(1, 10**30)):
            assert compare(slope, wrong, values, SIZES).outcome == "different"


@pytest.mark.parametrize("name", sorted(STRUCTURED))
def test_second_derivatives(name, rng):
    shape, axis = shapes_for(name)[0]
    sizes = {n: 2, d: 1} if name == "expm_frechet" else SIZES
    node_of, operands, values = point_of(name, shape, rng, sizes)
    node, last = node_of(axis), operands[-1]
    first = STRUCTURED[name].differential(node, Derivative(last, last))
    twice = Derivative(Derivative(node, last), last)
    found = compare(twice, Derivative(first, last), values, sizes, digits=30)
    assert found.outcome == "equal"


def test_third_derivatives_of_an_inverse_and_an_exponential():
    t = ops.scalar("t")
    A = matrix("A", 2, 2)
    values = {A: fractions([[2, 1], [-1, 3]]), t: np.array(Fraction(1, 3))}
    third = {
        ops.inv(t * A): -6 * ops.inv(A) / t**4,
        ops.expm(t * A): A @ A @ A @ ops.expm(t * A),
        ops.det(t * A): 0 * A[0, 0],
        ops.prod(t + A[0]): 0 * t,
    }
    for function, expected in third.items():
        found = function
        for _ in range(3):
            found = Derivative(found, t)
        assert compare(found, expected, values).outcome == "equal"


# --- exactness -----------------------------------------------------------------------------------


def test_inverses_and_determinants_over_rationals():
    A = matrix("A", n, n)
    values = {A: fractions([[2, 1, 0], [1, 3, 5], [7, 0, 1]])}
    product = evaluate_exactly(ops.inv(A) @ A, values)
    assert np.all(product == np.eye(3, dtype=int))
    assert evaluate_exactly(ops.det(A), values).item() == 40
    slope = evaluate_exactly(Derivative(ops.det(A), A), values)
    assert np.all(slope == 40 * evaluate_exactly(ops.inv(A).T, values))
    assert evaluate_exactly(ops.cholesky(A), {A: fractions([[4, 2], [2, 10]])}).tolist() == [
        [2, 0],
        [1, 3],
    ]
    for function in (ops.expm, ops.eigvalsh, ops.svdvals, ops.svd_left):
        with pytest.raises(Undecided, match="leave"):
            evaluate_exactly(function(A), values)
    with pytest.raises(Undecided, match="no inverse"):
        evaluate_exactly(ops.inv(A), {A: fractions(np.ones((3, 3)))})


def test_singular_matrices():
    A = matrix("A", n, n)
    for entries in ([[1, 2], [2, 4]], [[0, 0], [0, 0]], [[0, 1], [0, 0]]):
        values = {A: fractions(entries)}
        assert evaluate_exactly(ops.det(A), values).item() == 0
        assert enclose(ops.det(A), values).item() == 0
        (p, q), (r, s) = entries
        assert evaluate_exactly(Derivative(ops.det(A), A), values).tolist() == [[s, -r], [-q, p]]
        for function in (ops.inv, ops.logdet, ops.cholesky):
            with pytest.raises(PrecisionTooLow):
                enclose(function(A), values)
    assert compare(ops.inv(A), ops.inv(A), {A: fractions([[1, 2], [2, 4]])}).outcome == "undecided"


def test_a_determinant_keeps_its_sign_and_logdet_loses_it():
    A = matrix("A", n, n)
    values = {A: fractions([[0, 1, 0], [1, 0, 0], [0, 0, 5]])}
    assert enclose(ops.det(A), values).item() == -5
    assert compare(ops.logdet(A), ops.log(-ops.det(A)), values).outcome == "equal"


def test_a_product_is_right_at_zeros():
    x = vector("x", n)
    for entries in ([2, 0, 3], [0, 0, 3], [0, 0, 0], [2, 5, 3]):
        values = {x: fractions(entries)}
        p, q, r = entries
        assert evaluate_exactly(ops.prod(x), values).item() == p * q * r
        slope = evaluate_exactly(Derivative(ops.prod(x), x), values)
        assert slope.tolist() == [q * r, p * r, p * q]
        second = evaluate_exactly(Derivative(Derivative(ops.prod(x), x), x), values)
        assert second.tolist() == [[0, r, q], [r, 0, p], [q, p, 0]]


# --- ties ----------------------------------------------------------------------------------------


def test_the_largest_entry_of_equal_ones():
    x = vector("x", n)
    tie = {x: fractions([2, 5, 5])}
    assert evaluate_exactly(ops.max(x), tie).item() == 5
    assert evaluate_exactly(ops.min(x), tie).item() == 2
    assert evaluate_exactly(ops.hardmax(x), tie).tolist() == [0, Fraction(1, 2), Fraction(1, 2)]
    assert evaluate_exactly(Derivative(ops.min(x), x), tie).tolist() == [1, 0, 0]
    for function in (ops.max, ops.hardmax):
        found = compare(Derivative(function(x), x), Derivative(function(x), x), tie)
        assert found.outcome == "undecided"
        assert "no slope exists" in found.reason
    shared = compare(Derivative(ops.max(x), x), ops.hardmax(x), tie)
    assert shared.outcome == "undecided"


def test_a_tie_below_the_largest_or_of_one_entry_with_itself_is_none():
    x, t = vector("x", n), ops.scalar("t")
    slope = evaluate_exactly(Derivative(ops.max(x), x), {x: fractions([5, 5, 7])})
    assert slope.tolist() == [0, 0, 1]
    twice = ops.max(ops.stack(t, t, t - 1))
    assert evaluate_exactly(Derivative(twice, t), {t: np.array(Fraction(3))}).item() == 1
    assert evaluate_exactly(
        Derivative(ops.sum(ops.hardmax(x) * x), x), {x: fractions([1, 2, 3])}
    ).tolist() == [0, 0, 1]


def test_ties_that_cannot_be_told():
    x, t = vector("x", n), ops.scalar("t")
    values = {t: np.array(Fraction(1, 3)), x: fractions([1, 2, 3])}
    one = ops.sin(t) ** 2 + ops.cos(t) ** 2
    pair = ops.stack(one + 0 * t, ops.constant(1) + 0 * t)
    assert compare(ops.max(pair), ops.constant(1), values).outcome == "equal"
    assert compare(ops.hardmax(pair)[0], ops.constant(1), values).outcome == "undecided"
    found = compare(Derivative(ops.max(pair * t), t), one, values)
    assert found.outcome == "undecided"
    assert "too close" in found.reason
    undefined = ops.max(ops.stack(ops.log(-t), t))
    assert compare(undefined, t, values).outcome == "undecided"


def test_axes_of_extremes(rng):
    T = tensor("T", b, n, d)
    values = sample([T], SIZES, rng)
    array = values[T]
    for axis in (0, 1, 2):
        assert np.all(evaluate_exactly(ops.max(T, axis), values) == array.max(axis))
        assert np.all(evaluate_exactly(ops.min(T, axis), values) == array.min(axis))
        chosen = evaluate_exactly(ops.hardmax(T, axis), values)
        assert np.all((chosen == 1) == (array == array.max(axis, keepdims=True)))


# --- eigenvalues ---------------------------------------------------------------------------------


def test_equal_eigenvalues_have_a_value_and_no_slope():
    A = matrix("A", n, n)
    for entries, expected in (
        (np.eye(3), [1, 1, 1]),
        (np.diag([2, 1, 1]), [1, 1, 2]),
        (np.ones((3, 3)), [0, 0, 3]),
        (np.zeros((3, 3)), [0, 0, 0]),
    ):
        values = {A: fractions(entries)}
        found = enclose(ops.eigvalsh(A), values, bits=300)
        assert all(ball.contains(k) for ball, k in zip(found, expected, strict=True))
        assert max(float(ball.rad()) for ball in found) < 1e-60
        slope = Derivative(ops.eigvalsh(A), A)
        assert compare(slope, 2 * slope, values).outcome == "undecided"
        assert compare(ops.eigvecsh(A), ops.eigvecsh(A), values).outcome == "undecided"


def test_singular_values_of_matrices_of_low_rank():
    A = matrix("A", n, d)
    for entries, expected in (
        ([[1, 2], [2, 4], [3, 6]], [np.sqrt(70), 0]),
        ([[0, 0], [0, 0], [0, 0]], [0, 0]),
        ([[3, 0], [0, 3], [0, 0]], [3, 3]),
    ):
        values = {A: fractions(entries)}
        found = enclose(ops.svdvals(A), values, bits=300)
        np.testing.assert_allclose(np.vectorize(float)(found), expected, atol=1e-12)
        assert max(float(ball.rad()) for ball in found) < 1e-60
        slope = Derivative(ops.svdvals(A), A)
        assert compare(slope, 2 * slope, values).outcome == "undecided"


def test_factors_multiply_to_the_matrix(rng):
    for rows, columns in ((3, 2), (2, 3), (3, 3), (1, 4), (1, 1)):
        A = matrix("A", rows, columns)
        values = sample([A], {}, rng)
        u, v = ops.svd_left(A), ops.svd_right(A)
        product = u @ ops.diag(ops.svdvals(A)) @ v.T
        assert compare(product, A, values).outcome == "equal"
        least = min(rows, columns)
        assert compare(v.T @ v, ops.eye(least), values).outcome == "equal"
        assert compare(u @ ops.diag(ops.svdvals(A)) @ v.T, -A, values).outcome == "different"
    S = matrix("S", n, n)
    values = sample([S], SIZES, rng)
    w = ops.eigvecsh(S)
    symmetric = (S + S.T) / 2
    assert compare(symmetric @ w, w @ ops.diag(ops.eigvalsh(S)), values).outcome == "equal"
    assert compare(S @ w, w @ ops.diag(ops.eigvalsh(S)), values).outcome == "different"


def test_signs_of_vectors():
    S = matrix("S", 2, 2)
    same = {S: fractions([[2, 1], [1, 2]])}  # (1, -1) and (1, 1): the sign of the first is open
    found = compare(ops.eigvecsh(S), ops.eigvecsh(S), same)
    assert found.outcome == "undecided"
    assert "sign is open" in found.reason
    apart = {S: fractions([[2, 1], [1, 3]])}
    vectors = np.vectorize(float)(enclose(ops.eigvecsh(S), apart))
    assert all(column[np.argmax(np.abs(column))] > 0 for column in vectors.T)
    column = matrix("c", 2, 1)
    left = enclose(ops.svd_left(column), {column: fractions([[-3], [-4]])})
    right = enclose(ops.svd_right(column), {column: fractions([[-3], [-4]])})
    np.testing.assert_allclose(np.vectorize(float)(left), [[0.6], [0.8]])
    assert right.item().contains(-1)


def test_eigenvalues_that_are_close_need_more_bits():
    A = matrix("A", 2, 2)
    gap = Fraction(1, 10**60)
    values = {A: fractions([[1, 0], [0, 1]]) + np.diag([0, gap])}
    values = {A: fractions(values[A])}
    slope = Derivative(ops.eigvalsh(A), A)
    with pytest.raises(PrecisionTooLow, match="not certainly distinct"):
        enclose(slope, values, bits=100)
    found = enclose(slope, values, bits=500)
    assert found[1, 1, 1].contains(1)


def test_large_exponential_derivatives_are_refused():
    A = matrix("A", n, n)
    values = {A: fractions(np.eye(12))}
    deep = Derivative(Derivative(ops.expm(A), A), A)
    with pytest.raises(Undecided, match="directions"):
        enclose(deep, values)


# --- sizes ---------------------------------------------------------------------------------------


def test_one_by_one_matrices(rng):
    for name in MATRIX_RULES:
        A = matrix("A", 1, 1, domain="positive")
        operands = [A, A] if name == "expm_frechet" else [A]
        node = Apply(name, operands)
        found = enclose(node, {A: fractions([[Fraction(3, 2)]])}).item()
        expected = {
            "inv": 2 / 3, "det": 1.5, "logdet": np.log(1.5), "cholesky": np.sqrt(1.5),
            "eigvalsh": 1.5, "svdvals": 1.5, "expm": np.exp(1.5), "expm_frechet": 1.5 * np.exp(1.5),
        }  # fmt: skip
        assert np.isclose(float(found), expected.get(name, 1.0))


def test_a_batch_is_each_of_its_matrices(rng):
    T, A = tensor("T", b, n, n), matrix("A", n, n)
    for name in MATRIX_RULES:
        if name.startswith("expm"):
            continue
        values = sample([T], SIZES, rng)
        if name == "cholesky":
            values[T] = values[T] @ np.swapaxes(values[T], 1, 2)
        whole = enclose(Apply(name, T), values, SIZES)
        slope = enclose(Derivative(Apply(name, T), T), values, SIZES)
        for k in range(2):
            one = {A: values[T][k]}
            assert overlap(whole[k], enclose(Apply(name, A), one, SIZES))
            own = np.moveaxis(slope[k], whole.ndim - 1, 0)
            assert overlap(own[k], enclose(Derivative(Apply(name, A), A), one, SIZES))
            assert np.all(np.abs(np.vectorize(float)(own[1 - k])) < 1e-20)


def test_sizes_of_compound_shapes(rng):
    X = matrix("X", n, d)
    values = ops.svdvals(X)
    assert isinstance(values, Apply)
    for sizes in choose_sizes([values], rng):
        found = enclose(values, sample([X], sizes, rng), sizes)
        assert len(found) == min(sizes[n], sizes[d])
    summed = Contraction([values], [(0,)], ())
    assert enclose(summed, sample([X], SIZES, rng), SIZES).item() > 0
