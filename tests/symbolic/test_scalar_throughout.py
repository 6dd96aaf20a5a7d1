"""Conditions on a whole range: what follows from them, and what does not."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Expr, Function, Integral, Symbol, exp, oo

from numeric.scalars import draw
from numeric.scalars.conditions import holds
from symbolic.errors import UnsupportedError
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.facts import Facts
from symbolic.scalars.throughout import Throughout, between, bounded_integrand, given_bound

x, y, d, s, t = (Symbol(name, real=True) for name in "xydst")
h, M = (Symbol(name, positive=True) for name in "hM")
f, g = (Function(name, real=True) for name in "fg")
condition = Throughout(Abs(derivative(f, t, 2)) <= M, t, x, x + d)
bent = derivative(f, x + s * d, 2)


def test_the_bound_holds_inside_the_range_alone() -> None:
    line, larger = Integral(Abs(bent), (s, 0, 1)), Integral(M, (s, 0, 1))
    assert given_bound.holds(line, larger, Facts((condition,)))
    assert not given_bound.holds(line, larger, Facts())
    assert not given_bound.holds(larger, line, Facts((condition,)))
    for limits in ((s, 0, 2), (s, -1, 1)):
        twice, most = Integral(Abs(bent), limits), Integral(M, limits)
        assert not given_bound.holds(twice, most, Facts((condition,)))


def test_bounded_integrand() -> None:
    line = Abs(Integral((1 - s) * bent, (s, 0, 1)))
    larger = Integral((1 - s) * M, (s, 0, 1))
    assert bounded_integrand.holds(line, larger, Facts((condition,)))
    assert not bounded_integrand.holds(line, larger, Facts())
    assert not bounded_integrand.holds(line, Integral(M, (s, 0, 1)), Facts((condition,)))


def test_a_weight_of_two_factors() -> None:
    line = Abs(Integral(s * (1 - s) * bent, (s, 0, 1)))
    larger = Integral(s * (1 - s) * M, (s, 0, 1))
    assert bounded_integrand.holds(line, larger, Facts((condition,)))
    assert not bounded_integrand.holds(line, -larger, Facts((condition,)))


NOT_BOUNDED: list[tuple[Expr, Expr]] = [
    (Integral((1 - s) * bent, (s, 0, 2)), Integral((1 - s) * M, (s, 0, 2))),
    (Integral((s - 2) * bent, (s, 0, 1)), Integral((s - 2) * M, (s, 0, 1))),
    (Integral(exp(x) * bent, (s, 0, y)), Integral(exp(x) * M, (s, 0, y))),
    (Integral(derivative(g, x + s * d, 2), (s, 0, 1)), Integral(M, (s, 0, 1))),
    (Integral(derivative(f, x + s * d, 3), (s, 0, 1)), Integral(M, (s, 0, 1))),
    (Integral(derivative(f, x - s * d, 2), (s, 0, 1)), Integral(M, (s, 0, 1))),
    (Integral(derivative(f, x + s * y, 2), (s, 0, 1)), Integral(M, (s, 0, 1))),
    (Integral(bent, (x, 0, 1)), Integral(M, (x, 0, 1))),  # another x
    (Integral(bent, (s, 0, oo)), Integral(M, (s, 0, oo))),
]


@pytest.mark.parametrize(("integral", "larger"), NOT_BOUNDED, ids=lambda each: str(each)[:40])
def test_no_bound_from_another_range_or_function(integral: Expr, larger: Expr) -> None:
    assert not bounded_integrand.holds(Abs(integral), larger, Facts((condition,)))


def test_between_needs_the_share_of_the_way() -> None:
    within = Facts((s >= 0, s <= 1))
    assert between(x + s * (y - x), x, y, within)
    assert between(x - h / 2, x - h, x + h, Facts())
    assert not between(x + s * d, x, x + d, Facts((s >= 0,)))
    assert not between(x + d**2, x, x + d, Facts())
    assert not between(x + 1, x, x, Facts())
    assert between(x, x, x, Facts())


def test_the_variable_of_a_condition_means_nothing_outside() -> None:
    assert condition.free_symbols == {x, d, M}
    assert condition.subs(t, y) == condition
    moved = condition.subs(x, t)
    assert moved.free_symbols == {t, d, M}
    assert str(condition.xreplace({M: h})) == str(condition).replace("M", "h")


def test_points_are_drawn_at_which_the_condition_holds() -> None:
    for seed in range(4):
        point = draw([f, x, d, M], [condition], np.random.default_rng(seed))
        assert holds(condition, point)
        assert not holds(condition, point.with_values({M: point[M] / 1000}))


def test_bad_input() -> None:
    for order, variable in ((M < 1, t), (Abs(x) <= M, h), (Abs(x) <= M, Symbol("n", integer=True))):
        with pytest.raises(UnsupportedError, match="f\\(t\\) <= M"):
            Throughout(order, variable, 0, 1)
