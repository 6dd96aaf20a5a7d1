"""The table of contraction rules is walked: both sides of each instance are one form and one value."""

from __future__ import annotations

import pytest

from numeric import compare, sample
from symbolic import parse, simplify
from symbolic.algebra.contraction_rules import CONTRACTION_RULES, GIVEN
from symbolic.sizes import size_symbol
from symbolic.traverse import variables

each_rule = pytest.mark.parametrize("rule", CONTRACTION_RULES, ids=lambda rule: rule.name)


@each_rule
def test_both_sides_are_one_form(rule) -> None:
    before, after = parse(rule.before, GIVEN), parse(rule.after, GIVEN)
    assert before is not after
    assert simplify(before) is simplify(after)


@each_rule
def test_both_sides_have_one_value(rule, rng) -> None:
    before, after = parse(rule.before, GIVEN), parse(rule.after, GIVEN)
    sizes = {size_symbol("n"): 4, size_symbol("d"): 3}
    point = sample(dict.fromkeys((*variables(before), *variables(after))), sizes, rng)
    assert compare(before, after, point, sizes).outcome == "equal"


@each_rule
def test_every_entry_is_complete(rule) -> None:
    assert all((rule.name, rule.statement, rule.condition, rule.source))


def test_the_names_differ() -> None:
    assert len({rule.name for rule in CONTRACTION_RULES}) == len(CONTRACTION_RULES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x @ A @ y", "y @ A @ x"),
        ("kron(A, B) @ vec(S)", "vec(A @ S @ B.T)"),
        ("vec(A) @ vec(B)", "trace(A @ B)"),
        ("x[1:][1:]", "x[1:-1]"),
        ("tril(A)", "triu(A).T"),
    ],
)
def test_what_no_rule_makes_equal_stays_apart(one: str, other: str) -> None:
    assert simplify(parse(one, GIVEN)) is not simplify(parse(other, GIVEN))
