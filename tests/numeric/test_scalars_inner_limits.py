"""Limits inside limits, against limits worked out by SymPy one after the other."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import Limit

from numeric.errors import Undecided
from numeric.scalars.evaluation import scope_of
from numeric.scalars.inner_limits import inner_limits_worked_out, is_entire, vanishes
from numeric.scalars.numbers_and_balls import Arithmetic, ball

SEED = 20261122
h, k, t, u = sympy.symbols("h k t u", real=True)


def nested(e: sympy.Expr) -> Limit:
    return Limit(Limit(e, h, 0, "+-"), k, 0, "+-")


def value(e: sympy.Expr) -> object:
    return scope_of({}, Arithmetic()).value(e)


def test_second_differences_tend_to_the_mixed_derivative() -> None:
    random = np.random.default_rng(SEED)
    for _ in range(4):
        a, b, c, d = (sympy.Integer(int(each)) for each in random.integers(-5, 6, 4))
        f = sympy.Lambda((h, k), a * h * k + b * h**2 * k + sympy.sin(c * h + d * k + 1))
        e = (f(h, k) - f(h, 0) - f(0, k) + f(0, 0)) / (h * k)
        expected = sympy.diff(f(h, k), h, k).subs({h: 0, k: 0})
        gap = ball(value(nested(e))) - ball(value(expected))
        assert abs(gap) < 1e-12, (SEED, f)


def test_the_order_of_limits_matters() -> None:
    e = (h**2 - k**2) / (h**2 + k**2)
    assert value(nested(e)) == -1
    assert value(nested(e.subs({h: k, k: h}, simultaneous=True))) == 1


def test_integrals_of_entire_functions_are_differentiated_inside() -> None:
    e = sympy.Integral(sympy.sin((t + k) * h) / h, (t, 0, 1))
    written = sympy.Integral(sympy.sin((t + k) * h), (t, 0, 1)) / h
    assert inner_limits_worked_out(Limit(e, h, 0, "+-"), k) == Limit(e, h, 0, "+-")
    found = inner_limits_worked_out(Limit(written, h, 0, "+-"), k)
    assert sympy.expand(found.doit() - k) == sympy.Rational(1, 2)


def test_what_is_not_entire_stays() -> None:
    for e in (abs(h + k) / h, sympy.log(1 + h * k) / h, k / h, sympy.exp(k / h)):
        line = Limit(e, h, 0, "+-")
        assert inner_limits_worked_out(line, k) == line
    alone = Limit(sympy.sin(h) / h, h, 0, "+-")  # no function of k
    assert inner_limits_worked_out(alone, k) == alone
    with pytest.raises(Undecided):
        value(nested(k / h))


def test_entire_and_vanishing_say_no() -> None:
    assert not is_entire(sympy.sqrt(u), u)
    assert not is_entire(sympy.Integral(u * t, (t, 0, sympy.oo)), u)
    assert not is_entire(sympy.Integral(u / t, (t, 0, 1)), u)
    assert is_entire(sympy.Integral(sympy.exp(u * t), (t, 0, 1)), u)
    assert not vanishes(sympy.Integral(u * t + 1, (t, 0, 1)), u)
    assert vanishes(sympy.Integral((u + t) ** 2 - t * t, (t, 0, 1)), u)
