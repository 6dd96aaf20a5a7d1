r"""Claims about second derivatives of lgamma: what is right is proved, what is wrong is named."""

import pytest

from derivations.verification.verify import verify_hessian

LOSS = "sum(lgamma(a) + z - (a - 1)*log(z))"
GIVEN = {"a": ": positive", "z": "n: positive"}


@pytest.mark.parametrize(
    "claim",
    [
        "n*trigamma(a)",
        "n*(trigamma(a + 1) + 1/a**2)",
        r"n\psi'(a)",
        r"n \psi_1(a)",
        r"n \psi^{(1)}(a)",
    ],
)
def test_a_right_curvature_is_proved(claim):
    assert verify_hessian(LOSS, "a", claim, GIVEN).verdict == "proved"


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ("n*digamma(a)", "digamma itself stands where its derivative belongs"),
        (r"n\psi(a)", "digamma itself stands where its derivative belongs"),
        ("n*polygamma(2, a)", "polygamma(2, a) stands where trigamma(a) belongs"),
        ("-n*trigamma(a)", "claim = -correct"),
        ("n*(trigamma(a + 1) - 1/a**2)", "wrong sign"),
    ],
)
def test_a_wrong_curvature_is_refuted_and_the_slip_is_named(claim, told):
    found = verify_hessian(LOSS, "a", claim, GIVEN)
    assert found.verdict == "refuted"
    assert told in " ".join(str(found).split())
