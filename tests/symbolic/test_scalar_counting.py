"""Counting whole numbers: conditions that say the same, sums cut off, and where the rules must refuse."""

from __future__ import annotations

import pytest
from sympy import Function, Integer, Piecewise, Sum, Symbol, floor

from symbolic.errors import ChainruleError
from symbolic.scalars.counting import at_most_whole_part, sum_where
from symbolic.scalars.facts import Facts
from tests.symbolic.scalar_oracle import results

t = Symbol("t", integer=True)
s = Symbol("s", integer=True, positive=True)
n = Symbol("n", integer=True, nonnegative=True)
a, c, x = Symbol("a", real=True), Symbol("c", integer=True), Symbol("x", real=True)
f = Function("f", real=True)


def _where(condition: object, term: object = 1, elsewhere: int = 0) -> Piecewise:
    return Piecewise((term, condition), (elsewhere, True))


def test_a_bound_on_a_multiple_is_one_on_the_number() -> None:
    assert results(at_most_whole_part(t), s * t <= a) == (t <= floor(a / s),)
    for number in range(-7, 8):
        for step in (1, 2, 3):
            left = (s * t <= a).subs({s: step, t: number, a: Integer(5)})
            assert left == (t <= floor(a / s)).subs({s: step, t: number, a: Integer(5)})


@pytest.mark.parametrize(
    "line",
    [
        s * t < a,  # strict: floor(a/s) would be one too many
        c * t <= a,  # the factor may be negative
        -s * t <= a,
        s * t**2 <= a,
        s * t <= a + t * n,  # the factor s - n may be negative
    ],
    ids=str,
)
def test_no_whole_part(line: object) -> None:
    assert results(at_most_whole_part(t), line) == ()


def test_the_number_has_to_be_whole() -> None:
    assert results(at_most_whole_part(x), s * x <= a) == ()
    with pytest.raises(ChainruleError):
        at_most_whole_part(s + t)


def test_terms_that_are_zero_are_left_out() -> None:
    line = Sum(_where(t <= floor(n / s), f(t)), (t, 0, n))
    (cut,) = results(sum_where, line)
    assert cut == Sum(f(t), (t, 0, floor(n / s)))
    for last in range(6):
        for step in (1, 2, 3):
            at = {n: last, s: step}
            assert line.subs(at).doit() == cut.subs(at).doit()


@pytest.mark.parametrize(
    "line",
    [
        Sum(_where(t <= c, f(t)), (t, 0, n)),  # c may be beyond either end
        Sum(_where(t <= n + 1, f(t)), (t, 0, n)),
        Sum(_where(t <= n / s, f(t)), (t, 0, n)),  # no whole number
        Sum(_where(t <= floor(n / s), f(t), 1), (t, 0, n)),
        Sum(_where(t >= floor(n / s), f(t)), (t, 0, n)),
        Sum(_where(2 * t <= n, f(t)), (t, 0, n)),
        Sum(_where(t <= floor(n / s) - 2, f(t)), (t, 0, n)),  # it may end before it begins
        Sum(_where(t <= floor(n / a), f(t)), (t, 0, n)),
    ],
    ids=str,
)
def test_terms_that_may_not_be_zero_stay(line: Sum) -> None:
    assert sum_where.results(line, Facts()) == ()
