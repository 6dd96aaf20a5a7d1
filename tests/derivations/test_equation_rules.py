"""Rules for equations: what each makes of an equation, and when it says no."""

from __future__ import annotations

import numpy as np
import pytest

from derivations.rules.equations import (
    EquationRule,
    divide_both_sides,
    equation_leads_to,
    multiply_both_sides,
    multiply_by_inverse,
    multiply_left,
    multiply_right,
    normalizing,
    rearranging,
    substituting_in,
    transposing,
)
from derivations.statements import Equation, equation
from numeric.constraints import sample_on
from numeric.enclosure import compare
from symbolic import Derivative, Expression, Variable, parse, rules, sum
from symbolic.calculus.rules import algebra
from symbolic.errors import UnsupportedError
from symbolic.nodes import Expectation
from symbolic.traverse import variables

GIVEN = {
    "X": "n d", "y": "n", "u": "n", "w": "d", "v": "d", "A": "d d", "B": "d d", "S": "d d: spd",
    "I": "d d: invertible", "lam": ": positive", "c": "", "q": "d: prob", "r": "n: positive", "N": "d",
}  # fmt: skip


def read(text: str) -> Expression:
    return parse(text, GIVEN)


def said(text: str) -> Equation:
    left, right = text.split(" = ")
    return equation(read(left), read(right) if right != "0" else 0)


LEADS = [
    ("A @ w = v", "v - A @ w = 0", rearranging),
    ("X.T @ (X @ w - y)/n = 0", "X.T @ X @ w = X.T @ y", rearranging),
    ("d*sum(y)*w = n*v", "sum(y)*w/n = v/d", rearranging),
    ("A @ w = v", "w @ A.T @ B = v @ B", (transposing, multiply_right(read("B")))),
    ("A @ w = v", "B @ A @ w = B @ v", multiply_left(read("B"))),
    ("A @ w = v", "q*(A @ w) = q*v", multiply_both_sides(read("q"))),
    ("A @ w = v", "A @ w/lam = v/lam", divide_both_sides(read("lam"))),
    ("sum(r)*w = X.T @ r", "w = X.T @ r/sum(r)", divide_both_sides(read("sum(r)"))),
    ("S @ w = v", "w = inv(S) @ v", multiply_by_inverse(read("S"))),
    ("I @ A = B", "A = inv(I) @ B", multiply_by_inverse(read("I"))),
    ("(X.T @ X + lam*eye(d)) @ w = v", "w = inv(X.T @ X + lam*eye(d)) @ v",
     multiply_by_inverse(read("X.T @ X + lam*eye(d)"))),
    ("w = A @ v", "w @ A @ v = v @ A.T @ A @ v", substituting_in(read("w @ A @ v"))),
    ("N = c*q", "N = sum(N)*q", normalizing),
    ("N = q*c", "N - sum(N)*q = 0", (normalizing, rearranging)),
]  # fmt: skip

DOES_NOT_LEAD = [
    ("A @ w = v", "A @ w + v = 0", rearranging),
    ("A @ w = v", "c*(A @ w) = c*v", rearranging),  # c may be zero
    ("(n - 1)*w = 0", "w = 0", rearranging),  # n may be one
    ("w = v", "w = w", rearranging),
    ("A @ w = v", "A @ w = v", multiply_left(read("B"))),
    ("A @ w = v", "w = v", divide_both_sides(read("c"))),
    ("c*w = c*v", "w = v", divide_both_sides(read("c"))),  # c may be zero
    ("A @ w = v", "w = inv(A) @ v", multiply_by_inverse(read("A"))),  # A may be singular
    ("X.T @ X @ w = v", "w = inv(X.T @ X) @ v", multiply_by_inverse(read("X.T @ X"))),
    ("w @ S = v", "w = v @ inv(S)", multiply_by_inverse(read("A"))),
    ("2*S @ w = v", "w = inv(S) @ v", multiply_by_inverse(read("S"))),  # a factor in front
    ("B @ S @ w = v", "w = inv(S) @ v", multiply_by_inverse(read("S"))),
    ("w = A @ v", "w @ A @ v = w @ w", substituting_in(read("w @ A @ v"))),  # the wrong way round
    ("w = v", "sum(N) = sum(N)", substituting_in(read("sum(N)"))),
    ("N = c*w", "N = sum(N)*w", normalizing),  # w does not sum to one
    ("N = w*q", "N = sum(N)*q", normalizing),  # w is no scalar
]


