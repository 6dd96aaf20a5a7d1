"""What has to hold for expressions to have values: stated where it is not known, and only there."""

import pytest
import sympy

from symbolic import from_sympy, parse
from symbolic.calculus.conditions import conditions
from symbolic.calculus.definiteness_rules import is_never_zero, is_positive

GIVEN = {
    "A": "n n", "I": "n n: invertible", "S": "n n: spd", "X": "n d", "a": "n", "b": "n", "u": "n: unit_norm",
    "w": "n: prob", "p": "n: positive", "s": "", "c": ": positive", "t": ": counts",
}  # fmt: skip

STATED = [
    ("inv(A)", "A: invertible"),
    ("logdet(A @ I)", "A @ I: invertible"),
    ("inv(X.T @ X)", "X.T @ X: invertible"),
    ("inv(outer(a, a))", "outer(a, a): invertible"),
    ("cholesky(A)", "A: symmetric positive definite"),
    ("a/norm(a)", "a != 0"),
    ("(a @ b)/(2*norm(a)*norm(b))", "a != 0; b != 0"),
    ("1/sqrt(a @ a)", "a != 0"),
    ("1/(a @ a)**2", "a != 0"),
    ("s/s", "s != 0"),
    ("1/(s*c)", "s != 0"),
    ("1/(s - 1)", "s - 1 != 0"),
    ("log(s)", "s > 0"),
    ("log(c*s)", "s > 0"),
    ("sqrt(s)", "s >= 0"),
    ("1/sqrt(s)", "s > 0"),
    ("s**0.5/s", "s > 0"),
    ("s**s", "s > 0"),
    ("log(w)", "w > 0"),
    ("log(w) + 1/sum(w*exp(a))", "w > 0"),
    ("arctanh(s)", "1 - s**2 > 0"),
    ("log(s)*where(s > 0, log(s), 0)", "s > 0"),
]

KNOWN = [
    "inv(I)", "inv(S)", "inv(S + eye(n))", "logdet(S)", "cholesky(S)", "inv(X.T @ X + c*eye(d))",
    "inv(I @ S)", "u/norm(u)", "p/norm(p)", "1/p", "log(p)", "log(softmax(a))", "1/sum(exp(a))",
    "log(det(S))", "log(1 - sigmoid(s))", "1/(1 + s**2)", "log(1 + a @ a)", "sqrt(a @ a)", "s**t",
    "s**(t + 1)", "where(s > 0, log(s), 0)", "where(s == 0, 1, sin(s)/s)", "exp(s)/exp(s)", "mean(a)",
    "sum(tril(exp(A)), axis=1)**-1", "log(prod(exp(a)))", "norm(a)",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STATED, ids=[each for each, _ in STATED])
def test_what_is_not_known_to_hold_is_stated_in_its_shortest_form(text, expected):
    assert "; ".join(map(str, conditions([parse(text, GIVEN)]))) == expected


@pytest.mark.parametrize("text", KNOWN)
def test_what_provably_holds_is_not_stated(text):
    assert conditions([parse(text, GIVEN)]) == ()


@pytest.mark.parametrize(
    "text", ["w", "s**2", "tril(exp(A))", "sum(triu(exp(A) - 1), axis=1)", "det(A)"]
)
def test_what_may_be_zero_is_not_taken_for_positive(text):
    expression = parse(text, GIVEN)
    assert not is_positive(expression)
    assert not is_never_zero(expression)


def test_functions_of_sympy_are_stated_as_they_are_written():
    (condition,) = conditions([from_sympy(sympy.tan(sympy.Symbol("x", real=True)))])
    assert str(condition) == "cos(x) != 0"
