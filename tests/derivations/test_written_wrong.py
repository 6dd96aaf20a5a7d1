"""What is written wrong on a page is told: a typed error with what was written, found, and what to do."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import sympy

from derivations import (
    D,
    Derivation,
    at_least,
    at_most,
    begin,
    equals,
    equation,
    follows,
    implies,
    inequality,
    right_to_left,
    tends,
    tends_to,
)
from derivations.evidence import (
    counterexample,
    descent,
    eigen_residual,
    equality_case,
    finite_difference,
    finite_distribution,
    float_error,
    identity_on_random_data,
    limit_value,
    measured_order,
    measured_rate,
    monte_carlo,
    never_better,
    order_on_random_data,
    quadrature,
    recursion,
    stationary_point,
)
from derivations.lemma import lemma
from derivations.rules.sampling import sampling
from symbolic import ChainruleError, UnsupportedError, matrix, named, rules, sum, vector
from symbolic.calculus.path_rules import total_derivative
from symbolic.scalars import elementary, inequalities
from symbolic.scalars.derivatives import derivative
from symbolic.scalars.random_variables import E, P, RandomVariable, Variance
from symbolic.scalars.recursion import Recursion

x, y = sympy.symbols("x y", real=True)
n = sympy.Symbol("n", integer=True, positive=True)
b, i = sympy.IndexedBase("b"), sympy.Symbol("i", integer=True)
f, X = sympy.Function("f"), RandomVariable("X")
v, A = vector("v", "n"), matrix("A", "n", "n")
claim = equation(D(v @ v, v), 2 * v)
page = Derivation((v,), claim, (equals(2 * v, by=(rules.product_rule, rules.linear_map)),))
twice = sympy.Lambda(x, 2 * x)

WRITTEN: list[tuple[Callable[[], object], str]] = [
    (lambda: E("X"), "Expectation of 'X'"),
    (lambda: Variance(None), "Variance of None"),
    (lambda: P("X > 0"), "Probability of 'X > 0'"),
    (lambda: E(X, "Y"), "Expectation of 'Y'"),
    (lambda: E(v), "Expectation of v"),
    (lambda: Recursion("x + 1", x, 0, i, n), "Recursion of 'x"),
    (lambda: derivative(f, "x"), "derivative of 'x'"),
    (lambda: inequalities.square("x"), "'x'"),
    (lambda: inequalities.square(int), "class 'int'"),
    (lambda: inequalities.log_of_both("AM-GM"), "log_of_both"),
    (lambda: elementary.definition_of("mu"), "'mu'"),
    (lambda: D(None, v), "a derivative of None"),
    (lambda: D(sympy.Matrix([1]), v), "a derivative of Matrix"),
    (lambda: D(v @ v, "v"), "a derivative by v"),
    (lambda: rules.through("z"), "named"),
    (lambda: total_derivative(named("z", v)), "two or more"),
    (lambda: equation(v, "w"), "'w'"),
    (lambda: equation(v, twice), "a function"),
    (lambda: equation(v, A), "shapes"),
    (lambda: inequality(x, "y"), "'y'"),
    (lambda: inequality(x, y, "<"), "'<'"),
    (lambda: tends(x, 0, x, "oo"), "'oo'"),
    (lambda: tends_to(x, "n", sympy.oo, by=rules.linearity), "'n'"),
    (lambda: begin("x**2"), "'x"),
    (lambda: equals(x, by="algebra"), "prose is not executed"),
    (lambda: equals(x, by=()), "no reason"),
    (lambda: at_most(x < y, by=sampling), "x < y"),
    (lambda: implies(x, "y", by=rules.linearity), "'y'"),
    (lambda: right_to_left("algebra"), "prose"),
    (lambda: lemma("cauchy_schwarz"), "no derivation"),
    (lambda: lemma(page, claim=2), "count them from 1"),
    (lambda: Derivation([v], claim, ()), "give a tuple"),
    (lambda: Derivation((v,), "D(v @ v, v) = 2 v", ()), "claim"),
    (lambda: Derivation((v,), (v @ v, A), ()), "shapes"),
    (lambda: Derivation((v,), (v, x), ()), "x"),
    (lambda: Derivation((v,), claim, (claim,)), "steps"),
    (lambda: Derivation((v,), claim, page.steps, evidence=("plot",)), "evidence"),
    (lambda: Derivation((v,), claim, page.steps, source=None), "source"),
    (lambda: Derivation((v, sympy.false), claim, page.steps), "never holds"),
    (lambda: identity_on_random_data("x", x), "'x'"),
    (lambda: identity_on_random_data(v, "x"), "'x'"),
    (lambda: identity_on_random_data(x, x, at="x = 1"), "no mapping"),
    (lambda: identity_on_random_data(x, x, at=sympy.Eq(x, 1)), "no mapping"),
    (lambda: order_on_random_data(None, x), "None"),
    (lambda: counterexample(x, int), "class 'int'"),
    (lambda: equality_case(x, y, at=x), "no mapping"),
    (lambda: descent(x, x, x, "0"), "'0'"),
    (lambda: eigen_residual(A, v, "lam"), "'lam'"),
    (lambda: finite_difference(x, x, x, at="x"), "no mapping"),
    (lambda: finite_distribution(E(X), "mu"), "'mu'"),
    (lambda: finite_distribution(f, E(X)), "f"),
    (lambda: finite_distribution(v, v), "no random variable"),
    (lambda: float_error(x, x, at=x), "no mapping"),
    (lambda: limit_value(x, x, "0"), "'0'"),
    (lambda: limit_value(x, x, 0, to="oo"), "'oo'"),
    (lambda: measured_order(x, x, "two"), "'two'"),
    (lambda: measured_rate(x, x, 1, 0, "quadratic"), "'quadratic'"),
    (lambda: measured_rate(x, x, "1", 0, 1), "'1'"),
    (lambda: monte_carlo(x, "truth"), "'truth'"),
    (lambda: monte_carlo(x, x, samples="many"), "many"),
    (lambda: monte_carlo(x, x, confidence="high"), "high"),
    (lambda: monte_carlo(x, x, draws="normal"), "no mapping"),
    (lambda: never_better("x", x, 0), "'x'"),
    (lambda: never_better(x, x, None), "None"),
    (lambda: quadrature(sympy.Integral(x, (x, 0, 1)), "1/2"), "1/2"),
    (lambda: recursion(x, x, "0", x, n), "'0'"),
    (lambda: stationary_point(x, x, "0"), "'0'"),
]


@pytest.mark.parametrize(("write", "named_in_it"), WRITTEN, ids=lambda case: str(case)[:24])
def test_what_is_written_wrong_is_told(write: Callable[[], object], named_in_it: str) -> None:
    with pytest.raises(ChainruleError) as told:
        write()
    assert named_in_it in str(told.value)
    assert str(told.value).count(";") >= 1, "what was found; what to do"


# --- derivations of any parts --------------------------------------------------------------------

SIDES = [
    x, x**2, y, n, 0, v, A, v @ v, f(x), sympy.Matrix([[x, y], [1, 2]]), sympy.log(x), 1 / x, sympy.zoo,
    sympy.nan, sympy.oo, sympy.I * x, sympy.Sum(i, (i, 1, n)), sympy.Limit(sympy.sin(x) / x, x, 0),
    sympy.Derivative(f(x), x), sympy.Piecewise((x, x > 0), (0, True)), b[i], sympy.sqrt(-1 - x**2),
    sympy.Symbol("x"), E(X), D(v @ v, v), 0 * v, A @ A, sum(v), named("z", A @ v),
]  # fmt: skip
CONDITIONS = [
    sympy.Eq(x, 1), x < 1, sympy.Eq(x, y), sympy.Ne(x, 0), sympy.Or(x > 0, y > 0), x**2 < 0,
    sympy.Eq(x, x + 1, evaluate=False), sympy.Eq(f(x), x), sympy.Eq(n, 3), sympy.Eq(b[i], 2),
]  # fmt: skip
REASONS = [
    rules.linearity, rules.sums_to_one, elementary.algebra, elementary.log_of_product, sampling,
    inequalities.absolute_value, page, claim, inequality(x, y), right_to_left(page),
]  # fmt: skip


def any_derivation(seed: int) -> Derivation:
    """A derivation put together from parts that need not fit."""
    draw = random.Random(seed)

    def side() -> object:
        return draw.choice(SIDES)

    def step() -> object:
        by = draw.choice(REASONS) if draw.random() < 0.7 else tuple(draw.sample(REASONS, 2))
        return draw.choice(
            (
                lambda: begin(side()),
                lambda: equals(side(), by=by),
                lambda: at_most(side(), by=by),
                lambda: at_least(side(), by=by),
                lambda: implies(side(), side(), by=by),
                lambda: tends_to(side(), x, draw.choice((0, sympy.oo)), by=by),
            )
        )()

    wanted = draw.choice(
        (
            lambda: equation(side(), side()),
            lambda: inequality(side(), side()),
            lambda: follows(equation(side(), side()), equation(side(), side())),
            lambda: tends(side(), side(), x, sympy.oo),
            lambda: (side(), side()),
        )
    )()
    given = (x, y, n, v, A, f, b, i, *draw.sample(CONDITIONS, draw.randrange(2)))
    return Derivation(given, wanted, tuple(step() for _ in range(draw.randrange(1, 3))))


def test_a_derivation_of_any_parts_is_refused_or_checked() -> None:
    """Nothing raises but a typed error when it is built; what is checked has a verdict."""
    checked = 0
    for seed in range(400):
        try:
            derivation = any_derivation(seed)
        except ChainruleError:
            continue
        report = derivation.check()
        assert report.verdict in ("proved", "verified", "undecided", "refuted")
        assert derivation.latex()
        assert str(report)
        checked += 1
    assert checked > 30


def test_text_for_a_random_variable_says_what_to_do() -> None:
    with pytest.raises(UnsupportedError, match="declared as symbols"):
        E("X")
