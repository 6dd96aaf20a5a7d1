"""Integrals in closed form, slopes and limits of scalar lines, against mpmath and SymPy's derivative."""

import mpmath
import numpy as np
import pytest
import sympy
from flint import fmpq

from numeric.errors import Undecided
from numeric.scalars import Assignment, compare_scalars, enclose_scalar
from numeric.scalars.evaluation import scope_of
from numeric.scalars.meanings import random_meaning
from numeric.scalars.numbers_and_balls import Arithmetic, ball
from numeric.scalars.slopes import slope
from numeric.scalars.waves import antiderivative, closed

x, t, a, h = sympy.symbols("x t a h", real=True)
f, g = sympy.Function("f", real=True), sympy.Function("g", positive=True)
SEED = 20261122


def meanings(place: int) -> dict[object, sympy.Lambda]:
    rng = np.random.default_rng([SEED, place])
    return {head: random_meaning(head, 1, rng) for head in (f, g)}


@pytest.mark.parametrize("place", range(3))
def test_antiderivative_of_products_is_one(place: int) -> None:
    point = meanings(place)
    one, other = point[f], point[g]
    rng = np.random.default_rng([SEED, place, 1])
    for inner in (
        one(x) * other(x) * a,
        one(x + a) * one(x) ** 2,
        sympy.sin(3 - 2 * x) ** 2 * x**3,
    ):
        found = antiderivative(inner, x)
        difference = sympy.diff(found, x) - inner
        numbers = {x: sympy.Rational(int(rng.integers(-9, 9)), 7), a: sympy.Rational(3, 5)}
        assert abs(difference.subs(numbers).evalf(40)) < 1e-30, (SEED, inner)


def test_no_closed_form_is_made_up() -> None:
    for inner in (sympy.exp(x), sympy.sin(x**2), sympy.sin(a * x), 1 / x, sympy.Abs(x)):
        assert antiderivative(inner, x) is None


def test_double_integral_agrees_with_mpmath() -> None:
    point = meanings(7)
    double = sympy.Integral(f(x) * g(t), (x, t, 1), (t, 0, 1))
    found = enclose_scalar(double, point)
    one, other = (sympy.lambdify(x, point[head](x), "mpmath") for head in (f, g))
    truth = mpmath.quad(lambda s: other(s) * mpmath.quad(one, [s, 1]), [0, 1])
    assert abs(float(found) - float(truth)) < 1e-10, SEED


def test_a_variable_that_is_assumed_positive_keeps_its_integral() -> None:
    p = sympy.Symbol("p", positive=True)
    assert closed(sympy.Integral(p, (p, -1, 1))).has(sympy.Integral)
    with pytest.raises(Undecided):
        enclose_scalar(sympy.Integral(p, (p, -1, 1)), {})


@pytest.mark.parametrize("place", range(3))
def test_slope_is_that_of_sympy(place: int) -> None:
    point = meanings(place)
    whole = point[f](point[g](x) * x) / point[g](x) + sympy.log(point[g](x)) * sympy.exp(x) ** 3
    scope = scope_of({x: sympy.Rational(3, 7)}, Arithmetic())
    difference = slope(whole, x, scope) - scope.value(sympy.diff(whole, x))
    assert ball(difference).contains(0)
    assert not isinstance(difference, fmpq)


def test_limits_of_difference_quotients() -> None:
    point = Assignment({**meanings(4), x: sympy.Rational(2, 3)})
    quotient = sympy.Limit((f(g(x + h)) - f(g(x))) / h, h, 0, "+-")
    assert compare_scalars(quotient, sympy.Derivative(f(g(x)), x), point).outcome == "equal"
    assert compare_scalars(quotient, f(g(x)), point).outcome == "different"
    growing = sympy.Limit((f(x + h) + f(x)) / h, h, 0, "+-")
    found = compare_scalars(growing, f(x), point)
    assert (found.outcome, "grows without bound" in found.reason) == ("undecided", True)
    second = sympy.Limit((f(x + h) - 2 * f(x) + f(x - h)) / h**2, h, 0, "+-")
    assert compare_scalars(second, sympy.Derivative(f(x), x, 2), point).outcome == "equal"


def test_what_was_evaluated_before_changes_nothing() -> None:
    """A tiny number elsewhere does not make another line undecided."""
    lines = (sympy.sin(2 * x) - 2 * sympy.sin(x) * sympy.cos(x) + x, x)
    fresh = compare_scalars(*lines, Assignment({x: 3}))
    point = Assignment({x: 3})
    tiny = sympy.exp(-sympy.exp(9 * x))
    compare_scalars(tiny + x, x + tiny, point)
    compare_scalars(sympy.log(x - 4), x, point)
    assert compare_scalars(*lines, point) == fresh
    assert compare_scalars(*lines, point) == fresh
