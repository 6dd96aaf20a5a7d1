"""Canonical forms whatever was asked before: no memo makes two rules undo each other."""

import itertools

import pytest

from symbolic import parse
from symbolic.algebra.identities import SIMPLIFYING_LAWS
from symbolic.algebra.normal import expand
from symbolic.algebra.simplification import Canonicalizer
from symbolic.algebra.sums import coefficient_of, times
from symbolic.nodes import Apply

GIVEN = {
    "X": "n d",
    "w": "d",
    "lam": ": positive",
    "mu": "",
    "A": "d d",
    "B": "d d",
    "S": "d d: symmetric",
}
MATRICES = [
    "X.T @ X - lam*eye(d)", "lam*eye(d) - X.T @ X", "A - B.T", "B - A.T", "-lam*A @ S - B", "B.T + lam*A @ S",
    "2*A @ S + 2*A @ A.T - A.T @ A", "-mu*A.T - A.T + lam*A @ B",
]  # fmt: skip
LAWS = [frozenset(), SIMPLIFYING_LAWS]


def matrix(text):
    return parse(text, GIVEN)


@pytest.mark.parametrize("laws", LAWS, ids=["algebra", "all laws"])
@pytest.mark.parametrize(("first", "second"), [*itertools.permutations(MATRICES, 2)])
def test_a_multiple_and_what_it_is_a_multiple_of_have_one_form(laws, first, second):
    forms = Canonicalizer(laws)
    for text in (first, f"inv({second})", f"inv({first}) @ w - inv({second}) @ w"):
        whole = matrix(text)
        for each in (
            whole,
            expand(whole, forms),
            times(-1, whole),
            times(-1, expand(whole, forms)),
        ):
            form = forms.canonical(each)
            assert forms.canonical(form) is form
            coefficient = coefficient_of(form)
            if coefficient not in (0, 1):
                bare = times(1 / coefficient, form)
                assert forms.canonical(bare) is bare


@pytest.mark.parametrize("laws", LAWS, ids=["algebra", "all laws"])
@pytest.mark.parametrize("function", ["inv", "det"])
def test_signs_that_were_remembered_differently_end(laws, function):
    """S is remembered as -(T); a form -(T) that turns up must not lead to S again."""
    forms = Canonicalizer(laws)
    one = expand(matrix("A - B.T"), forms)
    other = times(-1, expand(matrix("B.T - A"), forms))
    assert one is not other
    for form in (one, other, times(-1, one), times(-1, other)):
        forms.canonical(form)
        forms.canonical(Apply(function, form))
        forms.canonical(Apply(function, matrix("A.T - B")))
