"""The same done to both sides of an equation: nothing of them may be bound by what is done."""

from __future__ import annotations

import pytest
import sympy
from sympy import Derivative, Integral, Lambda, Limit, Sum, log

from derivations import equation
from derivations.rules.scalar_equations import on_both_sides
from symbolic.scalars.facts import Facts
from symbolic.scalars.random_variables import E, RandomVariable

t, x, y, z = sympy.symbols("t x y z", real=True)
k, n = sympy.symbols("k n", integer=True, positive=True)
X, Y = RandomVariable("X"), RandomVariable("Y")
f = sympy.Function("f", real=True)

CAUGHT = [
    (Lambda(t, Integral(t * x, (x, 0, 1))), (x, y)),
    (Lambda(t, Integral(t * f(x), (x, 0, 1))), (f(x), y)),
    (Lambda(t, Sum(t * k, (k, 1, n))), (k, n)),
    (Lambda(t, Derivative(t * x, x)), (x, y)),
    (Lambda(t, Derivative(t, x)), (x**2, y)),
    (Lambda(t, Limit(t * x, x, 0)), (y, x)),
    (Lambda(t, E(t * X)), (X, Y)),
]
DONE = [
    (Lambda(t, t + x), (x, y)),
    (Lambda(t, Integral(t * x, (x, 0, 1))), (y, z)),
    (Lambda(t, Integral(t * x, (x, 0, t**2))), (y, z)),
    (Lambda(t, Derivative(t * x, x)), (y, z)),
    (Lambda(t, Sum(t * k, (k, 1, n))), (y, 2 * z)),
    (Lambda(t, log(t**2 + 1)), (y, z)),
    (Lambda(t, E(t * X)), (y, z)),
]


@pytest.mark.parametrize(("function", "sides"), CAUGHT, ids=str)
def test_what_is_bound_is_not_what_is_outside(function, sides) -> None:
    """X = y says that the numbers are one here, not that x is y wherever it is integrated over."""
    left, right = sides
    after = equation(function(left), function(right))
    assert not on_both_sides(function).leads(equation(left, right), after, Facts())


@pytest.mark.parametrize(("function", "sides"), DONE, ids=str)
def test_the_same_is_done_to_both_sides(function, sides) -> None:
    left, right = sides
    rule = on_both_sides(function)
    assert rule.leads(equation(left, right), equation(function(left), function(right)), Facts())
    assert not rule.leads(equation(left, right), equation(function(left), right + 7), Facts())
