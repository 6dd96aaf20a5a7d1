"""Factors are looked for only where that ends soon."""

import pytest
import sympy

from symbolic.algebra.factoring import factored

x, y = sympy.symbols("x y")


@pytest.mark.parametrize(
    ("e", "wanted"),
    [
        (x**2 - 2 * x * y + y**2, (x - y) ** 2),
        (sympy.exp(2 * x) - 2 * sympy.exp(x) + 1, (sympy.exp(x) - 1) ** 2),
        (x / y - 1, (x - y) / y),
    ],
)
def test_factors(e, wanted):
    assert sympy.simplify(factored(e) - wanted) == 0
    assert factored(e) != e


@pytest.mark.parametrize(
    "e",
    [
        x**5000 - 1,
        sympy.exp(sympy.expand(-((x - sympy.Rational(1234567, 1000)) ** 2))) - sympy.Rational(1, 2),
        sympy.exp(5000 * x) - sympy.exp(x / 5000),
        sympy.exp(x * 10**9) - 1,
    ],
)
def test_high_powers_are_left_alone(e):
    assert factored(e) is e