def by(reason: EquationRule | tuple[EquationRule, ...]) -> tuple[EquationRule, ...]:
    return reason if isinstance(reason, tuple) else (reason,)


@pytest.mark.parametrize(("before", "after", "reason"), LEADS)
def test_a_rule_leads_from_one_equation_to_another(before: str, after: str, reason) -> None:
    assert equation_leads_to(said(before), said(after), by(reason))


@pytest.mark.parametrize(("before", "after", "reason"), DOES_NOT_LEAD)
def test_a_rule_says_no(before: str, after: str, reason) -> None:
    assert not equation_leads_to(said(before), said(after), by(reason))


@pytest.mark.parametrize(("before", "after", "reason"), LEADS)
def test_what_a_rule_leads_to_holds_where_the_premise_does(before: str, after: str, reason) -> None:
    """At random rational points that satisfy the premise exactly; nothing is shared with the rules."""
    premise, conclusion = said(before), said(after)
    given: list[Variable] = list(
        variables([premise.left, premise.right, conclusion.left, conclusion.right])
    )
    for seed in range(3):
        sizes = {letter: 2 + seed % 2 for node in given for letter in node.shape}
        if any(str(letter) == "n" for letter in sizes):
            sizes |= {letter: 4 for letter in sizes if str(letter) == "n"}
        point = sample_on(
            [(premise.left, premise.right)], given, sizes, np.random.default_rng(seed)
        )
        found = compare(conclusion.left, conclusion.right, point, sizes, digits=30)
        assert found.outcome == "equal", f"seed {seed}: {found}"


@pytest.mark.parametrize(
    "make", [multiply_left, multiply_right, multiply_both_sides, divide_both_sides,
             multiply_by_inverse, substituting_in],
)  # fmt: skip
def test_a_rule_about_an_expression_follows_it_when_an_assumption_is_dropped(make) -> None:
    S = read("S")
    free = Variable("S", S.shape)
    rule = make(S).renamed(lambda node: free if node is S else node)
    assert rule.about == (free,)
    assert rule.statement
    assert rule.condition
    assert rule.source
    assert rule.once(S) is S


def test_an_inverse_needs_the_assumption_that_there_is_one() -> None:
    before, after = said("S @ w = v"), said("w = inv(S) @ v")
    free = Variable("S", before.left.shape * 2)
    assert equation_leads_to(before, after, (multiply_by_inverse(read("S")),))
    assert not equation_leads_to(before, after, (multiply_by_inverse(free),))


def test_what_is_equal_at_a_point_is_not_put_into_a_derivative() -> None:
    """On the unit sphere x @ x is 1; its derivative there is not 0."""
    w = read("w")
    premise = equation(w @ w, 1)
    slope = Derivative(w @ w, w)
    assert substituting_in(slope).apply(premise) is None
    assert substituting_in(slope * (w @ w)).apply(premise) is None
    assert substituting_in(2 * (w @ w)).apply(premise) is not None


def test_what_is_equal_at_a_point_is_not_put_into_an_expectation() -> None:
    """The variable of an expectation runs over all values, whatever it is outside."""
    w, v, S = read("w"), read("v"), read("S")
    average = Expectation(w @ w, w, v, S)
    for premise in (equation(w @ w, 1), equation(w, v), equation(v, 2 * v)):
        assert substituting_in(average + sum(w)).apply(premise) is None
    assert substituting_in(average + sum(w)).apply(equation(sum(w), 1)) is not None


def test_rules_for_expressions_are_applied_to_both_sides() -> None:
    before = said("I @ inv(I) @ w = v")
    assert equation_leads_to(before, said("w = v"), (rules.inverse,))
    with pytest.raises(UnsupportedError, match="rearranging"):
        equation_leads_to(before, said("w = v"), (algebra,))
