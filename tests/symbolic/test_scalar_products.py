"""The logarithm of a finite product."""

from __future__ import annotations

import numpy as np
import sympy
from sympy import Product, Sum, log

from symbolic.scalars.facts import Facts
from symbolic.scalars.products import log_of_finite_product

SEED = 20261122
i = sympy.Symbol("i", integer=True)
n = sympy.Symbol("n", integer=True, positive=True)
m = sympy.Symbol("m", integer=True)
c = sympy.Symbol("c", real=True)
y = sympy.Function("y", positive=True)
g = sympy.Function("g", real=True)


def results(line: sympy.Expr, *conditions: sympy.Basic) -> tuple[sympy.Basic, ...]:
    return log_of_finite_product.results(line, Facts(conditions))


def test_it_is_the_sum_of_the_logarithms() -> None:
    assert results(log(Product(y(i), (i, 1, n)))) == (Sum(log(y(i)), (i, 1, n)),)
    known = results(log(Product(c, (i, 1, n))), c > 0)  # the condition on the factor is used
    assert known == (Sum(log(c), (i, 1, n)),)


def test_it_says_no() -> None:
    k = sympy.Symbol("k", real=True)
    for line in (
        log(Product(g(i), (i, 1, n))),  # factors of any sign
        log(Product(c, (i, 1, n))),
        log(Product(y(i), (i, 1, m))),  # the range may run backwards
        log(Product(y(i), (i, 1, sympy.oo))),
        log(Product(y(i), (i, c, c + 2))),
        log(Product(y(k), (k, 1, n))),  # an index that is no integer
        log(Product(i, (i, 0, n))),
        log(1 + Product(y(i), (i, 1, n))),
    ):
        assert results(line) == ()
    outer = Product(i, (i, -1, n))  # the condition on i is about another i
    assert results(log(outer), i > 0) == ()


def test_it_agrees_with_products_worked_out() -> None:
    random = np.random.default_rng(SEED)
    for _ in range(5):
        size, a = int(random.integers(1, 7)), int(random.integers(1, 9))
        line = log(Product(i**2 + a, (i, 1, size)))
        (found,) = results(line)
        assert abs(sympy.N(line.doit() - found.doit(), 30)) < 1e-25, (SEED, size, a)
