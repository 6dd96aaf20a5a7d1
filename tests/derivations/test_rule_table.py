"""The table of rules that a page can name, and what it suggests for a line that does not follow."""

from importlib import import_module

import pytest
import sympy

from derivations import derive
from derivations.command_line import main
from derivations.rules.table import entries, suggestions
from symbolic import Derivative, inv, logdet, matrix, norm, rules, tanh, vector
from symbolic.scalars import elementary
from symbolic.scalars.facts import Facts

TABLE = list(entries())


def test_every_entry_is_found_where_it_says():
    assert len(TABLE) > 60
    for entry in TABLE:
        value = getattr(import_module(entry.module), entry.name.partition("(")[0])
        if entry.is_slope:
            value = value(entry.name.partition("(")[2].removesuffix(")"))
            assert value.statement == entry.rule.statement
        else:
            assert callable(value) if entry.rule is None else value is entry.rule
        assert entry.statement, entry
        assert entry.imported.startswith("from ")


def test_no_rule_is_listed_twice():
    named = [(entry.module, entry.name) for entry in TABLE]
    assert len(named) == len(set(named))
    assert len({id(entry.rule) for entry in TABLE if entry.rule is not None}) == sum(
        entry.rule is not None for entry in TABLE
    )


def test_rules_of_tensors_and_of_scalars_are_there():
    spelled = {entry.spelled for entry in TABLE}
    assert {"rules.linearity", "rules.through(middle)", "elementary.log_of_product"} <= spelled
    assert {"rearranging", "adding_nonnegative", "sampling"} <= spelled
    assert {"orthonormal_columns", "split_sum(first)", "total_derivative(middles)"} <= spelled


x, A = vector("x", "n"), matrix("A", "n", "n", domain="invertible")


@pytest.mark.parametrize(
    ("value", "place"),
    [(norm(A @ x), x), (norm(tanh(A @ x)), x), (logdet(A), A), (x @ inv(A) @ x, A)],
    ids=str,
)
def test_the_reasons_of_derived_steps_are_there(value, place):
    known = {entry.rule.name: entry.rule.statement for entry in TABLE if entry.rule is not None}
    reasons = [reason for step in derive(value, place).steps for reason in step.by]
    assert {each.name: each.statement for each in reasons}.items() <= known.items()


def test_a_reason_is_found_by_the_name_that_stands_beside_the_step(capsys):
    assert main(["rules", "differential", "of", "norm"]) == 0
    out = capsys.readouterr().out
    assert "rules.derivative_of(norm)\n      d norm(x) = sum(x * dx)/norm(x)\n" in out


def test_suggestions_lead_to_the_line():
    X, w = matrix("X", "n", "d"), vector("w", "d")
    start, end = Derivative((X @ w) @ (X @ w), w), 2 * X.T @ (X @ w)
    assert suggestions(start, end, (rules.product_rule,), Facts()) == [
        "(rules.product_rule, rules.linear_map)"
    ]
    assert suggestions(start, 3 * end, (rules.product_rule,), Facts()) == []


def test_suggestions_in_plain_sympy():
    a, b = sympy.symbols("a b", positive=True)
    product, total = sympy.log(a * b), sympy.log(a) + sympy.log(b)
    assert suggestions(product, total, (), Facts())[0] == "elementary.log_of_product"
    assert suggestions(total, product, (), Facts()) == ["right_to_left(elementary.log_of_product)"]
    assert suggestions(total, product + 1, (elementary.log_of_power,), Facts()) == []


def test_no_suggestion_where_a_condition_fails():
    a, b = sympy.symbols("a b", real=True)
    assert suggestions(sympy.log(a * b), sympy.log(a) + sympy.log(b), (), Facts()) == []


def test_the_command_lists_rules_by_their_imports(capsys):
    assert main(["rules"]) == 0
    out = capsys.readouterr().out
    assert "from symbolic import rules\n  rules.independent\n" in out
    assert "from symbolic.scalars import elementary\n" in out
    assert max(map(len, out.splitlines())) <= 80
    assert main(["rules", "log_of_softmax"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "from symbolic import rules",
        "  rules.log_of_softmax",
    ]


def test_a_word_that_no_rule_has_is_refused(capsys):
    assert main(["rules", "zzz"]) == 2
    assert "no rule has this; see 'chainrule rules'" in capsys.readouterr().err


@pytest.mark.parametrize("broken", ["equals(2 * X.T @ r, by=rules.linearity)"])
def test_check_says_by_what_a_line_would_follow(tmp_path, capsys, monkeypatch, broken):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "calculus" / "mine.py"
    path.parent.mkdir()
    path.write_text(f'''"""Mine.

Why.
"""

from derivations import D, Derivation, equals, equation
from symbolic import matrix, rules, vector

X = matrix("X", "n", "d")
w = vector("w", "d")
r = X @ w
derivation = Derivation(
    given=(X, w),
    claim=equation(2 * D(r, w).T @ r, 2 * X.T @ r),
    steps=({broken.replace("rules.linearity", "rules.product_rule")},),
)
''')
    assert main(["check", str(path)]) == 1
    assert "it follows by=rules.linear_map" in capsys.readouterr().out
