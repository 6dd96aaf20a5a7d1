"""Rules of integrals: what they do, where they must refuse, and random lines against quadrature."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import (
    Derivative,
    Expr,
    Function,
    I,
    Integral,
    Piecewise,
    Rational,
    Subs,
    Symbol,
    cos,
    exp,
    lambdify,
    log,
    oo,
    pi,
    sin,
    sqrt,
    sympify,
)

from symbolic.errors import UnsupportedError
from symbolic.scalars import integrals
from symbolic.scalars.normal import equal
from tests.symbolic.scalar_oracle import SEED, outcomes, results

x, y, t, s, u = (Symbol(name, real=True) for name in "xytsu")
a = Symbol("a", positive=True)
f, g = Function("f", real=True), Function("g", real=True)
F = Function("F", real=True)

EXAMPLES = [
    (
        integrals.linearity,
        Integral(2 * f(t) + x * g(t), (t, 0, 1)),
        2 * Integral(f(t), (t, 0, 1)) + x * Integral(g(t), (t, 0, 1)),
    ),
    (
        integrals.linearity,
        Integral((t**2 + t) * exp(-a * t**2), (t, -oo, oo)),
        Integral(t**2 * exp(-a * t**2), (t, -oo, oo)) + Integral(t * exp(-a * t**2), (t, -oo, oo)),
    ),
    (integrals.constant_factor, Integral(x * f(t), (t, y, 1)), x * Integral(f(t), (t, y, 1))),
    (integrals.integral_of_constant, Integral(f(x), (t, y, 1)), (1 - y) * f(x)),
    (integrals.fundamental_theorem, Integral(Derivative(F(t), t), (t, x, y)), F(y) - F(x)),
    (integrals.fundamental_theorem, Derivative(Integral(f(t), (t, y, x)), x), f(x)),
    (integrals.fundamental_theorem, Derivative(Integral(f(t), (t, x**2, 1)), x), -2 * x * f(x**2)),
    (integrals.antiderivative(t**3 / 3, t), Integral(t**2, (t, x, y)), y**3 / 3 - x**3 / 3),
    (integrals.antiderivative(-exp(-a * t) / a, t), Integral(exp(-a * t), (t, 0, oo)), 1 / a),
    (
        integrals.by_parts(t, -exp(-a * t) / a, t),
        Integral(t * exp(-a * t), (t, 0, oo)),
        Integral(exp(-a * t), (t, 0, oo)) / a,
    ),
    (
        integrals.by_parts(f(t), g(t), t),
        Integral(f(t) * Derivative(g(t), t), (t, x, y)),
        f(y) * g(y) - f(x) * g(x) - Integral(g(t) * Derivative(f(t), t), (t, x, y)),
    ),
    (
        integrals.substitution(t, x + a * u, u),
        Integral(exp(-((t - x) ** 2) / a**2), (t, -oo, oo)),
        Integral(a * exp(-(u**2)), (u, -oo, oo)),
    ),
    (
        integrals.substitution(t, -u, u),
        Integral(f(t), (t, 0, 1)),
        Integral(-f(-u), (u, 0, -1)),
    ),
    (
        integrals.change_of_variable(F(t), t, u),
        Integral(f(F(t)) * Derivative(F(t), t), (t, 0, 1)),
        Integral(f(u), (u, F(0), F(1))),
    ),
    (integrals.odd_integrand, Integral(t**3 * exp(-(t**2)), (t, -oo, oo)), 0),
    (integrals.gaussian_integral, Integral(exp(-a * t**2), (t, -oo, oo)), sqrt(pi / a)),
    (
        integrals.iterated_integral,
        Integral(g(t) * Integral(f(s), (s, t, 1)), (t, 0, 1)),
        Integral(g(t) * f(s), (s, t, 1), (t, 0, 1)),
    ),
    (
        integrals.order_of_integration,
        Integral(f(s) * g(t), (s, t, 1), (t, 0, 1)),
        Integral(f(s) * g(t), (t, 0, s), (s, 0, 1)),
    ),
    (
        integrals.order_of_integration,
        Integral(f(s * t), (s, 0, t), (t, 0, 2)),
        Integral(f(s * t), (t, s, 2), (s, 0, 2)),
    ),
    (
        integrals.derivative_under_the_integral,
        Derivative(Integral(f(x * t), (t, 0, 1)), x),
        Integral(Derivative(f(x * t), x), (t, 0, 1)),
    ),
    (
        integrals.restriction(0, 1),
        Integral(f(s) * t, (s, t, 1), (t, 0, 1)),
        Integral(Piecewise((f(s) * t, s > t), (0, True)), (s, 0, 1), (t, 0, 1)),
    ),
]


@pytest.mark.parametrize(("rule", "before", "after"), EXAMPLES, ids=lambda each: str(each)[:40])
def test_example(rule: object, before: Expr, after: Expr) -> None:
    assert any(equal(found, after) for found in results(rule, before))


z, above = Symbol("z"), Symbol("above", positive=True)

REFUSED = [
    (integrals.linearity, Integral(f(t) + g(t), (t, 0, oo))),  # may diverge
    (integrals.linearity, Integral(1 / t - 1 / t**2, (t, 0, 1))),
    (integrals.linearity, Integral(exp(x * t) + exp(-(t**2)), (t, 0, oo))),
    (integrals.constant_factor, Integral(x / t, (t, 0, 1))),  # x may be zero
    (integrals.integral_of_constant, Integral(x, (t, 0, oo))),
    (integrals.fundamental_theorem, Integral(Derivative(1 / t, t), (t, -1, 1))),
    (integrals.fundamental_theorem, Integral(Derivative(abs(t), t), (t, -1, 1))),
    (integrals.fundamental_theorem, Derivative(Integral(1 / t, (t, -1, x)), x)),
    (integrals.antiderivative(-1 / t, t), Integral(t**-2, (t, -1, 1))),
    (integrals.antiderivative(log(t), t), Integral(1 / t, (t, 0, 1))),
    (integrals.antiderivative(exp(x * t) / x, t), Integral(exp(x * t), (t, 0, oo))),
    (integrals.antiderivative(t**3, t), Integral(t**2, (t, 0, 1))),  # not its antiderivative
    (integrals.by_parts(t, exp(t), t), Integral(t * exp(t), (t, 0, oo))),
    (integrals.by_parts(1 / t, t, t), Integral(1 / t, (t, -1, 1))),
    (integrals.substitution(t, x * u, u), Integral(exp(-(t**2)), (t, -oo, oo))),  # sign of x
    (integrals.substitution(t, x * u, u), Integral(f(t), (t, 0, 1))),  # x may be zero
    (integrals.substitution(t, u**2, u), Integral(f(t), (t, 0, 1))),
    (integrals.substitution(t, u, u), Integral(f(t) * u, (t, 0, 1))),  # u means something else
    (integrals.change_of_variable(t**2, t, u), Integral(1 / t, (t, -1, 1))),
    (integrals.substitution(t, 2 * u, u), Integral(f(t), (t, 0, 1), (u, 0, 1))),  # u is bound
    (integrals.change_of_variable(F(t), t, u), Integral(Derivative(F(t), t), (t, 0, 1), (u, 0, 1))),
    (integrals.fundamental_theorem, Integral(Derivative(F(t), t), (t, 0, t))),  # a range of itself
    (integrals.odd_integrand, Integral(1 / t, (t, -1, 1))),
    (integrals.odd_integrand, Integral(t, (t, -oo, oo))),
    (integrals.odd_integrand, Integral(t**2, (t, -1, 1))),
    (integrals.gaussian_integral, Integral(exp(x * t**2), (t, -oo, oo))),
    (integrals.gaussian_integral, Integral(exp(-(t**2)), (t, 0, oo))),
    (integrals.order_of_integration, Integral(f(s, t), (s, 0, oo), (t, 0, oo))),
    (integrals.order_of_integration, Integral(f(s, t), (s, t, x), (t, 0, x))),  # x may be < 0
    (integrals.order_of_integration, Integral(1 / (s + t), (s, 0, 1), (t, 0, 1))),
    (integrals.order_of_integration, Integral(f(s, t), (s, t, 1), (t, 0, 2))),
    (integrals.order_of_integration, Integral(s * t**2, (s, 0, 1), (t, 0, s))),  # another s
    (integrals.order_of_integration, Integral(t, (t, 0, 1), (t, 0, 2))),
    (integrals.iterated_integral, Integral(t * Integral(s, (s, 0, 1)), (t, 0, s))),
    (integrals.fundamental_theorem, Derivative(Integral(x, x), x)),
    (integrals.linearity, Integral(exp(-t) * (1 + cos(z * t)), (t, 0, oo))),  # z is complex
    (integrals.substitution(t, I * u, u), Integral(f(t), (t, 0, I))),
    (integrals.change_of_variable(I * t, t, u), Integral(I * f(I * t), (t, 0, 1))),
    (integrals.restriction(0, 1), Integral(f(s), (s, s, 1), (s, 0, 1))),
    (integrals.change_of_variable(2 * t, t, above), Integral(1 / t, (t, -1, 1))),  # declared > 0
    (integrals.substitution(t, 2 * above, above), Integral(abs(t), (t, -1, 1))),
    (integrals.fundamental_theorem, Derivative(Integral(1 / above, (above, -1, x)), x)),
    (integrals.iterated_integral, Integral(s * Integral(f(s), (s, 0, 1)) + 1, (s, 0, 1))),
    (integrals.derivative_under_the_integral, Derivative(Integral(f(t), (t, 0, x)), x)),
    (integrals.derivative_under_the_integral, Derivative(Integral(abs(x - t), (t, 0, 1)), x)),
    (integrals.restriction(0, 1), Integral(f(s), (s, x, 1))),  # x may be outside
]


@pytest.mark.parametrize(("rule", "line"), REFUSED, ids=lambda each: str(each)[:40])
def test_refused(rule: object, line: Expr) -> None:
    assert results(rule, line) == ()


def test_conditions_are_needed() -> None:
    line = Integral(exp(x * t**2), (t, -oo, oo))
    assert results(integrals.gaussian_integral, line, x < 0) == (sqrt(pi) * sqrt(-1 / x),)
    line = Integral(f(s), (s, x, 1))
    assert results(integrals.restriction(0, 1), line, x > 0, x < 1)
    line = Integral(f(s) * g(t), (s, t, x), (t, 0, x))
    assert results(integrals.order_of_integration, line, x > 0)


def test_bad_input() -> None:
    for wrong in (
        lambda: integrals.by_parts("t", t, t),
        lambda: integrals.by_parts(t, t, None),
        lambda: integrals.antiderivative(t, 3),
        lambda: integrals.substitution(t, "u", u),
        lambda: integrals.change_of_variable(t, t, None),
        lambda: integrals.restriction("a", 1),
    ):
        with pytest.raises(UnsupportedError):
            wrong()


def test_no_bound_variable_catches_what_is_put_in() -> None:
    line = Derivative(Integral(t * Integral(t * s, (s, 0, 1)), (t, 0, x)), x)
    (found,) = results(integrals.fundamental_theorem, line.subs(x, s))[:1]
    assert found.doit() == s**2 / 2
    line = Integral(Integral(t * s, (s, 0, 1)), (t, 0, 1))
    for found in results(integrals.substitution(t, s, s), line):
        assert found.doit() == Rational(1, 4)


def test_a_condition_on_a_bound_variable_is_not_about_it() -> None:
    line = Derivative(Integral(1 / t, (t, -1, x)), x)
    assert results(integrals.fundamental_theorem, line, t > 0) == ()
    line = Integral(2 * t / t**2, (t, 1, 2))
    assert results(integrals.change_of_variable(t**2, t, u), line, u > 0) == ()
    line = Integral(exp(x * t**2), (t, -oo, oo), (x, -1, 1))
    assert results(integrals.gaussian_integral, line, x < 0) == ()
    line = Integral(log(t), (t, x, y)) + Integral(1 / t, (t, x, y))
    assert results(integrals.antiderivative(log(t), t), line, t > 0) == ()


def _lines() -> list[Expr]:
    """Integrals of random integrands over random ranges, many of which do not exist."""
    rng = np.random.default_rng(SEED)
    atoms = [t, t**2, 1 / (1 + t**2), 1 / t, exp(-(t**2)), exp(t), sin(t), cos(2 * t), x]
    atoms += [Derivative(sin(t), t), t**3]
    ends = [(0, 1), (-1, 1), (1, x), (x, 2), (-oo, oo), (0, oo), (1, 3), (-2, 2)]
    found = []
    for _ in range(24):
        pick = [atoms[int(k)] for k in rng.integers(0, len(atoms), 3)]
        body = pick[0] * pick[1] + pick[2] if rng.random() < 0.5 else pick[0] * pick[1]
        found.append(Integral(body, (t, *ends[int(rng.integers(len(ends)))])))
    return found


def _worked_out(e: Expr) -> Expr:
    return e.replace(lambda node: isinstance(node, (Derivative, Subs)), lambda node: node.doit())


def test_random_lines_keep_their_values() -> None:
    print(f"seed {SEED}")
    rules = [
        integrals.linearity,
        integrals.constant_factor,
        integrals.fundamental_theorem,
        integrals.odd_integrand,
        integrals.gaussian_integral,
        integrals.integral_of_constant,
        integrals.substitution(t, 2 - 3 * u, u),
        integrals.change_of_variable(1 + t**2, t, u),
        integrals.antiderivative(t**2 / 2, t),
    ]
    agreed = 0
    for rule in rules:
        for line in _lines():
            for after in results(rule, line)[:1]:
                one, other = (
                    lambdify(x, _worked_out(each), "mpmath")(0.7) for each in (line, after)
                )
                if max(abs(one), abs(other)) > 1e6:  # divergent before and after
                    continue
                assert abs(one - other) <= 1e-9 * (1 + abs(one)), f"{rule.name}: {line}"
                agreed += 1
    assert agreed > 10


@pytest.mark.parametrize(("rule", "before", "after"), EXAMPLES, ids=lambda each: str(each)[:40])
def test_example_has_one_value(rule: object, before: Expr, after: Expr) -> None:
    if not sympify(after).has(Piecewise):  # of these the pages are the test
        assert "different" not in outcomes(before, sympify(after), points=1)


def test_parts_of_a_function_on_the_way() -> None:
    """SymPy's own name for the place of a slope is a real number where its point is."""
    line = Integral(f(y + t * a), (t, 0, 1))
    (found,) = results(integrals.by_parts(f(y + t * a), t, t), line)
    assert "different" not in outcomes(line, found)
    somewhere = Function("f")(Symbol("z") + t * a)
    assert results(integrals.by_parts(somewhere, t, t), Integral(somewhere, (t, 0, 1))) == ()
