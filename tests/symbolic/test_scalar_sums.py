"""Rules of finite sums against sums written out, induction, and where they must refuse."""

from __future__ import annotations

import pytest
from sympy import Expr, Function, Integer, Ne, Rational, Sum, Symbol, binomial, oo
from sympy import factorial as fact

from derivations import equation
from derivations.rules.induction import induction
from symbolic.errors import UnsupportedError
from symbolic.scalars import sums
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal
from symbolic.scalars.recursion import Recursion
from tests.symbolic.scalar_oracle import results

n = Symbol("n", integer=True, positive=True)
N = Symbol("N", integer=True)
i, j, k = (Symbol(name, integer=True) for name in "ijk")
x, y, r = (Symbol(name, real=True) for name in "xyr")
g, e = Function("g", real=True), Function("e", real=True)

EXAMPLES = [
    (
        sums.linearity,
        Sum(2 * g(i) + x * e(i), (i, 1, N)),
        2 * Sum(g(i), (i, 1, N)) + x * Sum(e(i), (i, 1, N)),
    ),
    (sums.constant_factor, Sum(2 ** (n + i) * g(i), (i, 1, n)), 2**n * Sum(2**i * g(i), (i, 1, n))),
    (sums.sum_of_constant, Sum(x, (i, 2, n)), (n - 1) * x),
    (sums.first_term, Sum(g(i), (i, 1, n)), g(1) + Sum(g(i), (i, 2, n))),
    (sums.last_term, Sum(g(i), (i, 1, n)), g(n) + Sum(g(i), (i, 1, n - 1))),
    (sums.empty_sum, Sum(g(i), (i, n, n - 1)), 0),
    (sums.shift(2), Sum(g(i), (i, 1, N)), Sum(g(i + 2), (i, -1, N - 2))),
    (sums.reversed_order, Sum(g(i), (i, 1, N)), Sum(g(1 + N - i), (i, 1, N))),
    (sums.telescoping, Sum(g(i + 1) - g(i), (i, 0, n)), g(n + 1) - g(0)),
    (sums.telescoping, Sum(g(i) - g(i - 1), (i, 0, n)), g(n) - g(-1)),
    (sums.telescoping, Sum(2**i, (i, 0, n)), 2 ** (n + 1) - 1),
    (sums.into_the_sum(x), 2 * x * Sum(g(i), (i, 1, N)), 2 * Sum(x * g(i), (i, 1, N))),
    (
        sums.order_of_summation,
        Sum(g(i) * e(j), (i, 1, N), (j, 0, 2)),
        Sum(g(i) * e(j), (j, 0, 2), (i, 1, N)),
    ),
    (sums.factorial, fact(n), n * fact(n - 1)),
    (sums.binomial_theorem(k), (x + y) ** n, Sum(binomial(n, k) * y ** (n - k) * x**k, (k, 0, n))),
    (sums.terms_written_out, Sum(g(i), (i, 1, 3)), g(1) + g(2) + g(3)),
]


@pytest.mark.parametrize(("rule", "before", "after"), EXAMPLES, ids=lambda each: str(each)[:40])
def test_example(rule: object, before: Expr, after: Expr) -> None:
    found = results(rule, before)
    assert found
    assert any(equal(each, after) for each in found)


@pytest.mark.parametrize(("rule", "before", "after"), EXAMPLES, ids=lambda each: str(each)[:40])
def test_result_has_the_value_of_the_sum_written_out(
    rule: object, before: Expr, after: Expr
) -> None:
    for found in results(rule, before):
        for size in (1, 2, 5):
            at = {n: size, N: size, x: Rational(2, 3), y: Rational(-5, 7), r: 3}
            one, other = (each.subs(at).doit() for each in (before, found))
            assert (one - other).expand() == 0, (found, size)


positive, real = Symbol("positive", positive=True), Symbol("real", real=True)

REFUSED = [
    (sums.first_term, Sum(g(i), (i, 1, N))),  # may be empty
    (sums.last_term, Sum(g(i), (i, 2, n))),
    (sums.sum_of_constant, Sum(x, (i, 1, N))),
    (sums.sum_of_constant, Sum(x * i, (i, 1, n))),
    (sums.empty_sum, Sum(g(i), (i, 1, n))),
    (sums.geometric_sum, Sum(r**i, (i, 1, n))),  # r may be 1
    (sums.geometric_sum, Sum(i * 2**i, (i, 1, n))),
    (sums.telescoping, Sum(g(i + 1) - g(i), (i, 0, N))),
    (sums.telescoping, Sum(g(i + 1) + g(i), (i, 0, n))),
    (sums.linearity, Sum(1 / i - 1 / i**2, (i, 1, oo))),
    (sums.shift(Rational(1, 2)), Sum(g(i), (i, 1, n))),
    (sums.order_of_summation, Sum(g(i) * e(j), (i, 1, j), (j, 1, n))),
    (sums.order_of_summation, Sum(g(i) * e(j), (i, 1, oo), (j, 1, oo))),
    (sums.order_of_summation, Sum(i * j, (i, 1, 3), (j, 1, i))),  # the last i is another one
    (sums.order_of_summation, Sum(i, (i, 1, 3), (i, 1, 2))),
    (sums.sum_of_constant, Sum(3, (k, 1, positive))),  # ends that are no integers
    (sums.sum_of_constant, Sum(3, (real, 1, n))),
    (sums.last_term, Sum(g(k), (k, 1, 1 + positive))),
    (sums.first_term, Sum(g(k), (k, positive, positive + 3))),
    (sums.reversed_order, Sum(g(k), (k, 1, positive))),
    (sums.reversed_order, Sum(g(i), (i, 1, 3 * i))),  # the end is about another i
    (sums.telescoping, Sum(g(i + 1) - g(i), (i, 0, positive))),
    (sums.terms_written_out, Sum(g(i), (i, positive, positive + 2))),
    (sums.shift(i), Sum(g(i), (i, 1, n))),  # a step of the name of the index
]


