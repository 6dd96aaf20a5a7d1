"""Gradients in which the sum of squares stands beside the norm: one of them is enough."""

import pytest

from symbolic import assumptions, gradient, hessian, parse, simplify
from symbolic.algebra.normal import equal_by_identities
from symbolic.calculus.origins import origin

GIVEN = {"x": "n", "y": "n", "a": "n", "X": "n d"}
CASES = [
    ("x @ x/norm(x)", "x/norm(x)"),
    ("(x @ x)**2/norm(x)**3", "x/norm(x)"),
    ("(x @ x)*norm(x)", "3*norm(x)*x"),
    ("norm(x - y)*(x - y) @ (x - y)", "3*norm(x - y)*(x - y)"),
    ("(x @ x)*(y @ y)/norm(x)", "(y @ y)*x/norm(x)"),
    # one of the two alone stays as it is
    ("log(x @ x)", "2*x/(x @ x)"),
    ("norm(x)**4", "4*norm(x)**2*x"),
    ("(x @ x)**2", "(4*x @ x)*x"),
    ("(x @ x)**2*norm(y)", "4*norm(y)*(x @ x)*x"),
    ("a @ x/norm(x)", "a/norm(x) - (a @ x)*x/norm(x)**3"),
]


@pytest.mark.parametrize(("text", "shown"), CASES)
def test_gradients_have_one_of_the_two(text, shown):
    found = gradient(text, "x", GIVEN)
    assert str(found) == shown
    assert equal_by_identities(found, origin(found))
    assert simplify(found) is found


def test_rows_and_matrices():
    assert str(gradient("sum(X**2)/norm(X)", "X", GIVEN)) == "X/norm(X)"
    rows = gradient("sum(sum(X**2, axis=1)/norm(X, axis=1))", "X", GIVEN)
    assert str(rows) == "diag(1/norm(X, axis=1)) @ X"
    other = gradient("sum(sum(X**2, axis=0)/norm(X))", "X", GIVEN)
    assert str(other) == "X/norm(X)"
    second = hessian("x @ x/norm(x)", "x", GIVEN)
    assert str(second) == "eye(n)/norm(x) - outer(x, x)/norm(x)**3"


def test_the_norm_below_the_line_stays_an_assumption():
    found = assumptions(gradient("x @ x/norm(x)", "x", GIVEN))
    assert [str(each).split(" (")[0] for each in found] == ["x != 0"]


def test_what_is_longer_is_not_taken():
    assert str(simplify(parse("x @ x + norm(x)", GIVEN))) == "norm(x) + x @ x"
    assert str(simplify(parse("sum(X**2, axis=1)*norm(X)", GIVEN))) == "norm(X)*sum(X**2, axis=1)"
