"""Rules of differentiation against SymPy's derivative, and where they must refuse."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Derivative, Expr, Function, Ne, Symbol, cos, exp, log, sin, sqrt, tanh

from symbolic.scalars import derivatives
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.normal import equal
from tests.symbolic.scalar_oracle import SEED, results

x, y, t = (Symbol(name, real=True) for name in "xyt")
p = Symbol("p", positive=True)
m = Symbol("m", integer=True, nonnegative=True)
f, g = Function("f", real=True), Function("g", real=True)


def d(e: Expr, by: Symbol = x) -> Derivative:
    return Derivative(e, by)


EXAMPLES = [
    (derivatives.linearity, d(3 * f(x) + y * g(x) + y), 3 * d(f(x)) + y * d(g(x))),
    (derivatives.linearity, d(f(y)), 0),
    (derivatives.product_rule, d(2 * f(x) * g(x)), 2 * d(f(x)) * g(x) + 2 * f(x) * d(g(x))),
    (derivatives.quotient_rule, d(f(x) / (1 + x**2)),
     (d(f(x)) * (1 + x**2) - f(x) * d(1 + x**2)) / (1 + x**2) ** 2),
    (derivatives.power_rule, d(x**m), m * x ** (m - 1)),
    (derivatives.power_rule, d(p**y, p), y * p ** (y - 1)),
    (derivatives.chain_rule, d(f(g(x))), derivative(f, g(x)) * d(g(x))),
    (derivatives.chain_rule, d(exp(f(x))), exp(f(x)) * d(f(x))),
    (derivatives.chain_rule, d((1 + x**2) ** 3), 3 * (1 + x**2) ** 2 * d(1 + x**2)),
    (derivatives.known_derivative, d(tanh(x)), 1 - tanh(x) ** 2),
    (derivatives.known_derivative, d(log(p), p), 1 / p),
    (derivatives.derivatives_of_exponential, Derivative(exp(y * t), (t, m)), y**m * exp(y * t)),
    (derivatives.constant_term, d(f(x) + Abs(x) + y), d(f(x) + Abs(x))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "before", "after"), EXAMPLES, ids=lambda each: str(each)[:40])
def test_example(rule: object, before: Expr, after: Expr) -> None:
    assert any(equal(found, after) for found in results(rule, before))


REFUSED = [
    (derivatives.linearity, d(f(x) + Abs(x))),
    (derivatives.linearity, d(f(x) + log(x))),  # x may be negative
    (derivatives.product_rule, d(f(x) * Abs(x))),
    (derivatives.product_rule, d(2 * f(x))),  # no second factor
    (derivatives.quotient_rule, d(f(x) / g(x))),  # g may be zero
    (derivatives.power_rule, d(x**y)),
    (derivatives.power_rule, d(1 / x)),
    (derivatives.power_rule, d(sqrt(x))),
    (derivatives.chain_rule, d(log(f(x)))),
    (derivatives.chain_rule, d(sqrt(1 + x))),
    (derivatives.known_derivative, d(log(x))),
    (derivatives.derivatives_of_exponential, Derivative(exp(t**2), (t, m))),
    (derivatives.constant_term, d(f(x) + x)),
    (derivatives.linearity, Derivative(f(x) + g(x), x, x)),
]


@pytest.mark.parametrize(("rule", "line"), REFUSED, ids=lambda each: str(each)[:40])
def test_refused(rule: object, line: Expr) -> None:
    assert results(rule, line) == ()


def test_conditions_are_needed() -> None:
    quotient = d(f(x) / g(x))
    assert results(derivatives.quotient_rule, quotient, Ne(g(x), 0))
    assert results(derivatives.known_derivative, d(log(x)), x > 0) == (1 / x,)
    assert results(derivatives.power_rule, d(1 / x), Ne(x, 0)) == (-1 / x**2,)


def test_random_lines_have_the_derivative_of_sympy() -> None:
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    atoms = [p, p**2, exp(p), sin(p), cos(3 * p), log(p), 1 / p, tanh(p), sqrt(1 + p**2), y]
    rules = [
        derivatives.linearity,
        derivatives.product_rule,
        derivatives.quotient_rule,
        derivatives.power_rule,
        derivatives.chain_rule,
        derivatives.known_derivative,
        derivatives.constant_term,
    ]
    agreed = 0
    for _ in range(60):
        one, two, three = (atoms[int(k)] for k in rng.integers(0, len(atoms), 3))
        body = [one * two + three, one * two, one.subs(p, 1 + two**2), one / (1 + two**2)][
            int(rng.integers(4))
        ]
        for rule in rules:
            for after in results(rule, d(body, p))[:1]:
                truth, found = body.diff(p), after.doit()
                at = {p: 1.25, y: -0.5}
                assert abs(complex((truth - found).subs(at).evalf())) < 1e-9, (rule.name, body)
                agreed += 1
    assert agreed > 60


def test_derivative_at_a_point() -> None:
    assert derivative(f, x) == d(f(x))
    assert derivative(f, x, 0) == f(x)
    assert derivative(f, x + y, 2).doit() == derivative(f, t, 2).subs(t, x + y).doit()
