"""Putting values for symbols: what is bound makes way, and nothing is caught."""

from __future__ import annotations

import pytest
from sympy import Derivative, Expr, Function, Integral, Limit, Product, Subs, Sum, Symbol, symbols

from symbolic.scalars.normal import equal
from symbolic.scalars.substituting import put

x, y, t, u = symbols("x y t u", real=True)
i, j = symbols("i j", integer=True)
f = Function("f", real=True)

CASES = [
    (Sum(x * i, (i, 1, 3)), {x: i}, Sum(i * j, (j, 1, 3))),
    (Product(x + i, (i, 1, x)), {x: i}, Product(i + j, (j, 1, i))),
    (Integral(x * t, (t, 0, x)), {x: t}, Integral(t * u, (u, 0, t))),
    (Integral(f(t), (t, 0, t)), {t: u}, Integral(f(t), (t, 0, u))),
    (Limit(f(x + t), t, 0), {x: t}, Limit(f(t + u), u, 0)),
    (x * Subs(Derivative(f(x, t), t), t, x), {x: t}, t * Subs(Derivative(f(t, u), u), u, t)),
    (x - y, {x: y, y: x}, y - x),  # both at once
]


@pytest.mark.parametrize(("e", "values", "wanted"), CASES, ids=str)
def test_put(e: Expr, values: dict[Symbol, Expr], wanted: Expr) -> None:
    assert equal(put(e, values), wanted)
