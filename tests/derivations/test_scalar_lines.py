"""Derivations in plain SymPy: what passes, and what must not."""

from __future__ import annotations

import pytest
import sympy
from sympy import (
    Derivative,
    Eq,
    Function,
    I,
    Integer,
    Integral,
    Lambda,
    Limit,
    Ne,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
)

from derivations import (
    Derivation,
    at_least,
    at_most,
    begin,
    equals,
    equation,
    follows,
    implies,
    inequality,
    lemma,
    right_to_left,
    sampling,
    tends,
    tends_to,
)
from derivations.assumptions import without
from derivations.lemma import exchanged
from derivations.rules.induction import induction
from derivations.rules.scalar_equations import on_both_sides, rearranging
from symbolic.errors import DomainError, UnsupportedError
from symbolic.scalars import integrals, limits, sums
from symbolic.scalars.elementary import (
    algebra,
    definition_of,
    log_of_power,
    log_of_product,
    power_of_product,
)
from symbolic.scalars.facts import Facts
from symbolic.scalars.given import as_given

x, y, z, t, h = sympy.symbols("x y z t h", real=True)
p, q = sympy.symbols("p q", positive=True)
n = Symbol("n", integer=True, positive=True)
k = Symbol("k", integer=True)
f, g = Function("f"), Function("g")

products = Derivation(
    given=(p, q),
    claim=equation(log(p * q**2), log(p) + 2 * log(q)),
    steps=(
        equals(log(p) + log(q**2), by=log_of_product),
        equals(log(p) + 2 * log(q), by=log_of_power),
    ),
)


def verdict(derivation: Derivation) -> str:
    return derivation.check().verdict


def test_a_page_in_sympy_is_proved_and_its_assumptions_matter() -> None:
    assert verdict(products) == "proved"
    assert [str(each) for each in products.assumptions] == ["p is positive", "q is positive"]
    for each in products.assumptions:
        assert not without(products, each).check().passed


def test_a_wrong_line_is_refuted_with_a_point() -> None:
    wrong = Derivation((p,), equation(log(p**2), log(p)), (equals(log(p), by=log_of_power),))
    ((evidence,),) = wrong.check().chains
    assert evidence.verdict == "refuted"
    assert "p = " in evidence.counterexample


@pytest.mark.parametrize("reason", [log_of_power, algebra, power_of_product])
def test_a_true_line_with_another_reason_is_undecided(reason: object) -> None:
    step = Derivation(
        (p, q), equation(log(p * q), log(p) + log(q)), (equals(log(p) + log(q), by=reason),)
    )
    assert verdict(step) == "undecided"


def test_a_rule_read_from_right_to_left() -> None:
    back = Derivation(
        (p, q),
        equation(log(p) + log(q), log(p * q)),
        (equals(log(p * q), by=right_to_left(log_of_product)),),
    )
    assert verdict(back) == "proved"


def test_bounds_in_both_directions_and_by_sampling() -> None:
    up = Derivation((x,), inequality(0, x**2), (at_most(x**2, by=sampling),))
    down = Derivation((x,), inequality(x**2, 0, ">="), (at_least(0, by=sampling),))
    assert [each.method for each in up.check().chains[0]] == ["sampled"]
    assert verdict(up) == verdict(down) == "verified"
    assert verdict(Derivation((x,), inequality(0, x), (at_most(x, by=sampling),))) == "refuted"
    equality = Derivation((x,), equation(x, x + 0 * y), (equals(x, by=sampling),))
    assert verdict(equality) == "undecided"


def test_a_chain_of_upper_bounds_proves_no_lower_bound() -> None:
    turned = Derivation((x,), inequality(0, x**2, ">="), (at_most(x**2, by=sampling),))
    assert not turned.check().passed


# --- what may not be proved ---------------------------------------------------------------------


def test_an_equation_that_was_not_shown_is_no_reason() -> None:
    whole = Integral(1 / (1 + t**2), (t, 0, 1))
    claim = equation(whole, 1)
    for by in (claim, right_to_left(equation(Integer(1), whole))):
        assert not Derivation((), claim, (equals(1, by=by),)).check().passed


def test_a_premise_may_not_be_divided_by_what_can_be_zero() -> None:
    derivation = Derivation(
        (x, y, z),
        follows(equation(x * y, x * z), equation(y, z)),
        (
            begin(equation(y, z)),
            implies(2 * y, 2 * z, by=rearranging),
            implies(y, z, by=rearranging),
        ),
    )
    assert not derivation.check().passed
    allowed = Derivation(
        (x, y, z, Ne(x, 0)),
        follows(equation(x * y, x * z), equation(y, z)),
        (implies(y, z, by=rearranging),),
    )
    assert verdict(allowed) == "proved"


