"""Bounds: what they prove, what they must not, and random claims against ordered enclosures."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import (
    Abs,
    Expr,
    Function,
    Integral,
    Max,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    oo,
    sign,
    sin,
    sqrt,
    tanh,
)

from symbolic.errors import UnsupportedError
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.facts import Facts
from symbolic.scalars.inequalities import (
    absolute_value,
    absolute_value_of_product,
    at_most,
    bounded_by,
    log_of_both,
    nonnegative_term,
    one_term,
    sign_and_maximum,
    square,
    triangle,
    triangle_inequality,
)
from tests.symbolic.scalar_oracle import SEED, outcomes, results

x, y, s = (Symbol(name, real=True) for name in "xys")
a, b = (Symbol(name, positive=True) for name in "ab")
n = Symbol("n", integer=True, positive=True)
i, j = Symbol("i", integer=True), Symbol("j", integer=True)
f = Function("f", real=True)
g = Function("g", positive=True)
total = Sum(g(i), (i, 1, n))
tangent = f(0) + x * derivative(f, 0)
slope = derivative(Function("c"), x)

PROVED = [
    (triangle_inequality, Abs(x + y), Abs(x) + Abs(y)),
    (triangle_inequality, 2 * Abs(Sum(f(i), (i, 1, n))), 2 * Sum(Abs(f(i)), (i, 1, n))),
    (triangle_inequality, Abs(Integral(f(s), (s, 0, 1))), Integral(Abs(f(s)), (s, 0, 1))),
    (nonnegative_term, x, x + a * y**2),
    (nonnegative_term, x, x + a * total),
    (triangle(x - s, s - y), 2 * Abs(x - y), 2 * Abs(x - s) + 2 * Abs(s - y)),
    (bounded_by(1 / (1 + Abs(x)), 1), y**2 / (1 + Abs(x)), y**2),
    (one_term(n), g(n), total),
    (log_of_both(one_term(n)), x + log(g(n)), x + log(total)),
    (log_of_both(nonnegative_term), log(a), log(a + b)),
    (square(x - y), 2 * x * y, x**2 + y**2),
    (square(sqrt(a) - sqrt(b)), 2 * sqrt(a * b), a + b),
    (bounded_by(x, Abs(x)), exp(0) + a * x, 1 + a * Abs(x)),
    (bounded_by(f(x), y + Abs(f(x) - y)), 2 * f(x), 2 * y + 2 * Abs(f(x) - y)),
    (bounded_by(f(x), tangent + Abs(f(x) - tangent)), f(x), tangent + Abs(f(x) - tangent)),
    (
        bounded_by(exp(s * x), exp(Abs(x))),
        a * Integral((1 - s) * exp(s * x), (s, 0, 1)),
        a * Integral((1 - s) * exp(Abs(x)), (s, 0, 1)),
    ),
]


@pytest.mark.parametrize(("bound", "smaller", "larger"), PROVED, ids=lambda each: str(each)[:40])
def test_proved_and_true(bound: object, smaller: Expr, larger: Expr) -> None:
    assert bound.holds(smaller, larger, Facts())  # type: ignore[attr-defined]
    assert not bound.holds(larger, smaller, Facts())  # type: ignore[attr-defined]
    assert "different" not in outcomes(smaller, larger, order=True)


NOT_PROVED = [
    (triangle_inequality, Abs(x) + Abs(y), Abs(x + y)),
    (triangle_inequality, -Abs(x + y), -Abs(x) - Abs(y)),
    (triangle_inequality, y * Abs(x + 1), y * (Abs(x) + 1)),  # the sign of y
    (triangle_inequality, Abs(Integral(f(s), (s, 0, x))), Integral(Abs(f(s)), (s, 0, x))),
    (triangle_inequality, Abs(Integral(f(s), (s, 0, oo))), Integral(Abs(f(s)), (s, 0, oo))),
    (nonnegative_term, x, x + y),
    (nonnegative_term, x, x + y * total),
    (nonnegative_term, x, x + Sum(f(i), (i, 1, n))),
    (nonnegative_term, x, x + Sum(g(i), (i, n, -3))),  # a range downwards
    (triangle(x - s, s - y), Abs(x + y), Abs(x - s) + Abs(s - y)),
    (triangle_inequality, Abs(Sum(f(i), (i, 1, a))), Sum(Abs(f(i)), (i, 1, a))),
    (one_term(1), g(1), Sum(g(i), (i, Rational(1, 2), n))),
    (one_term(n + 1), g(n + 1), total),  # beyond the last
    (one_term(1 - n), g(1 - n), total),
    (one_term(n), f(n), Sum(f(i), (i, 1, n))),  # f may be negative
    (log_of_both(one_term(n)), log(g(n)), -log(total)),
    (log_of_both(nonnegative_term), log(x), log(x + y)),
    (nonnegative_term, x, x),
    (nonnegative_term, x, x - a),
    (square(x - y), x**2 + y**2, 2 * x * y),
    (square(x - y, -1), x**2 + y**2, 2 * x * y),
    (square(sqrt(x)), 0, x),  # x may be negative
    (bounded_by(x, Abs(x)), y * x, y * Abs(x)),
    (bounded_by(x, Abs(x)), -x, -Abs(x)),
    (bounded_by(x, y), x, y),
    (bounded_by(f(x), y + Abs(f(x) + y)), f(x), y + Abs(f(x) + y)),
    (bounded_by(f(x), Abs(f(x)) - y), f(x), Abs(f(x)) - y),
    (bounded_by(log(x), Abs(log(x))), log(x), Abs(log(x))),  # x may be negative
    (bounded_by(slope, Abs(slope)), slope, Abs(slope)),  # c may be complex
    (bounded_by(exp(s * x), exp(Abs(x))), exp(s * x), exp(Abs(x))),  # s may be large
    (bounded_by(log(x), log(Abs(x) + 1)), log(x), log(Abs(x) + 1)),  # x may be negative
]


@pytest.mark.parametrize(("bound", "smaller", "larger"), NOT_PROVED, ids=lambda e: str(e)[:40])
def test_not_proved(bound: object, smaller: Expr, larger: Expr) -> None:
    assert not bound.holds(smaller, larger, Facts())  # type: ignore[attr-defined]


def test_facts_about_the_name_of_a_bound_variable_are_not_about_it() -> None:
    rule = bounded_by(x, s)
    assert not rule.holds(Integral(x, (s, 0, 1)), Integral(s, (s, 0, 1)), Facts((x <= s,)))
    rule = bounded_by(s, s**2)
    assert rule.holds(s, s**2, Facts((s >= 1,)))
    assert not rule.holds(Integral(s, (s, 0, 1)), Integral(s**2, (s, 0, 1)), Facts((s >= 1,)))
    line = Sum(Sum(x, (i, 1, j)), (j, -3, 3))
    larger = Sum(Sum(Abs(x), (i, 1, j)), (j, -3, 3))
    assert not bounded_by(x, Abs(x)).holds(line, larger, Facts((j >= 1,)))


@pytest.mark.parametrize(
    "wrong", [lambda: bounded_by("x", 1), lambda: square(None), lambda: one_term("i")]
)
def test_bad_input(wrong: object) -> None:
    with pytest.raises(UnsupportedError):
        wrong()  # type: ignore[operator]


def test_conditions_are_needed() -> None:
    rule = bounded_by(x, y)
    assert rule.holds(x + 1, y + 1, Facts((x <= y,)))
    assert results(absolute_value, Abs(x), x >= 0) == (x,)
    assert results(absolute_value, Abs(x)) == ()
    assert results(absolute_value, Abs(Integral(exp(s * x), (s, 0, 1)))) == (
        Integral(exp(s * x), (s, 0, 1)),
    )
    assert results(absolute_value, Abs(Integral(exp(s * x), (s, 0, y)))) == ()


def test_powers_are_ordered_where_their_bases_are_known_to_be() -> None:
    ordered = Facts((x <= y,))
    assert at_most(Abs(x) ** n, a**n, Facts((Abs(x) <= a,)))
    assert not at_most(Abs(x) ** n, a**n, Facts())
    assert not at_most(x**2, y**2, ordered)  # x may be below 0
    assert not at_most(x**n, y**n, ordered)
    assert at_most(1 / b, 1 / a, Facts((a <= b,)))
    assert not at_most(1 / a, 1 / b, Facts((a <= b,)))
    assert not at_most(1 / y, 1 / x, ordered)
    assert at_most(1 / Abs(x), 1 / a, Facts((a <= Abs(x),)))
    assert not at_most(1 / a, 1 / Abs(x), Facts((Abs(x) <= a,)))  # x may be 0


def test_two_conditions_on_one_symbol() -> None:
    """Each is used with the conditions on the others that it needs."""
    conditions = (1 - a * b <= x, a * y - 1 <= x, s >= b, s <= y)
    assert at_most(Abs(1 - a * s), x, Facts(conditions))
    for left_out in conditions:
        fewer = tuple(each for each in conditions if each != left_out)
        assert not at_most(Abs(1 - a * s), x, Facts(fewer))


def test_sign_and_maximum_where_the_order_is_known() -> None:
    assert results(sign_and_maximum, sign(x), x > 0) == (1,)
    assert results(sign_and_maximum, sign(x), x < 0) == (-1,)
    assert results(sign_and_maximum, sign(x), x >= 0) == ()  # 0 at 0
    assert results(sign_and_maximum, Max(x, y), x >= y) == (x,)
    assert results(sign_and_maximum, Max(x, 0)) == ()
    assert results(sign_and_maximum, Max(Abs(x) - 1, 0), x <= 1, x >= -1) == (0,)
    assert results(sign_and_maximum, Max(Abs(x) - 1, 0), x <= 1) == ()


def test_absolute_value_of_a_product() -> None:
    one, two = derivative(f, x + s, 2), derivative(f, x * s, 2)
    assert results(absolute_value_of_product, Abs(one / two**2)) == (Abs(one) / Abs(two) ** 2,)
    assert results(absolute_value_of_product, Abs(one + two)) == ()
    assert results(absolute_value_of_product, Abs(one * two ** Rational(1, 2))) == ()


def test_absolute_value_leaves_out_factors_of_known_sign() -> None:
    total_slope = Integral(f(y), (y, 0, 1))
    assert results(absolute_value, Abs((s - 1) * total_slope), s <= 1) == (
        (1 - s) * Abs(total_slope),
    )
    assert results(absolute_value, Abs((s - 1) * total_slope)) == ()


def test_a_condition_on_a_name_that_is_bound_elsewhere() -> None:
    """What is known of s is not known of the s of an integral."""
    total_slope = Integral(f(s), (s, 0, 1))
    assert Facts((s <= 1,)).nonnegative((1 - s) * Abs(total_slope))
    assert not Facts((s <= 1,)).nonnegative((1 - s) * total_slope)


def test_the_sign_of_a_product_is_that_of_its_factors() -> None:
    between = Facts((s >= 0, s <= 1))
    assert between.nonnegative(s * (1 - s))
    assert between.nonnegative(-s * (s - 1) * a)
    assert not between.nonnegative(s * (s - 1))
    assert not between.nonnegative(s * (1 - s) * x)
    assert not Facts((s >= 0,)).nonnegative(s * (1 - s))


def test_random_orders_that_are_claimed_hold() -> None:
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    atoms = [x, -x, Abs(x), a, -a, a * x, a * Abs(x), x**2, x + a, Abs(x) + a, Abs(x) - x, 1, x * y]
    claimed = 0
    for _ in range(200):
        one, two = (atoms[int(k)] + 0 * x for k in rng.integers(0, len(atoms), 2))
        head = [lambda e: e, exp, tanh, sin, log][int(rng.integers(5))]
        smaller, larger = head(one), head(two)
        if at_most(smaller, larger, Facts()):
            values = {x: float(rng.normal()), y: float(rng.normal()), a: float(rng.uniform(0.1, 3))}
            low, high = (complex(each.subs(values)) for each in (smaller, larger))
            assert low.real <= high.real + 1e-12, (smaller, larger)
            claimed += 1
    assert claimed > 15
