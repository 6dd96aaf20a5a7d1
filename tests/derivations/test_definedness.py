"""Lines that need not have values: what is stated then, and what does not follow."""

import pytest
import sympy

from derivations import Derivation, equals, equation, follows, implies, lemma, right_to_left
from derivations.rules.equations import multiply_both_sides, multiply_left, multiply_right
from symbolic import constant, dims, eye, inv, log, matrix, outer, rules, scalar, vector
from symbolic.scalars.elementary import algebra

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


X = matrix("X", n, dims("d k")[0])
STATED = [
    (equation(A @ inv(A), eye(n)), rules.inverse, "A is invertible"),
    (equation(inv(X.T @ X) @ (X.T @ X), eye(X.shape[1])), rules.inverse, "X.T @ X is invertible"),
    (equation(s / s, one), rules.algebra, "s != 0"),
    (equation(x * (b @ b) / (b @ b), x), rules.algebra, "b != 0"),
    (equation(inv(S) @ S, eye(n)), rules.inverse, ""),
    (equation(c / c, one), rules.algebra, ""),
]


@pytest.mark.parametrize(("claim", "by", "needed"), STATED, ids=lambda each: str(each)[:40])
def test_what_a_proved_page_needs_is_stated(claim, by, needed):
    page = Derivation((A, S, a, b, x, s, c, X), claim, (equals(claim.right, by=by),))
    report = page.check()
    assert report.verdict == "proved"
    assert "; ".join(map(str, page.needed)) == needed
    for shown in (str(report), str(page)):
        assert needed in shown
    heading = "so that the lines have values"
    assert (heading in page.markdown()) == (heading in page.html()) == bool(needed)


def test_a_line_between_two_others_is_stated_too():
    steps = (
        equals(inv(A) @ A @ x, by=right_to_left(rules.inverse)),
        equals(x * one, by=rules.inverse),
    )
    page = Derivation((A, x), equation(x, x * one), steps)
    assert [str(each) for each in page.needed] == ["A is invertible"]


def test_what_only_the_lines_of_a_lemma_need_is_stated_where_it_is_used():
    chain = (
        equals(inv(A) @ A @ x, by=right_to_left(rules.inverse)),
        equals(x * one, by=rules.inverse),
    )
    page = Derivation((A, x), equation(x, x * one), chain, name="a_lemma", about="A lemma.")
    steps = (equals(x * one + a, by=lemma(page)),)
    user = Derivation((x, a), equation(x + a, x * one + a), steps)
    (needed,) = user.needed
    assert str(needed).startswith("A is invertible, in ")
    shown = (equals(inv(A) @ A @ x, by=right_to_left(rules.inverse)),)
    visible = Derivation((A, x), equation(x, inv(A) @ A @ x), shown, name="b_lemma", about="B.")
    steps = (equals(inv(A) @ A @ x + a, by=lemma(visible)),)
    user = Derivation((A, x, a), equation(x + a, inv(A) @ A @ x + a), steps)
    assert [str(each) for each in user.needed] == ["A is invertible"]


def test_a_matrix_that_never_has_an_inverse_proves_nothing():
    claim = equation(inv(outer(x, x)) @ outer(x, x), eye(n))
    report = Derivation((x,), claim, (equals(eye(n), by=rules.inverse),)).check()
    assert report.verdict == "undecided"
    (evidence,) = report.chains[0]
    assert "a value only for n = 1" in evidence.reason
    assert "outer(x, x) is invertible" in str(report)


def test_a_line_without_value_anywhere_proves_nothing():
    whole = log(-(c**2))
    claim = equation(s + whole - s, whole)
    report = Derivation((c, s), claim, (equals(whole, by=rules.algebra),)).check()
    assert report.verdict == "undecided"
    assert "at no point" in report.chains[0][0].reason


i = sympy.Symbol("i", integer=True)
y = sympy.Symbol("y", real=True)
SERIES = sympy.Sum(1 / i, (i, 1, sympy.oo))
WITHOUT_VALUE = [
    (sympy.Sum((i**2 - 1) / (i - 1), (i, 1, 3)), sympy.Sum(i + 1, (i, 1, 3))),
    (sympy.Product((i**2 - 4) / (i - 2), (i, 1, 3)), sympy.Product(i + 2, (i, 1, 3))),
    ((SERIES + y) ** 2 - SERIES**2, 2 * y * SERIES + y**2),
    (2 * sympy.Integral(1 / y, (y, 0, 1)), 4 * sympy.Integral(1 / y, (y, 0, 1)) / 2 + 0 * y),
    (SERIES * (y + 1), SERIES * y + SERIES),
]


@pytest.mark.parametrize(("left", "right"), WITHOUT_VALUE, ids=str)
def test_sums_and_integrals_without_value_prove_nothing(left, right):
    report = Derivation((y,), equation(left, right), (equals(right, by=algebra),)).check()
    assert report.verdict == "undecided"


def test_a_series_that_may_converge_is_stated():
    series = sympy.Sum(y**i, (i, 0, sympy.oo))
    claim = equation(series * (y + 1), series * y + series)
    page = Derivation((y,), claim, (equals(claim.right, by=algebra),))
    assert "sum(y**i, i=0..oo) converges" in [str(each) for each in page.needed]