def test_the_same_on_both_sides_has_to_be_defined() -> None:
    divided = Derivation(
        (x,),
        follows(equation(x**3, x), equation(x**2, 1)),
        (implies(x**2, 1, by=on_both_sides(Lambda(t, t / x))),),
    )
    assert not divided.check().passed
    logs = Derivation(
        (p, x),
        follows(equation(p, exp(x)), equation(log(p), x)),
        (implies(log(p), x, by=on_both_sides(Lambda(t, log(t)))),),
    )
    assert verdict(logs) == "proved"


def test_a_bound_variable_may_not_be_declared_against_its_range() -> None:
    positive = Symbol("t", positive=True)
    whole = Integral(1 / positive**2, (positive, -1, 1))
    by = integrals.antiderivative(-1 / positive, positive)
    derivation = Derivation((), equation(whole, -2), (equals(-2, by=by),))
    ((evidence,),) = derivation.check().chains
    assert (evidence.verdict, evidence.method) == ("undecided", "form")
    assert "declared positive" in evidence.reason


def test_an_equation_at_one_point_does_not_go_under_a_derivative() -> None:
    claim = equation(f(x), g(x))
    slopes = equation(Derivative(f(x), x), Derivative(g(x), x))
    derivation = Derivation(
        (x, f, g, Eq(f(x), g(x))),
        (claim, slopes),
        (
            begin(f(x)),
            equals(g(x), by=as_given),
            begin(slopes.left),
            equals(slopes.right, by=claim),
        ),
    )
    assert not derivation.check().passed


def test_conditions_on_the_variable_of_a_limit_do_not_hold_at_its_end() -> None:
    derivation = Derivation(
        (h, h > 1),
        tends(sympy.Abs(h - 1), -1, h, 0),
        (equals(h - 1, by=algebra), tends_to(-1, h, 0, by=limits.continuity)),
    )
    assert not derivation.check().passed


def test_contradictory_conditions_are_seen() -> None:
    derivation = Derivation(
        (x, x > 1, x < 0),
        inequality(1, 0),
        (at_most(x, by=sampling), at_most(0, by=sampling)),
    )
    report = derivation.check()
    assert not report.passed
    assert "no point was found" in report.claims[-1].reason


def test_complex_numbers_have_no_order() -> None:
    c = Symbol("c")
    for left in (I * x, c):
        line = Derivation((), inequality(left, left + x**2), (at_most(left + x**2, by=sampling),))
        assert not line.check().passed


def test_induction_needs_the_step_for_every_number() -> None:
    m = Symbol("m", integer=True, nonnegative=True)
    claim = equation(f(m), f(m + 1))
    derivation = Derivation(
        (m, f, Eq(f(m), f(m + 1))),
        (claim, equation(f(0), f(m))),
        (
            begin(f(m)),
            equals(f(m + 1), by=as_given),
            begin(f(0)),
            equals(f(m), by=induction(claim, m)),
        ),
    )
    assert not derivation.check().passed


# --- definitions and other pages -----------------------------------------------------------------


def test_definitions_of_functions_hold_for_arguments_of_their_domain() -> None:
    at_zero = Facts((Eq(f(0), 1),))
    assert definition_of(f).results(f(x), at_zero) == ()
    two = Facts((Eq(f(x, y), x - y),))
    assert definition_of(f).results(f(y, x), two) == (y - x,)
    caught = Facts((Eq(f(x), Sum(x * k, (k, 1, 3))),))
    (found,) = definition_of(f).results(f(k), caught)
    assert found.doit() == 6 * k
    positive = Facts((Eq(f(p), p),))
    assert definition_of(f).results(f(Integer(-1)), positive) == ()
    assert definition_of(f).results(f(x, y), caught) == ()


def test_a_page_is_a_lemma_for_values_of_its_domain() -> None:
    step = equals(log(exp(x)) + 2 * log(1 + x**2), by=lemma(products, {p: exp(x), q: 1 + x**2}))
    line = log(exp(x) * (1 + x**2) ** 2)
    assert verdict(Derivation((x,), equation(line, step.line), (step,))) == "proved"
    outside = equals(log(x) + 2 * log(q), by=lemma(products, {p: x}))
    ((evidence,),) = (
        Derivation((x, q), equation(log(x * q**2), outside.line), (outside,)).check().chains
    )
    assert evidence.verdict == "undecided"
    assert "not known to be positive" in evidence.reason or not evidence.points


def test_a_lemma_does_not_put_an_index_where_it_would_be_bound() -> None:
    i, m = Symbol("i", integer=True), Symbol("m", integer=True)
    line = Sum(f(i), (i, 1, m)) + Sum(g(i), (i, 1, m))
    assert exchanged(line, m, i, Facts()) == ()
    assert exchanged(line, m, n, Facts()) == (line.subs(m, n),)


def test_a_page_that_does_not_pass_is_no_lemma() -> None:
    bogus = Derivation((x,), equation(Integral(x**2, (x, 0, 1)), Rational(1, 3)), ())
    step = equals(Rational(1, 3), by=bogus)
    derivation = Derivation((), equation(Integral(x**2, (x, 0, 1)), Rational(1, 3)), (step,))
    ((evidence,),) = derivation.check().chains
    assert evidence.verdict == "undecided"
    assert "does not pass" in evidence.reason


