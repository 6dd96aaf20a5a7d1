"""Induction: the claim that is its step has to lead from every whole number to the next."""

from __future__ import annotations

import pytest
import sympy

from derivations import equation
from derivations.rules.induction import induction
from symbolic.scalars.facts import Facts

ONE = sympy.Integer(1)


def signs(k: sympy.Expr) -> sympy.Expr:
    """1, 1, -1, -1, 1, 1, ...: the same for 2 k and 2 k + 1, and not for 2 k + 1 and 2 k + 2."""
    return (-1) ** (k * (k - 1) / 2)


def test_the_step_leads_from_one_number_to_the_next() -> None:
    n = sympy.Symbol("n", integer=True, nonnegative=True)
    assert induction(equation(signs(n), signs(n + 1)), n).results(ONE, Facts()) == (signs(n),)
    assert induction(equation(signs(n), signs(n + 2)), n).results(ONE, Facts()) == ()
    assert induction(equation(signs(n), signs(n + 1)), n).results(2 * ONE, Facts()) == ()


@pytest.mark.parametrize("word", ["even", "odd", "prime"])
def test_a_step_for_some_numbers_is_none_for_all(word: str) -> None:
    """For even n the signs of n and n + 1 are one, and that of n = 0 is 1; that of n = 2 is -1."""
    n = sympy.Symbol("n", integer=True, nonnegative=True, **{word: True})
    assert induction(equation(signs(n), signs(n + 1)), n).results(ONE, Facts()) == ()


def test_numbers_from_one_on_start_at_one() -> None:
    """1/(n + 1) rounded down is 1 at 0, and 0 from 1 on."""
    n = sympy.Symbol("n", integer=True, positive=True)
    rounded = sympy.floor(1 / (n + 1), evaluate=False)
    step = induction(equation(rounded, rounded.subs(n, n + 1)), n)
    assert step.results(ONE, Facts()) == ()


def test_a_condition_on_the_number_makes_it_not_all_numbers() -> None:
    n = sympy.Symbol("n", integer=True, nonnegative=True)
    step = induction(equation(signs(n), signs(n + 1)), n)
    assert step.results(ONE, Facts((sympy.Le(n, 5),))) == ()
