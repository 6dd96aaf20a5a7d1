"""What has to hold for SymPy lines to have values: stated where it does not follow from the facts."""

import pytest
import sympy
from sympy import (
    Abs,
    Derivative,
    Function,
    Integral,
    Limit,
    Piecewise,
    Subs,
    Sum,
    exp,
    factorial,
    log,
    oo,
    sqrt,
)

from symbolic.scalars.conditions import conditions
from symbolic.scalars.facts import Facts
from symbolic.scalars.recursion import Recursion

x, c, b, z = sympy.symbols("x c b z", real=True)
p = sympy.Symbol("p", positive=True)
n = sympy.Symbol("n", integer=True, positive=True)
i, k = sympy.symbols("i k", integer=True)
q = Function("q", positive=True)
f = Function("f", real=True)

STATED = [
    (1 / (x - c), "x - c != 0"),
    (log(x) / Abs(c), "c != 0; x > 0"),
    (sqrt(x), "x >= 0"),
    (x**c, "x > 0"),
    (Sum(1 / (i - 1), (i, 1, n)), "i - 1 != 0 for i = 1..n"),
    (Sum(1 / i, (i, 1, oo)), "sum(1/i, i=1..oo) converges"),
    (Integral(1 / x, (x, 0, 1)), "integral(1/x, x=0..1) exists"),
    (Integral(f(x), (x, -oo, oo)), "integral(f(x), x=-oo..oo) exists"),
    (Subs(Derivative(log(x), x), x, c), "c > 0"),
    (1 / Sum(f(i), (i, 1, n)), "sum(f(i), i=1..n) != 0"),
]
KNOWN = [
    1 / p, log(p), sqrt(x**2 + 1), 1 / (1 + exp(x)), Sum(1 / i, (i, 1, n)), 1 / Sum(q(i), (i, 1, n)),
    Integral(exp(-(x**2)), (x, -oo, oo)), Integral(1 / x, (x, 1, 2)), Limit(f(x) / x, x, 0),
    Piecewise((log(x), x > 0), (0, True)), x**n, Integral(f(x) * f(c), (x, 0, 1), (c, 0, 1)),
    Sum(1 / factorial(i), (i, 0, n)), 1 / Recursion(z * exp(b) + exp(f(k)), z, 0, k, n),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), STATED, ids=[each for _, each in STATED])
def test_what_is_not_known_to_hold_is_stated(line, expected):
    assert "; ".join(sorted(map(str, conditions(line, Facts())))) == expected


@pytest.mark.parametrize("line", KNOWN, ids=str)
def test_what_certainly_holds_is_not_stated(line):
    assert conditions(line, Facts()) == ()


def test_conditions_given_are_not_stated_again():
    line = log(x) / (x - c) / (1 - p**n)
    assert conditions(line, Facts((x > 0, x > c, p < 1))) == ()
    assert [str(each) for each in conditions(line, Facts((x > 0, x > c)))] == ["1 - p**n != 0"]


def test_a_condition_is_latex_too():
    (condition,) = conditions(Sum(1 / (i - 1), (i, 1, n)), Facts())
    assert condition.latex() == r"i - 1 \ne 0 \quad \text{for } i = 1, \dots, n"
