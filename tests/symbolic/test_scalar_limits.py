"""Rules of limits: what they do, where they must refuse, and random lines against enclosures."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import (
    Abs,
    Derivative,
    Expr,
    Function,
    I,
    Integral,
    Limit,
    Ne,
    Rational,
    Sum,
    Symbol,
    atan,
    cos,
    exp,
    im,
    log,
    oo,
    re,
    sign,
    sin,
    sqrt,
    tanh,
)

from symbolic.scalars import limits
from symbolic.scalars.analytic import analytic_function, real_at_real_points, reflection
from symbolic.scalars.normal import equal
from tests.symbolic.scalar_oracle import SEED, check_random, outcomes, results

x, h, t = (Symbol(name, real=True) for name in "xht")
n = Symbol("n", integer=True, positive=True)
k = Symbol("k", integer=True)
f, g = Function("f", real=True), Function("g", real=True)
c = Function("c")


def limit(body: Expr, point: Expr | int = 0) -> Limit:
    return Limit(body, h, point, "+-")


quotient = (f(x + h) - f(x)) / h
EXAMPLES = [
    (limits.definition_of_derivative, Derivative(f(x), x), limit(quotient)),
    (
        limits.limit_of_sum,
        limit(quotient + 2 * g(h)),
        limit(quotient) + 2 * limit(g(h)),
    ),
    (limits.limit_of_product, limit(quotient * g(x + h)), limit(quotient) * limit(g(x + h))),
    (limits.limit_of_product, limit(x * quotient), x * limit(quotient)),
    (limits.continuity, limit(f(x + h) * exp(h)), f(x)),
    (limits.continuity, limit(x + Sum(h**k, (k, 1, n))), x),
    (limits.continuity, limit(Derivative(f(h), h), x), Derivative(f(x), x)),
    (
        limits.limit_under_the_integral,
        limit(Integral(f(x + t * h) * (1 - t), (t, 0, 1))),
        Integral(f(x) * (1 - t), (t, 0, 1)),
    ),
    (limits.limit_of_exponential, limit((exp(x * h) - 1) / h), x),
    (limits.limit_of_exponential, limit((exp(-2 * h) - 1) / (3 * h)), Rational(-2, 3)),
    (limits.limit_of_real_part, limit(re(c(h))), re(limit(c(h)))),
]


@pytest.mark.parametrize(("rule", "before", "after"), EXAMPLES, ids=lambda each: str(each)[:40])
def test_example(rule: object, before: Expr, after: Expr) -> None:
    assert any(equal(found, after) for found in results(rule, before))


REFUSED = [
    (limits.definition_of_derivative, Derivative(Abs(x), x)),
    (limits.definition_of_derivative, Derivative(f(x), x, x)),
    (limits.limit_of_sum, limit(1 / h + (h - 1) / h)),  # the sum has a limit, its parts have none
    (limits.limit_of_sum, limit(sign(h) + f(h))),
    (limits.limit_of_sum, limit(log(h) + h)),
    (limits.continuity, Limit(f(k), k, 0, "+-")),  # whole numbers come no nearer
    (limits.limit_of_product, limit(h * sign(h))),
    (limits.limit_of_product, limit(f(h) / h)),
    (limits.limit_of_product, limit((f(x + h) - f(x)) * (g(x + h) - g(x)) / h**2)),
    (limits.continuity, limit(1 / h)),
    (limits.continuity, limit(sign(h))),
    (limits.continuity, limit(1 / f(h))),  # f(0) may be zero
    (limits.continuity, limit(sqrt(h))),
    (limits.continuity, limit(log(x + h))),
    (limits.continuity, Limit(f(h), h, oo)),
    (limits.continuity, Limit(sqrt(h), h, 0, "+")),  # from one side
    (limits.limit_under_the_integral, limit(Integral(h / (h**2 + t**2), (t, 0, 1)))),
    (limits.limit_under_the_integral, limit(Integral(h * exp(-h * t), (t, 0, oo)))),
    (limits.limit_under_the_integral, limit(Integral(f(t) / h, (t, 0, h)))),
    (limits.limit_of_exponential, limit((exp(h**2) - 1) / h)),
    (limits.limit_of_exponential, limit((exp(h) - 2) / h)),
    (limits.limit_of_exponential, limit((exp(h) - 1) / h, 1)),
    (limits.limit_of_real_part, limit(re(1 / h))),
]


@pytest.mark.parametrize(("rule", "line"), REFUSED, ids=lambda each: str(each)[:40])
def test_refused(rule: object, line: Expr) -> None:
    assert results(rule, line) == ()


def test_a_variable_of_known_sign_is_no_variable_of_a_limit_from_both_sides() -> None:
    p = Symbol("p", positive=True)
    assert results(limits.continuity, Limit(f(p), p, 0, "+-")) == ()


def test_conditions_are_needed_at_the_point_alone() -> None:
    line = Limit(1 / f(h), h, x, "+-")
    assert results(limits.continuity, line) == ()
    assert results(limits.continuity, line, Ne(f(x), 0)) == (1 / f(x),)
    assert results(limits.continuity, line, Ne(f(h), 0)) == ()  # about another h


def test_a_condition_on_the_variable_is_not_about_it() -> None:
    assert results(limits.continuity, limit(sqrt(h)), h > 0) == ()


def test_no_bound_variable_catches_the_point() -> None:
    i, n = Symbol("i", integer=True), Symbol("n", integer=True, positive=True)
    for found in results(limits.continuity, Limit(Sum(x * i, (i, 1, 3)), x, i, "+-")):
        assert found.doit() == 6 * i
    line = Limit(Integral(log(1 + x - t), (t, 0, 5)), x, t, "+-")  # log of a negative number
    assert results(limits.limit_under_the_integral, line) == ()
    line = Limit(Sum(log(1 + x - n), (n, 1, 5)), x, n, "+-")
    assert results(limits.continuity, line) == ()


def test_smooth_functions_are_functions_of_real_numbers() -> None:
    z = Symbol("z")
    for body in (f(I * h), tanh(z * h), atan(z * h)):
        assert results(limits.continuity, Limit(body, h, x, "+-")) == ()
    assert results(limits.continuity, Limit(tanh(h), h, x, "+-"))
    a = analytic_function("a")
    assert results(limits.continuity, Limit(a(I * h), h, x, "+-"))


def test_real_analytic_functions() -> None:
    a = analytic_function("a")
    z = x + I * h
    (found,) = results(reflection, im(a(z)))[:1]
    assert outcomes(im(a(z)), found) == ["equal"] * 2
    assert results(reflection, im(Function("b")(z))) == ()
    slope = Derivative(a(x), x)
    assert results(real_at_real_points, re(slope))[0] == slope
    assert results(real_at_real_points, re(Derivative(Function("b")(x), x))) == ()
    assert results(real_at_real_points, re(a(z))) == ()


def _lines() -> list[Expr]:
    """Limits of random bodies, some of which do not exist."""
    rng = np.random.default_rng(SEED)
    atoms = [h, 1 / h, exp(h), sin(h), cos(h), x, exp(x * h) - 1, (sin(x + h) - sin(x)) / h]
    atoms += [(exp(2 * h) - 1) / h, sqrt(1 + h**2), Abs(h), sign(h), log(2 + h), h**-2]
    found = []
    for _ in range(60):
        pick = [atoms[int(j)] for j in rng.integers(0, len(atoms), 3)]
        body = pick[0] * pick[1] + pick[2] if rng.random() < 0.5 else pick[0] * pick[1]
        if body.free_symbols & {h}:
            found.append(limit(body, int(rng.integers(0, 2))))
    return found


def test_random_lines_keep_their_values() -> None:
    print(f"seed {SEED}")
    rules = [
        limits.limit_of_sum,
        limits.limit_of_product,
        limits.continuity,
        limits.limit_of_exponential,
    ]
    assert check_random(rules, _lines()) > 20
