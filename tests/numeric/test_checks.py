"""Jacobians, products and Hessians: right ones pass, wrong ones fail with their entries named."""

import numpy as np
import pytest

from numeric.checks import check_hessian, check_hvp, check_jacobian, check_jvp, check_vjp
from symbolic.errors import DataError, ShapeError, UnsupportedError


def tanh_layer(seed, outputs=4, inputs=3):
    """A function, its Jacobian at a point, and the point."""
    rng = np.random.default_rng(seed)
    A, x = rng.normal(size=(outputs, inputs)) / np.sqrt(inputs), rng.normal(size=inputs)
    return lambda x: np.tanh(A @ x), (1 - np.tanh(A @ x) ** 2)[:, None] * A, x


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def softmax_jacobian(x):
    p = softmax(x)
    return np.diag(p) - np.outer(p, p)


def spoiled(J, entry, by=1e-3):
    wrong = J.copy()
    wrong[entry] += by
    return wrong


@pytest.mark.parametrize("seed", range(3))
def test_jacobians(seed):
    f, J, x = tanh_layer(seed)
    assert check_jacobian(f, J, x).verdict == "pass", f"seed {seed}"
    assert check_jacobian(f, lambda x: J, x).verdict == "pass"
    for wrong, mistake in ((-J, "sign"), (2 * J, "factor 2"), (J / 2, "factor 1/2")):
        found = check_jacobian(f, wrong, x, seed=seed)
        assert (found.verdict, found.mistakes) == ("fail", (mistake,)), f"seed {seed}:\n{found}"
    one = check_jacobian(f, spoiled(J, (2, 1)), x)
    assert (one.verdict, one.entries) == ("fail", ((2, 1),)), f"seed {seed}:\n{one}"
    row = J.copy()
    row[3] *= -1
    assert check_jacobian(f, row, x).mistakes == ("sign in output [3]",)


def test_shapes_of_any_rank(rng):
    X, B = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    J = np.einsum("ik,jl->ijkl", np.eye(2), B.T)
    assert check_jacobian(lambda X: X @ B, J, X).verdict == "pass"
    found = check_jacobian(lambda X: X @ B, spoiled(J, (1, 0, 1, 2)), X)
    assert found.entries == ((1, 0, 1, 2),)
    scalar = check_jacobian(lambda t: np.array([t, t**2]), lambda t: [1, 2 * t], 3.0)
    assert scalar.verdict == "pass"
    assert check_jacobian(lambda t: np.array([t, t**2]), [1, 5], 3.0).entries == ((1,),)


def test_a_transposed_jacobian_is_named(rng):
    A, x = rng.normal(size=(3, 3)), rng.normal(size=3)
    found = check_jacobian(lambda x: A @ x, A.T, x)
    assert (found.verdict, found.mistakes) == ("fail", ("transposed",))
    with pytest.raises(ShapeError, match=r"\(3, 2\) where f\(x\) and x need \(2, 3\); its transp"):
        check_jacobian(lambda x: A[:2] @ x, A[:2].T, x)


def test_the_diagonal_of_softmax_is_not_its_jacobian(rng):
    x = rng.normal(size=4)
    assert check_jacobian(softmax, softmax_jacobian, x).verdict == "pass"
    found = check_jacobian(softmax, lambda x: np.diag(np.diag(softmax_jacobian(x))), x)
    assert found.verdict == "fail"
    assert (0, 0) not in found.entries
    assert (0, 1) in found.entries


@pytest.mark.parametrize("seed", range(2))
def test_one_wrong_entry_of_a_large_jacobian_is_named(seed):
    f, J, x = tanh_layer(seed, outputs=150, inputs=400)
    entry = (int(np.random.default_rng(seed).integers(150)), 37 + seed)
    wrong = spoiled(J, entry, 1e-2)
    for check, right, spoilt in (
        (check_jacobian, J, wrong),
        (check_vjp, lambda v: v @ J, lambda v: v @ wrong),
        (check_jvp, lambda u: J @ u, lambda u: wrong @ u),
    ):
        found = check(f, right, x, seed=seed)
        assert found.verdict == "pass", f"seed {seed}:\n{found}"
        assert "missed with probability at most" in found.reason
        found = check(f, spoilt, x, seed=seed)
        assert (found.verdict, found.entries) == ("fail", (entry,)), f"seed {seed}:\n{found}"


def test_small_outputs_do_not_hide_behind_large_ones():
    x, scale = np.array([0.5, 1.5]), np.array([1e8, 1e-8])
    J = np.diag(scale * np.cos(x))
    assert check_jacobian(lambda x: scale * np.sin(x), J, x).verdict == "pass"
    wrong = check_vjp(lambda x: scale * np.sin(x), lambda v: v @ (J * [[1], [0]]), x)
    assert wrong.verdict == "fail"


