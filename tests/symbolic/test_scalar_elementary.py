"""Rules of powers: what they join, and what they leave as it is."""

from __future__ import annotations

import pytest
from sympy import Expr, Mul, Symbol

from symbolic.scalars.elementary import product_of_powers
from tests.symbolic.scalar_oracle import outcomes, results

x, y, c = (Symbol(name, real=True) for name in "xyc")
a = Symbol("a", positive=True)
n = Symbol("n", integer=True, positive=True)
k = Symbol("k", integer=True)

JOINED: list[tuple[Expr, Expr]] = [
    (Mul(1 - x * y, (1 - x * y) ** (n - 1), c, evaluate=False), c * (1 - x * y) ** n),
    (Mul((1 + x) ** n, (1 + x) ** 2, evaluate=False), (1 + x) ** (n + 2)),
    (Mul((1 + a) ** x, (1 + a) ** y, evaluate=False), (1 + a) ** (x + y)),
]


@pytest.mark.parametrize(("line", "joined"), JOINED, ids=str)
def test_powers_of_one_base_are_joined(line: Expr, joined: Expr) -> None:
    assert results(product_of_powers, line) == (joined,)
    assert set(outcomes(line, joined)) == {"equal"}


@pytest.mark.parametrize(
    "line",
    [
        Mul((1 + x) ** k, (1 + x) ** (-k), evaluate=False),  # 1 + x may be 0
        Mul((1 + x) ** c, (1 + x) ** y, evaluate=False),
        Mul((1 + x) ** n, (1 + y) ** n, evaluate=False),
        (1 + x) ** n,
    ],
    ids=str,
)
def test_other_powers_are_not_joined(line: Expr) -> None:
    assert results(product_of_powers, line) == ()
