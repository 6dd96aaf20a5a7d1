"""Slips in claims that are Python functions: named by what explains the numbers, or not at all."""

import numpy as np
import pytest

from derivations.verification.functions.callables import verify_numerically
from derivations.verification.functions.calling import Called, CallError

GIVEN = {"X": "n d", "w": "d", "y": "n"}
LOSS = "norm(X @ w - y)**2/2"


def slope(X, w, y):
    return X.T @ (X @ w - y)


def verified(claim, f=LOSS, given=GIVEN):
    return verify_numerically("gradient", f, "w", claim, given, 0)


@pytest.mark.parametrize(
    "claim",
    [
        lambda X, w, y: slope(X, w, y) + 1e-13,
        lambda X, w, y: slope(X, w, y) + np.maximum(w - 50, 0),
        lambda X, w, y: slope(X, w, y)*(1 + (len(y) > 7)),
        lambda X, w, y: np.squeeze(slope(X, w, y)),
    ],
    ids=["by little", "large inputs", "many rows", "squeezed"],
)  # fmt: skip
def test_what_is_right_at_most_points_has_no_usual_slip(claim):
    found = verified(claim)
    assert found.verdict == "refuted"
    assert found.mistakes == ()


def test_a_zero_claim_is_said_to_be_zero():
    found = verified(lambda X, w, y: 0 * w)
    assert found.verdict == "refuted"
    assert found.mistakes == ()
    assert any("zero everywhere" in note for note in found.notes)


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        (lambda X, w, y: -slope(X, w, y), "sign"),
        (lambda X, w, y: slope(X, w, y) / len(y), "mean for sum"),
        (lambda X, w, y: X.T @ X @ w, "dropped term"),
        (lambda X, w, y: X.T @ (X @ w + y), "wrong-signed term"),
    ],
)
def test_one_reading_is_told(claim, kind):
    assert [each.kind for each in verified(claim).mistakes] == [kind]


def test_large_inputs_and_sizes_refute_no_right_claim():
    assert verified(slope).verdict == "verified"
    assert {9, 12} in [set(sizes.values()) for sizes in verified(slope).sizes]

    def softmax(w):  # its exponentials overflow
        return np.exp(w) / np.sum(np.exp(w))

    assert verified(softmax, "logsumexp(w)", {"w": "d"}).verdict == "verified"


def test_overflow_in_a_function_gives_no_warning():
    def huge(x):
        with np.errstate(all="ignore"):
            return x * 1e308 * 10

    assert verify_numerically("equality", huge, None, "x", {"x": "n"}, 0).verdict == "refuted"


def test_a_function_may_insist_on_tensors():
    torch = pytest.importorskip("torch")

    def claim(X, w, y):
        assert isinstance(w, torch.Tensor)
        return X.T @ (X @ w - y)

    assert verified(claim).verdict == "verified"


def test_a_function_may_insist_on_arrays_of_jax():
    jax = pytest.importorskip("jax")

    def claim(X, w, y):
        assert isinstance(w, jax.Array)
        return X.T @ (X @ w - y)

    assert verified(claim).verdict == "verified"


def test_what_a_function_may_take_is_said():
    def stubborn(w):
        raise ValueError("not this")

    with pytest.raises(CallError, match=r"ValueError: not this.*PyTorch tensors or JAX arrays"):
        Called(stubborn, "f", ["w"])({"w": np.ones(2)})
