"""Rules of probability on SymPy lines: each applies where it should, and says no elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import Abs, And, Eq, Lambda, Sum, Symbol, exp, log

from numeric.scalars import compare_scalars, order_scalars
from numeric.scalars.drawing_spaces import draw_with_space
from symbolic.scalars import probability as rules
from symbolic.scalars.facts import Facts
from symbolic.scalars.given import as_given
from symbolic.scalars.monotone import part_by_part
from symbolic.scalars.normal import equal
from symbolic.scalars.printing import latex, text
from symbolic.scalars.random_variables import (
    E,
    HasMass,
    IdenticallyDistributed,
    Independent,
    Indicator,
    NormallyDistributed,
    P,
    RandomFamily,
    RandomVariable,
    SampleMean,
    TakesValues,
    Var,
    known_from,
    normal_density,
    random_parts,
)
from symbolic.scalars.rule import ScalarBound, ScalarRule

X, Y, Z = RandomVariable("X"), RandomVariable("Y"), RandomVariable("Z")
T = RandomVariable("T", positive=True)
F = RandomFamily("F")
a, b, c = sympy.symbols("a b c", real=True)
s = Symbol("s", positive=True)
n = Symbol("n", integer=True, positive=True)
i, j = sympy.symbols("i j", integer=True)
x = Symbol("x", real=True)
q = sympy.Function("q", positive=True)

NOTHING = Facts()
INDEPENDENT = Facts((Independent(X, Y, F),))
ALIKE = Facts((IdenticallyDistributed(F),))
NORMAL = Facts((NormallyDistributed(X, a, s),))
IN_RANGE = Facts((TakesValues(Y, 1, n),))
POSSIBLE = Facts((P(Eq(Y, b)) > 0,))
MEANS = Facts((Eq(E(X), a), Eq(E(X * Y), c)))

APPLIES = [
    (rules.linearity, NOTHING, E(a * X - 2 * Y + b), a * E(X) - 2 * E(Y) + b),
    (rules.linearity, NOTHING, E(a + b**2), a + b**2),
    (rules.linearity, NOTHING, E(Sum(F[i], (i, 1, n)) / n), Sum(E(F[i]), (i, 1, n)) / n),
    (rules.linearity, NOTHING, E(X + b, Y), E(X, Y) + b),
    (rules.definition_of_variance, NOTHING, Var(X + Y), E((X + Y - E(X + Y)) ** 2)),
    (rules.variance_of_multiple, NOTHING, Var(a * X + b), a**2 * Var(X)),
    (rules.variance_of_multiple, NOTHING, Var(Sum(F[i], (i, 1, n)) / n),
     Var(Sum(F[i], (i, 1, n))) / n**2),
    (rules.variance_of_independent_sum, INDEPENDENT, Var(X + Y), Var(X) + Var(Y)),
    (rules.variance_of_independent_sum, INDEPENDENT, Var(Sum(i * F[i], (i, 1, n))),
     Sum(Var(i * F[i]), (i, 1, n))),
    (rules.independence, INDEPENDENT, E(X**2 * exp(Y)), E(X**2) * E(exp(Y))),
    (rules.independence, INDEPENDENT, E(F[1] * F[2]), E(F[1]) * E(F[2])),
    (rules.identical_distribution, ALIKE, Var(F[2] ** 2), Var(F[1] ** 2)),
    (rules.definition_of_sample_mean, NOTHING, E(SampleMean(F, n)), E(Sum(F[i], (i, 1, n)) / n)),
    (rules.tower_rule, NOTHING, E(E(X * Y, Y)), E(X * Y)),
    (rules.taking_out_what_is_known, NOTHING, E(X * Y**2, Y), Y**2 * E(X, Y)),
    (rules.probability_of_event, NOTHING, P(a <= X), E(Indicator(a <= X))),
    (rules.conditional_probability, POSSIBLE, P(Eq(X, a), Eq(Y, b)),
     P(And(Eq(X, a), Eq(Y, b))) / P(Eq(Y, b))),
    (rules.product_rule, NOTHING, 2 * P(Eq(X, a), Eq(Y, b)) * P(Eq(Y, b)),
     2 * P(And(Eq(X, a), Eq(Y, b)))),
    (rules.sum_rule(Y), IN_RANGE, Sum(P(And(Eq(X, a), Eq(Y, j))), (j, 1, n)), P(Eq(X, a))),
    (rules.expectation_under_law, NORMAL, E(X**2),
     sympy.Integral(x**2 * normal_density(x, a, s), (x, -sympy.oo, sympy.oo))),
    (rules.expectation_under_law, NORMAL, E((X - E(X)) ** 2),
     sympy.Integral((x - E(X)) ** 2 * normal_density(x, a, s), (x, -sympy.oo, sympy.oo))),
    (rules.expectation_under_law, Facts((HasMass(Z, Lambda(i, q(i)), 1, n),)), E(log(q(Z))),
     Sum(q(i) * log(q(i)), (i, 1, n))),
    (as_given, MEANS, E(X) ** 2 + E(X * Y), a**2 + c),
]  # fmt: skip

SAYS_NO = [
    (rules.linearity, NOTHING, E(X / (a - 1))),  # a may be 1
    (rules.linearity, NOTHING, E(X * Y)),
    (rules.linearity, NOTHING, E(Sum(F[i], (i, 1, sympy.oo)))),
    (rules.variance_of_multiple, NOTHING, Var(X * Y)),
    (rules.variance_of_multiple, NOTHING, Var(X / a)),
    (rules.variance_of_independent_sum, NOTHING, Var(X + Y)),
    (rules.variance_of_independent_sum, INDEPENDENT, Var(X + X**2)),
    (rules.variance_of_independent_sum, INDEPENDENT, Var(X + Z)),
    (rules.variance_of_independent_sum, INDEPENDENT, Var(Sum(F[1] + F[i], (i, 1, n)))),
    (rules.variance_of_independent_sum, INDEPENDENT, Var(Sum(F[i], (i, 1, i + j)))),
    (rules.variance_of_independent_sum, ALIKE, Var(Sum(F[i], (i, 1, n)))),
    (rules.independence, NOTHING, E(X * Y)),
    (rules.independence, INDEPENDENT, E(X * Z)),
    (rules.independence, INDEPENDENT, E(X * (X + Y))),
    (rules.independence, INDEPENDENT, E(F[i] * F[j])),  # i may be j
    (rules.independence, INDEPENDENT, E(F[1] * Sum(F[i], (i, 1, n)))),
    (rules.independence, INDEPENDENT, E(X * Y, Z)),
    (rules.identical_distribution, NOTHING, E(F[2])),
    (rules.identical_distribution, ALIKE, E(F[2] * F[3])),
    (rules.identical_distribution, ALIKE, E(F[2] * X)),
    (rules.definition_of_sample_mean, NOTHING, E(SampleMean(F, j))),
    (rules.tower_rule, NOTHING, E(E(X))),
    (rules.tower_rule, NOTHING, E(E(X, Y) ** 2)),
    (rules.taking_out_what_is_known, NOTHING, E(X * Y, Z)),
    (rules.taking_out_what_is_known, NOTHING, E(X * (X + Y), Y)),
    (rules.conditional_probability, NOTHING, P(Eq(X, a), Eq(Y, b))),
    (rules.product_rule, NOTHING, P(Eq(X, a), Eq(Y, b)) * P(Eq(X, a))),
    (rules.product_rule, NOTHING, P(Eq(X, a), Y) * P(Y)),
    (rules.sum_rule(Y), NOTHING, Sum(P(And(Eq(X, a), Eq(Y, j))), (j, 1, n))),
    (rules.sum_rule(Y), IN_RANGE, Sum(P(And(Eq(X, a), Eq(Y, j))), (j, 2, n))),
    (rules.sum_rule(Y), IN_RANGE, Sum(P(And(Eq(X, j), Eq(Y, j))), (j, 1, n))),
    (rules.expectation_under_law, NORMAL, E(X * Y)),
    (rules.expectation_under_law, NOTHING, E(X)),
    (rules.expectation_under_law, Facts((NormallyDistributed(X, Y, 1),)), E(X)),
    (rules.expectation_under_law, Facts((NormallyDistributed(X, 0, Y**2 + 1),)), E(X)),
    (rules.expectation_under_law, Facts((NormallyDistributed(X, 0, a),)), E(X)),  # a may be < 0
    (rules.tower_rule, NOTHING, E(E(X, Y > 0))),  # a number, of which the mean is itself
    (rules.taking_out_what_is_known, NOTHING, E(Indicator(Y > 0) * X, Y > 0)),
    (rules.taking_out_what_is_known, NOTHING, E(Y * X, Eq(Y, a))),
    (rules.expectation_under_law, NORMAL, E(E(Y, X))),
    (as_given, MEANS, E(X**2)),
    (as_given, MEANS, sympy.Derivative(a * E(X), a)),  # the equation holds at one a alone
]  # fmt: skip


@pytest.mark.parametrize(("rule", "facts", "line", "wanted"), APPLIES)
def test_rule_gives_the_line(
    rule: ScalarRule, facts: Facts, line: sympy.Expr, wanted: sympy.Expr
) -> None:
    assert any(equal(found, wanted) for found in rule.results(line, facts))


@pytest.mark.parametrize(("rule", "facts", "line"), SAYS_NO)
def test_rule_says_no(rule: ScalarRule, facts: Facts, line: sympy.Expr) -> None:
    assert rule.results(line, facts) == ()


def _unknowns(*parts: sympy.Basic) -> list[object]:
    found: dict[object, None] = {}
    for part in parts:
        families = part.atoms(sympy.IndexedBase)
        labels = {family.label for family in families}
        heads = {each.func for each in part.atoms(sympy.core.function.AppliedUndef)}
        symbols = {e for e in part.free_symbols if isinstance(e, Symbol)} - labels
        found.update(dict.fromkeys(sorted(families | heads | symbols, key=str)))
    return list(found)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("rule", "facts", "line", "wanted"), APPLIES)
def test_both_sides_agree_on_random_spaces(
    rule: ScalarRule, facts: Facts, line: sympy.Expr, wanted: sympy.Expr, seed: int
) -> None:
    if facts is POSSIBLE or any(isinstance(each, HasMass) for each in facts.conditions):
        pytest.skip("the pages test these")
    rng = np.random.default_rng([seed, 20])
    point = draw_with_space(_unknowns(line, wanted, *facts.conditions), facts.conditions, rng)
    found = compare_scalars(line, wanted, point)
    assert found.outcome == "equal", f"seed {seed}: {found} at {point}"


BOUNDS = [
    (rules.log_below_line, -E(T - 1), -E(log(T)), E(log(T)), E(T)),
    (rules.log_below_line, 3 * log(T), 3 * T - 3, 3 * T - 3, 3 * log(T)),
    (rules.indicator_below_ratio, E(Indicator(Abs(X - a) >= s)), E((X - a) ** 2 / s**2),
     E(Indicator(Abs(X - a) >= a)), E((X - a) ** 2 / a**2)),
    (rules.indicator_below_ratio, E(Indicator(s <= T)), E(T / s),
     E(Indicator(s <= X)), E(X / s)),
    (rules.jensen_for_log, E(log(T)), log(E(T)), log(E(T)), E(log(T))),
]  # fmt: skip


@pytest.mark.parametrize(("bound", "smaller", "larger", "wrong", "too_small"), BOUNDS)
def test_bounds_hold_and_say_no(
    bound: ScalarBound,
    smaller: sympy.Expr,
    larger: sympy.Expr,
    wrong: sympy.Expr,
    too_small: sympy.Expr,
) -> None:
    assert bound.holds(smaller, larger, NOTHING)
    assert not bound.holds(wrong, too_small, NOTHING)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        point = draw_with_space(_unknowns(smaller, larger), (), rng)
        assert order_scalars(smaller, larger, point).outcome == "equal", f"seed {seed}: {point}"


def test_a_bound_needs_the_sign_around_the_part() -> None:
    holds = part_by_part(lambda node, facts: s if node == x else None)
    assert holds(2 * x + a, 2 * s + a, NOTHING)
    assert holds(-s, -x, NOTHING)
    assert not holds(a * x, a * s, NOTHING)
    assert holds(a * x, a * s, Facts((a >= 0,)))
    assert not holds(x**2, s**2, NOTHING)
    assert not holds(-x, -s, NOTHING)
    assert holds(Sum(x * i**2, (i, 1, n)), Sum(s * i**2, (i, 1, n)), NOTHING)
    assert not holds(Sum(x, (i, 1, j)), Sum(s, (i, 1, j)), NOTHING)


def test_what_is_random() -> None:
    assert random_parts(E(X, Y > 0)) == frozenset()
    assert random_parts(E(X * Y) + Var(X) + P(X > 0)) == frozenset()
    assert random_parts(E(X, Y) * F[2]) == {Y, F[2]}
    assert random_parts(Sum(F[i], (i, 1, n)) + F[j]) == {F, F[j]}
    assert known_from(exp(Y) + a + E(X), Y)
    assert not known_from(X + Y, Y)
    assert known_from(E(X, Y), Y)


def test_text_and_latex() -> None:
    far = P(Abs(SampleMean(F, n) - a) >= s)
    assert text(far) == "P(abs(a - mean(F, n)) >= s)"
    assert latex(E(X, Y)) == r"\mathbb{E}\left[X \mid Y\right]"
    assert latex(Var(SampleMean(F, n)) ** 2) == (r"\operatorname{Var}\left[\bar{F}_{n}\right]^{2}")
    assert text(P(And(Eq(X, a), Eq(Y, b)), Eq(Z, c))) == "P(X = a, Y = b | Z = c)"
    assert latex(Indicator(a < X)) == r"\mathbf{1}\left\{X > a\right\}"
    assert text(NormallyDistributed(X, a, s)) == "X ~ N(a, s**2)"
    for condition in (*INDEPENDENT.conditions, *ALIKE.conditions, *IN_RANGE.conditions):
        assert "text" in latex(condition) or r"\in" in latex(condition)
