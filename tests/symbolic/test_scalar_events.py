"""Rules of events: each applies where it should, and says no elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import And, Eq, Symbol

from numeric.scalars import compare_scalars
from numeric.scalars.drawing_spaces import draw_with_space
from symbolic.scalars import probability as rules
from symbolic.scalars.facts import Facts
from symbolic.scalars.normal import equal
from symbolic.scalars.random_variables import E, Independent, P, RandomVariable, TakesValues
from symbolic.scalars.rule import ScalarRule

x, y, z = RandomVariable("X"), RandomVariable("Y"), RandomVariable("Z")
a, b = sympy.symbols("a b", real=True)
t = Symbol("t", integer=True)

NOTHING = Facts()
INDEPENDENT = Facts((Independent(x, y),))

APPLIES = [
    (rules.ties_apart, NOTHING, P(x >= a), P(x > a) + P(Eq(x, a))),
    (rules.ties_apart, NOTHING, P(x <= y, Eq(z, 1)), P(x < y, Eq(z, 1)) + P(Eq(x, y), Eq(z, 1))),
    (rules.independent_events, INDEPENDENT, P(And(x > a, y < b)), P(x > a) * P(y < b)),
    (rules.independent_events, INDEPENDENT, P(And(Eq(x, t), Eq(y, t))), P(Eq(x, t)) * P(Eq(y, t))),
    (rules.value_in_event, NOTHING, P(And(x > y**2, Eq(y, a))), P(And(x > a**2, Eq(y, a)))),
    (rules.value_in_event, NOTHING, P(And(x > y, Eq(y, a)), z > 0), P(And(x > a, Eq(y, a)), z > 0)),
]  # fmt: skip

SAYS_NO = [
    (rules.ties_apart, NOTHING, P(x > a)),
    (rules.ties_apart, NOTHING, P(And(x >= a, y >= b))),
    (rules.independent_events, NOTHING, P(And(x > a, y > b))),
    (rules.independent_events, INDEPENDENT, P(And(x > a, z > b))),
    (rules.independent_events, INDEPENDENT, P(And(x > y, Eq(y, b)))),
    (rules.independent_events, INDEPENDENT, P(And(x > a, y > b), z > 0)),  # only if z tells nothing
    (rules.value_in_event, NOTHING, P(And(x > y, y > a))),
    (rules.value_in_event, NOTHING, P(And(x > 1 / y, Eq(y, a)))),  # a may be 0, where y is not
    (rules.value_in_event, NOTHING, P(And(x > E(x, y), Eq(y, a)))),
    (rules.value_in_event, NOTHING, P(And(x > y, Eq(y, z)))),
    (rules.value_in_event, NOTHING, P(x > y, Eq(y, a))),
]


@pytest.mark.parametrize(("rule", "facts", "line", "wanted"), APPLIES)
def test_rule_gives_the_line(
    rule: ScalarRule, facts: Facts, line: sympy.Expr, wanted: sympy.Expr
) -> None:
    assert any(equal(found, wanted) for found in rule.results(line, facts))


@pytest.mark.parametrize(("rule", "facts", "line"), SAYS_NO)
def test_rule_says_no(rule: ScalarRule, facts: Facts, line: sympy.Expr) -> None:
    assert rule.results(line, facts) == ()


def test_ties_of_what_is_not_real_stay() -> None:
    event = sympy.GreaterThan(x * sympy.Symbol("k"), a, evaluate=False)
    assert rules.ties_apart.results(P(event), NOTHING) == ()


@pytest.mark.parametrize(("rule", "facts", "line", "wanted"), APPLIES[:1] + APPLIES[3:5])
def test_rules_keep_the_value(
    rule: ScalarRule, facts: Facts, line: sympy.Expr, wanted: sympy.Expr
) -> None:
    ranges = [TakesValues(each, 1, 3) for each in (x, y)]
    values = {a: sympy.Integer(2), t: sympy.Integer(2)}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        point = draw_with_space([x, y], [*facts.conditions, *ranges], rng)
        found = compare_scalars(line.subs(values), wanted.subs(values), point, digits=20)
        assert found.outcome == "equal"
