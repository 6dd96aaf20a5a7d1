"""The change of a function as an integral of its slope, and derivatives whose order is kept."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import Derivative, Function, Integral, UnevaluatedExpr

from symbolic.errors import UnsupportedError
from symbolic.scalars.difference_rules import change_as_integral
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal

SEED = 20261122
f = Function("f", real=True)
x, y, h, k, s, t = sympy.symbols("x y h k s t", real=True)


def test_a_change_is_the_step_times_the_mean_slope() -> None:
    rule = change_as_integral(f(x, y), y, k, along=t)
    integral = Integral(Derivative(f(x, y + t * k), y), (t, 0, 1))
    assert rule.results(f(x, y + k) - f(x, y), Facts()) == (k * integral,)
    assert rule.results(3 + f(x, y) - f(x, y + k), Facts()) == (3 - k * integral,)


def test_it_says_no_to_other_changes() -> None:
    rule = change_as_integral(f(x, y), y, k, along=t)
    for line in (
        f(x, y + k) + f(x, y),
        f(x, y + 2 * k) - f(x, y),
        2 * f(x, y + k) - f(x, y),
        f(x + k, y) - f(x, y),
        f(x, y + k) - f(x, y) * h,
    ):
        assert rule.results(line, Facts()) == ()


def test_it_says_no_where_the_function_is_not_smooth_on_the_whole_way() -> None:
    for e in (abs(y), 1 / y, sympy.sqrt(y)):
        line = e.subs(y, y + k) - e
        assert change_as_integral(e, y, k, along=t).results(line, Facts()) == ()
        known = Facts((y > 0, sympy.Ne(y, 0)))  # true at one end only
        assert change_as_integral(e, y, k, along=t).results(line, known) == ()


def test_its_symbols_have_to_be_any_real_numbers_apart() -> None:
    p = sympy.Symbol("p", positive=True)
    z = sympy.Symbol("z")
    for wrong in (
        (f(x), p, h, s),
        (f(z), z, h, s),
        (f(x), x, x * h, s),
        (f(x), x, s, s),
        (f(x + s), x, h, s),
        (f(x), x, h, x),
        (f(x), x, z, s),
        (f(x), x, sympy.oo, s),
        ("f(x)", x, h, s),
        (f(x), "x", h, s),
        (f(x), x, h, None),
    ):
        with pytest.raises(UnsupportedError):
            change_as_integral(*wrong)


def test_it_agrees_with_integrals_worked_out() -> None:
    random = np.random.default_rng(SEED)
    for _ in range(5):
        a, b, c = map(int, random.integers(-4, 5, 3))
        e = a * y**3 + b * x * y + sympy.sin(c * y + x) + y
        (found,) = change_as_integral(e, y, k, along=t).results(
            sympy.Add(e.subs(y, y + k), -e), Facts()
        )
        numbers = dict(zip((x, y, k), map(sympy.Rational, random.integers(1, 9, 3)), strict=True))
        before = (e.subs(y, y + k) - e).subs(numbers)
        after = sympy.expand(found.replace(Derivative, sympy.diff)).subs(numbers).doit()
        assert abs(sympy.N(before - after, 30)) < 1e-25, (SEED, e)


def test_a_bound_variable_of_the_step_catches_nothing() -> None:
    e = Integral(f(x * s), (s, 0, 1))
    line = e.subs(x, x + s) - e  # SymPy catches s here: what the rule makes of it is another line
    assert change_as_integral(e, x, s, along=t).results(line, Facts()) == ()


def test_two_orders_of_differentiation_are_not_equal_by_arithmetic() -> None:
    x_then_y = Derivative(UnevaluatedExpr(Derivative(f(x, y), x)), y)
    y_then_x = Derivative(UnevaluatedExpr(Derivative(f(x, y), y)), x)
    assert x_then_y != y_then_x
    assert not equal(x_then_y, y_then_x)
    slope = Derivative(f(x, y), y)
    (found,) = change_as_integral(slope, x, h, along=s).results(
        slope.subs(x, x + h) - slope, Facts()
    )
    kept = Derivative(UnevaluatedExpr(Derivative(f(x + s * h, y), y)), x)
    assert found == h * Integral(kept, (s, 0, 1))
    other = Derivative(UnevaluatedExpr(Derivative(f(x + s * h, y), x)), y)
    assert not equal(found, h * Integral(other, (s, 0, 1)))