@pytest.mark.parametrize("seed", range(3))
def test_products(seed):
    f, J, x = tanh_layer(seed)
    wrong = spoiled(J, (2, 1))
    for found in (
        check_vjp(f, lambda v: v @ J, x, seed=seed),
        check_vjp(f, lambda x, v: v @ J, x, seed=seed),
        check_vjp(f, lambda *both: both[1] @ J, x, takes_point=True),
        check_vjp(f, lambda v: (v @ J,), x),
        check_jvp(f, lambda u: J @ u, x, seed=seed),
        check_jvp(f, lambda x, u: J @ u, x, seed=seed),
    ):
        assert found.verdict == "pass", f"seed {seed}:\n{found}"
    for found in (
        check_vjp(f, lambda v: v @ wrong, x, seed=seed),
        check_jvp(f, lambda u: wrong @ u, x, seed=seed),
    ):
        assert (found.verdict, found.entries) == ("fail", ((2, 1),)), f"seed {seed}:\n{found}"
    for found in (
        check_vjp(f, lambda v: -v @ J, x, seed=seed),
        check_jvp(f, lambda u: -J @ u, x, seed=seed),
    ):
        assert (found.verdict, found.mistakes) == ("fail", ("sign",)), f"seed {seed}:\n{found}"


def test_products_must_use_their_vector_and_be_linear():
    f, J, x = tanh_layer(0)
    shift = np.array([0.0, 0.1, 0.0])
    for wrong, mistake in (
        (lambda v: np.ones(4) @ J, "cotangent ignored"),
        (lambda v: np.sign(v) @ J, "not linear in the cotangent"),
        (lambda v: np.clip(v, -10, 10) @ J, "not linear in the cotangent"),
        (lambda v: v @ J + shift, "not linear in the cotangent"),
    ):
        found = check_vjp(f, wrong, x)
        assert (found.verdict, found.mistakes) == ("fail", (mistake,)), str(found)
    added = check_vjp(np.sin, lambda x, v: np.cos(x) + v, x)
    assert added.mistakes == ("cotangent added where it multiplies",)
    for wrong, mistake in (
        (lambda u: J @ np.ones(3), "direction ignored"),
        (lambda u: J @ np.abs(u), "not linear in the direction"),
    ):
        found = check_jvp(f, wrong, x)
        assert (found.verdict, found.mistakes) == ("fail", (mistake,)), str(found)


def logistic(seed, n):
    """A regularised logistic loss with its gradient and Hessian at a point."""
    rng = np.random.default_rng(seed)
    X, w = rng.normal(size=(2 * n, n)) / np.sqrt(n), rng.normal(size=n)

    def loss(w):
        return np.mean(np.logaddexp(0, X @ w)) + 0.05 * w @ w

    def grad(w):
        return X.T @ (1 / (1 + np.exp(-X @ w))) / (2 * n) + 0.1 * w

    s = 1 / (1 + np.exp(-X @ w))
    return loss, grad, (X.T * s * (1 - s)) @ X / (2 * n) + 0.1 * np.eye(n), w


@pytest.mark.parametrize(("n", "with_gradient"), [(4, False), (4, True), (15, False), (70, True)])
def test_hessians(n, with_gradient):
    loss, grad, H, w = logistic(0, n)
    known = grad if with_gradient else None
    assert check_hessian(loss, H, w, grad=known).verdict == "pass"
    assert check_hvp(loss, lambda u: H @ u, w, grad=known).verdict == "pass"
    skew = 0.02 * (np.triu(np.ones((n, n)), 1) - np.tril(np.ones((n, n)), -1))
    one_side = spoiled(H, (1, 2), 0.05)
    wrongs = (
        (one_side, ("not symmetric: wrong above the diagonal",)),
        (np.triu(H), ("one triangle only",)),
        (-H, ("sign",)),
        (H + skew, ("not symmetric: only its symmetric part is right",)),
        (H - 0.1 * np.eye(n), ("missing 0.1 on the diagonal",)),
        (np.diag(np.diag(H)), ()),
    )
    for wrong, mistakes in wrongs[: 6 if n == 4 else 2]:
        found = check_hessian(loss, wrong, w, grad=known)
        assert (found.verdict, found.mistakes) == ("fail", mistakes), str(found)
    assert check_hessian(loss, one_side, w, grad=known).entries == ((1, 2),)
    wrong_product = check_hvp(loss, lambda x, u: one_side @ u, w, grad=known)
    assert (wrong_product.verdict, wrong_product.entries) == ("fail", ((1, 2),))


