"""A divisor that is 0 for some value of an index is not cancelled: there the sum has no value."""

import pytest
import sympy
from sympy import Function, Integral, Limit, Product, Subs, Sum, log

from symbolic.scalars.normal import equal
from symbolic.scalars.random_variables import E, RandomVariable
from symbolic.scalars.recursion import Recursion

i, j = sympy.symbols("i j", integer=True)
n = sympy.Symbol("n", integer=True, positive=True)
x, c = sympy.symbols("x c", real=True)
k = sympy.Symbol("k", integer=True)
p = sympy.Symbol("p", positive=True)
f, q = Function("f", real=True), Function("q", positive=True)
X = RandomVariable("X")

LOST = [
    (Sum((i**2 - 1) / (i - 1), (i, 1, 3)), Sum(i + 1, (i, 1, 3))),
    (Sum((i**2 - c**2) / (i - c), (i, 1, n)), Sum(i + c, (i, 1, n))),
    (Sum((i - 1) * (1 + 1 / (i - 1)), (i, 1, n)), Sum(i, (i, 1, n))),
    (Sum(log((i**2 - 1) / (i - 1)), (i, 1, n)), Sum(log(i + 1), (i, 1, n))),
    (
        Sum(Sum((i**2 - j**2) / (i - j), (i, 1, n)), (j, 1, n)),
        Sum(Sum(i + j, (i, 1, n)), (j, 1, n)),
    ),
    (Sum((f(i) ** 2 + f(i)) / f(i), (i, 1, n)), Sum(f(i) + 1, (i, 1, n))),
    (Product((i**2 - 4) / (i - 2), (i, 1, 5)), Product(i + 2, (i, 1, 5))),
    (Subs((x**2 - 1) / (x - 1), x, 1), Subs(x + 1, x, 1)),
    (Subs((x**2 - 1) / (x - 1), x, c), Subs(x + 1, x, c)),
    (E((X**2 - 1) / (X - 1)), E(X + 1)),
    (Recursion((x**2 - 1) / (x - 1), x, 0, k, n), Recursion(x + 1, x, 0, k, n)),
]
KEPT = [
    (Sum((i**2 - 1) / (i - 1), (i, 2, n)), Sum(i + 1, (i, 2, n))),
    (Sum((i**2 - 1) / (i + 1), (i, 1, n)), Sum(i - 1, (i, 1, n))),
    (Sum((i**2 - 1) / (i - 1), (i, 1, 3)), Sum((j**2 - 1) / (j - 1), (j, 1, 3))),
    (Sum((i**2 + i) / (i * p), (i, 1, n)), Sum((i + 1) / p, (i, 1, n))),
    (Sum((c**2 * i + c) / c, (i, 1, n)), Sum(c * i + 1, (i, 1, n))),
    (Sum((q(i) ** 2 + q(i)) / q(i), (i, 1, n)), Sum(q(i) + 1, (i, 1, n))),
    (Integral((x**2 - 1) / (x - 1), (x, 0, 2)), Integral(x + 1, (x, 0, 2))),
    (Limit((x**2 - 1) / (x - 1), x, 1), Limit(x + 1, x, 1)),
    (Subs((x**2 - 1) / (x - 1), x, 2), Subs(x + 1, x, 2)),
    ((x**2 - 1) / (x - 1), x + 1),
]


@pytest.mark.parametrize(("one", "other"), LOST, ids=str)
def test_a_divisor_that_may_be_zero_for_an_index_stays(one, other):
    assert not equal(one, other)
    assert equal(one, one + 0 * x)


@pytest.mark.parametrize(("one", "other"), KEPT, ids=str)
def test_a_divisor_that_is_never_zero_there_is_cancelled(one, other):
    assert equal(one, other)
