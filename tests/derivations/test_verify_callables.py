"""Claims that are Python functions: right ones verified by numbers, wrong ones refuted, slips named."""

import numpy as np
import pytest

from derivations.verification.functions.callables import verify_numerically
from derivations.verification.functions.calling import Called
from symbolic import parse
from symbolic.errors import NameUnknownError, ShapeError

GIVEN = {"X": "n d", "w": "d", "y": "n"}
LOSS = "0.5*norm(X @ w - y)**2/n"


def loss(X, w, y):
    return 0.5 * np.mean((X @ w - y) ** 2)


def slope(X, w, y):
    return X.T @ (X @ w - y) / len(y)


def verified(kind, f, claim, given, wrt="w"):
    return verify_numerically(kind, f, wrt, claim, given, 0)


@pytest.mark.parametrize(
    ("f", "claim"),
    [
        (LOSS, slope),
        (parse(LOSS, GIVEN), slope),
        (loss, slope),
        (loss, "X.T @ (X @ w - y)/n"),
        (loss, parse("X.T @ (X @ w - y)/n", GIVEN)),
    ],
)
def test_a_right_gradient_is_verified_and_never_proved(f, claim):
    found = verified("gradient", f, claim, GIVEN)
    assert found.verdict == "verified"
    assert found.method == ("finite differences" if f is loss else "floating point")
    assert "by numbers only" in found.reason
    assert found.points >= 6
    assert {"d": 1, "n": 1} in found.sizes
    assert found.sizes[0]["d"] != found.sizes[0]["n"]
    assert all(len(line) <= 80 for line in found.lines())
    assert found.as_dict()["verdict"] == "verified"


SLIPS = {
    "sum for mean": lambda X, w, y: X.T @ (X @ w - y),
    "sign": lambda X, w, y: -slope(X, w, y),
    "factor": lambda X, w, y: 2 * slope(X, w, y),
}


@pytest.mark.parametrize("f", [LOSS, loss], ids=["text", "function"])
@pytest.mark.parametrize("kind", SLIPS)
def test_a_wrong_gradient_is_refuted_at_a_point_with_both_values(f, kind):
    found = verified("gradient", f, SLIPS[kind], GIVEN)
    assert found.verdict == "refuted"
    point = {name: np.array(value) for name, value in found.counterexample.point.items()}
    entry = found.counterexample.entry
    claimed, correct = SLIPS[kind](**point)[entry], slope(**point)[entry]
    assert float(found.counterexample.right) == pytest.approx(claimed, rel=1e-9)
    assert float(found.counterexample.left.split()[0]) == pytest.approx(correct, rel=1e-6)
    if f is LOSS:
        assert [mistake.kind for mistake in found.mistakes] == [kind]
        assert found.mistakes[0].repaired is found.correct
    else:
        assert any("claim = " in note for note in found.notes)


def test_a_slip_in_an_expression_about_a_function_is_repaired():
    found = verified("gradient", loss, "X.T @ (X @ w - y)", GIVEN)
    assert found.verdict == "refuted"
    repaired = found.mistakes[0].repaired
    assert verified("gradient", loss, repaired, GIVEN).verdict == "verified"


def test_slips_of_the_chain_rule_are_named_from_values_alone():
    found = verified("gradient", "sum(tanh(X @ w))", lambda X, w: X.T @ np.ones(len(X)), GIVEN)
    assert found.verdict == "refuted"
    assert found.mistakes[0].kind == "missing chain factor"


JACOBIANS = {
    "right": lambda X, w: (1 - np.tanh(X @ w) ** 2)[:, None] * X,
    "in the input": lambda X, w: (1 - (X @ w) ** 2)[:, None] * X,
    "transposed": lambda X, w: ((1 - np.tanh(X @ w) ** 2)[:, None] * X).T,
    "without slope": lambda X, w: X,
}


@pytest.mark.parametrize(
    "f", ["tanh(X @ w)", lambda X, w: np.tanh(X @ w)], ids=["text", "function"]
)
@pytest.mark.parametrize("which", JACOBIANS)
def test_jacobians(f, which):
    found = verified("jacobian", f, JACOBIANS[which], GIVEN)
    assert found.verdict == ("verified" if which == "right" else "refuted")


@pytest.mark.parametrize(
    "f", ["exp(w @ w)/4", lambda w: np.exp(w @ w) / 4], ids=["text", "function"]
)
@pytest.mark.parametrize("factor", [1, 2])
def test_hessians(f, factor):
    def claim(w):
        return factor * np.exp(w @ w) * (np.eye(len(w)) / 2 + np.outer(w, w))

    given = {"w": "2"}
    assert verified("hessian", f, claim, given).verdict == (
        "verified" if factor == 1 else "refuted"
    )


