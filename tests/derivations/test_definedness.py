"""Implications whose steps multiply by what need not have a value, where the premise holds."""

import pytest

from derivations import Derivation, equation, follows, implies
from derivations.rules.equations import multiply_both_sides, multiply_left, multiply_right
from symbolic import constant, dims, eye, inv, matrix, rules, scalar, vector

n, _ = dims("n d")
A = matrix("A", n, n)
S = matrix("S", n, n, domain="spd")
a, b, x = vector("a", n), vector("b", n), vector("x", n)
s, c = scalar("s"), scalar("c", domain="positive")
one = constant(1)

CANCELLED = [
    (follows(equation(A @ A, A), equation(A, eye(n))), (multiply_left(inv(A)), rules.inverse)),
    (follows(equation(A @ A, A), equation(A, eye(n))), (multiply_right(inv(A)), rules.inverse)),
    (follows(equation(s**2, s), equation(s, one)), multiply_both_sides(1 / s)),
    (follows(equation(s * a, s * b), equation(a, b)), multiply_both_sides(1 / s)),
    (follows(equation((x @ x) * a, (x @ x) * b), equation(a, b)), multiply_both_sides(1 / (x @ x))),
    (follows(equation((s - 1) * (s + 1), (s - 1) * 2), equation(s + 1, constant(2))),
     multiply_both_sides(1 / (s - 1))),
]  # fmt: skip

KEPT = [
    (follows(equation(S @ a, S @ b), equation(a, b)), (multiply_left(inv(S)), rules.inverse)),
    (follows(equation(c * a, c * b), equation(a, b)), multiply_both_sides(1 / c)),
    (follows(equation(A @ x, b), equation(x, inv(A) @ b)), (multiply_left(inv(A)), rules.inverse)),
]


def checked(claim, by):
    step = implies(claim.conclusion.left, claim.conclusion.right, by=by)
    return Derivation((A, S, a, b, x, s, c), claim, (step,)).check()


@pytest.mark.parametrize(("claim", "by"), CANCELLED, ids=lambda each: str(each)[:40])
def test_what_may_be_zero_is_not_cancelled(claim, by):
    report = checked(claim, by)
    assert report.verdict in ("undecided", "refuted"), str(report)


@pytest.mark.parametrize(("claim", "by"), KEPT, ids=lambda each: str(each)[:40])
def test_what_has_a_value_or_stands_in_the_claim_is_cancelled(claim, by):
    assert checked(claim, by).verdict == "proved"


def test_a_detour_through_a_line_without_value_does_not_help():
    claim = follows(equation(A @ A, A), equation(A, eye(n)))
    steps = (
        implies(inv(A) @ A @ A, inv(A) @ A, by=multiply_left(inv(A))),
        implies(A, eye(n), by=rules.inverse),
    )
    assert Derivation((A,), claim, steps).check().verdict == "undecided"
