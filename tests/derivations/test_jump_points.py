"""Statements that hold but where a sign or a condition changes: refuted there, or left undecided."""

import pytest

from derivations import equivalent, verify_gradient, verify_steps

GIVEN = {
    "s": "", "c": "", "a": "n", "b": "n", "p": ": positive", "k": ": counts", "y": ": binary", "t": ": unit",
}  # fmt: skip

REFUTED = [
    ("where(s*c == 7/13, 0, 1)", "1"),
    ("sign((s - 7/13)**2)", "1"),
    ("sign(abs(s - 7/3))", "1"),
    ("sign(norm(a - b))", "1"),
    ("step((s*c - 7/13)**2)", "1"),
    ("sign(abs(a @ b))", "1"),
    ("sign(abs(s**2 - c))", "1"),
    ("sign((s - c*c - 1/7)**2)", "1"),
    ("where(s**2 - 3*s + 2 == 0, s, 1)", "1"),
    ("sign((s - 1/7)**2 + (c - 2/7)**2)", "1"),
    ("sum(sign((a - 1/7)**2))", "sum(exp(a)/exp(a))"),
    ("where((s - 1)*(s - 22/7) == 0, s, 1)", "1"),
    ("where(k == 17, 0, 1)", "1"),
    ("where(t == 5/7, 0, 1)", "1"),
    ("where(y*s == 7/13, 0, 1)", "1"),
]
UNDECIDED = [
    ("where(s**2 == 2, 0, 1)", "1"),
    ("sign((s**2 - 2)**2)", "1"),
    ("sign(abs(exp(s) - 2))", "1"),
    ("where(p**2 == 3, 0, 1)", "1"),
    ("step(s**2 - 2)", "where(s**2 >= 2, 1, 0)"),
    ("where((s - 1)*(s**2 - 2) == 0, s, s*(1 + 0*c))*where(s**2 == 2, 2, 1)", "s"),
]
HOLDING = [
    ("relu(s) + relu(-s)", "abs(s)"),
    ("where(s**2 == 2, s**2, 2)", "2"),
    ("step(s**2 - 2)", "where(s**2 > 2, 1, 0)"),
    ("sum(step(a**2 - 2))", "sum(where(a**2 > 2, 1, 0))"),
    ("sign(s**2 + 1)", "1"),
    ("sign(s**2 - 2)/(s**2 - 2)", "1/abs(s**2 - 2)"),
    ("sign(p)", "1"),
    ("where(y == 1, s, 2*s)", "s*(2 - y)"),
    ("where(k == 1/2, 0, 1)", "1"),
    ("where(t == 2, 0, 1)", "1"),
    ("where(a @ b > 0, 1, -1)*abs(a @ b)", "a @ b"),
    ("where(exp(s) > 2, exp(s), 2)", "maximum(exp(s), 2)"),
    ("where(norm(a) > 1, a/norm(a), a)", "a/maximum(norm(a), 1)"),
    (
        "where(abs(s) <= 1, s**2/2, abs(s) - 1/2)",
        "minimum(abs(s), 1)*(abs(s) - minimum(abs(s), 1)/2)",
    ),
]


@pytest.mark.parametrize(("left", "right"), REFUTED, ids=[each for each, _ in REFUTED])
def test_what_fails_at_a_rational_zero_is_refuted_there(left, right):
    found = equivalent(left, right, GIVEN)
    assert found.verdict == "refuted"
    assert found.counterexample is not None


@pytest.mark.parametrize(("left", "right"), UNDECIDED, ids=[each for each, _ in UNDECIDED])
def test_what_fails_at_an_irrational_zero_is_not_verified(left, right):
    found = equivalent(left, right, GIVEN)
    assert found.verdict == "undecided"
    assert "= 0" in found.reason


@pytest.mark.parametrize(("left", "right"), HOLDING, ids=[each for each, _ in HOLDING])
def test_what_holds_at_zeros_too_still_passes(left, right):
    assert equivalent(left, right, GIVEN).passed


def test_a_zero_that_is_not_found_leaves_a_doubt():
    found = equivalent("sign((s**2 - 2)**2 + (c**2 - 3)**2)", "1", GIVEN)
    assert found.verdict == "undecided"
    assert "was not tried" in found.reason


def test_at_a_kink_of_what_is_differentiated_any_convention_is_right():
    assert verify_gradient("sum(abs(a**2 - 2))", "a", "2*a*sign(a**2 - 2)", GIVEN).passed


ORDERS = [
    ("sign((s - c*c - 1/7)**2) >= 1", "refuted"),
    ("sign(abs(s - 22/7)) >= 1", "refuted"),
    ("sign((s**2 - 2)**2) >= 1", "undecided"),
    ("sign((s**2 - 2)**2) > 0", "undecided"),
    ("step(s**2 - 2) >= where(s**2 >= 2, 1, 0)", "undecided"),
    ("step(s**2 - 2) <= where(s**2 >= 2, 1, 0)", "verified"),
    ("sign((s**2 - 2)**2) <= 1", "verified"),
    ("sign(s)/s + 1 >= 1", "verified"),
]


@pytest.mark.parametrize(("line", "verdict"), ORDERS, ids=[each for each, _ in ORDERS])
def test_orders_are_looked_at_where_a_sign_changes(line, verdict):
    assert verify_steps(line, GIVEN).verdict == verdict


NOWHERE = [
    ("inv(outer(a, a)) @ outer(a, a)", "eye(n)"),
    ("inv(outer(a, a)) @ outer(a, a)", "outer(a, a) @ inv(outer(a, a))"),
    ("logdet(outer(a, a)) + 1", "1 + logdet(outer(a, a))"),
]


@pytest.mark.parametrize(("left", "right"), NOWHERE, ids=[each for _, each in NOWHERE])
def test_what_has_a_value_only_for_size_1_is_undecided(left, right):
    found = equivalent(left, right, GIVEN)
    assert found.verdict == "undecided"
    assert "only for n = 1" in found.reason


ASSUMED = [
    ("A @ inv(A)", "eye(n)", "A: invertible"),
    ("(a/norm(a)) @ (a/norm(a))", "1", "a != 0"),
    ("s", "s**2/s", "s != 0"),
    ("sign(s)*abs(s)", "s", ""),
    ("inv(S + eye(n)) @ (S + eye(n))", "eye(n)", "S: symmetric positive definite"),
]


@pytest.mark.parametrize(("left", "right", "assumed"), ASSUMED, ids=[each for each, *_ in ASSUMED])
def test_what_either_side_needs_for_a_value_is_told(left, right, assumed):
    found = equivalent(left, right, {**GIVEN, "A": "n n", "S": "n n: spd"})
    assert found.verdict == "proved"
    assert "; ".join(found.assumptions) == assumed
