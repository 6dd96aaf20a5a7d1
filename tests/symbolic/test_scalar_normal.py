"""The normal form of SymPy lines: what is one by arithmetic, and what is not."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import (
    Derivative,
    Function,
    I,
    ImmutableMatrix,
    Integer,
    Integral,
    Limit,
    MatMul,
    Rational,
    Subs,
    Sum,
    Symbol,
    cos,
    exp,
    log,
    pi,
    sin,
    sqrt,
)

from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal, explicit, standard
from symbolic.scalars.substituting import put

x, y, h, t = sympy.symbols("x y h t", real=True)
p, q = sympy.symbols("p q", positive=True)
n = Symbol("n", integer=True, positive=True)
i, j, k = sympy.symbols("i j k", integer=True)
f, a = Function("f"), Function("a")

ONE = [
    ((x + y) ** 2 - y**2, x * (x + 2 * y)),
    (exp(x + y), exp(x) * exp(y)),
    (exp(x / 2) ** 2 * exp(-x), Integer(1)),
    (exp(-x / (1 - p)) * exp(-y / (1 - q)), exp(-x / (1 - p) - y / (1 - q))),
    (sqrt(p * q), sqrt(p) * sqrt(q)),
    (1 / (1 + exp(-x)), exp(x) / (1 + exp(x))),
    (p ** (n + 1), p * p**n),
    ((x**2 + 1) ** Rational(3, 2), (x**2 + 1) * sqrt(x**2 + 1)),
    (1 / (1 + sqrt(2)), sqrt(2) - 1),
    ((1 - sqrt(1 - p)) * (1 + sqrt(1 - p)), p),
    ((x + I * y) * (x - I * y), x**2 + y**2),
    (Integral(f(t) * (t + 1), (t, 0, 1)), Integral(f(x) * x + f(x), (x, 0, 1))),
    (log(x**2 - y**2), log((x - y) * (x + y))),
    (Sum(Sum(a(i, j), (j, 1, 3)), (i, 1, 3)), Sum(Sum(a(j, i), (i, 1, 3)), (j, 1, 3))),
    (Subs(Derivative(f(t), t), t, x), Subs(Derivative(f(h), h), h, x)),
    (MatMul(ImmutableMatrix([[1, x]]), ImmutableMatrix([x, 1])), ImmutableMatrix([2 * x])),
]
TWO = [
    (log(p * q), log(p) + log(q)),
    (sin(x) ** 2 + cos(x) ** 2, Integer(1)),
    (sqrt(x**2), x),
    (sqrt(x) * sqrt(y), sqrt(x * y)),
    (Sum(i, (i, 1, n)), n * (n + 1) / 2),
    (Integral(f(t) + t, (t, 0, 1)), Integral(f(t), (t, 0, 1)) + Rational(1, 2)),
    (f(x), f(y)),
    (exp(x) ** y, exp(x * y + 1)),
    (Sum(Sum(a(i, j), (j, 1, 3)), (i, 1, 3)), Sum(Sum(a(i, i), (i, 1, 3)), (i, 1, 3))),
    (Sum(Sum(a(i, j), (j, 1, 3)), (i, 1, 3)), Sum(Sum(a(j, i), (j, 1, 3)), (i, 1, 3))),
    (Limit(Limit(a(h, t), t, 0), h, 0), Limit(Limit(a(t, h), t, 0), h, 0)),
    (Integral(a(x, y), (x, 0, y), (y, 0, 1)), Integral(a(y, x), (x, 0, y), (y, 0, 1))),
    (ImmutableMatrix([[Integral(t, (t, 0, 1))]]), ImmutableMatrix([[Rational(1, 2)]])),
    (p ** (1 / n), p),
]


@pytest.mark.parametrize(("left", "right"), ONE, ids=str)
def test_one_by_arithmetic(left: sympy.Basic, right: sympy.Basic) -> None:
    assert equal(left, right)


@pytest.mark.parametrize(("left", "right"), TWO, ids=str)
def test_not_one_by_arithmetic(left: sympy.Basic, right: sympy.Basic) -> None:
    assert not equal(left, right)


def test_random_polynomials_over_functions() -> None:
    """An expression equals itself multiplied out, and never itself plus a small other term."""
    seed = int(np.random.default_rng().integers(2**32))
    rng = np.random.default_rng(seed)
    things = [x, exp(x), sqrt(p), log(p), f(x), 1 / p, exp(-x / 2), p ** Rational(1, 3)]
    for _ in range(40):
        chosen = [things[int(k)] for k in rng.integers(0, len(things), 4)]
        left = (chosen[0] + int(rng.integers(1, 5)) * chosen[1]) * (chosen[2] - chosen[3] / 3)
        assert equal(left, sympy.expand(left)), f"seed {seed}: {left}"
        other = left + Rational(1, 10**6) * chosen[0]
        assert not equal(left, other), f"seed {seed}: {left}"


def test_a_symbol_with_a_name_like_a_standard_one() -> None:
    strange = Symbol("_boundary", real=True)
    assert standard(Integral(strange * t, (t, 0, 1))) == standard(Integral(strange * x, (x, 0, 1)))


def test_matrices_are_multiplied_and_nothing_else_is_worked_out() -> None:
    entry = Integral(t, (t, 0, 1))
    one = ImmutableMatrix([[entry]])
    assert explicit(one) == one
    assert explicit(MatMul(one, one)) == ImmutableMatrix([[entry**2]])


def test_values_are_not_caught_by_bound_variables() -> None:
    assert put(Sum(x * k, (k, 1, 3)), {x: k}).doit() == 6 * k
    assert put(Integral(2 * x, (x, 0, x)), {x: Integer(2)}).doit() == 4
    assert put(Limit(x * h, h, 0), {x: h}) != Limit(h * h, h, 0)


# --- facts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "e"),
    [
        ((x < y,), y - x),
        ((x > 0, x < 1), 1 - x),
        ((q < 1,), q * (1 - q)),
        ((p < 1, q < 1), 1 - p * q),
        ((x >= 1,), x),
        ((), x**2 + 1),
    ],
)
def test_known_to_be_positive(conditions: tuple[sympy.Basic, ...], e: sympy.Expr) -> None:
    assert Facts(conditions).positive(e)
    assert not Facts(conditions).positive(-e)
    assert not Facts(conditions).nonnegative(-e)


@pytest.mark.parametrize(
    ("conditions", "e"),
    [((), x), ((), x**2), ((x < y,), x), ((x < 1,), 1 - x**2), ((x >= 0,), x), ((), 1 / x)],
)
def test_not_known_to_be_positive(conditions: tuple[sympy.Basic, ...], e: sympy.Expr) -> None:
    assert not Facts(conditions).positive(e)


def test_nonzero() -> None:
    assert Facts((sympy.Ne(x, 1),)).nonzero(2 * (x - 1))
    assert Facts((x > y,)).nonzero(x - y)
    assert not Facts((sympy.Ne(x, 1),)).nonzero(x**2 - 1)
    assert not Facts().nonzero(1 / x), "it is no number where x is 0"
    assert Facts().nonzero(1 / p)


def test_domains_of_symbols() -> None:
    facts = Facts((x > 1,))
    assert facts.has_domain_of(p, x - 1)
    assert not facts.has_domain_of(p, x - 2)
    assert not facts.has_domain_of(n, x)
    other = Symbol("s", real=True, zero=False)
    assert not facts.has_domain_of(other, y)
    assert facts.has_domain_of(other, x)


def test_pi_is_a_thing_of_its_own() -> None:
    assert equal(2 * pi * x / pi, 2 * x)
    assert not equal(pi, Integer(3))
