"""Values of recursions, of limits of sums, and limits that are not tried."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy

from numeric.errors import Undecided
from numeric.scalars.evaluation import scope_of
from numeric.scalars.numbers_and_balls import Arithmetic
from numeric.scalars.scope import free
from symbolic.scalars.recursion import Recursion

SEED = 20261122
x, a, b, h = sympy.symbols("x a b h", real=True)
k = sympy.Symbol("k", integer=True)
n = sympy.Symbol("n", integer=True, nonnegative=True)


def value(e: sympy.Expr, numbers: dict[sympy.Symbol, object]) -> Fraction:
    exact = {symbol: sympy.Rational(number) for symbol, number in numbers.items()}
    found = scope_of(exact, Arithmetic()).value(e)
    return Fraction(int(found.p), int(found.q))


def test_a_recursion_is_carried_out_step_by_step() -> None:
    random = np.random.default_rng(SEED)
    for steps in range(6):
        p, q, start = (Fraction(int(each), 3) for each in random.integers(-9, 10, 3))
        expected = start
        for number in range(1, steps + 1):
            expected = p * expected + q * number
        e = Recursion(a * x + b * k, x, h, k, n)
        assert value(e, {a: p, b: q, h: start, n: steps}) == expected, (SEED, steps)


def test_bound_names_of_a_recursion_are_not_those_outside() -> None:
    e = Recursion(2 * x + k, x, x, k, n)
    assert free(e) == {x, n}
    assert value(e + x, {x: 5, n: 2}) == 24 + 5


def test_a_recursion_of_many_steps_or_fewer_than_none_has_no_value() -> None:
    e = Recursion(x + k, x, 0, k, a)
    for steps in (-1, 10**6, Fraction(1, 2)):
        with pytest.raises(Undecided):
            value(e, {a: steps})


def test_a_limit_of_a_sum_over_ends_with_values() -> None:
    e = sympy.Limit(sympy.Sum(sympy.binomial(n, k) * h ** (k - 1), (k, 1, n)), h, 0, "+-")
    assert value(e, {n: 4}) == 4
    moving = sympy.Limit(sympy.Sum(k, (k, 1, 1 / h)), h, 0, "+")
    with pytest.raises(Undecided):
        value(moving, {h: 1})


def test_a_limit_of_real_parts_of_complex_numbers_is_not_tried() -> None:
    e = sympy.im(sympy.exp((2 + sympy.I * h) ** 2) * sympy.sin(2 + sympy.I * h)) / h
    with pytest.raises(Undecided, match="no limit was found"):
        scope_of({}, Arithmetic()).value(sympy.Limit(e, h, 0, "+-"))