EQUALITIES = [
    ("softplus(x)", lambda x: np.log1p(np.exp(x)), "verified"),
    ("tanh(x)", lambda x: 2 / (1 + np.exp(-2 * x)) - 1, "verified"),
    (lambda x: np.exp(x) - 1, np.expm1, "verified"),
    ("softplus(x)", lambda x: np.log(2 + np.exp(x)), "refuted"),
    ("x", lambda x: np.sqrt(x**2), "refuted"),
    (lambda x: x**3, lambda x: x**3 + 1e-5 * x, "refuted"),
    (np.sin, lambda x: x - x**3 / 6, "refuted"),
]


@pytest.mark.parametrize(("left", "right", "verdict"), EQUALITIES)
def test_equalities(left, right, verdict):
    given = {"x": "n"}
    found = verify_numerically("equality", left, None, right, given, 0)
    assert found.verdict == verdict
    assert verify_numerically("equality", right, None, left, given, 0).verdict == verdict


def test_branches_that_an_expression_tells_of_are_looked_at():
    f = "sum(where(w > 1000, w**2, w))"
    right = verified("gradient", f, lambda w: np.where(w > 1000, 2 * w, 1), {"w": "d"})
    assert right.verdict == "verified"
    assert verified("gradient", f, np.ones_like, {"w": "d"}).verdict == "refuted"


def test_small_arguments_are_looked_at():
    def claim(w):
        return (w > -0.01) * 1.0

    assert verified("gradient", "sum(relu(w))", claim, {"w": "d"}).verdict == "refuted"


def test_functions_of_symmetric_matrices_need_not_mean_anything_beside_them():
    def logdet(S):
        return 2 * np.log(np.diag(np.linalg.cholesky(S))).sum()  # reads one triangle

    given = {"S": "n n: spd"}
    assert verified("gradient", logdet, "inv(S)", given, "S").verdict == "verified"
    assert verified("gradient", logdet, np.linalg.inv, given, "S").verdict == "verified"
    doubled = "2*inv(S) - diag(diagonal(inv(S)))"
    assert verified("gradient", logdet, doubled, given, "S").verdict == "refuted"


# --- arguments -----------------------------------------------------------------------------------


def test_arguments_are_matched_by_name_in_any_order():
    def reordered(y, w, X):
        return slope(X, w, y)

    assert verified("gradient", LOSS, reordered, GIVEN).verdict == "verified"


def test_arguments_without_declared_names_are_matched_in_order():
    assert verified("gradient", LOSS, lambda a, b, c: slope(a, b, c), GIVEN).verdict == "verified"
    assert verified("gradient", "w @ w", lambda q: 2 * q, {"w": "d"}).verdict == "verified"
    assert verified("gradient", lambda q: q @ q, lambda q: 2 * q, GIVEN).verdict == "verified"


def test_options_are_left_alone():
    def claim(w, scale=2.0):
        return scale * w

    assert verified("gradient", "w @ w", claim, {"w": "d"}).verdict == "verified"


@pytest.mark.parametrize(
    "claim",
    [
        lambda q: 2 * q,  # of w alone, while the loss has X and y
        lambda X, q: X.T @ q,
        lambda *arrays: arrays[0],
        lambda X, w, y, z: slope(X, w, y),
    ],
)
def test_arguments_that_cannot_be_matched_are_refused(claim):
    with pytest.raises(NameUnknownError, match="name its arguments"):
        verified("gradient", LOSS, claim, GIVEN)


def test_what_is_differentiated_by_has_to_be_declared():
    with pytest.raises(NameUnknownError, match="declare its sizes"):
        verified("gradient", loss, slope, GIVEN, "v")


def test_a_gradient_is_that_of_a_scalar():
    with pytest.raises(ShapeError, match="verify_jacobian"):
        verified("gradient", lambda w: w, "w", {"w": "d"})


# --- functions that misbehave --------------------------------------------------------------------


def failing(w):
    raise ZeroDivisionError("division by zero")


def random(w):
    return np.random.default_rng().normal() * w


@pytest.mark.parametrize(
    ("f", "claim", "reason"),
    [
        (failing, "2*w", "f: it raises ZeroDivisionError: division by zero"),
        ("w @ w", failing, "the claim: it raises ZeroDivisionError"),
        (lambda w: w @ np.eye(3) @ w, "2*w", "declare fixed sizes"),
        (lambda w: np.random.default_rng().normal() * w @ w, "2*w", "another value each time"),
        ("w @ w", random, "another value each time"),
        ("w @ w", lambda w: "2*w", "the value of the claim"),
        ("w @ w", lambda w: 2j * w, "complex numbers"),
        (lambda w: np.nan * w @ w, "2*w", "not finite"),
    ],
)
def test_misbehaving_functions_leave_it_undecided_with_the_reason(f, claim, reason):
    found = verified("gradient", f, claim, {"w": "d"})
    assert found.verdict == "undecided"
    assert reason in found.reason


