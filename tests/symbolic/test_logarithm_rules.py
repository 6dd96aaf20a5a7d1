"""Rules of logarithms, exponentials and powers: each keeps the value, and says no outside its condition."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest

import numeric
from symbolic import Expression, log, parse
from symbolic.algebra.normal import equal_by_algebra
from symbolic.calculus.exponential_rules import exp_of_sum
from symbolic.calculus.logarithm_rules import (
    definition_of_log_softmax,
    log_of_determinant,
    log_of_product,
)
from symbolic.calculus.power_rules import power_of_sum
from symbolic.calculus.rules import Rule
from symbolic.traverse import variables
from tests.symbolic.random_expressions import certainly_equal
from tests.symbolic.random_expressions.comparing import close
from tests.symbolic.random_expressions.interpreter import evaluate_complex
from tests.symbolic.random_expressions.points import ONE, SIZES, draw

GIVEN = {
    "x": "n", "z": "n", "u": "n: positive", "v": "n: nonnegative", "p": "n: prob", "r": "n d",
    "s": ": positive", "a": "", "A": "n n", "S": "n n: spd", "t": ": counts", "m": ": counts",
}  # fmt: skip

APPLIES = [
    (log_of_product, "log(u*v)", "log(u) + log(v)"),
    (log_of_product, "log(x*exp(z))", "log(x) + z"),
    (log_of_product, "log(x**3)", "3*log(x)"),
    (log_of_product, "log(exp(-x/2)/sqrt(s*det(S)))", "-x/2 - log(s)/2 - log(det(S))/2"),
    (log_of_product, "log(prod(exp(x)*p))", "sum(x) + sum(log(p))"),
    (log_of_product, "log(2*x)", "log(2) + log(x)"),
    (log_of_determinant, "log(det(A))", "logdet(A)"),
    (definition_of_log_softmax, "log_softmax(x)", "x - logsumexp(x)"),
    (definition_of_log_softmax, "log_softmax(r, axis=1)", "r - logsumexp(r, axis=1)[:, None]"),
    (exp_of_sum, "exp(x + z - 1)", "exp(x)*exp(z)*exp(-1)"),
    (exp_of_sum, "exp(log(u) + x)", "u*exp(x)"),
    (power_of_sum, "u**(x + z)", "u**x*u**z"),
]  # fmt: skip

SAYS_NO = [
    (log_of_product, "log(x*z)"),  # both may be negative
    (log_of_product, "log(x**2)"),
    (log_of_product, "log(-u)"),
    (log_of_product, "log(prod(x))"),
    (log_of_product, "log(u + v)"),
    (log_of_product, "log(sum(u*v))"),
    (log_of_product, "log(x)"),
    (log_of_determinant, "log(trace(A))"),
    (log_of_determinant, "exp(det(A))"),
    (definition_of_log_softmax, "log(softmax(x))"),
    (exp_of_sum, "exp(x*z)"),
    (exp_of_sum, "log(x + z)"),
    (power_of_sum, "x**(a + 1)"),  # a negative base and any exponent
    (power_of_sum, "x**(t - 1)"),  # may be x**(-1) at x = 0, where x**t is not
    (power_of_sum, "x**3"),
]


@pytest.mark.parametrize(("rule", "before", "after"), APPLIES)
def test_a_rule_gives_what_it_says(rule: Rule, before: str, after: str) -> None:
    line, wanted = parse(before, GIVEN), parse(after, GIVEN)
    found = rule.exhausted(line)
    assert found is not line
    assert equal_by_algebra(found, wanted)
    outcomes = {compared(line, found, seed) for seed in range(12)}
    assert "equal" in outcomes
    assert "different" not in outcomes


def compared(before: Expression, after: Expression, seed: int) -> str:
    """How enclosures compare at a rational point; undecided where a logarithm is not defined."""
    given = dict.fromkeys([*variables(before), *variables(after)])
    point = numeric.sample(given, ONE, np.random.default_rng(seed))
    return numeric.compare(before, after, point, ONE, digits=30).outcome


@pytest.mark.parametrize(("rule", "near"), SAYS_NO)
def test_a_rule_says_no_outside_its_condition(rule: Rule, near: str) -> None:
    line = parse(near, GIVEN)
    assert rule.once(line) is line
    assert rule.exhausted(line) is line


FACTORS = ("x", "u", "p", "a", "x**2", "x**3", "1/u", "1/z", "sqrt(v)", "exp(z)", "norm(x)",
           "(-2*v)")  # fmt: skip


def differs_where_real(before: Expression, after: Expression, seed: int) -> bool:
    """Whether two expressions differ at a point where the first is a real number."""
    for sizes in (SIZES, ONE):
        point = draw([before, after], sizes, np.random.default_rng(seed))
        first = evaluate_complex(before, point, sizes)
        real = np.all(np.isfinite(first)) and not np.any(np.imag(first))
        if real and not close(first, evaluate_complex(after, point, sizes)):
            return True
    return False


def test_the_logarithm_of_every_product_keeps_its_value_where_it_is_real() -> None:
    wrong, applied = [], 0
    for factors in combinations_with_replacement(FACTORS, 3):
        before = log(parse("*".join(factors), GIVEN))
        after = log_of_product.exhausted(before)
        applied += after is not before
        wrong += [
            f"seed {seed}: {before} became {after}"
            for seed in range(4)
            if differs_where_real(before, after, seed)
        ]
    assert wrong == []
    assert applied > 150


def test_whole_exponents_may_be_split_for_any_base() -> None:
    line = parse("(1 - a*x)**(t + m + 1)", GIVEN)
    found = power_of_sum.exhausted(line)
    assert equal_by_algebra(found, parse("(1 - a*x)**t*(1 - a*x)**m*(1 - a*x)", GIVEN))
    assert all(certainly_equal(line, found, seed) for seed in range(5))