def test_the_gradient_behind_a_hessian_is_checked_first():
    loss, grad, H, w = logistic(1, 4)
    found = check_hessian(loss, H, w, grad=lambda w: -grad(w))
    assert (found.verdict, found.mistakes) == ("fail", ("gradient: sign",))
    assert check_hvp(loss, lambda u: H @ u, w, grad=lambda w: -grad(w)).verdict == "fail"


def test_zero_hessians_and_kinks():
    x, zero = np.array([1.0, 2.0, 3.0]), np.zeros((3, 3))
    assert check_hessian(lambda x: x @ x[::-1] * 0 + x[0] + 1e4, zero, x).verdict == "pass"
    assert check_hessian(lambda x: 5.0, zero, x).verdict == "pass"
    assert check_hessian(lambda x: np.prod(x), zero, x).verdict == "fail"
    hidden = check_hessian(lambda x: 1e10 + 1e-4 * np.prod(x), zero, x)
    assert hidden.verdict != "pass"  # lost in the rounding of f
    at_kink = check_hessian(lambda x: np.sum(np.abs(x)), zero, x * [1, 0, 1])
    assert at_kink.verdict == "inconclusive"
    squared_relu = check_hessian(lambda x: np.sum(np.maximum(x, 0) ** 2), zero, x * [0, 1, 1])
    assert squared_relu.verdict == "fail"
    half = check_hessian(
        lambda x: np.sum(np.maximum(x, 0) ** 2), np.diag([1.0, 2, 2]), x * [0, 1, 1]
    )
    assert half.reason == "Entry [0, 0] cannot be told: the slope of f has a kink there."


def test_noise_and_nan_are_never_a_pass():
    x = np.ones(3)
    nan = check_jacobian(lambda x: x * np.nan, np.eye(3) * np.nan, x)
    assert nan.verdict == "inconclusive"
    assert check_jacobian(lambda x: 2 * x, np.eye(3) * np.nan, x).verdict == "fail"
    assert check_vjp(lambda x: 2 * x, lambda v: v * np.nan, x).verdict == "fail"
    assert check_jvp(lambda x: 2 * x, lambda v: v * np.nan, x).mistakes == ("not finite",)
    noise = np.random.default_rng(0)
    noisy = check_jacobian(lambda x: x + 1e-3 * noise.normal(size=3), np.eye(3), x)
    assert noisy.verdict == "inconclusive"


def test_dtypes_and_kinks():
    x = tanh_layer(0)[2]
    whole = check_jacobian(lambda x: x**2, lambda x: np.diag(2 * x), [1, 2, 3])
    assert whole.verdict == "pass"
    assert whole.notes == ("integers were promoted to float64",)
    narrow = check_jacobian(lambda x: x**2, lambda x: np.diag(2 * x), x.astype(np.float32))
    assert narrow.verdict == "pass"
    assert narrow.bar > 1e-7
    relu = check_vjp(lambda x: np.maximum(x, 0), lambda x, v: v * (x > 0), np.array([0.0, 1, -1]))
    assert relu.verdict == "pass"
    assert "kink" in relu.notes[0]


def test_errors_say_what_to_do():
    f, J, x = tanh_layer(0)
    with pytest.raises(ShapeError, match=r"the vjp: shape \(4,\) where \(3,\) is needed"):
        check_vjp(f, lambda v: v, x)
    for unclear in (lambda a, b, c: a, lambda *both: both[0], lambda x, *, v: v):
        with pytest.raises(UnsupportedError, match=r"its signature is \(.*; say takes_point"):
            check_vjp(f, unclear, x)
    with pytest.raises(DataError, match="the vjp: NoneType is not callable"):
        check_vjp(f, None, x)
    with pytest.raises(DataError, match="seed='a': not an integer"):
        check_jacobian(f, J, x, seed="a")
    with pytest.raises(ShapeError, match="f and x: x has no entries"):
        check_jacobian(lambda x: x, np.zeros((0, 0)), np.zeros(0))
    with pytest.raises(DataError, match="complex"):
        check_jacobian(f, 1j * J, x)
    with pytest.raises(ShapeError, match="give a function with a scalar value"):
        check_hessian(f, np.zeros((3, 3)), x)
    with pytest.raises(ShapeError, match=r"order the axes as shape\(x\) \+ shape\(x\)"):
        check_hessian(lambda x: x @ x, np.zeros(3), x)


def test_seeds_repeat():
    f, J, x = tanh_layer(0, outputs=80, inputs=70)
    assert check_jacobian(f, J, x, seed=7) == check_jacobian(f, J, x, seed=7)


def test_products_in_one_buffer_are_told_apart():
    f, J, x = tanh_layer(0)
    buffer = np.zeros(3)

    def vjp(v):
        buffer[:] = v @ J
        buffer[1] *= 1.01
        return buffer

    found = check_vjp(f, vjp, x)
    assert (found.verdict, {entry[1] for entry in found.entries}) == ("fail", {1})