def test_a_fixed_size_is_enough():
    f, given = lambda w: w @ np.diag([1.0, 2.0, 3.0]) @ w, {"w": "3"}
    assert (
        verified("gradient", f, lambda w: 2 * np.array([1, 2, 3]) * w, given).verdict == "verified"
    )


@pytest.mark.parametrize("shape", [(1, -1), (-1, 1)])
def test_another_shape_is_refuted(shape):
    found = verified("gradient", "w @ w", lambda w: 2 * w.reshape(shape), {"w": "d"})
    assert (found.verdict, found.method) == ("refuted", "shapes")


def test_changes_in_place_are_told_and_do_no_harm():
    def claim(w):
        w *= 2
        return w

    found = verified("gradient", "w @ w", claim, {"w": "d"})
    assert found.verdict == "verified"
    assert found.notes == ("the claim changes its argument w in place",)


def test_a_claim_in_single_precision_is_judged_as_such():
    def narrow(w):
        return (2 * w).astype(np.float32)

    def narrow_inside(w):
        return np.float64(np.float32(np.pi * w) * np.float32(2 / np.pi))

    assert verified("gradient", "w @ w", narrow, {"w": "d"}).verdict == "verified"
    assert verified("gradient", "w @ w", narrow_inside, {"w": "d"}).verdict == "undecided"
    wrong = verified("gradient", "w @ w", lambda w: np.float32(2.001 * w), {"w": "d"})
    assert wrong.verdict == "refuted"


# --- other libraries -----------------------------------------------------------------------------


def test_functions_of_jax():
    jax = pytest.importorskip("jax", reason="JAX is an optional library of arrays")

    def f(w):
        return jax.numpy.sum(jax.numpy.tanh(w))

    assert verified("gradient", f, "1 - tanh(w)**2", {"w": "d"}).verdict == "verified"
    assert verified("gradient", "sum(tanh(w))", jax.grad(f), {"w": "d"}).verdict == "verified"
    assert verified("gradient", f, "1 - tanh(w)", {"w": "d"}).verdict == "refuted"


def test_functions_of_torch():
    torch = pytest.importorskip("torch", reason="PyTorch is no part of the test extra")

    def f(w):
        return torch.tanh(w).sum()

    def claim(w):
        return torch.autograd.grad(f(w.requires_grad_()), w)

    assert verified("gradient", f, "1 - tanh(w)**2", {"w": "d"}).verdict == "verified"
    assert verified("gradient", "sum(tanh(w))", claim, {"w": "d"}).verdict == "verified"
    assert verified("gradient", f, "1 - tanh(w)", {"w": "d"}).verdict == "refuted"


def test_a_function_is_called_with_copies():
    values = {"w": np.ones(2)}
    called = Called(lambda w: w.fill(3), "f", ["w"])
    with pytest.raises(ValueError, match="the value of f"):
        called(values)
    assert values["w"].tolist() == [1, 1]


# --- random wrong claims -------------------------------------------------------------------------


MUTATIONS = [
    lambda g, r: g * (1 + 10.0 ** -r.integers(1, 7)),
    lambda g, r: g + 10.0 ** -r.integers(1, 6),
    lambda g, r: -g,
    lambda g, r: np.roll(g, 1),
    lambda g, r: np.where(np.arange(g.size) == g.size - 1, 0, g),
    lambda g, r: np.abs(g),
    lambda g, r: g**2,
    lambda g, r: np.mean(g) * np.ones_like(g),
]


@pytest.mark.parametrize("seed", range(16))
def test_random_mutants_are_refuted(seed):
    rng = np.random.default_rng(seed)
    mutate = MUTATIONS[seed % len(MUTATIONS)]
    state = int(rng.integers(1 << 30))

    def claim(X, w, y):
        return mutate(slope(X, w, y), np.random.default_rng(state))

    f = LOSS if rng.integers(2) else loss
    found = verify_numerically("gradient", f, "w", claim, GIVEN, seed)
    assert found.verdict == "refuted", f"seed {seed}: {found}"


def test_sizes_at_which_a_matrix_is_singular_are_left_out():
    def claim(A, X):
        inner = X.T @ A @ X
        return 2 * np.linalg.det(inner) * A @ X @ np.linalg.inv(inner)

    given = {"A": "n n: spd", "X": "n d"}
    assert verified("gradient", "det(X.T @ A @ X)", claim, given, "X").verdict == "verified"
