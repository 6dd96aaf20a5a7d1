"""Every gradient that a page claims, against differences of the code generated for its loss."""

from dataclasses import replace

import pytest
import sympy

from derivations import D, Derivation, catalogue, equals, equation
from derivations.evidence import finite_difference
from derivations.evidence.claimed_derivatives import claimed_derivatives, differences_of
from derivations.evidence.experiment import in_words
from derivations.rendering.html import page
from symbolic import dims, norm, rules, sum, vector
from symbolic.scalars import derivatives

CLAIMED = [(page, k) for page in catalogue for k, _ in enumerate(differences_of(catalogue[page]))]
(n,) = dims("n")
w = vector("w", n)
x = sympy.Symbol("x", real=True)
a = sympy.Symbol("a", real=True)
square = equation(D(sum(w * w), w), 2 * w)
length = equation(D(norm(w) ** 2, w), 2 * w)


@pytest.mark.parametrize(("page", "k"), CLAIMED)
def test_gradients_claimed_agree_with_differences(page, k):
    found = list(differences_of(catalogue[page]))[k].run(seed=0)
    assert found.verdict == "verified", found


def with_claims(*claims, given=(w,), evidence=()):
    steps = (equals(claims[0].right, by=rules.linearity),)
    return Derivation(given=given, claim=claims, steps=steps, evidence=evidence, about="Made here")


def test_a_page_that_says_nothing_gets_the_differences_of_all_it_claims():
    derivation = with_claims(square, length)
    assert derivation.evidence == ()
    (experiment,) = derivation.experiments
    words = in_words(experiment.statement)
    assert words == "the derivatives claimed, D(sum(w*w), w), D(norm(w)**2, w)"
    report = derivation.check()
    (found,) = report.experiments
    assert found.verdict == "verified"
    assert "for 2 of 2, at 4 points" in found.reason
    assert "the derivatives claimed" in page(derivation, report)


def test_one_claim_is_stated_as_it_is():
    (experiment,) = with_claims(square).experiments
    assert in_words(experiment.statement) == "D(sum(w*w), w) = 2*w"


def test_a_page_with_differences_of_its_own_keeps_to_them():
    own = finite_difference(sum(w * w), w, 2 * w)
    assert with_claims(square, length, evidence=(own,)).experiments == (own,)


def test_a_wrong_gradient_fails_the_page():
    derivation = with_claims(square, equation(D(norm(w) ** 2, w), 3 * w))
    report = derivation.check()
    assert report.experiments[-1].verdict == "refuted"
    assert report.experiments[-1].counterexample
    assert report.verdict == "refuted"


def scalar_claim(left, right, *given):
    steps = (equals(right, by=derivatives.power_rule),)
    return Derivation(given=given, claim=equation(left, right), steps=steps, about="Made here")


def test_derivatives_of_scalars_are_taken_where_the_conditions_hold():
    falling = scalar_claim(sympy.Derivative(sympy.Abs(x), x), -1 * sympy.S.One, x, x < 0)
    assert claimed_derivatives(falling).run(0).verdict == "verified"
    anywhere = replace(falling, given=(x,))
    assert claimed_derivatives(anywhere).run(0).verdict == "refuted"


def test_what_has_no_value_is_left_out_and_fails_nothing():
    derivation = scalar_claim(sympy.Derivative(sympy.besselj(0, x), x), -sympy.besselj(1, x), x)
    assert len(derivation.experiments) == 1
    report = derivation.check()
    assert report.experiments == ()
    assert "finite differences" not in page(derivation, report)


def test_claims_that_are_no_derivative_ask_for_nothing():
    second = scalar_claim(sympy.Derivative(x**3, x, x), 6 * x, x)
    assert claimed_derivatives(second) is None
    assert claimed_derivatives(scalar_claim(a * x, x * a + 0, a, x)) is None