@pytest.mark.parametrize(("rule", "line"), REFUSED, ids=lambda each: str(each)[:40])
def test_refused(rule: object, line: Expr) -> None:
    assert results(rule, line) == ()


def test_the_ratio_of_a_geometric_sum_is_not_one() -> None:
    line = Sum(r**i, (i, 0, n))
    (found,) = results(sums.geometric_sum, line, Ne(r, 1))[:1]
    for size in range(1, 6):
        one, other = (each.subs({n: size, r: Rational(3, 2)}).doit() for each in (line, found))
        assert one == other


def test_induction_needs_the_step_and_the_base() -> None:
    m = Symbol("m", integer=True, nonnegative=True)
    total = Sum(k, (k, 0, m)) - m * (m + 1) / 2
    step = equation(total, Sum(k, (k, 0, m + 1)) - (m + 1) * (m + 2) / 2)
    zero = Integer(0)
    assert induction(step, m).results(zero, Facts()) == (total,)
    assert induction(step, m).results(zero + 1, Facts()) == ()  # another base
    assert induction(equation(total, total + 1), m).results(zero, Facts()) == ()  # no step
    whole = Symbol("w", integer=True)  # may be negative
    renamed = equation(step.left.subs(m, whole), step.right.subs(m, whole))
    assert induction(renamed, whole).results(zero, Facts()) == ()
    with pytest.raises(UnsupportedError):
        induction(total, m)  # type: ignore[arg-type]


def test_induction_unrolls_a_recursion() -> None:
    b = Recursion(2 * x + 1, x, 0, k, n)
    closed, step = 2**n - 1, equation(2**n - 1, 2 * (2 ** (n - 1) - 1) + 1)
    assert induction(step, n).results(3 * b, Facts()) == (3 * closed,)
    other = Recursion(2 * x + 1, x, 1, k, n)  # another start
    assert induction(step, n).results(other, Facts()) == ()
    assert induction(step, n).results(Recursion(3 * x + 1, x, 0, k, n), Facts()) == ()
    assert [b.subs(n, c).doit() for c in range(1, 5)] == [1, 3, 7, 15]


def test_recursion_knows_its_bound_variables() -> None:
    b = Recursion(x + k * y, x, r, k, n)
    assert b.free_symbols == {y, r, n}
    assert b.subs(x, 5) == b
    assert b.subs(y, x).subs(r, 0).subs(n, 3).doit() == 6 * x  # another x
    assert Recursion(x + k, x, x, k, n).subs(x, 5).subs(n, 2).doit() == 8  # the start is outside
    assert b.subs(y, 2).subs(n, 3).subs(r, 0).doit() == 12


inner = i + Sum(i * j, (j, 1, 3))


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (sums.shift(j), Sum(inner, (i, 1, n))),
        (sums.first_term, Sum(inner, (i, j, j + 2))),
        (sums.last_term, Sum(inner, (i, j, j + 2))),
        (sums.reversed_order, Sum(inner, (i, j, j + 2))),
        (sums.terms_written_out, Sum(inner, (i, j, j + 2))),
    ],
    ids=str,
)
def test_no_bound_variable_catches_what_is_put_in(rule: object, line: Expr) -> None:
    renamed = line.replace(inner, 7 * i)
    for found in results(rule, line):
        one, other = (each.subs({n: 2, j: 2}).doit() for each in (found, renamed))
        assert one == other, found


def test_outer_ranges_are_known_and_facts_about_their_names_are_not() -> None:
    line = Sum(g(i) * e(j), (i, 1, j), (j, -3, 3))
    assert results(sums.last_term, line, j > 0) == ()  # about another j
    assert results(sums.last_term, line.func(line.function, (i, 1, j), (j, 1, 3)))


@pytest.mark.parametrize(
    "wrong",
    [lambda: sums.shift("a"), lambda: sums.into_the_sum(None), lambda: sums.binomial_theorem("k")],
)
def test_bad_input(wrong: object) -> None:
    with pytest.raises(UnsupportedError):
        wrong()  # type: ignore[operator]