def test_functions_of_a_lemma_stand_for_functions_like_them() -> None:
    positive = Function("w", positive=True)
    page = Derivation(
        (x, positive),
        inequality(0, positive(x)),
        (at_most(positive(x), by=sampling),),
    )
    for value in (Lambda(t, -1), Lambda(p, p + 1), Lambda(t, 1 / t), Lambda(t, I * t)):
        reason = lemma(page, {positive: value})
        with pytest.raises(DomainError):
            reason.holds(Integer(0), value(x), Facts())
    assert lemma(page, {positive: Lambda(t, exp(t))}).holds(Integer(0), exp(x), Facts())


def test_values_for_unknowns_that_a_page_does_not_have() -> None:
    with pytest.raises(UnsupportedError, match="is about p, q"):
        lemma(products, {x: 1})
    with pytest.raises(UnsupportedError, match="claim 2"):
        lemma(products, claim=2)


# --- what a page may be made of ------------------------------------------------------------------


@pytest.mark.parametrize("line", ["x + 1", None, 0.5, [x], {x}, Lambda(x, x), x < 1])
def test_lines_that_are_no_expressions(line: object) -> None:
    with pytest.raises(UnsupportedError):
        equals(line, by=algebra)


@pytest.mark.parametrize("by", ["algebra", None, 3, (), [algebra], (algebra, "then")])
def test_reasons_that_are_no_rules(by: object) -> None:
    with pytest.raises(UnsupportedError):
        equals(x, by=by)


@pytest.mark.parametrize(("variable", "point"), [(f(x), 0), (h, [0]), ("h", 0), (h, "0")])
def test_limits_towards_what_is_none(variable: object, point: object) -> None:
    with pytest.raises(UnsupportedError):
        tends_to(0, variable, point, by=limits.continuity)  # type: ignore[arg-type]


def test_a_matrix_is_no_bound_of_a_number() -> None:
    matrix = sympy.ImmutableMatrix([[x]])
    derivation = Derivation((x,), inequality(x, x), (at_most(matrix, by=sampling),))
    assert not derivation.check().passed


def test_a_rule_for_another_language_is_refused() -> None:
    from symbolic import rules, scalar

    wrong = Derivation((x,), equation(x + x, 2 * x), (equals(2 * x, by=rules.linearity),))
    assert not wrong.check().passed
    u = scalar("u")
    other = Derivation((u,), equation(u + u, 2 * u), (equals(2 * u, by=sums.linearity),))
    assert not other.check().passed


def test_lines_without_a_value_are_refused() -> None:
    for nothing in (sympy.nan, sympy.zoo):
        line = Derivation((), equation(nothing, nothing), (equals(nothing, by=algebra),))
        assert not line.check().passed


def test_a_limit_from_both_sides() -> None:
    right = Derivation(
        (),
        tends((exp(h) - 1) / h, 1, h, 0),
        (tends_to(1, h, 0, by=limits.limit_of_exponential),),
    )
    assert verdict(right) == "proved"
    assert (
        not Derivation(
            (), tends(sympy.Abs(h) / h, 1, h, 0), (tends_to(1, h, 0, by=limits.continuity),)
        )
        .check()
        .passed
    )
    assert Limit(h, h, 0) != Limit(h, h, 0, "+-")


@pytest.mark.parametrize(
    ("left", "right"),
    [(x, Integer(1000)), (x**2, Integer(100)), (exp(x), exp(12)), (log(x), x - 1)],
)
def test_sampling_looks_near_zero_and_far_out(left: sympy.Expr, right: sympy.Expr) -> None:
    derivation = Derivation((x,), inequality(left, right), (at_most(right, by=sampling),))
    assert not derivation.check().passed


def test_an_unknown_that_is_not_given_is_seen() -> None:
    derivation = Derivation((x,), equation(x + y, y + x), (equals(y + x, by=algebra),))
    assert "not given" in derivation.check().claims[-1].reason
    other = Symbol("x", positive=True)
    assert (
        not Derivation((other,), equation(x + x, 2 * x), (equals(2 * x, by=algebra),))
        .check()
        .passed
    )


@pytest.mark.parametrize(
    "parts",
    [
        {"given": x},
        {"given": ("x",)},
        {"given": (x, sympy.false)},
        {"claim": None},
        {"claim": ()},
        {"claim": ("a", "b")},
        {"steps": None},
        {"steps": ("x",)},
        {"evidence": ("measured",)},
        {"source": 3},
    ],
    ids=str,
)
def test_parts_of_another_kind(parts: dict[str, object]) -> None:
    whole: dict[str, object] = {
        "given": (x,), "claim": equation(x, x), "steps": (equals(x, by=algebra),)
    }  # fmt: skip
    with pytest.raises(UnsupportedError):
        Derivation(**{**whole, **parts})  # type: ignore[arg-type]
