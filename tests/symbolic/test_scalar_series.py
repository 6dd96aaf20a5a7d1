"""Taylor's theorem with the integral remainder."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import (
    Derivative,
    Function,
    I,
    Integral,
    Lambda,
    Rational,
    Subs,
    Symbol,
    exp,
    lambdify,
    sin,
)

from symbolic.errors import UnsupportedError
from symbolic.scalars.analytic import analytic_function
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal
from symbolic.scalars.series import taylor
from tests.symbolic.scalar_oracle import SEED, results

x, h, s, u = (Symbol(name, real=True) for name in "xhsu")
f = Function("f")


def test_first_order() -> None:
    (found,) = results(taylor(f(x - h), x, order=1, along=s), f(x - h))[:1]
    remainder = Integral((1 - s) * derivative(f, x - s * h, 2), (s, 0, 1))
    assert equal(found, f(x) - h * derivative(f, x) + h**2 * remainder)


def test_only_the_value_named_is_expanded() -> None:
    rule = taylor(f(x + h), x, order=1, along=s)
    assert results(rule, f(x - h)) == ()
    assert results(rule, f(x)) == ()
    assert results(rule, Function("g")(x + h)) == ()
    assert (
        taylor(f(x + h), x, 1, along=s)
        .renamed(lambda each: each.subs(x, u))
        .results(f(u + h), Facts())
    )


@pytest.mark.parametrize(
    "wrong", [lambda: taylor(exp(x), x, 1, s), lambda: taylor(f(x + h), x, -1, s),
              lambda: taylor(f(x + h), x, 1, h), lambda: taylor(f(x + h), x, 0.5, s),
              lambda: taylor(f(x + h), x, u, s), lambda: taylor(f(x + h), "x", 1, s),
              lambda: taylor(f(x + h), x, 1, "s"), lambda: taylor(f(x, h), x, 1, s)]
)  # fmt: skip
def test_bad_input(wrong: object) -> None:
    with pytest.raises(UnsupportedError):
        wrong()  # type: ignore[operator]


def test_random_functions_keep_their_values() -> None:
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    for order in range(4):
        a, b, c = (Rational(int(k), 3) for k in rng.integers(1, 9, 3))
        concrete = Lambda(u, a * u**4 + sin(b * u) + exp(-c * u))
        for function, step in ((f, h), (f, -h), (analytic_function("a"), I * h)):
            value = function(x + step)
            (found,) = results(taylor(value, x, order, along=s), value)[:1]
            worked_out = found.replace(function, concrete).replace(
                lambda node: isinstance(node, (Derivative, Subs)), lambda node: node.doit()
            )
            value, truth = (
                lambdify((x, h), each, "mpmath")(0.3, 0.4)
                for each in (worked_out, concrete(x + step))
            )
            assert abs(complex(value - truth)) < 1e-9, (order, step)


def test_only_analytic_functions_are_expanded_at_complex_points() -> None:
    for function in (f, Function("g", real=True)):
        value = function(x + I * h)
        assert results(taylor(value, x, order=0, along=s), value) == ()
    value = analytic_function("f")(x + I * h)
    assert results(taylor(value, x, order=0, along=s), value)


def test_an_analytic_function_is_another_one_than_a_smooth_one_of_its_name() -> None:
    assert analytic_function("f") == analytic_function("f")
    assert analytic_function("f") != f
    assert type(f(x)) is not type(analytic_function("f")(x))
