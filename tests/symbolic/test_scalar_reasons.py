"""Reasons in plain SymPy that are made from other things: what they refuse to be made from."""

from __future__ import annotations

import pytest
from sympy import Abs, Function, Integer, Lambda, Limit, Sum, Symbol, exp, oo, symbols

from derivations import Derivation, equals, equation, inequality, lemma, right_to_left
from derivations.rules.induction import induction
from derivations.rules.scalar_equations import on_both_sides
from derivations.rules.squeezing import squeezed
from symbolic.errors import UnsupportedError
from symbolic.scalars.elementary import algebra
from symbolic.scalars.facts import Facts
from symbolic.scalars.parameters import as_expression, as_variable

x, y = symbols("x y", real=True)
k = Symbol("k", integer=True)
m = Symbol("m", integer=True, nonnegative=True)
f = Function("f", real=True)
page = Derivation((f, x), equation(f(x) + f(x), 2 * f(x)), (equals(2 * f(x), by=algebra),))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: lemma(None),  # type: ignore[arg-type]
        lambda: lemma(page, claim="1"),  # type: ignore[arg-type]
        lambda: lemma(page, claim=2),
        lambda: lemma(page, {x: "y"}),
        lambda: lemma(page, {f: x**2}),
        lambda: lemma(page, {f: Lambda((x, y), x)}),
        lambda: right_to_left((algebra, algebra)),
        lambda: right_to_left(None),
        lambda: on_both_sides(x),
        lambda: on_both_sides(Lambda((x, y), x)),
        lambda: induction(equation(f(m), f(m + 1)), "m"),  # type: ignore[arg-type]
        lambda: as_expression("x", "a rule"),
        lambda: as_expression(x > 0, "a rule"),
        lambda: as_variable(x + 1, "a rule"),
    ],
)
def test_bad_input(wrong: object) -> None:
    with pytest.raises(UnsupportedError):
        wrong()  # type: ignore[operator]


def test_values_of_a_lemma() -> None:
    square = lemma(page, {f: Lambda(y, y**2)})
    assert square.results(x**2 + y, Facts()) == ()
    assert lemma(page, {f: Function("g", real=True)}).values


def test_a_limit_at_infinity_needs_a_variable_that_gets_there() -> None:
    n = Symbol("n", positive=True)
    bound = inequality(exp(-n), 1 / n)
    assert squeezed(bound).results(Limit(exp(-n), n, oo), Facts()) == (0,)
    below = Symbol("n", negative=True)
    bound = inequality(Abs(below), below**-2)
    assert squeezed(bound).results(Limit(Abs(below), below, oo), Facts()) == ()
    complex_one = Symbol("n")
    bound = inequality(Abs(complex_one), complex_one**-2)
    assert squeezed(bound).results(Limit(Abs(complex_one), complex_one, oo), Facts()) == ()


def test_the_number_of_an_induction_is_not_caught() -> None:
    total = Sum(k * (m - m + 1), (k, 0, m)) - m * (m + 1) / 2
    caught = Sum(Sum(1, (m, 1, k)), (k, 0, m))
    step = equation(total + caught, total.subs(m, m + 1) + caught.subs(m, m + 1))
    for found in induction(step, m).results(Integer(0), Facts()):
        assert found.subs(m, 3).doit() == 0
